"""Samples of any kind as float32 arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

INT16_SCALE = np.float32(1 / 32768)


def as_array(x: Any, name: str = "x") -> npt.NDArray[Any]:
    """Return anything array-like as a NumPy array, without a copy where that can be.

    Raises:
        ValueError: It is no array of samples, needs gradients, or is not in the memory of the CPU.
    """
    if isinstance(x, np.ndarray):
        return x
    if getattr(x, "requires_grad", False):
        raise ValueError(f"{name} needs gradients, and ossicle has none; pass {name}.detach()")
    try:
        if hasattr(x, "__array__"):
            return np.asarray(x)
        if hasattr(x, "__dlpack__"):
            return np.from_dlpack(x)
        return np.asarray(x)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise ValueError(f"{name} cannot be taken as an array on the CPU: {error}") from error


def as_samples(x: Any, name: str = "x") -> Samples:
    """Return samples as contiguous float32 at full scale of ±1; contiguous float32 is not copied.

    Raises:
        ValueError: Its numbers are none of int16, float16, float32 and float64.
    """
    array = as_array(x, name)
    if array.ndim == 0:
        raise ValueError(f"{name} has the shape (), or is no array; samples of a recording are 1-D")
    if array.dtype == np.float32:
        return np.ascontiguousarray(array)
    if array.dtype == np.int16:
        return np.multiply(array, INT16_SCALE, dtype=np.float32)
    if array.dtype in (np.float64, np.float16):
        return np.ascontiguousarray(array, dtype=np.float32)
    raise ValueError(
        f"{name} has numbers of type {array.dtype}; samples are int16, float32 or float64, at full scale ±1"
    )


def check(samples: Samples, name: str = "x") -> None:
    """Refuse samples that nothing can be computed of.

    Raises:
        ValueError: There are none, or one is NaN or infinite.
    """
    if samples.size == 0:
        raise ValueError(f"{name} is empty")
    # A sum is finite where all are, or else it is looked at closely.
    if not np.isfinite(np.add.reduce(samples, dtype=np.float64)):
        finite = np.isfinite(samples)
        if not finite.all():
            at = int(np.argmin(finite))
            raise ValueError(f"{name}[{at}] is {samples[at]}")
