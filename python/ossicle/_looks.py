"""Looking at corpora and datasets: `verify`, `info` and `discover`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from ossicle import _ossicle, _verbs
from ossicle._errors import wrong
from ossicle._ossicle import DatasetError
from ossicle._outcome import Info, Verification

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from ossicle._corpora import Corpus, Path, Selection


def verify(
    dataset: Path,
    *,
    corpus: Corpus = (),
    deep: bool = False,
    utterances: int = 100,
    seed: int = 1,
    repair: bool = False,
    jobs: int | None = None,
    check: bool = False,
    store_option: Mapping[str, str] | None = None,
    connections: int | None = None,
    **selection: Unpack[Selection],
) -> Verification:
    """Check a dataset, as ``ossicle verify`` does: structure, counts and checksums.

    Args:
        dataset: Its folder, or its address in an object store.
        corpus: The recordings that it was made of, as `extract` was given them.
        deep: Compute a sample of the utterances again, and compare every number.
        utterances: Of how many.
        seed: Another takes other utterances.
        repair: Compute damaged files again, and put them in place.
        jobs: How many workers; by default the cores that this process may use.
        check: Raise where something is wrong, instead of telling it.
        store_option: Settings of object stores, as `extract` has them.
        connections: The most connections to object stores at once; by default 32.
        **selection: How the corpus is read, as `extract` had it.

    Returns:
        What is wrong; it is true where nothing is.

    Raises:
        DatasetError: It is no dataset, or, with `check`, it is damaged.
    """
    options = {
        "corpus": _verbs.corpus_words(corpus),
        "deep": deep,
        "utterances": utterances,
        "seed": seed,
        "repair": repair,
        "jobs": jobs,
        "store_option": store_option,
        "connections": connections,
    }
    words = ["verify", *_verbs.option_words(options), *_verbs.selection_words(selection), *_verbs.corpus_words(dataset)]
    result, _ = _verbs.call(words)
    found = Verification(result)
    if check and not found:
        first = found.findings[0]
        error = DatasetError(f"{os.fspath(dataset)} is damaged: {first['file']}: {first['what']}")
        error.advice = "verify(repair=True, corpus=…) mends it, and extract(overwrite=True) makes it again"
        raise error
    return found


def info(
    what: Corpus,
    *,
    store_option: Mapping[str, str] | None = None,
    connections: int | None = None,
    **selection: Unpack[Selection],
) -> Info:
    """Tell what is in a dataset or a corpus, as ``ossicle info --json`` does.

    Args:
        what: A dataset's folder, or its address in an object store; or a corpus as `extract` takes it.
        store_option: Settings of object stores, as `extract` has them.
        connections: The most connections to object stores at once; by default 32.
        **selection: How a corpus is read, as `extract` takes it.

    Returns:
        A mapping: of a dataset its card, of a corpus what its headers say.

    Raises:
        CorpusError: It is neither.
        OSError: It is not there, or cannot be read.
    """
    paths = _verbs.corpus_words(what)
    if not paths:
        raise wrong("the corpus is empty; it must be a path, or several")
    options = {"store_option": store_option, "connections": connections}
    result, _ = _verbs.call(["info", *paths, *_verbs.option_words(options), *_verbs.selection_words(selection)])
    return Info(result)


def discover(
    corpus: Corpus,
    *,
    frame: Literal["auto", "pandas", "polars", "rows"] = "auto",
    **selection: Unpack[Selection],
) -> Any:
    """List the utterances of a corpus, without opening its recordings.

    Args:
        corpus: A path, several, or a dict of one of each split, as `extract` takes it.
        frame: A data frame of pandas or polars, or rows: a list of dicts. By default a data frame of what is installed,
            pandas first, or else rows.
        **selection: How the corpus is read, as `extract` takes it.

    Returns:
        In the order of a dataset the columns ``id``, ``split``, ``source``, ``held``, ``channel`` and ``speaker``, as
        ``utterances.jsonl`` has them; of a stretch of a recording ``start_sample`` and ``end_sample``, or ``start_s`` and
        ``end_s`` where it is given in seconds; ``alignment``, whether it has one; the recording's ``path`` and ``bytes``; and the corpus' further columns.

    Raises:
        CorpusError: It is none, or cannot be read.
    """
    if frame not in ("auto", "pandas", "polars", "rows"):
        raise wrong(f'frame is {frame!r}; it must be "auto", "pandas", "polars" or "rows"')
    paths = _verbs.corpus_words(corpus)
    if not paths:
        raise wrong("the corpus is empty; it must be a path, or several")
    columns = _ossicle.discover(["ossicle", "info", *paths, *_verbs.selection_words(selection)])
    if frame in ("auto", "pandas"):
        try:
            import pandas  # pyright: ignore[reportMissingImports]
        except ImportError:
            if frame == "pandas":
                raise
        else:
            return pandas.DataFrame(columns)
    if frame in ("auto", "polars"):
        try:
            import polars  # pyright: ignore[reportMissingImports]
        except ImportError:
            if frame == "polars":
                raise
        else:
            return polars.DataFrame(columns, strict=False)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
