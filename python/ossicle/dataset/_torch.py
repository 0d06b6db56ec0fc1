"""Datasets of PyTorch's: batches for all workers of a DataLoader, and single items."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from ossicle._errors import whole, wrong
from ossicle.dataset._batches import Batches
from ossicle.dataset._items import Batch, Items, Utterances
from ossicle.dataset._order import Numbers

Tensors = dict[str, Any]


class TorchBatches(IterableDataset[Tensors]):
    """The batches of a split as tensors, which the workers of a DataLoader share; each iteration is an epoch.

    Batch by batch they are the same for any number of workers. What is mapped belongs to each worker.

    Args:
        is_shared: Whether rank and world are given; else they are those of ``torch.distributed``, once it is initialised.
    """

    def __init__(self, batches: Batches, is_shared: bool) -> None:
        self.batches = batches
        self._is_shared = is_shared
        self._epochs = _Epochs()
        # Of a worker: how often it has begun, how far it is, and whether that is where it shall go on.
        self._num_begun = 0
        self._place: tuple[int, int] | None = None
        self._goes_on = False

    def __len__(self) -> int:
        return len(self._of_rank())

    def __iter__(self) -> Iterator[Tensors]:
        batches, worker = self._of_rank(), get_worker_info()
        if worker is None:
            batches.epoch, batches.position = self._epochs.begun_here((batches.epoch, batches.position))
            batches._goes_on = True
            return map(self._tensors, batches)
        self._num_begun += 1
        loaded = self._place if self._goes_on else None
        # All workers of a loader have the same seed but for their number, and other loaders have another one.
        self._place = self._epochs.begun((worker.seed - worker.id, self._num_begun), loaded)
        self._goes_on = False
        return self._of_worker(*self._place, worker.id, worker.num_workers)

    def _of_worker(self, epoch: int, position: int, number: int, count: int) -> Iterator[Tensors]:
        """Every so many-th batch, as a DataLoader takes from its workers in turn."""
        for turn in range(position, len(self.batches) - number, count):
            tensors = self._tensors(self.batches.batch(epoch, turn + number))
            self._place = epoch, turn + count
            yield tensors

    def set_epoch(self, epoch: int) -> None:
        """Let the next iteration be that epoch, from its beginning: without it, epochs follow one another."""
        self._goes_on_at(whole(epoch, "epoch", 0, _Epochs.MOST), 0)

    def state_dict(self) -> dict[str, Any]:
        """Return how far it is. Of a DataLoader with workers, which have it in their hands, StatefulDataLoader asks for it.

        Raises:
            Error: Workers of a DataLoader are drawing.
        """
        batches = self._of_rank()
        if get_worker_info() is not None:
            epoch, position = self._place or (0, 0)
        elif self._epochs.is_workers:
            advice = 'use torchdata\'s StatefulDataLoader, or save {"epoch": epoch, "position": batches that you had}'
            raise wrong("workers of a DataLoader draw the batches, and only they know how far they are", advice)
        else:
            epoch, position = self._epochs.place_here((batches.epoch, batches.position))
        return {"epoch": epoch, "position": position, "of": batches.identity()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there with the next iteration, in a second at most.

        Args:
            state: What ``state_dict`` gave on any rank, or ``{"epoch": epoch, "position": batches}``.

        Raises:
            Error: It is of another dataset or of other arguments, which have other batches.
        """
        self._goes_on_at(*self._of_rank().checked(state))

    def _goes_on_at(self, epoch: int, position: int) -> None:
        if get_worker_info() is None:
            self._epochs.goes_on_at(epoch, position)
        else:
            self._place, self._goes_on = (epoch, position), True

    def _of_rank(self) -> Batches:
        distributed = torch.distributed
        # Workers that are spawned know nothing of it, and have what was pickled.
        if not self._is_shared and distributed.is_available() and distributed.is_initialized():
            self.batches.rank, self.batches.world = distributed.get_rank(), distributed.get_world_size()
        return self.batches

    def _tensors(self, batch: Batch) -> Tensors:
        return _tensors(self.batches.items, batch)

    def __getstate__(self) -> dict[str, Any]:
        self._of_rank()
        return self.__dict__


class TorchItems(Dataset[Tensors]):
    """The frames, utterances or windows of a split as single items: dictionaries of tensors."""

    def __init__(self, items: Items) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int | Sequence[int] | Numbers) -> Tensors:
        """Return an item, or a batch of several, cut out at once."""
        numbers, length = np.asarray(number, dtype=np.int64), len(self)
        outside = (numbers < -length) | (numbers >= length)
        if outside.any():
            raise IndexError(f"item {int(np.atleast_1d(numbers)[np.atleast_1d(outside)][0])} of {length}")
        batch = _tensors(self.items, self.items[np.atleast_1d(numbers % max(length, 1))])
        return batch if numbers.ndim else {name: tensor[0] for name, tensor in batch.items()}

    def __getitems__(self, numbers: list[int]) -> Sequence[Tensors]:
        """Return several items for a DataLoader, cut out at once."""
        return _Several(self[numbers])

    def collate(self, several: Sequence[Tensors]) -> Tensors:
        """Put items side by side: a DataLoader's ``collate_fn``, which pads utterances to the longest."""
        if isinstance(several, _Several):
            return several.batch
        names = several[0].keys()
        return {name: self._side_by_side(name, [item[name] for item in several]) for name in names}

    def _side_by_side(self, name: str, tensors: list[Any]) -> Any:
        if name not in self.items.arrays or not isinstance(self.items, Utterances):
            return torch.stack(tensors)
        fill = self.items.fill(name)
        return torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=fill)


class _Several(Sequence[Tensors]):
    """Items that were cut out at once: one by one for whoever collates them, or side by side as they are."""

    def __init__(self, batch: Tensors) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return len(self.batch["utterance"])

    def __getitem__(self, place: Any) -> Any:
        if not 0 <= place < len(self):
            raise IndexError(place)
        item = {name: tensor[place] for name, tensor in self.batch.items()}
        if "num_frames" in item:
            lengths = {name: int(item.get(f"num_{name}", item["num_frames"])) for name in item}
            item = {name: tensor[: lengths[name]] if tensor.ndim else tensor for name, tensor in item.items()}
        return item


class _Epochs:
    """The number of the next epoch, in memory that a process shares with the workers of its DataLoaders.

    A DataLoader without persistent workers has new ones for each epoch, from what the first process has; those tell it, by
    this, that they have begun. Numbers are written whole, and what several workers of a loader write is the same.
    """

    MOST = (1 << 22) - 1
    _BITS = 23
    # Who has begun last: this process; nobody, as a place was given; or else a loader's workers.
    _HERE, _GIVEN = 0, 1

    def __init__(self) -> None:
        shared: Any = torch.zeros(2, dtype=torch.int64)
        self._shared = shared.share_memory_()

    @property
    def is_workers(self) -> bool:
        """Whether workers have begun the last epoch."""
        return self._last()[0] not in (self._HERE, self._GIVEN)

    def goes_on_at(self, epoch: int, position: int) -> None:
        """Let whoever begins next go on there."""
        self._shared[1] = position
        self._set(self._GIVEN, epoch)

    def begun(self, loader: tuple[int, int], loaded: tuple[int, int] | None) -> tuple[int, int]:
        """Return where a worker begins, the same for all workers of a loader.

        Args:
            loaded: Where it shall go on, if it was told.
        """
        digest = hashlib.blake2b(repr(loader).encode(), digest_size=4).digest()
        who = int.from_bytes(digest, "big") + 2
        last, following = self._last()
        if loaded is not None:
            self._set(who, loaded[0] + 1)
            return loaded
        if last == who:
            return following - 1, int(self._shared[1])
        if last != self._GIVEN:
            self._shared[1] = 0
        position = int(self._shared[1])
        self._set(who, following + 1)
        return following, position

    def begun_here(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return where the process itself begins, which has come to a place."""
        epoch, position = place = self.place_here(place)
        last, following = self._last()
        if last != self._GIVEN and position:
            place = epoch, position = following, 0
        self._set(self._HERE, epoch + 1)
        return place

    def place_here(self, place: tuple[int, int]) -> tuple[int, int]:
        """Return where the process itself is, which has come to a place unless another was given, or workers went on."""
        last, following = self._last()
        if last == self._HERE:
            return place
        return following, int(self._shared[1]) if last == self._GIVEN else 0

    def _last(self) -> tuple[int, int]:
        number = int(self._shared[0])
        return number >> self._BITS, number & ((1 << self._BITS) - 1)

    def _set(self, who: int, following: int) -> None:
        self._shared[0] = (who << self._BITS) | following

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # Pickled for a worker it is the same memory; otherwise a copy, which workers of its own shall share.
        self._shared = self._shared.share_memory_()


def _tensors(items: Items, batch: Batch) -> Tensors:
    """Tensors in the arrays' own memory; classes have the type that losses take."""
    return {
        name: torch.from_numpy(array.astype(np.int64) if items.is_labels(name) else array)
        for name, array in batch.items()
    }
