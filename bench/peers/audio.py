"""Times the decoding of recordings on one thread, in Python.

``cargo xtask bench audio`` runs it on a folder of recordings. It says on its first line what it can time, and
then answers each number it reads with one turn of that subject, as ``features.py`` does:

    → {"programs": ["soundfile 0.14.0", ...], "subjects": [{"feature": "speech.flac", ...}, ...]}
    ← 0
    → {"us_per_frame": 0.0112, "num_frames": 960000, "dim": 1}

A frame is a sample of every channel. Each program gives float32, the fastest way that it has; asrfront gives
16 kHz and one channel, which the recordings have. torchcodec is timed where it is installed.
"""

import os

# Before NumPy and PyTorch are loaded.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import functools
import importlib.metadata
import json
import sys
import time
from pathlib import Path

import asrfront
import librosa
import numpy as np
import soundfile
import soxr

try:
    import torch
    from torchcodec.decoders import AudioDecoder, WavDecoder
except (ImportError, RuntimeError):
    torch = None

# bench/audio has the same.
TURN_S = 0.25


def of_soundfile(path):
    samples, _ = soundfile.read(path, dtype="float32")
    return samples


def of_librosa(path):
    samples, _ = librosa.load(path, sr=None)
    return samples


def of_torchcodec(path):
    return AudioDecoder(path, num_ffmpeg_threads=1).get_all_samples().data[0]


def of_torchcodec_wav(path):
    return WavDecoder(path).get_all_samples().data[0]


def ways():
    yield "soundfile", of_soundfile
    yield "librosa.load", of_librosa
    yield "asrfront.load", asrfront.load
    if torch is not None:
        yield "torchcodec AudioDecoder", of_torchcodec
        yield "torchcodec WavDecoder", of_torchcodec_wav


def subjects(folder):
    for path in sorted(Path(folder).iterdir()):
        for program, way in ways():
            try:
                way(str(path))
            except Exception:
                # It does not read this format.
                continue
            yield path.name, program, functools.partial(way, str(path))
    noise = np.random.default_rng(1).random(60 * 44_100, dtype=np.float32) - 0.5
    for quality in ("HQ", "VHQ"):
        # A frame is a sample of 44,100 Hz, and what comes out has fewer.
        resample = functools.partial(soxr.resample, noise, 44_100, 16_000, quality=quality)
        yield "44.1 to 16 kHz", f"soxr {quality}", lambda resample=resample: (resample(), noise)[1]


def take_turn(decode):
    """Calls again and again until the time is up, after one call that warms up."""
    num_frames = len(decode())
    fastest = float("inf")
    start = time.perf_counter()
    while time.perf_counter() - start < TURN_S:
        call = time.perf_counter()
        decode()
        fastest = min(fastest, time.perf_counter() - call)
    return {"us_per_frame": fastest * 1e6 / num_frames, "num_frames": num_frames, "dim": 1}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: audio.py FOLDER")
    packages = ["soundfile", "librosa", "asrfront", "soxr", "numpy"]
    if torch is not None:
        torch.set_num_threads(1)
        packages += ["torch", "torchcodec"]
    timed = list(subjects(sys.argv[1]))
    hello = {
        "programs": [f"{name} {importlib.metadata.version(name)}" for name in packages],
        "subjects": [{"feature": what, "program": program} for what, program, _ in timed],
    }
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        _, _, decode = timed[int(line)]
        print(json.dumps(take_turn(decode)), flush=True)


if __name__ == "__main__":
    main()
