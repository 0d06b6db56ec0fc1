//! The stages from the spectrum of frames to their features.

use crate::error::Error;
use crate::features::spectral::cepstrum::{C0, Cepstra, Dct};
use crate::features::spectral::config::{Columns, Compression, FeatureConfig, Spectrum};
use crate::features::spectral::energy::{Energy, EnergyOf, EnergyPlace};
use crate::features::spectral::front::Found;
use crate::features::spectral::mel::MelFilters;
use crate::features::spectral::plp::Plp;
use crate::kernels::buffer::LaneBuffer;
use crate::kernels::lanes::{MOST_LANES, Vector};

/// Everything after the spectrum.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    config: FeatureConfig,
    num_columns: usize,
    dim: usize,
    mel: Option<MelFilters>,
    cepstrum: Option<Cepstrum>,
    /// The factor of each cepstral coefficient.
    factors: Vec<f32>,
    /// The share of a frame that goes into PCEN's level.
    smoothing: f32,
    /// The factor of the spectrum's values: 1 / n_fft where powers are over the size, and 1
    /// otherwise.
    spectrum_factor: f32,
}

#[derive(Debug, Clone)]
enum Cepstrum {
    Dct(Dct),
    Plp(Plp),
}

/// The buffers that a [`Head`] works in. They may be dirty but for what [`Head::prepare`] sets.
#[derive(Debug, Default)]
pub(crate) struct HeadScratch {
    /// The columns, and after them the energy, of each batch of frames that is kept.
    columns: LaneBuffer,
    work: LaneBuffer,
    ceps: LaneBuffer,
    row: LaneBuffer,
    /// The level of each column, for PCEN.
    levels: Vec<f32>,
    maxima: Maxima,
    energy_maxima: Maxima,
}

/// The largest values so far of every lane.
#[derive(Debug, Clone, Copy)]
struct Maxima([f32; MOST_LANES]);

impl Default for Maxima {
    fn default() -> Maxima {
        Maxima([f32::MIN; MOST_LANES])
    }
}

impl Maxima {
    /// Returns the place of those of the first `N` lanes.
    #[inline(always)]
    fn lanes<const N: usize>(&mut self) -> &mut [f32; N] {
        &mut self.0.as_chunks_mut().0[0]
    }

    fn largest(&self) -> f32 {
        self.0.into_iter().fold(f32::MIN, |a, b| if a > b { a } else { b })
    }
}

#[cfg(test)]
impl HeadScratch {
    /// Counts the bytes that it holds on to.
    pub(crate) fn num_bytes(&self) -> usize {
        let HeadScratch { columns, work, ceps, row, levels, .. } = self;
        let lanes = [columns, work, ceps, row].map(LaneBuffer::num_bytes);
        lanes.iter().sum::<usize>() + levels.capacity() * size_of::<f32>()
    }
}

impl Head {
    /// Checks what it is made of, without computing tables.
    pub(crate) fn check(config: &FeatureConfig) -> Result<(), Error> {
        let n_fft = config.n_fft;
        match &config.columns {
            Columns::Mel(mel) => mel.check(config.sample_rate_hz)?,
            &Columns::Groups { num_columns, bins_per_column } => {
                let bins = num_columns.checked_mul(bins_per_column);
                if bins.is_none_or(|bins| bins == 0 || bins > n_fft / 2 + 1) {
                    return Err(Error::Groups { num_columns, bins_per_column, n_fft });
                }
            }
            Columns::Bins { .. } => {}
        }
        match &config.compression {
            Compression::Linear => {}
            Compression::Log(log) => log.check()?,
            Compression::Pcen(pcen) => pcen.check()?,
        }
        if let Some(energy) = &config.energy {
            energy.check()?;
        }
        let Some(cepstra) = &config.cepstra else { return Ok(()) };
        let num_columns = config.num_columns();
        cepstra.check(num_columns)?;
        let Some(prediction) = &cepstra.linear_prediction else { return Ok(()) };
        let are_energies =
            config.compression == Compression::Linear && config.spectrum != Spectrum::Magnitude;
        if !matches!(config.columns, Columns::Mel(_)) || !are_energies {
            return Err(Error::PlpColumns);
        }
        prediction.check(cepstra.num_ceps, num_columns)
    }

    /// Computes its tables.
    ///
    /// - `config`: as it [is checked](Head::check)
    pub(crate) fn new(config: &FeatureConfig) -> Head {
        let num_columns = config.num_columns();
        let spectrum_factor = match config.spectrum {
            Spectrum::PowerOverSize => 1.0 / config.n_fft as f64,
            Spectrum::Power | Spectrum::Magnitude => 1.0,
        };
        let (rate, n_fft) = (config.sample_rate_hz, config.n_fft);
        let mel = match &config.columns {
            Columns::Mel(mel) => Some(MelFilters::new(mel, rate, n_fft, spectrum_factor)),
            Columns::Groups { .. } | Columns::Bins { .. } => None,
        };
        let smoothing = match &config.compression {
            Compression::Pcen(pcen) => pcen.smoothing(rate, config.frames.shift),
            _ => 0.0,
        };
        let cepstrum = config.cepstra.as_ref().map(|cepstra| match &config.columns {
            Columns::Mel(mel) if let Some(prediction) = cepstra.linear_prediction => {
                Cepstrum::Plp(Plp::new(prediction, &mel.centres_hz(rate)))
            }
            _ => Cepstrum::Dct(Dct::new(num_columns, cepstra.num_ceps)),
        });
        Head {
            num_columns,
            dim: config.dim(),
            mel,
            cepstrum,
            factors: config.cepstra.as_ref().map_or(Vec::new(), Cepstra::factors),
            smoothing,
            spectrum_factor: spectrum_factor as f32,
            config: config.clone(),
        }
    }

    /// Returns whether rows can only be finished when the largest values of all frames are known.
    pub(crate) fn needs_maxima(&self) -> bool {
        let log = matches!(&self.config.compression, Compression::Log(log) if log.needs_maximum());
        log || self.config.energy.is_some_and(|energy| energy.normalization.is_some())
    }

    /// Begins a recording, with room for `batches` of frames.
    ///
    /// - `lanes`: the most frames that a batch has
    pub(crate) fn prepare(&self, batches: usize, lanes: usize, scratch: &mut HeadScratch) {
        scratch.columns.grow(self.stored_len() * batches * lanes);
        if let Some(Cepstrum::Plp(plp)) = &self.cepstrum {
            scratch.work.resize(plp.work_len() * lanes);
        }
        scratch.ceps.resize(self.factors.len() * lanes);
        scratch.row.resize(self.dim * lanes);
        scratch.maxima = Maxima::default();
        scratch.energy_maxima = Maxima::default();
        self.restart(scratch);
    }

    /// Goes back to the first frame. The maxima stay, and what has raised them once, logarithms that
    /// are finite whatever the samples are, does not move them when it is gathered again.
    pub(crate) fn restart(&self, scratch: &mut HeadScratch) {
        if matches!(self.config.compression, Compression::Pcen(_)) {
            // The level that librosa begins with.
            scratch.levels.clear();
            scratch.levels.resize(self.num_columns, 1.0);
        }
    }

    /// Returns the count of a frame's numbers that are kept until its row can be finished.
    fn stored_len(&self) -> usize {
        self.num_columns + 1
    }

    /// Gathers and compresses the columns of `N` frames, of which `num_frames` count, and keeps them
    /// as this batch.
    #[inline(always)]
    pub(crate) fn gather<V: Vector<N>, const N: usize>(
        &self,
        batch: usize,
        num_frames: usize,
        front: &Found<'_, V, N>,
        scratch: &mut HeadScratch,
    ) {
        let at = batch * self.stored_len();
        let stored = &mut scratch.columns.lanes_mut()[at..at + self.stored_len()];
        let Some((energy, columns)) = stored.split_last_mut() else { return };
        let spectrum = match self.config.spectrum {
            Spectrum::Magnitude => front.magnitudes,
            Spectrum::Power | Spectrum::PowerOverSize => front.power,
        };
        match (&self.config.columns, &self.mel) {
            (_, Some(mel)) => mel.apply::<V, N>(spectrum, columns),
            (&Columns::Bins { skip_dc }, _) => {
                for (column, bin) in columns.iter_mut().zip(&spectrum[usize::from(skip_dc)..]) {
                    (V::load(bin) * self.spectrum_factor).store(column);
                }
            }
            (&Columns::Groups { bins_per_column, .. }, _) => {
                for (column, bins) in columns.iter_mut().zip(spectrum.chunks_exact(bins_per_column))
                {
                    let mut sum = V::splat(0.0);
                    for bin in bins {
                        sum = sum + V::load(bin);
                    }
                    (sum * self.spectrum_factor).store(column);
                }
            }
            (Columns::Mel(_), None) => unreachable!("`new` makes filters for mel columns"),
        }
        match &self.config.compression {
            Compression::Linear => {}
            Compression::Log(log) => {
                let squared = self.config.spectrum == Spectrum::Magnitude;
                let mut maximum = V::load(scratch.maxima.lanes());
                log.apply::<V, N>(squared, columns, &mut maximum);
                maximum.store(scratch.maxima.lanes());
            }
            Compression::Pcen(pcen) => {
                pcen.apply::<V, N>(self.smoothing, num_frames, columns, &mut scratch.levels);
            }
        }
        if let Some(wanted) = &self.config.energy {
            let found = match wanted.of {
                EnergyOf::Raw => front.energies.raw,
                EnergyOf::Windowed => front.energies.windowed,
                EnergyOf::Spectrum => sum::<V, N>(spectrum) * self.spectrum_factor,
            };
            let log = found.max(V::splat(wanted.floor)).ln();
            log.store(energy);
            let maxima = scratch.energy_maxima.lanes();
            V::load(maxima).max(log).store(maxima);
        }
    }

    /// Finishes the rows of a batch that is kept, as lanes.
    #[inline(always)]
    pub(crate) fn finish<'a, V: Vector<N>, const N: usize>(
        &self,
        batch: usize,
        scratch: &'a mut HeadScratch,
    ) -> &'a [[f32; N]] {
        let at = batch * self.stored_len();
        let HeadScratch { columns, work, ceps, row, maxima, energy_maxima, .. } = scratch;
        let stored = &mut columns.lanes_mut()[at..at + self.stored_len()];
        let ceps = &mut ceps.lanes_mut()[..self.factors.len()];
        let row = &mut row.lanes_mut()[..self.dim];
        let Some((energy, columns)) = stored.split_last_mut() else { return &[] };
        if let Compression::Log(log) = &self.config.compression {
            log.finish::<V, N>(maxima.largest(), columns);
        }
        let core: &[[f32; N]] = match (&self.cepstrum, self.config.cepstra) {
            (Some(cepstrum), Some(cepstra)) => {
                match cepstrum {
                    Cepstrum::Dct(dct) => dct.apply::<V, N>(columns, ceps),
                    Cepstrum::Plp(plp) => {
                        let work = &mut work.lanes_mut()[..plp.work_len()];
                        plp.apply::<V, N>(columns, work, ceps);
                    }
                }
                for (c, &factor) in ceps.iter_mut().zip(&self.factors) {
                    (V::load(c) * factor).store(c);
                }
                match cepstra.c0 {
                    C0::First => &*ceps,
                    C0::Dropped => &ceps[1..],
                    C0::Last => {
                        ceps.rotate_left(1);
                        &*ceps
                    }
                }
            }
            _ => columns,
        };
        let Some(wanted) = &self.config.energy else { return core };
        wanted.finish::<V, N>(energy_maxima.largest(), energy);
        match wanted.place {
            EnergyPlace::First => {
                row[0] = *energy;
                row[1..].copy_from_slice(core);
            }
            EnergyPlace::Last => {
                row[..core.len()].copy_from_slice(core);
                row[core.len()] = *energy;
            }
        }
        row
    }
}

impl Energy {
    /// Applies what comes after the recording's maximum is known.
    #[inline(always)]
    fn finish<V: Vector<N>, const N: usize>(&self, maximum: f32, energy: &mut [f32; N]) {
        let Some(normalization) = self.normalization else { return };
        let least = maximum - normalization.silence_floor_db * (std::f32::consts::LN_10 / 10.0);
        let kept = V::load(energy).max(V::splat(least));
        let relative = (kept - V::splat(maximum)) * normalization.scale;
        (relative + V::splat(1.0)).store(energy);
    }
}

/// Adds all terms: every fourth, and then the four sums.
#[inline(always)]
fn sum<V: Vector<N>, const N: usize>(terms: &[[f32; N]]) -> V {
    let mut sums = [V::splat(0.0); 4];
    let (fours, rest) = terms.as_chunks::<4>();
    for four in fours {
        for (sum, term) in sums.iter_mut().zip(four) {
            *sum = *sum + V::load(term);
        }
    }
    for term in rest {
        sums[0] = sums[0] + V::load(term);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}
