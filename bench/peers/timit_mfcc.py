"""TIMIT to normalised MFCCs with librosa: the job of ``ossicle extract --preset timit-mfcc``.

Reads a TIMIT tree, computes 40 MFCCs with deltas and delta-deltas (120 columns) and a phone label
per frame, normalises by the mean and standard deviation of TRAIN, and writes two arrays per split:
``OUT/SPLIT-features.npy`` (frames, 120) float32 and ``OUT/SPLIT-labels.npy`` (frames,) int16. Rows
are in the order of utterance ids (``FCJF0_SX37``).

It is meant to be the script that a careful speech engineer would write today, at Python's own best
setting: single precision, everything that librosa would compute again for each file computed once,
deltas by slices, one BLAS thread per process. Three modes do the same work:

- ``serial``: one process
- ``pool``: ``multiprocessing.Pool`` with ``imap`` in chunks
- ``process-per-file``: one ``multiprocessing.Process`` per recording, all started before any is
  joined, results through a ``Manager().list()``, as scripts of 2019 did. Each keeps files open in
  the parent, so a small limit of open files ends it with ``[Errno 24] Too many open files``.

The last line on standard output is a JSON object with times and memory.
"""

import time

STARTED = time.perf_counter()

import os

# Before NumPy is loaded. A 128 x 201 by 201 x T product is too small to gain from more threads, and
# in a pool every worker has its own core already.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import json
import multiprocessing
import resource
import sys
import traceback
from pathlib import Path

import librosa
import numpy as np

SAMPLE_RATE_HZ = 16_000
SPHERE_HEADER_BYTES = 1024
FRAME_LENGTH = 400
FRAME_SHIFT = 160
NUM_CEPS = 40
NUM_MELS = 128

# Computed once: librosa would do it again for every file.
MEL_BASIS = librosa.filters.mel(sr=SAMPLE_RATE_HZ, n_fft=FRAME_LENGTH, n_mels=NUM_MELS)
WINDOW = librosa.filters.get_window("hann", FRAME_LENGTH).astype(np.float32)

# The 39 classes in order, each with the TIMIT phones folded into it (q counts as silence).
CLASSES = """
iy | ih ix | eh | ae | ah ax ax-h | uw ux | uh | aa ao | ey | ay | oy | aw | ow | er axr | l el | r |
w | y | m em | n en nx | ng eng | dx | jh | ch | z | s | sh zh | hh hv | v | f | dh | th | b | p | d |
t | g | k | bcl pcl dcl tcl gcl kcl epi pau h# q
"""
CLASS_OF_PHONE = {
    phone: number for number, phones in enumerate(CLASSES.split("|")) for phone in phones.split()
}

# The standard lists of TEST speakers; the other 94 belong to no split.
CORE_TEST_SPEAKERS = set(
    """
    FDHC0 FELC0 FJLM0 FMGD0 FMLD0 FNLP0 FPAS0 FPKT0 MBPM0 MCMJ0 MDAB0 MGRT0 MJDH0 MJLN0 MJMP0 MKLT0
    MLLL0 MLNT0 MNJM0 MPAM0 MTAS1 MTLS0 MWBT0 MWEW0
    """.split()
)
DEVELOPMENT_SPEAKERS = set(
    """
    FCMH0 FCMH1 FDAC1 FDRW0 FJEM0 FJSJ0 FKMS0 FLNH0 FMAH0 FRAM1 FRNG0 FSEM0 FSLB1 FSXA0 FTLH0 FUTB0
    MABW0 MAHH0 MAJC0 MBDG0 MBJK0 MBNS0 MBWM0 MCCS0 MCEM0 MCHH0 MCMB0 MCRC0 MCSH0 MCTT0 MCTW0 MDAW1
    MDLF0 MDLS0 MDRM0 MDSC0 MDVC0 MERS0 MESD0 MGMM0 MJFC0 MJSW0 MJTC0 MJTH0 MPAM1 MREB0 MRJO0 MSJS1
    MTEB0 MWVW0
    """.split()
)
SPLITS = ("train", "valid", "test")


def find_recordings(corpus):
    """Recordings of each split, ``{split: [(audio, phones), ...]}``, in the order of their ids."""
    found = {split: [] for split in SPLITS}
    for folder, _, names in os.walk(corpus):
        phone_files = {Path(name).stem.upper(): name for name in names if is_named(name, ".PHN")}
        for name in names:
            if not is_named(name, ".WAV") or name.upper().startswith("SA"):
                continue
            audio = Path(folder, name)
            split = split_of(audio, corpus)
            if split is not None:
                phones = Path(folder, phone_files[audio.stem.upper()])
                found[split].append((f"{audio.parent.name}_{audio.stem}", audio, phones))
    return {
        split: [(audio, phones) for _, audio, phones in sorted(rows)]
        for split, rows in found.items()
    }


def is_named(name, extension):
    return name.upper().endswith(extension)


def split_of(audio, corpus):
    top = audio.relative_to(corpus).parts[0].upper()
    speaker = audio.parent.name.upper()
    if top == "TRAIN":
        return "train"
    if top == "TEST" and speaker in CORE_TEST_SPEAKERS:
        return "test"
    if top == "TEST" and speaker in DEVELOPMENT_SPEAKERS:
        return "valid"
    return None


def extract(recording):
    """Features and labels of one recording: ``(frames, 120)`` float32 and ``(frames,)`` int16."""
    audio, phones = recording
    ends, classes, first, last = read_phones(phones)
    samples = np.fromfile(audio, dtype="<i2", offset=SPHERE_HEADER_BYTES)[first:last]
    features = widen(mfcc((samples + np.float32(0.5)) / np.float32(32767.5)))
    centres = first + FRAME_LENGTH // 2 + FRAME_SHIFT * np.arange(len(features))
    return features, classes[np.searchsorted(ends, centres, side="right")]


def read_phones(path):
    """Where each phone ends, its class, and the first and last sample of them all."""
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    ends = np.array([int(end) for _, end, _ in rows])
    classes = np.array([CLASS_OF_PHONE[phone] for _, _, phone in rows], dtype=np.int16)
    return ends, classes, int(rows[0][0]), int(rows[-1][1])


def mfcc(samples):
    """``librosa.feature.mfcc(n_mfcc=40, n_fft=400, hop_length=160, center=False)``, transposed."""
    spectrum = librosa.stft(
        samples, n_fft=FRAME_LENGTH, hop_length=FRAME_SHIFT, window=WINDOW, center=False
    )
    decibels = librosa.power_to_db(MEL_BASIS @ librosa.util.abs2(spectrum))
    return np.ascontiguousarray(librosa.feature.mfcc(S=decibels, n_mfcc=NUM_CEPS).T)


def widen(base):
    """The columns, their deltas, and the deltas' deltas, side by side."""
    delta = regression(base)
    return np.hstack((base, delta, regression(delta)))


def regression(x):
    """The slope over two frames to each side, the edges repeated."""
    padded = np.pad(x, ((2, 2), (0, 0)), mode="edge")
    return (padded[3:-1] - padded[1:-3] + 2 * (padded[4:] - padded[:-4])) / x.dtype.type(10)


def load_everything():
    """Has librosa load now what it loads on first use: forked processes then share it."""
    widen(mfcc(np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)))


def serially(recordings, jobs):
    return map(extract, recordings)


def in_a_pool(recordings, jobs):
    with multiprocessing.Pool(jobs) as pool:
        yield from pool.imap(extract, recordings, chunksize=8)


def in_a_process_each(recordings, jobs):
    with multiprocessing.Manager() as manager:
        results = manager.list([None] * len(recordings))
        processes = []
        try:
            for position, recording in enumerate(recordings):
                process = multiprocessing.Process(
                    target=extract_to, args=(results, position, recording)
                )
                process.start()
                processes.append(process)
        except OSError:
            # The run is lost; do not leave hundreds of processes behind.
            for process in processes:
                process.terminate()
            raise
        for process in processes:
            process.join()
        yield from list(results)


def extract_to(results, position, recording):
    results[position] = extract(recording)


MODES = {"serial": serially, "pool": in_a_pool, "process-per-file": in_a_process_each}


def statistics(features, rows_at_once=1 << 16):
    """Mean and population standard deviation of each column, summed in double precision."""
    mean = features.mean(axis=0, dtype=np.float64)
    squares = np.zeros_like(mean)
    for start in range(0, len(features), rows_at_once):
        difference = features[start : start + rows_at_once] - mean
        squares += np.einsum("ij,ij->j", difference, difference)
    deviation = np.sqrt(squares / len(features))
    deviation[deviation == 0] = 1e-5
    return mean.astype(np.float32), deviation.astype(np.float32)


def run(corpus, out, mode, jobs):
    """Does the whole job; returns the number of utterances and of frames."""
    out.mkdir(parents=True, exist_ok=True)
    found = find_recordings(corpus)
    recordings = [recording for split in SPLITS for recording in found[split]]
    results = iter(MODES[mode](recordings, jobs))
    mean = deviation = None
    num_frames = 0
    # TRAIN comes first, so that each split can be normalised and written when it is there.
    for split in SPLITS:
        pairs = [next(results) for _ in found[split]]
        if not pairs:
            continue
        features = np.concatenate([features for features, _ in pairs])
        labels = np.concatenate([labels for _, labels in pairs])
        del pairs
        if mean is None:
            mean, deviation = statistics(features)
        features -= mean
        features /= deviation
        np.save(out / f"{split}-features.npy", features)
        np.save(out / f"{split}-labels.npy", labels)
        num_frames += len(features)
        del features
    return len(recordings), num_frames


def compare(out, dataset):
    """How far ossicle's dataset is from what was just written here."""
    worst, different_labels = 0.0, 0
    for split in SPLITS:
        ours = np.load(out / f"{split}-features.npy", mmap_mode="r")
        labels = np.load(out / f"{split}-labels.npy")
        row = 0
        for shard in sorted((dataset / split).glob("features-*.npy")):
            theirs = np.load(shard, mmap_mode="r")
            for start in range(0, len(theirs), 1 << 16):
                block = theirs[start : start + (1 << 16)]
                worst = max(worst, float(np.abs(block - ours[row : row + len(block)]).max()))
                row += len(block)
        shards = sorted((dataset / split).glob("labels-*.npy"))
        theirs = np.concatenate([np.load(shard) for shard in shards])
        if row != len(ours) or theirs.shape != labels.shape:
            sys.exit(f"{split}: {len(ours)} frames here, {row} frames in {dataset}")
        different_labels += int((theirs != labels).sum())
    return {"largest_difference": worst, "different_labels": different_labels}


def measurements(wall_s):
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    # ru_maxrss is in KiB on Linux, in bytes on macOS.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {
        "wall_s": round(wall_s, 3),
        "cpu_s": round(own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime, 3),
        "peak_rss_mib": round(own.ru_maxrss / unit, 1),
        "peak_rss_of_a_child_mib": round(children.ru_maxrss / unit, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path, help="a TIMIT tree: TRAIN/DR1/FCJF0/SX37.WAV ...")
    parser.add_argument("--out", type=Path, required=True, help="folder for the arrays")
    parser.add_argument("--mode", choices=MODES, default="serial")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="workers of a pool")
    parser.add_argument("--compare", type=Path, help="a dataset of ossicle's, compared afterwards")
    arguments = parser.parse_args()

    load_everything()
    loaded_s = time.perf_counter() - STARTED
    try:
        utterances, frames = run(arguments.corpus, arguments.out, arguments.mode, arguments.jobs)
    except OSError:
        traceback.print_exc()
        sys.exit(1)
    report = {
        "mode": arguments.mode,
        "jobs": arguments.jobs if arguments.mode == "pool" else 1,
        "utterances": utterances,
        "frames": frames,
        "loading_s": round(loaded_s, 3),
        **measurements(time.perf_counter() - STARTED),
    }
    if arguments.compare:
        report |= compare(arguments.out, arguments.compare)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
