"""Makes the recordings that ``cargo xtask bench audio`` decodes, of speech that is there.

    audio_files.py SPEECH minute FOLDER      a minute at 16 kHz in each format
    audio_files.py SPEECH corpus FOLDER N    N recordings of 12 s at 16 kHz as FLAC, in LibriSpeech's layout

SPEECH is a folder of recordings that libsndfile reads. They are joined in the order of their paths, resampled
by soxr and, where they are too few, repeated.
"""

import sys
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr

SAMPLE_RATE_HZ = 16_000
MINUTE = 60 * SAMPLE_RATE_HZ
UTTERANCE = 12 * SAMPLE_RATE_HZ
EXTENSIONS = {".wav", ".flac", ".sph"}


def speech(folder, num_samples):
    """So many samples of mono speech, 16-bit integers."""
    parts, total = [], 0
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in EXTENSIONS)
    if not paths:
        sys.exit(f"{folder}: there is no recording in it")
    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples = samples.mean(axis=1)
        if rate != SAMPLE_RATE_HZ:
            samples = soxr.resample(samples, rate, SAMPLE_RATE_HZ, quality="VHQ")
        parts.append(samples)
        total += len(samples)
        if total >= num_samples:
            break
    samples = np.resize(np.concatenate(parts), num_samples)
    return np.round(samples.clip(-1, 1 - 2**-15) * 32768).astype(np.int16)


def write_by_ffmpeg(path, codec, samples):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=SAMPLE_RATE_HZ, layout="mono")
        for start in range(0, len(samples), 4096):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 4096], "s16", "mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def make_minute(samples, folder):
    for name, form, subtype in (
        ("pcm.wav", "WAV", "PCM_16"),
        ("pcm.sph", "NIST", "PCM_16"),
        ("speech.flac", "FLAC", "PCM_16"),
        ("speech.mp3", "MP3", "MPEG_LAYER_III"),
        ("vorbis.ogg", "OGG", "VORBIS"),
        ("opus.ogg", "OGG", "OPUS"),
    ):
        soundfile.write(folder / name, samples, SAMPLE_RATE_HZ, format=form, subtype=subtype)
    write_by_ffmpeg(folder / "aac.m4a", "aac", samples)
    write_by_ffmpeg(folder / "alac.m4a", "alac", samples)


def make_corpus(samples, folder):
    for number, start in enumerate(range(0, len(samples), UTTERANCE)):
        speaker, chapter = 100 + number // 40, 1000 + number // 20
        path = folder / f"{speaker}/{chapter}/{speaker}-{chapter}-{number % 20:04}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples[start : start + UTTERANCE], SAMPLE_RATE_HZ)


def main():
    match sys.argv[1:]:
        case [source, "minute", folder]:
            folder = Path(folder)
            folder.mkdir(parents=True)
            make_minute(speech(source, MINUTE), folder)
        case [source, "corpus", folder, count]:
            make_corpus(speech(source, int(count) * UTTERANCE), Path(folder))
        case _:
            sys.exit("usage: audio_files.py SPEECH minute FOLDER | SPEECH corpus FOLDER N")


if __name__ == "__main__":
    main()
