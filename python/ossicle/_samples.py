"""Samples of any kind as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong

# DLPack's numbers of memory that the processor can read: its own, and what is pinned for CUDA and ROCm.
_READABLE = (1, 3, 11)


def as_array(x: Any, name: str = "x") -> npt.NDArray[Any]:
    """Return anything array-like as a NumPy array, without a copy where that can be.

    Raises:
        Error: It is no array of samples, needs gradients, or is not in the memory of the CPU.
    """
    if isinstance(x, np.ndarray):
        if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
            raise wrong(f"{name} has masked samples", f"pass {name}.filled(0)")
        return x
    if getattr(x, "requires_grad", False):
        raise wrong(
            f"{name} needs gradients, and ossicle has none; pass {name}.detach()", f"pass {name}.detach()"
        )
    device = getattr(x, "__dlpack_device__", None)
    try:
        if device is None or device()[0] in _READABLE:
            return np.from_dlpack(x) if device and not hasattr(x, "__array__") else np.asarray(x)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise wrong(f"{name} cannot be taken as an array on the CPU: {error}") from error
    where = getattr(x, "device", "another device")
    raise wrong(f"{name} is on {where}, and ossicle computes on the CPU; pass {name}.cpu()", f"pass {name}.cpu()")


def as_taken(array: npt.NDArray[Any], name: str = "x") -> npt.NDArray[Any]:
    """Return an array as the compiled module takes it: contiguous int16, float32 or float64. What is that already is not
    copied.

    Raises:
        Error: Its numbers are none of int16, float16, float32 and float64.
    """
    kind = array.dtype.newbyteorder("=")
    if kind == np.float16:
        kind = np.dtype(np.float32)
    elif kind not in (np.float32, np.float64, np.int16):
        raise wrong(
            f"{name} has numbers of type {array.dtype}; samples are int16, float32 or float64, at full scale ±1",
            _advice_of(array.dtype, name),
        )
    # Where memory does not suffice, NumPy says so.
    return np.require(array, dtype=kind, requirements=["C_CONTIGUOUS", "ALIGNED"])


def as_recording(x: Any, name: str = "x") -> npt.NDArray[Any]:
    """Return the samples of one recording, as the compiled module takes them.

    Raises:
        Error: They are no such samples, or not 1-D.
    """
    array = as_array(x, name)
    if array.ndim == 0:
        raise wrong(f"{name} has the shape (), or is no array; samples of a recording are 1-D")
    if array.ndim != 1:
        advice = f"pass {name}.reshape(-1)" if array.size == max(array.shape) else None
        raise wrong(
            f"{name} has the shape {array.shape}; samples of a recording are 1-D, and of a batch 2-D", advice
        )
    return as_taken(array, name)


def as_floats(x: Any, name: str = "x") -> npt.NDArray[np.float32]:
    """Return the samples of one recording as float32 at full scale ±1.

    Raises:
        Error: They are no such samples, or not 1-D.
    """
    array = as_recording(x, name)
    if array.dtype == np.int16:
        return array.astype(np.float32) / np.float32(32768)
    return array.astype(np.float32, copy=False)


def _advice_of(dtype: np.dtype[Any], name: str) -> str | None:
    if dtype.kind == "c":
        return f"pass {name}.real"
    if dtype == np.int32:
        return f"of 32 bits, pass {name} / 2**31; of 16 bits, pass {name}.astype(numpy.int16)"
    if dtype == np.uint8:
        return f"pass ({name}.astype(numpy.float32) - 128) / 128"
    if dtype.kind in "iu":
        return f"pass {name}.astype(numpy.int16), or floats at full scale ±1"
    return None
