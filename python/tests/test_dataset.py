"""Datasets, opened: every way of reading gives what the files have."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import ossicle
import pytest
from conftest import bare, lines, noise, write_wave
from conftest import ossicle as command
from ossicle.dataset import Rows
from ossicle.dataset._lines import Lines


def test_a_dataset_has_what_its_card_says(dataset: Path) -> None:
    opened = ossicle.open(dataset)
    card = json.loads((dataset / "dataset.json").read_text(encoding="utf-8"))
    assert list(opened) == ["train", "valid"]
    assert opened.recipe == card["recipe"]
    assert opened.column_names == card["arrays"]["features"]["column_names"]
    assert opened.label_names == ["aa", "sil"]
    assert np.array_equal(opened.mean, card["normalization"]["features"]["mean"])
    assert np.array_equal(opened.std, card["normalization"]["features"]["standard_deviation"])
    assert "train (12)" in repr(opened)
    with pytest.raises(KeyError, match="no split 'test' in .*; there are train, valid"):
        opened["test"]


def test_files_may_lie_in_a_folder_that_the_card_names(dataset: Path, tmp_path: Path) -> None:
    # As a dataset that was copied out of an object store has them.
    card = json.loads((dataset / "dataset.json").read_text())
    folder = "0123456789abcdef" * 2
    shutil.copytree(dataset, tmp_path / "copy" / folder)
    card |= {"format": "ossicle-dataset/2", "folder": folder}
    (tmp_path / "copy/dataset.json").write_text(json.dumps(card))
    copy, own = ossicle.open(tmp_path / "copy"), ossicle.open(dataset)
    assert list(copy) == list(own)
    for split in own:
        for utterance, expected in zip(copy[split], own[split], strict=True):
            assert utterance.id == expected.id
            np.testing.assert_array_equal(utterance.features, expected.features)
    (tmp_path / "copy/dataset.json").write_text(json.dumps(card | {"folder": "../copy"}))
    with pytest.raises(ossicle.DatasetError, match="no dataset has its files in a folder"):
        ossicle.open(tmp_path / "copy")


@pytest.mark.parametrize("split", ["train", "valid"])
def test_utterances_have_their_rows_by_place_and_by_id(dataset: Path, split: str) -> None:
    opened = ossicle.open(dataset)[split]
    features, labels = bare(dataset, split, "features"), bare(dataset, split, "labels")
    begin = 0
    assert len(opened) == len(lines(dataset, split))
    for utterance, row in zip(opened, lines(dataset, split), strict=True):
        end = begin + row["num_frames"]
        assert (utterance.row, utterance.id, utterance.num_frames) == (row, row["id"], end - begin)
        assert np.array_equal(utterance.features, features[begin:end])
        assert np.array_equal(utterance["labels"], labels[begin:end])
        assert opened[row["id"]].number == utterance.number and row["id"] in opened
        begin = end
    assert opened[-1].id == lines(dataset, split)[-1]["id"]
    for missing in ("", "é", "é00x", "zzz", "\x00"):
        assert missing not in opened
        with pytest.raises(KeyError):
            opened[missing]
    with pytest.raises(IndexError):
        opened[len(opened)]


def test_some_utterances_are_taken_as_numpy_takes_rows(dataset: Path) -> None:
    opened = ossicle.open(dataset)["train"]
    ids = np.array([row["id"] for row in lines(dataset, "train")])
    flags = np.arange(12) % 3 == 1
    for key in (slice(2, 9), slice(None, None, -2), [3, 0, -1], np.array([5]), flags, slice(4, 4)):
        assert [utterance.id for utterance in opened[key]] == list(ids[key])
    some = opened[2:9][1:]
    assert some[0].id == ids[3] and ids[3] in some and ids[0] not in some
    assert [row["id"] for row in opened.rows()] == list(ids)


def test_rows_of_several_files_are_one_array(dataset: Path) -> None:
    rows, whole = ossicle.open(dataset)["train"].features, bare(dataset, "train", "features")
    assert (rows.shape, rows.dtype, rows.ndim, rows.nbytes) == (whole.shape, whole.dtype, 2, whole.nbytes)
    assert np.array_equal(np.asarray(rows), whole) and np.array_equal(list(rows), whole)
    random = np.random.default_rng(0)
    for _ in range(200):
        start, stop = random.integers(-len(whole) - 9, len(whole) + 9, 2)
        step = random.choice([-7, -1, 1, 1, 1, 3])
        numbers = random.integers(-len(whole), len(whole), (3, 2))
        flags = random.random(len(whole)) < 0.1
        none = np.array([], dtype=int)
        for key in (slice(start, stop, step), slice(start, stop), numbers, int(numbers[0, 0]), flags, none):
            assert np.array_equal(rows[key], whole[key]), key
            assert np.array_equal(rows[key, 3:9], whole[key, 3:9]), key
    assert rows[[]].shape == (0, whole.shape[1])
    inside = rows[:3]
    assert inside.base is not None and not inside.flags.writeable, "a view of what is mapped"
    for beyond in (len(whole), -len(whole) - 1, [len(whole)]):
        with pytest.raises(IndexError):
            rows[beyond]
    with pytest.raises(ValueError, match="without a copy"):
        np.asarray(rows, copy=False)


def _third(split: Any) -> float:
    return float(split[3].features.sum() + split.features[100:].sum())


def test_a_split_travels_to_other_processes_and_back(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    expected = _third(split)
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.map(_third, [split, pickle.loads(pickle.dumps(split))]) == [expected, expected]
    for value in (split, split[2], split.features, ossicle.open(dataset)):
        again = pickle.loads(pickle.dumps(value))
        assert type(again) is type(value)
    assert isinstance(split.features, Rows)


def test_the_list_of_utterances_is_found_by_offsets_that_are_kept(dataset: Path, cache: Path) -> None:
    opened = ossicle.open(dataset)["train"]
    assert opened[5].id == lines(dataset, "train")[5]["id"]
    [kept] = cache.rglob("utterances.idx.npy")
    assert kept.parent.name == "train"
    # Another process, or this one later, does not make it again.
    before = kept.stat().st_mtime_ns
    assert ossicle.open(dataset)["train"]["é07"].number == 7
    assert kept.stat().st_mtime_ns == before
    # What is kept of another list, or torn, is made anew.
    for wrong in (b"", b"\x93NUMPY", kept.read_bytes()[:-8]):
        kept.write_bytes(wrong)
        assert ossicle.open(dataset)["train"]["é07"].number == 7
    assert np.load(kept).shape == (13,)


def test_where_nothing_can_be_kept_it_is_read_all_the_same(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("OSSICLE_CACHE", str(tmp_path / "file/cache"))
    assert ossicle.open(dataset)["train"]["é11"].num_frames == lines(dataset, "train")[11]["num_frames"]


def test_what_is_no_dataset_says_so(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ossicle.open(tmp_path / "none")
    with pytest.raises(ossicle.DatasetError, match=r"no dataset\.json in it") as caught:
        ossicle.open(tmp_path)
    assert "run the extraction again" in caught.value.advice
    copy = shutil.copytree(dataset, tmp_path / "copy")
    shard = copy / "train/features-00001.npy"
    with open(shard, "ab") as file:
        file.write(b"more")
    with pytest.raises(ossicle.DatasetError, match=r"features-00001\.npy: it has \d+ bytes, and the card says"):
        ossicle.open(copy)
    shard.unlink()
    with pytest.raises(ossicle.DatasetError, match="it is missing"):
        ossicle.open(copy)
    card = json.loads((copy / "dataset.json").read_text(encoding="utf-8"))
    for text, match in [
        ("{", "it is damaged"),
        ("[]", "its format is None"),
        (json.dumps(card | {"format": "ossicle-dataset/9"}), "its format is 'ossicle-dataset/9'"),
    ]:
        (copy / "dataset.json").write_text(text)
        with pytest.raises(ossicle.DatasetError, match=match):
            ossicle.open(copy)


def test_names_that_are_none_are_told_with_those_that_are(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    for wrong in (lambda: split.spikes, lambda: split[0].spikes):
        with pytest.raises(AttributeError, match="no array 'spikes' in .*; there are features, labels"):
            wrong()
    with pytest.raises(ValueError, match="no array 'spikes'"):
        split.array("spikes")


def test_spikes_have_places_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for number in range(3):
        write_wave(tmp_path / f"corpus/{number}.wav", noise(3000 + 500 * number, number))
    out = tmp_path / "out"
    done = command("extract", tmp_path / "corpus", "--out", out, "--preset", "timit-spikegram", "--keep-spikes")
    assert done.returncode == 0, done.stderr
    split = ossicle.open(out)["all"]
    whole = np.load(out / "all/spikes-00000.npy")
    assert np.array_equal(np.concatenate([utterance["spikes"] for utterance in split]), whole)
    assert [len(utterance.spikes) for utterance in split] == [row["num_spikes"] for row in lines(out, "all")]
    assert np.array_equal(split.spikes[:], whole) and len(split.features) != len(whole)
    # Batches of frames have no spikes.
    assert set(next(iter(split.numpy_batches()))) == {"utterance", "features"}


def test_a_data_frame_has_every_utterance(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    try:
        frame = split.utterances
    except ImportError as error:
        assert "pandas or polars" in str(error)
        assert not {"pandas", "polars"} & set(sys.modules)
    else:
        assert list(frame["id"]) == [row["id"] for row in lines(dataset, "train")]


def test_an_id_is_found_by_looking_at_few_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 200_000
    folder = tmp_path / "made/all"
    folder.mkdir(parents=True)
    with open(folder / "utterances.jsonl", "w") as file:
        file.writelines(f'{{"id":"{number:08}","num_frames":1}}\n' for number in range(count))
    index = np.stack([np.zeros(count), np.arange(count), np.ones(count)], axis=1).astype(np.int64)
    np.save(folder / "index.npy", index)
    np.save(folder / "features-00000.npy", np.arange(count, dtype=np.float32).reshape(-1, 1))
    files = [
        {"path": f"all/{path.name}", "bytes": path.stat().st_size, "blake3": f"{number:064}"}
        for number, path in enumerate(sorted(folder.iterdir()))
    ]
    card = {
        "format": "ossicle-dataset/1",
        "recipe": {},
        "arrays": {"features": {"dtype": "float32", "columns": 1, "column_names": ["x"], "unit": "frame"}},
        "label_names": {},
        "normalization": {},
        "splits": [{"name": "all", "utterances": count, "frames": count, "shards": 1}],
        "files": files,
    }
    (tmp_path / "made/dataset.json").write_text(json.dumps(card))
    looked: list[int] = []
    row = Lines.row
    monkeypatch.setattr(Lines, "row", lambda self, number: looked.append(number) or row(self, number))
    split = ossicle.open(tmp_path / "made")["all"]
    random = np.random.default_rng(0)
    for number in random.integers(0, count, 50):
        looked.clear()
        assert split[f"{number:08}"].features.item() == number
        assert len(looked) <= 19, "the binary logarithm of 200,000, and the one found"
