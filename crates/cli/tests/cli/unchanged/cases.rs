//! What is extracted: every preset, and every other choice that changes bytes, once.

use std::path::{Path, PathBuf};

use crate::program::ossicle;

/// An extraction, in the folder of the corpora.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    corpus: &'static str,
    preset: Option<&'static str>,
    /// A whole recipe, where no preset is near.
    toml: &'static str,
    set: &'static str,
    flags: &'static str,
}

/// A case of a preset; the words of `set` are keys of the recipe.
const fn preset(
    name: &'static str,
    corpus: &'static str,
    preset: &'static str,
    set: &'static str,
) -> Case {
    Case { name, corpus, preset: Some(preset), toml: "", set, flags: "" }
}

/// A case of a recipe.
const fn recipe(name: &'static str, corpus: &'static str, toml: &'static str) -> Case {
    Case { name, corpus, preset: None, toml, set: "", flags: "" }
}

impl Case {
    const fn set(self, set: &'static str) -> Case {
        Case { set, ..self }
    }

    const fn flags(self, flags: &'static str) -> Case {
        Case { flags, ..self }
    }

    /// Extracts it and returns the dataset's folder. Bad recordings may be among the good ones.
    #[track_caller]
    pub(super) fn extract(&self, root: &Path) -> PathBuf {
        let out = root.join("out").join(self.name);
        let run = ossicle("extract").args(self.corpus.split(' ')).arg("--out").arg(&out);
        let run = match self.preset {
            Some(preset) => run.args(["--preset", preset]),
            None => {
                let path = root.join(format!("{}.toml", self.name));
                crate::corpora::write(&path, self.toml);
                run.arg("--recipe").arg(path)
            }
        };
        let run = run.set(&self.set.split_whitespace().collect::<Vec<_>>());
        let run = run.args(self.flags.split_whitespace()).args(["--jobs", "2"]);
        let ran = run.in_folder(root).run();
        assert!([0, 1].contains(&ran.code()), "{}: {}{}", self.name, ran.stdout, ran.stderr);
        out
    }
}

/// All cases, in an order in which those that read another's dataset come after it.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    let groups: [&'static [Case]; 9] =
        [&PRESETS, &FEATURES, &FRONT_ENDS, &ARRAYS, &NORMALISED, &LABELS, &INPUTS, &SPIKES, &LONG];
    groups.into_iter().flatten()
}

/// Every preset, of a TIMIT tree with bad recordings.
const PRESETS: [Case; 64] = [
    preset("ast128", "timit", "ast128", ""),
    preset("ast128-nonorm", "timit", "ast128-nonorm", ""),
    preset("bigvgan-mel100", "timit", "bigvgan-mel100", ""),
    preset("clap-48k", "timit", "clap-48k", "audio.resample=hq"),
    preset("clap-48k-slaney", "timit", "clap-48k-slaney", "audio.resample=hq"),
    preset("clap-mel64", "timit", "clap-mel64", ""),
    preset("clap-mel64-slaney", "timit", "clap-mel64-slaney", ""),
    preset("cosyvoice-mel80", "timit", "cosyvoice-mel80", "audio.resample=hq"),
    preset("espnet-logmel80", "timit", "espnet-logmel80", ""),
    preset("espnet-logmel80-hop160", "timit", "espnet-logmel80-hop160", ""),
    preset("espnet-logmel80-hop160-mvn", "timit", "espnet-logmel80-hop160-mvn", ""),
    preset("espnet-logmel80-mvn", "timit", "espnet-logmel80-mvn", ""),
    preset("espnet-logmel80-mvn-vars", "timit", "espnet-logmel80-mvn-vars", ""),
    preset("funasr-fbank80", "timit", "funasr-fbank80", ""),
    preset("funasr-lfr", "timit", "funasr-lfr", ""),
    preset("gemma3n-mel128", "timit", "gemma3n-mel128", ""),
    preset("gemma4-mel128", "timit", "gemma4-mel128", ""),
    preset("hifigan-mel80", "timit", "hifigan-mel80", ""),
    preset("htk-mfcc", "timit", "htk-mfcc", ""),
    preset("kaldi-fbank", "timit", "kaldi-fbank", ""),
    preset("kaldi-fbank40-nosnip-high-200", "timit", "kaldi-fbank40-nosnip-high-200", ""),
    preset("kaldi-fbank80", "timit", "kaldi-fbank80", ""),
    preset("kaldi-mfcc", "timit", "kaldi-mfcc", ""),
    preset("kaldi-mfcc-hires", "timit", "kaldi-mfcc-hires", ""),
    preset("kaldi-mfcc13-delta2", "timit", "kaldi-mfcc13-delta2", ""),
    preset("kaldi-plp", "timit", "kaldi-plp", ""),
    preset("kaldi-spectrogram", "timit", "kaldi-spectrogram", ""),
    preset("lhotse-fbank", "timit", "lhotse-fbank", ""),
    preset("librosa-mel", "timit", "librosa-mel", ""),
    preset("librosa-mel80", "timit", "librosa-mel80", ""),
    preset("librosa-mel80-db", "timit", "librosa-mel80-db", ""),
    preset("librosa-mfcc", "timit", "librosa-mfcc", ""),
    preset("librosa-pcen80", "timit", "librosa-pcen80", ""),
    preset("nemo-mel128-norm", "timit", "nemo-mel128-norm", ""),
    preset("nemo-mel64-norm", "timit", "nemo-mel64-norm", ""),
    preset("nemo-mel80", "timit", "nemo-mel80", ""),
    preset("nemo-mel80-norm", "timit", "nemo-mel80-norm", ""),
    preset("phi4-mel80", "timit", "phi4-mel80", ""),
    preset("post-mel40", "timit", "post-mel40", ""),
    preset("post-mfcc40", "timit", "post-mfcc40", ""),
    preset("post-mfcc40-delta2", "timit", "post-mfcc40-delta2", ""),
    preset("post-spectrogram40", "timit", "post-spectrogram40", ""),
    preset("psf-logfbank", "timit", "psf-logfbank", ""),
    preset("psf-mfcc", "timit", "psf-mfcc", ""),
    preset("seamless80-nonorm", "timit", "seamless80-nonorm", ""),
    preset("seamless80-stride1", "timit", "seamless80-stride1", ""),
    preset("seamless80-stride2", "timit", "seamless80-stride2", ""),
    preset("speech2text80", "timit", "speech2text80", ""),
    preset("speechbrain-fbank40", "timit", "speechbrain-fbank40", ""),
    preset("speechbrain-fbank40-deltas", "timit", "speechbrain-fbank40-deltas", ""),
    preset("speechbrain-fbank80", "timit", "speechbrain-fbank80", ""),
    preset("speechbrain-mfcc20", "timit", "speechbrain-mfcc20", ""),
    preset("speecht5-mel80", "timit", "speecht5-mel80", ""),
    preset("timit-mel", "timit", "timit-mel", ""),
    preset("timit-mfcc", "timit", "timit-mfcc", ""),
    preset("timit-spectrogram", "timit", "timit-spectrogram", ""),
    preset("timit-spikegram", "timit", "timit-spikegram", ""),
    preset("torchaudio-mel", "timit", "torchaudio-mel", ""),
    preset("torchaudio-mfcc", "timit", "torchaudio-mfcc", ""),
    preset("vocos-mel100", "timit", "vocos-mel100", ""),
    preset("voxtral-realtime128", "timit", "voxtral-realtime128", ""),
    preset("wav2vec2-wave", "timit", "wav2vec2-wave", ""),
    preset("whisper-128", "timit", "whisper-128", ""),
    preset("whisper-80", "timit", "whisper-80", ""),
];

/// What presets of further front ends leave out.
const FRONT_ENDS: [Case; 5] = [
    preset(
        "low-frame-rate",
        "timit",
        "timit-mfcc",
        "splice.left=2 splice.right=2 splice.every=4 splice.last=drop",
    ),
    preset(
        "constants-before",
        "mixed",
        "funasr-lfr",
        "splice.at=before normalize.scope=constants normalize.means=4 normalize.stds=3",
    ),
    preset(
        "together",
        "timit",
        "timit-mel",
        "normalize.columns=together normalize.ddof=1 normalize.eps=1e-3",
    ),
    preset("chunks", "mixed", "whisper-80", "audio.resample=hq frames.chunk=700ms"),
    preset(
        "fixed-maximum-left",
        "mixed",
        "librosa-mfcc",
        "frames.edges=left frames.pad=reflect feature.log_maximum=10 frames.rounding=nearest",
    ),
];

/// What presets leave out of features and frames.
const FEATURES: [Case; 16] = [
    preset("dither", "mixed", "kaldi-mfcc", "feature.dither=1 feature.dither_seed=7"),
    preset("pcen", "mixed", "lhotse-fbank", "feature.log=pcen feature.floor="),
    preset("vtln", "mixed", "kaldi-fbank", "feature.vtln_factor=1.1"),
    preset(
        "energy-normalised",
        "mixed",
        "kaldi-mfcc",
        "feature.energy_scale=0.1 feature.energy_place=last",
    ),
    preset(
        "relative-to-maximum",
        "mixed",
        "librosa-mfcc",
        "feature.relative_to_maximum=true feature.top_db=60",
    ),
    preset(
        "signal-preemphasis",
        "mixed",
        "kaldi-plp",
        "feature.preemphasis_of=signal feature.energy_of=windowed",
    ),
    preset(
        "bins",
        "mixed",
        "timit-spectrogram",
        "feature.num_columns= feature.bins_per_column= feature.skip_dc=true",
    ),
    preset("edges-symmetric", "mixed", "kaldi-fbank", "frames.edges=symmetric"),
    preset(
        "edges-center-edge",
        "mixed",
        "kaldi-fbank",
        "frames.edges=center frames.pad=edge frames.drop_last=true",
    ),
    preset("edges-pad-end", "mixed", "kaldi-fbank", "frames.edges=pad-end frames.shift=117samples"),
    preset("deltas-htk-3", "mixed", "kaldi-mfcc", "deltas.order=3 deltas.window=2"),
    preset(
        "deltas-kaldi",
        "mixed",
        "kaldi-mfcc",
        "deltas.order=2 deltas.window=3 deltas.convention=kaldi",
    ),
    preset(
        "deltas-savitzky-golay",
        "mixed",
        "kaldi-mfcc",
        "deltas.order=2 deltas.window=4 deltas.convention=savitzky-golay",
    ),
    preset("splice", "mixed", "kaldi-fbank", "splice.left=3 splice.right=1"),
    preset(
        "splice-deltas-normalised",
        "timit",
        "timit-mfcc",
        "splice.left=1 splice.right=2 deltas.convention=kaldi",
    ),
    preset("vad", "timit", "kaldi-mfcc", "vad.frames_context=2 vad.energy_threshold=5.5"),
];

/// Several arrays, interleaved columns, and shards.
const ARRAYS: [Case; 5] = [
    recipe("two-arrays", "timit", TWO_ARRAYS),
    recipe("processes", "timit", TWO_ARRAYS).flags("--isolation processes"),
    recipe("interleaved", "mixed", INTERLEAVED),
    preset("shards", "timit", "timit-mfcc", "output.shard_bytes=200000"),
    recipe("shards-two-arrays", "timit", TWO_ARRAYS).set("output.shard_bytes=65536"),
];

/// Every scope and source of statistics.
const NORMALISED: [Case; 12] = [
    preset(
        "not-normalised",
        "timit",
        "timit-mfcc",
        "normalize.mean=false normalize.variance=false",
    ),
    preset("mean-only", "timit", "timit-mfcc", "normalize.variance=false"),
    preset("variance-only", "timit", "timit-mfcc", "normalize.mean=false"),
    preset("stats-from-all", "timit", "timit-mfcc", "normalize.stats_from=all"),
    preset("stats-from-test", "timit", "timit-mfcc", "normalize.stats_from=test"),
    preset("stats-from-dataset", "test=mixed", "timit-mfcc", "normalize.stats_from=out/timit-mfcc"),
    preset("no-deviation", "train=still test=small", "timit-mel", "normalize.zero_std=0.25"),
    preset("scope-speaker", "timit", "timit-mfcc", "normalize.stats_from= normalize.scope=speaker")
        .flags("--splits speakers.txt"),
    preset(
        "scope-utterance",
        "mixed",
        "timit-mfcc",
        "normalize.stats_from= normalize.scope=utterance normalize.zero_std=0.5",
    ),
    preset("scope-sliding", "timit", "timit-mfcc", "normalize.stats_from= normalize.scope=sliding"),
    preset(
        "scope-sliding-center",
        "timit",
        "kaldi-mfcc",
        "normalize.scope=sliding normalize.center=true normalize.cmn_window=37 vad.energy_threshold=5 deltas.order=1 deltas.window=2",
    ),
    preset(
        "scope-sliding-mean",
        "mixed",
        "kaldi-fbank",
        "normalize.scope=sliding normalize.variance=false normalize.cmn_window=20 normalize.min_cmn_window=5",
    ),
];

/// Every map, and every way to lay labels on frames.
const LABELS: [Case; 7] = [
    preset("labels-61", "timit", "timit-mfcc", "labels.map=timit-61 labels.at=start"),
    preset("labels-48", "timit", "timit-mfcc", "labels.map=timit-48 labels.at=walk-2019"),
    preset("labels-39", "timit", "timit-mfcc", "labels.map=timit-39 labels.crop=false"),
    preset("labels-walk", "mixed", "timit-mfcc", "labels.at=walk-2019"),
    preset("labels-start", "mixed", "timit-mfcc", "labels.at=start"),
    preset("labels-file", "mixed", "timit-mfcc", "labels.map=map.txt"),
    recipe("labels-several", "mixed", SEVERAL_LABELS),
];

/// Every way to name recordings, and every choice of their samples.
const INPUTS: [Case; 12] = [
    preset("list", "mixed/list.txt", "timit-mfcc", ""),
    preset("pairs", "train=mixed dev=stereo test=mixed/list.txt", "timit-mel", "")
        .flags("--allow-overlap"),
    preset("one-file", "small/a.wav", "timit-spectrogram", ""),
    preset("splits", "mixed", "timit-mfcc", "").flags("--splits mixed-splits.txt"),
    preset("rates", "rates", "timit-mfcc", "audio.mixed_rates=true"),
    preset(
        "rates-milliseconds",
        "rates",
        "kaldi-mfcc",
        "audio.mixed_rates=true deltas.order=1 deltas.window=2",
    ),
    preset(
        "one-rate",
        "rates",
        "timit-mfcc",
        "audio.sample_rate_hz=16000 audio.max_duration_s=0.7",
    ),
    preset("max-duration", "rates", "timit-mel", "audio.mixed_rates=true audio.max_duration_s=0.7"),
    preset("channel-mix", "stereo", "timit-mfcc", "audio.channel=mix audio.scale=int16"),
    preset("channel-1", "stereo", "timit-mfcc", "audio.channel=1"),
    preset("raw", "raw", "timit-mfcc", "audio.raw_channels=2 audio.channel=mix")
        .flags("--raw-encoding s16le --sample-rate 16000"),
    preset("raw-big-endian", "raw", "timit-mel", "")
        .flags("--raw-encoding s16be --sample-rate 8000"),
];

/// Spikes that are kept, and that come from files.
const SPIKES: [Case; 5] = [
    preset("spikes-kept", "timit", "timit-spikegram", "feature.snr_db=5 feature.num_channels=16").flags("--keep-spikes"),
    preset("spikes-plain", "mixed", "timit-spikegram", "feature.snr_db= feature.max_spikes_per_s=100 feature.min_amplitude=0.01 feature.num_slots=5 deltas.order=0 normalize.mean=false normalize.variance=false").flags("--keep-spikes"),
    preset("spikes-shards", "mixed", "timit-spikegram", "feature.max_spikes_per_s=200 feature.block=4096 feature.gammatone_order=3 output.shard_bytes=65536").flags("--keep-spikes"),
    preset("spikes-refined", "mixed", "timit-spikegram", "feature.snr_db=8 feature.refine=orthogonal").flags("--keep-spikes"),
    preset("spikes-of-files", "spikes", "timit-spikegram", "feature.spikes_from=files").flags("--keep-spikes"),
];

/// A recording that is computed in pieces.
const LONG: [Case; 12] = [
    preset("long-plain", "long", "kaldi-fbank", ""),
    preset(
        "long-shards",
        "long",
        "kaldi-mfcc",
        "output.shard_bytes=65536 deltas.order=2 deltas.window=2",
    ),
    preset("long-maximum-whisper", "long", "whisper-80", ""),
    preset("long-maximum-labels", "long", "timit-mfcc", ""),
    preset(
        "long-sliding-vad",
        "long",
        "kaldi-mfcc",
        "normalize.scope=sliding vad.frames_context=3 deltas.order=2 deltas.window=2 deltas.convention=kaldi splice.left=1 splice.right=1",
    ),
    preset("long-utterance", "long", "kaldi-fbank", "normalize.scope=utterance feature.dither=1"),
    recipe("long-two-arrays", "long", TWO_ARRAYS),
    recipe("long-interleaved", "long", INTERLEAVED),
    preset("long-energy-normalised", "long", "kaldi-plp", "feature.energy_scale=0.1"),
    preset("long-bins", "long", "kaldi-spectrogram", ""),
    preset(
        "long-pcen",
        "long",
        "lhotse-fbank",
        "feature.log=pcen feature.floor= feature.preemphasis_of=signal",
    ),
    preset(
        "long-spikes",
        "long",
        "timit-spikegram",
        "feature.max_spikes_per_s=20 feature.num_channels=8 feature.block=262144",
    )
    .flags("--keep-spikes"),
];

const TWO_ARRAYS: &str = r#"
frames = { length = "25ms", shift = "10ms", edges = "snip" }
deltas = { order = 2, window = 2 }
vad = { name = "speech" }

[[feature]]
name = "ceps"
kind = "mfcc"
scale = "int16"
preemphasis = 0.97
window = "povey"
num_mel_bins = 23
num_ceps = 13
use_energy = true

[[feature]]
name = "mel"
kind = "mel"
window = "hann-periodic"
num_mel_bins = 21
log = "ln"

[[labels]]
map = "timit-48"
crop = true

[normalize]
"#;

/// Of three features of one name the second is another's; columns of one name get a number.
const INTERLEAVED: &str = r#"
audio = { channel = "mix" }
frames = { length = "25ms", shift = "10ms", edges = "snip" }
deltas = { order = 1, window = 3, convention = "kaldi" }
splice = { left = 1, right = 1 }

[[feature]]
name = "a"
kind = "mel"
window = "hamming"
num_mel_bins = 11
log = "db"
top_db = 50

[[feature]]
name = "b"
kind = "plp"
window = "hamming"
num_mel_bins = 19
num_ceps = 7

[[feature]]
name = "a"
kind = "mel"
window = "hann"
num_mel_bins = 5
log = "log10"

[[labels]]
map = "map.txt"

[normalize]
"#;

const SEVERAL_LABELS: &str = r#"
frames = { length = "25ms", shift = "10ms", edges = "center" }

[[feature]]
name = "mel"
kind = "mel"
num_mel_bins = 10
log = "ln"

[[labels]]
name = "fine"
map = "timit-61"
at = "start"

[[labels]]
name = "coarse"
map = "timit-39"
at = "center"

[[labels]]
name = "own"
map = "map.txt"
at = "walk-2019"
"#;
