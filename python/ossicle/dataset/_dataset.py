"""A dataset, opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle.dataset._card import read_card
from ossicle.dataset._split import Split

Statistic = npt.NDArray[np.float64]


class Dataset(Mapping[str, Split]):
    """A dataset that ``ossicle extract`` has made, opened by ``ossicle.open``: its splits by their names.

    Nothing is read but the card before something is touched. It can be pickled, and used after a fork: what is mapped
    belongs to each process.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()
        self.card: dict[str, Any] = read_card(self.path)
        self.arrays: dict[str, Any] = self.card["arrays"]
        """What each array is: ``dtype``, ``columns``, ``column_names``, ``unit``."""
        self._splits = {card["name"]: card for card in self.card["splits"]}
        self._hashes = {file["path"]: file["blake3"] for file in self.card["files"]}
        self._open: dict[str, Split] = {}

    def __getitem__(self, name: str) -> Split:
        if name not in self._splits:
            raise KeyError(f"there is no split {name!r} in {self.path}; there are {', '.join(self._splits)}")
        if name not in self._open:
            self._open[name] = Split(self, name)
        return self._open[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def __repr__(self) -> str:
        splits = ", ".join(f"{name} ({card['utterances']})" for name, card in self._splits.items())
        return f"<dataset {str(self.path)!r}: {splits}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Dataset, (self.path,)

    @property
    def recipe(self) -> dict[str, Any]:
        """What was computed, with every key; ``Extractor.from_dataset`` computes the same."""
        recipe: dict[str, Any] = self.card["recipe"]
        return recipe

    @property
    def column_names(self) -> list[str]:
        """The names of the features' columns; ``arrays[name]["column_names"]`` where there are several features."""
        names: list[str] = self.arrays[self._only(self.arrays, "column_names")]["column_names"]
        return names

    @property
    def label_names(self) -> list[str]:
        """The name of each class; ``card["label_names"][name]`` where there are several arrays of labels."""
        names: list[str] = self.card["label_names"][self._only(self.card["label_names"], None)]
        return names

    @property
    def mean(self) -> Statistic:
        """What was subtracted from each column of the features."""
        return self._statistic("mean")

    @property
    def std(self) -> Statistic:
        """What each column of the features was divided by then."""
        return self._statistic("standard_deviation")

    def _statistic(self, key: str) -> Statistic:
        of = self.card["normalization"]
        return np.array(of[self._only(of, key)][key], dtype=np.float64)

    def _only(self, of: Mapping[str, Any], key: str | None) -> str:
        """The array that is meant where none is named: the only one that has the key, or ``features``."""
        having = [name for name, said in of.items() if key is None or (isinstance(said, dict) and said.get(key))]
        if "features" in having:
            return "features"
        if len(having) == 1:
            return having[0]
        what = f"it is of several arrays: {', '.join(having)}" if having else "no array has it"
        raise AttributeError(f"{self.path}: {what}; card has what there is")

    def split_card(self, name: str) -> dict[str, Any]:
        """Return what the card says of a split."""
        card: dict[str, Any] = self._splits[name]
        return card

    def blake3(self, file: str) -> str:
        """Return the BLAKE3 that the card has of a file."""
        return str(self._hashes[file])

    def num_shards(self, split: str, array: str) -> int:
        """Return how many files an array of a split is cut into."""
        shards = int(self._splits[split]["shards"])
        return next((n for n in range(shards) if f"{split}/{array}-{n:05d}.npy" not in self._hashes), shards)

    def no_array(self, name: str) -> str:
        """Return what is wrong with the name of an array."""
        return f"there is no array {name!r} in {self.path}; there are {', '.join(self.arrays)}"
