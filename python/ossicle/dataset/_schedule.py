"""Which items each batch of an epoch has, on every rank; any batch is had at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ossicle.dataset._order import Numbers, Order

# The most classes of length where nobody says how many, and the batches that each has at least.
_BUCKETS, _BATCHES = 30, 4


class Schedule:
    """The batches of each epoch, which ranks share.

    Args:
        shuffle: The seed of the order; None for that of the items.
        even: Whether every rank has as many batches.
        drop_last: Whether what does not fill a batch, or a round of all ranks, is left out.
    """

    def __init__(self, shuffle: int | None, even: bool, drop_last: bool) -> None:
        self.shuffle, self.even, self.drop_last = shuffle, even, drop_last

    def num_batches(self, rank: int, world: int) -> int:
        """Return how many batches a rank has in an epoch."""
        raise NotImplementedError

    def items(self, epoch: int, number: int, rank: int, world: int) -> Numbers:
        """Return the items of a rank's batch."""
        raise NotImplementedError

    def _share(self, count: int, rank: int, world: int) -> int:
        """How many of so many, dealt in turn, a rank has."""
        if not self.even:
            return len(range(rank, count, world))
        return count // world if self.drop_last else -(-count // world)


class Equal(Schedule):
    """Batches of as many items each."""

    def __init__(self, count: int, batch_size: int, **options: Any) -> None:
        super().__init__(**options)
        self.count, self.batch_size = count, batch_size

    def num_batches(self, rank: int, world: int) -> int:
        of_rank = self._share(self.count, rank, world)
        return of_rank // self.batch_size if self.drop_last else -(-of_rank // self.batch_size)

    def items(self, epoch: int, number: int, rank: int, world: int) -> Numbers:
        begin = number * self.batch_size
        end = min(begin + self.batch_size, self._share(self.count, rank, world))
        # Beyond the end, what ranks lack comes from the beginning.
        places = (rank + world * np.arange(begin, end, dtype=np.int64)) % self.count
        return Order(self.count, self.shuffle, epoch)[places]


class Bucketed(Schedule):
    """Batches of items of like lengths: each of one class, of which there are some.

    Ranks take turns at batches that follow one another, so that those of one step have like lengths.

    Args:
        lengths: Gives the items' lengths, once they are needed.
        batch_size: The most items of a batch.
        max_frames: The most frames of one, padded to the longest; None for any number.
        buckets: How many classes; None for as many as are good.
    """

    def __init__(
        self,
        lengths: Callable[[], Numbers],
        batch_size: int,
        max_frames: int | None,
        buckets: int | None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._lengths, self._batch_size = lengths, batch_size
        self._max_frames, self._buckets = max_frames, buckets
        self._classes: _Classes | None = None

    def num_batches(self, rank: int, world: int) -> int:
        return self._share(self._cut().num_batches, rank, world)

    def items(self, epoch: int, number: int, rank: int, world: int) -> Numbers:
        classes = self._cut()
        rounds = classes.num_batches // world
        # The last round, which is not whole, is not shuffled among the others.
        turn = int(Order(rounds, self.shuffle, epoch)[np.array([number])][0]) if number < rounds else rounds
        batch = (turn * world + rank) % classes.num_batches
        bucket, begin, end = classes.places(batch)
        order = Order(classes.count(bucket), self.shuffle, epoch, bucket)
        return classes.members(bucket, order[begin:end])

    def _cut(self) -> _Classes:
        if self._classes is None:
            lengths = self._lengths()
            number = self._buckets or self._number(lengths)
            self._classes = _Classes(lengths, number, self._batch_size, self._max_frames, self.drop_last)
        return self._classes

    def _number(self, lengths: Numbers) -> int:
        """As many classes as have a few batches each."""
        batches = int(lengths.sum()) // (self._max_frames or 1)
        return min(max(batches // _BATCHES, 1), _BUCKETS)

    def __getstate__(self) -> dict[str, Any]:
        # It is made anew where it is needed.
        return {**self.__dict__, "_classes": None}


class _Classes:
    """Items by their lengths: classes of as many frames each, and the batches of each."""

    def __init__(self, lengths: Numbers, number: int, batch_size: int, max_frames: int | None, drop_last: bool) -> None:
        number = number if len(lengths) else 1
        values, counts = _counted(lengths)
        frames = np.cumsum(values * counts)
        total = int(frames[-1]) if len(frames) else 0
        shares = [total * part // number for part in range(1, number)]
        ends = np.searchsorted(frames, np.array(shares, dtype=np.int64))
        longest = np.unique(np.append(values[ends], values[-1:]))
        of = np.searchsorted(longest, lengths)
        # Small integers are sorted by their digits, in a few passes.
        members = np.argsort(of.astype(np.uint16), kind="stable")
        self._members = members.astype(np.min_scalar_type(len(lengths)))
        self._counts = np.bincount(of, minlength=len(longest)).astype(np.int64)
        self._begins = np.cumsum(self._counts) - self._counts
        most = np.full(len(longest), batch_size, dtype=np.int64)
        if max_frames is not None:
            most = np.minimum(most, np.maximum(max_frames // np.maximum(longest, 1), 1))
        self._sizes = most
        self._batch_ends = np.cumsum(self._counts // most if drop_last else -(-self._counts // most))

    @property
    def num_batches(self) -> int:
        """How many batches there are of all classes."""
        return int(self._batch_ends[-1]) if len(self._batch_ends) else 0

    def places(self, batch: int) -> tuple[int, int, int]:
        """Return the class of a batch, and from where to where it goes in the order of that."""
        bucket = int(np.searchsorted(self._batch_ends, batch, side="right"))
        before = int(self._batch_ends[bucket - 1]) if bucket else 0
        size = int(self._sizes[bucket])
        begin = (batch - before) * size
        return bucket, begin, min(begin + size, self.count(bucket))

    def count(self, bucket: int) -> int:
        """Return how many items a class has."""
        return int(self._counts[bucket])

    def members(self, bucket: int, places: Numbers) -> Numbers:
        """Return items of a class, by their places in it."""
        members: Numbers = self._members[self._begins[bucket] + places].astype(np.int64)
        return members


def _counted(lengths: Numbers) -> tuple[Numbers, Numbers]:
    """The lengths that there are, in order, and how many there are of each."""
    if len(lengths) and int(lengths.max()) >= 1 << 22:
        values, counts = np.unique(lengths, return_counts=True)
        return values, counts.astype(np.int64)
    # Without sorting them, where counting each takes little memory.
    counts = np.bincount(lengths).astype(np.int64)
    values = np.flatnonzero(counts)
    return values, counts[values]
