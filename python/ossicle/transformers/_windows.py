"""Those that have Whisper's features of recordings of any length: windows, each padded and with its own maximum."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ossicle.transformers._base import tensors_or
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._padding import Lengths
from ossicle.transformers._speech import Samples, recordings
from ossicle.transformers._whisper import Mel

# Three convolutions of stride 2, of which a token is the outcome.
_FRAMES_OF_A_TOKEN = 8


class MossTranscribeDiarizeFeatureExtractor(Mel):
    """MOSS-Transcribe-Diarize's: the windows of all recordings, one behind the other."""

    model_input_names: ClassVar[list[str]] = ["input_features", "input_features_mask", "padding_mask"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 80,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
        "return_attention_mask": False,
    }

    def __call__(
        self,
        raw_speech: Any,
        truncation: bool = True,
        pad_to_multiple_of: int | None = None,
        return_tensors: Any = None,
        sampling_rate: int | None = None,
        device: Any = "cpu",
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[windows, feature_size, num_frames]``, and two masks.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            truncation: Passed over: no window is longer than it may be.
            pad_to_multiple_of: What the number of samples of a window is a multiple of.
            return_tensors: ``"np"``, ``"pt"``, or None for arrays.
            sampling_rate: That of the recordings, which has to be the model's.
            device: Passed over: all is computed by the CPU.
            **kwargs: Passed over, as they are there.

        Returns:
            ``input_features_mask`` is of the frames of windows, and ``padding_mask`` of the samples of recordings.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech)
        windows = [window for x in xs for window in split(x, self.n_samples)]
        multiple = pad_to_multiple_of or 1
        total = -(-self.n_samples // multiple) * multiple
        lengths = Lengths([len(window) for window in windows], [total] * len(windows), self.padding_side)
        lengths_of_all = Lengths([len(x) for x in xs], [max(map(len, xs))] * len(xs), "right")
        data = {
            "input_features": self._columns(lengths.stack(windows, self.padding_value)),
            "input_features_mask": self._of_frames(np.stack(lengths.masks())),
            "padding_mask": np.stack(lengths_of_all.masks()).astype(np.int64),
        }
        return BatchFeature(data, return_tensors)


class Dots3NoteFeatureExtractor(Mel):
    """Dots 3 Note's: the windows of all recordings, cut behind the longest."""

    model_input_names: ClassVar[list[str]] = ["input_features", "chunk_sample_lengths"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 128,
        "hop_length": 160,
        "chunk_length": 60,
        "n_fft": 400,
        "return_attention_mask": False,
    }

    def __init__(self, *, jobs: int | None = None, **config: Any) -> None:
        super().__init__(jobs=jobs, **config)
        # What older configurations call it.
        self.chunk_length = config.get("chunk_seconds") or self.chunk_length
        self.n_samples = self.chunk_length * self.sampling_rate

    def __call__(
        self,
        raw_speech: Any,
        sampling_rate: int | None = None,
        return_tensors: Any = "pt",
        device: Any = "cpu",
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[windows, feature_size, num_frames]``, and lengths.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            sampling_rate: That of the recordings, which has to be the model's.
            return_tensors: ``"pt"``, ``"np"``; None is tensors of PyTorch, where it is installed.
            device: Passed over: all is computed by the CPU.
            **kwargs: Passed over, as they are there.

        Returns:
            ``chunk_sample_lengths`` are the samples of windows, ``num_audio_tokens`` the tokens of recordings.
        """
        self._check_rate(sampling_rate)
        of_all = [split(x, self.n_samples) for x in recordings(raw_speech)]
        windows = [window for of_one in of_all for window in of_one]
        every = self.hop_length * _FRAMES_OF_A_TOKEN
        tokens = [[-(-len(window) // every) for window in of_one] for of_one in of_all]
        lengths = Lengths([len(window) for window in windows], [self.n_samples] * len(windows), self.padding_side)
        num_frames = max(map(max, tokens)) * _FRAMES_OF_A_TOKEN
        data = {
            "input_features": self._columns(lengths.stack(windows, self.padding_value))[..., :num_frames],
            "chunk_sample_lengths": np.array(lengths.kept, dtype=np.int64),
            "num_audio_tokens": np.array([sum(of_one) for of_one in tokens], dtype=np.int64),
        }
        return BatchFeature(data, tensors_or(return_tensors))


def split(x: Samples, num_samples: int) -> list[Samples]:
    """Split a recording into windows, of which the last may be shorter."""
    return [x[first : first + num_samples] for first in range(0, len(x), num_samples)]
