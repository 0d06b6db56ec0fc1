"""The settings of features as types, for editors and type checkers. Nothing imports it when a program runs.

Made of the recipe's reference by `python/tests/test_keys.py`; see there.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from numpy.typing import DTypeLike, NDArray


class Options(TypedDict, total=False):
    """What a call may say besides its samples."""

    out: NDArray[Any] | None
    """An array that takes the result."""

    layout: Literal['frames', 'columns']
    """A row a frame, or a row a column."""

    dtype: DTypeLike | None
    """The type of the result's numbers; by default float32."""

    pad_to: int | None
    """Samples are padded with zeros, or cut, to so many frames."""

    jobs: int | None
    """Threads for several recordings; by default one a core."""

    id: str
    """The name that a recipe's noise depends on, as that of a dataset's utterance."""

    nan: Literal['raise', 'keep']
    """What NaN and infinity among the samples do; kept, the rows of frames that hold them are NaN."""


class FramesTable(TypedDict, total=False):
    """The keys of `[frames]`."""

    length: str | None
    """The length of a frame."""

    shift: str | None
    """The distance from one frame's first sample to the next frame's first."""

    made_for_hz: int | None
    """The sample rate that lengths in samples were made for, in Hz; other rates are told, and computed all the same."""

    edges: Literal['snip', 'symmetric', 'center', 'pad-end', 'same', 'left'] | None
    """The treatment of the ends. `"snip"`: only whole frames; `"symmetric"`: the recording is mirrored, as Kaldi's `--snip-edges=false` does; `"center"`: frames are centred on every shift, as librosa, torchaudio and Whisper have them; `"pad-end"`: the last frame is completed with zeros, and times are the nearest whole number of samples, as python_speech_features has them; otherwise a part of a sample is dropped. `"same"`: half of what a frame is longer than the shift is padded at either end, as HiFi-GAN and BigVGAN do; `"left"`: only the beginning is padded, as causal models do."""

    pad: Literal['zero', 'reflect', 'edge'] | None
    """With `edges = "center"`, `"same"` or `"left"`: the samples past an end: zeros, the recording mirrored, or its outermost sample."""

    pad_left: str | None
    """With `edges = "left"`: the length of what is padded."""

    drop_last: bool | None
    """With `edges = "center"`: leaves the last frame out, as Whisper does."""

    chunk: str | None
    """With `edges = "center"` and `drop_last`: cuts the recording into chunks of this length, the last completed with zeros, each of which is padded for itself and has its own maximum: Whisper's windows of `"30s"`."""

    rounding: Literal['down', 'nearest'] | None
    """The treatment of lengths that are no whole number of samples."""


class AudioTable(TypedDict, total=False):
    """The keys of `[audio]`."""

    sample_rate_hz: int | None
    """The sample rate every recording must have, or is resampled to, in Hz."""

    scale: Literal['unit', 'int16', 'midpoint'] | None
    """The value of full scale: ±1.0, ±32768, or (int16 + ½) / 32767.5."""


class DeltasTable(TypedDict, total=False):
    """The keys of `[deltas]`."""

    order: int | None
    """The highest order: 1 for deltas, 2 for delta-deltas too, 0 for none."""

    window: int | None
    """The number of frames to each side."""

    convention: Literal['htk', 'kaldi', 'savitzky-golay'] | None
    """The convention. `"htk"`: the delta of the delta, edges repeated for every order anew, as torchaudio has it too; `"kaldi"`: kernels convolved first; `"savitzky-golay"`: a polynomial's, as `librosa.feature.delta`, whose width of 9 is `window = 4`."""


class SpliceTable(TypedDict, total=False):
    """The keys of `[splice]`."""

    left: int | None
    """The number of frames before each."""

    right: int | None
    """The number of frames after each."""

    every: int | None
    """Makes a row of every so many frames alone, from the first on: FunASR's `lfr_n` of 6 (with `left = 3` and `right = 3`), SeamlessM4T's stride of 2 (with 0 and 1). Labels are those of these frames."""

    last: Literal['repeat', 'drop'] | None
    """The treatment of rows that reach past the last frame: it is repeated, as FunASR does, or they are left out, as SeamlessM4T does."""

    at: Literal['before', 'after'] | None
    """Splices before normalisation or after it; before, columns are those of spliced rows."""


class NormalizeTable(TypedDict, total=False):
    """The keys of `[normalize]`."""

    stats_from: str | None
    """With `scope = "corpus"`: a split, `"all"`, or the folder of a dataset whose statistics are taken."""

    scope: Literal['corpus', 'speaker', 'utterance', 'sliding', 'constants'] | None
    """The frames that statistics are over: the whole split; everything that a speaker says in a split, where utterances without a speaker are one speaker's; each utterance; or a window that moves along an utterance, before deltas, as Kaldi's `apply-cmvn-sliding`. With `"constants"` there are none: `means` and `stds` stand in the recipe."""

    cmn_window: int | None
    """With `scope = "sliding"`: the number of frames in the window."""

    min_cmn_window: int | None
    """With `scope = "sliding"` and `center = false`: the number of frames in the first windows."""

    center: bool | None
    """With `scope = "sliding"`: lays the window around the frame, and not before it."""

    mean: bool | None
    """Subtracts the mean."""

    variance: bool | None
    """Divides columns by their standard deviation."""

    zero_std: float | None
    """The value that stands for a standard deviation of exactly 0."""

    ddof: int | None
    """The number that the count of frames is lessened by where squared deviations are divided by it: 0 for the variance of these frames, 1 for an estimate of that of all (NeMo, SeamlessM4T)."""

    eps: float | None
    """The number that is added to standard deviations, or to variances."""

    eps_of: Literal['std', 'variance'] | None
    """The numbers that `eps` is added to: standard deviations (NeMo), or variances before their root is taken (SeamlessM4T, wav2vec 2.0)."""

    std_floor: float | None
    """The least standard deviation: smaller ones are raised to it (ESPnet)."""

    columns: Literal['each', 'together'] | None
    """The numbers that statistics are over: each column for itself, or all columns of an array together, which then have one mean and one standard deviation (Matcha-TTS)."""

    means: list[float] | float | None
    """With `scope = "constants"`: the number that is subtracted from every column, or a list of one for each."""

    stds: list[float] | float | None
    """With `scope = "constants"`: the number that every column is divided by, or a list of one for each."""


class Tables(TypedDict, total=False):
    """Tables of a recipe."""

    frames: FramesTable | None
    """`[frames]`; None leaves it out."""

    audio: AudioTable | None
    """`[audio]`; None leaves it out."""

    deltas: DeltasTable | None
    """`[deltas]`; None leaves it out."""

    splice: SpliceTable | None
    """`[splice]`; None leaves it out."""

    normalize: NormalizeTable | None
    """`[normalize]`; None leaves it out."""


class _OfMfccMelPlpSpectrogramSpikegramWaveform(TypedDict, total=False):
    """Keys of mfcc, mel, plp, spectrogram, spikegram, waveform."""

    name: str | None
    """The array's name. Features of the same name stand side by side in one array."""

    scale: Literal['unit', 'int16', 'midpoint'] | None
    """The range of the samples, where it is another than `audio.scale`."""

    length: str | None
    """The length of a frame."""

    shift: str | None
    """The distance from one frame's first sample to the next frame's first."""

    made_for_hz: int | None
    """The sample rate that lengths in samples were made for, in Hz; other rates are told, and computed all the same."""

    edges: Literal['snip', 'symmetric', 'center', 'pad-end', 'same', 'left'] | None
    """The treatment of the ends. `"snip"`: only whole frames; `"symmetric"`: the recording is mirrored, as Kaldi's `--snip-edges=false` does; `"center"`: frames are centred on every shift, as librosa, torchaudio and Whisper have them; `"pad-end"`: the last frame is completed with zeros, and times are the nearest whole number of samples, as python_speech_features has them; otherwise a part of a sample is dropped. `"same"`: half of what a frame is longer than the shift is padded at either end, as HiFi-GAN and BigVGAN do; `"left"`: only the beginning is padded, as causal models do."""

    pad: Literal['zero', 'reflect', 'edge'] | None
    """With `edges = "center"`, `"same"` or `"left"`: the samples past an end: zeros, the recording mirrored, or its outermost sample."""

    pad_left: str | None
    """With `edges = "left"`: the length of what is padded."""

    drop_last: bool | None
    """With `edges = "center"`: leaves the last frame out, as Whisper does."""

    chunk: str | None
    """With `edges = "center"` and `drop_last`: cuts the recording into chunks of this length, the last completed with zeros, each of which is padded for itself and has its own maximum: Whisper's windows of `"30s"`."""

    rounding: Literal['down', 'nearest'] | None
    """The treatment of lengths that are no whole number of samples."""


class _OfMfccMelPlpSpectrogram(TypedDict, total=False):
    """Keys of mfcc, mel, plp, spectrogram."""

    dither: float | None
    """The standard deviation of the Gaussian noise added to each frame, in the units of `scale`."""

    dither_seed: int | None
    """The seed of the noise: another one gives other noise."""

    remove_dc_offset: bool | None
    """Subtracts each frame's mean from it."""

    preemphasis: float | None
    """The coefficient of the high-pass filter; 0 is none."""

    preemphasis_of: Literal['frame', 'signal'] | None
    """The signal that is filtered: each frame for itself, or the whole recording."""

    window: Literal['povey', 'hamming', 'hamming-periodic', 'hann', 'hann-periodic', 'blackman', 'blackman-periodic', 'sine', 'rectangular'] | None
    """The weight of each sample within a frame."""

    blackman_coeff: float | None
    """The constant term of `window = "blackman"`."""

    window_length: int | None
    """The number of samples in the middle of a frame that the window covers."""

    n_fft: int | Literal['power-of-two', 'frame'] | None
    """The size of the Fourier transform in samples; `"power-of-two"` is the least that holds a frame."""

    spectrum: Literal['power', 'magnitude', 'power/n_fft'] | None
    """The measure of each bin: its power, its magnitude, or its power divided by `n_fft`."""

    magnitude_epsilon: float | None
    """With `spectrum = "magnitude"`: the number added to the power before its root is taken; HiFi-GAN has 1e-9."""

    floor: float | None
    """The value that keeps the logarithm from being taken of 0; see `floor_mode`."""

    use_energy: bool | None
    """Makes the frame's log energy a column."""

    energy_of: Literal['raw', 'windowed', 'spectrum'] | None
    """The values that are squared and summed: samples before filter and window, samples after them, or the spectrum."""

    energy_floor: float | None
    """The least energy; smaller ones are raised to it."""

    energy_place: Literal['first', 'last'] | None
    """The column that it becomes."""

    energy_scale: float | None
    """HTK's ESCALE, with `ENORMALISE = T`."""

    silence_floor_db: float | None
    """With `energy_scale`: HTK's SILFLOOR."""


class _OfMfccMelPlp(TypedDict, total=False):
    """Keys of mfcc, mel, plp."""

    num_mel_bins: int | None
    """The number of mel filters."""

    mel_scale: Literal['slaney', 'htk'] | None
    """The scale on which the filters are evenly spaced; Kaldi's is HTK's."""

    mel_triangles: Literal['hz', 'mel', 'htk', 'symmetric', 'bins'] | None
    """The unit over which their sides are straight: Hz, as librosa has them; mels, as Kaldi; mels, in HTK's bins; bins, as python_speech_features; or Hz, each as wide above its peak as below, as SpeechBrain (`"symmetric"`)."""

    mel_norm: Literal['peak', 'area'] | None
    """The measure of a filter's weights that is 1: the largest, or the area under them."""

    vtln_factor: float | None
    """Vocal tract length normalisation: above 1, filters move down."""

    vtln_low_hz: float | None
    """The frequency at which the lower part of the warp ends, in Hz."""

    vtln_high_hz: float | None
    """The frequency at which the upper part begins, in Hz; 0 or less is counted from half the sample rate."""

    vtln_shape: Literal['kaldi', 'htk'] | None
    """The place where the parts meet: as Kaldi has it, or as HTK."""


class _OfMfccMelPlpSpikegram(TypedDict, total=False):
    """Keys of mfcc, mel, plp, spikegram."""

    low_freq_hz: float | None
    """The frequency at which the first filter starts to rise, in Hz."""

    high_freq_hz: float | None
    """The frequency at which the last filter ends, in Hz; 0 or less is counted from half the sample rate."""


class _OfMfccMelSpectrogram(TypedDict, total=False):
    """Keys of mfcc, mel, spectrogram."""

    log: Literal['none', 'ln', 'log10', 'db', 'pcen'] | None
    """The compression of the range; `"db"` is ten times the decimal logarithm of powers, `"pcen"` per-channel energy normalisation."""

    floor_mode: Literal['raise', 'add', 'zero'] | None
    """The use of the floor: smaller values are raised to it, it is added to every value, or it replaces zeros."""

    top_db: float | None
    """The most dB that a value may lie below the recording's largest."""

    relative_to_maximum: bool | None
    """Shifts the recording's values so that the largest becomes 0."""

    log_maximum: float | None
    """The value that stands for the recording's largest, in units of the logarithm: with it no row depends on the others."""

    log_offset: float | None
    """The number added to the logarithm."""

    log_factor: float | None
    """The factor of that sum."""

    pcen_input_scale: float | None
    """With `log = "pcen"`: the factor of the columns before all else."""

    pcen_time_constant_s: float | None
    """With `log = "pcen"`: the time in which the level follows the columns, in seconds."""

    pcen_gain: float | None
    """With `log = "pcen"`: the exponent of the level that columns are divided by."""

    pcen_bias: float | None
    """With `log = "pcen"`: the number added before the root."""

    pcen_power: float | None
    """With `log = "pcen"`: the exponent of the root."""

    pcen_eps: float | None
    """With `log = "pcen"`: the least level."""


class _OfMfccPlp(TypedDict, total=False):
    """Keys of mfcc, plp."""

    num_ceps: int | None
    """The number of cepstra, C0 counted even where the energy replaces it."""

    cepstral_lifter: float | None
    """The strength of the lifter, which raises high orders; 0 is none."""

    lifter_from: Literal['zero', 'one'] | None
    """The order that the lifter begins at: it leaves C0 (`"zero"`: Kaldi, HTK) or raises it too (`"one"`: librosa)."""

    c0: Literal['first', 'last', 'dropped'] | None
    """The place of C0; HTK has it last, times √2."""


class _OfPlp(TypedDict, total=False):
    """Keys of plp."""

    lpc_order: int | None
    """The order of linear prediction."""

    compress_factor: float | None
    """The exponent of the intensity-loudness law."""

    cepstral_scale: float | None
    """The factor of the cepstra."""


class _OfSpectrogram(TypedDict, total=False):
    """Keys of spectrogram."""

    num_columns: int | None
    """The number of sums of neighbouring bins."""

    bins_per_column: int | None
    """The number of bins that are summed for each column."""

    skip_dc: bool | None
    """Leaves DC out where every bin is a column."""


class _OfSpikegram(TypedDict, total=False):
    """Keys of spikegram."""

    spikes_from: Literal['audio', 'files'] | None
    """The source of spikes: recordings, in which they are looked for, or files `X_spike.raw` and `X_num.raw`, in which another program left them."""

    keep_spikes: bool | None
    """Makes the spikes an array of the dataset, `spikes`."""

    num_channels: int | None
    """The number of gammatones in the dictionary, from `low_freq_hz` up."""

    num_slots: int | None
    """The number of stretches of equal length into which a frame is cut, whose sums are columns too."""

    gammatone_order: int | None
    """The order of the gammatones."""

    gammatone_bandwidth: float | None
    """Their bandwidth, in equivalent rectangular bandwidths."""

    gammatone_phase: float | None
    """Their phase, in radians."""

    gammatone_length_s: float | None
    """The most seconds that they last."""

    snr_db: float | None
    """The signal-to-noise ratio at which the search ends, in dB. It ends in any case when there are as many spikes as samples, which is told."""

    max_spikes_per_s: float | None
    """The most spikes per second."""

    min_amplitude: float | None
    """The smallest amplitude of a spike, in the units of `scale`."""

    block: int | None
    """The number of samples that are coded at a time: at least 256 where spikes are looked for."""

    refine: Literal['none', 'orthogonal'] | None
    """The treatment of the amplitudes that the search gives: they stay, or all amplitudes of a block are solved together time and again (`orthogonal`), so that a tenth to a fifth fewer spikes are enough, in some five times the time."""


class MfccSettings(Options, Tables, _OfMfccMelPlpSpectrogramSpikegramWaveform, _OfMfccMelPlpSpectrogram, _OfMfccMelPlp, _OfMfccMelPlpSpikegram, _OfMfccMelSpectrogram, _OfMfccPlp, total=False):
    """What may be said of mfcc."""


class MelSettings(Options, Tables, _OfMfccMelPlpSpectrogramSpikegramWaveform, _OfMfccMelPlpSpectrogram, _OfMfccMelPlp, _OfMfccMelPlpSpikegram, _OfMfccMelSpectrogram, total=False):
    """What may be said of mel."""


class PlpSettings(Options, Tables, _OfMfccMelPlpSpectrogramSpikegramWaveform, _OfMfccMelPlpSpectrogram, _OfMfccMelPlp, _OfMfccMelPlpSpikegram, _OfMfccPlp, _OfPlp, total=False):
    """What may be said of plp."""


class SpectrogramSettings(Options, Tables, _OfMfccMelPlpSpectrogramSpikegramWaveform, _OfMfccMelPlpSpectrogram, _OfMfccMelSpectrogram, _OfSpectrogram, total=False):
    """What may be said of spectrogram."""


class SpikegramSettings(Options, Tables, _OfMfccMelPlpSpectrogramSpikegramWaveform, _OfMfccMelPlpSpikegram, _OfSpikegram, total=False):
    """What may be said of spikegram."""


class WaveformSettings(Options, Tables, _OfMfccMelPlpSpectrogramSpikegramWaveform, total=False):
    """What may be said of waveform."""


class Settings(Tables, _OfMfccMelPlpSpectrogramSpikegramWaveform, _OfMfccMelPlpSpectrogram, _OfMfccMelPlp, _OfMfccMelPlpSpikegram, _OfMfccMelSpectrogram, _OfMfccPlp, _OfPlp, _OfSpectrogram, _OfSpikegram, total=False):
    """What may be said of any kind of feature."""
