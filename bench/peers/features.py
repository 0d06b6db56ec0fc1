"""Times a frame of each feature on one thread, in Python.

``cargo xtask bench features`` runs it. It says on its first line what it can time, and then answers
each number it reads with one turn of that subject, so that the caller can let several programs take
turns:

    → {"programs": ["librosa 0.11.0", ...], "subjects": [{"feature": "kaldi-fbank", ...}, ...]}
    ← 0
    → {"us_per_frame": 7.2, "num_frames": 998, "dim": 80}

Each program runs at its own best setting: single precision where it has a choice, one thread,
objects with windows and filters made once, ten seconds of sound in a call, in the type that it
takes fastest. What a call returns is made completely: frames that a program hands out one by one are gathered.

PyTorch's programs are timed where they are installed.
"""

import os

# Before NumPy and PyTorch are loaded.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
# Nothing is downloaded.
os.environ["HF_HUB_OFFLINE"] = "1"

import functools
import importlib.metadata
import json
import sys
import time
import wave

import asrfront
import kaldi_native_fbank
import librosa
import numpy as np
import python_speech_features
import transformers
from transformers.models.whisper import feature_extraction_whisper as whisper

try:
    import torch
    import torchaudio
except ImportError:
    torch = torchaudio = None

SAMPLE_RATE_HZ = 16_000
# bench/features has the same two.
NUM_SAMPLES = 160_000
TURN_S = 0.25


def read(path):
    """Ten seconds of a recording, repeated up to there: 16-bit integers."""
    with wave.open(path) as recording:
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
    return np.resize(samples, NUM_SAMPLES)


def of_librosa(samples):
    """librosa.feature.mfcc and melspectrogram, their mel filters made once and not for each call.

    ``librosa.feature.mfcc(n_mfcc=40, n_mels=128, n_fft=400, hop_length=160)`` does the same steps.
    """
    mels = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=400, n_mels=128)
    window = librosa.filters.get_window("hann", 400).astype(np.float32)

    def mfcc():
        spectrum = librosa.stft(samples, n_fft=400, hop_length=160, window=window)
        decibels = librosa.power_to_db(mels @ librosa.util.abs2(spectrum))
        return librosa.feature.mfcc(S=decibels, n_mfcc=40).T

    default_mels = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=2048, n_mels=128)

    def mel():
        spectrum = librosa.stft(samples, n_fft=2048, hop_length=512)
        return (default_mels @ librosa.util.abs2(spectrum)).T

    yield "librosa-mel", "librosa stft and mels, filters kept", mel
    yield (
        "librosa-mel",
        "librosa.feature.melspectrogram",
        lambda: librosa.feature.melspectrogram(y=samples, sr=SAMPLE_RATE_HZ).T,
    )
    yield "librosa-mfcc", "librosa stft and feature.mfcc, filters kept", mfcc
    yield (
        "librosa-mfcc",
        "librosa.feature.mfcc",
        lambda: librosa.feature.mfcc(
            y=samples, sr=SAMPLE_RATE_HZ, n_mfcc=40, n_mels=128, n_fft=400, hop_length=160
        ).T,
    )


def of_kaldi_native_fbank(samples):
    # Of all sequences of numbers, its binding takes a list fastest.
    samples = samples.tolist()

    def compute(kind, options):
        extractor = kind(options)
        extractor.accept_waveform(SAMPLE_RATE_HZ, samples)
        extractor.input_finished()
        return np.stack([extractor.get_frame(t) for t in range(extractor.num_frames_ready)])

    fbank = kaldi_native_fbank.FbankOptions()
    fbank.frame_opts.dither = 0
    fbank.mel_opts.num_bins = 80
    mfcc = kaldi_native_fbank.MfccOptions()
    mfcc.frame_opts.dither = 0
    for feature, kind, options in (
        ("kaldi-fbank", kaldi_native_fbank.OnlineFbank, fbank),
        ("kaldi-mfcc", kaldi_native_fbank.OnlineMfcc, mfcc),
    ):
        name = f"kaldi-native-fbank {kind.__name__}"
        yield feature, name, functools.partial(compute, kind, options)


def of_asrfront(samples):
    """asrfront's Kaldi filter banks are SenseVoice's, which have a Hamming window."""
    yield (
        "kaldi-fbank",
        "asrfront sensevoice.fbank_raw",
        lambda: asrfront.sensevoice.fbank_raw(samples),
    )
    yield (
        "whisper-80",
        "asrfront whisper.log_mel",
        lambda: asrfront.whisper.log_mel(samples, pad_or_trim=False).T,
    )


def of_transformers(samples):
    extractor = transformers.WhisperFeatureExtractor(feature_size=80)

    def compute(with_torch):
        # It takes PyTorch wherever that is installed.
        whisper.is_torch_available = lambda: with_torch
        features = extractor(
            samples, sampling_rate=SAMPLE_RATE_HZ, padding="do_not_pad", return_tensors="np"
        )
        return features["input_features"][0].T

    name = "transformers WhisperFeatureExtractor"
    yield "whisper-80", f"{name}, NumPy", functools.partial(compute, with_torch=False)
    if torch is not None:
        yield "whisper-80", f"{name}, PyTorch", functools.partial(compute, with_torch=True)


def of_torchaudio(samples):
    torch.set_num_threads(1)
    samples = torch.from_numpy(samples)
    scaled = samples[None] * 32768
    kaldi = torchaudio.compliance.kaldi
    # It would compute its filters again in each call.
    kaldi.get_mel_banks = functools.cache(kaldi.get_mel_banks)
    yield (
        "kaldi-fbank",
        "torchaudio.compliance.kaldi.fbank",
        lambda: kaldi.fbank(scaled, num_mel_bins=80, dither=0.0),
    )
    yield (
        "kaldi-mfcc",
        "torchaudio.compliance.kaldi.mfcc",
        lambda: kaldi.mfcc(scaled, dither=0.0),
    )
    mels = torchaudio.transforms.MelSpectrogram(
        sample_rate=SAMPLE_RATE_HZ, n_fft=400, hop_length=160, n_mels=80
    )
    yield "torchaudio-mel", "torchaudio.transforms.MelSpectrogram", lambda: mels(samples).T


def of_python_speech_features(samples):
    yield (
        "psf-mfcc",
        "python_speech_features.mfcc",
        lambda: python_speech_features.mfcc(samples, SAMPLE_RATE_HZ),
    )


def take_turn(compute):
    """Calls again and again until the time is up, after one call that warms up."""
    num_frames, dim = compute().shape
    fastest = float("inf")
    start = time.perf_counter()
    while time.perf_counter() - start < TURN_S:
        call = time.perf_counter()
        compute()
        fastest = min(fastest, time.perf_counter() - call)
    return {"us_per_frame": fastest * 1e6 / num_frames, "num_frames": num_frames, "dim": dim}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: features.py RECORDING.wav")
    integers = read(sys.argv[1])
    samples = integers.astype(np.float32) / np.float32(32768)
    subjects = [
        *of_librosa(samples),
        *of_kaldi_native_fbank(samples),
        *of_asrfront(samples),
        *of_transformers(samples),
        *of_python_speech_features(integers),
    ]
    packages = [
        "librosa",
        "numpy",
        "kaldi-native-fbank",
        "asrfront",
        "transformers",
        "python_speech_features",
    ]
    if torch is not None:
        torch.set_grad_enabled(False)
        subjects += of_torchaudio(samples)
        packages += ["torch", "torchaudio"]
    hello = {
        "programs": [f"{name} {importlib.metadata.version(name)}" for name in packages],
        "subjects": [{"feature": feature, "program": name} for feature, name, _ in subjects],
    }
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        _, _, compute = subjects[int(line)]
        print(json.dumps(take_turn(compute)), flush=True)


if __name__ == "__main__":
    main()
