"""What verbs came to."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ossicle._errors import wrong
from ossicle._open import local
from ossicle._open import open as open_dataset

if TYPE_CHECKING:
    from ossicle.dataset import Dataset


def number(of: float) -> str:
    """Write a number with its thousands apart."""
    return f"{of:,}" if isinstance(of, int) else f"{of:,.2f}"


def size(of: int) -> str:
    """Write a number of bytes in the unit that fits."""
    value, units = float(of), ["B", "kB", "MB", "GB"]
    while value >= 999.5 and units[1:]:
        value /= 1000
        units.pop(0)
    digits = 1 if value < 99.95 and units[0] != "B" else 0
    return f"{value:.{digits}f} {units[0]}"


def duration(hours: float) -> str:
    """Write a duration in the unit that fits."""
    seconds = hours * 3600
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} minutes" if seconds < 99.95 * 60 else f"{hours:.2f} hours"


def table(rows: list[list[str]]) -> list[str]:
    """Line cells up, the first of each row to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return lines


def html_table(rows: list[list[str]]) -> str:
    """Write a table whose first row is its head."""
    head, *body = [[html.escape(cell) for cell in row] for row in rows]
    lines = ["".join(f"<th>{cell}</th>" for cell in head)]
    lines += ["".join(f"<td>{cell}</td>" for cell in row) for row in body]
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


class Result(Mapping[str, Any]):
    """What a verb came to: a mapping with the keys that the command prints with ``--json``."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self._result = dict(result)

    def __getitem__(self, key: str) -> Any:
        return self._result[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._result)

    def __len__(self) -> int:
        return len(self._result)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of it."""
        return dict(self._result)

    def to_json(self, *, indent: int | None = 2) -> str:
        """Write it as JSON."""
        return json.dumps(self._result, indent=indent, ensure_ascii=False)


def _of_split(split: Mapping[str, Any]) -> list[str]:
    counts = [number(split["utterances"]), number(split["failures"]), number(split["frames"])]
    return [split["name"], *counts, duration(split["duration_s"] / 3600)]


class _OfFolder(Result):
    """What a verb came to that writes to a folder."""

    def __init__(self, result: Mapping[str, Any], path: str | os.PathLike[str], ok: bool) -> None:
        super().__init__(result)
        self._address, self._ok = os.fspath(path), ok

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._result, self._address, self._ok)

    @property
    def path(self) -> Path:
        """The folder. What is in an object store has none, but an `address`."""
        if "://" in self._address:
            raise wrong(f"{self._address} is in an object store, and no folder", "take .address")
        return Path(self._address)

    @property
    def address(self) -> str:
        """The folder's path, or the address in an object store, as `ossicle.open` takes both."""
        return self._address


class Outcome(_OfFolder):
    """What an extraction came to.

    Its items are those that ``ossicle extract --json`` prints; `dataset` among them is the path as it is printed.
    """

    @property
    def ok(self) -> bool:
        """Whether all utterances are in the dataset, but as many as `allow_failures` allows."""
        return self._ok

    def open(self) -> Dataset:
        """Open the dataset."""
        return open_dataset(self._address)

    @property
    def already_complete(self) -> bool:
        """Whether there was nothing to do."""
        return bool(self["already_complete"])

    @property
    def utterances(self) -> int:
        """How many utterances are in the dataset."""
        return int(self["utterances"])

    @property
    def failures(self) -> int:
        """How many utterances failed."""
        return int(self["failures"])

    @property
    def causes(self) -> list[dict[str, Any]]:
        """Why utterances failed, the most frequent reason first: ``cause``, ``count``, the ``first`` id, ``text``."""
        return list(self["causes"])

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return int(self["frames"])

    @property
    def hours(self) -> float:
        """How long the utterances last together."""
        return float(self["hours"])

    @property
    def bytes(self) -> int:
        """The size of all arrays and lists."""
        return int(self["bytes"])

    @property
    def seconds(self) -> float:
        """The time that the run took."""
        return float(self["seconds"])

    @property
    def workers(self) -> int:
        """How many workers there were."""
        return int(self["workers"])

    @property
    def splits(self) -> list[dict[str, Any]]:
        """What each split has: ``name``, ``utterances``, ``frames``, ``duration_s``, ``failures`` and more."""
        return list(self["splits"])

    @property
    def notices(self) -> list[dict[str, Any]]:
        """What people should know: ``kind``, ``count``, ``first`` and ``text``."""
        return list(self["notices"])

    def failed(self) -> Iterator[dict[str, Any]]:
        """Go through the ledger: a row of each utterance that failed, with ``id``, ``source``, ``stage``, ``error``.

        Of an object store the dataset is copied for that, as `open` copies it.
        """
        with (local(self._address) / "failures.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)

    def _head(self) -> str:
        failed = "none failed" if self.failures == 0 else f"{number(self.failures)} failed"
        return f"{number(self.utterances)} utterances stored, {failed}"

    def _foot(self) -> str:
        text = f"{duration(self.hours)} of audio, {size(self.bytes)}"
        if self.already_complete:
            return f"{text}; it was complete already"
        speed = self.hours * 3600 / max(self.seconds, 1e-3)
        return f"{text}; {self.seconds:.2f} s with {self.workers} workers, {speed:,.0f} × real time"

    def _rows(self) -> list[list[str]]:
        return [["", "utterances", "failed", "frames", "duration"], *map(_of_split, self.splits)]

    def __repr__(self) -> str:
        lines = [f"<Outcome {self._address!r}: {self._head()}", *table(self._rows())]
        lines += [f"{number(of['count'])} {of['cause']}, as {of['first']}: {of['text']}" for of in self.causes]
        return "\n  ".join([*lines, self._foot()]) + ">"

    def _repr_html_(self) -> str:
        causes = [["failed", "utterances", "the first", ""]]
        causes += [[of["cause"], number(of["count"]), of["first"], of["text"]] for of in self.causes]
        parts = [f"<p><b>{html.escape(self._address)}</b>: {self._head()}</p>", html_table(self._rows())]
        if self.causes:
            parts.append(html_table(causes))
        return "".join([*parts, f"<p>{html.escape(self._foot())}</p>"])


class ShareOutcome(_OfFolder):
    """What a share of a job came to, or with ``share="none"`` what is left of the job.

    Its items are those that ``ossicle extract --share … --json`` prints.
    """

    @property
    def ok(self) -> bool:
        """Whether all parts that were asked for are there: the share's, or with ``"none"`` the job's."""
        return self._ok

    @property
    def published(self) -> bool:
        """Whether the dataset was there already, so that nothing was left to do."""
        return bool(self.get("published", False))

    @property
    def share(self) -> str | None:
        """Which share it was, ``"3/7"``; None where none was computed."""
        return self.get("share")

    @property
    def parts(self) -> int:
        """How many parts the share has; with ``"none"``, the job."""
        return int(self.get("parts", 0))

    @property
    def missing(self) -> list[dict[str, Any]]:
        """With ``"none"``, the parts that are not there: ``part``, ``split``, the ``first`` id, ``utterances``."""
        return list(self.get("missing", []))

    @property
    def utterances(self) -> int:
        """How many utterances those parts have."""
        return int(self.get("utterances", 0))

    @property
    def failures(self) -> int:
        """How many utterances failed. They are rows of the ledger, which the call that publishes judges."""
        return int(self.get("failures", 0))

    def __repr__(self) -> str:
        head = f"<ShareOutcome {self._address!r}:"
        if self.published:
            return f"{head} the dataset is complete already>"
        if self.share is None:
            return f"{head} {number(len(self.missing))} of {number(self.parts)} parts are missing>"
        parts = f"share {self.share}, {number(self.parts)} of {number(self['parts_of_all'])} parts"
        return f"{head} {parts}, {number(self.utterances)} utterances stored, {number(self.failures)} failed>"


class Planned(Result):
    """What `plan` stored: the parts that shares are of."""

    @property
    def published(self) -> bool:
        """Whether the dataset was there already, so that nothing was left to plan."""
        return bool(self["published"])

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return int(self["parts"])

    @property
    def utterances(self) -> int:
        """How many utterances there are."""
        return int(self["utterances"])

    @property
    def notices(self) -> list[dict[str, Any]]:
        """What people should know: ``kind``, ``count``, ``first`` and ``text``."""
        return list(self["notices"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Planned, (self._result,)

    def __repr__(self) -> str:
        what = "complete already" if self.published else f"{number(self.parts)} parts"
        return f"<Planned: {what}, {number(self.utterances)} utterances>"


class Foreseen(Result):
    """What a run would come to, as ``ossicle extract --dry-run --json`` prints it."""

    def __init__(self, result: Mapping[str, Any], ok: bool) -> None:
        super().__init__(result)
        self._ok = ok

    @property
    def ok(self) -> bool:
        """Whether the run would do all that it is asked to."""
        return self._ok

    def __reduce__(self) -> tuple[Any, ...]:
        return Foreseen, (self._result, self._ok)

    def __repr__(self) -> str:
        splits: Mapping[str, Any] = self["splits"]
        keys = list(next(iter(splits.values()), {}))
        rows = [["", *keys]]
        rows += [[name, *(number(of[key]) for key in keys)] for name, of in splits.items()]
        lines = ["<Foreseen", *table(rows)]
        if "dataset_bytes" in self:
            lines.append(f"{size(self['dataset_bytes'])}, and {size(self['peak_bytes'])} while it is made")
            lines += [f"{number(of['count'])} {of['cause']}, as {of['first']}: {of['text']}" for of in self["causes"]]
        if self.get("would_stop"):
            lines.append(self["would_stop"])
        return "\n  ".join(lines) + ">"


class Verification(Result):
    """What `verify` found. It is true where the dataset is sound."""

    def __bool__(self) -> bool:
        return self.sound

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return bool(self["sound"])

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What is wrong: ``stage``, ``file``, ``what``."""
        return list(self["findings"])

    @property
    def repaired(self) -> list[str]:
        """The files that were computed again."""
        return list(self["repaired"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Verification, (self._result,)

    def __repr__(self) -> str:
        if self.sound:
            return f"<Verification: sound, {number(self['files'])} files, {size(self['bytes'])}>"
        lines = [f"<Verification: damaged, {len(self.findings)} findings"]
        return "\n  ".join([*lines, *(f"{of['file']}: {of['what']}" for of in self.findings)]) + ">"


class Info(Result):
    """What `info` tells of a dataset or a corpus."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Info, (self._result,)

    def _rows(self) -> list[list[str]]:
        keys = ["utterances", "frames", "hours", "duration_s", "speakers", "failures", "left_out"]
        splits: list[Mapping[str, Any]] = self.get("splits", [])
        keys = [key for key in keys if splits and key in splits[0]]
        return [["", *keys], *([of["name"], *(number(of[key]) for key in keys)] for of in splits)]

    def _lines(self) -> Iterator[str]:
        for name, array in self.get("arrays", {}).items():
            columns = f" of {array['columns']} columns" if array["columns"] else ""
            yield f"{name}: {array['dtype']}{columns}, a row a {array['unit']}"
        for key in ("rates_hz", "channels", "formats", "columns"):
            if self.get(key):
                yield f"{key}: " + ", ".join(f"{what} ({number(count)})" for what, count in self[key].items())
        if "unfinished" in self:
            yield f"unfinished: {self['unfinished']}"
        for of in [*self.get("problems", []), *self.get("notices", [])]:
            yield of["text"]

    def _head(self) -> str:
        if "format" in self:
            return f"a dataset by ossicle {self['ossicle']}, of a {self['corpus']['kind']}"
        return f"a corpus, read as a {self['kind']}" if "kind" in self else "not finished"

    def __repr__(self) -> str:
        return "\n  ".join([f"<Info: {self._head()}", *table(self._rows()), *self._lines()]) + ">"

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in self._lines())
        return f"<p>{html.escape(self._head())}</p>{html_table(self._rows())}{lines}"
