"""A recipe, planned once for many recordings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ossicle import _ossicle, _samples, _settings

Layout = Literal["frames", "columns"]


class Extractor:
    """A recipe, planned once for many recordings.

    It is safe to share among threads, and travels to other processes by its recipe.

    Args:
        recipe: A preset's name, the path of a recipe, or a recipe's text.
        sample_rate_hz: That of all samples; by default the recipe's, or 16000.
        **settings: Keys of the recipe: ``num_mel_bins=40``, ``deltas={"order": 2}``, ``normalize=None``.

    Raises:
        ValueError: There is no such preset or key, or the recipe cannot be computed at this rate.

    >>> e = Extractor("kaldi-fbank", num_mel_bins=40)
    >>> e.dim, e.frame_shift_s, e.num_frames(16000)
    (40, 0.01, 98)
    >>> e(np.zeros(16000, dtype=np.int16)).shape
    (98, 40)
    """

    def __init__(
        self, recipe: str | os.PathLike[str], *, sample_rate_hz: int | None = None, **settings: Any
    ) -> None:
        text = _recipe_text(recipe)
        self._plan(_ossicle.Transform(text, _settings.assignments(settings), sample_rate_hz, None))

    @classmethod
    def from_dataset(
        cls, path: str | os.PathLike[str], *, sample_rate_hz: int | None = None
    ) -> Extractor:
        """Plan what a dataset was made by: its recipe, and the statistics that it is normalised by.

        Raises:
            DatasetError: It is no dataset, or a damaged one.
        """
        return cls._of(_ossicle.Transform.of_dataset(os.fspath(path), sample_rate_hz))

    @classmethod
    def _of(cls, transform: _ossicle.Transform) -> Extractor:
        new = cls.__new__(cls)
        new._plan(transform)
        return new

    def _plan(self, transform: _ossicle.Transform) -> None:
        self._transform = transform
        self._arrays = transform.arrays

    def __reduce__(self) -> tuple[Any, ...]:
        transform = self._transform
        state = (transform.recipe_text, transform.sample_rate_hz, transform.statistics)
        return _rebuilt, (type(self), *state)

    def __repr__(self) -> str:
        of = ", ".join(f"{name}: {len(columns)}" for name, columns in self._arrays)
        return f"<ossicle.Extractor at {self.sample_rate_hz} Hz, columns of {of}>"

    @property
    def recipe(self) -> str:
        """The recipe's text, in TOML."""
        return self._transform.recipe_text

    @property
    def sample_rate_hz(self) -> int:
        """The rate of the samples that it takes."""
        return self._transform.sample_rate_hz

    @property
    def array_names(self) -> list[str]:
        """The names of its arrays, which is one for most recipes."""
        return [name for name, _ in self._arrays]

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, of all arrays one behind the other."""
        return [column for _, columns in self._arrays for column in columns]

    @property
    def dim(self) -> int:
        """The number of columns."""
        return len(self.column_names)

    @property
    def frame_shift_s(self) -> float:
        """The time from one row to the next, in seconds."""
        return self._transform.frame_samples[1] / self.sample_rate_hz

    def num_frames(self, num_samples: int) -> int:
        """Return how many rows so many samples have."""
        return self._transform.num_frames(num_samples)

    def __call__(
        self,
        x: Any,
        *,
        out: npt.NDArray[np.float32] | None = None,
        layout: Layout = "frames",
        dtype: npt.DTypeLike = np.float32,
        pad_to: int | None = None,
        jobs: int | None = None,
        id: str = "",
    ) -> Any:
        """Compute the rows of a recording, of each row of a 2-D batch, or of each recording of a list.

        Args:
            x: Samples, mono: int16, float32 or float64; an array, or what has ``__array__`` or DLPack.
            out: An array that takes the result of one recording.
            layout: ``"frames"``: a row a frame; ``"columns"``: a row a column, as Whisper has them.
            dtype: The type of the result's numbers.
            pad_to: Samples are padded with zeros, or cut, to so many frames (Whisper's 3000).
            jobs: Threads for several recordings; by default one a core.
            id: The name that a recipe's noise depends on, as that of a dataset's utterance.

        Returns:
            float32 ``[num_frames, dim]``; of a 2-D batch ``[batch, num_frames, dim]``; of a list, a list. Of a
            recipe with several arrays, a dict of them by name.

        Raises:
            ValueError: The samples are none, or too few.
        """
        finish = _Finish(self, layout, np.dtype(dtype), pad_to)
        if _is_list(x):
            prepared = [finish.prepared(one, f"x[{at}]") for at, one in enumerate(x)]
            return self._several(prepared, finish, jobs, out)
        array = _samples.as_array(x)
        if array.ndim == 2:
            samples = _samples.as_samples(array)
            prepared = [finish.prepared(one, f"x[{at}]") for at, one in enumerate(samples)]
            results = self._several(prepared, finish, jobs, out)
            if results and isinstance(results[0], dict):
                return {name: np.stack([one[name] for one in results]) for name in results[0]}
            if not results:
                raise ValueError("x is empty")
            return np.stack(results)
        samples = finish.prepared(array, "x")
        rows = finish.done(self._transform.rows(samples, id))
        if out is None:
            return rows
        if isinstance(rows, dict):
            raise ValueError("out takes the result of a recipe with one array")
        if out.shape != rows.shape:
            raise ValueError(f"out has the shape {out.shape}, and the result {rows.shape}")
        out[...] = rows
        return out

    def batch(self, xs: Sequence[Any], **options: Any) -> list[Any]:
        """Compute the rows of each recording of a list, in parallel; as calling it with a list."""
        return self(list(xs), **options)

    def _several(self, prepared: list[Any], finish: _Finish, jobs: int | None, out: Any) -> list[Any]:
        if out is not None:
            raise ValueError("out takes the result of one recording")
        jobs = jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else jobs or 1
        ids = [""] * len(prepared)
        return [finish.done(rows) for rows in self._transform.rows_of_all(prepared, ids, jobs)]


class _Finish:
    """What happens to samples before, and to rows after they are computed."""

    def __init__(
        self, extractor: Extractor, layout: Layout, dtype: np.dtype[Any], pad_to: int | None
    ) -> None:
        if layout not in ("frames", "columns"):
            raise ValueError(f'layout is {layout!r}; it must be "frames" or "columns"')
        if dtype.kind != "f":
            raise ValueError(f"dtype is {dtype}; it must be one of floating point")
        self._dims = [(name, len(columns)) for name, columns in extractor._arrays]
        self._layout, self._dtype = layout, dtype
        self._num_samples = None if pad_to is None else _samples_of(extractor, pad_to)

    def prepared(self, x: Any, name: str) -> _samples.Samples:
        samples = _samples.as_samples(x, name)
        if samples.ndim != 1:
            raise ValueError(f"{name} has the shape {samples.shape}; samples of a recording are 1-D")
        _samples.check(samples, name)
        if self._num_samples is not None and self._num_samples != samples.size:
            samples = samples[: self._num_samples]
            samples = np.pad(samples, (0, self._num_samples - samples.size))
        return samples

    def done(self, arrays: list[npt.NDArray[np.float32]]) -> Any:
        rows = {
            name: self._shaped(flat, dim) for (name, dim), flat in zip(self._dims, arrays, strict=True)
        }
        return rows if len(rows) > 1 else next(iter(rows.values()))

    def _shaped(self, flat: npt.NDArray[np.float32], dim: int) -> npt.NDArray[Any]:
        rows = flat.reshape(-1, dim)
        if self._layout == "columns":
            rows = rows.T
        return np.ascontiguousarray(rows, dtype=self._dtype)


def _samples_of(extractor: Extractor, num_frames: int) -> int:
    """The least samples that have so many frames."""
    if num_frames < 1:
        raise ValueError(f"pad_to is {num_frames}; it must be at least 1")
    low, high = 0, 1
    while extractor.num_frames(high) < num_frames:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if extractor.num_frames(middle) < num_frames:
            low = middle
        else:
            high = middle
    if extractor.num_frames(high) != num_frames:
        raise ValueError(f"no number of samples has {num_frames} frames")
    return high


def _is_list(x: Any) -> bool:
    """Whether it is a list of recordings, and not one of numbers."""
    return isinstance(x, (list, tuple)) and not (x and np.isscalar(x[0]))


def _rebuilt(
    cls: type[Extractor], text: str, sample_rate_hz: int, statistics: str | None
) -> Extractor:
    # What a statistic is of is known; where it was from need not be here.
    return cls._of(_ossicle.Transform(text, [], sample_rate_hz, statistics))


def _recipe_text(recipe: str | os.PathLike[str]) -> str:
    if isinstance(recipe, str) and "\n" in recipe:
        return recipe
    path = os.fspath(recipe)
    if isinstance(recipe, str) and not (os.sep in path or path.endswith(".toml")):
        return _ossicle.preset_text(path)
    with open(path, encoding="utf-8") as file:
        return file.read()
