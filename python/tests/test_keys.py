"""The types of settings, which editors complete, are those of the recipe's reference.

`OSSICLE_UPDATE_DOCS=1 pytest python/tests/test_keys.py` writes them anew.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import ossicle
from ossicle import Extractor, _reference

FILE = Path(__file__).parents[1] / "ossicle" / "_keys.py"

HEAD = '''"""The settings of features as types, for editors and type checkers. Nothing imports it when a program runs.

Made of the recipe's reference by `python/tests/test_keys.py`; see there.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from numpy.typing import DTypeLike, NDArray

'''


def kinds() -> list[str]:
    return list(dict.fromkeys(key["kind"] for key in ossicle._ossicle.reference() if key["kind"] is not None))


def entry(name: str, of: str, meaning: str) -> str:
    return f'    {name}: {of}\n    """{" ".join(meaning.split())}"""\n'


def typed_dict(name: str, bases: list[str], about: str, entries: list[str]) -> str:
    bases_text = ", ".join([*(bases or ["TypedDict"]), "total=False"])
    return f'\nclass {name}({bases_text}):\n    """{about}"""\n\n' + "\n".join(entries)


def written() -> str:
    """The whole file."""
    return HEAD + "\n".join(part.rstrip() + "\n" for part in parts())


def parts() -> Iterator[str]:
    options = [entry(name, of, meaning) for name, (of, _, meaning) in _reference.OPTIONS.items()]
    yield typed_dict("Options", [], "What a call may say besides its samples.", options)
    for table in _reference.TABLES:
        keys = [
            entry(key["name"], f'{_reference.annotation(key["values"])} | None', key["meaning"])
            for key in _reference.table_keys(table)
        ]
        yield typed_dict(f"{table.title()}Table", [], f"The keys of `[{table}]`.", keys)
    tables = [
        entry(table, f"{table.title()}Table | None", f"`[{table}]`; None leaves it out.")
        for table in _reference.TABLES
    ]
    yield typed_dict("Tables", [], "Tables of a recipe.", tables)
    yield from of_features()


def of_features() -> Iterator[str]:
    # A key that several kinds have is written once, in a class that they all have as a base.
    having: dict[str, list[str]] = {}
    types: dict[str, list[str]] = {}
    meanings: dict[str, str] = {}
    for kind in kinds():
        for key in _reference.feature_keys(kind):
            having.setdefault(key["name"], []).append(kind)
            meanings.setdefault(key["name"], key["meaning"])
            of = types.setdefault(key["name"], [])
            of += [one for one in _reference.annotation(key["values"]).split(" | ") if one not in of]
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, of_kinds in having.items():
        groups.setdefault(tuple(of_kinds), []).append(name)
    names = {}
    for of_kinds, keys in groups.items():
        names[of_kinds] = "_Of" + "".join(map(str.title, of_kinds))
        entries = [entry(key, " | ".join([*types[key], "None"]), meanings[key]) for key in keys]
        yield typed_dict(names[of_kinds], [], f"Keys of {', '.join(of_kinds)}.", entries)
    for kind in kinds():
        bases = ["Options", "Tables", *(name for of_kinds, name in names.items() if kind in of_kinds)]
        yield typed_dict(f"{kind.title()}Settings", bases, f"What may be said of {kind}.", [])
    yield typed_dict("Settings", ["Tables", *names.values()], "What may be said of any kind of feature.", [])


def test_types_are_those_of_the_reference() -> None:
    if os.environ.get("OSSICLE_UPDATE_DOCS"):
        FILE.write_text(written(), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == written(), "OSSICLE_UPDATE_DOCS=1 writes it anew"


def test_every_key_has_a_type() -> None:
    for key in ossicle._ossicle.reference():
        assert _reference.annotation(key["values"]) != "Any", key


@pytest.mark.parametrize("kind", kinds())
def test_signatures_and_docstrings_list_every_key(kind: str) -> None:
    from ossicle import _keys

    functions = {"mel": [ossicle.mel, ossicle.fbank]}.get(kind) or [getattr(ossicle, kind)]
    for function in functions:
        listed = inspect.signature(function).parameters
        document = inspect.getdoc(function) or ""
        typed = get_type_hints(getattr(_keys, f"{kind.title()}Settings"))
        for name in [key["name"] for key in _reference.feature_keys(kind)] + list(_reference.OPTIONS):
            assert listed[name].kind is inspect.Parameter.KEYWORD_ONLY
            assert f"\n    {name}: " in document
            assert name in typed
        for table in _reference.TABLES:
            assert table in listed and table in typed
    assert set(inspect.signature(Extractor).parameters) >= {"recipe", "num_mel_bins", "num_ceps", "deltas"}
    assert "\n    num_mel_bins: " in (Extractor.__doc__ or "")
