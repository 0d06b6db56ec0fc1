"""One file for training and serving: what was saved computes the same, or is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import ossicle
import pytest
from conftest import noise
from conftest import ossicle as command


@pytest.mark.parametrize("preset", ["kaldi-fbank", "whisper-80", "librosa-mfcc", "w2v-bert"])
def test_what_was_saved_gives_the_same_rows(preset: str, tmp_path: Path) -> None:
    made = ossicle.Extractor(preset)
    made.save(tmp_path / "frontend.json")
    loaded = ossicle.Extractor.load(tmp_path / "frontend.json")
    samples = noise(30000)
    assert np.array_equal(made(samples), loaded(samples))
    assert [path.name for path in tmp_path.iterdir()] == ["frontend.json"]
    # Its recipe can be taken anew, as any other file's.
    shown = command("presets", tmp_path / "frontend.json")
    assert shown.returncode == 0 and "[[feature]]" in shown.stdout, shown.stderr


def test_a_datasets_statistics_are_saved_by_the_command_and_by_a_call(corpus: Path, tmp_path: Path) -> None:
    out, files = tmp_path / "out", [tmp_path / "a.json", tmp_path / "b.json"]
    done = command("extract", corpus, "--preset", "timit-mfcc", "--set", "normalize.stats_from=all", "--out", out)
    assert done.returncode == 0, done.stderr
    done = command("presets", out, "--save", files[0])
    assert done.returncode == 0 and str(files[0]) in done.stdout, done.stderr
    ossicle.Extractor.from_dataset(out).save(files[1])
    assert files[0].read_bytes() == files[1].read_bytes()
    utterance = ossicle.open(out)["all"]["r1"]
    loaded = ossicle.Extractor.load(files[0])
    assert np.array_equal(loaded(noise(12345, 1)), utterance.features)
    # Nothing of a dataset is written over, and a corpus' statistics are not made up.
    refused = command("presets", out, "--save", out / "dataset.json")
    assert refused.returncode == 2 and "dataset.json" in refused.stderr
    refused = command("presets", "timit-mfcc", "--save", files[0])
    assert refused.returncode == 2 and "ossicle presets DATASET --save FILE" in refused.stderr


def test_other_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "frontend.json"
    ossicle.Extractor("kaldi-fbank").save(path)
    said = json.loads(path.read_text())
    said["probe"][0]["rows"][3 * 23 + 5] += 0.01
    path.write_text(json.dumps(said))
    with pytest.raises(ossicle.Error, match="row 3 of features, mel5, is .*, and was .* by version") as raised:
        ossicle.Extractor.load(path)
    assert "tolerance=" in str(raised.value.advice)
    assert ossicle.Extractor.load(path, tolerance=0.011).dim == 23
    # A recipe that was changed by hand computes something else.
    said["recipe"]["feature"][0]["num_mel_bins"] = 24
    path.write_text(json.dumps(said))
    with pytest.raises(ossicle.Error, match="columns are not those"):
        ossicle.Extractor.load(path, tolerance=10)


def test_what_is_no_front_end_is_told(tmp_path: Path) -> None:
    path = tmp_path / "frontend.json"
    for text in ("", "{}", '{"format": "ossicle-front-end/7"}', "[audio]\n"):
        path.write_text(text)
        with pytest.raises(ossicle.Error, match="no front end"):
            ossicle.Extractor.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ossicle.Error, match="no front end"):
        ossicle.Extractor.load(path)
    with pytest.raises(FileNotFoundError):
        ossicle.Extractor.load(tmp_path / "none.json")
    with pytest.raises(ossicle.Error, match="tolerance is -1"):
        ossicle.Extractor.load(path, tolerance=-1)
    with pytest.raises(FileNotFoundError):
        ossicle.Extractor("kaldi-fbank").save(tmp_path / "no" / "folder.json")


def test_a_saved_file_may_be_read_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    ossicle.Extractor("kaldi-fbank").save(tmp_path / "frontend.json")
    modes = {os.stat(tmp_path / name).st_mode for name in ("other", "frontend.json")}
    assert len(modes) == 1
