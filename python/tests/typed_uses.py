"""What type checkers make of calls. It is checked by mypy and pyright, and never run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

import ossicle

Rows = npt.NDArray[np.floating[Any]]


def results(x: npt.NDArray[np.float32], several: list[npt.NDArray[np.int16]]) -> None:
    assert_type(ossicle.fbank(x, num_mel_bins=80, window="hann", deltas={"order": 2}), Rows)
    assert_type(ossicle.mfcc(several, num_ceps=20, jobs=2, normalize=None), list[Rows])
    assert_type(ossicle.mel([0.0, 0.5]), Rows)
    extractor = ossicle.Extractor("whisper-80", num_mel_bins=128)
    assert_type(extractor(x, pad_to=3000, layout="columns", dtype="float16"), Rows)
    assert_type(extractor.batch(several), list[Rows])
    assert_type(ossicle.load_audio("a.flac"), tuple[npt.NDArray[np.float32], int])


def advice(error: ossicle.AudioError) -> None:
    assert_type(error.advice, str | None)


def wrong_settings(x: npt.NDArray[np.float32]) -> None:
    ossicle.fbank(x, num_mel_bin=80)  # type: ignore[call-overload]
    ossicle.fbank(x, window="hanning")  # type: ignore[call-overload]
    ossicle.mel(x, num_ceps=13)  # type: ignore[call-overload]
