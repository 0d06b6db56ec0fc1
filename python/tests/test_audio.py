"""Recordings become arrays, and what is none says so."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from conftest import noise, write_wave

from ossicle import AudioError, audio_info, load_audio, resample


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    path = tmp_path / "stereo.wav"
    write_wave(path, np.stack([noise(5000, 1), noise(5000, 2)], axis=1), 44100)
    return path


def test_paths_bytes_and_files_are_the_same_recording(stereo: Path) -> None:
    expected = noise(5000, 1).astype(np.float32) / np.float32(32768)
    sources = [stereo, str(stereo), stereo.read_bytes(), bytearray(stereo.read_bytes())]
    for source in [*sources, io.BytesIO(stereo.read_bytes()), stereo.open("rb")]:
        samples, rate = load_audio(source)
        assert rate == 44100 and samples.dtype == np.float32
        assert np.array_equal(samples, expected)


def test_channels_and_stretches_are_those_of_the_whole(stereo: Path) -> None:
    first, second = (load_audio(stereo, channel=channel)[0] for channel in (0, 1))
    assert np.array_equal(load_audio(stereo, channel="mix")[0], (first + second) * np.float32(0.5))
    part, _ = load_audio(stereo, channel=1, start_sample=1000, num_samples=500)
    assert np.array_equal(part, second[1000:1500])
    assert len(load_audio(stereo, start_sample=4990, num_samples=1 << 40)[0]) == 10
    with pytest.raises(AudioError, match="5000"):
        load_audio(stereo, start_sample=5001)
    with pytest.raises(ValueError, match="channel"):
        load_audio(stereo, channel="left")


def test_a_header_says_what_is_behind_it(stereo: Path) -> None:
    info = audio_info(stereo)
    assert (info.container, info.encoding) == ("RIFF/WAVE", "s16le")
    assert (info.sample_rate_hz, info.channels, info.num_samples) == (44100, 2, 5000)
    assert info.duration_s == 5000 / 44100


def test_resampling_is_that_of_loading(stereo: Path) -> None:
    samples, rate = load_audio(stereo)
    for mode in ("hq", "torchaudio", "torchaudio-kaiser", "kaldi"):
        loaded, target = load_audio(stereo, sample_rate_hz=16000, mode=mode)
        assert target == 16000
        assert np.array_equal(loaded, resample(samples, rate, 16000, mode=mode))
        both = resample(np.stack([samples, -samples]), rate, 16000, mode=mode)
        assert np.array_equal(both, np.stack([loaded, -loaded]))
    with pytest.raises(ValueError, match="mode is"):
        resample(samples, rate, 16000, mode="fast")
    with pytest.raises(ValueError):
        resample(samples, 0, 16000)
