"""The stand-in for `torchaudio.compliance.kaldi` without torchaudio; `python/parity` has the rest."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import noise

from ossicle import fbank
from ossicle.compliance import kaldi


def test_defaults_are_kaldi_s_presets() -> None:
    x = noise(16000)
    given = x.astype(np.float32)[None]
    # The preset multiplies samples of ±1, which is exact; torchaudio takes them as they stand.
    assert np.array_equal(kaldi.fbank(given), fbank(x))
    both = np.concatenate([given * 0, given])
    assert np.array_equal(kaldi.fbank(both, channel=1), fbank(x))


def test_arguments_are_taken_in_their_order() -> None:
    x = noise(8000).astype(np.float32)[None]
    assert np.array_equal(kaldi.fbank(x, 0.42, -1, 0.0, 1.0, 32.0), kaldi.fbank(x, frame_length=32.0))
    assert kaldi.mfcc(x, num_ceps=20, use_energy=True, htk_compat=True).shape == (48, 20)
    assert kaldi.spectrogram(x, subtract_mean=True).mean(axis=0) == pytest.approx(0, abs=1e-5)


def test_what_is_too_short_or_wrong_is_told_as_they_do() -> None:
    x = noise(300).astype(np.float32)[None]
    assert kaldi.fbank(np.tile(x, 3), min_duration=1.0).shape == (0,)
    with pytest.raises(AssertionError, match=r"choose a window size 400 that is \[2, 300\]"):
        kaldi.fbank(x)
    with pytest.raises(AssertionError, match="Invalid channel 1 for size 1"):
        kaldi.fbank(x, channel=1)
    with pytest.raises(AssertionError, match="num_ceps cannot be larger"):
        kaldi.mfcc(np.tile(x, 3), num_ceps=30)
    with pytest.raises(ValueError, match="waveform has the shape"):
        kaldi.fbank(x[0])
    with pytest.raises(Exception, match="Invalid window type"):
        kaldi.fbank(np.tile(x, 3), window_type="kaiser")


def test_filters_rise_and_fall() -> None:
    bins, centers = kaldi.get_mel_banks(23, 512, 16000.0, 20.0, 0.0, 100.0, -500.0, 1.0)
    assert bins.shape == (23, 256) and centers.shape == (23, 1)
    assert (np.diff(centers[:, 0]) > 0).all() and bins.max() <= 1
    assert kaldi.inverse_mel_scale_scalar(kaldi.mel_scale_scalar(440.0)) == pytest.approx(440.0)
