"""FLAC to mel filter banks with soundfile and kaldi-native-fbank: ``ossicle extract --preset kaldi-fbank``.

    flac_fbank.py CORPUS OUT JOBS [DATASET]

Reads every FLAC file below CORPUS, computes 23 mel bins without dither as Kaldi does, in a pool of JOBS
processes, and writes ``OUT/features.npy`` (frames, 23) float32 in the order of the paths. With DATASET, which
ossicle made of the same corpus, it says how far the values of both are apart: only then did both do the same.

It is meant to be the script that a careful engineer would write today: one thread a process, work handed out in
chunks, options made once. The last line on standard output is a JSON object; ``wall_s`` begins at the script's
first line.
"""

import time

STARTED = time.perf_counter()

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import json
import multiprocessing
import sys
from pathlib import Path

import kaldi_native_fbank
import numpy as np
import soundfile

OPTIONS = kaldi_native_fbank.FbankOptions()
OPTIONS.frame_opts.dither = 0
OPTIONS.mel_opts.num_bins = 23


def features(path):
    samples, rate = soundfile.read(path, dtype="float32")
    fbank = kaldi_native_fbank.OnlineFbank(OPTIONS)
    # Of all sequences of numbers, its binding takes a list fastest. Kaldi's samples are integers.
    fbank.accept_waveform(rate, (samples * 32768).tolist())
    fbank.input_finished()
    return np.stack([fbank.get_frame(t) for t in range(fbank.num_frames_ready)])


def main():
    corpus, out, jobs, *dataset = sys.argv[1:]
    paths = sorted(str(path) for path in Path(corpus).rglob("*.flac"))
    with multiprocessing.Pool(int(jobs)) as pool:
        matrices = list(pool.imap(features, paths, chunksize=8))
    all_frames = np.concatenate(matrices)
    Path(out).mkdir(parents=True)
    np.save(Path(out) / "features.npy", all_frames)
    report = {"wall_s": time.perf_counter() - STARTED, "num_frames": len(all_frames)}
    if dataset:
        shards = sorted((Path(dataset[0]) / "all").glob("features-*.npy"))
        ours = np.concatenate([np.load(shard) for shard in shards])
        report["largest_difference"] = float(np.abs(ours - all_frames).max())
    print(json.dumps(report))


if __name__ == "__main__":
    main()
