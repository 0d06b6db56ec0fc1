"""Verbs of the command as functions: their options as words, and what is shown while they work."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol, TextIO

from ossicle import _ossicle, _settings
from ossicle._errors import wrong
from ossicle._extractor import Extractor

if TYPE_CHECKING:
    from typing_extensions import Self

    from ossicle._corpora import Corpus
    from ossicle._extractor import Recipe

Progress = Literal["auto", "bar", "tqdm", "lines"] | bool | None
"""How it is shown how far a run is."""

Event = dict[str, Any]
"""Something that happened: ``event`` says what, and other keys the rest."""


class Cluster(Protocol):
    """Machines that compute parts of a stored plan, by `_ossicle.PartWorker`."""

    def begin(self, order: dict[str, Any]) -> int:
        """Look whether they can compute parts, and return how many workers there are."""
        ...

    def run(self, order: dict[str, Any]) -> Iterator[str]:
        """Have parts computed, and give what `PartWorker.run_part` returned of each."""
        ...


def again() -> list[str]:
    """Return the words that start the command by this Python."""
    return [sys.executable or "python3", "-m", "ossicle"]


def option_words(options: Mapping[str, Any]) -> list[str]:
    """Write options as the command takes them: what is None or False is left out.

    Raises:
        Error: A value is none that an option can have.
    """
    words: list[str] = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            words.append(flag)
        elif isinstance(value, Mapping):
            words += [f"{flag}={key}={_word(of, name)}" for key, of in value.items()]
        elif isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
            words += [f"{flag}={_word(of, name)}" for of in value]
        else:
            words.append(f"{flag}={_word(value, name)}")
    return words


def _word(value: Any, name: str) -> str:
    if isinstance(value, (str, bytes, os.PathLike)):
        return os.fsdecode(value)
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return repr(value)
    raise wrong(f"{name} is {value!r}, which is no number, text or path")


def joined(value: Any, name: str) -> str | None:
    """Write several as one word, with commas: a list, or a dict as ``KEY=VALUE``."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ",".join(f"{key}={_word(of, name)}" for key, of in value.items())
    return ",".join(_word(of, name) for of in value)


def selection_words(selection: Mapping[str, Any]) -> list[str]:
    """Write how a corpus is read as the command takes it.

    Raises:
        TypeError: There is no such option.
    """
    for name in selection:
        if name not in SELECTION:
            raise TypeError(f"there is no argument {name!r}; there are {', '.join(SELECTION)}")
    lists = {name: joined(selection.get(name), name) for name in ("columns", "split_speakers")}
    return option_words({**selection, **lists})


SELECTION = (
    "corpus_format",
    "columns",
    "column",
    "allow_commands",
    "id",
    "speaker",
    "ids",
    "splits",
    "split_speakers",
    "alignments",
    "segments_from",
)
"""The options that say how a corpus is read; `ossicle._corpora.Selection` has their types."""


def corpus_words(corpus: Corpus) -> list[str]:
    """Write a corpus as the command takes it.

    Raises:
        Error: It is neither a path nor several.
    """
    if isinstance(corpus, Mapping):
        return [f"{split}={_word(path, 'corpus')}" for split, path in corpus.items()]
    if isinstance(corpus, (str, bytes, os.PathLike)):
        return [_path(corpus)]
    if not isinstance(corpus, Iterable):
        raise wrong(f"the corpus is {corpus!r}; it must be a path, several, or a dict of them by split")
    return [_path(path) for path in corpus]


def _path(path: Any) -> str:
    word = _word(path, "corpus")
    # It is no option; a single dash is standard input.
    return f"./{word}" if word.startswith("-") and word != "-" else word


def recipe_words(
    preset: str | None, recipe: Recipe | Extractor | None, settings: Mapping[str, Any]
) -> tuple[list[str], str | None]:
    """Write what to compute as the command takes it. Returns words, and a recipe's text where it is no file's.

    Raises:
        Error: There is no such preset or key, or nothing says what to compute.
    """
    changes = [f"--set={change}" for change in _settings.assignments(settings, of_recordings=True)]
    if preset is not None and recipe is not None:
        raise wrong("preset and recipe exclude each other")
    if preset is not None:
        return [f"--preset={_word(preset, 'preset')}", *changes], None
    if isinstance(recipe, Extractor):
        return changes, recipe.recipe
    if isinstance(recipe, str) and "\n" in recipe:
        return changes, recipe
    if isinstance(recipe, str) and recipe in _ossicle.preset_names() and not os.path.exists(recipe):
        return [f"--preset={recipe}", *changes], None
    if recipe is None:
        names = ", ".join(_ossicle.preset_names())
        raise wrong(f"nothing says what to compute; the presets are {names}", 'pass preset="kaldi-fbank", or a recipe')
    return [f"--recipe={_word(recipe, 'recipe')}", *changes], None


def call(
    words: list[str],
    recipe: str | None = None,
    progress: Progress = "auto",
    on_event: Callable[[Event], object] | None = None,
    cluster: Cluster | None = None,
) -> tuple[Any, bool]:
    """Call a verb. Returns what the command prints with ``--json``, and whether all is well.

    Args:
        cluster: Computes the parts of what is extracted; None is this machine.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    if on_event is not None and not callable(on_event):
        raise wrong(f"on_event is {on_event!r}; it must be a function of a dict")
    way = _way(progress)
    with _Shown(way, on_event) as shown:
        hear = shown.hear if on_event is not None or way == "tqdm" else None
        return _ossicle.call_verb(["ossicle", *words], again(), recipe, shown.say, hear, way == "bar", cluster)


def _way(progress: Progress) -> str:
    """Return how it is shown how far a run is."""
    if progress in (False, None):
        return "nothing"
    if progress is True or progress == "auto":
        if _is_notebook():
            return "tqdm" if _tqdm() is not None else "lines"
        return "bar" if _is_terminal(sys.stderr) else "lines"
    if progress not in ("bar", "tqdm", "lines"):
        raise wrong(f'progress is {progress!r}; it must be "auto", "bar", "tqdm", "lines" or False')
    if progress == "tqdm" and _tqdm() is None:
        raise wrong("progress is 'tqdm', which is not installed", 'pip install tqdm, or pass progress="lines"')
    return progress


def _is_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether it is the terminal that standard error of the process is."""
    try:
        return stream is not None and stream.fileno() == 2 and stream.isatty()
    except (OSError, ValueError, AttributeError):
        return False


def _tqdm() -> Any:
    try:
        return importlib.import_module("tqdm.auto").tqdm
    except ImportError:
        return None


class _Shown:
    """What is shown of a run."""

    def __init__(self, way: str, on_event: Callable[[Event], object] | None) -> None:
        self._way, self._on_event = way, on_event
        self._bar: Any = _tqdm()(unit=" utterances", leave=False) if way == "tqdm" else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def say(self, line: str) -> None:
        """Show a line."""
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        elif self._way != "nothing" and sys.stderr is not None:
            print(line, file=sys.stderr, flush=True)

    def hear(self, event: Event) -> None:
        """Hear what happened."""
        if self._bar is not None:
            self._show(event)
        if self._on_event is not None:
            self._on_event(event)

    def _show(self, event: Event) -> None:
        if event["event"] == "start":
            self._bar.reset(event["utterances"])
            self._bar.update(event["resumed"])
        elif event["event"] in ("utterance", "failure"):
            self._bar.update(1)
        elif event["event"] == "finishing":
            self._bar.set_postfix_str("writing")
