"""The plan of a job, stored before its shares are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ossicle import _verbs
from ossicle._extract import job_words
from ossicle._outcome import Planned

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from ossicle._corpora import Corpus, Path
    from ossicle._extractor import Extractor, Recipe
    from ossicle._verbs import Event, Progress


def plan(
    corpus: Corpus,
    out: Path,
    *,
    preset: str | None = None,
    recipe: Recipe | Extractor | None = None,
    set: str | Iterable[str] = (),
    raw_encoding: str | None = None,
    sample_rate: int | None = None,
    min_duration: float | None = None,
    max_duration: float | None = None,
    keep_spikes: bool = False,
    corpus_format: str | Iterable[str] | Mapping[str, str] | None = None,
    columns: str | Iterable[str] | None = None,
    column: Mapping[str, str] | str | Iterable[str] | None = None,
    allow_commands: bool = False,
    id: str | re.Pattern[str] | None = None,
    speaker: str | re.Pattern[str] | None = None,
    ids: Path | None = None,
    splits: Path | None = None,
    split_speakers: str | Mapping[str, float] | None = None,
    alignments: Path | None = None,
    segments_from: str | None = None,
    allow_overlap: bool = False,
    overwrite: bool = False,
    no_lock: bool = False,
    quiet: bool = False,
    store_option: Mapping[str, str] | None = None,
    connections: int | None = None,
    progress: Progress = "auto",
    on_event: Callable[[Event], object] | None = None,
    **settings: Any,
) -> Planned:
    """Store the plan of a job, as ``ossicle plan`` does: its shares then look at no list, and each at its own parts alone.

    ``extract(…, share="3/7")`` computes a share, on any machine that sees the corpus and `out` by the same paths. Where no
    plan is stored, the share that comes first stores it.

    Args:
        corpus, out, preset, recipe, set: As `extract` takes them.
        raw_encoding, sample_rate, min_duration, max_duration, keep_spikes: Likewise.
        corpus_format, columns, column, allow_commands, id, speaker, ids: Likewise.
        splits, split_speakers, alignments, segments_from, allow_overlap: Likewise.
        overwrite: Replace a plan or a dataset of another job.
        no_lock: Do without a lock, where the file system has none.
        quiet: Say nothing but why there is no plan.
        store_option, connections: As `extract` takes them.
        progress, on_event: As `extract` takes them.
        **settings: Keys of the recipe.

    Raises:
        Error: An argument is wrong.
        CorpusError: The corpus cannot be read.
        DatasetError: `out` holds something else, or another run writes there.
        OSError: The plan cannot be written.
    """
    options = {
        "raw_encoding": raw_encoding,
        "sample_rate": sample_rate,
        "min_duration": min_duration,
        "max_duration": max_duration,
        "keep_spikes": keep_spikes,
        "corpus_format": corpus_format,
        "columns": columns,
        "column": column,
        "allow_commands": allow_commands,
        "id": id,
        "speaker": speaker,
        "ids": ids,
        "splits": splits,
        "split_speakers": split_speakers,
        "alignments": alignments,
        "segments_from": segments_from,
        "allow_overlap": allow_overlap,
        "overwrite": overwrite,
        "no_lock": no_lock,
        "quiet": quiet,
        "store_option": store_option,
        "connections": connections,
        "set": set,
    }
    words, text = job_words("plan", corpus, out, preset, recipe, options, settings)
    return Planned(_verbs.call(words, text, progress, on_event)[0])
