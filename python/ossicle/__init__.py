"""Speech features, exactly and fast.

>>> import numpy as np
>>> import ossicle
>>> x = np.zeros(16000, dtype=np.float32)
>>> ossicle.fbank(x, num_mel_bins=40).shape
(98, 40)

Samples are mono, at full scale of ±1 (int16 is divided by 32768). Arrays are float32, C order, one row a frame.
"""

from ossicle._audio import AudioInfo, audio_info, load_audio, resample
from ossicle._compare import Comparison, compare
from ossicle._extract import extract
from ossicle._extractor import Extractor
from ossicle._features import fbank, mel, mfcc, plp, presets, spectrogram, spikegram, waveform
from ossicle._looks import discover, info, verify
from ossicle._open import open
from ossicle._ossicle import AudioError, CorpusError, DatasetError, Error, __version__
from ossicle._outcome import Foreseen, Outcome, ShareOutcome
from ossicle._plan import plan
from ossicle._show import Picture, show
from ossicle._stream import stream

__all__ = [
    "AudioError",
    "AudioInfo",
    "Comparison",
    "CorpusError",
    "DatasetError",
    "Error",
    "Extractor",
    "Foreseen",
    "Outcome",
    "Picture",
    "ShareOutcome",
    "__version__",
    "audio_info",
    "compare",
    "discover",
    "extract",
    "fbank",
    "info",
    "load_audio",
    "mel",
    "mfcc",
    "open",
    "plan",
    "plp",
    "presets",
    "resample",
    "show",
    "spectrogram",
    "spikegram",
    "stream",
    "verify",
    "waveform",
]
