"""Our code on the pages for who comes from other programs gives what theirs gave, as near as the pages say."""

from __future__ import annotations

import numpy as np
import pytest
from pages import GOLDEN, Pair, pairs, value_of

import ossicle
import ossicle.compliance.kaldi


@pytest.mark.parametrize("pair", [pair for pair in pairs() if pair.golden], ids=str)
def test_our_code_gives_what_theirs_gave(pair: Pair) -> None:
    x, sr = ossicle.load_audio(GOLDEN / "input.wav")
    found = value_of(pair.ours, {"np": np, "ossicle": ossicle, "x": x, "sr": sr})
    expected = np.load(GOLDEN / f"{pair.golden}.npy")
    assert found.shape == expected.shape
    apart = float(np.abs(found - expected).max())
    # Not so much nearer either that the page would say nothing.
    assert pair.apart / 20 < apart <= pair.apart


def test_each_page_has_something_to_compare() -> None:
    assert {pair.page for pair in pairs()} == {
        "kaldi-native-fbank",
        "librosa",
        "lhotse",
        "python_speech_features",
        "torchaudio",
        "transformers",
    }
