//! The presets: recipes with a name, in TOML.

const PRESETS: [(&str, &str); 19] = [
    ("htk-mfcc", include_str!("../presets/htk-mfcc.toml")),
    ("kaldi-fbank", include_str!("../presets/kaldi-fbank.toml")),
    ("kaldi-mfcc", include_str!("../presets/kaldi-mfcc.toml")),
    ("kaldi-mfcc-hires", include_str!("../presets/kaldi-mfcc-hires.toml")),
    ("kaldi-plp", include_str!("../presets/kaldi-plp.toml")),
    ("kaldi-spectrogram", include_str!("../presets/kaldi-spectrogram.toml")),
    ("lhotse-fbank", include_str!("../presets/lhotse-fbank.toml")),
    ("librosa-mel", include_str!("../presets/librosa-mel.toml")),
    ("librosa-mfcc", include_str!("../presets/librosa-mfcc.toml")),
    ("psf-logfbank", include_str!("../presets/psf-logfbank.toml")),
    ("psf-mfcc", include_str!("../presets/psf-mfcc.toml")),
    ("timit-mel", include_str!("../presets/timit-mel.toml")),
    ("timit-mfcc", include_str!("../presets/timit-mfcc.toml")),
    ("timit-spectrogram", include_str!("../presets/timit-spectrogram.toml")),
    ("timit-spikegram", include_str!("../presets/timit-spikegram.toml")),
    ("torchaudio-mel", include_str!("../presets/torchaudio-mel.toml")),
    ("torchaudio-mfcc", include_str!("../presets/torchaudio-mfcc.toml")),
    ("whisper-128", include_str!("../presets/whisper-128.toml")),
    ("whisper-80", include_str!("../presets/whisper-80.toml")),
];

/// Returns the names of the presets.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// Returns the preset's TOML, with comments; none if there is none of this name.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(preset, _)| *preset == name).map(|(_, text)| *text)
}
