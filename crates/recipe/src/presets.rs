//! The presets: recipes with a name, in TOML.

/// Names and texts, by name.
const PRESETS: &[(&str, &str)] = &[
    ("ast128", include_str!("../presets/ast128.toml")),
    ("ast128-nonorm", include_str!("../presets/ast128-nonorm.toml")),
    ("bigvgan-mel100", include_str!("../presets/bigvgan-mel100.toml")),
    ("clap-48k", include_str!("../presets/clap-48k.toml")),
    ("clap-48k-slaney", include_str!("../presets/clap-48k-slaney.toml")),
    ("clap-mel64", include_str!("../presets/clap-mel64.toml")),
    ("clap-mel64-slaney", include_str!("../presets/clap-mel64-slaney.toml")),
    ("cosyvoice-mel80", include_str!("../presets/cosyvoice-mel80.toml")),
    ("espnet-logmel80", include_str!("../presets/espnet-logmel80.toml")),
    ("espnet-logmel80-hop160", include_str!("../presets/espnet-logmel80-hop160.toml")),
    ("espnet-logmel80-hop160-mvn", include_str!("../presets/espnet-logmel80-hop160-mvn.toml")),
    ("espnet-logmel80-mvn", include_str!("../presets/espnet-logmel80-mvn.toml")),
    ("espnet-logmel80-mvn-vars", include_str!("../presets/espnet-logmel80-mvn-vars.toml")),
    ("funasr-fbank80", include_str!("../presets/funasr-fbank80.toml")),
    ("funasr-lfr", include_str!("../presets/funasr-lfr.toml")),
    ("gemma3n-mel128", include_str!("../presets/gemma3n-mel128.toml")),
    ("gemma4-mel128", include_str!("../presets/gemma4-mel128.toml")),
    ("hifigan-mel80", include_str!("../presets/hifigan-mel80.toml")),
    ("htk-mfcc", include_str!("../presets/htk-mfcc.toml")),
    ("kaldi-fbank", include_str!("../presets/kaldi-fbank.toml")),
    (
        "kaldi-fbank40-nosnip-high-200",
        include_str!("../presets/kaldi-fbank40-nosnip-high-200.toml"),
    ),
    ("kaldi-fbank80", include_str!("../presets/kaldi-fbank80.toml")),
    ("kaldi-mfcc", include_str!("../presets/kaldi-mfcc.toml")),
    ("kaldi-mfcc-hires", include_str!("../presets/kaldi-mfcc-hires.toml")),
    ("kaldi-mfcc13-delta2", include_str!("../presets/kaldi-mfcc13-delta2.toml")),
    ("kaldi-plp", include_str!("../presets/kaldi-plp.toml")),
    ("kaldi-spectrogram", include_str!("../presets/kaldi-spectrogram.toml")),
    ("lhotse-fbank", include_str!("../presets/lhotse-fbank.toml")),
    ("librosa-mel", include_str!("../presets/librosa-mel.toml")),
    ("librosa-mel80", include_str!("../presets/librosa-mel80.toml")),
    ("librosa-mel80-db", include_str!("../presets/librosa-mel80-db.toml")),
    ("librosa-mfcc", include_str!("../presets/librosa-mfcc.toml")),
    ("librosa-pcen80", include_str!("../presets/librosa-pcen80.toml")),
    ("nemo-mel128-norm", include_str!("../presets/nemo-mel128-norm.toml")),
    ("nemo-mel64-norm", include_str!("../presets/nemo-mel64-norm.toml")),
    ("nemo-mel80", include_str!("../presets/nemo-mel80.toml")),
    ("nemo-mel80-norm", include_str!("../presets/nemo-mel80-norm.toml")),
    ("phi4-mel80", include_str!("../presets/phi4-mel80.toml")),
    ("post-mel40", include_str!("../presets/post-mel40.toml")),
    ("post-mfcc40", include_str!("../presets/post-mfcc40.toml")),
    ("post-mfcc40-delta2", include_str!("../presets/post-mfcc40-delta2.toml")),
    ("post-spectrogram40", include_str!("../presets/post-spectrogram40.toml")),
    ("psf-logfbank", include_str!("../presets/psf-logfbank.toml")),
    ("psf-mfcc", include_str!("../presets/psf-mfcc.toml")),
    ("seamless80-nonorm", include_str!("../presets/seamless80-nonorm.toml")),
    ("seamless80-stride1", include_str!("../presets/seamless80-stride1.toml")),
    ("seamless80-stride2", include_str!("../presets/seamless80-stride2.toml")),
    ("speech2text80", include_str!("../presets/speech2text80.toml")),
    ("speechbrain-fbank40", include_str!("../presets/speechbrain-fbank40.toml")),
    ("speechbrain-fbank40-deltas", include_str!("../presets/speechbrain-fbank40-deltas.toml")),
    ("speechbrain-fbank80", include_str!("../presets/speechbrain-fbank80.toml")),
    ("speechbrain-mfcc20", include_str!("../presets/speechbrain-mfcc20.toml")),
    ("speecht5-mel80", include_str!("../presets/speecht5-mel80.toml")),
    ("timit-mel", include_str!("../presets/timit-mel.toml")),
    ("timit-mfcc", include_str!("../presets/timit-mfcc.toml")),
    ("timit-spectrogram", include_str!("../presets/timit-spectrogram.toml")),
    ("timit-spikegram", include_str!("../presets/timit-spikegram.toml")),
    ("torchaudio-mel", include_str!("../presets/torchaudio-mel.toml")),
    ("torchaudio-mfcc", include_str!("../presets/torchaudio-mfcc.toml")),
    ("vocos-mel100", include_str!("../presets/vocos-mel100.toml")),
    ("voxtral-realtime128", include_str!("../presets/voxtral-realtime128.toml")),
    ("wav2vec2-wave", include_str!("../presets/wav2vec2-wave.toml")),
    ("whisper-128", include_str!("../presets/whisper-128.toml")),
    ("whisper-80", include_str!("../presets/whisper-80.toml")),
];

/// Further names, by name, each with the preset's: the same numbers are known by the programs that have them.
const ALIASES: &[(&str, &str)] = &[
    ("canary128", "nemo-mel128-norm"),
    ("icefall-fbank80", "lhotse-fbank"),
    ("kaldi-fbank23", "kaldi-fbank"),
    ("kaldi-mfcc13", "kaldi-mfcc"),
    ("kaldi-mfcc40-hires", "kaldi-mfcc-hires"),
    ("kaldi-plp13", "kaldi-plp"),
    ("knf-lhotse-fbank80", "lhotse-fbank"),
    ("librosa-mel128-2048", "librosa-mel"),
    ("librosa-mfcc20", "librosa-mfcc"),
    ("matcha-mel80", "hifigan-mel80"),
    ("parakeet128", "nemo-mel128-norm"),
    ("parakeet80", "nemo-mel80-norm"),
    ("psf-logfbank26", "psf-logfbank"),
    ("psf-mfcc13", "psf-mfcc"),
    ("qwen3-asr128", "whisper-128"),
    ("seamless", "seamless80-stride2"),
    ("torchaudio-kaldi-fbank80", "kaldi-fbank80"),
    ("torchaudio-mel80", "torchaudio-mel"),
    ("torchaudio-mfcc40", "torchaudio-mfcc"),
    ("univnet-mel100", "bigvgan-mel100"),
    ("voxtral128", "whisper-128"),
    ("w2v-bert", "seamless80-stride2"),
    ("wenet-fbank80", "kaldi-fbank80"),
    ("whisper128", "whisper-128"),
    ("whisper80", "whisper-80"),
];

/// Returns the names of the presets.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// Returns the further names of presets, each with the preset's.
pub(crate) fn aliases() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALIASES.iter().copied()
}

/// Returns all names that presets have.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    names().chain(aliases().map(|(alias, _)| alias))
}

/// Returns the preset's TOML, with comments; none if there is none of this name.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let name = alias.map_or(name, |(_, preset)| preset);
    PRESETS.iter().find(|(preset, _)| *preset == name).map(|(_, text)| *text)
}
