"""Opening a dataset, without what that takes until it is done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ossicle.dataset import Dataset


def open(path: str | os.PathLike[str]) -> Dataset:
    """Open a dataset that ``ossicle extract`` has made.

    Args:
        path: The dataset's folder, or its address in an object store, from which it is copied to ``~/.cache/ossicle``
            first: stores are reached as the environment says.

    Returns:
        Its splits by their names: ``open(path)["train"]``.

    Raises:
        DatasetError: It is none or not complete, or a file is not as the card says.
        OSError: It is not there, or cannot be read.
    """
    # Whoever computes features alone does not wait for it.
    from ossicle.dataset import Dataset

    return Dataset(local(path))


def local(path: str | os.PathLike[str]) -> Path:
    """Return the folder of a dataset, or that of a copy of what is in an object store."""
    if "://" in os.fspath(path):
        from ossicle import _ossicle

        return Path(_ossicle.folder_of(os.fspath(path)))
    return Path(path)
