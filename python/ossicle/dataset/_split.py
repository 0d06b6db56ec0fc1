"""A split of a dataset: its utterances and its arrays."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.dataset._batches import Batches, batches, items
from ossicle.dataset._batching import document, taken
from ossicle.dataset._card import Card
from ossicle.dataset._rows import Array, Rows
from ossicle.dataset._split_files import SplitFiles

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ossicle.dataset._batching import Batching, Mode
    from ossicle.dataset._torch import TorchBatches, TorchItems


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
        shard, first, count = split.index_of(name)[self.number].tolist()
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

    @document
    def numpy_batches(self, mode: Mode = "frames", **options: Unpack[Batching]) -> Batches:
        """Go through the utterances in batches, each a dictionary of arrays.

        Args:
            mode: ``"frames"``: single frames, (batch, columns), or (batch, 2 · context + 1, columns) with those around them.
                ``"utterances"``: whole ones, (batch, frames, columns), padded with 0 (labels with -1), with their numbers of
                frames. ``"windows"``: stretches of ``num_frames``, with where they start.

        Returns:
            What is iterated over, an epoch at a time. ``state_dict()`` says how far it is.

        Raises:
            ValueError: An argument is wrong, or means nothing for this mode.
        """
        return batches(self.split, self._chosen(), mode, taken(mode, options, "numpy_batches"))

    @overload
    def torch(
        self, mode: Mode = "frames", *, map: Literal[False] = False, **options: Unpack[Batching]
    ) -> TorchBatches: ...
    @overload
    def torch(self, mode: Mode = "frames", *, map: Literal[True], **options: Unpack[Batching]) -> TorchItems: ...
    @document
    def torch(self, mode: Mode = "frames", *, map: bool = False, **options: Unpack[Batching]) -> Any:
        """Go through the utterances as a dataset of PyTorch's, for its ``DataLoader``.

        Arrays are tensors, labels of int64. Iterable, it gives the batches of ``numpy_batches``: pass
        ``batch_size=None`` to the ``DataLoader``, whose workers share them, in the same order for any number of workers.
        Where ``torch.distributed`` is initialised, rank and world are those of it.

        Args:
            mode: As of ``numpy_batches``.
            map: Whether it is a map-style dataset of single items, for a ``DataLoader`` that draws them; pass
                ``collate_fn=dataset.collate``, which pads. A list of numbers gives a batch at once.

        Returns:
            A ``torch.utils.data.IterableDataset``, with ``state_dict``, ``load_state_dict`` and ``set_epoch``, or with ``map``
            a ``torch.utils.data.Dataset``, with ``collate``.

        Raises:
            ImportError: PyTorch is not installed.
            ValueError: An argument is wrong, or means nothing for this mode.
        """
        arguments = taken(mode, options, "torch", map=map)
        try:
            from ossicle.dataset import _torch
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            text = "torch() needs PyTorch, which is not installed (pip install torch); numpy_batches() gives the same as arrays"
            raise ImportError(text) from None
        if map:
            return _torch.TorchItems(items(self.split, self._chosen(), mode, arguments))
        return _torch.TorchBatches(
            batches(self.split, self._chosen(), mode, arguments), is_shared=arguments["world"] is not None
        )

    def _chosen(self) -> npt.NDArray[np.int64] | None:
        """Their numbers; None for all of the split."""
        return self._numbers()

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


class Split(_Utterances, SplitFiles):
    """A split: a sequence of utterances, in the bytewise order of their ids, and an array for each feature.

    ``split[0]`` and ``split["id"]`` are utterances, ``split[10:20]`` some of them; ``split.features`` is all rows of the
    array of that name.
    """

    def __init__(self, card: Card, name: str) -> None:
        SplitFiles.__init__(self, card, name)

    def __getitem__(self, key: Any) -> Any:
        """Return an utterance by its place or id, or several by a slice, a list of places or flags."""
        # What is asked for most often takes no more than this.
        if type(key) is int and 0 <= key < self._count:
            return Utterance(self, key)
        return super().__getitem__(key)

    @property
    def split(self) -> Split:  # type: ignore[override]
        """Itself."""
        return self

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

    def _chosen(self) -> None:
        return None
