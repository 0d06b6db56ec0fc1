"""Batches of a split for training: of frames with their context, of utterances, of windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ossicle._errors import whole, wrong
from ossicle.dataset._order import Numbers, Order
from ossicle.dataset._rows import Array

if TYPE_CHECKING:
    from ossicle.dataset._split import Split

Batch = dict[str, Array]

_MOST = 1 << 62
# How many utterances are sorted by length at once.
_SORTED = 1 << 15


class Batches:
    """What goes through a split in batches, epoch after epoch; each iteration is the rest of an epoch.

    It can be pickled, and goes on where it was: ``state_dict`` says how far it is.
    """

    def __init__(
        self, split: Split, arrays: Sequence[str] | None, shuffle: int | None, rank: int, world: int, drop_last: bool
    ) -> None:
        units = {name: said["unit"] for name, said in split.card.arrays.items()}
        # The first array's rows are those of the index; spikes beside it are not.
        of_frames = [name for name, unit in units.items() if unit == next(iter(units.values()))]
        for name in arrays or ():
            if name not in of_frames:
                raise wrong(f"arrays has {name!r}; those of one row a frame are {', '.join(of_frames)}")
        self.split = split
        self.arrays = list(arrays) if arrays is not None else of_frames
        self.shuffle = None if shuffle is None else whole(shuffle, "shuffle", 0, _MOST)
        self.world = whole(world, "world", 1, _MOST)
        self.rank = whole(rank, "rank", 0, self.world - 1)
        self.drop_last = drop_last
        self.epoch, self.position = 0, 0

    def state_dict(self) -> dict[str, int]:
        """Return how far it is: the epoch, and the batches of it that were given."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there."""
        self.epoch, self.position = int(state["epoch"]), int(state["position"])

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._from(self.position):
            self.position += 1
            yield batch
        self.epoch, self.position = self.epoch + 1, 0

    def _from(self, position: int) -> Iterator[Batch]:
        raise NotImplementedError

    def _order(self, count: int) -> Order:
        return Order(count, self.shuffle, self.epoch)

    def _taken(self, name: str, shards: Numbers, rows: Numbers) -> Array:
        """Rows of an array, each of its shard; ``rows`` may have more dimensions."""
        array = self.split.array(name)
        first = int(shards[0]) if len(shards) else 0
        if (shards == first).all():
            return np.take(array.shard(first), rows, axis=0)
        taken = np.empty((*rows.shape, *array.shape[1:]), dtype=array.dtype)
        for shard in np.unique(shards):
            of_shard = shards == shard
            taken[of_shard] = np.take(array.shard(int(shard)), rows[of_shard], axis=0)
        return taken


class _ItemBatches(Batches):
    """Batches of so many items, of which there is a known number."""

    def __init__(self, split: Split, *, batch_size: int, **options: Any) -> None:
        super().__init__(split, **options)
        self.batch_size = whole(batch_size, "batch_size", 1, _MOST)

    def __len__(self) -> int:
        of_rank = len(range(self.rank, self._count(), self.world))
        return of_rank // self.batch_size if self.drop_last else -(-of_rank // self.batch_size)

    def _from(self, position: int) -> Iterator[Batch]:
        order, step = self._order(self._count()), self.batch_size * self.world
        for number in range(position, len(self)):
            begin = self.rank + number * step
            yield self._batch(order[begin : begin + step : self.world])

    def _count(self) -> int:
        raise NotImplementedError

    def _batch(self, items: Numbers, /) -> Batch:
        raise NotImplementedError


class FrameBatches(_ItemBatches):
    """Frames of all utterances, each with those around it."""

    def __init__(self, split: Split, *, context: int, **options: Any) -> None:
        super().__init__(split, **options)
        self.context = whole(context, "context", 0, 1 << 20)
        self._starts: Numbers | None = None

    def _count(self) -> int:
        return int(self.split.card.splits[self.split.name]["frames"])

    def _batch(self, frames: Numbers, /) -> Batch:
        numbers = np.searchsorted(self._first_frames(), frames, side="right") - 1
        shard, first, count = self.split.index[numbers].T
        rows = first + frames - self._first_frames()[numbers]
        labels = self.split.card.said["label_names"]
        around = rows[:, None] + np.arange(-self.context, self.context + 1)
        # At an utterance's ends its first and its last frame are repeated.
        around = np.clip(around, first[:, None], (first + count - 1)[:, None])
        batch: Batch = {"utterance": numbers}
        for name in self.arrays:
            is_alone = name in labels or self.context == 0
            batch[name] = self._taken(name, shard, rows if is_alone else around)
        return batch

    def _first_frames(self) -> Numbers:
        """The first frame of each utterance, among all of the split."""
        if self._starts is None:
            counts = self.split.index[:, 2]
            self._starts = np.cumsum(counts) - counts
        return self._starts

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_starts": None}


class UtteranceBatches(Batches):
    """Whole utterances, padded to the longest of a batch."""

    def __init__(self, split: Split, *, batch_size: int, max_frames: int | None, **options: Any) -> None:
        super().__init__(split, **options)
        self.batch_size = whole(batch_size, "batch_size", 1, _MOST)
        self.max_frames = None if max_frames is None else whole(max_frames, "max_frames", 1, _MOST)

    def _from(self, position: int) -> Iterator[Batch]:
        given = 0
        for numbers in self._groups():
            batches = self._cut(numbers)
            if given + len(batches) > position:
                yield from (self._batch(batch) for batch in batches[max(position - given, 0) :])
            given += len(batches)

    def _groups(self) -> Iterator[Numbers]:
        """Utterances of this rank in their order, some thousands at once."""
        count = len(self.split)
        order, step = self._order(count), _SORTED * self.world
        for begin in range(self.rank, count, step):
            numbers = order[begin : begin + step : self.world]
            yield numbers[self.split.index[numbers, 2] > 0]

    def _cut(self, numbers: Numbers) -> list[Numbers]:
        """Cut utterances into batches: those of like lengths where frames are counted."""
        if self.max_frames is None:
            cuts = range(0, len(numbers), self.batch_size)
            batches = [numbers[cut : cut + self.batch_size] for cut in cuts]
            if self.drop_last and batches and len(batches[-1]) < self.batch_size:
                batches.pop()
            return batches
        lengths = self.split.index[numbers, 2]
        by_length = np.argsort(lengths, kind="stable")
        numbers, lengths = numbers[by_length], lengths[by_length]
        batches, begin = [], 0
        while begin < len(numbers):
            upto = lengths[begin : begin + self.batch_size]
            fitting = int((upto * np.arange(1, len(upto) + 1) <= self.max_frames).sum())
            # One that is longer than what is allowed is a batch of its own.
            end = begin + max(fitting, 1)
            batches.append(numbers[begin:end])
            begin = end
        return [batches[place] for place in self._order(len(batches))[:]]

    def _batch(self, numbers: Numbers, /) -> Batch:
        shards, firsts, counts = self.split.index[numbers].T
        batch: Batch = {"utterance": numbers, "num_frames": np.array(counts)}
        for name in self.arrays:
            array = self.split.array(name)
            # Labels beyond an utterance's end are none.
            fill = self.split.card.arrays[name].get("ignore_index", 0)
            padded = np.full((len(numbers), int(counts.max()), *array.shape[1:]), fill, dtype=array.dtype)
            for place, (shard, first, count) in enumerate(zip(shards, firsts, counts, strict=True)):
                padded[place, :count] = array.shard(int(shard))[first : first + count]
            batch[name] = padded
        return batch


class WindowBatches(_ItemBatches):
    """Stretches of so many frames; utterances that have fewer have none."""

    def __init__(self, split: Split, *, num_frames: int, hop: int | None, **options: Any) -> None:
        super().__init__(split, **options)
        self.num_frames = whole(num_frames, "num_frames", 1, _MOST)
        self.hop = self.num_frames if hop is None else whole(hop, "hop", 1, _MOST)
        self._ends: Numbers | None = None

    def _batch(self, windows: Numbers, /) -> Batch:
        numbers = np.searchsorted(self._window_ends(), windows, side="right")
        ends = self._window_ends()[numbers]
        start = (windows - (ends - self._num_windows(self.split.index[numbers, 2]))) * self.hop
        shard, first, _ = self.split.index[numbers].T
        rows = (first + start)[:, None] + np.arange(self.num_frames)
        batch: Batch = {"utterance": numbers, "start": start}
        batch.update((name, self._taken(name, shard, rows)) for name in self.arrays)
        return batch

    def _count(self) -> int:
        ends = self._window_ends()
        return int(ends[-1]) if len(ends) else 0

    def _window_ends(self) -> Numbers:
        """For each utterance the window behind its last one."""
        if self._ends is None:
            self._ends = np.cumsum(self._num_windows(self.split.index[:, 2]))
        return self._ends

    def _num_windows(self, lengths: Numbers) -> Numbers:
        """How many windows utterances of these lengths have."""
        return np.maximum((lengths - self.num_frames) // self.hop + 1, 0)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_ends": None}
