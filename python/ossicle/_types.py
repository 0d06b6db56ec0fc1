"""What is taken as samples, for type checkers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.floating[Any]]
"""Rows of features."""


class HasArray(Protocol):
    """An array, or what becomes one: `numpy.ndarray`, a tensor of PyTorch."""

    def __array__(self) -> npt.NDArray[Any]: ...


class HasDlpack(Protocol):
    """A tensor of any library."""

    def __dlpack__(self) -> Any: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...


Recording = HasArray | HasDlpack | Sequence[float]
"""Samples of a recording, or of a batch."""

Recordings = Sequence[HasArray] | Sequence[HasDlpack] | Sequence[Sequence[float]]
"""A list of recordings."""
