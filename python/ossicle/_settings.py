"""Keys of a recipe as keyword arguments."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from typing import Any

from ossicle import _ossicle
from ossicle._errors import wrong
from ossicle._reference import OF_DATASETS, OF_SAMPLES, TABLES

# Where a key is looked for that is written without its table, in this order.
_TABLES = ("feature", *TABLES)

# Where it is looked for if there are recordings.
_TABLES_OF_RECORDINGS = (*_TABLES, "labels", "vad", "output")


@functools.cache
def keys(of_recordings: bool = False) -> dict[str, list[str]]:
    """Return the tables that have each key."""
    tables = _TABLES_OF_RECORDINGS if of_recordings else _TABLES
    found: dict[str, list[str]] = {}
    for key in _ossicle.reference():
        having = found.setdefault(key["name"], [])
        if key["table"] in tables and key["table"] not in having:
            having.append(key["table"])
    for name in OF_DATASETS:
        having = found.get(name, [])
        # What another table has is meant of all features.
        if "feature" in having and (not of_recordings or having[1:]):
            having.remove("feature")
    return {name: having for name, having in found.items() if having}


def assignments(settings: Mapping[str, Any], *, of_recordings: bool = False) -> list[str]:
    """Write settings as the changes that recipes take.

    A setting is a key (``num_mel_bins=40``), a key with its table (``**{"audio.scale": "unit"}``), or a table:
    ``deltas={"order": 2}``, or ``normalize=None`` to leave it out.

    Args:
        of_recordings: Whether there are recordings, which keys may be about, and not only samples.

    Raises:
        Error: There is no such key; the message has the nearest.
    """
    tables = _TABLES_OF_RECORDINGS if of_recordings else _TABLES
    written: list[str] = []
    for name, value in settings.items():
        if name in tables and value is None:
            written.append(f"{name}=")
        elif name in tables and isinstance(value, Mapping):
            if not value:
                raise wrong(f"{name} is {value!r}; it must have a key, or be None", f"leave {name} away")
            for key, of in value.items():
                written.append(f"{_full(f'{name}.{key}', of_recordings)}={toml(of, f'{name}.{key}')}")
        elif name in tables and name not in keys(of_recordings):
            raise wrong(f"{name} is {value!r}; it must be a dict of the table's keys, or None")
        else:
            written.append(f"{_full(name, of_recordings)}={toml(value, name)}")
    return written


def _full(name: str, of_recordings: bool) -> str:
    """Return a key with its table."""
    if "." in name:
        table, key = name.split(".", 1)
        is_of_samples = table != "audio" or key in OF_SAMPLES
        if not of_recordings and not is_of_samples and "audio" in keys().get(key, []):
            raise wrong(
                f"{name} is about recordings, and x is samples",
                f"ossicle.load_audio reads recordings; leave {name} away",
            )
        return name
    tables = keys(of_recordings).get(name)
    if tables is None:
        raise _unknown(name, of_recordings)
    # What a feature has is meant first; others are written with their table.
    tables = [table for table in tables if table == "feature"] or tables
    if len(tables) > 1:
        choices = " or ".join(f'{table}={{"{name}": …}}' for table in tables)
        raise wrong(f"{name} may be that of {', '.join(tables)}; pass {choices}", f"pass {choices}")
    return _full(f"{tables[0]}.{name}", of_recordings)


def _unknown(name: str, of_recordings: bool) -> Exception:
    # It takes a while to import, and is seldom wanted.
    from difflib import get_close_matches

    tables = _TABLES_OF_RECORDINGS if of_recordings else _TABLES
    near = get_close_matches(name, [*keys(of_recordings), *tables], n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return wrong(f"there is no setting {name}{hint}", f"pass {near[0]}" if near else None)


def toml(value: Any, name: str = "a setting") -> str:
    """Write a value as TOML does; None is no value, which is a key's default."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return toml(value.item(), name)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return repr(value)
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray, Mapping)):
        return "[" + ", ".join(toml(item, name) for item in value) + "]"
    raise wrong(f"{name} is {value!r}, which is no number, word or list")


def _text(value: str) -> str:
    """Write a text as TOML's basic strings are."""
    written = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{ord(c):04X}" if c < " " or c == "\x7f" else c for c in written) + '"'
