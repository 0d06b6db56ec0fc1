"""`ossicle.compliance.kaldi` against `torchaudio.compliance.kaldi`, over random settings of every argument.

The judge is torchaudio in float64. What is allowed is ten times as far from it as torchaudio in float32 is, on the same
samples with the same settings, and a little for what is that exact: no more can be said of two programs in float32.
"""

from __future__ import annotations

import inspect
import random
from typing import Any

import numpy as np
import pytest
import torch
import torchaudio.compliance.kaldi as theirs
from ossicle.compliance import kaldi as ours

ROUNDS = 350


def settings(draw: random.Random, name: str) -> dict[str, Any]:
    """Settings of a function, each left to its default now and then."""
    rate = draw.choice([8000.0, 16000.0, 11025.0, 44100.0])
    values: dict[str, Any] = {
        "blackman_coeff": draw.choice([0.42, 0.3]),
        "cepstral_lifter": draw.choice([0.0, 22.0, 10.0]),
        "channel": draw.choice([-1, 0, 1]),
        "energy_floor": draw.choice([0.0, 1.0, 1e6]),
        "frame_length": draw.choice([25.0, 20.0, 32.0, 10.0]),
        "frame_shift": draw.choice([10.0, 5.0, 12.5]),
        "high_freq": draw.choice([0.0, -200.0, 3700.0]),
        "htk_compat": draw.random() < 0.5,
        "low_freq": draw.choice([20.0, 0.0, 64.0]),
        "num_ceps": draw.choice([13, 20, 1]),
        "min_duration": draw.choice([0.0, 0.2]),
        "num_mel_bins": draw.choice([23, 40, 20]),
        "preemphasis_coefficient": draw.choice([0.97, 0.0, 0.5]),
        "raw_energy": draw.random() < 0.5,
        "remove_dc_offset": draw.random() < 0.7,
        "round_to_power_of_two": draw.random() < 0.7,
        "snip_edges": draw.random() < 0.5,
        "subtract_mean": draw.random() < 0.3,
        "use_energy": draw.random() < 0.5,
        "use_log_fbank": draw.random() < 0.7,
        "use_power": draw.random() < 0.7,
        "vtln_high": draw.choice([-500.0, -300.0]),
        "vtln_low": draw.choice([100.0, 150.0]),
        "vtln_warp": draw.choice([1.0, 1.0, 0.9, 1.15]),
        "window_type": draw.choice(["povey", "hamming", "hanning", "rectangular", "blackman"]),
    }
    known = inspect.signature(getattr(theirs, name)).parameters
    chosen = {key: value for key, value in values.items() if key in known and draw.random() < 0.6}
    chosen["sample_frequency"] = rate
    return chosen


def waveform(draw: random.Random) -> torch.Tensor:
    numbers = np.random.default_rng(draw.randrange(1 << 30))
    length = draw.choice([900, 4000, 12345])
    x = numbers.standard_normal((2, length)) * 1000 + np.sin(np.arange(length) / 7) * 5000
    x += draw.choice([0.0, 300.0])
    x /= draw.choice([1, 32768])
    return torch.from_numpy(x.astype(np.float32))


@pytest.mark.parametrize("name", ["spectrogram", "fbank", "mfcc"])
def test_arguments_and_defaults_are_theirs(name: str) -> None:
    of = lambda module: [  # noqa: E731
        (it.name, it.default, it.kind) for it in inspect.signature(getattr(module, name)).parameters.values()
    ]
    assert of(ours) == of(theirs)


@pytest.mark.parametrize("name", ["spectrogram", "fbank", "mfcc"])
def test_random_settings_give_their_rows(name: str) -> None:
    draw = random.Random(name)
    compared = 0
    for _ in range(ROUNDS):
        x, chosen = waveform(draw), settings(draw, name)
        try:
            single = getattr(theirs, name)(x, **chosen)
            exact = getattr(theirs, name)(x.double(), **chosen).numpy()
        except AssertionError:
            with pytest.raises((AssertionError, ValueError)):
                getattr(ours, name)(x, **chosen)
            continue
        except (RuntimeError, IndexError):
            # Of what is shorter than `min_duration` torchaudio 2.11 fails to make cepstra.
            assert getattr(ours, name)(x, **chosen).shape == (0,)
            continue
        found = getattr(ours, name)(x, **chosen)
        assert isinstance(found, torch.Tensor) and found.dtype == x.dtype
        assert found.shape == single.shape, chosen
        if exact.size == 0:
            continue
        scale = max(1.0, float(np.abs(exact).max()))
        allowed = 10 * float(np.abs(single.numpy() - exact).max()) + 1e-5 * scale
        worst = float(np.abs(found.numpy() - exact).max())
        assert worst <= allowed, (worst, allowed, chosen)
        compared += 1
    assert compared > ROUNDS / 2


def test_filters_and_scales_are_theirs() -> None:
    draw = random.Random(4)
    for _ in range(50):
        warp = draw.choice([1.0, 0.9, 1.1])
        args = (draw.choice([23, 40]), 512, 16000.0, 20.0, draw.choice([0.0, -300.0]), 100.0, -500.0, warp)
        for found, expected in zip(ours.get_mel_banks(*args), theirs.get_mel_banks(*args), strict=True):
            assert np.abs(np.asarray(found) - expected.numpy()).max() < 1e-3 * max(1, float(expected.max()))
    freq = torch.linspace(0, 8000, 100)
    for name in ("mel_scale", "inverse_mel_scale"):
        given = freq if name == "mel_scale" else freq / 4
        found, expected = getattr(ours, name)(given), getattr(theirs, name)(given)
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-3)
    args = (100.0, 7500.0, 20.0, 8000.0, 1.1)
    found, expected = ours.vtln_warp_freq(*args, freq), theirs.vtln_warp_freq(*args, freq)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-3)


def test_tensors_that_need_gradients_or_are_elsewhere_are_refused() -> None:
    x = torch.zeros(1, 1000, requires_grad=True)
    with pytest.raises(ValueError, match="detach"):
        ours.fbank(x)
    with pytest.raises(ValueError, match="CPU"):
        ours.fbank(torch.zeros(1, 1000, device="meta"))
