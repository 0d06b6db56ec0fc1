"""The classes that are known, by the names that configurations have."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal

from ossicle._errors import wrong
from ossicle.transformers._base import FeatureExtractor
from ossicle.transformers._clap import ClapFeatureExtractor
from ossicle.transformers._config import read_config
from ossicle.transformers._gemma import Gemma3nAudioFeatureExtractor, Gemma4AudioFeatureExtractor
from ossicle.transformers._kaldi import (
    ASTFeatureExtractor,
    FunAsrNanoFeatureExtractor,
    SeamlessM4TFeatureExtractor,
    Speech2TextFeatureExtractor,
)
from ossicle.transformers._nemo import ParakeetFeatureExtractor, Phi4MultimodalFeatureExtractor
from ossicle.transformers._wave import SpeechT5FeatureExtractor, UnivNetFeatureExtractor, Wav2Vec2FeatureExtractor
from ossicle.transformers._whisper import (
    Qwen3ASRFeatureExtractor,
    VoxtralRealtimeFeatureExtractor,
    WhisperFeatureExtractor,
)

_CLASSES: dict[str, type[FeatureExtractor]] = {
    "ASTFeatureExtractor": ASTFeatureExtractor,
    "ClapFeatureExtractor": ClapFeatureExtractor,
    "FunAsrNanoFeatureExtractor": FunAsrNanoFeatureExtractor,
    "Gemma3nAudioFeatureExtractor": Gemma3nAudioFeatureExtractor,
    "Gemma4AudioFeatureExtractor": Gemma4AudioFeatureExtractor,
    "ParakeetFeatureExtractor": ParakeetFeatureExtractor,
    "Phi4MultimodalFeatureExtractor": Phi4MultimodalFeatureExtractor,
    "Qwen3ASRFeatureExtractor": Qwen3ASRFeatureExtractor,
    "SeamlessM4TFeatureExtractor": SeamlessM4TFeatureExtractor,
    "Speech2TextFeatureExtractor": Speech2TextFeatureExtractor,
    "SpeechT5FeatureExtractor": SpeechT5FeatureExtractor,
    "UnivNetFeatureExtractor": UnivNetFeatureExtractor,
    "VoxtralRealtimeFeatureExtractor": VoxtralRealtimeFeatureExtractor,
    # What the first models of Wav2Vec2-BERT said.
    "Wav2Vec2BertFeatureExtractor": SeamlessM4TFeatureExtractor,
    "Wav2Vec2FeatureExtractor": Wav2Vec2FeatureExtractor,
    "WhisperFeatureExtractor": WhisperFeatureExtractor,
}


def known_classes() -> list[str]:
    """Return the names of transformers' classes that `feature_extractor` makes."""
    return list(_CLASSES)


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
        raise wrong(f"transformers' {name} is not known; those that are: {', '.join(_CLASSES)}")
    settings: dict[str, Any] = {"jobs": jobs}
    if window is not None:
        if name != "WhisperFeatureExtractor":
            raise wrong(f"window is {window!r}, and {name} has none", "leave window away")
        settings["window"] = window
    return _CLASSES[name](**{**keys, **settings})
