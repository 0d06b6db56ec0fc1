"""The pages of docs/coming-from: pairs of code, and how far apart they say that the results are."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "crates/dsp/tests/golden/speech16k"

PAIR = re.compile(
    r"```python\n# theirs\n(?P<theirs>.*?)```\s+```python\n# ours\n(?P<ours>.*?)```\s+"
    r"At most (?P<apart>\S+) apart(?P<rest>[^\n]*(?:\n[^\n#]+)*)",
    re.DOTALL,
)


@dataclass
class Pair:
    page: str
    theirs: str
    ours: str
    apart: float
    golden: str | None
    """The array of the golden folder that theirs gave."""

    def __str__(self) -> str:
        return f"{self.page}: {self.ours.strip().splitlines()[-1]}"


def pairs() -> list[Pair]:
    found = []
    for page in sorted((ROOT / "docs/coming-from").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        matches = list(PAIR.finditer(text))
        assert len(matches) == text.count("# theirs") == text.count("# ours"), page
        for match in matches:
            golden = re.search(r"<!-- golden: (\S+) -->", match["rest"])
            found.append(
                Pair(page.stem, match["theirs"], match["ours"], float(match["apart"]), golden[1] if golden else None)
            )
    return found


def value_of(code: str, names: dict[str, Any]) -> Any:
    """Run code, and return what its last line comes to."""
    *before, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)
    names = dict(names)
    exec(compile(ast.Module(before, []), "page", "exec"), names)
    return eval(compile(ast.Expression(last.value), "page", "eval"), names)
