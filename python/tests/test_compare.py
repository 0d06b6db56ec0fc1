"""How two sets of features differ, and why, from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ossicle


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    """A second of noise that swells and fades, with a tone."""
    time = np.arange(16000) / 16000
    noise = np.random.default_rng(1).standard_normal(16000) * (0.02 + 0.1 * np.sin(np.pi * time * 3) ** 2)
    return (noise + 0.1 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)


def test_arrays_of_one_recipe_agree_and_of_two_differ_in_a_key(samples: np.ndarray) -> None:
    theirs = ossicle.fbank(samples, preset="kaldi-fbank", window="hamming")
    found = ossicle.compare(b=theirs, samples=samples, preset="kaldi-fbank")
    assert not found
    assert found.verdict == "explained"
    assert [key["key"] for change in found.changes for key in change["keys"]] == ["feature.window"]
    assert ossicle.compare(theirs, theirs)
    assert "hamming" in repr(found)


def test_a_function_is_a_side(samples: np.ndarray) -> None:
    def extractor(x: np.ndarray, rate: int) -> np.ndarray:
        assert rate == 16000
        return ossicle.fbank(x, preset="kaldi-fbank", num_mel_bins=40, mel_scale="slaney")

    found = ossicle.compare(b=extractor, samples=samples, preset="kaldi-fbank", num_mel_bins=40)
    assert found.changes[0]["keys"] == [{"key": "feature.mel_scale", "from": '"htk"', "to": '"slaney"'}]


def test_a_function_of_another_python_is_called(samples: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import ossicle\n\ndef fbank(x, sr):\n    return ossicle.fbank(x, preset='kaldi-fbank', preemphasis=0)\n"
    )
    import sys

    found = ossicle.compare(
        samples=samples, preset="kaldi-fbank", python=f"{tmp_path / 'mine.py'}:fbank", interpreter=sys.executable
    )
    assert [key["key"] for change in found.changes for key in change["keys"]] == ["feature.preemphasis"]


def test_what_is_no_side_is_refused(samples: np.ndarray) -> None:
    with pytest.raises(ossicle.Error):
        ossicle.compare()
    with pytest.raises(ossicle.Error):
        ossicle.compare(np.zeros(3, np.float32), np.zeros((3, 2), np.float32))
    with pytest.raises(ossicle.Error, match="returned None"):
        ossicle.compare(b=lambda x: None, samples=samples, preset="kaldi-fbank")
