"""What the tests of the package have is used here too."""

import importlib.util
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.append(str(TESTS))

# Its name is this file's too, so that it cannot be imported by that.
spec = importlib.util.spec_from_file_location("made", TESTS / "conftest.py")
assert spec is not None and spec.loader is not None
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
sys.modules["made"] = made
dataset = made.dataset
