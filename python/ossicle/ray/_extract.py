"""The main job on a cluster."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from ossicle import _extract, _verbs
from ossicle._errors import wrong
from ossicle._outcome import Outcome
from ossicle.ray._cluster import RayCluster

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ossicle._corpora import Corpus, Path
    from ossicle._extractor import Extractor, Recipe
    from ossicle._verbs import Event, Progress

# What a cluster is no place for.
_ELSEWHERE = {"share": "a cluster deals parts out itself", "dry_run": "ossicle.extract has it, and needs no cluster"}


def extract(
    corpus: Corpus,
    out: Path,
    *,
    preset: str | None = None,
    recipe: Recipe | Extractor | None = None,
    address: str | None = None,
    concurrency: int | None = None,
    num_cpus: float = 1.0,
    progress: Progress = "auto",
    on_event: Callable[[Event], object] | None = None,
    **options: Any,
) -> Outcome:
    """Extract the features of a corpus into a dataset on a cluster of Ray: the bytes of `ossicle.extract`.

    This process, the driver, finds the utterances and stores the plan in `out`. Actors on the cluster compute its parts and
    put them there; then the driver writes the dataset, as the same call would that was stopped before. So every machine has
    to see the corpus and `out` by the same paths, and one that does not is named before work begins. Parts that are there are
    the journal: a machine that dies loses what it had in hand, which others compute, and a driver that was killed goes on when
    it is called again. A part that no worker lives through is computed by the driver, in a process of its own, where the
    recording that is at fault becomes a row of the ledger.

    Args:
        corpus, out, preset, recipe: As `ossicle.extract` takes them.
        address: The cluster's address as `ray.init` takes it: ``"auto"``, ``"10.0.0.1:6379"``. By default the cluster that
            this process is connected to, or that of ``RAY_ADDRESS``, or else one that is started on this machine.
        concurrency: How many actors compute parts; by default as many as the cluster has room for.
        num_cpus: The cores that an actor takes of the cluster. It computes one part at a time, on one.
        progress: As `ossicle.extract` takes it, but for its bar: bars are those of Ray Data. False hides them too.
        on_event: As `ossicle.extract` takes it. Utterances are heard of when their part is done.
        **options: Every other argument of `ossicle.extract` but `share` and `dry_run`, and keys of the recipe. `jobs` are the
            driver's threads; with ``isolation="processes"`` actors, too, compute in processes of their own.

    Returns:
        What it came to.

    Raises:
        ImportError: Ray is not installed.
        Error: A machine does not see the corpus or `out`, or has another version of ossicle; or what
            `ossicle.extract` raises.
        KeyboardInterrupt: Ctrl-C was pressed. What was done is kept, and the same call goes on from there.
    """
    for name, why in _ELSEWHERE.items():
        if options.pop(name, None):
            raise wrong(f"{name} is no argument of ossicle.ray.extract: {why}")
    given, settings = _given(options)
    cluster = RayCluster(
        address=address,
        concurrency=concurrency,
        num_cpus=num_cpus,
        isolation=given.get("isolation"),
        timeout_s=given.get("timeout_per_utterance"),
        max_open_files=given.get("max_open_files"),
        readers=given.get("readers"),
        bars=progress not in (False, None),
    )
    # What no worker of the cluster has lived through.
    given["isolation"] = given.get("isolation") or "processes"
    words, text = _extract.job_words("extract", corpus, out, preset, recipe, given, settings)
    shown = "lines" if progress in ("auto", "bar", True) else progress
    with cluster:
        result, ok = _verbs.call(words, text, shown, on_event, cluster)
    return Outcome(result, out, ok)


def _given(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part arguments of `ossicle.extract` from keys of a recipe."""
    names = inspect.signature(_extract.extract).parameters
    given = {name: value for name, value in options.items() if name in names}
    return given, {name: value for name, value in options.items() if name not in names}
