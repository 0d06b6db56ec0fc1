"""Recordings and datasets that tests make."""

from __future__ import annotations

import importlib.util
import json
import signal
import subprocess
import sys
import wave
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest


# What is started in the background of a script ignores Ctrl-C, and Python keeps to that.
signal.signal(signal.SIGINT, signal.default_int_handler)


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


def ossicle(*words: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command, in a folder."""
    command = [sys.executable, "-m", "ossicle", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def example(name: str) -> ModuleType:
    """Load a program of `examples`."""
    path = Path(__file__).parents[2] / f"examples/{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def dataset_files(folder: Path) -> dict[str, bytes]:
    """The bytes of all files of a dataset, but of what varies."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def corpus_and(folder: Path, corpus: Path) -> Path:
    """A corpus with a recording more that is none."""
    for path in corpus.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "bad.wav").write_bytes(b"RIFF")
    return folder


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings in a folder."""
    folder = tmp_path_factory.mktemp("corpus")
    for number, length in enumerate((16000, 12345, 40000)):
        write_wave(folder / f"r{number}.wav", noise(length, number))
    return folder


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two splits with labels, whose arrays are cut into several files."""
    folder = tmp_path_factory.mktemp("dataset")
    for split in ("train", "valid"):
        (folder / split).mkdir()
    for number in range(12):
        length = 4000 + 1700 * number
        write_wave(folder / f"train/é{number:02}.wav", noise(length, number))
        half = length // 2
        (folder / f"train/é{number:02}.PHN").write_text(f"0 {half} sil\n{half} {length} aa\n")
    write_wave(folder / "valid/one.wav", noise(9000, 99))
    (folder / "valid/one.PHN").write_text("0 9000 aa\n")
    out = folder / "out"
    done = ossicle(
        *("extract", f"train={folder / 'train'}", f"valid={folder / 'valid'}", "--out", out),
        *("--preset", "timit-mfcc", "--set", "output.shard_bytes=100000", "--set", 'labels.map="from-train"'),
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("OSSICLE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def bare(dataset: Path, split: str, name: str) -> np.ndarray:
    """All rows of an array, by NumPy alone."""
    files = sorted((dataset / split).glob(f"{name}-*.npy"))
    assert len(files) > (split == "train")
    return np.concatenate([np.load(file) for file in files])


def lines(dataset: Path, split: str) -> list[dict[str, Any]]:
    text = (dataset / split / "utterances.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
