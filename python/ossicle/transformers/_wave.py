"""Those of the waveform: wav2vec 2.0's, and SpeechT5's with mel energies of targets; and UnivNet's mel energies."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong
from ossicle.transformers._base import FeatureExtractor, stacked
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._padding import Padding
from ossicle.transformers._speech import recordings, standardized


class _Waveform(FeatureExtractor):
    """What they have in common: samples that may be normalised, and padded."""

    model_input_names: ClassVar[list[str]] = ["input_values", "attention_mask"]

    do_normalize: bool

    def _waveforms(self, speech: Any, how: Padding, return_attention_mask: bool | None, name: str) -> dict[str, Any]:
        xs = recordings(speech, name=name)
        lengths = self._lengths(how, [len(x) for x in xs])
        is_masked = self._is_masked(return_attention_mask)
        if self.do_normalize and (is_masked or not how.pads):
            xs = [standardized(x[:kept]) for x, kept in zip(xs, lengths.kept, strict=True)]
        padded = lengths.pad(xs, self.padding_value)
        if self.do_normalize and how.pads and not is_masked:
            # Without a mask the padding counts, as the models without one had it.
            padded = [standardized(x) for x in padded]
        data: dict[str, Any] = {"input_values": padded if self.do_normalize else stacked(padded)}
        return data | ({"attention_mask": lengths.masks()} if is_masked else {})


class Wav2Vec2FeatureExtractor(_Waveform):
    """That of wav2vec 2.0, HuBERT, WavLM, UniSpeech, SEW, Moonshine and data2vec: the samples."""

    defaults: ClassVar[dict[str, Any]] = {"feature_size": 1, "do_normalize": True, "return_attention_mask": False}

    def __call__(
        self,
        raw_speech: Any,
        padding: Any = False,
        max_length: int | None = None,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: Any = None,
        sampling_rate: int | None = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_values`` ``[batch, num_samples]``, and ``attention_mask``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            padding: True or ``"longest"``, ``"max_length"``, False or ``"do_not_pad"``.
            max_length: In samples.
            truncation: Whether recordings are cut to `max_length`.
            pad_to_multiple_of: What the number of samples is a multiple of.
            return_attention_mask: Whether the mask is returned; by default the configuration says it. Without it,
                padding counts in the mean and the variance.
            return_tensors: ``"np"``, ``"pt"``, or None for a list of arrays.
            sampling_rate: That of the recordings, which has to be the model's.
            **kwargs: Passed over, as they are there.
        """
        self._check_rate(sampling_rate)
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        return BatchFeature(self._waveforms(raw_speech, how, return_attention_mask, "raw_speech"), return_tensors)


class OmniASRFeatureExtractor(FeatureExtractor):
    """That of Omnilingual ASR: the samples, with an axis for a channel."""

    model_input_names: ClassVar[list[str]] = ["input_values", "padding_mask"]
    defaults: ClassVar[dict[str, Any]] = {"feature_size": 1, "do_normalize": True}

    do_normalize: bool

    def __call__(
        self,
        audio: Any,
        sampling_rate: int | None = None,
        padding: Any = True,
        max_length: int | None = None,
        truncation: bool = False,
        return_attention_mask: bool | None = True,
        return_tensors: Any = "pt",
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_values`` ``[batch, 1, num_samples]``, and ``padding_mask``.

        Args:
            audio: Recordings as wav2vec 2.0's, and so are the others that are not here.
            return_attention_mask: Whether the mask is returned.
            return_tensors: ``"pt"``, ``"np"``, or None for arrays.
        """
        self._check_rate(sampling_rate)
        xs = recordings(audio, name="audio")
        lengths = self._lengths(Padding.of(padding, max_length, truncation, None), [len(x) for x in xs])
        if self.do_normalize:
            # As `layer_norm` of PyTorch.
            xs = [standardized(x[:kept], 1e-5) for x, kept in zip(xs, lengths.kept, strict=True)]
        data: dict[str, Any] = {"input_values": lengths.stack(xs, self.padding_value)[:, None, :]}
        if return_attention_mask:
            data["padding_mask"] = np.stack(lengths.masks())
        return BatchFeature(data, return_tensors)


class SpeechT5FeatureExtractor(_Waveform):
    """SpeechT5's: the samples of inputs, and mel energies of targets."""

    defaults: ClassVar[dict[str, Any]] = {"feature_size": 1, "do_normalize": False, "num_mel_bins": 80}

    num_mel_bins: int

    def __call__(
        self,
        audio: Any = None,
        audio_target: Any = None,
        padding: Any = False,
        max_length: int | None = None,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: Any = None,
        sampling_rate: int | None = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_values`` and ``attention_mask``; of targets beside inputs ``labels`` and ``decoder_attention_mask``.

        Args:
            audio: Recordings as wav2vec 2.0's, and so are the others that are not here.
            audio_target: Recordings whose mel energies ``[batch, num_frames, num_mel_bins]`` are computed, of which
                `max_length` counts the frames.
        """
        if audio is None and audio_target is None:
            raise wrong("You must provide either `audio` or `audio_target` values.")
        self._check_rate(sampling_rate)
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        data: dict[str, Any] = {}
        if audio is not None:
            data = self._waveforms(audio, how, return_attention_mask, "audio")
        if audio_target is not None:
            target = self._mels(audio_target, how, return_attention_mask)
            if audio is None:
                data = target
            else:
                data["labels"] = target["input_values"]
                if "attention_mask" in target:
                    data["decoder_attention_mask"] = target["attention_mask"]
        return BatchFeature(data, return_tensors)

    def _mels(self, target: Any, how: Padding, return_attention_mask: bool | None) -> dict[str, Any]:
        rows = self._rows(recordings(target, name="audio_target"))
        lengths = self._lengths(how, [len(of) for of in rows])
        data: dict[str, Any] = {"input_values": stacked(lengths.pad(rows, self.padding_value))}
        return data | ({"attention_mask": lengths.masks()} if self._is_masked(return_attention_mask) else {})


class UnivNetFeatureExtractor(FeatureExtractor):
    """UnivNet's: mel energies, and the noise that its generator takes."""

    model_input_names: ClassVar[list[str]] = ["input_features", "noise_sequence", "padding_mask"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 1,
        "sampling_rate": 24000,
        "do_normalize": False,
        "hop_length": 256,
        "max_length_s": 10,
        "model_in_channels": 64,
        "pad_end_length": 10,
    }

    do_normalize: bool
    hop_length: int
    max_length_s: int
    model_in_channels: int
    pad_end_length: int

    def __call__(
        self,
        raw_speech: Any,
        sampling_rate: int | None = None,
        padding: Any = True,
        max_length: int | None = None,
        truncation: bool = True,
        pad_to_multiple_of: int | None = None,
        return_noise: bool = True,
        generator: np.random.Generator | None = None,
        pad_end: bool = False,
        pad_length: int | None = None,
        do_normalize: bool | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: Any = None,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, num_frames, num_mel_bins]``, ``padding_mask`` and ``noise_sequence``.

        Args:
            raw_speech: As wav2vec 2.0's, and so are the others that are not here.
            max_length: In samples; by default that of 10 s.
            return_noise: Whether noise is returned, ``[batch, num_frames, model_in_channels]``.
            generator: What makes the noise; by default one that is new.
            pad_end: Whether recordings are completed with silence, before they are padded.
            pad_length: Of how many frames; by default the configuration says it.
            do_normalize: Whether energies are mapped to ±1; by default the configuration says it.
            return_attention_mask: Whether the mask of samples is returned.
        """
        self._check_rate(sampling_rate)
        xs = recordings(raw_speech)
        if pad_end:
            more = (self.pad_end_length if pad_length is None else pad_length) * self.hop_length
            xs = [np.pad(x, (0, more), constant_values=self.padding_value) for x in xs]
        if max_length is None:
            max_length = self.max_length_s * self.sampling_rate
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        lengths = self._lengths(how, [len(x) for x in xs])
        normalizes = self.do_normalize if do_normalize is None else bool(do_normalize)
        extractor = self._plan({"do_normalize": normalizes})
        rows = self._rows(lengths.pad(xs, self.padding_value), extractor)
        data: dict[str, Any] = {"input_features": rows}
        if self._is_masked(return_attention_mask):
            data["padding_mask"] = lengths.masks()
        if return_noise:
            data["noise_sequence"] = [self._noise(len(of), generator) for of in rows]
        return BatchFeature(data, return_tensors)

    def _noise(self, num_frames: int, generator: np.random.Generator | None) -> npt.NDArray[np.float32]:
        generator = np.random.default_rng() if generator is None else generator
        return generator.standard_normal((num_frames, self.model_in_channels), dtype=np.float32)
