"""Their code and ours on the pages for who comes from other programs give the same, as near as the pages say."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import ossicle
import ossicle.compliance.kaldi
import pytest
from pages import GOLDEN, Pair, pairs, value_of


def names(pair: Pair) -> dict[str, Any]:
    found: dict[str, Any] = {"np": np, "ossicle": ossicle}
    found["x"], found["sr"] = ossicle.load_audio(GOLDEN / "input.wav")
    modules = ("torch", "torchaudio", "librosa", "kaldi_native_fbank", "python_speech_features", "lhotse", "transformers")
    for module in modules:
        if f"{module}." in pair.theirs:
            found[module] = importlib.import_module(module)
    if "torchaudio.compliance.kaldi" in pair.theirs:
        importlib.import_module("torchaudio.compliance.kaldi")
    return found


@pytest.mark.parametrize("pair", pairs(), ids=str)
def test_their_code_and_ours_give_the_same(pair: Pair) -> None:
    expected = np.asarray(value_of(pair.theirs, names(pair)))
    found = np.asarray(value_of(pair.ours, names(pair)))
    assert found.shape == expected.shape
    apart = float(np.abs(found - expected).max())
    assert pair.apart / 50 < apart <= pair.apart
