"""Google's, those of Gemma 3n, Gemma 4 and LASR: recordings are padded before their rows are computed."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ossicle.transformers._base import FeatureExtractor, Rows, tensors_or
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._padding import Padding
from ossicle.transformers._speech import recordings


class Gemma3nAudioFeatureExtractor(FeatureExtractor):
    """Gemma 3n's."""

    model_input_names: ClassVar[list[str]] = ["input_features", "input_features_mask"]
    defaults: ClassVar[dict[str, Any]] = {"feature_size": 128}

    def __init__(self, *, jobs: int | None = None, **config: Any) -> None:
        super().__init__(jobs=jobs, **config)
        length, self.hop_length = self._extractor._transform.frame_samples
        # Frames are cut a sample longer than their window.
        self.frame_length = length - 1

    def __call__(
        self,
        raw_speech: Any,
        padding: Any = "longest",
        max_length: int | None = 480_000,
        truncation: bool = True,
        pad_to_multiple_of: int | None = 128,
        return_tensors: Any = None,
        return_attention_mask: bool | None = True,
        *,
        sampling_rate: int | None = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, num_frames, feature_size]``, and ``input_features_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            padding: True or ``"longest"``, ``"max_length"``, False or ``"do_not_pad"``.
            max_length: In samples.
            truncation: Whether recordings are cut to `max_length`.
            pad_to_multiple_of: What the number of samples is a multiple of.
            return_tensors: ``"np"``, ``"pt"``, or None for lists of arrays.
            return_attention_mask: Whether the mask is returned.
            sampling_rate: That of the recordings, which has to be the model's; the original passes it over.
            **kwargs: Passed over, as they are there.
        """
        if sampling_rate is not None:
            self._check_rate(sampling_rate)
        xs = recordings(raw_speech)
        lengths = self._lengths(Padding.of(padding, max_length, truncation, pad_to_multiple_of), [len(x) for x in xs])
        rows = self._rows(lengths.pad(xs, self.padding_value))
        masks = [self._of_frames(mask, len(of)) for mask, of in zip(lengths.masks(), rows, strict=True)]
        data: dict[str, Any] = {"input_features": self._blanked(rows, masks)}
        if return_attention_mask:
            data["input_features_mask"] = masks
        return BatchFeature(data, return_tensors)

    def _of_frames(self, mask: npt.NDArray[np.int32], num_frames: int) -> npt.NDArray[np.bool_]:
        """Take the mask of frames from that of samples: those whose first is one of the recording."""
        return mask[:: self.hop_length][:num_frames].astype(bool)

    def _blanked(self, rows: list[Rows], masks: list[npt.NDArray[np.bool_]]) -> list[Rows]:
        return rows


class Gemma4AudioFeatureExtractor(Gemma3nAudioFeatureExtractor):
    """Gemma 4's: frames that are not whole in the recording are 0."""

    defaults: ClassVar[dict[str, Any]] = {"feature_size": 128}

    def _of_frames(self, mask: npt.NDArray[np.int32], num_frames: int) -> npt.NDArray[np.bool_]:
        # Half a frame is padded on the left.
        last = np.arange(num_frames) * self.hop_length + self.frame_length - self.frame_length // 2
        return mask[last].astype(bool)

    def _blanked(self, rows: list[Rows], masks: list[npt.NDArray[np.bool_]]) -> list[Rows]:
        return [of * mask[:, None] for of, mask in zip(rows, masks, strict=True)]


class LasrFeatureExtractor(FeatureExtractor):
    """LASR's, and MedASR's."""

    model_input_names: ClassVar[list[str]] = ["input_features", "attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {"feature_size": 128, "hop_length": 160, "win_length": 400}

    hop_length: int
    win_length: int

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
        """Compute ``input_features`` ``[batch, num_frames, feature_size]``, and ``attention_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand. Of
                ``[num_samples, channels]`` the mean is taken.
            truncation: Whether recordings are cut to `max_length`.
            pad_to_multiple_of: What the number of samples is a multiple of.
            return_tensors: ``"pt"``, ``"np"``; None is tensors of PyTorch, where it is installed.
            return_attention_mask: Whether the mask of frames is returned; it is not unless it is asked for.
            padding: ``"longest"`` or True, ``"max_length"``, ``"do_not_pad"`` or False.
            max_length: In samples.
            sampling_rate: That of the recordings, which has to be the model's.
            do_normalize: Passed over, as it is there.
            device: Passed over: all is computed by the CPU.
            return_token_timestamps: Passed over, as it is there.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech, "mean")
        lengths = self._lengths(Padding.of(padding, max_length, truncation, pad_to_multiple_of), [len(x) for x in xs])
        data: dict[str, Any] = {
            "input_features": self._extractor(lengths.stack(xs, self.padding_value), jobs=self._jobs)
        }
        if return_attention_mask:
            masks = np.stack(lengths.masks())
            data["attention_mask"] = masks[:, self.win_length - 1 :: self.hop_length].astype(bool)
        return BatchFeature(data, tensors_or(return_tensors))
