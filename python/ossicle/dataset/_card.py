"""The card of a dataset: what it says, and whether its files are as it says."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from ossicle._ossicle import DatasetError

# The second has arrays on other grids than the first array, each with an index of its own.
FORMATS = ("ossicle-dataset/1", "ossicle-dataset/2")
CARD = "dataset.json"


def damaged(text: str, advice: str | None = None) -> DatasetError:
    """Return the error of a dataset that cannot be read.

    Args:
        advice: What helps, in arguments.
    """
    error = DatasetError(text)
    error.advice = advice
    return error


class Card:
    """A dataset's card, read, and the folder that it is of."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.said: dict[str, Any] = read_card(folder)
        """The whole of it."""
        self.files: Path = folder / self.said.get("folder", "")
        """The folder that the files are in."""
        self.arrays: dict[str, Any] = self.said["arrays"]
        """What each array is: ``dtype``, ``columns``, ``column_names``, ``unit``."""
        self.splits: dict[str, dict[str, Any]] = {split["name"]: split for split in self.said["splits"]}
        """What it says of each split."""
        self._hashes = {file["path"]: file["blake3"] for file in self.said["files"]}

    def __reduce__(self) -> tuple[Any, ...]:
        return Card, (self.path,)

    def blake3(self, file: str) -> str:
        """Return the BLAKE3 that it has of a file."""
        return str(self._hashes[file])

    def num_shards(self, split: str, array: str) -> int:
        """Return how many files an array of a split is cut into."""
        shards = int(self.splits[split]["shards"])
        return next((n for n in range(shards) if f"{split}/{array}-{n:05d}.npy" not in self._hashes), shards)

    def on_first_grid(self, array: str) -> bool:
        """Return whether an array's rows are at the places that ``index.npy`` says."""
        return "frame" not in self.arrays[array]

    def grid(self, array: str) -> tuple[int, int] | None:
        """Return the sample rate that an array's rows are at, and their shift in samples; None where recordings differ."""
        frame = self.arrays[array].get("frame", self.said["frame"])
        return None if frame is None else (int(frame["sample_rate_hz"]), int(frame["shift"]))

    def rows_a_frame(self, array: str, base: str) -> int | None:
        """Return how many rows an array has for each of another's, if that is a whole number."""
        if array == base or self.on_first_grid(array) and self.on_first_grid(base):
            return 1
        own, of = self.grid(array), self.grid(base)
        if own is None or of is None:
            return None
        rows, rest = divmod(of[1] * own[0], of[0] * own[1])
        return rows if rows and not rest else None

    def no_array(self, name: str) -> str:
        """Return what is wrong with the name of an array."""
        return f"there is no array {name!r} in {self.path}; there are {', '.join(self.arrays)}"


def read_card(folder: Path) -> dict[str, Any]:
    """Read a dataset's card, and look whether all of its files are there with the sizes that it says.

    Raises:
        DatasetError: There is none, it is of another format, or a file is another.
        OSError: It cannot be read.
    """
    path = folder / CARD
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        if not folder.exists():
            raise
        advice = "run the extraction again: it goes on where it was stopped"
        raise damaged(f"{folder}: there is no {CARD} in it: it is no dataset, or not complete", advice) from None
    try:
        card = json.loads(text)
    except ValueError as error:
        raise damaged(f"{path}: it is damaged: {error}") from None
    found = card.get("format") if isinstance(card, dict) else None
    if found not in FORMATS:
        raise damaged(f"{path}: its format is {found!r}, and this version reads {' and '.join(FORMATS)}")
    files = card.get("folder", "")
    if files and not re.fullmatch("[0-9a-f]{32}", files):
        raise damaged(f"{path}: it is damaged: no dataset has its files in a folder {files!r}")
    for file in card["files"]:
        name, expected = folder / files / file["path"], file["bytes"]
        try:
            size = os.stat(name).st_size
        except FileNotFoundError:
            raise damaged(f"{name}: it is missing; the card says that it has {expected} bytes") from None
        if size != expected:
            raise damaged(f"{name}: it has {size} bytes, and the card says {expected}")
    said: dict[str, Any] = card
    return said
