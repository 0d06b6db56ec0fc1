"""Classes of kaldi-native-fbank 1.23, with its names, arguments and defaults.

Samples are taken as they stand, as there. Rows are computed of whole recordings: they are ready when `input_finished` has
been called, and none before.

>>> opts = FbankOptions()
>>> opts.frame_opts.dither = 0
>>> opts.mel_opts.num_bins = 80
>>> fbank = OnlineFbank(opts)
>>> fbank.accept_waveform(16000, np.zeros(16000, dtype=np.float32))
>>> fbank.num_frames_ready
0
>>> fbank.input_finished()
>>> fbank.num_frames_ready, fbank.get_frame(0).shape
(98, (80,))
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from ossicle import _samples
from ossicle._errors import wrong
from ossicle.compliance._recipe import EPSILON, WINDOWS, energy_keys, mel_keys, planned

__all__ = [
    "FbankOptions",
    "FrameExtractionOptions",
    "MelBanksOptions",
    "MfccOptions",
    "OnlineFbank",
    "OnlineMfcc",
]


class _Options:
    """What options have in common: a dict and back."""

    __slots__ = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the options as a dict."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    @classmethod
    def from_dict(cls, options: dict[str, Any]) -> Any:
        """Make options of a dict."""
        inner = {"frame_opts": FrameExtractionOptions, "mel_opts": MelBanksOptions}
        return cls(**{name: inner[name](**value) if name in inner else value for name, value in options.items()})


@dataclass(slots=True)
class FrameExtractionOptions(_Options):
    """How frames are cut and weighted."""

    samp_freq: float = 16000.0
    frame_shift_ms: float = 10.0
    frame_length_ms: float = 25.0
    dither: float = 0.00003
    """The standard deviation of noise in the samples' units; other noise than kaldi-native-fbank's."""
    preemph_coeff: float = 0.97
    remove_dc_offset: bool = True
    window_type: str = "povey"
    """``"povey"``, ``"hanning"``, ``"hann"`` (periodic), ``"hamming"``, ``"sine"``, ``"rectangular"``, ``"blackman"``."""
    round_to_power_of_two: bool = True
    blackman_coeff: float = 0.42
    snip_edges: bool = True


@dataclass(slots=True)
class MelBanksOptions(_Options):
    """How the mel filters lie."""

    num_bins: int = 25
    low_freq: float = 20.0
    high_freq: float = 0.0
    vtln_low: float = 100.0
    vtln_high: float = -500.0
    debug_mel: bool = False
    htk_mode: bool = False
    """Not computed: an error."""
    is_librosa: bool = False
    norm: str = "slaney"
    use_slaney_mel_scale: bool = True
    floor_to_int_bin: bool = False
    """Not computed: an error."""


def _filters_of_kaldi() -> MelBanksOptions:
    return MelBanksOptions(num_bins=23)


@dataclass(slots=True)
class FbankOptions(_Options):
    """What mel energies are computed."""

    frame_opts: FrameExtractionOptions = field(default_factory=FrameExtractionOptions)
    mel_opts: MelBanksOptions = field(default_factory=_filters_of_kaldi)
    use_energy: bool = False
    energy_floor: float = 0.0
    raw_energy: bool = True
    htk_compat: bool = False
    use_log_fbank: bool = True
    use_log_floor: bool = True
    eps: float = EPSILON
    use_power: bool = True

    def _feature(self) -> tuple[str, dict[str, Any]]:
        keys = _filters(self.mel_opts) | {"spectrum": "power" if self.use_power else "magnitude", "log": "none"}
        if self.use_log_fbank:
            keys |= {"log": "ln", "floor": self.eps, "floor_mode": "raise" if self.use_log_floor else "add"}
        if self.use_energy:
            keys |= energy_keys(self.raw_energy, self.energy_floor, "last" if self.htk_compat else "first")
        return "mel", keys


@dataclass(slots=True)
class MfccOptions(_Options):
    """What cepstra are computed."""

    frame_opts: FrameExtractionOptions = field(default_factory=FrameExtractionOptions)
    mel_opts: MelBanksOptions = field(default_factory=_filters_of_kaldi)
    num_ceps: int = 13
    use_energy: bool = True
    energy_floor: float = 0.0
    raw_energy: bool = True
    cepstral_lifter: float = 22.0
    htk_compat: bool = False

    def _feature(self) -> tuple[str, dict[str, Any]]:
        keys = _filters(self.mel_opts) | {"log": "ln", "floor": EPSILON}
        keys |= {"num_ceps": self.num_ceps, "cepstral_lifter": self.cepstral_lifter}
        if self.use_energy:
            keys |= energy_keys(self.raw_energy, self.energy_floor, "last" if self.htk_compat else "first")
        elif self.htk_compat:
            keys["c0"] = "last"
        return "mfcc", keys


_Of = TypeVar("_Of", FbankOptions, MfccOptions)


class _Online(Generic[_Of]):
    """Features of a recording that comes in pieces."""

    def __init__(self, opts: _Of) -> None:
        self._opts: _Of = copy.deepcopy(opts)
        kind, keys = self._opts._feature()
        frame_opts = self._opts.frame_opts
        keys = _front(frame_opts) | keys
        self._transform = planned(_rate(frame_opts), _frames(frame_opts), kind, tuple(keys.items()))
        self._pieces: list[npt.NDArray[Any]] = []
        self._rows: npt.NDArray[np.float32] | None = None
        self._popped = 0

    @property
    def dim(self) -> int:
        """The number of columns."""
        return len(self._transform.arrays[0][1])

    @property
    def frame_shift_in_seconds(self) -> float:
        """The time from one row to the next."""
        return self._opts.frame_opts.frame_shift_ms / 1000.0

    @property
    def num_frames_ready(self) -> int:
        """The number of rows: none before `input_finished`."""
        return 0 if self._rows is None else len(self._rows)

    def accept_waveform(self, sampling_rate: float, waveform: Any) -> None:
        """Take more samples.

        Args:
            sampling_rate: That of the options.
            waveform: 1-D: an array, a list, or what has ``__array__``.

        Raises:
            ValueError: The rate is another, these are no samples, or the input is finished.
        """
        if sampling_rate != self._opts.frame_opts.samp_freq:
            raise wrong("sampling_rate does not match the options", "pass opts.frame_opts.samp_freq, or resample before")
        if self._rows is not None:
            raise wrong("the input is finished", "make another for another recording")
        array = _samples.as_array(waveform, "waveform")
        if array.ndim != 1 or array.dtype.kind not in "fiu":
            raise wrong(f"waveform has the shape {array.shape} and numbers of type {array.dtype}; it must be 1-D")
        # Integers are taken as they stand, too. The caller may change its own.
        self._pieces.append(np.array(array, dtype=np.float32))

    def input_finished(self) -> None:
        """Compute the rows of all samples."""
        if self._rows is not None:
            return
        samples = np.concatenate(self._pieces) if self._pieces else np.empty(0, dtype=np.float32)
        self._pieces = []
        if self._transform.num_frames(samples.size) == 0:
            self._rows = np.empty((0, self.dim), dtype=np.float32)
        else:
            self._rows = self._transform.rows(samples, "waveform", "", False)

    def get_frame(self, frame: int) -> npt.NDArray[np.float32]:
        """Return a row.

        Raises:
            IndexError: There is none of this number, or it was discarded.
        """
        if not self._popped <= frame < self.num_frames_ready:
            raise IndexError(f"frame {frame} is none of {self._popped} to {self.num_frames_ready - 1}")
        assert self._rows is not None
        row: npt.NDArray[np.float32] = self._rows[frame]
        return row

    def is_last_frame(self, frame: int) -> bool:
        """Whether it is the last row."""
        return self._rows is not None and frame == len(self._rows) - 1

    def pop(self, n: int) -> None:
        """Discard the first `n` rows of those that are left; the others keep their numbers."""
        self._popped = min(self._popped + max(n, 0), self.num_frames_ready)


class OnlineFbank(_Online[FbankOptions]):
    """Mel energies of a recording that comes in pieces."""


class OnlineMfcc(_Online[MfccOptions]):
    """Cepstra of a recording that comes in pieces."""


def _rate(opts: FrameExtractionOptions) -> int:
    if int(opts.samp_freq) != opts.samp_freq or opts.samp_freq <= 0:
        raise wrong(f"samp_freq is {opts.samp_freq}; ossicle takes whole numbers from 1")
    return int(opts.samp_freq)


def _frames(opts: FrameExtractionOptions) -> tuple[int, int, str]:
    # In single precision and rounded down, as Kaldi has them (feature-window.h, WindowShift).
    per_ms = np.float32(opts.samp_freq) * np.float32(0.001)
    length, shift = (int(per_ms * np.float32(ms)) for ms in (opts.frame_length_ms, opts.frame_shift_ms))
    return length, shift, "snip" if opts.snip_edges else "symmetric"


def _front(opts: FrameExtractionOptions) -> dict[str, Any]:
    if opts.window_type not in WINDOWS:
        raise wrong(f"invalid window type: {opts.window_type}", f"pass one of {', '.join(WINDOWS)}")
    keys: dict[str, Any] = {
        "dither": opts.dither,
        "remove_dc_offset": opts.remove_dc_offset,
        "preemphasis": opts.preemph_coeff,
        "window": WINDOWS[opts.window_type],
        "n_fft": "power-of-two" if opts.round_to_power_of_two else "frame",
    }
    if opts.window_type == "blackman":
        keys["blackman_coeff"] = opts.blackman_coeff
    return keys


def _filters(opts: MelBanksOptions) -> dict[str, Any]:
    for name in ("htk_mode", "floor_to_int_bin"):
        if getattr(opts, name):
            raise wrong(f"mel_opts.{name} is not computed by ossicle", f"set mel_opts.{name} = False")
    keys = mel_keys(opts.num_bins, opts.low_freq, opts.high_freq, opts.vtln_low, opts.vtln_high, 1.0)
    if opts.is_librosa:
        if opts.norm not in ("", "slaney"):
            raise wrong(f'mel_opts.norm is {opts.norm!r}; it must be "" or "slaney"')
        keys |= {
            "mel_scale": "slaney" if opts.use_slaney_mel_scale else "htk",
            "mel_triangles": "hz",
            "mel_norm": "area" if opts.norm == "slaney" else "peak",
        }
    return keys
