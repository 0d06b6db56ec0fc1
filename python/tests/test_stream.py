"""Streams have what a dataset has, in an order that the seed alone decides."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import noise, write_wave

import ossicle


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two splits with alignments, and a recording that is none."""
    folder = tmp_path_factory.mktemp("labelled")
    for split, count in (("train", 15), ("valid", 4)):
        (folder / split).mkdir()
        for number in range(count):
            length = 4000 + 1700 * number
            write_wave(folder / split / f"{split}{number:02}.wav", noise(length, number))
            text = f"0 {length // 2} sh\n{length // 2} {length} aa\n"
            (folder / split / f"{split}{number:02}.PHN").write_text(text)
    (folder / "train" / "bad.wav").write_bytes(b"RIFF")
    return folder


def of_splits(folder: Path) -> dict[str, Any]:
    return {"train": folder / "train", "valid": folder / "valid"}


def ids(stream: Any) -> list[str]:
    return [utterance.id for utterance in stream]


@pytest.mark.parametrize("normalize", [None, {"scope": "utterance"}, "dataset"])
def test_arrays_are_those_of_the_dataset(labelled: Path, tmp_path: Path, normalize: Any) -> None:
    corpus = of_splits(labelled)
    made = ossicle.extract(corpus, tmp_path / "out", preset="timit-mfcc", progress=False)
    if normalize == "dataset":
        normalize = {"stats_from": str(made.path)}
    else:
        made = ossicle.extract(corpus, tmp_path / "other", preset="timit-mfcc", normalize=normalize, progress=False)
    dataset = made.open()
    stream = ossicle.stream(corpus, preset="timit-mfcc", normalize=normalize, jobs=2)
    seen = 0
    for utterance in stream:
        stored = dataset[utterance.row["split"]][utterance.id]
        np.testing.assert_array_equal(utterance.features, stored.features)
        np.testing.assert_array_equal(utterance["labels"], stored["labels"])
        assert {k: v for k, v in utterance.row.items() if k != "split"} == stored.row
        seen += 1
    assert seen == made.utterances == 19 and len(stream) == 20
    assert dict(stream.failures) == {of["cause"]: of["count"] for of in made.causes} and stream.failures


def test_samples_come_beside_features(corpus: Path) -> None:
    stream = ossicle.stream(corpus, preset="kaldi-fbank", num_mel_bins=40, samples=True)
    for utterance in stream:
        samples, _ = ossicle.load_audio(corpus / f"{utterance.id}.wav")
        np.testing.assert_array_equal(utterance.samples, samples)
        np.testing.assert_array_equal(utterance.features, ossicle.fbank(samples, num_mel_bins=40))
    assert len(stream.column_names["features"]) == 40


def test_the_seed_alone_decides_the_order(labelled: Path) -> None:
    def stream(**options: Any) -> Any:
        return ossicle.stream(of_splits(labelled), preset="kaldi-fbank", normalize=None, **options)

    plain = ids(stream())
    assert plain == sorted(plain)
    one, several = stream(shuffle=3, jobs=1), stream(shuffle=3, jobs=4)
    first, second = ids(one), ids(one)
    assert (first, second) == (ids(several), ids(several))
    assert first != second and sorted(first) == sorted(second) == plain
    assert ids(stream(shuffle=4)) != first
    shards = [ids(stream(shuffle=3, shard=(rank, 3))) for rank in range(3)]
    assert sorted(sum(shards, [])) == plain and all(shards)


def test_it_goes_on_from_where_it_was(labelled: Path) -> None:
    def stream() -> Any:
        return ossicle.stream(of_splits(labelled), preset="kaldi-fbank", normalize=None, shuffle=1)

    whole = stream()
    expected = [*ids(whole), *ids(whole)]
    begun = stream()
    iterator = iter(begun)
    seen = [next(iterator).id for _ in range(7)]
    other = stream()
    other.load_state_dict(begun.state_dict())
    for resumed in (other, pickle.loads(pickle.dumps(begun))):
        assert [*seen, *ids(resumed), *ids(resumed)] == expected
        assert sum(resumed.failures.values()) == 2


def test_failures_raise_if_that_is_chosen(labelled: Path) -> None:
    with pytest.raises(ossicle.Error, match="bad: "):
        ids(ossicle.stream(labelled / "train", preset="kaldi-fbank", errors="raise"))


def test_what_a_stream_cannot_do_is_said(labelled: Path) -> None:
    with pytest.raises(ossicle.Error, match="normalis"):
        ossicle.stream(labelled / "train", preset="timit-mfcc")
    with pytest.raises(ossicle.Error, match="shard"):
        ossicle.stream(labelled / "train", preset="kaldi-fbank", shard=(2, 2))
    with pytest.raises(ossicle.CorpusError):
        ossicle.stream(labelled / "nothing", preset="kaldi-fbank")


def items_of(stream: Any, array: str) -> dict[str, Any]:
    return {utterance.id: utterance[array] for utterance in stream}


@pytest.mark.parametrize("shuffle", [None, 7])
def test_batches_have_every_frame_with_those_around_it_once(labelled: Path, shuffle: int | None) -> None:
    def stream() -> Any:
        return ossicle.stream(of_splits(labelled), preset="timit-mfcc", normalize=None, shuffle=shuffle, jobs=2)

    rows, labels = items_of(stream(), "features"), items_of(stream(), "labels")
    batches = list(stream().numpy_batches("frames", context=2, batch_size=64, pool=300))
    assert all(len(batch["features"]) == 64 for batch in batches[:-1])
    seen: dict[str, list[tuple[Any, Any]]] = {}
    for batch in batches:
        for place, of in enumerate(batch["id"]):
            seen.setdefault(of, []).append((batch["features"][place], batch["labels"][place]))
    assert set(seen) == set(rows)
    for of, found in seen.items():
        around = np.clip(np.arange(len(rows[of]))[:, None] + np.arange(-2, 3), 0, len(rows[of]) - 1)
        expected = sorted((rows[of][at].tobytes(), int(label)) for at, label in zip(around, labels[of], strict=True))
        assert sorted((found_rows.tobytes(), int(label)) for found_rows, label in found) == expected
    again = list(stream().numpy_batches("frames", context=2, batch_size=64, pool=300))
    assert [batch["id"] for batch in batches] == [batch["id"] for batch in again]
    in_order = [of for batch in batches for of in batch["id"]]
    assert (in_order == sorted(in_order, key=list(rows).index)) == (shuffle is None)


def test_batches_of_utterances_are_padded_and_bounded(labelled: Path) -> None:
    def stream() -> Any:
        return ossicle.stream(of_splits(labelled), preset="timit-mfcc", normalize=None, shuffle=1, samples=True)

    rows = items_of(stream(), "features")
    for options in ({"batch_size": 4}, {"max_frames": 500, "pool": 8}):
        ids_seen = []
        for batch in stream().numpy_batches("utterances", **options):
            size, longest = batch["features"].shape[:2]
            assert size <= 4 if "batch_size" in options else size == 1 or size * longest <= 500
            for place, of in enumerate(batch["id"]):
                count = batch["num_frames"][place]
                np.testing.assert_array_equal(batch["features"][place, :count], rows[of])
                assert not batch["features"][place, count:].any() and (batch["labels"][place, count:] == -1).all()
                assert len(batch["samples"][place]) >= batch["num_samples"][place] > count
                ids_seen.append(of)
        assert sorted(ids_seen) == sorted(rows)


def test_windows_are_cut_as_a_datasets_are(labelled: Path, tmp_path: Path) -> None:
    stream = ossicle.stream(labelled / "valid", preset="kaldi-fbank", jobs=1)
    ossicle.extract(labelled / "valid", tmp_path / "out", preset="kaldi-fbank", progress=False)
    split = ossicle.open(tmp_path / "out")["all"]
    ours = list(stream.numpy_batches("windows", num_frames=10, hop=4, batch_size=8, arrays=["features"]))
    theirs = list(split.numpy_batches("windows", num_frames=10, hop=4, batch_size=8, arrays=["features"]))
    assert len(ours) == len(theirs) > 3
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a["features"], b["features"])


def test_wrong_batches_are_told(labelled: Path) -> None:
    stream = ossicle.stream(labelled / "valid", preset="kaldi-fbank")
    for mode, options, words in [
        ("rows", {}, "mode is 'rows'"),
        ("windows", {}, "windows need num_frames"),
        ("frames", {"num_frames": 3}, "num_frames is of windows"),
        ("utterances", {"context": 3}, "context is of frames"),
        ("frames", {"max_frames": 3}, "max_frames is of utterances"),
        ("frames", {"arrays": ["x"]}, "arrays has 'x'; there are features"),
        ("frames", {"batch_size": 0}, "batch_size"),
    ]:
        with pytest.raises(ossicle.Error, match=words):
            stream.numpy_batches(mode, **options)
