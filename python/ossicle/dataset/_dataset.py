"""A dataset, opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle.dataset._card import Card
from ossicle.dataset._split import Split

Statistic = npt.NDArray[np.float64]


class Dataset(Mapping[str, Split]):
    """A dataset that ``ossicle extract`` has made, opened by ``ossicle.open``: its splits by their names.

    Nothing is read but the card before something is touched. It can be pickled, and used after a fork: what is mapped
    belongs to each process.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        card = Card(Path(path).absolute())
        self.path, self.card, self.arrays = card.path, card.said, card.arrays
        self._splits = {name: Split(card, name) for name in card.splits}

    def __getitem__(self, name: str) -> Split:
        if name not in self._splits:
            raise KeyError(f"there is no split {name!r} in {self.path}; there are {', '.join(self._splits)}")
        return self._splits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._splits)

    def __len__(self) -> int:
        return len(self._splits)

    def __repr__(self) -> str:
        splits = ", ".join(f"{name} ({len(split)})" for name, split in self._splits.items())
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
