"""What a corpus may be, for type checkers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TypedDict

Path = str | os.PathLike[str]

Corpus = Path | Iterable[Path] | Mapping[str, Path]
"""A path, several, or one of each split."""


class Selection(TypedDict, total=False):
    """How a corpus is read, and which of its utterances are kept, in which splits."""

    corpus_format: str | Iterable[str] | Mapping[str, str] | None
    """Read the corpus as this, whatever it looks like; a dict has the format of each split."""

    columns: str | Iterable[str] | None
    """The columns of a table that has no header, in their order; ``-`` skips one."""

    column: Mapping[str, str] | Iterable[str] | None
    """What a table or a manifest calls something: ``{"audio": "wav_file"}``."""

    allow_commands: bool
    """Run the commands that a ``wav.scp`` of Kaldi's has in place of recordings, in a shell, as you."""

    id: str | re.Pattern[str] | None
    """Find ids in the paths of recordings: a regular expression, whose group is the id."""

    speaker: str | re.Pattern[str] | None
    """Find speakers in the paths of recordings: a regular expression, whose group is the speaker, or ``"folder"``."""

    ids: Path | None
    """Keep the utterances whose ids this file names, one a line."""

    splits: Path | None
    """A file that says which utterances belong to which split: lines ``NAME SPLIT``."""

    split_speakers: str | Mapping[str, float] | None
    """Make splits of speakers, each by a hash of its name: ``{"train": 0.8, "valid": 0.1, "test": 0.1}``."""

    alignments: Path | None
    """Where alignments are, if not beside their recordings: a folder, or one file for all."""

    segments_from: str | None
    """Make an utterance of each label of this tier of the alignments."""
