"""Datasets of PyTorch's: a DataLoader gets what `numpy_batches` gives, whatever its workers do."""

from __future__ import annotations

import itertools
import json
import pickle
import time
from pathlib import Path
from typing import Any

import numpy as np
import ossicle
import pytest
import torch
from torch import distributed, multiprocessing
from torch.utils.data import BatchSampler, DataLoader, RandomSampler
from torchdata.stateful_dataloader import StatefulDataLoader

EVERY = [
    {"mode": "frames", "batch_size": 100, "context": 2},
    {"mode": "utterances", "batch_size": 2},
    {"mode": "utterances", "max_frames": 300, "buckets": 2},
    {"mode": "windows", "num_frames": 16, "hop": 5, "batch_size": 7},
]
WORKERS = [{"num_workers": 0}, {"num_workers": 2}, {"num_workers": 3, "persistent_workers": True}]
SPAWNED = {"num_workers": 2, "multiprocessing_context": "spawn"}


@pytest.fixture
def train(dataset: Path) -> Any:
    return ossicle.open(dataset)["train"]


def texts(batches: Any) -> list[str]:
    """Each batch as a text, whether it has tensors or arrays."""
    return [
        " ".join(f"{name} {np.asarray(batch[name]).shape} {np.asarray(batch[name]).tolist()}" for name in sorted(batch))
        for batch in batches
    ]


@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
@pytest.mark.parametrize(("workers", "options"), [*itertools.product(WORKERS, EVERY), (SPAWNED, EVERY[2])], ids=str)
def test_batches_are_those_of_numpy_for_any_workers(
    train: Any, workers: dict[str, Any], options: dict[str, Any]
) -> None:
    arrays = train.numpy_batches(shuffle=3, **options)
    loader = DataLoader(train.torch(shuffle=3, **options), batch_size=None, **workers)
    assert len(loader) == len(arrays)
    for _ in range(3):
        assert texts(loader) == texts(arrays)


def test_tensors_are_what_losses_take(train: Any) -> None:
    batch = next(iter(train.torch(context=5, batch_size=64, shuffle=0)))
    assert {name: (tensor.dtype, tuple(tensor.shape)) for name, tensor in batch.items()} == {
        "features": (torch.float32, (64, 11, 120)),
        "labels": (torch.int64, (64,)),
        "utterance": (torch.int64, (64,)),
    }
    logits = torch.nn.Linear(11 * 120, 2)(batch["features"].flatten(1))
    torch.nn.functional.cross_entropy(logits, batch["labels"], ignore_index=-1).backward()
    batch["features"].add_(1)
    padded = next(iter(train.torch("utterances", batch_size=4)))
    torch.nn.utils.rnn.pack_padded_sequence(padded["features"], padded["num_frames"], True, enforce_sorted=False)


@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
@pytest.mark.parametrize(
    ("workers", "had", "options"),
    [*itertools.product(WORKERS, (0, 3, None), EVERY), (SPAWNED, 3, EVERY[0])],
    ids=str,
)
def test_a_stateful_loader_goes_on_where_it_was(
    train: Any, workers: dict[str, Any], had: int | None, options: dict[str, Any]
) -> None:
    def loader() -> Any:
        return StatefulDataLoader(train.torch(shuffle=3, **options), batch_size=None, **workers)

    arrays = train.numpy_batches(shuffle=3, **options)
    epochs = [texts(arrays) for _ in range(3)]
    stopped = loader()
    assert texts(stopped) == epochs[0]
    had = len(epochs[1]) if had is None else had
    batches = iter(stopped)
    for _ in range(had):
        next(batches)
    state = json.loads(json.dumps(stopped.state_dict()))
    again = loader()
    again.load_state_dict(state)
    assert texts(again) == epochs[1][had:]
    assert texts(again) == epochs[2]


@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
@pytest.mark.parametrize("workers", [*WORKERS, SPAWNED], ids=str)
def test_a_loader_goes_on_at_a_number_of_batches(train: Any, workers: dict[str, Any]) -> None:
    arrays = train.numpy_batches(shuffle=3, batch_size=50)
    epochs = [texts(arrays) for _ in range(4)]
    frames = train.torch(shuffle=3, batch_size=50)
    loader = DataLoader(frames, batch_size=None, **workers)
    frames.load_state_dict({"epoch": 1, "position": 5})
    assert texts(loader) == epochs[1][5:]
    assert texts(loader) == epochs[2]
    # Whoever leaves an epoch early begins another, as with loaders of any data.
    assert texts([next(iter(loader))]) == epochs[3][:1]
    frames.set_epoch(2)
    assert texts(loader) == epochs[2]
    if workers["num_workers"]:
        with pytest.raises(ValueError, match="workers of a DataLoader draw the batches") as caught:
            frames.state_dict()
        assert "StatefulDataLoader" in caught.value.advice
    else:
        assert frames.state_dict()["epoch"] == 3


def test_iterated_alone_it_counts_as_numpy_batches_do(train: Any) -> None:
    frames, arrays = train.torch(shuffle=3, batch_size=50), train.numpy_batches(shuffle=3, batch_size=50)
    assert len(frames) == len(arrays) and texts(frames) == texts(arrays)
    for one in (frames, arrays):
        begun = iter(one)
        next(begun), next(begun)
    state = frames.state_dict()
    assert state == arrays.state_dict()
    copy = pickle.loads(pickle.dumps(frames))
    for other in (train.torch(shuffle=3, batch_size=50), arrays, copy):
        other.load_state_dict(state)
    assert texts(other) == texts(arrays)
    with pytest.raises(ValueError, match="the state is of other batches: batch_size was 50 there"):
        train.torch(shuffle=3, batch_size=60).load_state_dict(state)


@pytest.mark.parametrize("workers", [{"num_workers": 0}, {"num_workers": 2}], ids=str)
@pytest.mark.parametrize("options", [options for options in EVERY if "max_frames" not in options])
def test_single_items_are_collated_to_batches(train: Any, options: dict[str, Any], workers: dict[str, Any]) -> None:
    options = {name: value for name, value in options.items() if name != "batch_size"}
    items = train.torch(map=True, **options)
    expected = texts(train.numpy_batches(batch_size=5, **options))
    assert texts(DataLoader(items, batch_size=5, collate_fn=items.collate, **workers)) == expected
    # One by one, as those do who draw items without a DataLoader, they come to the same.
    by_hand = [
        items.collate([items[number] for number in range(at, min(at + 5, len(items)))])
        for at in range(0, len(items), 5)
    ]
    assert texts(by_hand) == expected
    # A list of numbers is a batch; negative ones count from the end.
    whole = DataLoader(items, sampler=BatchSampler(range(len(items)), 5, False), batch_size=None, **workers)
    assert texts(whole) == expected
    assert texts([items[-1]]) == texts([items[len(items) - 1]])
    for outside in (len(items), -len(items) - 1, [0, len(items)]):
        with pytest.raises(IndexError, match=f"of {len(items)}"):
            items[outside]


def test_items_of_one_size_need_no_collate(train: Any) -> None:
    items = train.torch("windows", num_frames=9, map=True)
    generator = torch.Generator().manual_seed(0)
    loader = DataLoader(items, batch_size=4, sampler=RandomSampler(items, generator=generator), drop_last=True)
    seen = [batch["features"].shape for batch in loader]
    assert set(seen) == {torch.Size([4, 9, 120])} and len(seen) == len(items) // 4


def test_a_batch_is_had_at_once_in_an_epoch_of_any_size(train: Any) -> None:
    frames = train.torch(context=5, shuffle=0, batch_size=64)
    begin = time.perf_counter()
    frames.load_state_dict({"epoch": 1, "position": len(frames) - 1})
    [last] = frames
    assert time.perf_counter() - begin < 1 and len(last["features"])


def _rank(rank: int, world: int, train: Any, folder: str, workers: dict[str, Any]) -> None:
    early = train.torch("utterances", max_frames=300, shuffle=0)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=world)
    late = train.torch(batch_size=50, shuffle=0)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(120, 1))
    found: list[Any] = []
    for batches in (early, late):
        for batch in DataLoader(batches, batch_size=None, **workers):
            # Whoever has fewer batches than another would leave that waiting here.
            model(batch["features"].flatten(0, -2)).sum().backward()
            found.append(batch["utterance"].tolist())
    Path(folder, f"{rank}.json").write_text(json.dumps(found))
    distributed.destroy_process_group()


@pytest.mark.parametrize("workers", [{"num_workers": 0}, SPAWNED], ids=str)
def test_processes_of_torch_distributed_share_a_split(train: Any, tmp_path: Path, workers: dict[str, Any]) -> None:
    multiprocessing.spawn(_rank, (3, train, str(tmp_path), workers), nprocs=3)
    ranks = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(3)]
    assert len({len(rank) for rank in ranks}) == 1
    utterances = train.numpy_batches("utterances", max_frames=300, shuffle=0)
    steps = -(-len(utterances) // 3)
    assert {one for rank in ranks for batch in rank[:steps] for one in batch} == set(range(12))
    frames = [one for rank in ranks for batch in rank[steps:] for one in batch]
    assert 0 <= len(frames) - len(train.features) < 3
