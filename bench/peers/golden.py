"""Computes again what Python packages gave to the golden arrays, and compares.

``cargo xtask golden`` runs it. Reads ``speech16k/input.wav`` and ``speech8k/input.wav`` in
``GOLDEN``, writes the arrays to the same folders in ``OUT``, and prints how far each is from the
array of the same name in ``GOLDEN``: the largest difference, divided by the range of the array's
values. How each array was made is in ``golden.json`` beside it, and in the functions here.

It computes ``rates.json`` too: for some presets at rates that no recording there has, how many frames
and columns their programs make of noise (``noise`` below, computed by whole numbers alone), how long
frames and shifts are where the program tells, and a row from the middle.

Exits with 1 if an array of ``GOLDEN`` is more than rounding away, or is none of those that can be
computed here or are known to be another program's; and if one that can be is not there.
"""

import os

# Before NumPy and PyTorch are loaded: sums have the same order on every machine.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
# Nothing is downloaded.
os.environ["HF_HUB_OFFLINE"] = "1"

import argparse
import json
import re
import sys
import wave
from importlib.metadata import version
from pathlib import Path

import kaldi_native_fbank
import librosa
import numpy as np
import python_speech_features
import python_speech_features.sigproc
import transformers

try:
    import torch
    import torchaudio
except ImportError:
    torch = torchaudio = None

RECORDINGS = ("speech16k", "speech8k")
# Single precision rounds at 1e-7 of a value, and transforms of different processors differ by some
# of that.
ROUNDING = 1e-5
# Logarithms of energies far below the loudest in their frame, which a transform in single
# precision gets wrong by more: the golden arrays themselves are up to 4.9e-4 and 2.0e-5 from double precision.
# That is so for a few values only, so on average these too must be as near as the others.
ROUNDING_OF_LOGARITHMS = {
    "torchaudio_kaldi_fbank80": 5e-4,
    "whisper80": 5e-5,
    "whisper128": 5e-5,
}
AVERAGE_OF_LOGARITHMS = 1e-6

# Made by toolkits that have hundreds of packages each; golden.json has versions and calls.
OF_TOOLKITS = (
    "ast128",
    "bigvgan_",
    "clap_",
    "espnet_",
    "funasr_",
    "hifigan_",
    "nemo_",
    "parakeet",
    "seamless80_",
    "speech2text80",
    "speechbrain_",
    "speecht5_",
    "univnet_",
    "vocos_",
    "wav2vec2_",
)

# Made by Kaldi's own programs, which are no Python package.
OF_KALDI = (
    "kaldi_fbank23",
    "kaldi_fbank80",
    "kaldi_fbank40_nosnip_high-200",
    "kaldi_mfcc13",
    "kaldi_mfcc13_delta2",
    "kaldi_mfcc40_hires",
    "kaldi_plp13",
    "kaldi_spectrogram",
    "kaldi_pitch",
    "kaldi_pitch_processed",
)
OF_TORCHAUDIO = ("torchaudio_mel80", "torchaudio_mfcc40", "torchaudio_kaldi_fbank80")


def read(path):
    """The sample rate and the samples, 16-bit integers."""
    with wave.open(str(path)) as recording:
        samples = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
        return recording.getframerate(), samples


def arrays(rate, integers):
    """Every array that can be computed of a recording: pairs of a name and frames in rows."""
    samples = integers.astype(np.float32) / np.float32(32768)
    yield from of_librosa(rate, samples)
    yield from of_the_2019_program(rate, integers)
    yield "knf_lhotse_fbank80", lhotse_fbank(rate, samples)
    yield "psf_mfcc13", python_speech_features.mfcc(integers, rate)
    yield "psf_logfbank26", python_speech_features.logfbank(integers, rate)
    if torch is not None:
        yield from of_torchaudio(rate, samples)
    if rate == 16_000:
        for num_mels in (80, 128):
            yield f"whisper{num_mels}", of_whisper(num_mels, samples)


def of_librosa(rate, samples):
    mel = librosa.feature.melspectrogram(y=samples, sr=rate, n_fft=400, hop_length=160, n_mels=80)
    yield "librosa_mel80", mel.T
    yield "librosa_mel80_db", librosa.power_to_db(mel, ref=np.max).T
    yield "librosa_pcen80", librosa.pcen(mel * 2**31, sr=rate, hop_length=160).T
    yield "librosa_mel128_2048", librosa.feature.melspectrogram(y=samples, sr=rate).T
    yield "librosa_mfcc20", librosa.feature.mfcc(y=samples, sr=rate).T


def of_the_2019_program(rate, integers):
    """What the ``timit-*`` presets reproduce, in double precision."""
    samples = (integers + 0.5) / 32767.5
    layout = {"n_fft": 400, "hop_length": 160, "center": False}
    mfcc = librosa.feature.mfcc(y=samples, sr=rate, n_mfcc=40, **layout).T
    yield "post_mfcc40", mfcc
    delta = regression(mfcc)
    yield "post_mfcc40_delta2", np.hstack((mfcc, delta, regression(delta)))
    mel = librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=40, **layout)
    yield "post_mel40", mel.T
    magnitudes = np.abs(librosa.stft(samples, **layout))
    fives = magnitudes[:200].reshape(40, 5, -1).sum(axis=1)
    yield "post_spectrogram40", librosa.amplitude_to_db(fives, ref=np.max).T


def regression(rows):
    """The slope over two frames to each side, the edges repeated."""
    padded = np.pad(rows, ((2, 2), (0, 0)), mode="edge")
    return (padded[3:-1] - padded[1:-3] + 2 * (padded[4:] - padded[:-4])) / 10


def lhotse_fbank(rate, samples):
    """As lhotse and icefall set it up: samples of ±1.0, mirrored at the edges."""
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.samp_freq = rate
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = False
    options.mel_opts.num_bins = 80
    options.mel_opts.high_freq = -400
    fbank = kaldi_native_fbank.OnlineFbank(options)
    fbank.accept_waveform(rate, samples.tolist())
    fbank.input_finished()
    return np.stack([fbank.get_frame(t) for t in range(fbank.num_frames_ready)])


def of_torchaudio(rate, samples):
    samples = torch.from_numpy(samples)
    transforms = torchaudio.transforms
    mel = transforms.MelSpectrogram(sample_rate=rate, n_fft=400, hop_length=160, n_mels=80)
    yield "torchaudio_mel80", mel(samples).T.numpy()
    yield "torchaudio_mfcc40", transforms.MFCC(sample_rate=rate)(samples).T.numpy()
    fbank = torchaudio.compliance.kaldi.fbank(
        samples[None] * 32768, sample_frequency=rate, num_mel_bins=80, dither=0.0
    )
    yield "torchaudio_kaldi_fbank80", fbank.numpy()


def of_whisper(num_mels, samples):
    extractor = transformers.WhisperFeatureExtractor(feature_size=num_mels)
    features = extractor(samples, sampling_rate=16_000, padding="do_not_pad", return_tensors="np")
    return features["input_features"][0].T.astype(np.float32)


# At which how milliseconds become samples, and samples a transform, shows.
RATES = (11_025, 22_050, 24_000, 32_000, 44_100, 48_000)


def noise(num_samples):
    """16-bit integers: the upper half of a linear congruential generator, an eighth of full scale."""
    state, samples = 1, []
    for _ in range(num_samples):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        samples.append(((state >> 16) - 32_768) // 8)
    return np.array(samples, dtype=np.int16)


def at_rates():
    """What programs make of half a second of noise, and some samples more, at each rate."""
    presets = {}
    for rate in RATES:
        integers = noise(rate // 2 + 37)
        for preset, by, rows, spans in of_noise(rate, integers):
            middle = len(rows) // 2
            told = {
                "num_samples": len(integers),
                **spans,
                "frames": len(rows),
                "columns": rows.shape[1],
                "row": middle,
                "values": [float(f"{x:.6g}") for x in rows[middle]],
            }
            presets.setdefault(preset, {"by": by, "rates": {}})["rates"][str(rate)] = told
    return presets


def of_noise(rate, integers):
    """A preset, its program, the rows and what it tells of frames."""
    samples = integers.astype(np.float32) / np.float32(32768)
    knf = f"kaldi-native-fbank {version('kaldi_native_fbank')}"
    yield "lhotse-fbank", knf, lhotse_fbank(rate, samples), {}
    integral = integers.astype(np.float32)
    for preset, options, online in (
        ("kaldi-fbank", kaldi_native_fbank.FbankOptions(), kaldi_native_fbank.OnlineFbank),
        ("kaldi-mfcc", kaldi_native_fbank.MfccOptions(), kaldi_native_fbank.OnlineMfcc),
        ("kaldi-mfcc-hires", hires(), kaldi_native_fbank.OnlineMfcc),
    ):
        options.frame_opts.samp_freq = rate
        options.frame_opts.dither = 0
        computer = online(options)
        computer.accept_waveform(rate, integral.tolist())
        computer.input_finished()
        rows = [computer.get_frame(t) for t in range(computer.num_frames_ready)]
        yield preset, knf, np.stack(rows), {}
    psf = f"python_speech_features {version('python_speech_features')}"
    half_up = python_speech_features.sigproc.round_half_up
    spans = {"length": int(half_up(0.025 * rate)), "shift": int(half_up(0.01 * rate))}
    yield "psf-mfcc", psf, python_speech_features.mfcc(integers, rate), spans
    yield "psf-logfbank", psf, python_speech_features.logfbank(integers, rate), spans
    by = f"librosa {librosa.__version__}"
    spans = {"length": 2048, "shift": 512}
    mel = librosa.feature.melspectrogram(y=samples, sr=rate)
    yield "librosa-mel", by, mel.T, spans
    yield "librosa-mfcc", by, librosa.feature.mfcc(y=samples, sr=rate).T, spans


def hires():
    options = kaldi_native_fbank.MfccOptions()
    options.use_energy = False
    options.num_ceps = 40
    options.mel_opts.num_bins = 40
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = -400
    return options


def compare_rates(path, made):
    """Prints a line for each preset and rate; returns the number of faults."""
    golden = json.loads(path.read_text()) if path.is_file() else {}
    faults = 0
    for preset in sorted(golden | made):
        there, here = (of.get(preset, {}).get("rates", {}) for of in (golden, made))
        for rate in sorted(there | here, key=int):
            line = "is the same"
            if rate not in there or rate not in here:
                line = "is missing"
            else:
                values = [np.array(of[rate]["values"]) for of in (here, there)]
                plain = [{**of[rate], "values": None} for of in (here, there)]
                if plain[0] != plain[1]:
                    line = f"is {plain[0]} here and {plain[1]} there"
                elif not np.allclose(*values, rtol=2e-5, atol=2e-5 * np.ptp(values[1])):
                    line = "has other values"
            fault = line != "is the same"
            faults += fault
            print(f"rates/{preset} at {rate} Hz: {line}{'  FAULT' if fault else ''}")
    return faults


def verdict(path, array):
    """A line about an array, and whether it is a fault."""
    if not path.is_file():
        return "is missing", True
    golden = np.load(path)
    if array.shape != golden.shape:
        return f"has shape {array.shape} here and {golden.shape} there", True
    differences = np.abs(array.astype(np.float64) - golden) / np.ptp(golden)
    worst, average = differences.max(), differences.mean()
    bound = ROUNDING_OF_LOGARITHMS.get(path.stem, ROUNDING)
    if path.stem in ROUNDING_OF_LOGARITHMS:
        line = f"{worst:.1e} of its range, {average:.1e} on average"
        same = worst <= bound and average <= AVERAGE_OF_LOGARITHMS
    else:
        line, same = f"{worst:.1e} of its range", worst <= bound
    # What is not a number is never the same.
    return f"{line} (bound {bound:.0e})", not same


def compare(golden, name, made):
    """Prints a line for each array of a recording; returns the number of faults."""
    faults = 0
    for array_name, array in made.items():
        line, fault = verdict(golden / f"{array_name}.npy", array)
        faults += fault
        print(f"{name}/{array_name}: {line}{'  FAULT' if fault else ''}")
    for path in sorted(golden.glob("*.npy")):
        known = path.stem in made or path.stem in OF_KALDI or path.stem.startswith(OF_TOOLKITS)
        if path.stem in OF_TORCHAUDIO and torch is None:
            print(f"{name}/{path.stem}: not computed: --with-torch")
        elif not known:
            faults += 1
            print(f"{name}/{path.stem}: nothing here computes it  FAULT")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("golden", type=Path, help="folder of speech16k/input.wav, ...")
    parser.add_argument("--out", type=Path, help="folder for the arrays; else none is written")
    parser.add_argument("--against", type=Path, help="compare with these arrays instead")
    arguments = parser.parse_args()

    faults = 0
    for name in RECORDINGS:
        made = dict(arrays(*read(arguments.golden / name / "input.wav")))
        if arguments.out:
            folder = arguments.out / name
            folder.mkdir(parents=True, exist_ok=True)
            for array_name, array in made.items():
                np.save(folder / f"{array_name}.npy", np.ascontiguousarray(array))
        faults += compare((arguments.against or arguments.golden) / name, name, made)
    made = at_rates()
    if arguments.out:
        text = json.dumps(made, indent=1)
        # A row of values is a line.
        text = re.sub(r"\[[^\]]*\]", lambda row: " ".join(row.group().split()), text)
        (arguments.out / "rates.json").write_text(text + "\n")
    faults += compare_rates((arguments.against or arguments.golden) / "rates.json", made)
    print(f"made by Kaldi itself, and not computed: {', '.join(OF_KALDI)}")
    print(f"made by toolkits, and not computed: {', '.join(f'{name}*' for name in OF_TOOLKITS)}")
    if faults:
        sys.exit(f"golden.py: {faults} faults")


if __name__ == "__main__":
    main()
