"""How recordings, or rows, of several lengths become a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle._errors import whole, wrong

STRATEGIES = ("longest", "max_length", "do_not_pad")


@dataclass(frozen=True)
class Padding:
    """What is cut off, and how far it is padded: the arguments of transformers' `SequenceFeatureExtractor.pad`."""

    strategy: str
    max_length: int | None
    truncation: bool
    multiple: int | None

    @classmethod
    def of(cls, padding: Any, max_length: int | None, truncation: Any, pad_to_multiple_of: int | None) -> Padding:
        """Check the arguments.

        Raises:
            Error: There is no such padding, or it takes `max_length`, which is None.
        """
        word = {True: "longest", False: "do_not_pad"}.get(padding, getattr(padding, "value", padding))
        if word not in STRATEGIES:
            names = ", ".join(f'"{name}"' for name in STRATEGIES)
            raise wrong(f"padding is {padding!r}; it must be True, False or one of {names}")
        if max_length is None and word == "max_length":
            raise wrong(
                'padding="max_length" takes max_length, which is not defined', "pass max_length, or padding=True"
            )
        if max_length is None and truncation:
            raise wrong("truncation=True takes max_length, which is not defined", "pass max_length")
        if max_length is not None:
            max_length = whole(max_length, "max_length", 1, 1 << 40)
        if pad_to_multiple_of is not None:
            pad_to_multiple_of = whole(pad_to_multiple_of, "pad_to_multiple_of", 1, 1 << 40)
        return cls(word, max_length, bool(truncation), pad_to_multiple_of)

    @property
    def pads(self) -> bool:
        """Whether anything is padded."""
        return self.strategy != "do_not_pad"

    def kept(self, length: int) -> int:
        """Return how much is left of a length."""
        if not self.truncation or self.max_length is None:
            return length
        return min(length, self._rounded(self.max_length))

    def totals(self, kept: Sequence[int]) -> list[int]:
        """Return the lengths that those that are left are padded to."""
        if not self.pads:
            return list(kept)
        most = max(kept, default=0) if self.strategy == "longest" else self.max_length or 0
        return [max(length, self._rounded(most)) for length in kept]

    def _rounded(self, length: int) -> int:
        return length if self.multiple is None else -(-length // self.multiple) * self.multiple


@dataclass(frozen=True)
class Lengths:
    """The lengths of a batch's recordings or rows, and those that they are padded to."""

    kept: list[int]
    totals: list[int]
    side: str

    @property
    def are_equal(self) -> bool:
        """Whether all are padded to one length."""
        return len(set(self.totals)) == 1

    def require_equal(self) -> None:
        """Refuse what is not padded to one length.

        Raises:
            Error: It is not.
        """
        if not self.are_equal:
            raise wrong("recordings of several lengths are one batch only when they are padded", "pass padding=True")

    def pad(self, arrays: Sequence[npt.NDArray[Any]], value: float) -> list[npt.NDArray[Any]]:
        """Cut and pad arrays along their first axis."""
        if self.are_equal:
            return list(self.stack(arrays, value))
        shape, dtype = arrays[0].shape[1:], arrays[0].dtype
        padded = [np.full((total, *shape), value, dtype=dtype) for total in self.totals]
        self._fill(arrays, padded)
        return padded

    def stack(self, arrays: Sequence[npt.NDArray[Any]], value: float) -> npt.NDArray[Any]:
        """Cut and pad arrays to one.

        Raises:
            Error: They are not padded to one length.
        """
        self.require_equal()
        stacked = np.full((len(arrays), self.totals[0], *arrays[0].shape[1:]), value, dtype=arrays[0].dtype)
        self._fill(arrays, stacked)
        return stacked

    def _fill(self, arrays: Sequence[npt.NDArray[Any]], padded: Iterable[npt.NDArray[Any]]) -> None:
        for array, kept, into in zip(arrays, self.kept, padded, strict=True):
            self.of(into, kept)[...] = array[:kept]

    def masks(self) -> list[npt.NDArray[np.int32]]:
        """Return 1 where something is, and 0 where it is padded."""
        masks = [np.zeros(total, dtype=np.int32) for total in self.totals]
        for kept, mask in zip(self.kept, masks, strict=True):
            self.of(mask, kept)[...] = 1
        return masks

    def of(self, padded: npt.NDArray[Any], kept: int) -> npt.NDArray[Any]:
        """Return the part of a padded array that is not padding."""
        return padded[:kept] if self.side == "right" else padded[padded.shape[0] - kept :]
