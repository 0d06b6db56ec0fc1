"""Batches of a stream: of frames, of utterances or of windows, as a dataset's are, of what comes at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ossicle._errors import whole, wrong

if TYPE_CHECKING:
    from ossicle._streamed import Source, Streamed

Batch = dict[str, Any]
Numbers = npt.NDArray[np.int64]

_MOST = 1 << 62


class StreamBatches:
    """Batches of a stream; each iteration is an epoch of it.

    Utterances are gathered until there are enough for a pool, which is mixed and cut into batches; what is left of it comes
    with the next. The order is the same for any number of threads.
    """

    def __init__(
        self,
        stream: Source,
        mode: str,
        *,
        arrays: Sequence[str] | None,
        batch_size: int | None,
        context: int,
        num_frames: int | None,
        hop: int | None,
        max_frames: int | None,
        pool: int | None,
        drop_last: bool,
    ) -> None:
        if mode not in ("frames", "utterances", "windows"):
            raise wrong(f"mode is {mode!r}; it must be 'frames', 'utterances' or 'windows'")
        if mode == "windows" and num_frames is None:
            raise wrong("windows need num_frames, the frames of each")
        for name, value, of in (("num_frames", num_frames, "windows"), ("hop", hop, "windows")):
            if value is not None and mode != of:
                raise wrong(f"{name} is of {of}, and mode is {mode!r}", f"leave {name} away")
        if context and mode != "frames":
            raise wrong(f"context is of frames, and mode is {mode!r}", "leave context away")
        if max_frames is not None and mode != "utterances":
            raise wrong(f"max_frames is of utterances, and mode is {mode!r}", "leave max_frames away")
        known = stream.array_names
        for name in arrays or ():
            if name not in known:
                raise wrong(f"arrays has {name!r}; there are {', '.join(known)}")
        self.stream, self.mode, self.drop_last = stream, mode, drop_last
        self._arrays = None if arrays is None else list(arrays)
        self._context = whole(context, "context", 0, 1 << 20)
        self._num_frames = whole(num_frames or 1, "num_frames", 1, _MOST)
        self._hop = whole(hop or self._num_frames, "hop", 1, _MOST)
        self._max_frames = None if max_frames is None else whole(max_frames, "max_frames", 1, _MOST)
        usual = 1024 if mode == "frames" else 16
        if batch_size is None and max_frames is not None:
            usual = _MOST
        self._batch_size = whole(usual if batch_size is None else batch_size, "batch_size", 1, _MOST)
        size = min(self._batch_size, 1024)
        self._pool = whole(64 * size if pool is None else pool, "pool", 1, _MOST)

    def __iter__(self) -> Iterator[Batch]:
        """Go through an epoch, or what is left of it."""
        epoch = self.stream.state_dict()["epoch"]
        rest: Batch | None = None
        for number, utterances in enumerate(self._pools()):
            random = None if self.stream.shuffle is None else np.random.default_rng((self.stream.shuffle, epoch, number))
            if self.mode == "utterances":
                yield from self._padded_batches(utterances, random)
                continue
            items = _Items(self, utterances)
            order = np.arange(len(items)) if random is None else random.permutation(len(items))
            begin = 0
            if rest is not None:
                begin = self._batch_size - _length(rest)
                rest = _joined(rest, items[order[:begin]])
                if _length(rest) < self._batch_size:
                    continue
                yield rest
                rest = None
            for begin in range(begin, len(order), self._batch_size):
                batch = items[order[begin : begin + self._batch_size]]
                if _length(batch) < self._batch_size:
                    rest = batch
                else:
                    yield batch
        if rest is not None and not self.drop_last:
            yield rest

    def _pools(self) -> Iterator[list[Streamed]]:
        """Utterances that have enough items together."""
        pool: list[Streamed] = []
        count = 0
        for utterance in self.stream:
            frames = len(utterance.arrays[self.stream.array_names[0]])
            pool.append(utterance)
            if self.mode == "frames":
                count += frames
            elif self.mode == "windows":
                count += max((frames - self._num_frames) // self._hop + 1, 0)
            else:
                count += 1
            if count >= self._pool:
                yield pool
                pool, count = [], 0
        if pool:
            yield pool

    def _padded_batches(self, pool: list[Streamed], random: np.random.Generator | None) -> Iterator[Batch]:
        """Utterances side by side: those of like lengths, where frames are counted."""
        names = self._names(pool[0])
        lengths = [len(utterance.arrays[names[0]]) for utterance in pool]
        order = list(range(len(pool)))
        if self._max_frames is not None:
            order.sort(key=lambda place: lengths[place])
        batches: list[list[int]] = []
        for place in order:
            last = batches[-1] if batches else []
            longest = max((lengths[of] for of in [*last, place]), default=0)
            fits = self._max_frames is None or longest * (len(last) + 1) <= self._max_frames
            if last and len(last) < self._batch_size and fits:
                last.append(place)
            else:
                batches.append([place])
        if random is not None:
            batches = [batches[place] for place in random.permutation(len(batches))]
        for batch in batches:
            if not (self.drop_last and self._max_frames is None and len(batch) < self._batch_size):
                yield self._padded([pool[place] for place in batch], names)

    def _padded(self, utterances: list[Streamed], names: list[str]) -> Batch:
        batch: Batch = {"id": [utterance.id for utterance in utterances]}
        for name in names:
            rows = [utterance.arrays[name] for utterance in utterances]
            lengths = np.array([len(of) for of in rows])
            fill = self.stream.fill(name)
            padded = np.full((len(rows), int(lengths.max()), *rows[0].shape[1:]), fill, dtype=rows[0].dtype)
            for place, of in enumerate(rows):
                padded[place, : len(of)] = of
            batch[name] = padded
            key = "num_frames" if name == names[0] else f"num_{name}"
            if key == "num_frames" or not np.array_equal(lengths, batch["num_frames"]):
                batch[key] = lengths
        return batch

    def _names(self, utterance: Streamed) -> list[str]:
        """The arrays that are taken: of single frames, those with as many rows as the first."""
        names = self.stream.array_names if self._arrays is None else self._arrays
        if self.mode == "utterances":
            return [name for name in names if utterance.arrays[name].dtype.names is None]
        first = len(utterance.arrays[names[0]])
        taken = [name for name in names if len(utterance.arrays[name]) == first]
        if self._arrays is not None and len(taken) < len(names):
            raise wrong(f"{', '.join(set(names) - set(taken))} has other rows than {names[0]}")
        return taken


class _Items:
    """Frames or windows of some utterances."""

    def __init__(self, of: StreamBatches, pool: list[Streamed]) -> None:
        self._of, self._pool = of, pool
        self._names = of._names(pool[0])
        self._rows = {name: np.concatenate([utterance.arrays[name] for utterance in pool]) for name in self._names}
        lengths = np.array([len(utterance.arrays[self._names[0]]) for utterance in pool])
        ends = np.cumsum(lengths)
        if of.mode == "frames":
            counts, step = lengths, 1
        else:
            counts, step = np.maximum((lengths - of._num_frames) // of._hop + 1, 0), of._hop
        self._utterance: Numbers = np.repeat(np.arange(len(pool)), counts)
        firsts = np.cumsum(counts) - counts
        place = np.arange(int(counts.sum())) - np.repeat(firsts, counts)
        self._start: Numbers = np.repeat(ends - lengths, counts) + place * step
        self._bounds = (ends - lengths, ends - 1)

    def __len__(self) -> int:
        return len(self._start)

    def __getitem__(self, numbers: Numbers) -> Batch:
        """Return items side by side."""
        start, of = self._start[numbers], self._utterance[numbers]
        if self._of.mode == "windows":
            rows = start[:, None] + np.arange(self._of._num_frames)
        else:
            rows = start[:, None] + np.arange(-self._of._context, self._of._context + 1)
            # At an utterance's ends its first and its last frame are repeated.
            rows = np.clip(rows, self._bounds[0][of][:, None], self._bounds[1][of][:, None])
        batch: Batch = {"id": [self._pool[place].id for place in of]}
        for name in self._names:
            alone = self._of.mode == "frames" and (self._of._context == 0 or self._rows[name].ndim == 1)
            batch[name] = np.take(self._rows[name], start if alone else rows, axis=0)
        return batch


def _length(batch: Batch) -> int:
    return len(batch["id"])


def _joined(a: Batch, b: Batch) -> Batch:
    return {name: of + b[name] if isinstance(of, list) else np.concatenate([of, b[name]]) for name, of in a.items()}
