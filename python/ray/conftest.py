"""A corpus, what one machine makes of it, and drivers on the head of a cluster."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nodes import ENVIRONMENT, Nodes

PRESET = "timit-spikegram"
"""Slow enough that something can happen meanwhile."""


def files(dataset: Path) -> dict[str, bytes]:
    """The bytes of all files of a dataset, but of what varies."""
    found = sorted(path for path in dataset.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(dataset)): path.read_bytes() for path in found}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus in TIMIT's layout, with a recording that is none."""
    folder = tmp_path_factory.mktemp("corpus")
    words = [sys.executable, "-m", "ossicle", "demo", str(folder), "--corpus-only", "--scale", "0.05"]
    subprocess.run(words, check=True, capture_output=True)
    min((folder / "TRAIN").rglob("SX*.WAV")).write_bytes(b"RIFF")
    return folder


@pytest.fixture(scope="session")
def one_machine(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What `ossicle extract` writes."""
    out = tmp_path_factory.mktemp("one") / "out"
    words = [sys.executable, "-m", "ossicle", "extract", str(corpus), "--out", str(out), "--preset", PRESET]
    assert subprocess.run(words, check=False, capture_output=True).returncode == 1
    return files(out)


@pytest.fixture(scope="session")
def nodes() -> Iterator[Nodes]:
    """Three nodes."""
    with Nodes() as cluster:
        yield cluster


class Driver:
    """A driver on the head, as a process."""

    def __init__(self, nodes: Nodes, words: list[str], out: Path) -> None:
        self._nodes, self._words, self.out = nodes, words, out
        self._log = out.with_suffix(".log").open("w+")
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Driver:
        words = self._nodes.command([sys.executable, *self._words])
        environment = {**os.environ, **ENVIRONMENT}
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=self._log, text=True, env=environment, start_new_session=True
        )
        return self

    def kill(self) -> None:
        """End it at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def ended(self, seconds: float = 300) -> tuple[int, str, str]:
        """Wait until it ends: its exit status, what it printed, and what it said."""
        assert self.process is not None
        try:
            printed, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the driver has not ended: {self.said()}") from None
        return self.process.returncode, printed, self.said()

    def said(self) -> str:
        self._log.flush()
        self._log.seek(0)
        return self._log.read()

    def parts(self) -> int:
        """How many parts are there."""
        return len(list((self.out / ".ossicle/parts").glob("*.part")))

    def wait_for_parts(self, count: int, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while self.parts() < count:
            assert self.process is not None and self.process.poll() is None, self.said()
            assert time.monotonic() < end, f"{self.parts()} parts: {self.said()}"
            time.sleep(0.05)


@pytest.fixture
def extract(nodes: Nodes, corpus: Path, tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    """Makes a driver of ``python -m ossicle.ray extract``."""
    drivers: list[Driver] = []

    def make(*words: str, preset: str = PRESET, name: str = "out") -> Driver:
        out = tmp_path / name
        command = ["-m", "ossicle.ray", "extract", str(corpus), "--out", str(out), "--preset", preset]
        drivers.append(Driver(nodes, [*command, "--address", nodes.address, *words], out))
        return drivers[-1]

    yield make
    for driver in drivers:
        if driver.process is not None and driver.process.poll() is None:
            driver.kill()
    shutil.rmtree(tmp_path, ignore_errors=True)
