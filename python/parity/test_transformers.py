"""The stand-ins for transformers' feature extractors return what the originals do: keys, shapes, types, masks, numbers."""

from __future__ import annotations

import copy
import inspect
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import ossicle.transformers as ours

FIXTURES = Path(__file__).parents[2] / "crates/recipe/tests/fixtures/foreign"
ROUNDS = 25


@dataclass
class Case:
    """A configuration, and what is tried with it."""

    name: str
    apart: float
    """How far numbers may be from the original's, relative to their range."""
    lengths: tuple[int, ...]
    options: dict[str, list[Any]] = field(default_factory=dict)
    kinds: str = "one list array numbers lists float64"
    """What recordings are given as, of what the original takes."""
    changes: dict[str, list[Any]] = field(default_factory=dict)
    """Keys of the configuration that have other values now and then."""
    always: dict[str, Any] = field(default_factory=dict)
    """Those that have another value always."""

    @property
    def config(self) -> dict[str, Any]:
        return json.loads((FIXTURES / f"{self.name}.json").read_text()) | self.always

    def __str__(self) -> str:
        return self.name


SHORT = (4000, 16000, 12345, 800, 24001)
OF_SAMPLES = {
    "padding": ["longest", "max_length", True, False],
    "max_length": [16000, 9000, 30000],
    "truncation": [True, False],
    "pad_to_multiple_of": [None, 128, 1000],
}
OF_FRAMES = OF_SAMPLES | {"max_length": [40, 100, 201], "pad_to_multiple_of": [None, 2, 16]}
TENSORS = "one list array int16 float64"
MASK = {"return_attention_mask": [None, True, False]}

UNCUT = OF_SAMPLES | {"truncation": [False]}
LEFT = {"padding_side": ["left"], "padding_value": [0.5]}

CASES = [
    Case(
        "whisper-80",
        1e-4,
        (*SHORT, 481_000),
        OF_SAMPLES | MASK | {"do_normalize": [None, False, True]},
        TENSORS,
        changes={
            "padding_side": ["left"],
            "padding_value": [0.5],
            "chunk_length": [10],
            "feature_size": [40],
            "return_attention_mask": [True],
        },
    ),
    Case("whisper-128", 1e-4, (*SHORT, 500_000), OF_SAMPLES | MASK),
    Case(
        "qwen3-asr",
        1e-4,
        SHORT,
        OF_SAMPLES | {"n_window": [None, 0, 7], "return_attention_mask": [None, True]},
        changes={"padding_side": ["left"], "padding_value": [0.5], "min_length": [0, 9000], "n_window": [8]},
    ),
    Case(
        "voxtral-realtime",
        1e-4,
        SHORT,
        OF_SAMPLES | MASK | {"center": [True, False]},
        changes={"padding_side": ["left"], "padding_value": [0.5]},
    ),
    Case(
        "parakeet",
        2e-4,
        SHORT,
        OF_SAMPLES | {"truncation": [False]},
        TENSORS,
        changes={"feature_size": [64], "preemphasis": [0.0]},
    ),
    Case("parakeet128", 2e-4, SHORT, OF_SAMPLES | {"truncation": [False]}, TENSORS),
    Case(
        "seamless",
        1e-4,
        SHORT,
        OF_FRAMES | MASK | {"do_normalize_per_mel_bins": [True, False]},
        changes={"padding_side": ["left"], "padding_value": [0.5], "stride": [1, 3], "return_attention_mask": [False]},
    ),
    Case(
        "speech2text",
        2e-4,
        SHORT,
        OF_FRAMES | {"return_attention_mask": [None, True]},
        changes={
            "padding_value": [0.5],
            "do_ceptral_normalize": [False],
            "normalize_vars": [False],
            "num_mel_bins": [64],
            "feature_size": [64],
        },
    ),
    Case(
        "fun-asr-nano",
        2e-4,
        SHORT,
        OF_FRAMES | MASK,
        "one list float64",
        changes={"padding_side": ["left"], "padding_value": [0.5], "num_frames_lfr": [5], "stride_lfr": [3]},
    ),
    Case(
        "ast",
        2e-4,
        (*SHORT, 170_000),
        changes={"max_length": [100], "do_normalize": [False], "mean": [-3.0], "num_mel_bins": [64]},
    ),
    Case(
        "clap-fusion",
        2e-4,
        (*SHORT, 480_000, 480_100, 700_000, 1_500_001),
        {"padding": [None, True, "repeat", "pad"], "truncation": [None, "rand_trunc"], "max_length": [None, 96_000]},
        changes={"frequency_min": [50], "truncation": ["rand_trunc"], "padding": ["repeat"], "max_length_s": [2]},
    ),
    Case(
        "clap-rand",
        2e-4,
        (*SHORT, 480_000, 700_000),
        {"padding": [None, True, "repeat", "pad"], "truncation": [None, "fusion"]},
    ),
    Case(
        "gemma3n",
        5e-4,
        SHORT,
        OF_SAMPLES | {"truncation": [True]},
        changes={
            "padding_side": ["left"],
            "padding_value": [0.5],
            "per_bin_mean": [np.arange(128) / 99],
            "per_bin_stddev": [1 + np.arange(128) / 50],
            "input_scale_factor": [32768.0],
            "frame_length_ms": [20.0],
        },
    ),
    Case(
        "gemma4",
        5e-4,
        SHORT,
        OF_SAMPLES,
        "list array lists",
        changes={
            "padding_side": ["left"],
            "padding_value": [0.5],
            "mel_floor": [0.01],
            "per_bin_mean": [np.arange(128) / 99],
        },
    ),
    Case(
        "phi4",
        1e-4,
        SHORT,
        OF_SAMPLES | {"truncation": [False], "return_attention_mask": [True, False]},
        TENSORS,
        changes={
            "feature_size": [64],
            "audio_compression_rate": [3],
            "audio_downsample_rate": [2],
            "mel_max_frequency": [7000],
        },
    ),
    Case(
        "univnet",
        1e-3,
        SHORT,
        OF_SAMPLES | MASK | {"return_noise": [True, False], "pad_end": [False, True], "do_normalize": [None, True]},
        changes={"do_normalize": [True], "max_length_s": [1], "num_mel_bins": [80], "model_in_channels": [8]},
    ),
    Case(
        "wav2vec2",
        1e-5,
        SHORT,
        OF_SAMPLES | MASK,
        changes={"padding_value": [0.5], "do_normalize": [False], "return_attention_mask": [True]},
    ),
    Case(
        "speecht5",
        1e-5,
        SHORT,
        OF_SAMPLES | MASK,
        changes={"padding_value": [0.5], "do_normalize": [True], "return_attention_mask": [False]},
    ),
    Case(
        "nemotron",
        1e-4,
        SHORT,
        UNCUT | {"center": [True, False], "is_last_audio_chunk": [False, True]},
        TENSORS,
        changes={"feature_size": [64], "preemphasis": [0.5]},
    ),
    Case(
        "cohere",
        1e-4,
        (*SHORT, 500_000, 900_000),
        {"padding": ["longest", True], "pad_to_multiple_of": [None, 1000]},
        TENSORS,
        changes={"max_audio_clip_s": [20.0], "overlap_chunk_second": [0.05], "min_energy_window_samples": [100]},
        # Its noise is that of PyTorch's generator.
        always={"dither": 0.0},
    ),
    Case("lasr", 1e-4, SHORT, OF_SAMPLES | MASK, changes=LEFT),
    Case(
        "granite5",
        1e-4,
        (*SHORT, 16_160),
        OF_SAMPLES | {"return_attention_mask": [True, False]},
        TENSORS,
        changes={"num_mel_bins": [40], "delta_win_length": [5], "logmel_floor_db": [6.0], "padding_value": [0.5]},
    ),
    Case("moss", 1e-4, (*SHORT, 480_000, 1_000_000), {"pad_to_multiple_of": [None, 7000]}, changes=LEFT),
    Case("dots3-note", 1e-4, (*SHORT, 1_000_000), {}, "one list", changes={**LEFT, "chunk_length": [10]}),
    Case(
        "omniasr",
        1e-6,
        SHORT,
        {"padding": [True, "max_length"], "max_length": [20_000], "truncation": [True]}
        | {"return_attention_mask": [True, False], "return_tensors": ["pt"]},
        "one list",
        changes={"do_normalize": [False]},
    ),
]


def recording(draw: random.Random, length: int) -> np.ndarray:
    numbers = np.random.default_rng(draw.randrange(1 << 30))
    x = numbers.standard_normal(length) * 0.03 + np.sin(np.arange(length) / draw.choice([7, 11, 40])) * 0.2
    x *= 1.1 + np.sin(np.arange(length) / 900)
    return x.astype(np.float32)


def given(draw: random.Random, case: Case) -> Any:
    """A recording, a list of them, or an array."""
    lengths = [draw.choice(case.lengths) for _ in range(draw.choice([1, 2, 3]))]
    xs = [recording(draw, length) for length in lengths]
    kind = draw.choice(case.kinds.split())
    if kind == "array":
        return np.stack([x[: min(lengths)] for x in xs])
    if kind == "lists":
        return [x.tolist() for x in xs]
    one = {
        "one": xs[0],
        "numbers": xs[0].tolist(),
        "int16": (xs[0] * 9000).astype(np.int16),
        "float64": xs[0].astype(float),
    }
    return one.get(kind, xs)


def compare(found: Any, expected: Any, apart: float) -> None:
    assert list(found.keys()) == list(expected.keys())
    for key in expected:
        compare_values(found[key], expected[key], apart, key)


def compare_values(found: Any, expected: Any, apart: float, key: str) -> None:
    assert type(found) is type(expected), key
    if isinstance(expected, list) or getattr(expected, "dtype", None) == object:
        assert len(found) == len(expected), key
        for one, other in zip(found, expected, strict=True):
            compare_values(one, other, apart, key)
        return
    if not isinstance(expected, (np.ndarray, torch.Tensor)):
        assert found == expected, key
        return
    assert (found.dtype, tuple(found.shape)) == (expected.dtype, tuple(expected.shape)), key
    found, expected = np.asarray(found), np.asarray(expected)
    if expected.dtype.kind != "f":
        assert np.array_equal(found, expected), key
        return
    span = max(1.0, float(np.ptp(expected)))
    worst = float(np.abs(found - expected).max())
    assert worst <= apart * span, (key, worst, span)


def of_both(case: Case, **changes: Any) -> tuple[Any, Any]:
    config = case.config
    theirs = getattr(transformers, config["feature_extractor_type"])(**config | changes)
    # Not by their own `to_dict`, which leaves some keys out.
    is_file = not changes and not case.always
    return ours.feature_extractor(FIXTURES / f"{case.name}.json" if is_file else config | changes), theirs


@pytest.mark.parametrize("case", CASES, ids=str)
def test_random_calls_return_theirs(case: Case) -> None:
    draw, compared = random.Random(case.name), 0
    for round in range(ROUNDS):
        changes = {name: draw.choice(of) for name, of in case.changes.items() if draw.random() < 0.25}
        found, theirs = of_both(case, **changes)
        x = given(draw, case)
        options = {name: draw.choice(of) for name, of in case.options.items() if len(of) == 1 or draw.random() < 0.6}
        options = (
            {"return_tensors": draw.choice([None, "np", "pt"])} | options | {"sampling_rate": theirs.sampling_rate}
        )
        expected = answer(theirs, copy.deepcopy(x), options, round)
        if expected is None:
            with pytest.raises(ValueError):
                answer_of(found, x, options, round)
            continue
        compare(answer_of(found, x, options, round), expected, case.apart)
        compared += 1
    assert compared > ROUNDS / 3, compared


def answer(theirs: Callable[..., Any], x: Any, options: dict[str, Any], seed: int) -> Any:
    """What the original returns, or None where it fails."""
    try:
        return answer_of(theirs, x, options, seed)
    except (ValueError, TypeError, AttributeError, IndexError, RuntimeError, KeyError):
        return None


def answer_of(extractor: Callable[..., Any], x: Any, options: dict[str, Any], seed: int) -> Any:
    """What is returned, with what is chosen by chance decided."""
    np.random.seed(seed)
    if "generator" in inspect.signature(extractor.__call__).parameters:
        options = {**options, "generator": np.random.default_rng(seed)}
    return extractor(x, **options)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_arguments_and_defaults_are_theirs(case: Case) -> None:
    found, theirs = of_both(case)

    def of(extractor: Any) -> list[tuple[Any, ...]]:
        parameters = inspect.signature(extractor.__call__).parameters.values()
        return [(it.name, it.default, it.kind) for it in parameters]

    # Gemma's pass it over.
    assert [it for it in of(found) if it[0] != "sampling_rate" or "gemma" not in case.name] == of(theirs)
    assert found.model_input_names == theirs.model_input_names
    attributes = {name: getattr(theirs, name) for name in found.__dict__ if hasattr(theirs, name)}
    assert {name: getattr(found, name) for name in attributes} == attributes


def test_targets_of_speecht5_are_theirs() -> None:
    found, theirs = of_both(Case("speecht5", 0, ()))
    draw = random.Random(2)
    for round in range(ROUNDS):
        xs = [recording(draw, draw.choice((4000, 16000, 9000))) for _ in range(2)]
        options = {
            "padding": draw.choice([True, False, "max_length"]),
            "max_length": 30,
            "truncation": draw.random() < 0.5,
        }
        options |= {"return_tensors": draw.choice([None, "np"]), "sampling_rate": 16000}
        options |= {"audio": draw.choice([None, xs]), "return_attention_mask": draw.choice([None, False])}
        compare(found(audio_target=xs, **options), theirs(audio_target=xs, **options), 1e-4)


def test_granite_s_batches_are_theirs() -> None:
    draw = random.Random(6)
    for changes in ({}, {"n_fft": 400, "n_mels": 64, "hop_length": 200}, {"projector_window_size": 12}):
        config = Case("granite", 0, ()).config
        theirs = transformers.GraniteSpeechFeatureExtractor(**config | changes)
        found = ours.feature_extractor(config | changes)
        for lengths in ([16000], [16161, 9000], [801, 24001, 500]):
            xs = [recording(draw, length) for length in lengths]
            compare(found(xs), theirs(xs), 1e-4)
            compare(found(xs[0]), theirs(xs[0]), 1e-4)


def test_windows_of_whisper_are_theirs() -> None:
    x = recording(random.Random(1), 500_000)
    theirs = transformers.WhisperFeatureExtractor()
    windows = np.pad(x, (0, 960_000 - x.size)).reshape(2, 480_000)
    expected = np.concatenate(list(theirs(windows, sampling_rate=16000).input_features), axis=1)
    for_all = ours.feature_extractor(theirs, window="30s")
    found = for_all(x, sampling_rate=16000, truncation=False, return_attention_mask=True)
    compare_values(found.input_features[0], expected, 1e-4, "30s")
    assert found.attention_mask.shape == (1, 6000) and found.attention_mask.sum() == 3125
    compare(for_all(x, sampling_rate=16000), theirs(x, sampling_rate=16000), 1e-4)
    of_each = ours.feature_extractor(theirs, window="recording")
    for given in (x, [x, x[:7000]]):
        expected = theirs(given, sampling_rate=16000, padding="longest", truncation=False)
        compare(of_each(given, sampling_rate=16000), expected, 1e-4)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_another_sample_rate_is_refused_in_their_words(case: Case) -> None:
    found, theirs = of_both(case)
    with pytest.raises(ValueError, match="sampling rate of|sampling_rate|Expected sampling rate") as error:
        found(np.zeros(16000), sampling_rate=8000)
    assert str(theirs.sampling_rate) in str(error.value) and "8000" in str(error.value)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_batch_is_put_together_by_pad_as_theirs(case: Case) -> None:
    found, theirs = of_both(case)
    numbers, main = np.random.default_rng(4), theirs.model_input_names[0]
    shape = (theirs.feature_size,) if theirs.feature_size > 1 else ()
    rows = [{main: numbers.standard_normal((n, *shape)).astype(np.float32)} for n in (7, 12, 3)]
    for options in ({}, {"pad_to_multiple_of": 8}, {"padding": "max_length", "max_length": 9, "truncation": True}):
        for return_tensors in (None, "np", "pt"):
            expected = theirs.pad(copy.deepcopy(rows), return_tensors=return_tensors, **options)
            compare(found.pad(rows, return_tensors=return_tensors, **options), expected, 0)
    features = {main: [torch.from_numpy(of[main]) for of in rows], "labels": [[1], [2], [3]]}
    compare(found.pad(features), theirs.pad(copy.deepcopy(features)), 0)


def test_what_a_batch_is_converted_to_is_theirs() -> None:
    found, theirs = of_both(Case("whisper-80", 0, ()))
    x = recording(random.Random(3), 9000)
    for extractor in (found, theirs):
        batch = extractor(x, sampling_rate=16000, return_tensors="pt", return_attention_mask=True)
        assert batch.to(torch.float16) is batch
        assert batch["input_features"].dtype == torch.float16 and batch.attention_mask.dtype == torch.int32
        assert batch.to("cpu", torch.float32).input_features.dtype == torch.float32
        assert dict(**batch).keys() == batch.keys() == batch.data.keys()
        with pytest.raises(AttributeError):
            batch.labels  # noqa: B018


@pytest.mark.parametrize("name", [name for name in ours.known_classes() if hasattr(transformers, name)])
def test_keys_that_are_left_away_are_theirs(name: str) -> None:
    found, theirs = ours.feature_extractor({"feature_extractor_type": name}), getattr(transformers, name)()
    if name.startswith("Granite") and "5" not in name:
        x, options = [recording(random.Random(8), 30_000)], {}
    else:
        x, options = [recording(random.Random(8), 30_000)], {"sampling_rate": theirs.sampling_rate}
    if name == "CohereAsrFeatureExtractor":
        assert "dither = 1e-5" in found.recipe or "dither = 0.00001" in found.recipe, found.recipe
        return
    compare(answer_of(found, x, options, 1), answer_of(theirs, x, options, 1), 5e-4)


@pytest.mark.parametrize("name", ["parakeet", "nemotron", "cohere", "phi4", "granite", "granite5"])
def test_tensors_are_put_where_they_are_asked_for(name: str) -> None:
    extractor, _ = of_both(Case(name, 0, ()))
    options = {} if name == "granite" else {"sampling_rate": 16000}
    batch = extractor([recording(random.Random(9), 30_000)], device="meta", **options)
    assert next(iter(batch.values())).device.type == "meta"


def test_their_own_extractors_and_processors_are_taken() -> None:
    for name in ours.known_classes():
        if theirs := getattr(transformers, name, None):
            assert repr(ours.feature_extractor(theirs())).startswith(f"<ossicle.transformers {name} at")
