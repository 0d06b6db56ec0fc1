//! Decoding and resampling.

use std::path::PathBuf;

use numpy::PyArray1;
use ossicle_audio::{Channel, Error, Info, Media, OpenOptions, Recording};
use ossicle_dsp::{Level, ResampleFilter, ResampleMode};
use pyo3::prelude::*;

use crate::errors::{of_argument, of_audio, wrong};
use crate::samples::Samples;

/// Where a recording is.
#[derive(Debug, FromPyObject)]
pub(crate) enum Source {
    Bytes(Vec<u8>),
    Path(PathBuf),
}

impl Source {
    fn name(&self) -> String {
        match self {
            Source::Bytes(_) => "the bytes".to_owned(),
            Source::Path(path) => path.display().to_string(),
        }
    }

    fn open(self, options: OpenOptions) -> Result<Recording, Error> {
        match self {
            Source::Bytes(bytes) => Recording::from_media(Media::bytes(bytes), options, Vec::new()),
            Source::Path(path) => Recording::open(&path, options),
        }
    }
}

/// Decodes a recording, or a stretch of it, and resamples it if that is asked for.
#[pyfunction]
#[pyo3(signature = (source, sample_rate_hz, mode, channel, start_sample, num_samples))]
pub(crate) fn load_audio<'py>(
    py: Python<'py>,
    source: Source,
    sample_rate_hz: Option<u32>,
    mode: &str,
    channel: &str,
    start_sample: u64,
    num_samples: Option<u64>,
) -> PyResult<(Bound<'py, PyArray1<f32>>, u32)> {
    let name = source.name();
    let channel: Channel = channel.parse().map_err(|error: Error| of_argument(&error))?;
    let mode = resample_mode(mode)?;
    let (samples, rate) = py.detach(|| {
        let mut recording =
            source.open(OpenOptions::of(channel)).map_err(|error| of_audio(&name, &error))?;
        let samples = stretch(&mut recording, start_sample, num_samples)
            .map_err(|error| of_audio(&name, &error))?;
        let rate = recording.info().sample_rate_hz;
        match sample_rate_hz {
            Some(to) if to != rate => Ok((resampled(&samples, rate, to, mode)?, to)),
            _ => PyResult::Ok((samples, rate)),
        }
    })?;
    Ok((PyArray1::from_vec(py, samples), rate))
}

/// Reads a stretch of a recording.
fn stretch(recording: &mut Recording, start: u64, length: Option<u64>) -> Result<Vec<f32>, Error> {
    let mut samples = Vec::new();
    if start > 0 {
        recording.seek(start)?;
    }
    let Some(length) = length else {
        recording.read_to_end(&mut samples)?;
        recording.check_unchanged()?;
        return Ok(samples);
    };
    /// What is read at a time: a length that somebody asks for takes no memory before it is there.
    const AT_ONCE: u64 = 1 << 20;
    while (samples.len() as u64) < length {
        let before = samples.len();
        let wanted = (length - before as u64).min(AT_ONCE) as usize;
        samples.resize(before + wanted, 0.0);
        let count = recording.read(&mut samples[before..])?;
        samples.truncate(before + count);
        if count < wanted {
            break;
        }
    }
    Ok(samples)
}

/// Tells what the header of a recording says: container, encoding, rate, channels, and samples of a channel
/// (None where only decoding tells).
#[pyfunction]
pub(crate) fn audio_info(
    py: Python<'_>,
    source: Source,
) -> PyResult<(String, String, u32, u16, Option<u64>)> {
    let name = source.name();
    py.detach(|| {
        let recording =
            source.open(OpenOptions::default()).map_err(|error| of_audio(&name, &error))?;
        let Info { container, encoding, sample_rate_hz, channels, length } = *recording.info();
        Ok((container.to_string(), encoding.to_string(), sample_rate_hz, channels, length.exact()))
    })
}

/// Resamples samples.
#[pyfunction]
pub(crate) fn resample<'py>(
    py: Python<'py>,
    samples: &Bound<'py, PyAny>,
    from_hz: u32,
    to_hz: u32,
    mode: &str,
) -> PyResult<Bound<'py, PyArray1<f32>>> {
    let mode = resample_mode(mode)?;
    let samples = Samples::of(samples).ok_or_else(|| wrong("x is being changed", None))?;
    let view = samples.view();
    let out = py.detach(|| resampled(view.unit(&mut Vec::new()), from_hz, to_hz, mode))?;
    Ok(PyArray1::from_vec(py, out))
}

fn resampled(samples: &[f32], from: u32, to: u32, mode: ResampleMode) -> PyResult<Vec<f32>> {
    let filter = ResampleFilter::new(mode, from, to, Level::detect())
        .map_err(|error| wrong(error.to_string(), None))?;
    let mut out = Vec::with_capacity(filter.num_samples(samples.len() as u64) as usize);
    let mut resampler = filter.begin(0);
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    Ok(out)
}

fn resample_mode(word: &str) -> PyResult<ResampleMode> {
    const MODES: [(&str, ResampleMode); 4] = [
        ("hq", ResampleMode::Hq),
        ("torchaudio", ResampleMode::Torchaudio),
        ("torchaudio-kaiser", ResampleMode::TorchaudioKaiser),
        ("kaldi", ResampleMode::Kaldi),
    ];
    MODES.iter().find(|(name, _)| *name == word).map(|(_, mode)| *mode).ok_or_else(|| {
        let names = MODES.map(|(name, _)| name).join(", ");
        wrong(format!("mode is {word:?}; it must be one of {names}"), Some("pass mode=\"hq\""))
    })
}
