"""Batches of a stream as tensors, for a DataLoader of PyTorch's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from ossicle._errors import whole
from ossicle._stream_batches import StreamBatches
from ossicle.dataset._torch import _Epochs

Tensors = dict[str, Any]


class TorchStream(IterableDataset[Tensors]):
    """The batches of a stream as tensors; the workers of a DataLoader share its utterances. Each iteration is an epoch."""

    def __init__(self, batches: StreamBatches) -> None:
        self.batches = batches
        self._epochs = _Epochs()
        self._num_begun = 0

    def __iter__(self) -> Iterator[Tensors]:
        worker = get_worker_info()
        if worker is not None:
            self._num_begun += 1
            # All workers of a loader have the same seed but for their number.
            epoch, _ = self._epochs.begun((worker.seed - worker.id, self._num_begun), None)
            self.batches.stream.load_state_dict({"epoch": epoch, "place": 0, "failures": {}})
        return map(self._tensors, self.batches)

    def set_epoch(self, epoch: int) -> None:
        """Let the next iteration be that epoch: without it, epochs follow one another."""
        epoch = whole(epoch, "epoch", 0, _Epochs.MOST)
        self._epochs.goes_on_at(epoch, 0)
        self.batches.stream.load_state_dict({"epoch": epoch, "place": 0, "failures": {}})

    def _tensors(self, batch: dict[str, Any]) -> Tensors:
        """Tensors in the arrays' own memory; classes have the type that losses take."""
        is_labels = self.batches.stream.is_labels
        return {
            name: torch.from_numpy(of.astype(np.int64) if is_labels(name) else of) if isinstance(of, np.ndarray) else of
            for name, of in batch.items()
        }
