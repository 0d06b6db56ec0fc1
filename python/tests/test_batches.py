"""Batches of a split: each gives what a loop over its utterances gives."""

from __future__ import annotations

import importlib.util
import inspect
import itertools
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import ossicle
import pytest
from conftest import bare
from ossicle.dataset import Split
from ossicle.dataset._batching import ARGUMENTS, Batching
from ossicle.dataset._order import Order


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
        batches = split.numpy_batches(context=context, batch_size=64, shuffle=shuffle, rank=rank, world=3, even=False)
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
        {"mode": "utterances", "batch_size": 2, "buckets": 3},
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


EVERY = [
    {"mode": "frames", "batch_size": 100},
    {"mode": "utterances", "batch_size": 2},
    {"mode": "utterances", "max_frames": 300, "buckets": 2},
    {"mode": "windows", "num_frames": 16, "batch_size": 7},
]


@pytest.mark.parametrize("options", EVERY)
@pytest.mark.parametrize("world", [2, 5, 7])
@pytest.mark.parametrize("shuffle", [None, 0])
def test_ranks_have_as_many_batches_and_leave_nothing_out(
    dataset: Path, options: dict[str, Any], world: int, shuffle: int | None
) -> None:
    def items(**how: Any) -> list[list[Any]]:
        """What each rank has of an epoch: utterances, and the bytes of the features."""
        found = []
        for rank in range(world):
            batches = split.numpy_batches(shuffle=shuffle, rank=rank, world=world, **options, **how)
            given = list(batches)
            assert len(given) == len(batches)
            found.append([(list(batch["utterance"]), batch["features"].tobytes()) for batch in given])
        return found

    def single(ranks: list[list[Any]]) -> list[Any]:
        return sorted(one for rank in ranks for batch in rank for one in batch[0])

    split = ossicle.open(dataset)["train"]
    whole = single([[(list(batch["utterance"]), b"") for batch in split.numpy_batches(**options)]])
    each_once, evenly, dropping = items(even=False), items(), items(drop_last=True)
    assert single(each_once) == whole
    assert len({len(rank) for rank in evenly}) == 1 and len({len(rank) for rank in dropping}) == 1
    if "buckets" not in options:
        assert len({tuple(len(batch[0]) for batch in rank) for rank in evenly}) == 1, "the same sizes at each step"
        assert {len(batch[0]) for rank in dropping for batch in rank} <= {options["batch_size"]}
        assert len(single(evenly)) - len(whole) == -len(whole) % world
    # What comes twice is little, and nothing is missing; dropping, nothing comes twice.
    assert set(single(evenly)) == set(whole)
    assert sum(map(len, evenly)) - sum(map(len, each_once)) < world
    texts = [batch[1] for rank in dropping for batch in rank]
    assert len(set(texts)) == len(texts)


def test_a_batch_of_utterances_is_of_one_bucket(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    lengths = split.index[:, 2]
    for buckets in (1, 2, 3, 5, 1000):
        batches = split.numpy_batches("utterances", batch_size=3, buckets=buckets, shuffle=0)
        groups = set()
        for _ in range(20):
            epoch = [tuple(sorted(lengths[batch["utterance"]])) for batch in batches]
            assert sorted(length for batch in epoch for length in batch) == sorted(lengths)
            groups.update(epoch)
        # Lengths that are ever together are of one class; classes are stretches of lengths, as many as were asked for.
        classes: list[set[int]] = []
        for group in groups:
            touching = [one for one in classes if one & set(group)]
            classes = [one for one in classes if one not in touching] + [set(group).union(*touching)]
        classes.sort(key=min)
        assert len(classes) == min(buckets, 12)
        assert all(max(before) < min(after) for before, after in itertools.pairwise(classes))
        shares = [sum(one) for one in classes]
        assert max(shares) < lengths.sum() / len(classes) + lengths.max()


def test_ranks_have_like_lengths_at_one_step(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    ranks = [
        split.numpy_batches("utterances", batch_size=1, buckets=1000, shuffle=0, rank=rank, world=2) for rank in (0, 1)
    ]
    steps = [[int(batch["utterance"][0]) for batch in step] for step in zip(*ranks, strict=True)]
    assert sorted(steps) == [[number, number + 1] for number in range(0, 12, 2)] != steps


def test_each_iteration_is_an_epoch_unless_a_state_is_loaded(dataset: Path) -> None:
    def numbers(batches: Any) -> list[list[int]]:
        return [list(batch["utterance"]) for batch in batches]

    split = ossicle.open(dataset)["train"]
    batches = split.numpy_batches("utterances", batch_size=2, shuffle=0)
    epochs = [numbers(batches) for _ in range(3)]
    left_early = split.numpy_batches("utterances", batch_size=2, shuffle=0)
    next(iter(left_early))
    assert numbers(left_early) == epochs[1]
    left_early.set_epoch(0)
    assert [numbers(left_early), numbers(left_early)] == epochs[:2]
    # A state is of all ranks, and may be said by hand.
    left_early.load_state_dict({"epoch": 2, "position": 4})
    assert numbers(left_early) == epochs[2][4:]
    for others in ({"shuffle": 1}, {"shuffle": 0, "batch_size": 3}, {"shuffle": 0, "world": 2, "rank": 1}):
        with pytest.raises(ValueError, match="the state is of other batches: .* was .* there, and is .* here"):
            split.numpy_batches("utterances", **{"batch_size": 2, **others}).load_state_dict(batches.state_dict())


def test_going_on_takes_no_longer_in_a_large_split(monkeypatch: pytest.MonkeyPatch, dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    count = 2_000_000
    lengths = np.random.default_rng(0).integers(1, 1500, count)
    index = np.stack([np.zeros(count, np.int64), np.cumsum(lengths) - lengths, lengths], axis=1)
    split.__dict__["index"] = index
    monkeypatch.setitem(split.card.splits[split.name], "frames", int(lengths.sum()))
    for options in (
        {"mode": "frames"},
        {"mode": "utterances", "max_frames": 20_000},
        {"mode": "windows", "num_frames": 9},
    ):
        batches = split.numpy_batches(shuffle=0, **options)
        drawn = batches._schedule.items
        begin = time.perf_counter()
        batches.load_state_dict({"epoch": 3, "position": len(batches) - 1})
        items = drawn(batches.epoch, batches.position, 0, 1)
        assert time.perf_counter() - begin < 1 and len(items)


@pytest.mark.parametrize("options", EVERY)
def test_some_utterances_have_batches_of_their_own(dataset: Path, options: dict[str, Any]) -> None:
    split = ossicle.open(dataset)["train"]
    chosen = np.flatnonzero(split.index[:, 2] > 60)[::-2]
    batches = split[chosen].numpy_batches(shuffle=0, **options)
    given = list(batches)
    assert len(given) == len(batches)
    # Of each utterance the same items as of the whole split.
    whole = {"frames": "labels", "utterances": "num_frames", "windows": "start"}[options["mode"]]

    def items(of: Any) -> list[Any]:
        return sorted(pair for batch in of for pair in zip(batch["utterance"], batch[whole].tolist(), strict=True))

    every = items(split.numpy_batches(**options))
    assert items(given) == [pair for pair in every if pair[0] in chosen]
    for batch in given:
        first = batch["features"][0]
        rows = split[int(batch["utterance"][0])].features
        assert any(np.array_equal(first[: len(rows)], rows[at : at + len(first)]) for at in range(len(rows))) or (
            first in rows
        )
    with pytest.raises(ValueError, match="the state is of other batches: utterances was None there"):
        batches.load_state_dict(split.numpy_batches(shuffle=0, **options).state_dict())


def test_there_is_one_list_of_arguments() -> None:
    assert list(ARGUMENTS) == list(Batching.__annotations__)
    for call in (Split.numpy_batches, Split.torch):
        parameters = inspect.signature(call).parameters
        assert {name: parameters[name].default for name in ARGUMENTS} == {
            name: argument.default for name, argument in ARGUMENTS.items()
        }
        described = " ".join(call.__doc__.split())
        assert all(f" {name}: {argument.meaning}" in described for name, argument in ARGUMENTS.items())
        assert str(parameters["max_frames"]) == "max_frames: 'int | None' = None"


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is installed")
def test_without_pytorch_it_is_said_what_gives_the_same(dataset: Path) -> None:
    with pytest.raises(
        ImportError, match=r"needs PyTorch, which is not installed .*; numpy_batches\(\) gives the same"
    ):
        ossicle.open(dataset)["train"].torch()


def test_batches_say_what_is_wrong_with_their_arguments(dataset: Path) -> None:
    split = ossicle.open(dataset)["train"]
    for options, text in [
        ({"mode": "frame"}, "mode is 'frame'; it must be"),
        ({"mode": "windows"}, "windows need num_frames"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"context": -1}, "context is -1"),
        ({"rank": 2, "world": 2}, "rank is 2"),
        ({"rank": 1}, "rank and world come together"),
        ({"mode": "utterances", "context": 5}, "context is of mode 'frames', and mode is 'utterances'"),
        ({"mode": "utterances", "buckets": 0}, "buckets is 0"),
        ({"max_frames": 100}, "max_frames is of mode 'utterances'"),
        ({"arrays": ["feature"]}, "arrays has 'feature'; those of one row a frame are features, labels"),
    ]:
        with pytest.raises(ValueError, match=text):
            split.numpy_batches(**options)
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'contxt'"):
        split.numpy_batches(contxt=5)
    with pytest.raises(ValueError, match="shuffle is of batches, and map=True gives single items") as caught:
        split.torch(map=True, shuffle=0)
    assert "DataLoader" in caught.value.advice
