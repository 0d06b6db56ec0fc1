"""Recipes of what Kaldi computes, as the stand-ins for other programs ask for them."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ossicle import _ossicle
from ossicle._settings import toml

EPSILON = float(np.finfo(np.float32).eps)

# Kaldi's names of windows, with the recipe's.
WINDOWS = {
    "blackman": "blackman",
    "hamming": "hamming",
    "hann": "hann-periodic",
    "hanning": "hann",
    "povey": "povey",
    "rectangular": "rectangular",
    "sine": "sine",
}


@functools.lru_cache(maxsize=32)
def planned(
    rate: int, frames: tuple[int, int, str], kind: str, keys: tuple[tuple[str, Any], ...]
) -> _ossicle.Transform:
    """Plan a recipe of one feature.

    Args:
        frames: The samples of a frame, those from one to the next, and the edges.
    """
    length, shift, edges = frames
    text = "\n".join(
        [
            '[audio]\nscale = "unit"\n[frames]',
            f'length = "{length}samples"\nshift = "{shift}samples"\nedges = "{edges}"',
            f'[[feature]]\nkind = "{kind}"',
            *(f"{key} = {toml(value)}" for key, value in keys),
        ]
    )
    return _ossicle.Transform(text, [], rate, None)


def mel_keys(
    num_mel_bins: int,
    low_freq: float,
    high_freq: float,
    vtln_low: float,
    vtln_high: float,
    vtln_warp: float,
) -> dict[str, Any]:
    """Return the keys of Kaldi's filters."""
    keys: dict[str, Any] = {
        "num_mel_bins": num_mel_bins,
        "low_freq_hz": low_freq,
        "high_freq_hz": high_freq,
        "mel_scale": "htk",
        "mel_triangles": "mel",
        "mel_norm": "peak",
    }
    if vtln_warp != 1.0:
        keys |= {"vtln_factor": vtln_warp, "vtln_low_hz": vtln_low, "vtln_high_hz": vtln_high}
    return keys


def energy_keys(raw_energy: bool, energy_floor: float, place: str) -> dict[str, Any]:
    """Return the keys of the column of log energy."""
    return {
        "use_energy": True,
        "energy_of": "raw" if raw_energy else "windowed",
        "energy_floor": max(energy_floor, EPSILON),
        "energy_place": place,
    }
