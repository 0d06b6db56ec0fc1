"""The tutorial does what it says, and the example learns."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import example
from conftest import ossicle as command

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs/tutorial.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of the tutorial were run."""
    folder = tmp_path_factory.mktemp("tutorial")
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("ossicle ")]
    assert [line.split()[1] for line in lines] == ["demo", "extract", "verify"]
    for line in lines:
        done = command(*line.split()[1:], folder=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_tutorial_ends_with_a_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block, names)
    printed = capsys.readouterr().out
    always = float(re.search(r"always sil ([\d.]+)", printed)[1])
    assert names["accuracy"] > 0.8 > 2 * always > 0.4
    assert {"sil", "s"} < set(names["phones"]) <= set(names["dataset"].label_names)


def test_the_example_is_twice_as_often_right_as_the_majority(folder: Path) -> None:
    line = "python phone_classifier.py features"
    assert any(line in block.splitlines() for block in blocks("sh"))
    found = example("phone_classifier").main([str(folder / "features"), "--epochs", "1", "--hidden", "64"])
    assert found["valid"] > 2 * found["majority"] and found["test"] > 2 * found["majority"]
    assert 0.2 < found["majority"] < 0.3
