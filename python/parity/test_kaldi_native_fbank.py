"""`ossicle.compliance.kaldi_native_fbank` against kaldi-native-fbank, over random settings of every option.

Both compute in float32, so they differ by rounding: by how much is judged against samples that differ by one unit in the
last place, computed by kaldi-native-fbank, and never by less than what the logarithm of a float32 sum of 512 squares may.
"""

from __future__ import annotations

import random
from dataclasses import fields
from typing import Any

import kaldi_native_fbank as theirs
import numpy as np
import pytest
from ossicle.compliance import kaldi_native_fbank as ours

ROUNDS = 400


def names(options: Any) -> list[str]:
    return [name for name in dir(options) if not name.startswith("_") and name not in ("as_dict", "from_dict")]


@pytest.mark.parametrize(
    "name", ["FrameExtractionOptions", "MelBanksOptions", "FbankOptions", "MfccOptions"]
)
def test_names_and_defaults_are_theirs(name: str) -> None:
    found, expected = getattr(ours, name)(), getattr(theirs, name)()
    assert sorted(names(found)) == sorted(names(expected))
    expected_dict = expected.as_dict()
    assert [one.name for one in fields(found)] == list(expected_dict)
    assert_same(found.as_dict(), expected_dict)
    assert_same(getattr(ours, name).from_dict(expected_dict).as_dict(), expected_dict)
    with pytest.raises(AttributeError):
        found.nothing_of_this_name = 3


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(found) == list(expected)
    for name, value in expected.items():
        if isinstance(value, dict):
            assert_same(found[name], value)
        else:
            assert found[name] == (pytest.approx(value) if isinstance(value, float) else value), name


def settings(draw: random.Random, kind: str) -> dict[str, Any]:
    """Random settings, with their paths; some keep their defaults."""
    librosa = draw.random() < 0.3
    values: dict[str, Any] = {
        "frame_opts.samp_freq": draw.choice([8000.0, 16000.0, 11025.0]),
        "frame_opts.frame_length_ms": draw.choice([25.0, 20.0, 32.0]),
        "frame_opts.frame_shift_ms": draw.choice([10.0, 5.0, 12.5]),
        "frame_opts.preemph_coeff": draw.choice([0.97, 0.0, 0.5]),
        "frame_opts.remove_dc_offset": draw.random() < 0.7,
        "frame_opts.window_type": draw.choice(
            ["povey", "hanning", "hann", "hamming", "sine", "rectangular", "blackman"]
        ),
        "frame_opts.blackman_coeff": draw.choice([0.42, 0.3]),
        "frame_opts.snip_edges": draw.random() < 0.5,
        "mel_opts.num_bins": draw.choice([23, 40, 20]),
        "mel_opts.low_freq": draw.choice([20.0, 0.0, 64.0]),
        "mel_opts.high_freq": draw.choice([0.0, -200.0, 3700.0]),
        "mel_opts.is_librosa": librosa,
        "mel_opts.norm": draw.choice(["", "slaney"]),
        "mel_opts.use_slaney_mel_scale": draw.random() < 0.5,
        "use_energy": draw.random() < 0.5,
        "energy_floor": draw.choice([0.0, 1.0, 1e-3]),
        "raw_energy": draw.random() < 0.5,
        "htk_compat": draw.random() < 0.4,
    }
    if kind == "fbank":
        values |= {
            "use_log_fbank": draw.random() < 0.7,
            "use_log_floor": draw.random() < 0.6,
            "eps": draw.choice([1.1920929e-07, 1e-10]),
            "use_power": draw.random() < 0.7,
        }
    else:
        values |= {"num_ceps": draw.choice([13, 20]), "cepstral_lifter": draw.choice([22.0, 0.0, 10.0])}
    chosen = {name: value for name, value in values.items() if draw.random() < 0.6}
    return chosen | {"frame_opts.dither": 0.0}


def computed(module: Any, kind: str, chosen: dict[str, Any], pieces: list[np.ndarray]) -> np.ndarray:
    options = getattr(module, f"{kind.title()}Options")()
    for path, value in chosen.items():
        *outer, name = path.split(".")
        setattr(getattr(options, outer[0]) if outer else options, name, value)
    online = getattr(module, f"Online{kind.title()}")(options)
    for piece in pieces:
        online.accept_waveform(options.frame_opts.samp_freq, piece.tolist())
    online.input_finished()
    rows = [np.array(online.get_frame(t)) for t in range(online.num_frames_ready)]
    assert not rows or online.is_last_frame(len(rows) - 1)
    return np.stack(rows) if rows else np.empty((0, online.dim), np.float32)


@pytest.mark.parametrize("kind", ["fbank", "mfcc"])
def test_random_settings_give_their_rows(kind: str) -> None:
    draw = random.Random(kind)
    compared = 0
    for _ in range(ROUNDS):
        numbers = np.random.default_rng(draw.randrange(1 << 30))
        length = draw.choice([0, 100, 399, 3000, 9001])
        x = numbers.standard_normal(length) * 0.1 + np.sin(np.arange(length) / 7) * 0.3
        x = (x * draw.choice([1.0, 32768.0])).astype(np.float32)
        cut = draw.randrange(length + 1)
        chosen = settings(draw, kind)
        expected = computed(theirs, kind, chosen, [x[:cut], x[cut:]])
        found = computed(ours, kind, chosen, [x[:cut], x[cut:]])
        assert found.shape == expected.shape, chosen
        if not expected.size:
            continue
        near = computed(theirs, kind, chosen, [np.nextafter(x, np.float32(np.inf))])
        scale = max(1.0, float(np.abs(expected).max()))
        allowed = 10 * float(np.abs(near - expected).max()) + 3e-5 * scale
        worst = float(np.abs(found - expected).max())
        assert worst <= allowed, (worst, allowed, chosen)
        compared += 1
    assert compared > ROUNDS / 2


def test_rows_keep_their_numbers_when_some_are_discarded() -> None:
    for module in (ours, theirs):
        options = module.FbankOptions()
        options.frame_opts.dither = 0
        fbank = module.OnlineFbank(options)
        assert (fbank.dim, fbank.num_frames_ready) == (23, 0)
        assert fbank.frame_shift_in_seconds == pytest.approx(0.01)
        with pytest.raises(ValueError, match="sampling_rate does not match the options"):
            fbank.accept_waveform(8000, [0.0])
        fbank.accept_waveform(16000, [0.1] * 1000)
        assert not fbank.is_last_frame(3)
        fbank.input_finished()
        assert fbank.num_frames_ready == 4 and fbank.is_last_frame(3) and not fbank.is_last_frame(2)
        fbank.pop(2)
        assert fbank.num_frames_ready == 4 and fbank.get_frame(3).shape == (23,)
        with pytest.raises(IndexError):
            fbank.get_frame(4)
