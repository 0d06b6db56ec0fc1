"""`ossicle.faster_whisper.FeatureExtractor` against faster-whisper's own class, on clips of any length."""

from __future__ import annotations

import inspect
from typing import Any

import faster_whisper.feature_extractor
import numpy as np
import ossicle
import pytest
from ossicle.faster_whisper import FeatureExtractor
from pages import GOLDEN

Theirs = faster_whisper.feature_extractor.FeatureExtractor


def clip(duration_s: float, seed: int) -> np.ndarray:
    """Speech, repeated or cut, with a little noise that sets the floor."""
    x, rate = ossicle.load_audio(GOLDEN / "input.wav")
    random = np.random.default_rng(seed)
    samples = np.resize(np.roll(x, int(random.integers(len(x)))), int(duration_s * rate))
    return (samples + random.standard_normal(len(samples)) * 1e-4).astype(np.float32)


@pytest.mark.parametrize(
    "settings", [{}, {"feature_size": 128}, {"n_fft": 512, "hop_length": 128}, {"sampling_rate": 22050}]
)
def test_features_are_theirs(settings: dict[str, Any]) -> None:
    ours, theirs = FeatureExtractor(**settings), Theirs(**settings)
    random = np.random.default_rng(0)
    for seed, duration_s in enumerate([0.1, 0.125, 0.5, 1, 5, 29.99, 30, 30.01, 35, *random.uniform(0.1, 35, 12)]):
        x = clip(duration_s, seed)
        for padding in (160, 0, 480_000):
            expected, found = theirs(x, padding=padding), ours(x, padding=padding)
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
            assert np.abs(found - expected).max() < 1e-4, duration_s
    for name in (
        "n_fft",
        "hop_length",
        "chunk_length",
        "n_samples",
        "nb_max_frames",
        "time_per_frame",
        "sampling_rate",
    ):
        assert getattr(ours, name) == getattr(theirs, name)


def test_the_arguments_are_theirs() -> None:
    for own, other in ((FeatureExtractor.__init__, Theirs.__init__), (FeatureExtractor.__call__, Theirs.__call__)):
        mine, yours = inspect.signature(own).parameters, inspect.signature(other).parameters
        assert [(name, one.default) for name, one in mine.items()] == [
            (name, one.default) for name, one in yours.items()
        ]
