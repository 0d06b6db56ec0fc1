"""In place of faster-whisper's feature extractor: the same arguments, the same features, several times as fast.

    model = faster_whisper.WhisperModel("small")
    model.feature_extractor = ossicle.faster_whisper.FeatureExtractor(**model.feat_kwargs)

faster-whisper need not be installed for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle._errors import whole, wrong
from ossicle._extractor import Extractor

# The upper end of the filters, at any sample rate.
_HIGH_HZ = 8000

_MOST = 1 << 31


class FeatureExtractor:
    """Whisper's log mel energies, as `faster_whisper.feature_extractor.FeatureExtractor` of faster-whisper 1.2.1.

    Args:
        feature_size: The number of mel energies: 80, or 128 for large-v3.
        sampling_rate: That of the samples, 16000 Hz or more.
        hop_length: The samples from one frame to the next.
        chunk_length: The seconds of a chunk, which `n_samples` and `nb_max_frames` are those of.
        n_fft: The samples of a frame.

    Raises:
        Error: One of them is out of bounds.
    """

    def __init__(
        self,
        feature_size: int = 80,
        sampling_rate: int = 16000,
        hop_length: int = 160,
        chunk_length: int = 30,
        n_fft: int = 400,
    ) -> None:
        self.n_fft = whole(n_fft, "n_fft", 1, _MOST)
        self.hop_length = whole(hop_length, "hop_length", 1, _MOST)
        self.sampling_rate = whole(sampling_rate, "sampling_rate", 2 * _HIGH_HZ, _MOST)
        self.time_per_frame = self.hop_length / self.sampling_rate
        self.chunk_length = chunk_length
        self._chunk(chunk_length)
        self._extractor = Extractor(
            "whisper-80",
            sample_rate_hz=self.sampling_rate,
            audio={"sample_rate_hz": self.sampling_rate},
            frames={
                "length": f"{self.n_fft}samples",
                "shift": f"{self.hop_length}samples",
                "made_for_hz": self.sampling_rate,
            },
            n_fft=self.n_fft,
            num_mel_bins=whole(feature_size, "feature_size", 1, _MOST),
            high_freq_hz=_HIGH_HZ,
        )

    def __call__(self, waveform: Any, padding: int = 160, chunk_length: int | None = None) -> npt.NDArray[np.float32]:
        """Compute the features of a recording.

        Args:
            waveform: Samples at full scale of ±1, 1-D; other types become float32 as they are.
            padding: How many zeros come behind them.
            chunk_length: What `n_samples` and `nb_max_frames` are those of from now on.

        Returns:
            float32 ``[feature_size, (num_samples + padding) // hop_length]``.

        Raises:
            Error: The samples are no recording, not finite, or too few for a frame.
        """
        if chunk_length is not None:
            self._chunk(chunk_length)
        samples = np.asarray(waveform, dtype=np.float32)
        if samples.ndim != 1:
            raise wrong(f"waveform has the shape {samples.shape}; one recording is 1-D")
        zeros = whole(padding, "padding", 0, _MOST)
        padded = np.concatenate([samples, np.zeros(zeros, dtype=np.float32)]) if zeros else samples
        features: Any = self._extractor(padded, layout="columns")
        return np.ascontiguousarray(features)

    def _chunk(self, chunk_length: int) -> None:
        self.n_samples = whole(chunk_length, "chunk_length", 1, _MOST) * self.sampling_rate
        self.nb_max_frames = self.n_samples // self.hop_length
