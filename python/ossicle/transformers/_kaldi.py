"""Those on Kaldi's features: the rows of each recording are computed, and then padded."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ossicle.transformers._base import FeatureExtractor, Rows, stacked, tensors_or
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._padding import Lengths, Padding
from ossicle.transformers._speech import recordings


class SeamlessM4TFeatureExtractor(FeatureExtractor):
    """That of SeamlessM4T and Wav2Vec2-BERT: `stride` frames side by side."""

    model_input_names: ClassVar[list[str]] = ["input_features", "attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {"feature_size": 80, "num_mel_bins": 80, "stride": 2}

    num_mel_bins: int
    stride: int

    def __call__(
        self,
        raw_speech: Any,
        padding: Any = True,
        pad_to_multiple_of: int | None = 2,
        max_length: int | None = None,
        truncation: bool = False,
        return_tensors: Any = None,
        sampling_rate: int | None = None,
        return_attention_mask: bool | None = None,
        do_normalize_per_mel_bins: bool | None = True,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, num_frames // stride, num_mel_bins * stride]``, and ``attention_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand. Of
                ``[channels, num_samples]`` the first channel is taken.
            padding: True or ``"longest"``, ``"max_length"``, False or ``"do_not_pad"``.
            pad_to_multiple_of: What the number of frames is a multiple of.
            max_length: In frames.
            truncation: Whether frames are cut to `max_length`.
            return_tensors: ``"np"``, ``"pt"``, or None for arrays.
            sampling_rate: That of the recordings, which has to be the model's.
            return_attention_mask: Whether the mask is returned; by default the configuration says it.
            do_normalize_per_mel_bins: Whether columns are normalised by the recording.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        frames = self._plan(splice=None) if do_normalize_per_mel_bins else self._plan(splice=None, normalize=None)
        rows = self._rows(recordings(raw_speech, "first"), frames)
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        lengths = self._lengths(how, [len(of) for of in rows])
        batch, masks = lengths.stack(rows, self.padding_value), np.stack(lengths.masks())
        num_rows = batch.shape[1] // self.stride
        batch, masks = batch[:, : num_rows * self.stride], masks[:, : num_rows * self.stride]
        data = {"input_features": batch.reshape(len(rows), num_rows, -1)}
        if self._is_masked(return_attention_mask):
            data["attention_mask"] = masks[:, np.arange(masks.shape[1]) % self.stride == 1]
        return BatchFeature(data, return_tensors)


class Speech2TextFeatureExtractor(FeatureExtractor):
    """Speech2Text's: rows are normalised by what is left of the recording, and then padded."""

    model_input_names: ClassVar[list[str]] = ["input_features", "attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 80,
        "num_mel_bins": 80,
        "do_ceptral_normalize": True,
        "normalize_means": True,
        "normalize_vars": True,
    }

    num_mel_bins: int
    do_ceptral_normalize: bool

    def __call__(
        self,
        raw_speech: Any,
        padding: Any = False,
        max_length: int | None = None,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Any = None,
        sampling_rate: int | None = None,
        return_attention_mask: bool | None = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, num_frames, num_mel_bins]``, and ``attention_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            padding: True or ``"longest"``, ``"max_length"``, False or ``"do_not_pad"``.
            max_length: In frames.
            truncation: Whether frames are cut to `max_length`.
            pad_to_multiple_of: What the number of frames is a multiple of.
            return_tensors: ``"np"``, ``"pt"``, or None for a list of arrays.
            sampling_rate: That of the recordings, which has to be the model's.
            return_attention_mask: Whether the mask is returned; by default the configuration says it.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        xs = recordings(raw_speech)
        found = [self._extractor.num_frames(len(x)) for x in xs]
        lengths = self._lengths(how, found)
        # Without the samples of frames that are cut off, statistics are of those that are left.
        length, shift = self._extractor._transform.frame_samples
        most = [
            len(x) if kept == of else (kept - 1) * shift + length
            for x, kept, of in zip(xs, lengths.kept, found, strict=True)
        ]
        cut = [x[:num_samples] for x, num_samples in zip(xs, most, strict=True)]
        rows = lengths.pad(self._rows(cut), self.padding_value)
        data: dict[str, Any] = {"input_features": rows if self.do_ceptral_normalize else stacked(rows)}
        if self._is_masked(return_attention_mask):
            data["attention_mask"] = lengths.masks()
        return BatchFeature(data, return_tensors)


class FunAsrNanoFeatureExtractor(FeatureExtractor):
    """Fun-ASR-Nano's: FunASR's low frame rate."""

    model_input_names: ClassVar[list[str]] = ["input_features", "input_features_mask"]
    defaults: ClassVar[dict[str, Any]] = {"feature_size": 80, "num_frames_lfr": 7, "stride_lfr": 6}

    def __call__(
        self,
        raw_speech: Any,
        sampling_rate: int | None = None,
        return_tensors: Any = "pt",
        padding: Any = True,
        max_length: int | None = None,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, num_rows, feature_size * num_frames_lfr]``, and ``input_features_mask``.

        Args:
            raw_speech: As Speech2Text's, and so are the others that are not here.
            return_tensors: ``"pt"``, ``"np"``; None is tensors of PyTorch, where it is installed.
        """
        self._check_rate(sampling_rate)
        rows = self._rows(recordings(raw_speech))
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        lengths = self._lengths(how, [len(of) for of in rows])
        data: dict[str, Any] = {"input_features": stacked(lengths.pad(rows, self.padding_value))}
        if self._is_masked(return_attention_mask):
            data["input_features_mask"] = stacked(lengths.masks())
        return BatchFeature(data, tensors_or(return_tensors))


class ASTFeatureExtractor(FeatureExtractor):
    """The Audio Spectrogram Transformer's: rows are padded or cut to `max_length`, and then normalised by constants."""

    model_input_names: ClassVar[list[str]] = ["input_values", "attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 1,
        "num_mel_bins": 128,
        "max_length": 1024,
        "do_normalize": True,
        "mean": -4.2677393,
        "std": 4.5689974,
        "return_attention_mask": False,
    }

    max_length: int
    do_normalize: bool
    mean: float
    std: float

    def __call__(
        self, raw_speech: Any, sampling_rate: int | None = None, return_tensors: Any = None, **kwargs: Any
    ) -> BatchFeature:
        """Compute ``input_values`` ``[batch, max_length, num_mel_bins]``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            sampling_rate: That of the recordings, which has to be the model's.
            return_tensors: ``"np"``, ``"pt"``, or None for a list of arrays.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        rows: list[Rows] = self._rows(recordings(raw_speech))
        kept = [min(len(of), self.max_length) for of in rows]
        lengths = Lengths(kept, [self.max_length] * len(rows), "right")
        # It is 0 before it is normalised.
        value = (0.0 - self.mean) / (2 * self.std) if self.do_normalize else 0.0
        return BatchFeature({"input_values": lengths.pad(rows, value)}, return_tensors)
