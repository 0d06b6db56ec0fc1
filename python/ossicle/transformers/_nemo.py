"""NeMo's, those of Parakeet, Nemotron and Cohere's, and Phi-4-multimodal's: masks are of frames that hold samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.transformers._base import FeatureExtractor, Rows, placed, tensors_or
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._padding import Lengths, Padding
from ossicle.transformers._speech import Samples, recordings


class _Padded(FeatureExtractor):
    """What they have in common: padding on the right alone."""

    win_length: int
    hop_length: int

    def _padded(self, xs: Sequence[Samples], how: Padding) -> Lengths:
        lengths = self._lengths(how, [len(x) for x in xs])
        if self.padding_side != "right":
            raise wrong(f'padding_side is {self.padding_side!r}; of {type(self).__name__} ossicle has only "right"')
        lengths.require_equal()
        return lengths


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
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        return self._batch(recordings(raw_speech, "mean"), how, device, return_tensors)

    def _batch(self, xs: Sequence[Samples], how: Padding, device: Any, return_tensors: Any) -> BatchFeature:
        return placed(BatchFeature(self._features(xs, how), tensors_or(return_tensors)), device)

    def _features(self, xs: Sequence[Samples], how: Padding) -> dict[str, Any]:
        """Compute rows of each, and pad them with zeros as if they were the batch's."""
        samples = self._padded(xs, how)
        rows = self._rows([x[:kept] for x, kept in zip(xs, samples.kept, strict=True)])
        return _padded_rows(rows, 1 + samples.totals[0] // self.hop_length)


class NemotronAsrStreamingFeatureExtractor(ParakeetFeatureExtractor):
    """That of Nemotron's streaming recognisers: Parakeet's, not normalised."""

    n_fft: int
    preemphasis: float | None

    def __call__(  # type: ignore[override]
        self,
        raw_speech: Any,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Any = None,
        return_attention_mask: bool | None = None,
        padding: Any = "longest",
        max_length: int | None = None,
        sampling_rate: int | None = None,
        device: Any = "cpu",
        return_token_timestamps: bool | None = None,
        center: bool = True,
        is_last_audio_chunk: bool = False,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, num_frames, feature_size]``, and ``attention_mask``.

        Args:
            raw_speech: As Parakeet's, and so are the others that are not here.
            center: Whether the first frame is about the first sample; otherwise it begins with it, and none reaches past
                the last.
            is_last_audio_chunk: Whether zeros follow where frames are not centred, for those that a recording has else.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech, "mean")
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        data = self._features(xs, how) if center else self._whole_frames(xs, how, is_last_audio_chunk)
        return placed(BatchFeature(data, tensors_or(return_tensors)), device)

    def _whole_frames(self, xs: Sequence[Samples], how: Padding, is_last: bool) -> dict[str, Any]:
        samples = self._padded(xs, how)
        # What comes behind is not filtered with the last sample.
        filtered = [self._filtered(x[:kept]) for x, kept in zip(xs, samples.kept, strict=True)]
        more = self.n_fft // 2 - self.hop_length if is_last else 0
        filtered = [np.pad(x, (0, more)) for x in filtered]
        length = {"length": f"{self.n_fft}samples", "window_length": self.win_length}
        rows = self._rows(filtered, self._plan(edges="snip", pad=None, drop_last=None, preemphasis=0.0, **length))
        return _padded_rows(rows, 1 + (samples.totals[0] + more - self.n_fft) // self.hop_length)

    def _filtered(self, x: Samples) -> Samples:
        filtered = x.copy()
        filtered[1:] -= np.float32(self.preemphasis or 0.0) * x[:-1]
        return filtered


class CohereAsrFeatureExtractor(ParakeetFeatureExtractor):
    """Cohere Transcribe's: Parakeet's, of longer recordings cut at quiet places, with dither of another noise."""

    defaults: ClassVar[dict[str, Any]] = {
        **ParakeetFeatureExtractor.defaults,
        "feature_size": 128,
        "max_audio_clip_s": 35.0,
        "overlap_chunk_second": 5.0,
        "min_energy_window_samples": 1600,
    }

    max_audio_clip_s: float
    overlap_chunk_second: float
    min_energy_window_samples: int

    def _batch(self, xs: Sequence[Samples], how: Padding, device: Any, return_tensors: Any) -> BatchFeature:
        of_all = [self._cut(x) for x in xs]
        index = [
            (number, None if len(pieces) == 1 and len(pieces[0]) <= self._uncut else at)
            for number, pieces in enumerate(of_all)
            for at in range(len(pieces))
        ]
        batch = super()._batch([piece for pieces in of_all for piece in pieces], how, device, return_tensors)
        # Of each piece the number of its recording, and its own where that was looked at; it is never a tensor.
        batch["audio_chunk_index"] = index
        return batch

    @property
    def _uncut(self) -> float:
        """The samples of the longest recording that is not looked at."""
        return max(0.0, self.max_audio_clip_s - self.overlap_chunk_second) * self.sampling_rate

    def _cut(self, x: Samples) -> list[Samples]:
        most = max(1, round(self.max_audio_clip_s * self.sampling_rate))
        overlap = max(1, round(self.overlap_chunk_second * self.sampling_rate))
        pieces, first = [], 0
        while len(x) > self._uncut and first + most < len(x):
            end = self._quietest(x, max(first, first + most - overlap), first + most)
            end = max(first + 1, min(end, len(x)))
            pieces.append(x[first:end])
            first = end
        return [*pieces, x[first:]]

    def _quietest(self, x: Samples, first: int, end: int) -> int:
        """Return where the quietest window of a stretch begins, of those that follow one another."""
        step = self.min_energy_window_samples
        if end - first <= step:
            return (first + end) // 2
        starts = range(first, end - step, step)
        energies = [np.sqrt(np.square(x[at : at + step]).mean()) for at in starts]
        return starts[int(np.argmin(energies))]


def _padded_rows(rows: list[Rows], num_frames: int) -> dict[str, Any]:
    lengths = Lengths([len(of) for of in rows], [num_frames] * len(rows), "right")
    return {"input_features": lengths.stack(rows, 0.0), "attention_mask": np.stack(lengths.masks()).astype(bool)}


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
        return placed(BatchFeature(data, tensors_or(return_tensors)), device)

    def _blank(
        self, features: npt.NDArray[Any], kept: npt.NDArray[np.int64], num_frames: npt.NDArray[np.int64]
    ) -> None:
        """Set the logarithm of 1 where the original takes frames for empty: not in those that only begin in a recording."""
        for rows, num_samples, first in zip(features, kept, num_frames, strict=True):
            if num_samples != kept.max():
                rows[first : num_samples // self.hop_length - 1] = 0.0
