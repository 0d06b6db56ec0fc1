"""The tutorial's example learns by PyTorch too; by NumPy it is run with the package's tests."""

from __future__ import annotations

from pathlib import Path

import made
import pytest


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_example_is_twice_as_often_right_as_the_majority(tmp_path: Path, workers: str) -> None:
    for words in (
        ("demo", "corpus", "--corpus-only", "--scale", "0.05"),
        ("extract", "corpus", "--out", "features", "--preset", "timit-mfcc"),
    ):
        done = made.ossicle(*words, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    words = [str(tmp_path / "features"), "--torch", "--workers", workers, "--epochs", "1", "--hidden", "128"]
    found = made.example("phone_classifier").main(words)
    assert found["valid"] > 2 * found["majority"] and found["test"] > 2 * found["majority"]
