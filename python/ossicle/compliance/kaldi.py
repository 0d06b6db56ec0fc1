"""The functions of `torchaudio.compliance.kaldi`, with the arguments and defaults of torchaudio 2.11.

Tensors of PyTorch give tensors of the same type; anything else gives NumPy arrays. All is computed in float32, on
the CPU, without gradients. Samples are taken as they stand: Kaldi's own are those of ±1 times 32768.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle import _samples
from ossicle._errors import wrong
from ossicle.compliance._recipe import EPSILON, WINDOWS, energy_keys, mel_keys, planned

__all__ = [
    "fbank",
    "get_mel_banks",
    "inverse_mel_scale",
    "inverse_mel_scale_scalar",
    "mel_scale",
    "mel_scale_scalar",
    "mfcc",
    "spectrogram",
    "vtln_warp_freq",
    "vtln_warp_mel_freq",
]

MILLISECONDS_TO_SECONDS = 0.001
# Those that torchaudio knows.
_WINDOWS = ("hamming", "hanning", "povey", "rectangular", "blackman")


def spectrogram(
    waveform: Any,
    blackman_coeff: float = 0.42,
    channel: int = -1,
    dither: float = 0.0,
    energy_floor: float = 1.0,
    frame_length: float = 25.0,
    frame_shift: float = 10.0,
    min_duration: float = 0.0,
    preemphasis_coefficient: float = 0.97,
    raw_energy: bool = True,
    remove_dc_offset: bool = True,
    round_to_power_of_two: bool = True,
    sample_frequency: float = 16000.0,
    snip_edges: bool = True,
    subtract_mean: bool = False,
    window_type: str = "povey",
) -> Any:
    """Compute log powers of the bins, the log energy in the first column.

    Args:
        waveform: Samples ``[channels, num_samples]``.

    Returns:
        ``[num_frames, n_fft // 2 + 1]``; empty if it is shorter than `min_duration` seconds.
    """
    front = _Front.of(locals())
    samples = front.samples(waveform, channel, min_duration)
    keys = {"skip_dc": True, "log": "ln", "floor": EPSILON, **energy_keys(raw_energy, energy_floor, "first")}
    return front.rows(waveform, samples, "spectrogram", keys, subtract_mean)


def fbank(
    waveform: Any,
    blackman_coeff: float = 0.42,
    channel: int = -1,
    dither: float = 0.0,
    energy_floor: float = 1.0,
    frame_length: float = 25.0,
    frame_shift: float = 10.0,
    high_freq: float = 0.0,
    htk_compat: bool = False,
    low_freq: float = 20.0,
    min_duration: float = 0.0,
    num_mel_bins: int = 23,
    preemphasis_coefficient: float = 0.97,
    raw_energy: bool = True,
    remove_dc_offset: bool = True,
    round_to_power_of_two: bool = True,
    sample_frequency: float = 16000.0,
    snip_edges: bool = True,
    subtract_mean: bool = False,
    use_energy: bool = False,
    use_log_fbank: bool = True,
    use_power: bool = True,
    vtln_high: float = -500.0,
    vtln_low: float = 100.0,
    vtln_warp: float = 1.0,
    window_type: str = "povey",
) -> Any:
    """Compute log mel energies.

    Args:
        waveform: Samples ``[channels, num_samples]``.

    Returns:
        ``[num_frames, num_mel_bins]``, one more with `use_energy`; empty if it is shorter than `min_duration`
        seconds.
    """
    front = _Front.of(locals())
    samples = front.samples(waveform, channel, min_duration)
    keys = mel_keys(num_mel_bins, low_freq, high_freq, vtln_low, vtln_high, vtln_warp)
    keys["spectrum"] = "power" if use_power else "magnitude"
    keys["log"] = "ln" if use_log_fbank else "none"
    if use_log_fbank:
        keys["floor"] = EPSILON
    if use_energy:
        keys |= energy_keys(raw_energy, energy_floor, "last" if htk_compat else "first")
    return front.rows(waveform, samples, "mel", keys, subtract_mean)


def mfcc(
    waveform: Any,
    blackman_coeff: float = 0.42,
    cepstral_lifter: float = 22.0,
    channel: int = -1,
    dither: float = 0.0,
    energy_floor: float = 1.0,
    frame_length: float = 25.0,
    frame_shift: float = 10.0,
    high_freq: float = 0.0,
    htk_compat: bool = False,
    low_freq: float = 20.0,
    num_ceps: int = 13,
    min_duration: float = 0.0,
    num_mel_bins: int = 23,
    preemphasis_coefficient: float = 0.97,
    raw_energy: bool = True,
    remove_dc_offset: bool = True,
    round_to_power_of_two: bool = True,
    sample_frequency: float = 16000.0,
    snip_edges: bool = True,
    subtract_mean: bool = False,
    use_energy: bool = False,
    vtln_high: float = -500.0,
    vtln_low: float = 100.0,
    vtln_warp: float = 1.0,
    window_type: str = "povey",
) -> Any:
    """Compute mel-frequency cepstral coefficients.

    Args:
        waveform: Samples ``[channels, num_samples]``.

    Returns:
        ``[num_frames, num_ceps]``; empty if it is shorter than `min_duration` seconds.
    """
    if num_ceps > num_mel_bins:
        raise AssertionError(f"num_ceps cannot be larger than num_mel_bins: {num_ceps} vs {num_mel_bins}")
    front = _Front.of(locals())
    samples = front.samples(waveform, channel, min_duration)
    keys = mel_keys(num_mel_bins, low_freq, high_freq, vtln_low, vtln_high, vtln_warp)
    # Where the energy stands for the only one, a recipe has no cepstrum left: one more is computed and dropped.
    is_energy_alone = num_ceps == 1 and use_energy
    computed = 2 if is_energy_alone else num_ceps
    keys |= {"log": "ln", "floor": EPSILON, "num_ceps": computed, "cepstral_lifter": cepstral_lifter}
    if use_energy:
        keys |= energy_keys(raw_energy, energy_floor, "last" if htk_compat else "first")
    elif htk_compat:
        keys["c0"] = "last"
    rows = front.rows(waveform, samples, "mfcc", keys, subtract_mean)
    if is_energy_alone and samples is not None:
        return rows[:, 1:] if htk_compat else rows[:, :1]
    return rows


def mel_scale_scalar(freq: float) -> float:
    """Return the mel of a frequency in Hz."""
    return 1127.0 * math.log(1.0 + freq / 700.0)


def inverse_mel_scale_scalar(mel_freq: float) -> float:
    """Return the frequency in Hz of a mel."""
    return 700.0 * (math.exp(mel_freq / 1127.0) - 1.0)


def mel_scale(freq: Any) -> Any:
    """Return the mels of frequencies in Hz."""
    return _like(freq, 1127.0 * np.log(1.0 + _samples.as_array(freq, "freq") / 700.0))


def inverse_mel_scale(mel_freq: Any) -> Any:
    """Return the frequencies in Hz of mels."""
    return _like(mel_freq, 700.0 * (np.exp(_samples.as_array(mel_freq, "mel_freq") / 1127.0) - 1.0))


def vtln_warp_freq(
    vtln_low_cutoff: float,
    vtln_high_cutoff: float,
    low_freq: float,
    high_freq: float,
    vtln_warp_factor: float,
    freq: Any,
) -> Any:
    """Warp frequencies in Hz, for a vocal tract of another length.

    Between `vtln_low_cutoff` and `vtln_high_cutoff` they are divided by the factor, beyond these they go straight to
    `low_freq` and `high_freq`, and outside these they stay (Kaldi's `mel-computations.cc`, `VtlnWarpFreq`).
    """
    if not vtln_low_cutoff > low_freq:
        raise AssertionError("be sure to set the vtln_low option higher than low_freq")
    if not vtln_high_cutoff < high_freq:
        raise AssertionError("be sure to set the vtln_high option lower than high_freq [or negative]")
    low = vtln_low_cutoff * max(1.0, vtln_warp_factor)
    high = vtln_high_cutoff * min(1.0, vtln_warp_factor)
    if not (low > low_freq and high < high_freq):
        raise AssertionError("the warped cutoffs lie outside of low_freq and high_freq")
    scale = 1.0 / vtln_warp_factor
    left = (scale * low - low_freq) / (low - low_freq)
    right = (high_freq - scale * high) / (high_freq - high)
    given = _samples.as_array(freq, "freq")
    warped = np.where(
        given < low,
        low_freq + left * (given - low_freq),
        np.where(given < high, scale * given, high_freq + right * (given - high_freq)),
    )
    outside = (given < low_freq) | (given > high_freq)
    return _like(freq, np.where(outside, given, warped))


def vtln_warp_mel_freq(
    vtln_low_cutoff: float,
    vtln_high_cutoff: float,
    low_freq: float,
    high_freq: float,
    vtln_warp_factor: float,
    mel_freq: Any,
) -> Any:
    """Warp mels, as `vtln_warp_freq` warps frequencies."""
    args = (vtln_low_cutoff, vtln_high_cutoff, low_freq, high_freq, vtln_warp_factor)
    return mel_scale(vtln_warp_freq(*args, inverse_mel_scale(mel_freq)))


def get_mel_banks(
    num_bins: int,
    window_length_padded: int,
    sample_freq: float,
    low_freq: float,
    high_freq: float,
    vtln_low: float,
    vtln_high: float,
    vtln_warp_factor: float,
    device: Any = None,
    dtype: Any = None,
) -> tuple[Any, Any]:
    """Return the weights of mel filters ``[num_bins, window_length_padded // 2]``, and their middles in Hz, ``[num_bins, 1]``.

    Of tensors where `device` or `dtype` is PyTorch's, or else of arrays.
    """
    if num_bins <= 3:
        raise AssertionError("Must have at least 3 mel bins")
    if window_length_padded % 2 != 0:
        raise AssertionError("window_length_padded must be even")
    nyquist = 0.5 * sample_freq
    high_freq = high_freq + nyquist if high_freq <= 0.0 else high_freq
    if not (0.0 <= low_freq < nyquist and 0.0 < high_freq <= nyquist and low_freq < high_freq):
        raise AssertionError(f"Bad values in options: low-freq {low_freq} and high-freq {high_freq} vs. nyquist {nyquist}")
    low, high = mel_scale_scalar(low_freq), mel_scale_scalar(high_freq)
    step = (high - low) / (num_bins + 1)
    vtln_high = vtln_high + nyquist if vtln_high < 0.0 else vtln_high
    edges = low + np.arange(num_bins + 2) * step
    if vtln_warp_factor != 1.0:
        edges = vtln_warp_mel_freq(vtln_low, vtln_high, low_freq, high_freq, vtln_warp_factor, edges)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    mels = mel_scale(sample_freq / window_length_padded * np.arange(window_length_padded // 2))[None]
    up, down = (mels - left) / (middle - left), (right - mels) / (right - middle)
    bins = np.maximum(0.0, np.minimum(up, down)).astype(np.float32)
    centers = inverse_mel_scale(edges[1:-1, None]).astype(np.float32)
    if device is None and dtype is None:
        return bins, centers
    torch = sys.modules["torch"]
    return tuple(torch.from_numpy(of).to(device=device, dtype=dtype) for of in (bins, centers))


class _Front:
    """What all functions do before the spectrum."""

    @classmethod
    def of(cls, arguments: dict[str, Any]) -> _Front:
        """Take those of a function's arguments that are about it."""
        own = cls.__init__.__annotations__
        return cls(**{name: value for name, value in arguments.items() if name in own})

    def __init__(
        self,
        blackman_coeff: float,
        dither: float,
        frame_length: float,
        frame_shift: float,
        preemphasis_coefficient: float,
        remove_dc_offset: bool,
        round_to_power_of_two: bool,
        sample_frequency: float,
        snip_edges: bool,
        window_type: str,
    ) -> None:
        if window_type not in _WINDOWS:
            raise Exception(f"Invalid window type {window_type}")
        if not 0.0 <= preemphasis_coefficient <= 1.0:
            raise AssertionError("`preemphasis_coefficient` must be between [0,1]")
        if not sample_frequency > 0:
            raise AssertionError("`sample_frequency` must be greater than zero")
        if int(sample_frequency) != sample_frequency:
            raise wrong(f"sample_frequency is {sample_frequency}; ossicle takes whole numbers")
        self.rate = int(sample_frequency)
        self.length = int(sample_frequency * frame_length * MILLISECONDS_TO_SECONDS)
        self.shift = int(sample_frequency * frame_shift * MILLISECONDS_TO_SECONDS)
        self.edges = "snip" if snip_edges else "symmetric"
        self.rounds = round_to_power_of_two
        self.keys: dict[str, Any] = {
            "dither": dither,
            "remove_dc_offset": remove_dc_offset,
            "preemphasis": preemphasis_coefficient,
            "window": WINDOWS[window_type],
            "n_fft": "power-of-two" if round_to_power_of_two else "frame",
        }
        if window_type == "blackman":
            self.keys["blackman_coeff"] = blackman_coeff

    def samples(self, waveform: Any, channel: int, min_duration: float) -> npt.NDArray[np.float32] | None:
        """Choose the channel; None where there is too little of it."""
        array = _samples.as_array(waveform, "waveform")
        if array.dtype.kind not in "fi":
            raise wrong(f"waveform has numbers of type {array.dtype}")
        channel = max(channel, 0)
        if array.ndim != 2:
            raise wrong(f"waveform has the shape {array.shape}; it must be [channels, num_samples]")
        if channel >= array.shape[0]:
            raise AssertionError(f"Invalid channel {channel} for size {array.shape[0]}")
        samples: npt.NDArray[np.float32] = np.ascontiguousarray(array[channel], dtype=np.float32)
        if not 2 <= self.length <= samples.size:
            raise AssertionError(f"choose a window size {self.length} that is [2, {samples.size}]")
        if not self.shift > 0:
            raise AssertionError("`window_shift` must be greater than 0")
        if not self.rounds and self.length % 2 != 0:
            raise AssertionError(
                "the padded `window_size` must be divisible by two."
                " use `round_to_power_of_two` or change `frame_length`"
            )
        if samples.size < min_duration * self.rate:
            return None
        return samples

    def rows(
        self,
        waveform: Any,
        samples: npt.NDArray[np.float32] | None,
        kind: str,
        keys: dict[str, Any],
        subtract_mean: bool,
    ) -> Any:
        """Compute the rows of a kind of feature."""
        if samples is None:
            return _like(waveform, np.empty(0, dtype=np.float32))
        frames = (self.length, self.shift, self.edges)
        transform = planned(self.rate, frames, kind, tuple({**self.keys, **keys}.items()))
        rows = transform.rows(samples, "waveform", "", False)
        if subtract_mean:
            rows = rows - rows.mean(axis=0, keepdims=True)
        return _like(waveform, rows)


def _like(given: Any, array: npt.NDArray[Any]) -> Any:
    """Make a tensor where one was given."""
    if type(given).__module__.partition(".")[0] != "torch":
        return array
    return sys.modules["torch"].from_numpy(np.ascontiguousarray(array)).to(given.dtype)
