//! ossicle's features, at the sizes that its targets are about.

use ossicle_dsp::{
    Cepstra, Columns, Compression, Error, Extractor, FeatureConfig, Floor, FrameLayout, Level, Log,
    MelConfig, Scratch,
};

use crate::subject::{Shape, Subject};

const SAMPLE_RATE_HZ: u32 = 16_000;

/// Every feature with every instruction set of this machine, the richest first.
pub(crate) fn subjects() -> Result<Vec<Subject>, Error> {
    let configs = [
        ("kaldi-fbank", with_mels(FeatureConfig::kaldi_fbank(SAMPLE_RATE_HZ), 80)),
        ("log-mel", log_mel()),
        ("torchaudio-mel", with_mels(of_400(FeatureConfig::torchaudio_mel(SAMPLE_RATE_HZ)), 80)),
        ("whisper-80", FeatureConfig::whisper(SAMPLE_RATE_HZ, 80)),
        ("librosa-mel", FeatureConfig::librosa_mel(SAMPLE_RATE_HZ)),
        ("librosa-mfcc", librosa_mfcc()),
        ("kaldi-mfcc", FeatureConfig::kaldi_mfcc(SAMPLE_RATE_HZ)),
        ("psf-mfcc", FeatureConfig::psf_mfcc(SAMPLE_RATE_HZ)),
        ("timit-mfcc", FeatureConfig::timit_mfcc(SAMPLE_RATE_HZ)),
    ];
    let mut subjects = Vec::new();
    for (feature, config) in configs {
        for level in Level::available().rev() {
            subjects.push(subject(feature, config.clone(), level)?);
        }
    }
    Ok(subjects)
}

/// As `BatchLogMelSpectrogram` of mel_spec has it at its defaults.
fn log_mel() -> FeatureConfig {
    let config = of_400(FeatureConfig::librosa_mel(SAMPLE_RATE_HZ));
    let config = FeatureConfig {
        frames: FrameLayout { length: 512, ..config.frames },
        window_length: Some(400),
        n_fft: 512,
        compression: Compression::Log(Log {
            floor: Floor::Add(f32::EPSILON),
            ..Log::natural(f32::EPSILON)
        }),
        ..config
    };
    with_mels(config, 80)
}

fn librosa_mfcc() -> FeatureConfig {
    let config = of_400(FeatureConfig::librosa_mfcc(SAMPLE_RATE_HZ));
    let cepstra = config.cepstra.map(|it| Cepstra { num_ceps: 40, ..it });
    with_mels(FeatureConfig { cepstra, ..config }, 128)
}

/// Frames and transform of 400 samples, every 160.
fn of_400(config: FeatureConfig) -> FeatureConfig {
    FeatureConfig {
        frames: FrameLayout { length: 400, shift: 160, ..config.frames },
        window_length: None,
        n_fft: 400,
        ..config
    }
}

fn with_mels(mut config: FeatureConfig, num_mel_bins: usize) -> FeatureConfig {
    if let Columns::Mel(mel) = config.columns {
        config.columns = Columns::Mel(MelConfig { num_mel_bins, ..mel });
    }
    config
}

fn subject(feature: &'static str, config: FeatureConfig, level: Level) -> Result<Subject, Error> {
    let extractor = Extractor::new(config, level)?;
    let mut scratch = Scratch::default();
    let mut out = Vec::new();
    let compute = move |samples: &[f32]| {
        let shape = Shape { num_frames: extractor.num_frames(samples.len()), dim: extractor.dim() };
        out.resize(shape.num_frames * shape.dim, 0.0);
        extractor.extract_into(samples, &mut scratch, &mut out);
        shape
    };
    Ok(Subject { feature, program: format!("ossicle, {level}"), compute: Box::new(compute) })
}
