"""What batches are made of: frames with their context, utterances, or windows, each by a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ossicle._errors import whole, wrong
from ossicle.dataset._order import Numbers
from ossicle.dataset._rows import Array

if TYPE_CHECKING:
    from ossicle.dataset._split import Split

Batch = dict[str, Array]

MOST = 1 << 62


class Items:
    """Items of a split, which are taken by their numbers, many at once.

    Args:
        arrays: The arrays that are taken; None for all that have a row a frame.

    Raises:
        Error: An array is none of them.
    """

    def __init__(self, split: Split, arrays: Sequence[str] | None) -> None:
        # Spikes have rows of their own, and so have arrays on other grids of frames.
        card = split.card
        of_frames = [
            name for name, said in card.arrays.items() if said["unit"] != "event" and card.on_first_grid(name)
        ]
        for name in arrays or ():
            if name not in of_frames:
                raise wrong(f"arrays has {name!r}; those of one row a frame are {', '.join(of_frames)}")
        self.split = split
        self.arrays = list(arrays) if arrays is not None else of_frames
        self._counted: Numbers | None = None

    def __len__(self) -> int:
        raise NotImplementedError

    def __getitem__(self, numbers: Numbers) -> Batch:
        """Return the items of these numbers, side by side in each array."""
        raise NotImplementedError

    def is_labels(self, name: str) -> bool:
        """Whether an array has the number of a class in each row."""
        return name in self.split.card.said["label_names"]

    def fill(self, name: str) -> int:
        """Return what an array is padded with: labels beyond an utterance's end are none."""
        return int(self.split.card.arrays[name].get("ignore_index", 0))

    def _counts(self) -> Numbers:
        """How many items there are of the utterances up to each, that one too."""
        if self._counted is None:
            self._counted = np.cumsum(self._of_lengths(self.split.index[:, 2]))
        return self._counted

    def _of_lengths(self, lengths: Numbers) -> Numbers:
        """How many items utterances of these numbers of frames have."""
        raise NotImplementedError

    def _found(self, items: Numbers) -> tuple[Numbers, Numbers]:
        """The utterances that items are of, and the places of items among those of the utterance."""
        utterances = np.searchsorted(self._counts(), items, side="right")
        before = self._counts()[utterances] - self._of_lengths(self.split.index[utterances, 2])
        return utterances, items - before

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

    def __getstate__(self) -> dict[str, Any]:
        # It is made anew where it is needed.
        return {**self.__dict__, "_counted": None}


class Frames(Items):
    """Frames of all utterances, each with those around it."""

    def __init__(self, split: Split, arrays: Sequence[str] | None, context: int) -> None:
        super().__init__(split, arrays)
        self.context = whole(context, "context", 0, 1 << 20)

    def __len__(self) -> int:
        return int(self.split.card.splits[self.split.name]["frames"])

    def __getitem__(self, numbers: Numbers) -> Batch:
        utterances, places = self._found(numbers)
        shard, first, count = self.split.index[utterances].T
        rows = first + places
        around = rows[:, None] + np.arange(-self.context, self.context + 1)
        # At an utterance's ends its first and its last frame are repeated.
        around = np.clip(around, first[:, None], (first + count - 1)[:, None])
        batch: Batch = {"utterance": utterances}
        for name in self.arrays:
            is_alone = self.context == 0 or self.is_labels(name)
            batch[name] = self._taken(name, shard, rows if is_alone else around)
        return batch

    def _of_lengths(self, lengths: Numbers) -> Numbers:
        return lengths


class Utterances(Items):
    """Whole utterances, padded to the longest of those that are taken together; those of no frames are left out."""

    def __len__(self) -> int:
        counts = self._counts()
        return int(counts[-1]) if len(counts) else 0

    def __getitem__(self, numbers: Numbers) -> Batch:
        utterances, _ = self._found(numbers)
        places = self.split.index[utterances]
        counts = np.array(places[:, 2])
        batch: Batch = {"utterance": utterances, "num_frames": counts}
        for name in self.arrays:
            array = self.split.array(name)
            shape = (len(utterances), int(counts.max()), *array.shape[1:])
            padded = np.full(shape, self.fill(name), dtype=array.dtype)
            for at, (shard, first, count) in enumerate(places.tolist()):
                padded[at, :count] = array.shard(shard)[first : first + count]
            batch[name] = padded
        return batch

    def lengths(self) -> Numbers:
        """Return how many frames each has."""
        lengths = np.asarray(self.split.index[:, 2])
        return lengths if len(self) == len(lengths) else lengths[lengths > 0]

    def _of_lengths(self, lengths: Numbers) -> Numbers:
        return (lengths > 0).astype(np.int64)


class Windows(Items):
    """Stretches of so many frames; utterances that have fewer have none."""

    def __init__(self, split: Split, arrays: Sequence[str] | None, num_frames: int, hop: int | None) -> None:
        super().__init__(split, arrays)
        self.num_frames = whole(num_frames, "num_frames", 1, MOST)
        self.hop = self.num_frames if hop is None else whole(hop, "hop", 1, MOST)

    def __len__(self) -> int:
        counts = self._counts()
        return int(counts[-1]) if len(counts) else 0

    def __getitem__(self, numbers: Numbers) -> Batch:
        utterances, places = self._found(numbers)
        start = places * self.hop
        shard, first, _ = self.split.index[utterances].T
        rows = (first + start)[:, None] + np.arange(self.num_frames)
        batch: Batch = {"utterance": utterances, "start": start}
        batch.update((name, self._taken(name, shard, rows)) for name in self.arrays)
        return batch

    def _of_lengths(self, lengths: Numbers) -> Numbers:
        return np.maximum((lengths - self.num_frames) // self.hop + 1, 0)
