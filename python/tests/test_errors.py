"""What is wrong is told by its kind, with what helps in arguments and never in flags."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import noise, ossicle, write_wave

import ossicle as package
from ossicle import AudioError, CorpusError, DatasetError, Error, Extractor, fbank, load_audio, mfcc, resample

F32 = np.float32


class OnGpu:
    """A tensor of CUDA's memory, as DLPack tells it (device type 2)."""

    device = "cuda:0"

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 0

    def __dlpack__(self, **_: object) -> object:
        raise AssertionError("it was taken all the same")

    def __array__(self) -> np.ndarray:
        raise AssertionError("it was taken all the same")


def masked() -> np.ndarray:
    return np.ma.masked_array(np.zeros(800, F32), mask=np.arange(800) == 3)


# What is given, what the message has, and what the advice has; None where there is nothing to advise.
SAMPLES: list[tuple[Any, str, str | None]] = [
    (np.zeros(0, F32), "x is empty", "at least 400 samples"),
    (np.zeros(399, F32), "x: there are 399 samples, and the first row takes 400", "at least 400 samples, or pad_to"),
    (np.zeros((2, 2, 400), F32), r"x has the shape \(2, 2, 400\); samples of a recording are 1-D", None),
    (np.zeros((1, 1, 400), F32), r"x has the shape \(1, 1, 400\)", "x.reshape(-1)"),
    ([np.zeros(400, F32), np.zeros((1, 400), F32)], r"x\[1\] has the shape \(1, 400\)", "x[1].reshape(-1)"),
    (np.zeros(400, np.complex64), "x has numbers of type complex64", "x.real"),
    (np.zeros(400, np.int32), "numbers of type int32", "x / 2**31"),
    (np.zeros(400, np.uint8), "numbers of type uint8", "- 128) / 128"),
    (np.zeros(400, np.int64), "numbers of type int64", "x.astype"),
    (np.zeros(400, bool), "numbers of type bool", None),
    (np.zeros(400, object), "numbers of type object", None),
    (np.zeros(400, "M8[s]"), "numbers of type datetime64", None),
    (np.array(["a"]), "numbers of type <U1", None),
    ("a.wav", "is no array", None),
    (None, "is no array", None),
    (object(), "is no array", None),
    (F32(1), "has the shape", None),
    ([[0.0, 1.0], [2.0]], r"x\[0\]: there are 2 samples", "at least 400"),
    (masked(), "x has masked samples", "x.filled(0)"),
    (np.append(np.zeros(500, F32), np.nan), r"x\[500\] is nan", 'nan="keep"'),
    (np.append(np.zeros(500), -np.inf), r"x\[500\] is -inf", 'nan="keep"'),
    (np.append(np.zeros(500), 1e300), r"x\[500\] is 1e300, which float32 cannot hold", "full scale of ±1"),
    (np.append(np.zeros(500), 1e12), r"x\[500\] is 1e12", "full scale of ±1"),
    ([np.zeros(800, F32), np.append(np.zeros(500, F32), np.inf)], r"x\[1\]\[500\] is inf", 'nan="keep"'),
    (np.stack([np.zeros(800, F32), np.full(800, np.nan, F32)]), r"x\[1\]\[0\] is nan", 'nan="keep"'),
    (np.zeros((2, 0), F32), r"x\[0\] is empty", "at least 400 samples"),
    (OnGpu(), "x is on cuda:0, and ossicle computes on the CPU", "x.cpu()"),
    ([OnGpu()], r"x\[0\] is on cuda:0", "x[0].cpu()"),
]


@pytest.mark.parametrize(("x", "message", "advice"), SAMPLES)
def test_samples_that_are_none_are_refused_with_advice(x: Any, message: str, advice: str | None) -> None:
    with pytest.raises(Error, match=message) as caught:
        fbank(x)
    agrees(caught.value, advice)


def agrees(error: Error, advice: str | None) -> None:
    """The advice is what it should be, and no flag is in any sentence."""
    if advice is None:
        assert error.advice is None
    else:
        assert advice in (error.advice or ""), error.advice
    assert "--" not in str(error) and "--" not in (error.advice or "")


X = noise(8000)

ARGUMENTS: list[tuple[Any, str, str | None]] = [
    (lambda: fbank(X, num_mel_bin=40), "there is no setting num_mel_bin; did you mean num_mel_bins?", "num_mel_bins"),
    (lambda: fbank(X, quite_another=1), "there is no setting quite_another", None),
    (lambda: fbank(X, num_mel_bins=0), "num_mel_bins is 0; it must be from 1 to 4096", None),
    (lambda: fbank(X, num_mel_bins="many"), "it must be a whole number", None),
    (lambda: fbank(X, num_mel_bins=b"40"), "which is no number, word or list", None),
    (lambda: fbank(X, window="hanning"), 'window is "hanning"', None),
    (lambda: fbank(X, deltas=2), "deltas is 2; it must be a dict", None),
    (lambda: fbank(X, deltas={}), "deltas is {}", "leave deltas away"),
    (lambda: fbank(X, deltas={"ordr": 2}), "ordr", None),
    (lambda: fbank(X, **{"audio.channel": "mix"}), "audio.channel is about recordings", "load_audio"),
    (lambda: fbank(X, preset="kaldi-fbnk"), 'there is no preset "kaldi-fbnk"', None),
    (lambda: fbank(X, preset="kaldi-mfcc"), "of another kind than mel: mfcc", "ossicle.mfcc"),
    (lambda: fbank(X, preset=3), "a recipe is 3; it must be a preset's name", None),
    (lambda: fbank(X, preset="[audio]\nbroken"), "line 2, column 7", None),
    (lambda: fbank(X, sample_rate_hz=0), "sample_rate_hz is 0; it must be a whole number from 1", None),
    (lambda: fbank(X, sample_rate_hz=-1), "sample_rate_hz is -1", None),
    (lambda: fbank(X, sample_rate_hz=10**12), "sample_rate_hz is 1000000000000", None),
    (lambda: fbank(X, sample_rate_hz=16000.5), "sample_rate_hz is 16000.5", None),
    (lambda: fbank(X, sample_rate_hz="16k"), "sample_rate_hz is '16k'", None),
    (
        lambda: Extractor("whisper-80", sample_rate_hz=8000),
        "recordings of 16000 Hz, and the samples are of 8000",
        "ossicle.resample(x, 8000, 16000)",
    ),
    (lambda: Extractor("timit-mfcc"), "normalised by train, and there is no corpus here", "normalize=None"),
    (lambda: fbank(X, normalize={"scope": "speaker"}), "normalised by each speaker", "for_speaker"),
    (lambda: fbank(X, layout="rows"), "layout is 'rows'", None),
    (lambda: fbank(X, dtype=np.int16), "dtype is int16; it must be one of floating point", None),
    (lambda: fbank(X, dtype="quite"), "dtype is 'quite'", None),
    (lambda: fbank(X, nan="drop"), 'it must be "raise" or "keep"', None),
    (lambda: fbank([X], jobs=0), "jobs is 0; it must be a whole number from 1", None),
    (lambda: fbank([X], jobs=-2), "jobs is -2", None),
    (lambda: fbank(X, pad_to=0), "pad_to is 0", None),
    (lambda: fbank(X, out=[]), "out is of type list", None),
    (lambda: fbank(X, out=np.empty((3, 23), F32)), r"shape \(3, 23\), and the result \(48, 23\)", "(48, 23)"),
    (lambda: fbank(X, out=np.empty((48, 23), np.int16)), "dtype is int16", None),
    (lambda: fbank(X, dtype="float16", out=np.empty((48, 23), F32)), "out is of float32", "dtype=out.dtype"),
    (lambda: fbank(X, out=np.broadcast_to(F32(0), (48, 23))), "out cannot be written", "out.copy()"),
    (lambda: fbank([X], out=np.empty((48, 23), F32)), "out takes one array", "leave out away"),
    (lambda: Extractor("kaldi-fbank").num_frames(-1), "num_samples is -1", None),
    (lambda: resample(X, 16000, 0), "to_hz is 0", None),
    (lambda: resample(X, 16000, 10**12), "to_hz is 1000000000000", None),
    (lambda: resample(X, 16000, 8000, mode="fast"), "mode is \"fast\"; it must be one of hq", 'mode="hq"'),
    (lambda: load_audio(b"RIFF", start_sample=-1), "start_sample is -1", None),
    (lambda: load_audio(b"RIFF", start_sample=1 << 70), "start_sample is 1180591620717411303424", None),
    (lambda: load_audio(b"RIFF", channel="left"), "left", 'channel="first"'),
    (lambda: load_audio(3), "int is no path, bytes or file", "pass a path"),  # type: ignore[arg-type]
    (lambda: load_audio(io.StringIO("text")), '"rb"', 'open it with "rb"'),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("call", "message", "advice"), ARGUMENTS)
def test_arguments_that_are_wrong_are_refused_with_advice(call: Any, message: str, advice: str | None) -> None:
    with pytest.raises(Error, match=message) as caught:
        call()
    agrees(caught.value, advice)
    # As a worker process hands it over.
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value)
    assert str(again) == str(caught.value) and again.advice == caught.value.advice


def test_recordings_that_are_none_are_errors_of_audio(tmp_path: Path) -> None:
    write_wave(tmp_path / "a.wav", X)
    whole = (tmp_path / "a.wav").read_bytes()
    for given, message, advice in (
        (b"<!DOCTYPE html><html>", "begins with", "numpy.fromfile"),
        (b"", "the bytes: holds 0 bytes", "again"),
        (whole[:9000], "promises 8000 samples but the file holds 4478", "again"),
        (tmp_path, "is a directory", "the path of a file"),
    ):
        with pytest.raises(AudioError, match=message) as caught:
            load_audio(given)
        agrees(caught.value, advice)
    with pytest.raises(AudioError, match="channel 7 was asked for") as caught:
        load_audio(whole, channel=7)
    agrees(caught.value, 'channel="first"')
    with pytest.raises(AudioError, match="ends after 8000") as caught:
        load_audio(whole, start_sample=8001)
    agrees(caught.value, "a smaller start_sample")
    closed = io.BytesIO(whole)
    closed.close()
    with pytest.raises(ValueError, match="closed file"):
        load_audio(closed)


def test_the_system_s_errors_are_the_system_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = tmp_path / "none"
    for call in (load_audio, package.audio_info, Extractor.from_dataset):
        with pytest.raises(FileNotFoundError) as caught:
            call(nothing)  # type: ignore[operator]
        assert caught.value.filename == str(nothing)
    with pytest.raises(FileNotFoundError):
        Extractor(tmp_path / "none.toml")
    with pytest.raises(DatasetError, match="is not a dataset") as dataset:
        Extractor.from_dataset(tmp_path)
    agrees(dataset.value, None)
    (tmp_path / "latin.toml").write_bytes(b"# \xe4\n")
    with pytest.raises(Error, match="latin.toml is no recipe"):
        Extractor(tmp_path / "latin.toml")


def test_what_the_system_does_not_allow_is_a_permission_error(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wave(path, X)
    path.chmod(0)
    if not os.access(path, os.R_OK):
        with pytest.raises(PermissionError):
            load_audio(path)
        return
    # Who may everything asks as somebody who may not.
    code = (
        "import os, ossicle\n"
        "os.setgid(65534), os.setuid(65534)\n"
        "try: ossicle.load_audio('/proc/1/mem')\n"
        "except PermissionError as error: print(error.filename)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "/proc/1/mem\n", done.stderr


def test_a_damaged_dataset_is_told(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert ossicle("extract", corpus, "--out", out, "--preset", "kaldi-fbank").returncode == 0
    card = out / "dataset.json"
    card.write_text(card.read_text().replace("kaldi", "kaldo", 1)[:-40])
    with pytest.raises(DatasetError) as caught:
        Extractor.from_dataset(out)
    agrees(caught.value, None)


def test_all_errors_are_values_and_have_advice() -> None:
    for kind in (AudioError, CorpusError, DatasetError):
        assert issubclass(kind, Error)
        assert kind.__module__ == "ossicle"
    assert issubclass(Error, ValueError) and Error("so").advice is None


def test_samples_that_are_not_finite_can_be_kept() -> None:
    x = noise(16000).astype(F32) / F32(32768)
    spoilt, silent = x.copy(), x.copy()
    spoilt[[8000, 8001]] = np.nan, np.inf
    silent[[8000, 8001]] = 0
    rows, expected = mfcc(spoilt, nan="keep"), mfcc(silent)
    # Frames of 400 samples, a new one every 160, that hold one of the two.
    holds = np.array([t * 160 <= 8001 and 8000 < t * 160 + 400 for t in range(98)])
    assert 2 <= holds.sum() <= 4
    assert np.isnan(rows[holds]).all() and np.array_equal(rows[~holds], expected[~holds])
    assert np.array_equal(mfcc([spoilt], nan="keep")[0], rows, equal_nan=True)
    assert np.array_equal(mfcc(spoilt[None], nan="keep")[0], rows, equal_nan=True)
    # Deltas are of the neighbours, two to each side.
    deltas = mfcc(spoilt, nan="keep", deltas={"order": 1})
    near = np.convolve(holds, np.ones(5), "same") > 0
    assert np.array_equal(np.isnan(deltas[:, 13:]).any(axis=1), near)
    assert np.array_equal(mfcc(x, nan="keep"), mfcc(x))


def test_what_memory_cannot_hold_is_a_memory_error() -> None:
    with pytest.raises(MemoryError):
        fbank(np.broadcast_to(F32(0), 1 << 42))
    with pytest.raises(MemoryError):
        fbank(noise(8000), pad_to=10**11)
