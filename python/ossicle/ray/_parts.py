"""The actor that computes parts."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import numpy as np

import ossicle
from ossicle import _ossicle, _verbs

if TYPE_CHECKING:
    import numpy.typing as npt

Batch = dict[str, "npt.NDArray[Any]"]


class Parts:
    """Computes the parts of a stored plan that it is given, and keeps its tables from one to the next.

    A bad recording is a row of the ledger. What no part could be computed with is told in the row, as an error.
    """

    def __init__(
        self,
        out: str,
        plan: str,
        *,
        version: str,
        stores: str | None,
        retry_failed: bool,
        in_processes: bool,
        timeout_s: float | None,
        max_open_files: int | None,
        readers: int | None,
    ) -> None:
        self._out, self._plan, self._version = out, plan, version
        self._options = {
            "stores": stores,
            "retry_failed": retry_failed,
            "again": _verbs.again() if in_processes else None,
            "timeout_s": timeout_s,
            "max_open_files": max_open_files,
            "readers": readers,
        }
        self._worker: _ossicle.PartWorker | None = None

    def __call__(self, batch: Batch) -> Batch:
        """Compute the parts of the column ``part``."""
        rows = [self._row(int(part)) for part in batch["part"]]
        return {name: np.array([row[name] for row in rows]) for name in ("part", "done", "error", "node")}

    def _row(self, part: int) -> dict[str, Any]:
        row = {"part": part, "done": "", "error": "", "node": socket.gethostname()}
        try:
            row["done"] = self._opened().run_part(part)
        except (ossicle.Error, OSError) as error:
            row["error"] = str(error) or type(error).__name__
        return row

    def _opened(self) -> _ossicle.PartWorker:
        if ossicle.__version__ != self._version:
            raise ossicle.Error(f"it has ossicle {ossicle.__version__}, and the driver {self._version}")
        if self._worker is None:
            self._worker = _ossicle.PartWorker(self._out, self._plan, **self._options)  # type: ignore[arg-type]
        return self._worker
