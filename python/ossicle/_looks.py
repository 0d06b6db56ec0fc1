"""Looking at corpora and datasets: `verify` and `info`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ossicle import _verbs
from ossicle._errors import wrong
from ossicle._ossicle import DatasetError
from ossicle._outcome import Info, Verification

if TYPE_CHECKING:
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
    **selection: Unpack[Selection],
) -> Verification:
    """Check a dataset, as ``ossicle verify`` does: structure, counts and checksums.

    Args:
        dataset: Its folder.
        corpus: The recordings that it was made of, as `extract` was given them.
        deep: Compute a sample of the utterances again, and compare every number.
        utterances: Of how many.
        seed: Another takes other utterances.
        repair: Compute damaged files again, and put them in place.
        jobs: How many workers; by default the cores that this process may use.
        check: Raise where something is wrong, instead of telling it.
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


def info(what: Corpus, **selection: Unpack[Selection]) -> Info:
    """Tell what is in a dataset or a corpus, as ``ossicle info --json`` does.

    Args:
        what: A dataset's folder, or a corpus as `extract` takes it.
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
    result, _ = _verbs.call(["info", *paths, *_verbs.selection_words(selection)])
    return Info(result)
