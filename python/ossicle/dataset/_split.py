"""A split of a dataset: its utterances and its arrays."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.dataset._batches import Batches, FrameBatches, UtteranceBatches, WindowBatches
from ossicle.dataset._card import Card
from ossicle.dataset._lines import Lines
from ossicle.dataset._rows import Array, Rows


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

    @property
    def features(self) -> Array:
        """Its rows of the first feature, (frames, columns), as a view."""
        if "features" not in self.split.card.arrays:
            raise AttributeError(self.split.card.no_array("features"))
        return self["features"]

    def __getitem__(self, name: str) -> Array:
        """Return its rows of an array, as a view."""
        split = self.split
        rows = split.array(name)
        shard, first, count = split.index[self.number].tolist()
        if rows.unit == "event":
            # Spikes have places of their own: `first_spike` and `num_spikes`.
            first, count = self.row[f"first_{name.removesuffix('s')}"], self.row[f"num_{name}"]
        return rows.shard(shard)[first : first + count]

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or name not in self.split.card.arrays:
            raise AttributeError(name if name.startswith("_") else self.split.card.no_array(name))
        return self[name]

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
        if type(key) is int and 0 <= key < len(self):
            return Utterance(self.split, self._number(key))
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

    def __init__(self, card: Card, name: str) -> None:
        self.card, self.name = card, name
        self._arrays: dict[str, Rows] = {}
        self._count = int(card.splits[name]["utterances"])

    @property
    def split(self) -> Split:  # type: ignore[override]
        """Itself."""
        return self

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.card.path / self.name

    @cached_property
    def index(self) -> npt.NDArray[np.int64]:
        """Of each utterance its shard, its first frame in that, and its number of frames."""
        return np.asarray(np.load(self.folder / "index.npy", mmap_mode="r"))

    @cached_property
    def lines(self) -> Lines:
        """The list of utterances."""
        name = f"{self.name}/utterances.jsonl"
        return Lines(self.folder / "utterances.jsonl", len(self), self.card.blake3(name))

    def array(self, name: str) -> Rows:
        """Return all rows of an array."""
        rows = self._arrays.get(name)
        if rows is None:
            if name not in self.card.arrays:
                raise wrong(self.card.no_array(name))
            shards, unit = self.card.num_shards(self.name, name), self.card.arrays[name]["unit"]
            rows = self._arrays[name] = Rows(self.folder, name, shards, unit)
        return rows

    @property
    def utterances(self) -> Any:
        """What the dataset says of all utterances, as a data frame of pandas, or else of polars.

        Raises:
            ImportError: Neither is installed; ``rows()`` needs none.
        """
        path = self.folder / "utterances.jsonl"
        try:
            import pandas  # pyright: ignore[reportMissingImports]
        except ImportError:
            try:
                import polars  # pyright: ignore[reportMissingImports]
            except ImportError:
                text = "a data frame needs pandas or polars, and neither is installed; rows() gives dictionaries"
                raise ImportError(text) from None
            return polars.read_ndjson(path)
        return pandas.read_json(path, lines=True, dtype=False, convert_dates=False)

    def numpy_batches(
        self,
        mode: str = "frames",
        *,
        arrays: list[str] | None = None,
        batch_size: int | None = None,
        context: int = 0,
        num_frames: int | None = None,
        hop: int | None = None,
        max_frames: int | None = None,
        shuffle: int | None = None,
        rank: int = 0,
        world: int = 1,
        drop_last: bool = False,
    ) -> Batches:
        """Go through the split in batches, each a dictionary of arrays.

        Args:
            mode: ``"frames"``: single frames, (batch, columns), or (batch, 2 · context + 1, columns) with those around them;
                an utterance's first and last frame are repeated beyond its ends. ``"utterances"``: whole ones, (batch,
                frames, columns), padded with 0 (labels with -1). ``"windows"``: stretches of ``num_frames``.
            arrays: Which arrays; by default all that have a row a frame.
            batch_size: How many there are in a batch: 1024 frames, or 16 utterances or windows. With ``max_frames`` the most.
            context: How many frames on each side of a frame.
            num_frames: The frames of a window.
            hop: The frames from one window to the next; by default windows follow one another.
            max_frames: The most frames of a batch of utterances, padded; utterances of like lengths are put together.
            shuffle: The seed of a random order, another one in each epoch; None for that of the dataset.
            rank, world: This one's place among so many that share the split.
            drop_last: Leaves out a last batch that is not full.

        Returns:
            What is iterated over, an epoch at a time. ``state_dict()`` says how far it is.

        Raises:
            ValueError: An argument is wrong.
        """
        options: dict[str, Any] = {
            "arrays": arrays,
            "shuffle": shuffle,
            "rank": rank,
            "world": world,
            "drop_last": drop_last,
        }
        if mode == "frames":
            size = 1024 if batch_size is None else batch_size
            return FrameBatches(self, context=context, batch_size=size, **options)
        if mode == "utterances":
            default = 16 if max_frames is None else len(self)
            size = max(default, 1) if batch_size is None else batch_size
            return UtteranceBatches(self, batch_size=size, max_frames=max_frames, **options)
        if mode == "windows":
            if num_frames is None:
                raise wrong("windows need num_frames, the frames of each")
            size = 16 if batch_size is None else batch_size
            return WindowBatches(self, num_frames=num_frames, hop=hop, batch_size=size, **options)
        raise wrong(f"mode is {mode!r}; it must be 'frames', 'utterances' or 'windows'")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what the dataset says of each utterance, in order."""
        return (utterance.row for utterance in self)

    def __len__(self) -> int:
        return self._count

    def __getattr__(self, name: str) -> Rows:
        # Special names are asked for before there is anything.
        if name.startswith("_") or name not in self.card.arrays:
            raise AttributeError(name if name.startswith("_") else self.card.no_array(name))
        return self.array(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Split) and (self.card.path, self.name) == (other.card.path, other.name)

    def __hash__(self) -> int:
        return hash((self.card.path, self.name))

    def __repr__(self) -> str:
        frames = self.card.splits[self.name]["frames"]
        return f"<split {self.name!r}: {len(self)} utterances, {frames} frames of {', '.join(self.card.arrays)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # Whoever unpickles it maps the files anew.
        return Split, (self.card, self.name)

    def _number(self, place: int) -> int:
        return place

    def _has(self, number: int) -> bool:
        return 0 <= number < len(self)

    def _numbers(self) -> npt.NDArray[np.int64]:
        return np.arange(len(self), dtype=np.int64)
