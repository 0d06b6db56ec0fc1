"""Streams in PyTorch's DataLoader: workers share the utterances, and epochs differ."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

import ossicle


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    random = np.random.default_rng(1)
    for number in range(20):
        with wave.open(str(folder / f"r{number:02}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(random.integers(-9000, 9000, 8000 + 900 * number, dtype=np.int16).tobytes())
    return folder


def epoch(loader: Any) -> list[str]:
    return [of for batch in loader for of in batch["id"]]


@pytest.mark.parametrize("context", ["fork", "spawn"])
@pytest.mark.parametrize("workers", [0, 1, 3])
def test_workers_share_the_utterances_and_epochs_differ(corpus: Path, workers: int, context: str) -> None:
    stream = ossicle.stream(corpus, preset="kaldi-fbank", shuffle=0, jobs=1)
    dataset = stream.torch("utterances", batch_size=3)
    loader = DataLoader(dataset, batch_size=None, num_workers=workers, multiprocessing_context=context if workers else None)
    first, second = epoch(loader), epoch(loader)
    assert sorted(first) == sorted(second) == [f"r{number:02}" for number in range(20)]
    assert first != second
    dataset.set_epoch(0)
    assert epoch(loader) == first


def test_tensors_are_those_of_the_dataset(corpus: Path, tmp_path: Path) -> None:
    made = ossicle.extract(corpus, tmp_path / "out", preset="kaldi-fbank", progress=False).open()["all"]
    stream = ossicle.stream(corpus, preset="kaldi-fbank", jobs=2)
    seen = 0
    for batch in DataLoader(stream.torch("utterances", batch_size=4), batch_size=None, num_workers=2):
        assert batch["features"].dtype == torch.float32
        for place, of in enumerate(batch["id"]):
            count = int(batch["num_frames"][place])
            np.testing.assert_array_equal(batch["features"][place, :count].numpy(), made[of].features)
            seen += 1
    assert seen == 20
