"""Matching pursuit over a gammatone dictionary, in NumPy and SciPy.

``cargo xtask bench spikes`` runs it beside ``ossicle spikes``, which has the same dictionary, the same
order of choice and the same end. It reads a recording and a signal-to-noise ratio, and prints

    {"program": "NumPy 2.4.6, SciPy 1.17.1", "snr_db": 20.0, "spikes": 4312, "seconds": 1.2}

It is written as a careful engineer would: correlations by ``scipy.signal.fftconvolve`` once, then updated
by the cross-correlations of the kernels, which are computed before the clock starts; one NumPy operation
a spike for all channels; the largest found by way of the maxima of blocks.

    spikes.py RECORDING.wav SNR_DB
"""

import os

# Before NumPy is loaded: one thread, like the other.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import json
import sys
import time
import wave

import numpy as np
import scipy
from scipy.signal import fftconvolve

EAR_Q, MIN_BANDWIDTH_HZ = 9.26449, 24.7
NUM_CHANNELS = 32
BLOCK = 256


def read(path):
    with wave.open(path) as recording:
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
        return samples.astype(np.float32) / np.float32(32768), recording.getframerate()


def dictionary(rate):
    """A row a kernel: Slaney's frequencies and bandwidths, order 4, unit energy, cut at 1e-8 of it."""
    c = EAR_Q * MIN_BANDWIDTH_HZ
    k = np.arange(NUM_CHANNELS, 0, -1)
    low, high = 20.0 + c, rate / 2 + c
    centres = -c + high * np.exp(k * (np.log(low) - np.log(high)) / NUM_CHANNELS)
    erb = ((centres / EAR_Q) ** 4 + MIN_BANDWIDTH_HZ**4) ** 0.25
    t = np.arange(round(0.128 * rate)) / rate
    decay = np.exp(-2 * np.pi * 1.019 * erb[:, None] * t)
    kernels = t**3 * decay * np.cos(2 * np.pi * centres[:, None] * t)
    rest = np.cumsum(kernels[:, ::-1] ** 2, axis=1)[:, ::-1]
    kernels[rest <= 1e-8 * rest[:, :1]] = 0
    kernels = kernels[:, : np.flatnonzero(kernels.any(axis=0))[-1] + 1]
    return (kernels / np.linalg.norm(kernels, axis=1, keepdims=True)).astype(np.float32)


def overlaps(kernels):
    """What a spike of channel g takes of all channels: [g, channel, shift]."""
    turned = kernels[:, ::-1].astype(np.float64)
    pairs = [[fftconvolve(g, h) for h in turned] for g in kernels.astype(np.float64)]
    return np.array(pairs, dtype=np.float32)


def pursue(samples, kernels, taken, snr_db):
    length = kernels.shape[1]
    padded = np.concatenate([samples, np.zeros(length, np.float32)])
    num_onsets = len(samples)
    # With zeros around, so that no spike lies at an edge.
    size = -(-(num_onsets + 2 * length) // BLOCK) * BLOCK
    correlations = np.zeros((NUM_CHANNELS, size), np.float32)
    for row, kernel in zip(correlations, kernels):
        all_onsets = fftconvolve(padded, kernel[::-1])[length - 1 :]
        row[length : length + num_onsets] = all_onsets[:num_onsets]
    # What lies outside changes too, and is never chosen.
    outside = np.ones(size, bool)
    outside[length : length + num_onsets] = False

    def block_maxima(first, last):
        part = np.abs(correlations[:, first * BLOCK : last * BLOCK])
        part[:, outside[first * BLOCK : last * BLOCK]] = 0
        return part.reshape(NUM_CHANNELS, -1, BLOCK).max(axis=(0, 2))

    maxima = block_maxima(0, size // BLOCK)
    energy = float(np.sum(samples.astype(np.float64) ** 2))
    wanted, left = energy * 10 ** (-snr_db / 10), energy
    num_spikes = 0
    while left > wanted:
        block = int(maxima.argmax())
        part = np.abs(correlations[:, block * BLOCK : (block + 1) * BLOCK])
        part[:, outside[block * BLOCK : (block + 1) * BLOCK]] = 0
        channel, place = np.unravel_index(part.argmax(), part.shape)
        onset = block * BLOCK + int(place)
        amplitude = correlations[channel, onset]
        begin = onset - (length - 1)
        correlations[:, begin : begin + 2 * length - 1] -= amplitude * taken[channel]
        first, last = begin // BLOCK, (begin + 2 * length - 2) // BLOCK + 1
        maxima[first:last] = block_maxima(first, last)
        left -= float(amplitude) ** 2
        num_spikes += 1
    return num_spikes, 10 * np.log10(energy / left)


def main():
    samples, rate = read(sys.argv[1])
    snr_db = float(sys.argv[2])
    kernels = dictionary(rate)
    taken = overlaps(kernels)
    begin = time.perf_counter()
    num_spikes, reached_db = pursue(samples, kernels, taken, snr_db)
    seconds = time.perf_counter() - begin
    print(
        json.dumps(
            {
                "program": f"NumPy {np.__version__}, SciPy {scipy.__version__}",
                "snr_db": reached_db,
                "spikes": num_spikes,
                "seconds": seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
