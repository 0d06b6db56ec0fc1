"""The order in which items are drawn."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


class Order:
    """A permutation of ``count`` items, any part of which is had at once: nothing is held of it.

    A Feistel network over the least even number of bits that hold the count permutes all numbers of so many bits; what is
    not below the count is permuted again until it is (J. Black and P. Rogaway, "Ciphers with Arbitrary Finite
    Domains", CT-RSA 2002).

    Args:
        seed: What decides it, with the epoch and what else is given; None for the items' own order.
    """

    _ROUNDS = 6

    def __init__(self, count: int, seed: int | None, epoch: int, *further: int) -> None:
        self._count, self._is_shuffled = count, seed is not None
        half = max(1, (max(count - 1, 1).bit_length() + 1) // 2)
        self._half = np.uint64(half)
        self._mask = np.uint64((1 << half) - 1)
        text = " ".join(map(str, (seed, epoch, *further)))
        digest = hashlib.blake2b(text.encode(), digest_size=8 * self._ROUNDS).digest()
        self._keys = np.frombuffer(digest, dtype="<u8")

    def __getitem__(self, places: slice | Numbers) -> Numbers:
        """Return the items at places."""
        if isinstance(places, slice):
            places = np.arange(*places.indices(self._count), dtype=np.int64)
        if not self._is_shuffled or not len(places):
            return places
        found = self._permuted(places.astype(np.uint64))
        while True:
            outside = np.flatnonzero(found >= self._count)
            if not len(outside):
                return found.astype(np.int64)
            found[outside] = self._permuted(found[outside])

    def _permuted(self, numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        left, right = numbers >> self._half, numbers & self._mask
        for key in self._keys:
            left, right = right, left ^ (_mixed(right ^ key) & self._mask)
        return (left << self._half) | right


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Each number's bits, mixed (the finaliser of SplitMix64, Steele, Lea and Flood, OOPSLA 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
