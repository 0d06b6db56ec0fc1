"""A split of a dataset: its utterances and its arrays."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.dataset._lines import Lines
from ossicle.dataset._rows import Array, Rows

if TYPE_CHECKING:
    from ossicle.dataset._dataset import Dataset


class Utterance:
    """An utterance: what the dataset says of it, and its rows of every array."""

    __slots__ = ("_row", "number", "split")

    def __init__(self, split: Split, number: int) -> None:
        self.split, self.number = split, number
        self._row: dict[str, Any] | None = None

    @property
    def row(self) -> dict[str, Any]:
        """Its line of ``utterances.jsonl``: id, source, speaker, samples, and the corpus' further columns."""
        if self._row is None:
            self._row = self.split.lines.row(self.number)
        return self._row

    @property
    def id(self) -> str:
        """Its name, unique in its split."""
        return str(self.row["id"])

    @property
    def num_frames(self) -> int:
        """How many frames it has."""
        return int(self.split.index[self.number, 2])

    def __getitem__(self, name: str) -> Array:
        """Return its rows of an array, as a view."""
        unit = self.split.dataset.arrays[name]["unit"] if name in self.split.dataset.arrays else None
        if unit is None:
            raise KeyError(name)
        shard, first, count = (int(number) for number in self.split.index[self.number])
        if unit != "frame":
            first, count = self.row[f"first_{unit}"], self.row[f"num_{unit}s"]
        rows = self.split.array(name).shard(shard)[first : first + count]
        return np.asarray(rows)

    def __getattr__(self, name: str) -> Array:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(self.split.dataset.no_array(name)) from None

    def __repr__(self) -> str:
        return f"<utterance {self.id!r}: {self.num_frames} frames>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Utterance, (self.split, self.number)


class _Utterances(Collection[Utterance]):
    """Utterances by their places."""

    split: Split

    def _number(self, place: int) -> int:
        raise NotImplementedError

    def __getitem__(self, key: Any) -> Any:
        """Return an utterance by its place or id, or several by a slice, a list of places or flags."""
        if isinstance(key, str):
            number = self.split.lines.find(key)
            if number is None or not self._has(number):
                raise KeyError(key)
            return Utterance(self.split, number)
        try:
            place = operator.index(key)
        except TypeError:
            return Selection(self.split, self._numbers()[key if isinstance(key, slice) else np.asarray(key)])
        length = len(self)
        if not -length <= place < length:
            raise IndexError(f"utterance {place} of {length}")
        return Utterance(self.split, self._number(place % length))

    def __iter__(self) -> Iterator[Utterance]:
        return (Utterance(self.split, self._number(place)) for place in range(len(self)))

    def __contains__(self, key: object) -> bool:
        if isinstance(key, Utterance):
            return key.split == self.split and self._has(key.number)
        number = self.split.lines.find(key) if isinstance(key, str) else None
        return number is not None and self._has(number)

    def _has(self, number: int) -> bool:
        raise NotImplementedError

    def _numbers(self) -> npt.NDArray[np.int64]:
        raise NotImplementedError


class Selection(_Utterances):
    """Some utterances of a split."""

    def __init__(self, split: Split, numbers: npt.NDArray[np.int64]) -> None:
        self.split, self.numbers = split, np.atleast_1d(numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __repr__(self) -> str:
        return f"<{len(self)} utterances of {self.split.name!r}>"

    def _number(self, place: int) -> int:
        return int(self.numbers[place])

    def _has(self, number: int) -> bool:
        return bool(np.isin(number, self.numbers))

    def _numbers(self) -> npt.NDArray[np.int64]:
        return self.numbers


class Split(_Utterances):
    """A split: a sequence of utterances, in the bytewise order of their ids, and an array for each feature.

    ``split[0]`` and ``split["id"]`` are utterances, ``split[10:20]`` some of them; ``split.features`` is all rows of the
    array of that name.
    """

    def __init__(self, dataset: Dataset, name: str) -> None:
        self.dataset, self.name = dataset, name
        self._arrays: dict[str, Rows] = {}

    @property
    def split(self) -> Split:  # type: ignore[override]
        """Itself."""
        return self

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.dataset.path / self.name

    @cached_property
    def index(self) -> npt.NDArray[np.int64]:
        """Of each utterance its shard, its first frame in that, and its number of frames."""
        index: npt.NDArray[np.int64] = np.load(self.folder / "index.npy", mmap_mode="r")
        return index

    @cached_property
    def lines(self) -> Lines:
        """The list of utterances."""
        name = f"{self.name}/utterances.jsonl"
        return Lines(self.folder / "utterances.jsonl", len(self), self.dataset.blake3(name))

    def array(self, name: str) -> Rows:
        """Return all rows of an array."""
        if name not in self.dataset.arrays:
            raise wrong(self.dataset.no_array(name))
        if name not in self._arrays:
            self._arrays[name] = Rows(self.folder, name, self.dataset.num_shards(self.name, name))
        return self._arrays[name]

    @property
    def utterances(self) -> Any:
        """What the dataset says of all utterances, as a data frame of pandas, or else of polars.

        Raises:
            ImportError: Neither is installed; ``rows()`` needs none.
        """
        path = self.folder / "utterances.jsonl"
        try:
            import pandas
        except ImportError:
            try:
                import polars
            except ImportError:
                text = "a data frame needs pandas or polars, and neither is installed; rows() gives dictionaries"
                raise ImportError(text) from None
            return polars.read_ndjson(path)
        return pandas.read_json(path, lines=True, dtype=False, convert_dates=False)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what the dataset says of each utterance, in order."""
        return (utterance.row for utterance in self)

    def __len__(self) -> int:
        return int(self.dataset.split_card(self.name)["utterances"])

    def __getattr__(self, name: str) -> Rows:
        # Special names are asked for before there is anything.
        if name.startswith("_") or name not in self.dataset.arrays:
            raise AttributeError(name if name.startswith("_") else self.dataset.no_array(name))
        return self.array(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Split) and (self.dataset.path, self.name) == (other.dataset.path, other.name)

    def __hash__(self) -> int:
        return hash((self.dataset.path, self.name))

    def __repr__(self) -> str:
        frames = self.dataset.split_card(self.name)["frames"]
        return f"<split {self.name!r}: {len(self)} utterances, {frames} frames of {', '.join(self.dataset.arrays)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _split, (self.dataset, self.name)

    def _number(self, place: int) -> int:
        return place

    def _has(self, number: int) -> bool:
        return 0 <= number < len(self)

    def _numbers(self) -> npt.NDArray[np.int64]:
        return np.arange(len(self), dtype=np.int64)


def _split(dataset: Dataset, name: str) -> Split:
    return dataset[name]
