"""The wheel's command is the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from conftest import ossicle


def test_it_says_its_version_and_what_is_wrong() -> None:
    import ossicle as module

    assert ossicle("--version").stdout.strip() == f"ossicle {module.__version__}"
    wrong = ossicle("extrakt")
    assert wrong.returncode == 2 and "extract" in wrong.stderr


def test_worker_processes_are_this_python(corpus: Path, tmp_path: Path) -> None:
    for isolation in ("threads", "processes"):
        words = ("--preset", "kaldi-fbank", "--isolation", isolation, "--jobs", "2", "--json")
        done = ossicle("extract", corpus, "--out", tmp_path / isolation, *words)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)
    files = sorted(path.relative_to(tmp_path / "threads") for path in (tmp_path / "threads").rglob("*.npy"))
    assert files
    for file in files:
        assert (tmp_path / "threads" / file).read_bytes() == (tmp_path / "processes" / file).read_bytes()


def test_the_script_is_there() -> None:
    script = Path(sys.executable).with_name("ossicle")
    if script.exists():
        done = subprocess.run([script, "presets"], capture_output=True, text=True, check=True)
        assert "kaldi-fbank" in done.stdout


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, ossicle; print([m for m in ('torch', 'pandas', 'subprocess') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch" not in done.stdout and "pandas" not in done.stdout
