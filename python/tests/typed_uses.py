"""What type checkers make of calls. It is checked by mypy and pyright, and never run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

import ossicle
from ossicle.dataset import Split
from ossicle.dataset._batches import Batches
from ossicle.dataset._torch import TorchBatches, TorchItems

Rows = npt.NDArray[np.floating[Any]]


def results(x: npt.NDArray[np.float32], several: list[npt.NDArray[np.int16]]) -> None:
    assert_type(ossicle.fbank(x, num_mel_bins=80, window="hann", deltas={"order": 2}), Rows)
    assert_type(ossicle.mfcc(several, num_ceps=20, jobs=2, normalize=None), list[Rows])
    assert_type(ossicle.mel([0.0, 0.5]), Rows)
    extractor = ossicle.Extractor("whisper-80", num_mel_bins=128)
    assert_type(extractor(x, pad_to=3000, layout="columns", dtype="float16"), Rows)
    assert_type(extractor.batch(several), list[Rows])
    assert_type(ossicle.load_audio("a.flac"), tuple[npt.NDArray[np.float32], int])


def batches(split: Split) -> None:
    assert_type(split.numpy_batches("frames", context=5, shuffle=0), Batches)
    assert_type(split.torch("utterances", max_frames=20_000), TorchBatches)
    assert_type(split.torch("windows", num_frames=32, map=True), TorchItems)


def advice(error: ossicle.AudioError) -> None:
    assert_type(error.advice, str | None)


def wrong_settings(x: npt.NDArray[np.float32], split: Split) -> None:
    split.numpy_batches("frame")  # type: ignore[arg-type]
    split.numpy_batches(contxt=5)  # type: ignore[call-arg]
    split.torch(batch_size="many")  # type: ignore[call-overload]
    ossicle.fbank(x, num_mel_bin=80)  # type: ignore[call-overload]
    ossicle.fbank(x, window="hanning")  # type: ignore[call-overload]
    ossicle.mel(x, num_ceps=13)  # type: ignore[call-overload]
