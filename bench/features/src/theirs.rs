//! Other crates' features.

use mel_spec::fbank::{Fbank, FbankConfig};
use mel_spec::mel::{BatchLogMelConfig, BatchLogMelError, BatchLogMelSpectrogram};

use crate::subject::{Shape, Subject};

/// Of `Cargo.lock`.
pub(crate) const VERSION: &str = "mel_spec 0.5.0";

pub(crate) fn subjects() -> Result<Vec<Subject>, BatchLogMelError> {
    Ok(vec![
        Subject {
            feature: "kaldi-fbank",
            program: "mel_spec Fbank".to_owned(),
            compute: Box::new(kaldi_fbank()),
        },
        Subject {
            feature: "log-mel",
            program: "mel_spec BatchLogMelSpectrogram".to_owned(),
            compute: Box::new(log_mel()?),
        },
    ])
}

/// 80 bins, without the mean normalisation that is on by default: ossicle does it elsewhere.
fn kaldi_fbank() -> impl FnMut(&[f32]) -> Shape {
    let fbank = Fbank::new(FbankConfig { apply_cmn: false, ..FbankConfig::default() });
    move |samples| {
        let features = fbank.compute(samples);
        Shape { num_frames: features.nrows(), dim: features.ncols() }
    }
}

/// At its defaults, in single precision and with its scratch kept: its fastest way.
fn log_mel() -> Result<impl FnMut(&[f32]) -> Shape, BatchLogMelError> {
    let mels = BatchLogMelSpectrogram::new(BatchLogMelConfig::default())?;
    let mut scratch = mels.scratch();
    Ok(move |samples: &[f32]| {
        let features = mels
            .compute_flat_with_scratch(samples, &mut scratch)
            .expect("the configuration was checked");
        Shape { num_frames: features.cols, dim: features.rows }
    })
}
