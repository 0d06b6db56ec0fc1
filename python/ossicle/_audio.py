"""Decoding and resampling."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ossicle import _ossicle
from ossicle._errors import whole, wrong
from ossicle._samples import as_array, as_taken

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]

# The most that the compiled module takes.
_MOST, _MOST_HZ = (1 << 63) - 1, (1 << 32) - 1


@dataclass(frozen=True)
class AudioInfo:
    """What the header of a recording says."""

    container: str
    encoding: str
    sample_rate_hz: int
    channels: int
    num_samples: int | None
    """The samples of a channel; None where only decoding tells."""

    @property
    def duration_s(self) -> float | None:
        """The length in seconds; None where only decoding tells."""
        return None if self.num_samples is None else self.num_samples / self.sample_rate_hz


def load_audio(
    source: Source,
    *,
    sample_rate_hz: int | None = None,
    channel: str | int = "first",
    start_sample: int = 0,
    num_samples: int | None = None,
    mode: str = "hq",
) -> tuple[npt.NDArray[np.float32], int]:
    """Decode a recording to mono.

    Args:
        source: A path, bytes, or a file opened in binary: WAVE, SPHERE, FLAC, MP3, Ogg, MP4 … by its content.
        sample_rate_hz: The rate that it is resampled to; by default it keeps its own.
        channel: ``"first"``, ``"mix"``, or a channel's number from 0.
        start_sample: The first sample that is wanted, at the recording's own rate.
        num_samples: How many are wanted, at the recording's own rate; by default all. There may be fewer.
        mode: How it is resampled: ``"hq"``, ``"torchaudio"``, ``"torchaudio-kaiser"`` or ``"kaldi"``.

    Returns:
        float32 samples at full scale of ±1, and their rate.

    Raises:
        AudioError: It is no recording, or a damaged one.
        OSError: It cannot be read: ``FileNotFoundError``, ``PermissionError`` …
    """
    start = whole(start_sample, "start_sample", 0, _MOST)
    length = None if num_samples is None else whole(num_samples, "num_samples", 0, _MOST)
    rate = None if sample_rate_hz is None else whole(sample_rate_hz, "sample_rate_hz", 1, _MOST_HZ)
    return _ossicle.load_audio(_given(source), rate, mode, str(channel), start, length)


def audio_info(source: Source) -> AudioInfo:
    """Read the header of a recording.

    Raises:
        AudioError: It is no recording, or its header is damaged.
        OSError: It cannot be read.
    """
    return AudioInfo(*_ossicle.audio_info(_given(source)))


def resample(x: Any, from_hz: int, to_hz: int, *, mode: str = "hq") -> npt.NDArray[np.float32]:
    """Resample samples along their last axis.

    Args:
        x: int16, float32 or float64, of any shape.
        mode: ``"hq"``, ``"torchaudio"``, ``"torchaudio-kaiser"`` or ``"kaldi"``.

    Returns:
        float32, of the same shape but for the last axis: ``ceil(num_samples * to_hz / from_hz)``.

    >>> resample(np.zeros((2, 441), dtype=np.float32), 44100, 16000).shape
    (2, 160)
    """
    array = as_array(x)
    if array.ndim == 0:
        raise wrong("x has the shape (), or is no array; samples are along its last axis")
    samples = as_taken(array)
    rates = whole(from_hz, "from_hz", 1, _MOST_HZ), whole(to_hz, "to_hz", 1, _MOST_HZ)
    if samples.size == 0:
        raise wrong("x is empty")
    rows = [_ossicle.resample(row, *rates, mode) for row in samples.reshape(-1, samples.shape[-1])]
    return np.stack(rows).reshape(*samples.shape[:-1], -1)


def _given(source: Source) -> str | bytes:
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if hasattr(source, "read"):
        read = source.read()
        if not isinstance(read, bytes):
            raise wrong('the file gives text; open it with "rb"', 'open it with "rb"')
        return read
    raise wrong(f"{type(source).__name__} is no path, bytes or file", "pass a path, bytes, or a file")
