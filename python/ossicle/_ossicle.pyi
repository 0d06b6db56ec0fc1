"""The types of the compiled module."""

from collections.abc import Callable
from typing import Any, TypedDict, final, type_check_only

import numpy as np
import numpy.typing as npt

__all__ = [
    "AudioError",
    "CorpusError",
    "DatasetError",
    "Error",
    "Flow",
    "PartWorker",
    "Streamer",
    "Transform",
    "__version__",
    "audio_info",
    "call_verb",
    "discover",
    "draw_rows",
    "draw_samples",
    "draw_waveform",
    "folder_of",
    "foreign_recipe",
    "load_audio",
    "options_of",
    "png_of",
    "preset_names",
    "preset_text",
    "reference",
    "resample",
    "run_command",
]

__version__: str

class Error(ValueError):
    advice: str | None

class AudioError(Error): ...
class CorpusError(Error): ...
class DatasetError(Error): ...

@type_check_only
class Key(TypedDict):
    table: str
    kind: str | None
    name: str
    values: str
    default: str
    meaning: str

@final
class Transform:
    def __new__(
        cls, text: str, sets: list[str], sample_rate_hz: int | None, statistics: str | None
    ) -> Transform: ...
    @staticmethod
    def of_dataset(folder: str, sample_rate_hz: int | None) -> Transform: ...
    @staticmethod
    def of_front_end(name: str, text: str, tolerance: float) -> Transform: ...
    def front_end(self) -> str: ...
    def for_speaker(self, all: list[npt.NDArray[Any]], ids: list[str]) -> Transform: ...
    @property
    def recipe_text(self) -> str: ...
    @property
    def statistics(self) -> str | None: ...
    @property
    def kinds(self) -> list[str]: ...
    @property
    def sample_rate_hz(self) -> int: ...
    @property
    def frame_samples(self) -> tuple[int, int]: ...
    @property
    def arrays(self) -> list[tuple[str, list[str]]]: ...
    def num_frames(self, num_samples: int) -> int: ...
    def rows(self, x: npt.NDArray[Any], name: str, id: str, keep: bool) -> Any: ...
    def rows_of_all(self, all: list[npt.NDArray[Any]], jobs: int, id: str, keep: bool) -> list[Any]: ...
    def rows_of_batch(self, x: npt.NDArray[Any], jobs: int, id: str, keep: bool) -> Any: ...

@final
class Streamer:
    def __new__(cls, words: list[str], recipe: str | None) -> Streamer: ...
    @property
    def arrays(self) -> list[tuple[str, str, int, list[str]]]: ...
    def __len__(self) -> int: ...
    def begin(self, seed: int | None, rank: int, world: int, first: int, jobs: int) -> Flow: ...

@final
class Flow:
    def next(self) -> tuple[dict[str, Any], list[bytearray] | None] | None: ...

@final
class PartWorker:
    def __new__(
        cls,
        out: str,
        plan: str | None = None,
        *,
        stores: str | None = None,
        retry_failed: bool = False,
        again: list[str] | None = None,
        timeout_s: float | None = None,
        max_open_files: int | None = None,
        readers: int | None = None,
    ) -> PartWorker: ...
    def look(self, parts: list[int]) -> None: ...
    def run_part(self, number: int) -> str: ...
    def __len__(self) -> int: ...

def audio_info(source: str | bytes) -> tuple[str, str, int, int, int | None]: ...
def call_verb(
    words: list[str],
    again: list[str],
    recipe: str | None,
    say: Callable[[str], object],
    hear: Callable[[dict[str, Any]], object] | None,
    bar: bool,
    cluster: object | None = None,
) -> tuple[Any, bool]: ...
def discover(words: list[str]) -> dict[str, list[Any]]: ...
def draw_rows(
    rows: npt.NDArray[np.float32],
    theme: str,
    colors: str,
    width: float | None,
) -> str: ...
def draw_samples(
    transform: Transform,
    samples: npt.NDArray[np.float32],
    theme: str,
    colors: str,
    width: float | None,
) -> str: ...
def draw_waveform(
    samples: npt.NDArray[np.float32],
    sample_rate_hz: int,
    theme: str,
    colors: str,
    width: float | None,
) -> str: ...
def folder_of(path: str) -> str: ...
def foreign_recipe(path: str, text: str) -> tuple[str, str] | None: ...
def load_audio(
    source: str | bytes,
    sample_rate_hz: int | None,
    mode: str,
    channel: str,
    start_sample: int,
    num_samples: int | None,
) -> tuple[npt.NDArray[np.float32], int]: ...
def options_of(verb: str) -> list[str]: ...
def png_of(svg: str) -> bytes: ...
def preset_names() -> list[str]: ...
def preset_text(name: str) -> str: ...
def reference() -> list[Key]: ...
def resample(
    samples: npt.NDArray[np.float32], from_hz: int, to_hz: int, mode: str
) -> npt.NDArray[np.float32]: ...
def run_command(words: list[str], again: list[str], cluster: object | None = None) -> int: ...
