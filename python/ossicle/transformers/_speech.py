"""What a feature extractor takes as recordings: samples as they stand, at no scale of theirs."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ossicle import _samples
from ossicle._errors import wrong

Samples = npt.NDArray[np.float32]


def recordings(
    raw: Any, channels: Literal["refused", "first", "mean"] = "refused", name: str = "raw_speech"
) -> list[Samples]:
    """Return the recordings of what was given: one, those of a list, or the rows of an array.

    Integers are not divided: what a model was trained with, it is told as it stands.

    Args:
        raw: What was given.
        channels: What becomes of a recording of several: ``"first"`` is the first of ``[channels, num_samples]``,
            ``"mean"`` that of ``[num_samples, channels]``.
        name: What it is called in errors.

    Raises:
        Error: It is none, or of more channels than may be.
    """
    if isinstance(raw, (list, tuple)) and not (raw and np.isscalar(raw[0])):
        if not raw:
            raise wrong(f"{name} is an empty list; it must hold a recording")
        return [_one(_samples.as_array(of, f"{name}[{at}]"), f"{name}[{at}]", channels) for at, of in enumerate(raw)]
    array = _samples.as_array(raw, name)
    if array.ndim < 2:
        return [_one(array, name, channels)]
    if array.shape[0] == 0:
        raise wrong(f"{name} has the shape {array.shape}; it must hold a recording")
    return [_one(row, f"{name}[{at}]", channels) for at, row in enumerate(array)]


def _one(array: npt.NDArray[Any], name: str, channels: str) -> Samples:
    if array.dtype.kind not in "fiu":
        raise wrong(f"{name} has numbers of type {array.dtype}; samples are floats or integers")
    if array.ndim == 2 and channels == "first" and len(array):
        array = array[0]
    elif array.ndim == 2 and channels == "mean" and array.shape[1]:
        array = array.mean(axis=1)
    if array.ndim != 1:
        may = {"refused": "mono", "first": "[num_samples] or [channels, num_samples]"}
        must = may.get(channels, "[num_samples] or [num_samples, channels]")
        raise wrong(f"{name} has the shape {array.shape}; only mono-channel audio is supported: it must be {must}")
    if array.size == 0:
        raise wrong(f"{name} is empty")
    return np.ascontiguousarray(array, dtype=np.float32)


def standardized(x: Samples, eps: float = 1e-7) -> Samples:
    """Return a recording with a mean of 0 and a variance of 1, as the preset ``wav2vec2-wave`` has it.

    Args:
        x: It.
        eps: What is added to the variance.

    Raises:
        Error: A sample is not finite.
    """
    standard: Samples = x - x.mean()
    variance = np.square(standard).mean()
    if not np.isfinite(variance):
        raise wrong("a recording has a sample that is NaN or infinite, or too large")
    standard /= np.sqrt(variance + np.float32(eps))
    return standard
