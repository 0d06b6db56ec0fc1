"""The main job: a corpus made a dataset."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, overload

from ossicle import _verbs
from ossicle._errors import wrong
from ossicle._outcome import Foreseen, Outcome, ShareOutcome

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from ossicle._corpora import Corpus, Path
    from ossicle._extractor import Extractor, Recipe
    from ossicle._verbs import Event, Progress


@overload
def extract(
    corpus: Corpus,
    out: Path,
    *,
    preset: str | None = ...,
    recipe: Recipe | Extractor | None = ...,
    set: str | Iterable[str] = ...,
    raw_encoding: str | None = ...,
    sample_rate: int | None = ...,
    min_duration: float | None = ...,
    max_duration: float | None = ...,
    keep_spikes: bool = ...,
    corpus_format: str | Iterable[str] | Mapping[str, str] | None = ...,
    columns: str | Iterable[str] | None = ...,
    column: Mapping[str, str] | str | Iterable[str] | None = ...,
    allow_commands: bool = ...,
    id: str | re.Pattern[str] | None = ...,
    speaker: str | re.Pattern[str] | None = ...,
    ids: Path | None = ...,
    splits: Path | None = ...,
    split_speakers: str | Mapping[str, float] | None = ...,
    alignments: Path | None = ...,
    segments_from: str | None = ...,
    allow_overlap: bool = ...,
    jobs: int | None = ...,
    isolation: Literal["threads", "processes"] = ...,
    timeout_per_utterance: float | None = ...,
    share: None = ...,
    overwrite: bool = ...,
    retry_failed: bool = ...,
    update: bool = ...,
    keep_parts: bool = ...,
    hash_inputs: bool = ...,
    max_failures: int | str | None = ...,
    keep_going: bool = ...,
    allow_failures: int | str | None = ...,
    max_open_files: int | None = ...,
    readers: int | None = ...,
    max_memory: int | str | None = ...,
    no_lock: bool = ...,
    dry_run: Literal[False] = ...,
    verbose: bool = ...,
    quiet: bool = ...,
    log_file: Path | None = ...,
    log_format: Literal["text", "json"] = ...,
    store_option: Mapping[str, str] | None = ...,
    connections: int | None = ...,
    progress: Progress = ...,
    on_event: Callable[[Event], object] | None = ...,
    **settings: Any,
) -> Outcome: ...
@overload
def extract(
    corpus: Corpus,
    out: Path,
    *,
    preset: str | None = ...,
    recipe: Recipe | Extractor | None = ...,
    set: str | Iterable[str] = ...,
    raw_encoding: str | None = ...,
    sample_rate: int | None = ...,
    min_duration: float | None = ...,
    max_duration: float | None = ...,
    keep_spikes: bool = ...,
    corpus_format: str | Iterable[str] | Mapping[str, str] | None = ...,
    columns: str | Iterable[str] | None = ...,
    column: Mapping[str, str] | str | Iterable[str] | None = ...,
    allow_commands: bool = ...,
    id: str | re.Pattern[str] | None = ...,
    speaker: str | re.Pattern[str] | None = ...,
    ids: Path | None = ...,
    splits: Path | None = ...,
    split_speakers: str | Mapping[str, float] | None = ...,
    alignments: Path | None = ...,
    segments_from: str | None = ...,
    allow_overlap: bool = ...,
    jobs: int | None = ...,
    isolation: Literal["threads", "processes"] = ...,
    timeout_per_utterance: float | None = ...,
    share: str,
    overwrite: bool = ...,
    retry_failed: bool = ...,
    update: bool = ...,
    keep_parts: bool = ...,
    hash_inputs: bool = ...,
    max_failures: int | str | None = ...,
    keep_going: bool = ...,
    allow_failures: int | str | None = ...,
    max_open_files: int | None = ...,
    readers: int | None = ...,
    max_memory: int | str | None = ...,
    no_lock: bool = ...,
    dry_run: Literal[False] = ...,
    verbose: bool = ...,
    quiet: bool = ...,
    log_file: Path | None = ...,
    log_format: Literal["text", "json"] = ...,
    progress: Progress = ...,
    on_event: Callable[[Event], object] | None = ...,
    **settings: Any,
) -> ShareOutcome: ...
@overload
def extract(
    corpus: Corpus,
    out: Path,
    *,
    preset: str | None = ...,
    recipe: Recipe | Extractor | None = ...,
    set: str | Iterable[str] = ...,
    raw_encoding: str | None = ...,
    sample_rate: int | None = ...,
    min_duration: float | None = ...,
    max_duration: float | None = ...,
    keep_spikes: bool = ...,
    corpus_format: str | Iterable[str] | Mapping[str, str] | None = ...,
    columns: str | Iterable[str] | None = ...,
    column: Mapping[str, str] | str | Iterable[str] | None = ...,
    allow_commands: bool = ...,
    id: str | re.Pattern[str] | None = ...,
    speaker: str | re.Pattern[str] | None = ...,
    ids: Path | None = ...,
    splits: Path | None = ...,
    split_speakers: str | Mapping[str, float] | None = ...,
    alignments: Path | None = ...,
    segments_from: str | None = ...,
    allow_overlap: bool = ...,
    jobs: int | None = ...,
    isolation: Literal["threads", "processes"] = ...,
    timeout_per_utterance: float | None = ...,
    share: None = ...,
    overwrite: bool = ...,
    retry_failed: bool = ...,
    update: bool = ...,
    keep_parts: bool = ...,
    hash_inputs: bool = ...,
    max_failures: int | str | None = ...,
    keep_going: bool = ...,
    allow_failures: int | str | None = ...,
    max_open_files: int | None = ...,
    readers: int | None = ...,
    max_memory: int | str | None = ...,
    no_lock: bool = ...,
    dry_run: Literal[True, "headers", "quick"],
    verbose: bool = ...,
    quiet: bool = ...,
    log_file: Path | None = ...,
    log_format: Literal["text", "json"] = ...,
    store_option: Mapping[str, str] | None = ...,
    connections: int | None = ...,
    progress: Progress = ...,
    on_event: Callable[[Event], object] | None = ...,
    **settings: Any,
) -> Foreseen: ...
def extract(
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
    jobs: int | None = None,
    isolation: Literal["threads", "processes"] = "threads",
    timeout_per_utterance: float | None = None,
    share: str | None = None,
    overwrite: bool = False,
    retry_failed: bool = False,
    update: bool = False,
    keep_parts: bool = False,
    hash_inputs: bool = False,
    max_failures: int | str | None = None,
    keep_going: bool = False,
    allow_failures: int | str | None = None,
    max_open_files: int | None = None,
    readers: int | None = None,
    max_memory: int | str | None = None,
    no_lock: bool = False,
    dry_run: bool | Literal["headers", "quick"] = False,
    verbose: bool = False,
    quiet: bool = False,
    log_file: Path | None = None,
    log_format: Literal["text", "json"] = "text",
    store_option: Mapping[str, str] | None = None,
    connections: int | None = None,
    progress: Progress = "auto",
    on_event: Callable[[Event], object] | None = None,
    **settings: Any,
) -> Outcome | Foreseen | ShareOutcome:
    """Extract the features of a corpus into a dataset, as ``ossicle extract`` does: the same bytes, by the same options.

    Called again, it goes on where it was stopped. The interpreter's lock is free meanwhile.

    Args:
        corpus: A path as the command takes it (a tree, a folder, a recording, a list, a manifest), several of them, or a
            dict of one of each split.
        out: The folder of the dataset, or its address in an object store: ``"s3://bucket/features"``.
        preset: What to compute: a preset's name; `ossicle.presets()` lists them.
        recipe: Or the path of a recipe, of a model's own file or of a dataset, whose recipe is used again; or a recipe's
            text, or an `Extractor`, whose recipe it is.
        set: Changes of the recipe as the command takes them, ``"feature.num_mel_bins=80"``; see `settings`.
        raw_encoding, sample_rate: How headerless recordings are encoded, for example ``"s16le"``, and at which rate.
        min_duration, max_duration: Utterances that last less, or recordings that last longer, in seconds, are bad.
        keep_spikes: Make the spikes of a spikegram an array of the dataset, too.
        corpus_format: Read the corpus as this, whatever it looks like; a dict has the format of each split.
        columns: The columns of a table that has no header, in their order; ``"-"`` skips one.
        column: What a table or a manifest calls something: ``{"audio": "wav_file"}``.
        allow_commands: Run the commands that a ``wav.scp`` of Kaldi's has in place of recordings, in a shell, as you.
        id: Find ids in the paths of recordings: a regular expression, whose group is the id.
        speaker: Find speakers so, or ``"folder"`` for the first folder.
        ids: A file of ids; utterances that it names are kept.
        splits: A file that says which utterances belong to which split.
        split_speakers: Make splits of speakers: ``{"train": 0.8, "valid": 0.1, "test": 0.1}``.
        alignments: Where alignments are, if not beside their recordings: a folder, or one file for all.
        segments_from: Make an utterance of each label of this tier of the alignments.
        allow_overlap: Let two splits have the same recordings.
        jobs: How many workers; by default the cores that this process may use.
        isolation: ``"threads"``, or ``"processes"``: what a recording does to one costs that recording alone.
        timeout_per_utterance: With processes: an utterance that takes longer than these seconds is bad.
        share: Compute one share of the job alone, and publish nothing: ``"3/7"`` is the third of seven, ``"auto"`` that of a
            Slurm array's task; ``"none"`` computes nothing and looks which parts are missing. The same call without it
            publishes.
        overwrite: Replace a dataset of another job.
        retry_failed: Try the utterances again that failed.
        update: Bring a dataset of the same recipe up to the corpus as it is now: what it has of utterances that are as
            they were is taken, where rows can be had exactly, and the rest is computed.
        keep_parts: Leave the parts that the dataset is made of beside it, in ``.ossicle/parts``, for `update`.
        hash_inputs: Tell by the contents of recordings and alignments, and not by their sizes and times, which utterances
            are as they were; and keep hashes of them.
        max_failures: End the run when more utterances fail than this: a number, or ``"5%"``.
        keep_going: Go on although all of the first hundred utterances fail for one and the same reason.
        allow_failures: The outcome is `ok` although this many utterances failed: a number, or ``"5%"``.
        readers: Threads that read recordings ahead of the workers; by default 8, once reading shows to be
            slow, or one for each connection to a store of objects.
        max_open_files: The most files that may be open at once; by default the system's limit.
        max_memory: The most memory: bytes, or ``"500MB"``.
        no_lock: Do without a lock, where the file system has none: no other run may write to `out` then.
        dry_run: Do nothing, and say what the run would come to and how it would end; ``"quick"`` looks at no recording.
        verbose: A line for each file as it completes.
        quiet: Lines of failures only.
        log_file: Append everything that happens to this file.
        log_format: How lines and the log tell what happens: for people, or a JSON object a line.
        store_option: Settings of object stores: ``{"aws_endpoint": "http://localhost:9000"}``.
        connections: The most connections to object stores at once; by default 32.
        progress: ``"bar"``: the command's bar, on the terminal that standard error is; ``"tqdm"``: one of tqdm;
            ``"lines"``: lines on ``sys.stderr``; False: nothing. By default what fits: a bar in a terminal, tqdm in a
            notebook if it is installed, or else lines. Notices and failures are lines beside each.
        on_event: Is called with a dict of each event, on the thread that called: ``event`` is ``"notice"``, ``"start"``,
            ``"utterance"``, ``"failure"``, ``"split-done"`` or ``"finishing"``. What it raises ends the run.
        **settings: Keys of the recipe: ``num_mel_bins=40``, ``deltas={"order": 2}``, ``audio={"channel": "mix"}``,
            ``normalize=None``.

    Returns:
        What it came to; of a dry run, what it would come to; of a share, what that came to.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed. What was done is kept, and the same call goes on from there.
        Error: An argument is wrong, or too many utterances failed.
        CorpusError: The corpus cannot be read.
        DatasetError: `out` holds something else, or another run writes there.
        OSError: The output cannot be written.
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
        "jobs": jobs,
        "isolation": isolation,
        "timeout_per_utterance": timeout_per_utterance,
        "share": share,
        "overwrite": overwrite,
        "retry_failed": retry_failed,
        "update": update,
        "keep_parts": keep_parts,
        "hash_inputs": hash_inputs,
        "max_failures": max_failures,
        "keep_going": keep_going,
        "allow_failures": allow_failures,
        "max_open_files": max_open_files,
        "readers": readers,
        "max_memory": max_memory,
        "no_lock": no_lock,
        "dry_run": dry_run,
        "verbose": verbose,
        "quiet": quiet,
        "log_file": log_file,
        "log_format": log_format,
        "store_option": store_option,
        "connections": connections,
        "set": set,
    }
    words, text = job_words("extract", corpus, out, preset, recipe, options, settings)
    result, ok = _verbs.call(words, text, progress, on_event)
    if share is not None:
        return ShareOutcome(result, out, ok)
    return Foreseen(result, ok) if dry_run else Outcome(result, out, ok)


def job_words(
    verb: str,
    corpus: Corpus,
    out: Path,
    preset: str | None,
    recipe: Recipe | Extractor | None,
    options: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> tuple[list[str], str | None]:
    """Write a job as the command takes it. Returns words, and a recipe's text where it is no file's.

    Raises:
        Error: An argument is none that it can be.
    """
    if not isinstance(out, (str, os.PathLike)):
        raise wrong(f"out is {out!r}; it must be the path of a folder")
    changes = options.get("set", ())
    options = {
        **options,
        "columns": _verbs.joined(options.get("columns"), "columns"),
        "split_speakers": _verbs.joined(options.get("split_speakers"), "split_speakers"),
        "set": [changes] if isinstance(changes, str) else changes,
    }
    if options.get("isolation") == "threads":
        # As the command has it.
        del options["isolation"]
    of_recipe, text = _verbs.recipe_words(preset, recipe, settings)
    words = [verb, *_verbs.corpus_words(corpus), f"--out={os.fspath(out)}", *of_recipe]
    return [*words, *_verbs.option_words(options)], text
