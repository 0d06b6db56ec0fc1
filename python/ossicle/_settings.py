"""Keys of a recipe as keyword arguments."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from ossicle import _ossicle

# Where a key is looked for that is written without its table, in this order.
_TABLES = ("feature", "frames", "audio", "deltas", "splice", "normalize", "vad")


@functools.cache
def keys() -> dict[str, list[str]]:
    """Return the tables that have each key."""
    found: dict[str, list[str]] = {}
    for key in _ossicle.reference():
        tables = found.setdefault(key["name"], [])
        if key["table"] in _TABLES and key["table"] not in tables:
            tables.append(key["table"])
    return {name: tables for name, tables in found.items() if tables}


def assignments(settings: Mapping[str, Any]) -> list[str]:
    """Write settings as the changes that recipes take.

    A setting is a key (``num_mel_bins=40``), a key with its table (``**{"audio.scale": "unit"}``), or a table:
    ``deltas={"order": 2}``, or ``normalize=None`` to leave it out.

    Raises:
        ValueError: There is no such key; the message has the nearest.
    """
    written: list[str] = []
    for name, value in settings.items():
        if name in _TABLES and (value is None or isinstance(value, Mapping)):
            if value is None:
                written.append(f"{name}=")
            else:
                written += [f"{name}.{key}={toml(inner)}" for key, inner in value.items()]
        else:
            written.append(f"{_full(name)}={toml(value)}")
    return written


def _full(name: str) -> str:
    if "." in name:
        return name
    tables = keys().get(name)
    if tables is None:
        near = get_close_matches(name, [*keys(), *_TABLES], n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"there is no setting {name}{hint}")
    if len(tables) > 1:
        # What a feature has is meant first; others are written with their table.
        tables = [table for table in tables if table == "feature"] or tables
    if len(tables) > 1:
        choices = ", ".join(f'"{table}.{name}"' for table in tables)
        raise ValueError(f"{name} may be {choices}; write **{{{choices.split(', ')[0]}: …}}")
    return f"{tables[0]}.{name}"


def toml(value: Any) -> str:
    """Write a value as TOML does; None is no value, which is a key's default."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return toml(value.item())
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return repr(value)
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Iterable):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    raise ValueError(f"a setting is {value!r}, which is no number, word or list")
