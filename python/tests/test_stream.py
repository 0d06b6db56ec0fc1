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
