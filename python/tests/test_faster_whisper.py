"""`ossicle.faster_whisper` gives what Whisper's own features are, in the shapes that faster-whisper has them in."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import ossicle
import pytest
from conftest import noise
from ossicle.faster_whisper import FeatureExtractor
from pages import GOLDEN


@pytest.mark.parametrize("size", [80, 128])
def test_rows_are_whispers(size: int) -> None:
    x, _ = ossicle.load_audio(GOLDEN / "input.wav")
    golden = np.load(GOLDEN / f"whisper{size}.npy").T
    for form in (x, x.astype(np.float64), x.tolist()):
        found = FeatureExtractor(size)(form, padding=0)
        assert found.shape == golden.shape and found.dtype == np.float32 and found.flags.c_contiguous
        assert np.abs(found - golden).max() < 1e-4
    zeros = np.zeros(160, dtype=np.float32)
    assert np.array_equal(FeatureExtractor(size)(x), FeatureExtractor(size)(np.concatenate([x, zeros]), padding=0))


def test_it_has_the_attributes_that_are_asked_of_it() -> None:
    parameters = inspect.signature(FeatureExtractor).parameters
    assert {name: one.default for name, one in parameters.items()} == {
        "feature_size": 80,
        "sampling_rate": 16000,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
    }
    extractor = FeatureExtractor()
    assert (extractor.n_samples, extractor.nb_max_frames, extractor.time_per_frame) == (480_000, 3000, 0.01)
    x = noise(16000).astype(np.float32) / 32768
    assert extractor(x, chunk_length=10).shape == (80, 101)
    assert (extractor.n_samples, extractor.nb_max_frames, extractor.chunk_length) == (160_000, 1000, 30)
    assert np.array_equal(pickle.loads(pickle.dumps(extractor))(x), extractor(x))


def test_what_is_wrong_is_said() -> None:
    x = np.zeros(16000, dtype=np.float32)
    for call, text in [
        (lambda: FeatureExtractor(sampling_rate=8000), "sampling_rate is 8000; it must be a whole number from 16000"),
        (lambda: FeatureExtractor(hop_length=0), "hop_length is 0"),
        (lambda: FeatureExtractor()(x[None]), r"waveform has the shape \(1, 16000\)"),
        (lambda: FeatureExtractor()(x, padding=-1), "padding is -1"),
        (lambda: FeatureExtractor()(x[:16], padding=0), "there are 16 samples, and the first row takes 160"),
    ]:
        with pytest.raises(ValueError, match=text):
            call()
