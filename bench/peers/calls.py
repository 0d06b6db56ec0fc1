"""Times calls for 80 mel energies on one thread, in one process, and a batch on two.

``cargo xtask bench python`` runs it. It says on its first line what it can time, and then answers each number it
reads with one turn of that subject:

    → {"programs": ["asrfront 0.2.2", ...], "subjects": [{"feature": "0.05 s", "program": "ossicle.fbank"}, ...]}
    ← 0
    → {"us_per_frame": 1.1, "num_frames": 3, "dim": 80}

A call takes a recording in memory, in the type that the program takes fastest, and leaves the whole matrix. Each
program runs at its own best setting: one thread, objects with windows and filters made once where it has such.
PyTorch's programs are timed where they are installed. Whisper's features of 30 s are timed beside transformers' own
class: its path by NumPy, which is what it takes without PyTorch.
"""

import os

# Before NumPy and PyTorch are loaded.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import functools
import importlib.metadata
import json
import sys
import time
import wave

import kaldi_native_fbank
import librosa
import numpy as np
import ossicle
import transformers
from asrfront import sensevoice, whisper
from ossicle.transformers import feature_extractor
from transformers.models.whisper import feature_extraction_whisper

try:
    import torch
    import torchaudio
except ImportError:
    torch = torchaudio = None

SAMPLE_RATE_HZ = 16_000
LENGTHS_S = (0.05, 3, 30)
BATCH, BATCH_S = 1000, 3
TURN_S = 0.25


def read(path):
    """A recording's 16-bit integers as float32 of full scale ±1."""
    with wave.open(path) as recording:
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
    return samples.astype(np.float32) / np.float32(32768)


def of_ossicle(x):
    yield "ossicle.fbank", lambda: ossicle.fbank(x, num_mel_bins=80)
    extractor = ossicle.Extractor("kaldi-fbank", num_mel_bins=80)
    yield "ossicle.Extractor", lambda: extractor(x)


def of_asrfront(x):
    yield "asrfront", lambda: sensevoice.fbank_raw(x, n_mels=80)


def of_kaldi_native_fbank(x):
    # Of all sequences of numbers, its binding takes a list fastest.
    samples = (x * 32768).tolist()
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80

    def compute():
        fbank = kaldi_native_fbank.OnlineFbank(options)
        fbank.accept_waveform(SAMPLE_RATE_HZ, samples)
        fbank.input_finished()
        return np.stack([fbank.get_frame(t) for t in range(fbank.num_frames_ready)])

    yield "kaldi-native-fbank", compute


def of_librosa(x):
    """Its nearest: 400 samples in 512, every 160, without Kaldi's filters and offset."""
    mels = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=512, n_mels=80, fmin=20)
    window = librosa.filters.get_window("hann", 400).astype(np.float32)
    if len(x) < 512:
        return

    def compute():
        spectrum = librosa.stft(x, n_fft=512, win_length=400, hop_length=160, window=window, center=False)
        return np.log(np.maximum(mels @ librosa.util.abs2(spectrum), 1e-10)).T

    yield "librosa", compute


def of_torchaudio(x):
    if torch is None:
        return
    kaldi = torchaudio.compliance.kaldi
    scaled = torch.from_numpy(x)[None] * 32768
    yield "torchaudio", lambda: kaldi.fbank(scaled, num_mel_bins=80, dither=0.0)


def of_whisper(x):
    extractor = ossicle.Extractor("whisper-80")
    yield "ossicle.Extractor", lambda: extractor(x)
    yield "asrfront", lambda: whisper.log_mel(x, pad_or_trim=False).T
    theirs = transformers.WhisperFeatureExtractor()
    # Whether PyTorch is there or not.
    feature_extraction_whisper.is_torch_available = lambda: False
    for name, extractor in (("ossicle.transformers", feature_extractor(theirs, jobs=1)), ("transformers", theirs)):

        def compute(extractor=extractor):
            batch = extractor(x, sampling_rate=SAMPLE_RATE_HZ, return_tensors="np")
            return batch.input_features[0].T

        yield name, compute


def of_batch(x):
    batch = [np.roll(x, 17 * number) for number in range(BATCH)]
    extractor = ossicle.Extractor("kaldi-fbank", num_mel_bins=80)
    for threads in (1, 2):
        # One array stands for all, so that what is returned has a shape.
        yield f"ossicle, jobs={threads}", lambda jobs=threads: np.broadcast_to(
            extractor(batch, jobs=jobs)[0], (BATCH, 298, 80)
        )
        # Without frames side by side, it gives the same rows.
        together = functools.partial(sensevoice.fbank_batch, lfr_m=1, lfr_n=1, n_threads=threads)
        yield f"asrfront, n_threads={threads}", lambda compute=together: compute(batch)[0]


def take_turn(compute):
    """Calls again and again until the time is up, after one call that warms up."""
    shape = compute().shape
    num_frames = int(np.prod(shape[:-1]))
    fastest = float("inf")
    start = time.perf_counter()
    while time.perf_counter() - start < TURN_S:
        call = time.perf_counter()
        compute()
        fastest = min(fastest, time.perf_counter() - call)
    return {"us_per_frame": fastest * 1e6 / num_frames, "num_frames": num_frames, "dim": shape[-1]}


def subjects(recording):
    for length_s in LENGTHS_S:
        x = np.resize(recording, int(length_s * SAMPLE_RATE_HZ))
        for of in (of_ossicle, of_asrfront, of_kaldi_native_fbank, of_librosa, of_torchaudio):
            for name, compute in of(x):
                yield f"{length_s} s", name, compute
    for name, compute in of_whisper(np.resize(recording, 30 * SAMPLE_RATE_HZ)):
        yield "Whisper, 30 s", name, compute
    for name, compute in of_batch(np.resize(recording, BATCH_S * SAMPLE_RATE_HZ)):
        yield f"{BATCH:,} of {BATCH_S} s", name, compute


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: calls.py RECORDING.wav")
    if torch is not None:
        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
    all_subjects = list(subjects(read(sys.argv[1])))
    packages = ["asrfront", "kaldi-native-fbank", "librosa", "numpy", "transformers"]
    packages += ["torch", "torchaudio"] if torch is not None else []
    hello = {
        "programs": [f"{name} {importlib.metadata.version(name)}" for name in packages],
        "subjects": [{"feature": feature, "program": name} for feature, name, _ in all_subjects],
    }
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        _, _, compute = all_subjects[int(line)]
        print(json.dumps(take_turn(compute)), flush=True)


if __name__ == "__main__":
    main()
