"""The files of a split: its arrays, where the rows of utterances lie in them, and its list."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.dataset._card import Card
from ossicle.dataset._lines import Lines
from ossicle.dataset._rows import Rows


class SplitFiles:
    """The files of a split, each opened when it is asked for."""

    def __init__(self, card: Card, name: str) -> None:
        self.card, self.name = card, name
        self._arrays: dict[str, Rows] = {}
        self._indices: dict[str, npt.NDArray[np.int64]] = {}
        self._count = int(card.splits[name]["utterances"])

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.card.files / self.name

    @cached_property
    def index(self) -> npt.NDArray[np.int64]:
        """Of each utterance its shard, its first frame in that, and its number of frames."""
        return np.asarray(np.load(self.folder / "index.npy", mmap_mode="r"))

    def index_of(self, array: str) -> npt.NDArray[np.int64]:
        """Of each utterance its shard in an array, its first row in that, and its number of rows."""
        index = self._indices.get(array)
        if index is None:
            if self.card.on_first_grid(array):
                index = self.index
            else:
                index = np.asarray(np.load(self.folder / f"index-{array}.npy", mmap_mode="r"))
            self._indices[array] = index
        return index

    @cached_property
    def lines(self) -> Lines:
        """The list of utterances."""
        name = f"{self.name}/utterances.jsonl"
        return Lines(self.folder / "utterances.jsonl", self._count, self.card.blake3(name))

    def array(self, name: str) -> Rows:
        """Return all rows of an array."""
        rows = self._arrays.get(name)
        if rows is None:
            if name not in self.card.arrays:
                raise wrong(self.card.no_array(name))
            shards, unit = self.card.num_shards(self.name, name), self.card.arrays[name]["unit"]
            rows = self._arrays[name] = Rows(self.folder, name, shards, unit)
        return rows
