"""The keys of recipes, in the signatures and the documentation of what takes them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from ossicle import _ossicle

# The arguments of a call, beside the keys of recipes.
OPTIONS: dict[str, tuple[str, object, str]] = {
    "out": ("NDArray[Any] | None", None, "An array that takes the result."),
    "layout": ("Literal['frames', 'columns']", "frames", "A row a frame, or a row a column."),
    "dtype": ("DTypeLike | None", None, "The type of the result's numbers; by default float32."),
    "pad_to": ("int | None", None, "Samples are padded with zeros, or cut, to so many frames."),
    "jobs": ("int | None", None, "Threads for several recordings; by default one a core."),
    "id": ("str", "", "The name that a recipe's noise depends on, as that of a dataset's utterance."),
    "nan": (
        "Literal['raise', 'keep']",
        "raise",
        "What NaN and infinity among the samples do; kept, the rows of frames that hold them are NaN.",
    ),
}

# Tables that are an argument each, a dict of their keys or None to leave them out.
TABLES = ("frames", "audio", "deltas", "splice", "normalize")

# The keys of `[audio]` that mean something without a recording.
OF_SAMPLES = ("sample_rate_hz", "scale")

# The keys of features that mean something in a dataset alone, or are an argument of a call.
OF_DATASETS = ("sample_rate_hz", "frames", "plain", "dtype")


def table_keys(table: str) -> list[_ossicle.Key]:
    """Return the keys that a table may have here."""
    keys = [key for key in _ossicle.reference() if key["table"] == table]
    return [key for key in keys if table != "audio" or key["name"] in OF_SAMPLES]


def feature_keys(kind: str | None) -> list[_ossicle.Key]:
    """Return the keys of a kind of feature, or of all kinds, each once; then those of `[frames]`."""
    found: dict[str, _ossicle.Key] = {}
    for key in _ossicle.reference():
        is_own = key["table"] == "feature" and key["name"] not in OF_DATASETS
        if is_own and kind in (None, key["kind"]):
            found.setdefault(key["name"], key)
    for key in table_keys("frames"):
        found.setdefault(key["name"], key)
    return list(found.values())


def annotation(values: str) -> str:
    """Return the type of what a key's value may be, from the words of the reference.

    >>> annotation('a whole number, "power-of-two" or "frame"')
    "int | Literal['power-of-two', 'frame']"
    """
    named = re.fullmatch("one of (.*)", values)
    words = named[1].split(", ") if named else re.findall('"([^"]*)"', values)
    # A duration's examples are no choice of words.
    is_duration = "a duration" in values
    types = [
        kind
        for phrase, kind in (
            ("a whole number", "int"),
            ("true or false", "bool"),
            ("a duration", "str"),
            ("a list of texts", "list[str]"),
            ("a list of numbers", "list[float]"),
            ("a table", "dict[str, Any]"),
        )
        if phrase in values
    ]
    if re.search("(?<!whole )a number|or a number", values):
        types.append("float")
    if "a text" in values:
        types.append("str")
    if words and not is_duration:
        types.append(f"Literal[{', '.join(map(repr, words))}]")
    return " | ".join(types) or "Any"


def document(function: Callable[..., Any], kind: str | None) -> None:
    """Append the settings that a function takes to its description, and let its signature have them.

    Args:
        kind: The kind of its feature; None for any.
    """
    keys = feature_keys(kind)
    own = inspect.signature(function)
    known = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
    taken = {one.name for one in known}
    options = OPTIONS if kind is not None else {}
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=of)
        for name, of, default in _parameters(options, keys)
        if name not in taken
    ]
    rest = inspect.Parameter("settings", inspect.Parameter.VAR_KEYWORD, annotation="Any")
    # As an attribute, which functions may have any of.
    vars(function)["__signature__"] = own.replace(parameters=[*known, *more, rest])
    if kind is not None:
        text = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = "\n".join([text, "", *_sections(options, keys)])


def settings_text(kind: str | None) -> str:
    """Describe each key of a kind of feature, a line each."""
    return "\n".join(_of_keys(feature_keys(kind)))


def _parameters(
    options: dict[str, tuple[str, object, str]], keys: list[_ossicle.Key]
) -> Iterator[tuple[str, str, object]]:
    for name, (of, default, _) in options.items():
        yield name, of, default
    for key in keys:
        # What is not passed is the preset's; None takes a key away from it.
        yield key["name"], f"{annotation(key['values'])} | None", ...
    for table in TABLES:
        yield table, "Mapping[str, Any] | None", ...


def _sections(options: dict[str, tuple[str, object, str]], keys: list[_ossicle.Key]) -> Iterator[str]:
    yield "Args:"
    yield "    x: Samples, mono: int16, float32 or float64; an array, or what has ``__array__`` or DLPack; a 2-D"
    yield "        batch, or a list of recordings of any lengths."
    yield "    sample_rate_hz: Their rate."
    yield "    preset: The recipe that settings change; `ossicle.presets()` lists them. Or a path, or a recipe's text."
    for name, (_, _, meaning) in options.items():
        yield f"    {name}: {meaning}"
    yield from _of_keys(keys)
    yield f"    {', '.join(TABLES)}: A table of the recipe, as a dict of its keys; None leaves it out."
    yield ""
    yield "Returns:"
    yield "    float32 ``[num_frames, num_columns]``; of a batch or a list, one more axis or a list."
    yield ""
    yield "Raises:"
    yield "    Error: A setting is none, the recipe cannot be computed at this rate, or the samples are none, too few,"
    yield "        or not finite. Its `advice` says what helps."


def _of_keys(keys: list[_ossicle.Key]) -> Iterator[str]:
    for key in keys:
        meaning = " ".join(key["meaning"].split())
        yield f"    {key['name']}: {key['values']}; absent: {key['default']}. {meaning}"
