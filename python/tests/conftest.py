"""Recordings that tests make."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest


def noise(num_samples: int, seed: int = 0) -> np.ndarray:
    """Noise of 16 bits whose loudness rises and falls."""
    random = np.random.default_rng(seed)
    loudness = 3000 * (1.1 + np.sin(np.arange(num_samples) / 2000))
    return (random.standard_normal(num_samples) * loudness).clip(-32768, 32767).astype(np.int16)


def write_wave(path: Path, samples: np.ndarray, sample_rate_hz: int = 16000) -> None:
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(samples.tobytes())


def ossicle(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "ossicle", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings in a folder."""
    folder = tmp_path_factory.mktemp("corpus")
    for number, length in enumerate((16000, 12345, 40000)):
        write_wave(folder / f"r{number}.wav", noise(length, number))
    return folder
