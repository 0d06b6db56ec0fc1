"""The configuration of a feature extractor, from wherever it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ossicle._errors import wrong

# What a model's folder may hold, in the order in which transformers looks for it.
_FILES = ("processor_config.json", "preprocessor_config.json")

# Where a processor's configuration has that of its feature extractor.
_NESTED = ("feature_extractor", "audio_processor")

# A configuration larger than this is none: Whisper's, with its filters as text, are 200 kB.
_MOST_BYTES = 1 << 24


def read_config(config: Any) -> dict[str, Any]:
    """Return the keys of a configuration.

    Args:
        config: The path of a file or of a model's folder, a dict, or what has `to_dict`; also a processor of these.

    Raises:
        Error: It is no such configuration.
        OSError: The file is not there, or cannot be read.
    """
    if isinstance(config, (str, os.PathLike)):
        return _of_path(Path(config))
    # A processor has one, and other things that are no audio's.
    config = getattr(config, "feature_extractor", config)
    given = config.to_dict() if hasattr(config, "to_dict") else config
    if not isinstance(given, Mapping):
        raise wrong(f"config is of type {type(config).__name__}; it must be a path, a dict, or have to_dict()")
    return _own(given, "config")


def _of_path(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there; nothing is downloaded: a model's folder has to be on this machine"
        )
    if not path.is_dir():
        return _own(_parsed(path), os.fspath(path))
    found = [file for name in _FILES if (file := path / name).is_file()]
    if not found:
        names = " nor ".join(reversed(_FILES))
        raise FileNotFoundError(f"{path} holds neither {names}; a model's folder has to be on this machine")
    trees = [(file, _parsed(file)) for file in found]
    for file, tree in trees:
        if any(key in tree for key in _NESTED):
            return _own(tree, os.fspath(file))
    file, tree = trees[-1]
    return _own(tree, os.fspath(file))


def _parsed(path: Path) -> dict[str, Any]:
    with open(path, "rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise wrong(f"{path} is larger than {_MOST_BYTES >> 20} MiB, and no configuration")
    try:
        tree = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise wrong(f"{path} is no configuration: {error}") from error
    if not isinstance(tree, dict):
        raise wrong(f"{path} is no configuration: it must be an object of JSON")
    return tree


def _own(tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the keys of the feature extractor itself."""
    nested = [tree[key] for key in _NESTED if isinstance(tree.get(key), Mapping)]
    own = nested[0] if nested else tree
    if not isinstance(own.get("feature_extractor_type"), str):
        raise wrong(
            f"{name} has no feature_extractor_type, which names its class",
            "pass the preprocessor_config.json of a model that takes audio",
        )
    return dict(own)


def as_json(config: Mapping[str, Any]) -> str:
    """Write a configuration as `to_json_file` of transformers does, arrays as lists.

    Raises:
        Error: A value is none of JSON's.
    """

    def plain(value: Any) -> Any:
        if hasattr(value, "tolist"):
            return value.tolist()
        raise TypeError(f"a value is of type {type(value).__name__}")

    try:
        return json.dumps(dict(config), default=plain)
    except (TypeError, ValueError) as error:
        raise wrong(f"the configuration cannot be written as JSON: {error}") from error
