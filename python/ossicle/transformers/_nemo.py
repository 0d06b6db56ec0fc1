"""Those of Parakeet and Phi-4-multimodal: recordings are padded, and their masks are of frames that hold samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.transformers._base import FeatureExtractor, tensors_or
from ossicle.transformers._batch import BatchFeature, is_tensor
from ossicle.transformers._padding import Lengths, Padding
from ossicle.transformers._speech import Samples, recordings


class _Padded(FeatureExtractor):
    """What they have in common: tensors on a device, and padding on the right alone."""

    win_length: int
    hop_length: int

    def _padded(self, xs: Sequence[Samples], how: Padding) -> Lengths:
        lengths = self._lengths(how, [len(x) for x in xs])
        if self.padding_side != "right":
            raise wrong(f'padding_side is {self.padding_side!r}; of {type(self).__name__} ossicle has only "right"')
        if not lengths.are_equal:
            raise wrong("recordings of several lengths are one batch only when they are padded", "pass padding=True")
        return lengths

    def _on(self, device: Any, data: dict[str, Any], return_tensors: Any) -> BatchFeature:
        features = BatchFeature(data, tensors_or(return_tensors))
        is_elsewhere = device is not None and str(device) != "cpu" and any(map(is_tensor, data.values()))
        return features.to(device) if is_elsewhere else features


class ParakeetFeatureExtractor(_Padded):
    """That of Parakeet and Canary, which is NeMo's: rows are normalised by the recording."""

    model_input_names: ClassVar[list[str]] = ["input_features", "attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 80,
        "hop_length": 160,
        "n_fft": 512,
        "win_length": 400,
        "preemphasis": 0.97,
    }

    def __call__(
        self,
        raw_speech: Any,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Any = None,
        return_attention_mask: bool | None = None,
        padding: Any = "longest",
        max_length: int | None = None,
        sampling_rate: int | None = None,
        do_normalize: bool | None = None,
        device: Any = "cpu",
        return_token_timestamps: bool | None = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, 1 + num_samples // hop_length, feature_size]``, and ``attention_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand. Of
                ``[num_samples, channels]`` the mean is taken.
            truncation: Whether recordings are cut to `max_length`; the mask is of what is left of them.
            pad_to_multiple_of: What the number of samples is a multiple of.
            return_tensors: ``"pt"``, ``"np"``; None is tensors of PyTorch, where it is installed.
            return_attention_mask: Passed over, as it is there: the mask is always returned.
            padding: ``"longest"`` or True, ``"max_length"``, ``"do_not_pad"`` or False.
            max_length: In samples.
            sampling_rate: That of the recordings, which has to be the model's.
            do_normalize: Passed over, as it is there.
            device: Where tensors are put; all is computed by the CPU.
            return_token_timestamps: Passed over, as it is there.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech, "mean")
        samples = self._padded(xs, Padding.of(padding, max_length, truncation, pad_to_multiple_of))
        rows = self._rows([x[:kept] for x, kept in zip(xs, samples.kept, strict=True)])
        num_frames = 1 + samples.totals[0] // self.hop_length
        lengths = Lengths([len(of) for of in rows], [num_frames] * len(rows), "right")
        masks = np.stack(lengths.masks()).astype(bool)
        return self._on(device, {"input_features": lengths.stack(rows, 0.0), "attention_mask": masks}, return_tensors)


class Phi4MultimodalFeatureExtractor(_Padded):
    """Phi-4-multimodal's."""

    model_input_names: ClassVar[list[str]] = ["audio_input_features", "audio_embed_sizes", "audio_attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 80,
        "hop_length": 160,
        "n_fft": 512,
        "win_length": 400,
        "audio_compression_rate": 8,
        "audio_downsample_rate": 1,
        "audio_feat_stride": 1,
    }

    audio_compression_rate: int
    audio_downsample_rate: int
    audio_feat_stride: int

    def __call__(
        self,
        raw_speech: Any,
        sampling_rate: int | None = None,
        pad_to_multiple_of: int | None = None,
        padding: Any = "longest",
        max_length: int | None = None,
        truncation: bool = False,
        return_tensors: Any = None,
        return_attention_mask: bool | None = True,
        device: Any = "cpu",
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``audio_input_features``, ``audio_embed_sizes``, and of several recordings ``audio_attention_mask``.

        Args:
            raw_speech: As Parakeet's, and so are the others that are not here.
            return_attention_mask: Whether the mask is returned.

        Returns:
            Features ``[batch, num_frames, feature_size]``; the sizes ``[batch]`` are the numbers of tokens.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech, "mean")
        lengths = self._padded(xs, Padding.of(padding, max_length, truncation, pad_to_multiple_of))
        kept = np.array(lengths.kept, dtype=np.int64)
        num_frames = (kept - self.win_length) // self.hop_length + 1
        features = self._extractor(lengths.stack(xs, self.padding_value), jobs=self._jobs)
        self._blank(features, kept, num_frames)
        num_frames = num_frames * self.audio_feat_stride
        sizes = num_frames
        for every in (self.audio_compression_rate, self.audio_downsample_rate):
            sizes = (sizes + every - 1) // every
        data: dict[str, Any] = {"audio_input_features": features, "audio_embed_sizes": sizes}
        if return_attention_mask and len(xs) > 1:
            data["audio_attention_mask"] = np.arange(num_frames.max())[None, :] < num_frames[:, None]
        return self._on(device, data, return_tensors)

    def _blank(
        self, features: npt.NDArray[Any], kept: npt.NDArray[np.int64], num_frames: npt.NDArray[np.int64]
    ) -> None:
        """Set the logarithm of 1 where the original takes frames for empty: not in those that only begin in a recording."""
        for rows, num_samples, first in zip(features, kept, num_frames, strict=True):
            if num_samples != kept.max():
                rows[first : num_samples // self.hop_length - 1] = 0.0
