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
from conftest import noise, write_wave
from conftest import ossicle as command
from ossicle.dataset import Rows
from ossicle.dataset._lines import Lines
from ossicle.dataset._order import Order


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two splits with labels, whose arrays are cut into several files."""
    folder = tmp_path_factory.mktemp("dataset")
    for split in ("train", "valid"):
        (folder / split).mkdir()
    for number in range(12):
        length = 4000 + 1700 * number
        write_wave(folder / f"train/é{number:02}.wav", noise(length, number))
        half = length // 2
        (folder / f"train/é{number:02}.PHN").write_text(f"0 {half} sil\n{half} {length} aa\n")
    write_wave(folder / "valid/one.wav", noise(9000, 99))
    (folder / "valid/one.PHN").write_text("0 9000 aa\n")
    out = folder / "out"
    done = command(
        *("extract", f"train={folder / 'train'}", f"valid={folder / 'valid'}", "--out", out),
        *("--preset", "timit-mfcc", "--set", "output.shard_bytes=100000", "--set", 'labels.map="from-train"'),
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("OSSICLE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def bare(dataset: Path, split: str, name: str) -> np.ndarray:
    """All rows of an array, by NumPy alone."""
    files = sorted((dataset / split).glob(f"{name}-*.npy"))
    assert len(files) > (split == "train")
    return np.concatenate([np.load(file) for file in files])


def lines(dataset: Path, split: str) -> list[dict[str, Any]]:
    text = (dataset / split / "utterances.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


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


def frames_with_context(dataset: Path, context: int) -> dict[int, list[np.ndarray]]:
    """For every utterance its frames, each with those around it: by a loop."""
    found = {}
    for utterance in ossicle.open(dataset)["train"]:
        rows, last = utterance.features, utterance.num_frames - 1
        around = range(-context, context + 1)
        found[utterance.number] = [
            np.stack([rows[min(max(frame + by, 0), last)] for by in around]) for frame in range(last + 1)
        ]
    return found


@pytest.mark.parametrize("shuffle", [None, 3])
@pytest.mark.parametrize("context", [0, 5])
def test_every_frame_comes_once_an_epoch_with_those_around_it(dataset: Path, context: int, shuffle: int | None) -> None:
    split = ossicle.open(dataset)["train"]
    by_loop = frames_with_context(dataset, context)
    expected = sorted((number, frame.tobytes()) for number, all in by_loop.items() for frame in all)
    labels = bare(dataset, "train", "labels")
    seen = []
    for rank in range(3):
        batches = split.numpy_batches(context=context, batch_size=64, shuffle=shuffle, rank=rank, world=3)
        given = list(batches)
        assert len(given) == len(batches)
        seen += [batch for batch in given]
    shape = (split.features.shape[1],) if context == 0 else (2 * context + 1, split.features.shape[1])
    assert all(batch["features"].shape[1:] == shape for batch in seen)
    found = [
        (number, rows.tobytes())
        for batch in seen
        for number, rows in zip(batch["utterance"], batch["features"], strict=True)
    ]
    assert sorted(found) == expected
    if shuffle is None:
        one = split.numpy_batches(context=context, batch_size=50)
        assert np.array_equal(np.concatenate([batch["labels"] for batch in one]), labels)
    else:
        assert found != expected


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "frames", "batch_size": 100, "context": 2},
        {"mode": "utterances", "batch_size": 5},
        {"mode": "utterances", "max_frames": 400},
        {"mode": "windows", "num_frames": 16, "hop": 5, "batch_size": 7},
    ],
)
def test_batches_go_on_where_they_were_and_epochs_differ(dataset: Path, options: dict[str, Any]) -> None:
    def texts(batches: Any) -> list[bytes]:
        return [b"".join(batch[name].tobytes() for name in sorted(batch)) for batch in batches]

    split = ossicle.open(dataset)["train"]
    whole = split.numpy_batches(shuffle=1, **options)
    first, second = texts(whole), texts(whole)
    assert len(first) > 2 and first != second
    assert sorted(first) != sorted(second) or options["mode"] == "utterances"
    stopped = split.numpy_batches(shuffle=1, **options)
    begun = iter(stopped)
    assert texts([next(begun), next(begun)]) == first[:2]
    state = stopped.state_dict()
    for again in (split.numpy_batches(shuffle=1, **options), pickle.loads(pickle.dumps(whole))):
        again.load_state_dict(state)
        assert texts(again) == first[2:]
        assert texts(again) == second
    assert texts(split.numpy_batches(shuffle=2, **options)) != first


def test_utterances_are_padded_and_like_lengths_put_together(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    for options in ({"batch_size": 5}, {"max_frames": 300}, {"max_frames": 300, "shuffle": 4}, {"max_frames": 1}):
        seen = []
        for batch in split.numpy_batches("utterances", **options):
            longest = batch["num_frames"].max()
            assert batch["features"].shape[:2] == batch["labels"].shape == (len(batch["utterance"]), longest)
            for place, (number, count) in enumerate(zip(batch["utterance"], batch["num_frames"], strict=True)):
                utterance = split[int(number)]
                assert count == utterance.num_frames
                assert np.array_equal(batch["features"][place, :count], utterance.features)
                assert np.array_equal(batch["labels"][place, :count], utterance.labels)
                assert not batch["features"][place, count:].any()
                assert (batch["labels"][place, count:] == -1).all()
            if "max_frames" in options:
                assert len(batch["utterance"]) == 1 or batch["labels"].size <= options["max_frames"]
            seen += list(batch["utterance"])
        assert sorted(seen) == list(range(12)), options


def test_windows_are_those_of_each_utterance(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    for num_frames, hop in ((16, 5), (30, None), (1, 1), (10_000, None)):
        by = hop or num_frames
        expected = [
            (utterance.number, start, utterance.features[start : start + num_frames].tobytes())
            for utterance in split
            for start in range(0, utterance.num_frames - num_frames + 1, by)
        ]
        found = []
        for batch in split.numpy_batches("windows", num_frames=num_frames, hop=hop, batch_size=4):
            windows = zip(batch["utterance"], batch["start"], batch["features"], strict=True)
            found += [(number, start, rows.tobytes()) for number, start, rows in windows]
            assert batch["labels"].shape == batch["features"].shape[:2]
        assert found == expected


def test_an_order_is_a_permutation_any_part_of_which_is_had_at_once() -> None:
    for count in (0, 1, 2, 3, 7, 64, 65, 1000, 4097):
        seen = set()
        for seed, epoch in ((0, 0), (0, 1), (1, 0), (12345678901, 7)):
            order = Order(count, seed, epoch)
            whole = order[:]
            assert sorted(whole) == list(range(count))
            parts = [order[begin : begin + 10] for begin in range(0, count, 10)]
            assert np.array_equal(np.concatenate([*parts, []]), whole)
            assert np.array_equal(order[3:900:7], whole[3:900:7])
            seen.add(whole.tobytes())
        assert count < 64 or len(seen) == 4
    assert list(Order(5, None, 0)[:]) == [0, 1, 2, 3, 4]
    # Neighbours do not stay neighbours.
    steps = np.diff(Order(100_000, 0, 0)[:])
    assert abs(np.mean(np.abs(steps)) - 100_000 / 3) < 1000


def test_batches_say_what_is_wrong_with_their_arguments(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    for options, text in [
        ({"mode": "frame"}, "mode is 'frame'; it must be"),
        ({"mode": "windows"}, "windows need num_frames"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"context": -1}, "context is -1"),
        ({"rank": 2, "world": 2}, "rank is 2"),
        ({"arrays": ["feature"]}, "arrays has 'feature'; those of one row a frame are features, labels"),
    ]:
        with pytest.raises(ValueError, match=text):
            split.numpy_batches(**options)
