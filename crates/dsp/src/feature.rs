//! Features of a recording: spectrum, filters, decibels, cepstra.
//!
//! What bounds the loops is arithmetic. With AVX2, eight frames of `timit-mfcc` are 48,000
//! instructions, 3.7 of them in a cycle (on the machine of [`simd`](crate::simd)); 19,100 are sums,
//! products and comparisons of eight lanes, which two units share and which alone take three
//! quarters of the time. Shuffles are 1,300, where frames come in and rows go out, and registers that
//! had to be kept in memory, nearly all in the FFT's passes, cost 1,500.

use crate::cepstrum::Dct;
use crate::error::Error;
use crate::fft::{Bins, RealFft};
use crate::frames::{Edges, FrameLayout};
use crate::lanes::{ComplexLanes, LANES, Lanes, Vector};
use crate::mel::{MelConfig, MelFilters, MelNorm, MelScale};
use crate::simd::{Kernel, Level};
use crate::window::Window;

/// What to compute of each frame.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureConfig {
    /// The sample rate of the recordings, in Hz.
    pub sample_rate_hz: u32,
    /// Where the frames lie.
    pub frames: FrameLayout,
    /// The weight of each sample within a frame.
    pub window: Window,
    /// The size of the Fourier transform in samples; a shorter frame is followed by zeros.
    pub n_fft: usize,
    /// What the bins of the spectrum are gathered into.
    pub columns: Columns,
    /// How the gathered energies are put on a logarithmic scale; `None` leaves them linear.
    pub decibels: Option<Decibels>,
    /// How many cepstral coefficients (rows of an orthonormal DCT-II, from C0 up, not liftered)
    /// replace the columns; `None` keeps the columns.
    pub num_ceps: Option<usize>,
}

/// What the bins of the spectrum are gathered into.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Columns {
    /// Powers, weighted by mel filters.
    Mel(MelConfig),
    /// Sums of the magnitudes of neighbouring bins, from DC up.
    MagnitudeGroups {
        /// How many groups there are.
        num_columns: usize,
        /// How many bins are summed in each.
        bins_per_column: usize,
    },
}

/// A logarithmic scale: ten times the decimal logarithm of a power, or of a squared magnitude.
#[derive(Debug, Clone, PartialEq)]
pub struct Decibels {
    /// Powers below this are raised to it.
    pub floor: f32,
    /// Whether 0 dB is the largest value of the recording, and not 1.
    pub relative_to_maximum: bool,
    /// How far, in dB, a value may lie below the recording's largest; `None` sets no bound.
    pub top_db: Option<f32>,
}

impl FeatureConfig {
    /// 40 cepstra of 128 mel bands in decibels: `timit-mfcc`.
    ///
    /// Equals `librosa.feature.mfcc(n_mfcc=40, n_fft=400, hop_length=160, center=False)` of librosa
    /// 0.11.0 on samples of [`SampleScale::Midpoint`](crate::SampleScale::Midpoint): periodic Hann
    /// window of 400 samples every 160, power, 128 Slaney mels of area 1 from 0 Hz to half the
    /// sample rate, 10·log10 with floor 1e-10, at most 80 dB below the recording's maximum,
    /// orthonormal DCT-II.
    pub fn timit_mfcc(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            columns: Columns::Mel(slaney_mels(128)),
            decibels: Some(Decibels {
                floor: 1e-10,
                relative_to_maximum: false,
                top_db: Some(80.0),
            }),
            num_ceps: Some(40),
            ..FeatureConfig::timit(sample_rate_hz)
        }
    }

    /// 40 mel energies, linear: `timit-mel`.
    ///
    /// Equals `librosa.feature.melspectrogram(n_mels=40, n_fft=400, hop_length=160, center=False)`
    /// of librosa 0.11.0 on samples of
    /// [`SampleScale::Midpoint`](crate::SampleScale::Midpoint).
    pub fn timit_mel(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            columns: Columns::Mel(slaney_mels(40)),
            ..FeatureConfig::timit(sample_rate_hz)
        }
    }

    /// The magnitudes of bins 0 to 199, summed in fives, in decibels: `timit-spectrogram`.
    ///
    /// Equals `librosa.amplitude_to_db(…, ref=np.max)` of librosa 0.11.0 of the sums, on samples of
    /// [`SampleScale::Midpoint`](crate::SampleScale::Midpoint): at most 80 dB below the
    /// recording's maximum, which is 0 dB.
    pub fn timit_spectrogram(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            columns: Columns::MagnitudeGroups { num_columns: 40, bins_per_column: 5 },
            decibels: Some(Decibels {
                floor: 1e-10,
                relative_to_maximum: true,
                top_db: Some(80.0),
            }),
            ..FeatureConfig::timit(sample_rate_hz)
        }
    }

    /// What the `timit-*` presets have in common.
    fn timit(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            sample_rate_hz,
            frames: FrameLayout { length: 400, shift: 160, edges: Edges::Snip },
            window: Window::HannPeriodic,
            n_fft: 400,
            columns: Columns::Mel(slaney_mels(40)),
            decibels: None,
            num_ceps: None,
        }
    }

    /// The number of numbers a frame is described by.
    pub fn dim(&self) -> usize {
        self.num_ceps.unwrap_or(self.num_columns())
    }

    fn num_columns(&self) -> usize {
        match &self.columns {
            Columns::Mel(mel) => mel.num_mel_bins,
            Columns::MagnitudeGroups { num_columns, .. } => *num_columns,
        }
    }
}

fn slaney_mels(num_mel_bins: usize) -> MelConfig {
    MelConfig {
        num_mel_bins,
        low_freq_hz: 0.0,
        high_freq_hz: None,
        scale: MelScale::Slaney,
        norm: MelNorm::Area,
    }
}

/// A checked configuration with its tables, which threads may share.
///
/// ```
/// use ossicle_dsp::{Extractor, FeatureConfig, Level, Scratch};
///
/// let extractor = Extractor::new(FeatureConfig::timit_mfcc(16_000), Level::detect())?;
/// let one_second = vec![0.0; 16_000];
/// let mut features = vec![0.0; extractor.num_frames(one_second.len()) * extractor.dim()];
/// extractor.extract_into(&one_second, &mut Scratch::default(), &mut features);
/// assert_eq!(features.len(), 98 * 40);
/// # Ok::<(), ossicle_dsp::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Extractor {
    config: FeatureConfig,
    level: Level,
    window: Vec<f32>,
    fft: RealFft,
    mel: Option<MelFilters>,
    dct: Option<Dct>,
}

/// What a thread needs while it extracts. It grows with the longest recording seen and may be dirty.
#[derive(Debug, Default)]
pub struct Scratch {
    packed: Vec<ComplexLanes>,
    spare: Vec<ComplexLanes>,
    power: Vec<Lanes>,
    columns: Vec<Lanes>,
    ceps: Vec<Lanes>,
}

impl Extractor {
    /// Checks the configuration and computes window, twiddle factors and filters.
    ///
    /// # Errors
    /// If a value is out of range; the error shows it and says what is allowed.
    pub fn new(config: FeatureConfig, level: Level) -> Result<Extractor, Error> {
        if config.sample_rate_hz == 0 {
            return Err(Error::SampleRate);
        }
        if config.n_fft > 1 << 20 {
            return Err(Error::FftSize { n_fft: config.n_fft });
        }
        let fft = RealFft::new(config.n_fft)?;
        config.frames.check(config.n_fft)?;
        let mel = match &config.columns {
            Columns::Mel(mel) => Some(MelFilters::new(mel, config.sample_rate_hz, config.n_fft)?),
            &Columns::MagnitudeGroups { num_columns, bins_per_column } => {
                let bins = num_columns.checked_mul(bins_per_column);
                if bins.is_none_or(|bins| bins == 0 || bins > fft.num_bins()) {
                    let n_fft = config.n_fft;
                    return Err(Error::SpectrogramColumns { num_columns, bins_per_column, n_fft });
                }
                None
            }
        };
        if let Some(decibels) = &config.decibels {
            if !decibels.floor.is_normal() || decibels.floor < 0.0 {
                return Err(Error::DecibelFloor { floor: decibels.floor });
            }
            if let Some(top_db) = decibels.top_db.filter(|&db| !(db > 0.0 && db.is_finite())) {
                return Err(Error::TopDb { top_db });
            }
        }
        let num_columns = config.num_columns();
        let dct = match config.num_ceps {
            Some(num_ceps) if num_ceps == 0 || num_ceps > num_columns => {
                return Err(Error::Cepstra { num_ceps, num_mel_bins: num_columns });
            }
            Some(num_ceps) => Some(Dct::new(num_columns, num_ceps)),
            None => None,
        };
        let window = config.window.weights(config.frames.length);
        Ok(Extractor { config, level, window, fft, mel, dct })
    }

    /// What is computed.
    pub fn config(&self) -> &FeatureConfig {
        &self.config
    }

    /// The number of numbers a frame is described by.
    pub fn dim(&self) -> usize {
        self.config.dim()
    }

    /// The number of frames in a recording of `num_samples` samples.
    pub fn num_frames(&self, num_samples: usize) -> usize {
        self.config.frames.num_frames(num_samples)
    }

    /// Writes the features of a recording into `out`, one row a frame.
    ///
    /// - `samples`: mono, at [`FeatureConfig::sample_rate_hz`], in the range the features expect
    ///   (see [`SampleScale`](crate::SampleScale))
    /// - `out`: row-major, `[num_frames(samples.len()), dim()]`
    ///
    /// # Panics
    /// If `out.len() != self.num_frames(samples.len()) * self.dim()`.
    pub fn extract_into(&self, samples: &[f32], scratch: &mut Scratch, out: &mut [f32]) {
        let num_frames = self.num_frames(samples.len());
        assert_eq!(out.len(), num_frames * self.dim(), "out must hold num_frames rows of dim");
        if num_frames == 0 {
            return;
        }
        scratch.packed.resize(self.fft.packed_len(), ComplexLanes::ZERO);
        scratch.spare.resize(self.fft.packed_len(), ComplexLanes::ZERO);
        scratch.power.resize(self.fft.num_bins(), Lanes::ZERO);
        scratch.ceps.resize(self.config.num_ceps.unwrap_or(0), Lanes::ZERO);
        let columns = num_frames.div_ceil(LANES) * self.config.num_columns();
        if scratch.columns.len() < columns {
            scratch.columns.resize(columns, Lanes::ZERO);
        }
        self.level.run(Extract { extractor: self, samples, num_frames, scratch, out });
    }
}

struct Extract<'a> {
    extractor: &'a Extractor,
    samples: &'a [f32],
    num_frames: usize,
    scratch: &'a mut Scratch,
    out: &'a mut [f32],
}

impl Kernel for Extract<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let extractor = self.extractor;
        let num_columns = extractor.config.num_columns();
        let dim = extractor.dim();
        let Scratch { packed, spare, power, columns, ceps } = self.scratch;

        // The columns of every frame come first: decibels may depend on the recording's maximum.
        let mut maximum = V::splat(f32::MIN);
        for (batch, columns) in columns.chunks_exact_mut(num_columns).enumerate() {
            let first = batch * LANES;
            if first >= self.num_frames {
                break;
            }
            extractor.pack::<V>(self.samples, first, self.num_frames, packed);
            extractor.fft.transform::<V>(packed, spare, &mut Power(power));
            extractor.gather::<V>(power, columns);
            if let Some(decibels) = &extractor.config.decibels {
                let floor = V::splat(decibels.floor);
                for column in columns {
                    let db = V::load(&column.0).max(floor).ln() * DECIBELS_PER_NEPER;
                    maximum = maximum.max(db);
                    db.store(&mut column.0);
                }
            }
        }

        let mut maxima = Lanes::ZERO;
        maximum.store(&mut maxima.0);
        let maximum = maxima.0.into_iter().fold(f32::MIN, f32::max);
        for (batch, columns) in columns.chunks_exact_mut(num_columns).enumerate() {
            let first = batch * LANES;
            if first >= self.num_frames {
                break;
            }
            if let Some(decibels) = &extractor.config.decibels {
                decibels.finish::<V>(maximum, columns);
            }
            let rows = &mut self.out[first * dim..(first + LANES).min(self.num_frames) * dim];
            match &extractor.dct {
                Some(dct) => {
                    dct.apply::<V>(columns, ceps);
                    write_rows::<V>(ceps, rows);
                }
                None => write_rows::<V>(columns, rows),
            }
        }
    }
}

/// 10 / ln 10.
const DECIBELS_PER_NEPER: f32 = 4.342_944_8;

/// Keeps the powers of the bins of a spectrum.
struct Power<'a>(&'a mut [Lanes]);

impl Bins for Power<'_> {
    #[inline(always)]
    fn put<V: Vector>(&mut self, k: usize, x: ComplexLanes<V>) {
        (x.re * x.re + x.im * x.im).store(&mut self.0[k].0);
    }
}

impl Extractor {
    /// Puts eight windowed frames from `first` on into lanes, packed for the transform. Where fewer
    /// are left, the last is repeated: that costs nothing and changes no maximum.
    #[inline(always)]
    fn pack<V: Vector>(
        &self,
        samples: &[f32],
        first: usize,
        num_frames: usize,
        packed: &mut [ComplexLanes],
    ) {
        let (weights, rest) = self.window.as_chunks::<LANES>();
        let mut frames = [samples; LANES];
        let mut blocks = [weights; LANES];
        for lane in 0..LANES {
            let start = (first + lane).min(num_frames - 1) * self.config.frames.shift;
            frames[lane] = &samples[start..start + self.window.len()];
            blocks[lane] = &frames[lane].as_chunks().0[..weights.len()];
        }
        let (whole, after) = packed.split_at_mut(weights.len() * LANES / 2);
        for (n, (packed, weights)) in whole.as_chunks_mut().0.iter_mut().zip(weights).enumerate() {
            let [a, b, c, d, e, f, g, h] = blocks;
            let rows = [&a[n], &b[n], &c[n], &d[n], &e[n], &f[n], &g[n], &h[n]];
            pack_windowed::<V>(rows, weights, packed);
        }
        // What is left of the frames is less than a block, and after it come zeros.
        after.fill(ComplexLanes::ZERO);
        for (i, &weight) in rest.iter().enumerate() {
            let to = &mut after[i / 2];
            let to = if i % 2 == 0 { &mut to.re } else { &mut to.im };
            for (x, frame) in to.0.iter_mut().zip(frames) {
                *x = frame[self.window.len() - rest.len() + i] * weight;
            }
        }
    }

    /// Columns of the powers of the bins.
    #[inline(always)]
    fn gather<V: Vector>(&self, power: &[Lanes], columns: &mut [Lanes]) {
        match (&self.config.columns, &self.mel) {
            (_, Some(mel)) => mel.apply::<V>(power, columns),
            (&Columns::MagnitudeGroups { bins_per_column, .. }, _) => {
                for (column, power) in columns.iter_mut().zip(power.chunks_exact(bins_per_column)) {
                    let mut sum = V::splat(0.0);
                    for power in power {
                        sum = sum + V::load(&power.0).sqrt();
                    }
                    // Decibels are of powers.
                    let sum = if self.config.decibels.is_some() { sum * sum } else { sum };
                    sum.store(&mut column.0);
                }
            }
            (Columns::Mel(_), None) => unreachable!("`new` makes filters for mel columns"),
        }
    }
}

#[inline(always)]
fn pack_windowed<V: Vector>(
    rows: [&[f32; LANES]; LANES],
    weights: &[f32; LANES],
    packed: &mut [ComplexLanes; LANES / 2],
) {
    let columns = V::transpose(rows);
    for (j, packed) in packed.iter_mut().enumerate() {
        let re = columns[2 * j] * weights[2 * j];
        let im = columns[2 * j + 1] * weights[2 * j + 1];
        ComplexLanes { re, im }.store(packed);
    }
}

/// Writes lanes as rows, of which there may be fewer than lanes.
///
/// - `columns`: the columns of the rows
/// - `rows`: row-major
#[inline(always)]
fn write_rows<V: Vector>(columns: &[Lanes], rows: &mut [f32]) {
    let dim = columns.len();
    let blocks = columns.as_chunks::<LANES>().0;
    let whole = if rows.len() == LANES * dim { blocks } else { &[] };
    for (n, [a, b, c, d, e, f, g, h]) in whole.iter().enumerate() {
        let pieces = V::transpose([&a.0, &b.0, &c.0, &d.0, &e.0, &f.0, &g.0, &h.0]);
        for (row, piece) in rows.chunks_exact_mut(dim).zip(pieces) {
            if let Some(row) = row[n * LANES..].first_chunk_mut() {
                piece.store(row);
            }
        }
    }
    let done = whole.len() * LANES;
    for (lane, row) in rows.chunks_exact_mut(dim).enumerate() {
        for (x, column) in row[done..].iter_mut().zip(&columns[done..]) {
            *x = column.0[lane];
        }
    }
}

impl Decibels {
    /// Applies what depends on the recording's maximum.
    #[inline(always)]
    fn finish<V: Vector>(&self, maximum: f32, columns: &mut [Lanes]) {
        let reference = if self.relative_to_maximum { maximum } else { 0.0 };
        let floor = self.top_db.map_or(f32::MIN, |top_db| maximum - reference - top_db);
        for column in columns {
            let column = &mut column.0;
            (V::load(column) - V::splat(reference)).max(V::splat(floor)).store(column);
        }
    }
}
