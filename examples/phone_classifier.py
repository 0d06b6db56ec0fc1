"""Trains a small network that names the phone of each frame, on a dataset of ossicle's, with NumPy or PyTorch.

    ossicle demo corpus --corpus-only
    ossicle extract corpus --out features --preset timit-mfcc
    python phone_classifier.py features

The network is of the shape that the timit-* presets were made for in 2019: a frame with five on each side, and three
layers. docs/tutorial.md goes through it.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Iterator

import numpy as np
import ossicle


class Network:
    """Layers with rectifiers between them, trained by Adam (Kingma and Ba, ICLR 2015) on the cross-entropy of classes.

    Args:
        sizes: The numbers of inputs, of units in each hidden layer, and of classes.
    """

    def __init__(self, sizes: list[int], seed: int = 0, learning_rate: float = 1e-3) -> None:
        random = np.random.default_rng(seed)
        self.parameters: list[np.ndarray] = []
        for inputs, outputs in itertools.pairwise(sizes):
            # He et al., ICCV 2015: rectifiers keep the variance of what goes through.
            weights = random.standard_normal((inputs, outputs)) * np.sqrt(2 / inputs)
            self.parameters += [weights.astype(np.float32), np.zeros(outputs, dtype=np.float32)]
        self.moments = [(np.zeros_like(one), np.zeros_like(one)) for one in self.parameters]
        self.steps, self.learning_rate = 0, learning_rate

    def scores(self, frames: np.ndarray) -> np.ndarray:
        """Return the score of each class, a row a frame."""
        return self._activations(frames)[-1]

    def learn(self, frames: np.ndarray, labels: np.ndarray) -> float:
        """Take a step that makes the labels likelier; return the cross-entropy before it."""
        activations = self._activations(frames)
        scores = activations[-1] - activations[-1].max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        rows = np.arange(len(labels))
        error = np.exp(logs)
        error[rows, labels] -= 1
        error /= len(labels)
        gradients: list[np.ndarray] = []
        for layer in reversed(range(len(self.parameters) // 2)):
            gradients = [activations[layer].T @ error, error.sum(axis=0), *gradients]
            if layer:
                error = (error @ self.parameters[2 * layer].T) * (activations[layer] > 0)
        self._step(gradients)
        return float(-logs[rows, labels].mean())

    def _activations(self, frames: np.ndarray) -> list[np.ndarray]:
        """The inputs, and what each layer makes of them."""
        found = [frames.reshape(len(frames), -1)]
        for weights, bias in zip(self.parameters[::2], self.parameters[1::2], strict=True):
            if len(found) > 1:
                found[-1] = np.maximum(found[-1], 0)
            found.append(found[-1] @ weights + bias)
        return found

    def _step(self, gradients: list[np.ndarray]) -> None:
        self.steps += 1
        rate = self.learning_rate * np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        for parameter, gradient, (mean, square) in zip(self.parameters, gradients, self.moments, strict=True):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient * gradient - square)
            parameter -= np.float32(rate) * mean / (np.sqrt(square) + np.float32(1e-8))


def numpy_epochs(dataset: ossicle.dataset.Dataset, options: argparse.Namespace) -> Iterator[tuple[float, Network]]:
    """Train by NumPy; yield the mean loss of each epoch, and the network."""
    train = dataset["train"]
    inputs = (2 * options.context + 1) * train.features.shape[1]
    network = Network(
        [inputs, options.hidden, options.hidden, len(dataset.label_names)], options.seed, options.learning_rate
    )
    batches = train.numpy_batches("frames", context=options.context, batch_size=1024, shuffle=options.seed)
    for _ in range(options.epochs):
        losses = []
        for batch in batches:
            is_labelled = batch["labels"] >= 0
            losses.append(network.learn(batch["features"][is_labelled], batch["labels"][is_labelled]))
        yield float(np.mean(losses)), network


def torch_epochs(dataset: ossicle.dataset.Dataset, options: argparse.Namespace) -> Iterator[tuple[float, object]]:
    """Train by PyTorch; yield the mean loss of each epoch, and the network."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader

    torch.manual_seed(options.seed)
    train = dataset["train"]
    inputs = (2 * options.context + 1) * train.features.shape[1]
    network = nn.Sequential(
        *(nn.Flatten(), nn.Linear(inputs, options.hidden), nn.ReLU()),
        *(nn.Linear(options.hidden, options.hidden), nn.ReLU(), nn.Linear(options.hidden, len(dataset.label_names))),
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device)
    network.scores = lambda frames: network(torch.from_numpy(frames).to(device)).detach().cpu().numpy()
    optimizer = torch.optim.Adam(network.parameters(), lr=options.learning_rate)
    frames = train.torch("frames", context=options.context, batch_size=1024, shuffle=options.seed)
    loader = DataLoader(frames, batch_size=None, num_workers=options.workers, pin_memory=device == "cuda")
    for _ in range(options.epochs):
        losses = []
        for batch in loader:
            optimizer.zero_grad()
            labels = batch["labels"].to(device, non_blocking=True)
            scores = network(batch["features"].to(device, non_blocking=True))
            loss = nn.functional.cross_entropy(scores, labels, ignore_index=-1)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        yield float(np.mean(losses)), network


def accuracy(network: Network, split: ossicle.dataset.Split, context: int) -> float:
    """Return the share of a split's labelled frames whose class has the highest score."""
    num_right = num_all = 0
    for batch in split.numpy_batches("frames", context=context, batch_size=4096):
        is_labelled = batch["labels"] >= 0
        found = network.scores(batch["features"][is_labelled]).argmax(axis=1)
        num_right += int((found == batch["labels"][is_labelled]).sum())
        num_all += int(is_labelled.sum())
    return num_right / num_all


def majority(dataset: ossicle.dataset.Dataset, split: ossicle.dataset.Split) -> tuple[str, float]:
    """Return the most frequent class of the training frames, and its share of a split's."""
    labels = np.asarray(dataset["train"].labels)
    most = np.bincount(labels[labels >= 0]).argmax()
    of_split = np.asarray(split.labels)
    return dataset.label_names[most], float((of_split[of_split >= 0] == most).mean())


def main(words: list[str] | None = None) -> dict[str, float]:
    """Train and report; return the accuracies of the last epoch by split, and that of always the same answer."""
    parser = argparse.ArgumentParser(description="Train a network that names the phone of each frame.")
    parser.add_argument("dataset", help="a dataset with labels, as `ossicle extract … --preset timit-mfcc` makes")
    parser.add_argument("--torch", action="store_true", help="by PyTorch, on a GPU if there is one")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--context", type=int, default=5, help="frames on each side of a frame")
    parser.add_argument("--hidden", type=int, default=512, help="units of each of the two hidden layers")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--workers", type=int, default=0, help="workers of PyTorch's DataLoader")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(words)

    dataset = ossicle.open(options.dataset)
    held_out = {name: split for name, split in dataset.items() if name != "train" and len(split)}
    name, share = majority(dataset, next(iter(held_out.values())))
    print(
        f"{len(dataset['train'].features)} frames to learn from; always {name!r} would be right in {share:.1%} of others"
    )
    found = {"majority": share}
    train = torch_epochs if options.torch else numpy_epochs
    start = time.perf_counter()
    for epoch, (loss, network) in enumerate(train(dataset, options), start=1):
        found.update((name, accuracy(network, split, options.context)) for name, split in held_out.items())
        right = ", ".join(f"{name} {found[name]:.1%}" for name in held_out)
        print(f"epoch {epoch}: loss {loss:.3f}; right in {right}; {time.perf_counter() - start:.1f} s", flush=True)
    return found


if __name__ == "__main__":
    main()
