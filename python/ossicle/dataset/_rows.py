"""An array of a split as one, over its shards."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Rows:
    """An array of a split, memory-mapped: ``len``, rows, slices and lists of rows, as NumPy has them.

    A slice within a shard is a view, of which nothing is read before it is touched; one over several shards, and a list
    of rows, are copied. ``numpy.asarray`` copies all.

    Args:
        folder: The split's folder.
        name: The array's name.
        shards: How many files it is cut into.
        unit: What a row is of: ``"frame"``, ``"event"`` …
    """

    def __init__(self, folder: Path, name: str, shards: int, unit: str) -> None:
        self.name, self.unit = name, unit
        self._paths = [folder / f"{name}-{shard:05d}.npy" for shard in range(shards)]
        self._maps: list[Array | None] = [None] * shards
        self._ends: npt.NDArray[np.int64] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Whoever unpickles it maps the files anew.
        folder = self._paths[0].parent if self._paths else Path()
        return Rows, (folder, self.name, len(self._paths), self.unit)

    def shard(self, number: int) -> Array:
        """Return the rows of a shard, mapped."""
        mapped = self._maps[number]
        if mapped is None:
            # Slices of NumPy's own class for maps take several times as long to make.
            mapped = np.asarray(np.load(self._paths[number], mmap_mode="r"))
            self._maps[number] = mapped
        return mapped

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """For each shard the row behind its last one."""
        if self._ends is None:
            lengths = [len(self.shard(number)) for number in range(len(self._paths))]
            self._ends = np.cumsum(lengths, dtype=np.int64)
        return self._ends

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its numbers."""
        return self.shard(0).dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Its rows, and its columns if it has any."""
        return (len(self), *self.shard(0).shape[1:])

    @property
    def ndim(self) -> int:
        """One, or two where it has columns."""
        return self.shard(0).ndim

    @property
    def nbytes(self) -> int:
        """The bytes of all rows."""
        return sum(self.shard(number).nbytes for number in range(len(self._paths)))

    def __len__(self) -> int:
        return int(self.ends[-1]) if len(self._paths) else 0

    def __iter__(self) -> Iterator[Any]:
        for number in range(len(self._paths)):
            yield from self.shard(number)

    def __repr__(self) -> str:
        return f"<{self.name}: {' × '.join(map(str, self.shape))} {self.dtype} in {len(self._paths)} shards>"

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        if copy is False:
            raise ValueError("rows of several files cannot be one array without a copy; take a slice of them")
        return np.array(self[:], dtype=dtype)

    def __getitem__(self, key: Any) -> Any:
        """Return rows: of a number, a slice, a list of numbers, or of flags; columns may follow."""
        if isinstance(key, tuple):
            found = self[key[0]]
            # Columns come behind what the rows are.
            rows = found.ndim - (self.ndim - 1)
            return found[(*[slice(None)] * rows, *key[1:])]
        if isinstance(key, slice):
            return self._slice(key)
        if _is_number(key):
            return self._row(operator.index(key))
        return self._gather(np.asarray(key))

    def _row(self, row: int) -> Any:
        length = len(self)
        if not -length <= row < length:
            raise IndexError(f"row {row} of {length}")
        row %= length
        number = int(np.searchsorted(self.ends, row, side="right"))
        return self.shard(number)[row - self._begin(number)]

    def _slice(self, key: slice) -> Array:
        start, stop, step = key.indices(len(self))
        if step != 1:
            return self._gather(np.arange(start, stop, step))
        first = int(np.searchsorted(self.ends, start, side="right"))
        pieces = []
        for number in range(first, len(self._paths)):
            begin = self._begin(number)
            if begin >= stop:
                break
            pieces.append(self.shard(number)[max(start - begin, 0) : stop - begin])
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else self.shard(0)[:0]

    def _gather(self, rows: Array) -> Array:
        if rows.dtype == bool:
            if rows.shape != (len(self),):
                raise IndexError(f"{rows.shape} flags for {len(self)} rows")
            rows = np.flatnonzero(rows)
        rows = rows.astype(np.int64, casting="same_kind") if rows.size else rows.astype(np.int64)
        length = len(self)
        if rows.size and not (-length <= rows.min() and rows.max() < length):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of {length}")
        rows = np.where(rows < 0, rows + length, rows)
        if len(self._paths) == 1:
            return np.asarray(self.shard(0)[rows])
        found = np.empty((*rows.shape, *self.shard(0).shape[1:]), dtype=self.dtype)
        numbers = np.searchsorted(self.ends, rows, side="right")
        for number in np.unique(numbers):
            of_shard = numbers == number
            found[of_shard] = self.shard(number)[rows[of_shard] - self._begin(number)]
        return found

    def _begin(self, number: int) -> int:
        return int(self.ends[number - 1]) if number else 0


def _is_number(key: Any) -> bool:
    try:
        operator.index(key)
    except TypeError:
        return False
    return not isinstance(key, (bool, np.bool_))
