"""The classes that are known, by the names that configurations have."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

from ossicle._errors import wrong
from ossicle.transformers._base import FeatureExtractor
from ossicle.transformers._clap import ClapFeatureExtractor
from ossicle.transformers._config import read_config
from ossicle.transformers._gemma import Gemma3nAudioFeatureExtractor, Gemma4AudioFeatureExtractor, LasrFeatureExtractor
from ossicle.transformers._granite import GraniteSpeech5FeatureExtractor, GraniteSpeechFeatureExtractor
from ossicle.transformers._kaldi import (
    ASTFeatureExtractor,
    FunAsrNanoFeatureExtractor,
    SeamlessM4TFeatureExtractor,
    Speech2TextFeatureExtractor,
)
from ossicle.transformers._nemo import (
    CohereAsrFeatureExtractor,
    NemotronAsrStreamingFeatureExtractor,
    ParakeetFeatureExtractor,
    Phi4MultimodalFeatureExtractor,
)
from ossicle.transformers._wave import (
    OmniASRFeatureExtractor,
    SpeechT5FeatureExtractor,
    UnivNetFeatureExtractor,
    Wav2Vec2FeatureExtractor,
)
from ossicle.transformers._whisper import (
    Qwen3ASRFeatureExtractor,
    VoxtralRealtimeFeatureExtractor,
    WhisperFeatureExtractor,
)
from ossicle.transformers._windows import Dots3NoteFeatureExtractor, MossTranscribeDiarizeFeatureExtractor

_CLASSES: dict[str, type[FeatureExtractor]] = {
    of.__name__: of
    for of in (
        ASTFeatureExtractor,
        ClapFeatureExtractor,
        CohereAsrFeatureExtractor,
        Dots3NoteFeatureExtractor,
        FunAsrNanoFeatureExtractor,
        Gemma3nAudioFeatureExtractor,
        Gemma4AudioFeatureExtractor,
        GraniteSpeech5FeatureExtractor,
        GraniteSpeechFeatureExtractor,
        LasrFeatureExtractor,
        MossTranscribeDiarizeFeatureExtractor,
        NemotronAsrStreamingFeatureExtractor,
        OmniASRFeatureExtractor,
        ParakeetFeatureExtractor,
        Phi4MultimodalFeatureExtractor,
        Qwen3ASRFeatureExtractor,
        SeamlessM4TFeatureExtractor,
        Speech2TextFeatureExtractor,
        SpeechT5FeatureExtractor,
        UnivNetFeatureExtractor,
        VoxtralRealtimeFeatureExtractor,
        Wav2Vec2FeatureExtractor,
        WhisperFeatureExtractor,
    )
}
# What the first models of Wav2Vec2-BERT said.
_CLASSES["Wav2Vec2BertFeatureExtractor"] = SeamlessM4TFeatureExtractor


def known_classes() -> list[str]:
    """Return the names of transformers' classes that `feature_extractor` makes."""
    return sorted(_CLASSES)


def feature_extractor(
    config: str | os.PathLike[str] | Mapping[str, Any] | Any,
    *,
    window: Literal["30s", "recording"] | None = None,
    jobs: int | None = None,
) -> Any:
    """Make the feature extractor that a configuration of transformers describes.

    Args:
        config: The path of a ``preprocessor_config.json`` or ``processor_config.json``, or of the model's folder that
            holds one; a dict; or what has `to_dict`, as a feature extractor of transformers. Nothing is downloaded.
        window: Of Whisper's: ``"30s"`` computes longer recordings that are not cut in windows of 30 s, each with its own
            maximum; ``"recording"`` neither pads to 30 s nor cuts.
        jobs: Threads for several recordings; by default one a core.

    Returns:
        What is called as the original is, and returns the same: see the class of this name in this package.

    Raises:
        Error: The class is not known, or a key of the configuration.
        OSError: The file is not there, or cannot be read.
    """
    keys = read_config(config)
    name = keys["feature_extractor_type"]
    if name not in _CLASSES:
        raise wrong(f"transformers' {name} is not known; those that are: {', '.join(known_classes())}")
    settings: dict[str, Any] = {"jobs": jobs}
    if window is not None:
        if name != "WhisperFeatureExtractor":
            raise wrong(f"window is {window!r}, and {name} has none", "leave window away")
        settings["window"] = window
    return _CLASSES[name](**{**keys, **settings})
