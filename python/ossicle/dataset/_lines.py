"""The lines of a split's list of utterances, found by their offsets and never read as a whole."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from numpy.lib.format import open_memmap

from ossicle.dataset._card import damaged

# How much of the list is looked through at once.
_BLOCK = 1 << 22


def cache_folder() -> Path:
    """Return the folder that indices are kept in: ``OSSICLE_CACHE``, or ``ossicle`` in the user's cache folder."""
    given = os.environ.get("OSSICLE_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ossicle"


class Lines:
    """The lines of ``utterances.jsonl``, in the bytewise order of their ids.

    Args:
        path: The file.
        count: How many lines it has.
        blake3: Its hash, as the card says it, which names its index in the cache.
    """

    def __init__(self, path: Path, count: int, blake3: str) -> None:
        self._path, self._count, self._blake3 = path, count, blake3
        self._offsets: npt.NDArray[np.uint64] | None = None
        self._file: BinaryIO | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Lines, (self._path, self._count, self._blake3)

    def __len__(self) -> int:
        return self._count

    def row(self, number: int) -> dict[str, Any]:
        """Return the object of a line."""
        row: dict[str, Any] = json.loads(self._line(number))
        return row

    def find(self, id: str) -> int | None:
        """Return the number of the utterance with an id; None where there is none."""
        sought = id.encode()
        first, behind = 0, self._count
        while first < behind:
            middle = (first + behind) // 2
            if self.row(middle)["id"].encode() < sought:
                first = middle + 1
            else:
                behind = middle
        is_found = first < self._count and self.row(first)["id"].encode() == sought
        return first if is_found else None

    def _line(self, number: int) -> bytes:
        offsets = self._index()
        begin, end = int(offsets[number]), int(offsets[number + 1])
        if self._file is None:
            self._file = open(self._path, "rb")
        # Threads, and processes after a fork, read at places of their own.
        return os.pread(self._file.fileno(), end - begin, begin)

    def _index(self) -> npt.NDArray[np.uint64]:
        """The offset of every line, and of the end."""
        if self._offsets is None:
            kept = cache_folder() / self._blake3 / self._path.parent.name / "utterances.idx.npy"
            self._offsets = self._kept(kept)
            if self._offsets is None:
                self._offsets = self._keep(kept)
            if self._offsets is None:
                self._offsets = self._fill(np.zeros(self._count + 1, np.uint64))
        return self._offsets

    def _kept(self, kept: Path) -> npt.NDArray[np.uint64] | None:
        """The index that is in the cache; None where it is not there, or none of this file."""
        try:
            offsets = np.load(kept, mmap_mode="r")
        except (OSError, ValueError, EOFError):
            return None
        is_of_it = offsets.dtype == np.uint64 and offsets.shape == (self._count + 1,)
        return offsets if is_of_it and int(offsets[-1]) == self._path.stat().st_size else None

    def _keep(self, kept: Path) -> npt.NDArray[np.uint64] | None:
        """Make the index in the cache, where processes share its pages; None where that cannot be."""
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                made = Path(folder) / kept.name
                self._fill(open_memmap(made, mode="w+", dtype=np.uint64, shape=(self._count + 1,)))
                os.replace(made, kept)
        except OSError:
            return None
        return self._kept(kept)

    def _fill(self, offsets: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Look for the ends of all lines."""
        begin, number = 0, 0
        with open(self._path, "rb") as file:
            while block := file.read(_BLOCK):
                ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
                there = offsets[number + 1 : number + 1 + len(ends)]
                there[:] = ends[: len(there)] + (begin + 1)
                number, begin = number + len(ends), begin + len(block)
        if number != self._count or int(offsets[-1]) != begin:
            raise damaged(f"{self._path}: it has {number} lines, and the card says {self._count}")
        return offsets
