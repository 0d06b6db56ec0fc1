"""Examples in docstrings give what they show."""

from __future__ import annotations

import doctest
import importlib
import importlib.util

import pytest


MODULES = [
    "ossicle",
    "ossicle._audio",
    "ossicle._extractor",
    "ossicle._features",
    "ossicle._reference",
    "ossicle.compliance.kaldi_native_fbank",
    "ossicle.transformers",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_show(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert failed == 0 and tried > 0


@pytest.mark.skipif(importlib.util.find_spec("lhotse") is not None, reason="lhotse is installed")
def test_without_lhotse_it_is_said_what_is_missing() -> None:
    with pytest.raises(ImportError, match="needs (lhotse|torch), which is not installed: pip install"):
        importlib.import_module("ossicle.lhotse")
