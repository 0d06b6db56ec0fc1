"""Features in one call."""

from __future__ import annotations

import functools
from typing import Any

from ossicle import _ossicle, _settings
from ossicle._extractor import Extractor

_CALL = ("out", "layout", "dtype", "pad_to", "jobs", "id")


def presets() -> list[str]:
    """Return the names of the presets."""
    return list(_ossicle.preset_names())


@functools.lru_cache(maxsize=32)
def _planned(preset: str, sample_rate_hz: int, sets: tuple[str, ...]) -> Extractor:
    text = _ossicle.preset_text(preset)
    return Extractor._of(_ossicle.Transform(text, list(sets), sample_rate_hz, None))


def _compute(x: Any, sample_rate_hz: int, preset: str, kinds: tuple[str, ...], settings: Any) -> Any:
    options = {name: settings.pop(name) for name in _CALL if name in settings}
    text = _ossicle.preset_text(preset)
    if not any(f'kind = "{kind}"' in text for kind in kinds):
        raise ValueError(f"the preset {preset!r} is of another kind than {' or '.join(kinds)}")
    sets = tuple(_settings.assignments(settings))
    return _planned(preset, sample_rate_hz, sets)(x, **options)


def fbank(x: Any, *, sample_rate_hz: int = 16000, preset: str = "kaldi-fbank", **settings: Any) -> Any:
    """Compute log mel energies, Kaldi's by default.

    >>> import numpy as np
    >>> fbank(np.zeros(16000, dtype=np.float32)).shape
    (98, 23)
    """
    return _compute(x, sample_rate_hz, preset, ("mel",), settings)


def mel(x: Any, *, sample_rate_hz: int = 16000, preset: str = "librosa-mel", **settings: Any) -> Any:
    """Compute a mel spectrogram, librosa's by default."""
    return _compute(x, sample_rate_hz, preset, ("mel",), settings)


def mfcc(x: Any, *, sample_rate_hz: int = 16000, preset: str = "kaldi-mfcc", **settings: Any) -> Any:
    """Compute mel-frequency cepstral coefficients, Kaldi's by default."""
    return _compute(x, sample_rate_hz, preset, ("mfcc",), settings)


def plp(x: Any, *, sample_rate_hz: int = 16000, preset: str = "kaldi-plp", **settings: Any) -> Any:
    """Compute perceptual linear prediction cepstra, Kaldi's by default."""
    return _compute(x, sample_rate_hz, preset, ("plp",), settings)


def spectrogram(
    x: Any, *, sample_rate_hz: int = 16000, preset: str = "kaldi-spectrogram", **settings: Any
) -> Any:
    """Compute a spectrogram, Kaldi's by default."""
    return _compute(x, sample_rate_hz, preset, ("spectrogram",), settings)


def spikegram(
    x: Any, *, sample_rate_hz: int = 16000, preset: str = "timit-spikegram", **settings: Any
) -> Any:
    """Compute a spikegram: matching pursuit with gammatones, counted in frames. Statistics of a corpus, which
    the preset is normalised by, are left out."""
    settings.setdefault("normalize", None)
    return _compute(x, sample_rate_hz, preset, ("spikegram",), settings)


def _document() -> None:
    """Append the settings that each function takes to its description."""
    kinds = {fbank: "mel", mel: "mel", mfcc: "mfcc", plp: "plp", spectrogram: "spectrogram", spikegram: "spikegram"}
    for function, kind in kinds.items():
        lines = [
            "",
            "    Args:",
            "        x: Samples, mono: int16, float32 or float64; an array, or what has ``__array__`` or DLPack; a",
            "            2-D batch, or a list of recordings of any lengths.",
            "        sample_rate_hz: Their rate.",
            "        preset: The recipe that settings change; `ossicle.presets()` lists them.",
            "        out, layout, dtype, pad_to, jobs, id: As an `Extractor` takes them.",
        ]
        for key in _ossicle.reference():
            if key["table"] == "feature" and key["kind"] == kind or key["table"] in ("frames", "audio"):
                name = key["name"] if key["table"] == "feature" else f"{key['table']}.{key['name']}"
                meaning = " ".join(key["meaning"].split())
                lines.append(f"        {name}: {key['values']}; default {key['default']}. {meaning}")
        lines += ["", "    Returns:", "        float32 ``[num_frames, num_columns]``; of a batch or a list, one more axis or a list.", ""]
        function.__doc__ = (function.__doc__ or "").rstrip() + "\n" + "\n".join(lines)


_document()
