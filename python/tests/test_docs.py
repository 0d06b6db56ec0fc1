"""Examples in docstrings give what they show."""

from __future__ import annotations

import doctest
import importlib

import pytest


MODULES = [
    "ossicle",
    "ossicle._audio",
    "ossicle._extractor",
    "ossicle._features",
    "ossicle._reference",
    "ossicle.compliance.kaldi_native_fbank",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert failed == 0 and tried > 0
