"""Calls of feature extractors, and what is recorded of what they return."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pages import GOLDEN, ROOT

import ossicle

CONFIGS = ROOT / "crates/recipe/tests/fixtures/foreign"
RECORDED = Path(__file__).parent / "fixtures/transformers.json"

_OF_SAMPLES: list[dict[str, Any]] = [
    {"padding": "longest"},
    {"padding": "max_length", "max_length": 30000, "truncation": True},
    {"padding": "longest", "pad_to_multiple_of": 1000, "return_attention_mask": True},
]
_OF_FRAMES: list[dict[str, Any]] = [
    {},
    {"padding": True},
    {"padding": "max_length", "max_length": 150, "truncation": True},
    {"padding": "longest", "pad_to_multiple_of": 16},
]
_UNCUT: list[dict[str, Any]] = [{"padding": "longest"}, {"padding": "max_length", "max_length": 60000}]

CALLS: dict[str, list[dict[str, Any]]] = {
    "whisper-80": [{}, *_OF_SAMPLES, {"do_normalize": True, "padding": "longest"}],
    "whisper-128": [{}],
    "qwen3-asr": [{}, *_OF_SAMPLES],
    "voxtral-realtime": _OF_SAMPLES,
    "parakeet": _UNCUT,
    "parakeet128": _UNCUT,
    "seamless": [*_OF_FRAMES, {"do_normalize_per_mel_bins": False}],
    "speech2text": _OF_FRAMES,
    "fun-asr-nano": _OF_FRAMES[1:],
    "ast": [{}],
    "clap-fusion": [{}, {"padding": "repeat"}, {"truncation": "rand_trunc"}],
    "clap-rand": [{}, {"padding": "pad"}],
    "gemma3n": [{}, *_OF_SAMPLES],
    "gemma4": [{}, *_OF_SAMPLES],
    "phi4": _UNCUT,
    "univnet": [{"return_noise": False}, {"return_noise": False, "pad_end": True, "do_normalize": True}],
    "wav2vec2": [{}, *_OF_SAMPLES, {"padding": True, "return_attention_mask": False}],
    "speecht5": [{}, *_OF_SAMPLES],
    "nemotron": [*_UNCUT, {"center": False}, {"center": False, "is_last_audio_chunk": True}],
    "lasr": _OF_SAMPLES,
    "granite5": _UNCUT,
    "granite": [{}],
    "moss": [{}],
    "dots3-note": [{}],
}
"""By the configuration's file; each is called with two recordings."""


def calls() -> Iterator[tuple[str, dict[str, Any]]]:
    """The name of each configuration, and the arguments of a call."""
    return ((name, options) for name, all_options in CALLS.items() for options in all_options)


def recordings(name: str) -> list[np.ndarray]:
    """A voice of 2.5 s and one of 1.3 s; of CLAP's fusion the first is 11 s.

    The second has an odd number of whole frames, and is whole steps long, so that a mask that is one off is another.
    """
    x, _ = ossicle.load_audio(GOLDEN / "input.wav")
    first = np.resize(x, 528_000) if name == "clap-fusion" else x[3000:43_050]
    return [first, x[:20_960]]


def config(name: str) -> dict[str, Any]:
    """The keys of a configuration."""
    keys: dict[str, Any] = json.loads((CONFIGS / f"{name}.json").read_text(encoding="utf-8"))
    return keys


def returned(extractor: Any, name: str, options: dict[str, Any]) -> Any:
    """What a call returns as arrays, with what is chosen by chance decided."""
    np.random.seed(1)
    if name == "granite":
        # It takes recordings alone.
        return {key: np.asarray(value) for key, value in extractor(recordings(name)).items()}
    return extractor(recordings(name), sampling_rate=config(name)["sampling_rate"], return_tensors="np", **options)


def summary(batch: Any) -> dict[str, Any]:
    """Of each key its type and shape, and what it holds: all of a mask, some of the numbers, and means of 40 stretches."""
    return {key: _of_array(value) for key, value in batch.items()}


def _of_array(array: Any) -> Any:
    if array.dtype == object:
        return [_of_array(of) for of in array]
    held = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.dtype.kind != "f":
        # Of a mask, how often each value comes.
        runs = [(str(value), len(list(of))) for value, of in itertools.groupby(array.ravel().tolist())]
        return held | {"runs": [f"{count} × {value}" for value, count in runs]}
    places = np.linspace(0, array.size - 1, 13).astype(int)
    means = [of.mean() for of in np.array_split(array.ravel().astype(float), 40)]
    values = [*array.ravel()[places], *means]
    return held | {"places": places.tolist(), "values, and means": [round(float(of), 5) for of in values]}
