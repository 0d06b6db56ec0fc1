"""The list of a corpus' utterances, as a data frame or as rows."""

from __future__ import annotations

import builtins
import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from conftest import noise, write_wave

import ossicle


def rows(corpus: Any, **selection: Any) -> list[dict[str, Any]]:
    return ossicle.discover(corpus, frame="rows", **selection)  # type: ignore[no-any-return]


def test_it_lists_the_utterances_that_a_dataset_has(tmp_path: Path) -> None:
    write_wave(tmp_path / "a.wav", noise(16000))
    manifest = tmp_path / "m.jsonl"
    lines = [
        {"audio_filepath": "a.wav", "offset": 0.25, "duration": 0.5, "text": "mary", "lang": "en"},
        {"audio_filepath": "a.wav", "offset": 0.0, "duration": 0.25, "text": "john"},
    ]
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    listed = rows(manifest)
    made = ossicle.extract(manifest, tmp_path / "out", preset="kaldi-fbank", progress=False)
    stored = [json.loads(line) for line in (made.path / "all" / "utterances.jsonl").read_text().splitlines()]
    for of_corpus, of_dataset in zip(listed, stored, strict=True):
        for column in ("id", "source", "text"):
            assert of_corpus[column] == of_dataset[column]
        assert of_corpus.get("lang") == of_dataset.get("lang")
        assert round(of_corpus["start_s"] * 16000) == of_dataset["start_sample"]
        assert round(of_corpus["end_s"] * 16000) == of_dataset["end_sample"]
        assert of_corpus["split"] == "all" and of_corpus["path"] == str(tmp_path / "a.wav")
        assert of_corpus["bytes"] > 0 and of_corpus["alignment"] is False


def test_a_corpus_is_chosen_of_as_extract_does(corpus: Path) -> None:
    assert [row["id"] for row in rows(corpus)] == ["r0", "r1", "r2"]
    by_split = rows({"train": corpus / "r0.wav", "test": corpus / "r1.wav"})
    assert {row["split"]: row["id"] for row in by_split} == {"train": "r0", "test": "r1"}
    speakers = rows(corpus, speaker="(r)", split_speakers={"train": 1})
    assert {row["speaker"] for row in speakers} == {"r"}
    (corpus / "ids").write_text("r2\n")
    assert [row["id"] for row in rows(corpus, ids=corpus / "ids")] == ["r2"]
    (corpus / "ids").unlink()
    with pytest.raises(ossicle.CorpusError, match="no such file or folder"):
        rows(corpus / "nothing")
    with pytest.raises(ossicle.Error, match="frame is 'x'"):
        ossicle.discover(corpus, frame="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no argument 'splitz'"):
        ossicle.discover(corpus, splitz="x")  # type: ignore[call-arg]


@pytest.mark.parametrize("installed", [{"pandas", "polars"}, {"polars"}, set()])
def test_it_is_a_data_frame_of_what_is_installed(
    corpus: Path, installed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = builtins.__import__

    def only(name: str, *more: Any) -> Any:
        if name in ("pandas", "polars"):
            if name not in installed:
                raise ImportError(name)
            return sys.modules[name]
        return imported(name, *more)

    for name in installed:
        module = types.ModuleType(name)
        module.DataFrame = lambda columns, name=name, **_: (name, columns)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(builtins, "__import__", only)
    found = ossicle.discover(corpus)
    if not installed:
        assert found == rows(corpus) and len(found) == 3
        with pytest.raises(ImportError):
            ossicle.discover(corpus, frame="pandas")
        return
    library, columns = found
    assert library == min(installed) and columns["id"] == ["r0", "r1", "r2"]
