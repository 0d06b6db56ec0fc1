"""The stand-ins for torchaudio and kaldi-native-fbank without these; `python/parity` has the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import noise

from ossicle import fbank, load_audio
from ossicle.compliance import kaldi
from ossicle.compliance import kaldi_native_fbank as knf


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


GOLDEN = Path(__file__).parents[2] / "crates/dsp/tests/golden/speech16k"


def knf_rows(kind: str, samples: np.ndarray, **settings: object) -> np.ndarray:
    options = getattr(knf, f"{kind.title()}Options")()
    options.frame_opts.dither = 0
    for path, value in settings.items():
        *outer, name = path.split("__")
        setattr(getattr(options, outer[0]) if outer else options, name, value)
    online = getattr(knf, f"Online{kind.title()}")(options)
    for piece in np.array_split(samples, 3):
        online.accept_waveform(16000, piece)
    online.input_finished()
    return np.stack([online.get_frame(t) for t in range(online.num_frames_ready)])


@pytest.mark.parametrize(
    ("name", "kind", "settings"),
    [
        ("kaldi_fbank23", "fbank", {}),
        ("kaldi_fbank80", "fbank", {"mel_opts__num_bins": 80}),
        (
            "kaldi_fbank40_nosnip_high-200",
            "fbank",
            {"mel_opts__num_bins": 40, "frame_opts__snip_edges": False, "mel_opts__high_freq": -200},
        ),
        ("kaldi_mfcc13", "mfcc", {}),
        (
            "kaldi_mfcc40_hires",
            "mfcc",
            {"use_energy": False, "mel_opts__num_bins": 40, "num_ceps": 40, "mel_opts__high_freq": -400},
        ),
        (
            "knf_lhotse_fbank80",
            "fbank",
            {"mel_opts__num_bins": 80, "frame_opts__snip_edges": False, "mel_opts__high_freq": -400},
        ),
    ],
)
def test_kaldi_native_fbank_s_options_give_kaldi_s_rows(name: str, kind: str, settings: dict[str, object]) -> None:
    # golden.json beside them says which program made them, and how.
    expected = np.load(GOLDEN / f"{name}.npy")
    samples, _ = load_audio(GOLDEN / "input.wav")
    found = knf_rows(kind, samples if name.startswith("knf") else samples * 32768, **settings)
    assert found.shape == expected.shape
    # As docs/parity.md measures them: energies above a millionth of their frame's largest, of which Kaldi's own
    # transform is 7e-4 from exact; cepstra are up to 12 times as far.
    is_heard = expected > expected.max(axis=1, keepdims=True) - np.log(1e6)
    worst = np.abs(found - expected)[is_heard if kind == "fbank" else ...].max()
    assert worst < (1e-3 if kind == "fbank" else 1e-2), worst


def test_kaldi_native_fbank_s_rows_come_when_the_input_is_finished() -> None:
    fbank = knf.OnlineFbank(knf.FbankOptions())
    fbank.accept_waveform(16000, noise(16000))
    assert (fbank.num_frames_ready, fbank.dim) == (0, 23)
    fbank.input_finished()
    assert fbank.num_frames_ready == 98 and fbank.is_last_frame(97)
    fbank.pop(3)
    with pytest.raises(IndexError, match="frame 2 is none of 3 to 97"):
        fbank.get_frame(2)
    with pytest.raises(ValueError, match="the input is finished"):
        fbank.accept_waveform(16000, noise(10))
    with pytest.raises(ValueError, match="htk_mode is not computed"):
        knf.OnlineFbank(knf.FbankOptions(mel_opts=knf.MelBanksOptions(htk_mode=True)))
    with pytest.raises(AttributeError):
        knf.FbankOptions().num_bins = 80  # type: ignore[attr-defined]
