"""What happens to samples before their rows are computed, and to rows after that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ossicle._errors import whole, wrong
from ossicle._samples import as_recording, as_taken

if TYPE_CHECKING:
    from ossicle._ossicle import Transform


def keeps(nan: str) -> bool:
    """Whether samples that are not finite make rows of NaN, and no error."""
    if nan not in ("raise", "keep"):
        raise wrong(f'nan is {nan!r}; it must be "raise" or "keep"')
    return nan == "keep"


def num_threads(jobs: int | None) -> int:
    """The threads for several recordings."""
    if jobs is not None:
        return whole(jobs, "jobs", 1, 1 << 16)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Call:
    """How a call wants its rows."""

    def __init__(
        self,
        transform: Transform,
        layout: Literal["frames", "columns"],
        dtype: npt.DTypeLike | None,
        pad_to: int | None,
        out: Any,
    ) -> None:
        if layout not in ("frames", "columns"):
            raise wrong(f'layout is {layout!r}; it must be "frames" or "columns"')
        if out is not None and not isinstance(out, np.ndarray):
            raise wrong(f"out is of type {type(out).__name__}; it must be an array of NumPy")
        if dtype is None:
            dtype = np.float32 if out is None else out.dtype
        try:
            self._dtype = np.dtype(dtype)
        except TypeError as error:
            raise wrong(f"dtype is {dtype!r}: {error}") from error
        if self._dtype.kind != "f":
            raise wrong(f"dtype is {self._dtype}; it must be one of floating point")
        self._layout = layout
        self._num_samples = None if pad_to is None else _num_samples(transform, pad_to)

    def recording(self, x: Any, name: str) -> npt.NDArray[Any]:
        """Return the samples of one recording, of the length that they are computed at."""
        return self._padded(as_recording(x, name))

    def batch(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the recordings of a 2-D array, of the length that they are computed at."""
        return self._padded(as_taken(array))

    def _padded(self, samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
        wanted, found = self._num_samples, samples.shape[-1]
        if wanted is None or wanted == found:
            return samples
        if wanted < found:
            return np.ascontiguousarray(samples[..., :wanted])
        padded = np.zeros((*samples.shape[:-1], wanted), dtype=samples.dtype)
        padded[..., :found] = samples
        return padded

    def result(self, rows: Any) -> Any:
        """Lay rows out; of several arrays, those of each."""
        if isinstance(rows, dict):
            return {name: self._laid_out(array) for name, array in rows.items()}
        return self._laid_out(rows)

    def _laid_out(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        if self._layout == "columns":
            rows = rows.swapaxes(-1, -2)
        return np.ascontiguousarray(rows, dtype=self._dtype)

    def into(self, out: npt.NDArray[Any], result: Any) -> npt.NDArray[Any]:
        """Write a result where it was asked for."""
        if not isinstance(result, np.ndarray):
            several = "several recordings" if isinstance(result, list) else "a recipe with several arrays"
            raise wrong(f"out takes one array, and the result is of {several}", "leave out away")
        if out.shape != result.shape:
            advice = f"pass numpy.empty({result.shape}, numpy.{result.dtype})"
            raise wrong(f"out has the shape {out.shape}, and the result {result.shape}", advice)
        if out.dtype != result.dtype:
            raise wrong(f"out is of {out.dtype}, and the result of {result.dtype}", "pass dtype=out.dtype")
        if not out.flags.writeable:
            raise wrong("out cannot be written: it is read-only", "pass out.copy()")
        out[...] = result
        return out


def _num_samples(transform: Transform, pad_to: int) -> int:
    """The least samples that have so many frames."""
    num_frames = whole(pad_to, "pad_to", 1, 1 << 40)
    low, high = 0, 1
    while transform.num_frames(high) < num_frames:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if transform.num_frames(middle) < num_frames:
            low = middle
        else:
            high = middle
    if transform.num_frames(high) != num_frames:
        raise wrong(f"no number of samples has {num_frames} frames")
    return high
