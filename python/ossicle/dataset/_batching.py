"""The arguments of batches: their names, types, defaults and meanings, which all calls share."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypedDict, TypeVar

from ossicle._errors import wrong

Call = TypeVar("Call", bound=Callable[..., Any])

Mode = Literal["frames", "utterances", "windows"]
MODES: tuple[Mode, ...] = ("frames", "utterances", "windows")


class Batching(TypedDict, total=False):
    """How batches are made; `ARGUMENTS` says what each is for."""

    arrays: list[str] | None
    batch_size: int | None
    context: int
    num_frames: int | None
    hop: int | None
    max_frames: int | None
    buckets: int | None
    shuffle: int | None
    rank: int | None
    world: int | None
    even: bool
    drop_last: bool


class Argument(NamedTuple):
    """An argument of batches."""

    default: object
    modes: tuple[Mode, ...]
    """The modes that it means something for."""
    is_of_items: bool
    """Whether it says what there is to draw, and not how it is drawn."""
    meaning: str


ARGUMENTS: dict[str, Argument] = {
    "arrays": Argument(
        None,
        MODES,
        True,
        "Which arrays; by default all that have a row a frame, and in windows those with several a frame too, as samples.",
    ),
    "batch_size": Argument(
        None,
        MODES,
        False,
        "How many there are in a batch: by default 1024 frames, or 16 utterances or windows. With `max_frames` the most.",
    ),
    "context": Argument(
        0, ("frames",), True, "How many frames on each side of a frame; an utterance's ends are repeated beyond it."
    ),
    "num_frames": Argument(None, ("windows",), True, "The frames of a window."),
    "hop": Argument(
        None, ("windows",), True, "The frames from one window to the next; by default windows follow one another."
    ),
    "max_frames": Argument(
        None,
        ("utterances",),
        False,
        "The most frames of a batch, padding too; one that is longer is a batch of its own. Utterances of like lengths are "
        "put together.",
    ),
    "buckets": Argument(
        None,
        ("utterances",),
        False,
        "Into how many classes of like lengths utterances are put, each class of as many frames; a batch is of one class. By "
        "default up to 30 with `max_frames`, as many as have four batches each, and none without.",
    ),
    "shuffle": Argument(
        None, MODES, False, "The seed of a random order, another one in each epoch; None for that of the dataset."
    ),
    "rank": Argument(None, MODES, False, "This one's place, from 0, among those that share the split."),
    "world": Argument(None, MODES, False, "How many share it; each has another part of it."),
    "even": Argument(
        True,
        MODES,
        False,
        "Gives every rank as many batches as the others, of the same sizes but in buckets: what some lack at the end comes "
        "from the beginning of the order, or with `drop_last` what others have more is left out. False gives each item to "
        "one rank, once.",
    ),
    "drop_last": Argument(
        False, MODES, False, "Leaves out a last batch that is not full, that of each bucket where there are some."
    ),
}


def taken(mode: str, options: Batching, caller: str, *, map: bool = False) -> dict[str, Any]:
    """Return all arguments, with their defaults.

    Args:
        caller: The name of what is called, for messages.
        map: Whether items are drawn by who calls, and not in batches.

    Raises:
        Error: The mode is none, or one of them means nothing here.
        TypeError: There is no such argument.
    """
    if mode not in MODES:
        raise wrong(f"mode is {mode!r}; it must be 'frames', 'utterances' or 'windows'")
    for name, value in options.items():
        if name not in ARGUMENTS:
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}")
        argument = ARGUMENTS[name]
        if value == argument.default:
            continue
        if mode not in argument.modes:
            raise wrong(f"{name} is of mode {argument.modes[0]!r}, and mode is {mode!r}")
        if map and not argument.is_of_items:
            advice = f"leave {name} out: DataLoader and its sampler have that for map-style datasets"
            raise wrong(f"{name} is of batches, and map=True gives single items", advice)
    if mode == "windows" and options.get("num_frames") is None:
        raise wrong("windows need num_frames, the frames of each", "pass num_frames=32")
    if (options.get("rank") is None) != (options.get("world") is None):
        raise wrong("rank and world come together, or neither does")
    return {name: options.get(name, argument.default) for name, argument in ARGUMENTS.items()}


def document(function: Call) -> Call:
    """Let the signature of a call have the arguments of batches, and describe them where its own are described."""
    own = inspect.signature(function)
    known = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=ARGUMENTS[name].default, annotation=_text(of))
        for name, of in Batching.__annotations__.items()
    ]
    # As an attribute, which functions may have any of.
    vars(function)["__signature__"] = own.replace(parameters=[*known, *more])
    text = inspect.cleandoc(function.__doc__ or "")
    described = [
        textwrap.fill(f"{name}: {argument.meaning}", 118, initial_indent=" " * 4, subsequent_indent=" " * 8)
        for name, argument in ARGUMENTS.items()
    ]
    head, _, tail = text.partition("\n\nReturns:")
    function.__doc__ = "\n".join([head, *described]) + f"\n\nReturns:{tail}"
    return function


def _text(annotation: Any) -> Any:
    """An annotation as it is written, which a TypedDict keeps in a reference."""
    return getattr(annotation, "__forward_arg__", annotation)
