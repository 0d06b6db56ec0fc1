"""What a stream gives, and what is asked of it by whoever makes batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy.typing as npt


@dataclass(frozen=True)
class Streamed:
    """An utterance of a stream: its row as ``utterances.jsonl`` has it, with its split, and its arrays by name."""

    row: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]

    @property
    def id(self) -> str:
        """Its name, unique in its split."""
        return str(self.row["id"])

    @property
    def features(self) -> npt.NDArray[Any]:
        """Its rows of the array of that name, (frames, columns)."""
        return self.arrays["features"]

    @property
    def samples(self) -> npt.NDArray[Any]:
        """Its samples, where they were asked for."""
        return self.arrays["samples"]

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """Return its rows of an array."""
        return self.arrays[name]


class Source(Protocol):
    """Utterances in an order, an epoch at a time."""

    @property
    def shuffle(self) -> int | None:
        """The seed of its order."""
        ...

    @property
    def array_names(self) -> list[str]:
        """The names of its arrays."""
        ...

    def __iter__(self) -> Iterator[Streamed]:
        """Go through an epoch."""
        ...

    def is_labels(self, name: str) -> bool:
        """Whether an array has a whole number in each row."""
        ...

    def fill(self, name: str) -> int:
        """Return what an array is padded with."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return how far it is."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        ...
