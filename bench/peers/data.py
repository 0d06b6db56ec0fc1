"""Times reading a dataset in one process: random utterances, and shuffled frames with those around them.

``cargo xtask bench python --data`` runs it, with the folder of a dataset that has a split ``train`` and one feature. It
writes what the others read to a folder beside it, says on its first line what it can time, and then answers each number
it reads with one turn of that subject, as calls.py does:

    → {"programs": ["h5py 3.16.0", ...], "subjects": [{"feature": "utterances, mapped", "program": "ossicle"}, ...]}
    ← 0
    → {"us_per_frame": 1.1, "num_frames": 300, "dim": 120}

Files are in the page cache: everything is read once before. A call takes 1,000 utterances in a random order, or a batch
of 1,024 frames with five on each side, as float32 in an array of its own. Everyone draws the same frames. Each program is at
its own best: h5py with one array for each utterance, which is how it is mostly used, and with one for all of them,
contiguous, of which it reads a slice a frame; lhotse by its storage in HDF5, and its features' own offsets. lhotse and
PyTorch are timed where they are installed.
"""

import os

# Before NumPy and PyTorch are loaded.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import importlib.metadata
import importlib.util
import itertools
import json
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import ossicle

CONTEXT, BATCH = 5, 1024
UTTERANCES = 1000
TURN_S = 0.25

HAS_TORCH = importlib.util.find_spec("torch") is not None
HAS_LHOTSE = importlib.util.find_spec("lhotse") is not None


class Drawn:
    """Utterances and frames in the order that everyone takes them."""

    def __init__(self, split):
        self.index = np.array(split.index)
        random = np.random.default_rng(0)
        self.utterances = random.permutation(len(self.index))[:UTTERANCES].tolist()
        self.num_frames = int(self.index[self.utterances, 2].sum())
        ends = np.cumsum(self.index[:, 2])
        self.batches = []
        for _ in range(16):
            frames = random.integers(0, ends[-1], BATCH)
            numbers = np.searchsorted(ends, frames, side="right")
            self.batches.append(list(zip(numbers.tolist(), (frames - (ends - self.index[:, 2])[numbers]).tolist())))


def utterances_of_numpy(folder, drawn):
    """Slices of maps, by an index that is in memory as Python's own integers."""
    files = sorted(folder.glob("features-*.npy"))
    shards = [np.load(file, mmap_mode="r") for file in files]
    index = np.load(folder / "index.npy").tolist()

    def views():
        for number in drawn.utterances:
            shard, first, count = index[number]
            shards[shard][first : first + count]

    def copies():
        for number in drawn.utterances:
            shard, first, count = index[number]
            np.array(shards[shard][first : first + count])

    return views, copies


def utterances_of_ossicle(split, drawn):
    def views():
        for number in drawn.utterances:
            split[number].features

    def copies():
        for number in drawn.utterances:
            np.array(split[number].features)

    return views, copies


def read_around(read, lengths, batch, dim):
    """A batch by a reader of rows: `read(utterance, first, end)`; an utterance's ends are repeated beyond it."""
    found = np.empty((len(batch), 2 * CONTEXT + 1, dim), dtype=np.float32)
    for place, (number, frame) in enumerate(batch):
        first, end = frame - CONTEXT, frame + CONTEXT + 1
        there = max(first, 0), min(end, lengths[number])
        rows = read(number, *there)
        found[place, there[0] - first : there[1] - first] = rows
        found[place, : there[0] - first] = rows[0]
        found[place, there[1] - first :] = rows[-1]
    return found


def frames_of_ossicle(split):
    """Batch after batch, epoch after epoch."""
    batches = split.numpy_batches("frames", arrays=["features"], context=CONTEXT, batch_size=BATCH, shuffle=0)
    endless = itertools.chain.from_iterable(iter(lambda: batches, None))
    yield "ossicle, numpy_batches", lambda: next(endless)["features"]
    if HAS_TORCH:
        tensors = split.torch("frames", arrays=["features"], context=CONTEXT, batch_size=BATCH, shuffle=0)
        on = itertools.chain.from_iterable(iter(lambda: tensors, None))
        yield "ossicle, torch", lambda: next(on)["features"]


def frames_of_hdf5(split, work, drawn, dim):
    lengths = drawn.index[:, 2].tolist()
    firsts = (np.cumsum(drawn.index[:, 2]) - drawn.index[:, 2]).tolist()
    with h5py.File(work / "features.h5", "w") as file:
        for utterance in split:
            file.create_dataset(f"u{utterance.number}", data=utterance.features)
        file.create_dataset("all", data=np.asarray(split.features))
    file = h5py.File(work / "features.h5", "r")
    each = [file[f"u{number}"] for number in range(len(lengths))]
    whole = file["all"]
    for name, read in (
        ("h5py, an array an utterance", lambda number, first, end: each[number][first:end]),
        ("h5py, one array", lambda number, first, end: whole[firsts[number] + first : firsts[number] + end]),
    ):
        batches = itertools.cycle(drawn.batches)
        yield name, lambda read=read, batches=batches: read_around(read, lengths, next(batches), dim)


def frames_of_lhotse(split, work, drawn, dim):
    if not HAS_LHOTSE:
        return
    from lhotse import Features, NumpyHdf5Writer

    features = []
    with NumpyHdf5Writer(work / "lhotse.h5") as writer:
        for utterance in split:
            features.append(
                Features(
                    type="fbank",
                    num_frames=utterance.num_frames,
                    num_features=dim,
                    frame_shift=0.01,
                    sampling_rate=16000,
                    start=0,
                    duration=utterance.num_frames / 100,
                    storage_type=writer.name,
                    storage_path=str(writer.storage_path),
                    storage_key=writer.write(f"u{utterance.number}", np.array(utterance.features)),
                )
            )

    def read(number, first, end):
        return features[number].load(start=first / 100, duration=(end - first) / 100)

    batches, lengths = itertools.cycle(drawn.batches), drawn.index[:, 2].tolist()
    yield "lhotse, NumpyHdf5Reader", lambda: read_around(read, lengths, next(batches), dim)


def take_turn(compute):
    """Calls again and again until the time is up, after one call that warms up."""
    compute()
    fastest = float("inf")
    start = time.perf_counter()
    while time.perf_counter() - start < TURN_S:
        call = time.perf_counter()
        compute()
        fastest = min(fastest, time.perf_counter() - call)
    return fastest


def subjects(dataset, work):
    split = ossicle.open(dataset)["train"]
    # Read once, so that it is in the page cache.
    dim = int(np.asarray(split.features).shape[1])
    drawn = Drawn(split)
    numpy_views, numpy_copies = utterances_of_numpy(split.folder, drawn)
    views, copies = utterances_of_ossicle(split, drawn)
    yield "utterances, mapped", "ossicle", views, drawn.num_frames, dim
    yield "utterances, mapped", "np.load", numpy_views, drawn.num_frames, dim
    yield "utterances, copied", "ossicle", copies, drawn.num_frames, dim
    yield "utterances, copied", "np.load", numpy_copies, drawn.num_frames, dim
    rows = BATCH * (2 * CONTEXT + 1)
    for of in (
        frames_of_ossicle(split),
        frames_of_hdf5(split, work, drawn, dim),
        frames_of_lhotse(split, work, drawn, dim),
    ):
        for name, compute in of:
            assert compute().shape == (BATCH, 2 * CONTEXT + 1, dim), name
            yield "frames", name, compute, rows, dim


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: data.py DATASET WORK")
    work = Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    all_subjects = list(subjects(sys.argv[1], work))
    packages = ["h5py", "numpy", *(["torch"] if HAS_TORCH else []), *(["lhotse"] if HAS_LHOTSE else [])]
    hello = {
        "programs": [f"{name} {importlib.metadata.version(name)}" for name in packages],
        "subjects": [{"feature": feature, "program": name} for feature, name, *_ in all_subjects],
    }
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        _, _, compute, num_frames, dim = all_subjects[int(line)]
        us_per_frame = take_turn(compute) * 1e6 / num_frames
        print(json.dumps({"us_per_frame": us_per_frame, "num_frames": num_frames, "dim": dim}), flush=True)


if __name__ == "__main__":
    main()
