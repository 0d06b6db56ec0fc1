"""Pictures: of datasets and recordings as the command draws them, and of arrays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ossicle as command

import ossicle


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of a small corpus in TIMIT's layout, beside the corpus."""
    folder = tmp_path_factory.mktemp("show")
    assert command("demo", folder / "demo", "--corpus-only", "--scale", "0.02").returncode == 0
    ossicle.extract(folder / "demo", folder / "data", preset="timit-mfcc", progress=False)
    return folder


def texts(picture: ossicle.Picture) -> list[str]:
    return re.findall(r"<text [^>]*>([^<]*)</text>", picture.svg)


def test_an_utterance_is_drawn_as_the_command_draws_it(made: Path, tmp_path: Path) -> None:
    utterance = ossicle.open(made / "data")["train"][0]
    picture = ossicle.show(utterance)
    words = ("show", made / "data", utterance.id, "--split", "train", "-o", tmp_path / "a.svg")
    assert command(*words).returncode == 0
    assert picture.svg == (tmp_path / "a.svg").read_text()
    assert picture._repr_svg_() == picture.svg and picture._repr_png_()[:8] == b"\x89PNG\r\n\x1a\n"
    assert utterance.id in repr(picture) and picture.facts["arrays"][0]["num_frames"] == utterance.num_frames
    picture.save(tmp_path / "b.svg")
    assert (tmp_path / "b.svg").read_text() == picture.svg
    picture.save(tmp_path / "b.png")
    assert (tmp_path / "b.png").read_bytes() == picture.png
    with pytest.raises(ossicle.Error, match=r"\.png or \.svg"):
        picture.save(tmp_path / "b.gif")


def test_what_is_meant_can_be_said_in_several_ways(made: Path) -> None:
    dataset = ossicle.open(made / "data")
    utterance = dataset["train"][0]
    svg = ossicle.show(utterance).svg
    ways: list[tuple[Any, ...]] = [(dataset["train"], utterance.id), (str(made / "data"), utterance.id)]
    for way in ways:
        assert ossicle.show(*way, split="train").svg == svg
    assert ossicle.show(utterance, against="kaldi-mfcc").facts["differences"][0]["worst"] is None
    assert ossicle.show(utterance, against=dataset).facts["differences"][0]["worst"] == 0
    with pytest.raises(ossicle.Error, match="no utterance"):
        ossicle.show(dataset, "nothing")
    with pytest.raises(ossicle.Error, match="must be an utterance"):
        ossicle.show(3)


def test_recordings_and_arrays_are_drawn(made: Path) -> None:
    recording = next(path for path in (made / "demo").rglob("*") if path.suffix.lower() == ".wav")
    whole = ossicle.show(recording, preset="kaldi-fbank", num_mel_bins=40)
    assert whole.facts["arrays"][0]["num_columns"] == 40
    x, rate = ossicle.load_audio(recording)
    of_samples = ossicle.show(x, preset="kaldi-fbank", num_mel_bins=40, sample_rate=rate)
    name = next(text for text in texts(whole) if text.startswith("features: "))
    assert name in texts(of_samples) and "waveform" in texts(of_samples)
    rows = np.arange(600, dtype=np.float64).reshape(100, 6)
    assert any(text.startswith("features: 100 frames × 6 columns, 0 to 599") for text in texts(ossicle.show(rows)))
    for odd in (np.zeros((0, 3)), np.full((4, 7), np.nan), np.zeros((1, 1)), np.ones((5, 2), dtype=np.float16)):
        assert ossicle.show(odd).png[:4] == b"\x89PNG"
    with pytest.raises(ossicle.Error, match="3 dimensions"):
        ossicle.show(np.zeros((2, 2, 2)))
    with pytest.raises(ossicle.Error, match="viridis"):
        ossicle.show(rows, colors="jet")  # type: ignore[arg-type]
