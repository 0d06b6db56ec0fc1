"""Whisper's features, and those of Qwen3-ASR and Voxtral Realtime: recordings are padded before their rows are computed."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.transformers._base import FeatureExtractor, tensors_or
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._padding import Lengths, Padding
from ossicle.transformers._speech import Samples, recordings, standardized


class Mel(FeatureExtractor):
    """What they have in common: frames every `hop_length` samples of `n_samples`, a row a bin."""

    n_fft: int
    hop_length: int
    chunk_length: int

    def __init__(self, *, jobs: int | None = None, **config: Any) -> None:
        super().__init__(jobs=jobs, **config)
        self.n_samples = self.chunk_length * self.sampling_rate
        self.nb_max_frames = self.n_samples // self.hop_length

    def _columns(self, samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return self._extractor(samples, layout="columns", jobs=self._jobs)

    def _of_frames(self, masks: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        """Take the mask of frames from that of samples; the last frame is left out."""
        return masks[:, :: self.hop_length][:, : masks.shape[1] // self.hop_length]


class WhisperFeatureExtractor(Mel):
    """Whisper's, which Qwen2-Audio, Qwen2.5-Omni, Voxtral and Audio Flamingo 3 have too.

    Args:
        window: What the maximum is taken of, and what recordings are padded to. None: as the original, recordings are
            padded and cut to 30 s, and those that are not cut have one maximum. ``"30s"``: those that are not cut
            (``truncation=False``) are windows of 30 s, each padded and with its own maximum. ``"recording"``: they are
            neither padded to 30 s nor cut unless `max_length` says so.
        jobs: Threads for several recordings; by default one a core.
        **config: Keys of the configuration.
    """

    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 80,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
        "return_attention_mask": False,
    }

    def __init__(
        self, *, window: Literal["30s", "recording"] | None = None, jobs: int | None = None, **config: Any
    ) -> None:
        if window not in (None, "30s", "recording"):
            raise wrong(f'window is {window!r}; it must be None, "30s" or "recording"')
        super().__init__(jobs=jobs, **config)
        self.window = window

    def __call__(
        self,
        raw_speech: Any,
        truncation: bool = True,
        pad_to_multiple_of: int | None = None,
        return_tensors: Any = None,
        return_attention_mask: bool | None = None,
        padding: Any = "max_length",
        max_length: int | None = None,
        sampling_rate: int | None = None,
        do_normalize: bool | None = None,
        device: Any = "cpu",
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, feature_size, num_frames]``, and ``attention_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            truncation: Whether recordings are cut to `max_length`.
            pad_to_multiple_of: What the number of samples is a multiple of.
            return_tensors: ``"np"``, ``"pt"``, or None for arrays.
            return_attention_mask: Whether the mask of frames is returned.
            padding: ``"max_length"``, ``"longest"`` or True, ``"do_not_pad"`` or False.
            max_length: In samples; by default that of 30 s.
            sampling_rate: That of the recordings, which has to be the model's.
            do_normalize: Whether recordings get a mean of 0 and a variance of 1 before.
            device: Passed over: all is computed by the CPU.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech)
        if not max_length and self.window != "recording":
            max_length = self.n_samples
        if not max_length:
            padding, truncation = "longest" if padding == "max_length" else padding, False
        how = Padding.of(padding, max_length or None, truncation, pad_to_multiple_of)
        lengths = self._lengths(how, [len(x) for x in xs])
        is_windowed = self.window == "30s" and max(lengths.totals) > self.n_samples
        if is_windowed:
            lengths = Lengths(
                lengths.kept, [-(-n // self.n_samples) * self.n_samples for n in lengths.totals], lengths.side
            )
        if do_normalize:
            xs = [standardized(x[:kept]) for x, kept in zip(xs, lengths.kept, strict=True)]
        samples = lengths.stack(xs, self.padding_value)
        data: dict[str, Any] = {"input_features": self._windows(samples) if is_windowed else self._columns(samples)}
        if return_attention_mask:
            data["attention_mask"] = self._of_frames(np.stack(lengths.masks()))
        elif self._is_masked(return_attention_mask or do_normalize):
            # Where it is not asked for by the call itself, it stays one of samples.
            data["attention_mask"] = np.stack(lengths.masks())
        return BatchFeature(data, return_tensors)

    def _windows(self, samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
        extractor = self._plan(chunk=f"{self.n_samples}samples")
        return extractor(samples, layout="columns", jobs=self._jobs)


class Qwen3ASRFeatureExtractor(Mel):
    """Qwen3-ASR's: Whisper's, with frames padded to a multiple of ``2 * n_window``."""

    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 128,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
        "n_window": 50,
        "min_length": 8000,
    }

    n_window: int
    min_length: int

    def __call__(
        self,
        raw_speech: Any,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Any = "pt",
        return_attention_mask: bool | None = None,
        padding: Any = "max_length",
        max_length: int | None = None,
        sampling_rate: int | None = None,
        n_window: int | None = None,
        device: Any = "cpu",
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, feature_size, num_frames]``, and ``attention_mask``.

        Args:
            raw_speech: As Whisper's, and so are the others that are not here; shorter ones are padded to `min_length`.
            return_tensors: ``"pt"``, ``"np"``, or None for arrays.
            return_attention_mask: Whether the mask of frames is returned; it is not unless it is asked for.
            n_window: Half of what the number of frames is a multiple of, or 0.
        """
        self._check_rate(sampling_rate)
        xs = [_at_least(x, self.min_length) for x in recordings(raw_speech)]
        how = Padding.of(padding, max_length or self.n_samples, truncation, pad_to_multiple_of)
        lengths = self._lengths(how, [len(x) for x in xs])
        features = self._columns(lengths.stack(xs, self.padding_value))
        masks = self._of_frames(np.stack(lengths.masks()))
        multiple = 2 * (self.n_window if n_window is None else n_window)
        if multiple > 1 and (more := -features.shape[-1] % multiple):
            features = np.pad(features, [(0, 0), (0, 0), (0, more)])
            masks = np.pad(masks, [(0, 0), (0, more)])
        data = {"input_features": features} | ({"attention_mask": masks} if return_attention_mask else {})
        return BatchFeature(data, return_tensors)


class VoxtralRealtimeFeatureExtractor(FeatureExtractor):
    """Voxtral Realtime's: Whisper's with a maximum that is fixed."""

    model_input_names: ClassVar[list[str]] = ["input_features", "attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 128,
        "hop_length": 160,
        "n_fft": 400,
        "win_length": 400,
        "global_log_mel_max": 1.5,
    }

    hop_length: int
    win_length: int
    global_log_mel_max: float | None

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
        center: bool = True,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, feature_size, num_frames]``, and ``attention_mask``.

        Args:
            raw_speech: As Whisper's, and so are the others that are not here; several channels are averaged.
            return_tensors: ``"pt"``, ``"np"``; None is tensors of PyTorch, where it is installed.
            center: Whether the first frame is about the first sample; otherwise it begins with it.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech, "mean")
        if self.global_log_mel_max is None and len(xs) > 1:
            raise wrong(
                "global_log_mel_max is None, so that recordings would depend on others of their batch",
                "pass one recording",
            )
        lengths = self._lengths(Padding.of(padding, max_length, truncation, pad_to_multiple_of), [len(x) for x in xs])
        samples = lengths.stack(xs, self.padding_value)
        if center:
            features = self._extractor(samples, layout="columns", jobs=self._jobs)
        else:
            extractor = self._plan(edges="snip", pad=None, drop_last=None)
            features = extractor(samples, layout="columns", jobs=self._jobs)[..., :-1]
        data: dict[str, Any] = {"input_features": features}
        if return_attention_mask:
            masks = np.stack(lengths.masks())
            data["attention_mask"] = masks[:, self.win_length - 1 :: self.hop_length].astype(bool)
        return BatchFeature(data, tensors_or(return_tensors))


def _at_least(x: Samples, min_length: int) -> Samples:
    return x if len(x) >= min_length else np.pad(x, (0, min_length - len(x)))
