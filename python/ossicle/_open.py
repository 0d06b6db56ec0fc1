"""Opening a dataset, without what that takes until it is done."""

from __future__ import annotations

import os
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

    if "://" in os.fspath(path):
        from ossicle import _ossicle

        path = _ossicle.folder_of(os.fspath(path))
    return Dataset(path)
