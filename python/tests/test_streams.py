"""Arrays of several sample rates and frames: each utterance has the rows that its recording gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import ossicle
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


def test_rows_of_every_array_are_those_of_the_recording(tmp_path: Path) -> None:
    recordings = {f"r{number}": noise(9000 + 1111 * number, number) for number in range(7)}
    (tmp_path / "corpus").mkdir()
    for name, samples in recordings.items():
        write_wave(tmp_path / "corpus" / f"{name}.wav", samples)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    out = tmp_path / "out"
    done = command("extract", tmp_path / "corpus", "--recipe", tmp_path / "recipe.toml", "--out", out)
    assert done.returncode == 0, done.stderr
    split = ossicle.open(out)["all"]
    extractor = ossicle.Extractor.from_dataset(out)
    assert len(list(out.glob("all/mel24-*.npy"))) > 1
    for name, samples in recordings.items():
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
