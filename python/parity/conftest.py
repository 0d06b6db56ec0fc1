"""What the tests of the package have is used here too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))
