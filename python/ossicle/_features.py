"""Features in one call."""

from __future__ import annotations

import functools
import os
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, cast, overload

from ossicle import _ossicle, _reference, _settings
from ossicle._errors import wrong
from ossicle._extractor import Extractor, Recipe, rate, recipe_text

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ossicle._keys import MelSettings, MfccSettings, PlpSettings, SpectrogramSettings, SpikegramSettings, WaveformSettings
    from ossicle._types import Recording, Recordings, Rows


def presets() -> list[str]:
    """Return the names of the presets."""
    return list(_ossicle.preset_names())


@overload
def fbank(
    x: Recording, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[MelSettings]
) -> Rows: ...
@overload
def fbank(
    x: Recordings, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[MelSettings]
) -> list[Rows]: ...
def fbank(x: Any, *, sample_rate_hz: int = 16000, preset: Recipe = "kaldi-fbank", **settings: Any) -> Any:
    """Compute log mel energies, Kaldi's by default.

    >>> import numpy as np
    >>> fbank(np.zeros(16000, dtype=np.float32)).shape
    (98, 23)
    """
    return _compute("mel", x, sample_rate_hz, preset, settings)


@overload
def mel(
    x: Recording, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[MelSettings]
) -> Rows: ...
@overload
def mel(
    x: Recordings, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[MelSettings]
) -> list[Rows]: ...
def mel(x: Any, *, sample_rate_hz: int = 16000, preset: Recipe = "librosa-mel", **settings: Any) -> Any:
    """Compute a mel spectrogram, librosa's by default.

    >>> import numpy as np
    >>> mel(np.zeros(22050, dtype=np.int16), sample_rate_hz=22050, num_mel_bins=64).shape
    (44, 64)
    """
    return _compute("mel", x, sample_rate_hz, preset, settings)


@overload
def mfcc(
    x: Recording, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[MfccSettings]
) -> Rows: ...
@overload
def mfcc(
    x: Recordings, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[MfccSettings]
) -> list[Rows]: ...
def mfcc(x: Any, *, sample_rate_hz: int = 16000, preset: Recipe = "kaldi-mfcc", **settings: Any) -> Any:
    """Compute mel-frequency cepstral coefficients, Kaldi's by default.

    >>> import numpy as np
    >>> mfcc(np.zeros(16000, dtype=np.float32), deltas={"order": 2}).shape
    (98, 39)
    """
    return _compute("mfcc", x, sample_rate_hz, preset, settings)


@overload
def plp(
    x: Recording, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[PlpSettings]
) -> Rows: ...
@overload
def plp(
    x: Recordings, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[PlpSettings]
) -> list[Rows]: ...
def plp(x: Any, *, sample_rate_hz: int = 16000, preset: Recipe = "kaldi-plp", **settings: Any) -> Any:
    """Compute perceptual linear prediction cepstra, Kaldi's by default.

    >>> import numpy as np
    >>> plp(np.zeros(16000, dtype=np.float32)).shape
    (98, 13)
    """
    return _compute("plp", x, sample_rate_hz, preset, settings)


@overload
def spectrogram(
    x: Recording, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[SpectrogramSettings]
) -> Rows: ...
@overload
def spectrogram(
    x: Recordings, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[SpectrogramSettings]
) -> list[Rows]: ...
def spectrogram(x: Any, *, sample_rate_hz: int = 16000, preset: Recipe = "kaldi-spectrogram", **settings: Any) -> Any:
    """Compute a spectrogram, Kaldi's by default.

    >>> import numpy as np
    >>> spectrogram(np.zeros(16000, dtype=np.float32), shift="20ms").shape
    (49, 257)
    """
    return _compute("spectrogram", x, sample_rate_hz, preset, settings)


@overload
def spikegram(
    x: Recording, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[SpikegramSettings]
) -> Rows: ...
@overload
def spikegram(
    x: Recordings, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[SpikegramSettings]
) -> list[Rows]: ...
def spikegram(x: Any, *, sample_rate_hz: int = 16000, preset: Recipe = "timit-spikegram", **settings: Any) -> Any:
    """Compute a spikegram: matching pursuit with gammatones, counted in frames.

    Statistics of a corpus, which the preset is normalised by, are left out.

    >>> import numpy as np
    >>> spikegram(np.zeros(16000, dtype=np.float32), num_channels=8).shape
    (98, 54)
    """
    settings.setdefault("normalize", None)
    return _compute("spikegram", x, sample_rate_hz, preset, settings)


@overload
def waveform(
    x: Recording, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[WaveformSettings]
) -> Rows: ...
@overload
def waveform(
    x: Recordings, *, sample_rate_hz: int = ..., preset: Recipe = ..., **settings: Unpack[WaveformSettings]
) -> list[Rows]: ...
def waveform(x: Any, *, sample_rate_hz: int = 16000, preset: Recipe = "wav2vec2-wave", **settings: Any) -> Any:
    """Take the samples themselves, a row each: normalised as wav2vec 2.0 has them by default.

    >>> import numpy as np
    >>> waveform(np.zeros(16000, dtype=np.float32)).shape
    (16000, 1)
    """
    return _compute("waveform", x, sample_rate_hz, preset, settings)


_OPTIONS = frozenset(_reference.OPTIONS)


def _compute(
    kind: str, x: Any, sample_rate_hz: int, preset: Recipe, settings: dict[str, Any]
) -> Any:
    options: dict[str, Any] = {}
    if not _OPTIONS.isdisjoint(settings):
        options = {name: settings.pop(name) for name in _OPTIONS if name in settings}
    try:
        extractor = _planned(kind, cast("Hashable", preset), sample_rate_hz, *settings, *settings.values())
    except TypeError:
        # Lists and dicts are no keys of a cache.
        extractor = _plan(kind, preset, sample_rate_hz, settings)
    return extractor(x, **options) if options else extractor(x)


# Of the types of numbers, too: 1 and True are equal.
@functools.lru_cache(maxsize=64, typed=True)
def _planned(kind: str, preset: Hashable, sample_rate_hz: int, *settings: Any) -> Extractor:
    names, values = settings[: len(settings) // 2], settings[len(settings) // 2 :]
    if not isinstance(preset, str) or preset not in _ossicle.preset_names():
        # A file may be another the next time.
        raise TypeError
    return _plan(kind, preset, sample_rate_hz, dict(zip(names, values, strict=True)))


def _plan(kind: str, preset: Recipe, sample_rate_hz: int, settings: dict[str, Any]) -> Extractor:
    text, sets = recipe_text(preset), _settings.assignments(settings)
    transform = _ossicle.Transform(text, sets, rate(sample_rate_hz), None)
    other = [found for found in transform.kinds if found != kind]
    if other:
        name = "fbank" if other[0] == "mel" else other[0]
        raise wrong(
            f"the preset {os.fspath(preset)!r} is of another kind than {kind}: {other[0]}",
            f"call ossicle.{name}, or Extractor, which takes any recipe",
        )
    return Extractor._of(transform)


_reference.document(fbank, "mel")
_reference.document(mel, "mel")
_reference.document(mfcc, "mfcc")
_reference.document(plp, "plp")
_reference.document(spectrogram, "spectrogram")
_reference.document(spikegram, "spikegram")
_reference.document(waveform, "waveform")
