"""What batches are made of: frames with their context, utterances, or windows, each by a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ossicle._errors import whole, wrong
from ossicle.dataset._order import Numbers
from ossicle.dataset._rows import Array

if TYPE_CHECKING:
    from ossicle.dataset._split_files import SplitFiles

Batch = dict[str, Array]

MOST = 1 << 62


class Items:
    """Items of a split, which are taken by their numbers, many at once.

    Args:
        arrays: The arrays that are taken; None for all that can be.
        chosen: The utterances that they are of, by their numbers; None for all.

    Raises:
        Error: An array cannot be taken.
    """

    def __init__(self, split: SplitFiles, arrays: Sequence[str] | None, chosen: Numbers | None) -> None:
        self.split, self.chosen = split, chosen
        possible = self._possible()
        for name in arrays or ():
            if name not in possible:
                raise wrong(f"arrays has {name!r}; those of {self._RULE} are {', '.join(possible)}")
        self.arrays = list(arrays) if arrays is not None else self._usual(possible)
        if not self.arrays:
            raise wrong(f"arrays is empty; there are {', '.join(possible)}")
        self._counted: Numbers | None = None

    _RULE = "one row a frame"

    def _possible(self) -> list[str]:
        """The arrays that can be taken: not spikes, which have places of their own."""
        return [name for name in self._tracks() if self.split.card.on_first_grid(name)]

    def _usual(self, possible: list[str]) -> list[str]:
        """Those of them that are taken where none is named."""
        return possible

    def _tracks(self) -> list[str]:
        """The arrays whose rows follow one another at a steady pace."""
        return [name for name, said in self.split.card.arrays.items() if said["unit"] != "event"]

    def __len__(self) -> int:
        counts = self._counts()
        return int(counts[-1]) if len(counts) else 0

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
            self._counted = np.cumsum(self._of_lengths(self._lengths(slice(None))))
        return self._counted

    def _utterances(self, places: Numbers | slice) -> Numbers | slice:
        """The numbers of utterances by their places among those that are chosen."""
        return places if self.chosen is None else self.chosen[places]

    def _lengths(self, places: Numbers | slice) -> Numbers:
        """How many frames utterances have, by their places among those that are chosen."""
        lengths: Numbers = self.split.index[self._utterances(places), 2]
        return lengths

    def _of_lengths(self, lengths: Numbers) -> Numbers:
        """How many items utterances of these numbers of frames have."""
        raise NotImplementedError

    def _found(self, items: Numbers) -> tuple[Numbers, Numbers]:
        """The utterances that items are of, and the places of items among those of the utterance."""
        places = np.searchsorted(self._counts(), items, side="right")
        before = self._counts()[places] - self._of_lengths(self._lengths(places))
        return np.asarray(self._utterances(places)), items - before

    def _taken(self, name: str, shards: Numbers, rows: Numbers) -> Array:
        """Rows of an array, each of its shard; ``rows`` may have more dimensions."""
        first = int(shards[0]) if len(shards) else 0
        if (shards == first).all():
            return np.take(self._shard(name, first), rows, axis=0)
        some = self._shard(name, first)
        taken = np.empty((*rows.shape, *some.shape[1:]), dtype=some.dtype)
        for shard in np.unique(shards):
            of_shard = shards == shard
            taken[of_shard] = np.take(self._shard(name, int(shard)), rows[of_shard], axis=0)
        return taken

    def _shard(self, name: str, number: int) -> Array:
        """A shard of an array; samples have no axis for their one column."""
        shard = self.split.array(name).shard(number)
        return shard.reshape(-1) if self.split.card.arrays[name]["unit"] == "sample" else shard

    def __getstate__(self) -> dict[str, Any]:
        # It is made anew where it is needed.
        return {**self.__dict__, "_counted": None}


class Frames(Items):
    """Frames of all utterances, each with those around it."""

    def __init__(self, split: SplitFiles, arrays: Sequence[str] | None, chosen: Numbers | None, context: int) -> None:
        super().__init__(split, arrays, chosen)
        self.context = whole(context, "context", 0, 1 << 20)

    def __len__(self) -> int:
        if self.chosen is not None:
            return super().__len__()
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

    _RULE = "rows at a steady pace"

    def __getitem__(self, numbers: Numbers) -> Batch:
        utterances, _ = self._found(numbers)
        batch: Batch = {"utterance": utterances, "num_frames": np.array(self.split.index[utterances, 2])}
        for name in self.arrays:
            places = self.split.index_of(name)[utterances]
            if not self.split.card.on_first_grid(name):
                batch[f"num_{name}"] = np.array(places[:, 2])
            shape = (len(utterances), int(places[:, 2].max()), *self._shard(name, 0).shape[1:])
            padded = np.full(shape, self.fill(name), dtype=self._shard(name, 0).dtype)
            for at, (shard, first, count) in enumerate(places.tolist()):
                padded[at, :count] = self._shard(name, shard)[first : first + count]
            batch[name] = padded
        return batch

    def lengths(self) -> Numbers:
        """Return how many frames each has."""
        lengths = np.asarray(self._lengths(slice(None)))
        return lengths if len(self) == len(lengths) else lengths[lengths > 0]

    def _possible(self) -> list[str]:
        return self._tracks()

    def _usual(self, possible: list[str]) -> list[str]:
        return [name for name in possible if self.split.card.on_first_grid(name)]

    def _of_lengths(self, lengths: Numbers) -> Numbers:
        return (lengths > 0).astype(np.int64)


class Windows(Items):
    """Stretches of so many frames, with as many samples as these are long; utterances that have fewer have none.

    Frames are those of the first array; where that is of samples, those of the first that is not.
    """

    _RULE = "a whole number of rows a frame"

    def __init__(
        self,
        split: SplitFiles,
        arrays: Sequence[str] | None,
        chosen: Numbers | None,
        num_frames: int,
        hop: int | None,
    ) -> None:
        super().__init__(split, arrays, chosen)
        self.num_frames = whole(num_frames, "num_frames", 1, MOST)
        self.hop = self.num_frames if hop is None else whole(hop, "hop", 1, MOST)

    def __getitem__(self, numbers: Numbers) -> Batch:
        utterances, places = self._found(numbers)
        start = places * self.hop
        batch: Batch = {"utterance": utterances, "start": start}
        for name in self.arrays:
            shard, first, _ = self.split.index_of(name)[utterances].T
            many = self._rows_a_frame(name)
            rows = (first + start * many)[:, None] + np.arange(self.num_frames * many)
            batch[name] = self._taken(name, shard, rows)
        return batch

    def _possible(self) -> list[str]:
        card = self.split.card
        return [name for name in self._tracks() if card.rows_a_frame(name, self._base()) is not None]

    def _base(self) -> str:
        """The array whose frames are counted."""
        card, tracks = self.split.card, self._tracks()
        return min(tracks, key=lambda name: (card.arrays[name]["unit"] == "sample", not card.on_first_grid(name)))

    def _rows_a_frame(self, name: str) -> int:
        return self.split.card.rows_a_frame(name, self._base()) or 1

    def _lengths(self, places: Numbers | slice) -> Numbers:
        """How many frames utterances have of which every array has all rows."""
        utterances = self._utterances(places)
        of_each = [self.split.index_of(name)[utterances, 2] // self._rows_a_frame(name) for name in self.arrays]
        lengths: Numbers = np.minimum.reduce(of_each)
        return lengths

    def _of_lengths(self, lengths: Numbers) -> Numbers:
        return np.maximum((lengths - self.num_frames) // self.hop + 1, 0)
