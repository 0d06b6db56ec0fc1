"""Those of Granite Speech: Whisper's logarithm of torchaudio's mel energies, two frames side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ossicle._errors import wrong
from ossicle.transformers._base import FeatureExtractor, placed, tensors_or
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._padding import Lengths, Padding
from ossicle.transformers._speech import Samples, recordings

# The frames side by side in a row.
_STACKED = 2


class GraniteSpeechFeatureExtractor(FeatureExtractor):
    """Granite Speech's."""

    model_input_names: ClassVar[list[str]] = ["input_features"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 80,
        "projector_window_size": 15,
        "projector_downsample_rate": 5,
    }

    projector_window_size: int
    projector_downsample_rate: int

    def __call__(self, audios: Any, device: Any = "cpu") -> BatchFeature:
        """Compute ``input_features``, ``audio_embed_sizes`` and ``input_features_mask``.

        Args:
            audios: A recording, a list of them, or an array of which each row is one; floats at ±1.
            device: Where tensors are put; all is computed by the CPU.

        Returns:
            Features ``[batch, num_rows, 2 * n_mels]``; the sizes are the numbers of tokens, and the mask is of these.
            Tensors of PyTorch, where it is installed, and else arrays.
        """
        xs = recordings(audios, name="audios")
        lengths = self._lengths(Padding.of("longest", None, False, None), [len(x) for x in xs])
        features = self._extractor(lengths.stack(xs, 0.0), jobs=self._jobs)
        sizes = self._num_tokens(lengths.kept)
        mask = np.arange(max(sizes))[None, :] < np.array(sizes)[:, None]
        batch = placed(BatchFeature({"input_features": features}, tensors_or(None)), device)
        batch["audio_embed_sizes"] = sizes
        batch["input_features_mask"] = BatchFeature({"mask": mask}, tensors_or(None)).mask
        return batch

    def _num_tokens(self, num_samples: Sequence[int]) -> list[int]:
        shift = self._extractor._transform.frame_samples[1]
        windows = [-(-((length // shift + 1) // _STACKED) // self.projector_window_size) for length in num_samples]
        return [num * (self.projector_window_size // self.projector_downsample_rate) for num in windows]


class GraniteSpeech5FeatureExtractor(FeatureExtractor):
    """Granite Speech 5's: with deltas."""

    model_input_names: ClassVar[list[str]] = ["input_features", "attention_mask"]
    defaults: ClassVar[dict[str, Any]] = {"num_mel_bins": 80, "hop_length": 160}

    num_mel_bins: int
    hop_length: int

    def __init__(self, *, jobs: int | None = None, **config: Any) -> None:
        super().__init__(jobs=jobs, **config)
        # Whatever was written: of a bin and its delta, of two frames.
        self.feature_size = 2 * _STACKED * self.num_mel_bins

    def __call__(
        self,
        raw_speech: Any,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_tensors: Any = None,
        padding: Any = "longest",
        max_length: int | None = None,
        sampling_rate: int | None = None,
        return_attention_mask: bool = True,
        device: Any = "cpu",
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, num_rows, feature_size]``, and ``attention_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand. Of
                ``[num_samples, channels]`` the mean is taken.
            truncation: Whether recordings are cut to `max_length`.
            pad_to_multiple_of: What the number of samples is a multiple of.
            return_tensors: ``"pt"``, ``"np"``; None is tensors of PyTorch, where it is installed.
            padding: ``"longest"`` or True, ``"max_length"``, ``"do_not_pad"`` or False.
            max_length: In samples.
            sampling_rate: That of the recordings, which has to be the model's.
            return_attention_mask: Whether the mask of rows is returned.
            device: Where tensors are put; all is computed by the CPU.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech, "mean")
        lengths = self._totals(
            xs, Padding.of(padding, max_length, truncation and max_length is not None, None), pad_to_multiple_of
        )
        samples = lengths.stack(xs, self.padding_value)
        extractor = self._extractor
        if (samples.shape[1] // self.hop_length) % _STACKED:
            # One frame more is taken then, for which a sample may be missing.
            extractor = self._plan(drop_last=None)
            samples = np.pad(samples, [(0, 0), (0, int(samples.shape[1] % self.hop_length == 0))])
        data: dict[str, Any] = {"input_features": extractor(samples, jobs=self._jobs)}
        if return_attention_mask:
            counts = -(-(np.array(lengths.kept) // self.hop_length) // _STACKED)
            data["attention_mask"] = (np.arange(data["input_features"].shape[1])[None, :] < counts[:, None]).astype(
                np.int64
            )
        return placed(BatchFeature(data, tensors_or(return_tensors)), device)

    def _totals(self, xs: list[Samples], how: Padding, pad_to_multiple_of: int | None) -> Lengths:
        """Return the one length that all are padded to: without padding too that is a multiple."""
        lengths = self._lengths(how, [len(x) for x in xs])
        multiple = pad_to_multiple_of or 1
        if how.strategy == "max_length":
            total = -(-(how.max_length or 0) // multiple) * multiple
            if total < max(lengths.kept):
                raise wrong(
                    f"a recording has {max(lengths.kept)} samples, and max_length is {how.max_length}",
                    "pass truncation=True, or a larger max_length",
                )
            return Lengths(lengths.kept, [total] * len(xs), "right")
        lengths.require_equal()
        total = -(-max(lengths.kept) // multiple) * multiple
        return Lengths(lengths.kept, [total] * len(xs), "right")
