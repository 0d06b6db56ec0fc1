"""Arrays of several sample rates and frames: each utterance has the rows that its recording gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import ossicle
import pytest
from conftest import noise, write_wave
from conftest import ossicle as command

RECIPE = """
[audio]
sample_rate_hz = 16000
resample = "hq"

[frames]
length = "400samples"
shift = "160samples"
edges = "center"

[[feature]]
name = "mel"
kind = "mel"
n_fft = 400
num_mel_bins = 20

[[feature]]
name = "wave"
kind = "waveform"
dtype = "int16"

[[feature]]
name = "mel24"
kind = "mel"
n_fft = 1024
num_mel_bins = 40
sample_rate_hz = 24000
frames = { length = "1024samples", shift = "256samples", edges = "same", pad = "reflect" }

[output]
shard_bytes = 90000
"""


RECORDINGS = {f"r{number}": noise(9000 + 1111 * number, number) for number in range(7)}


def made(folder: Path, recipe: str) -> Path:
    """A dataset of the recordings."""
    (folder / "corpus").mkdir(parents=True)
    for name, samples in RECORDINGS.items():
        write_wave(folder / "corpus" / f"{name}.wav", samples)
    (folder / "recipe.toml").write_text(recipe)
    done = command("extract", folder / "corpus", "--recipe", folder / "recipe.toml", "--out", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_rows_of_every_array_are_those_of_the_recording(tmp_path: Path) -> None:
    out = made(tmp_path, RECIPE)
    split = ossicle.open(out)["all"]
    extractor = ossicle.Extractor.from_dataset(out)
    assert len(list(out.glob("all/mel24-*.npy"))) > 1
    for name, samples in RECORDINGS.items():
        utterance = split[name]
        assert np.array_equal(utterance["wave"][:, 0], samples)
        expected = extractor(samples)
        assert set(expected) == {"mel", "wave", "mel24"}
        for array, rows in expected.items():
            assert np.array_equal(utterance[array], rows), array
        assert utterance.num_frames == len(utterance["mel"]) == len(samples) // 160 + 1
        assert len(utterance["mel24"]) == -(-len(samples) * 3 // 2) // 256
        batched = extractor([samples, samples], jobs=2)
        assert all(np.array_equal(of[array], expected[array]) for of in batched for array in expected)
    # Batches of frames are of the arrays that have them.
    batch = next(iter(split.numpy_batches("frames", batch_size=8)))
    assert batch["mel"].shape == (8, 20) and "wave" not in batch


VOCODER = """
[audio]
sample_rate_hz = 16000

[frames]
length = "1024samples"
shift = "256samples"
edges = "same"
pad = "reflect"
"""
MEL = """
[[feature]]
name = "mel"
kind = "mel"
n_fft = 1024
num_mel_bins = 10
"""
WAVE = """
[[feature]]
name = "wave"
kind = "waveform"
dtype = "int16"
"""


@pytest.mark.parametrize("features", [MEL + WAVE, WAVE + MEL], ids=["mel", "wave"])
@pytest.mark.parametrize(("num_frames", "hop"), [(8, None), (3, 2), (34, 1)])
def test_windows_have_the_samples_of_their_frames(
    tmp_path: Path, features: str, num_frames: int, hop: int | None
) -> None:
    split = ossicle.open(made(tmp_path, VOCODER + features + "[output]\nshard_bytes = 70000\n"))["all"]
    found = []
    for batch in split.numpy_batches("windows", num_frames=num_frames, hop=hop, batch_size=5):
        assert set(batch) == {"utterance", "start", "mel", "wave"}
        found += list(zip(batch["utterance"], batch["start"], batch["mel"], batch["wave"], strict=True))
    expected = [
        (number, start)
        for number, samples in enumerate(RECORDINGS.values())
        for start in range(0, len(samples) // 256 - num_frames + 1, hop or num_frames)
    ]
    assert [window[:2] for window in found] == expected and len(expected) > 1
    for number, start, mel, wave in found:
        utterance, samples = split[int(number)], list(RECORDINGS.values())[number]
        assert np.array_equal(mel, utterance["mel"][start : start + num_frames])
        assert np.array_equal(wave, samples[start * 256 : (start + num_frames) * 256])


def test_arrays_that_do_not_go_together_are_said_and_left_out(tmp_path: Path) -> None:
    split = ossicle.open(made(tmp_path, RECIPE))["all"]
    windows = split.numpy_batches("windows", num_frames=4)
    assert set(next(iter(windows))) == {"utterance", "start", "mel", "wave"}
    # The last frame of a recording with centred frames has less than its shift of samples.
    every = [(number, len(samples) // 160 - 4 + 1) for number, samples in enumerate(RECORDINGS.values())]
    windows = split.numpy_batches("windows", num_frames=4, hop=1)
    starts = [pair for batch in windows for pair in zip(batch["utterance"], batch["start"], strict=True)]
    assert starts == [(number, start) for number, count in every for start in range(count)]
    without = split.numpy_batches("windows", num_frames=4, hop=1, batch_size=1, arrays=["mel"])
    assert len(without) == len(starts) + len(RECORDINGS)
    with pytest.raises(ValueError, match="arrays has 'mel24'; those of a whole number of rows a frame are mel, wave"):
        split.numpy_batches("windows", num_frames=4, arrays=["mel24"])
    with pytest.raises(ValueError, match="arrays has 'wave'; those of one row a frame are mel"):
        split.numpy_batches("frames", arrays=["wave"])
    # Whole utterances may have all of them, each padded to its own longest.
    [batch] = split.numpy_batches("utterances", arrays=["wave", "mel24", "mel"])
    for place, number in enumerate(batch["utterance"]):
        for name in ("wave", "mel24", "mel"):
            rows = split[int(number)][name]
            rows = rows[:, 0] if name == "wave" else rows
            count = batch["num_frames" if name == "mel" else f"num_{name}"][place]
            assert count == len(rows) and np.array_equal(batch[name][place, :count], rows)
            assert not batch[name][place, count:].any()
