//! Logarithmic scales.

use crate::error::Error;
use crate::kernels::lanes::Vector;

/// A logarithmic scale for energies.
///
/// A value x of the spectrum's columns becomes `(log(floor(x)) + offset) · factor`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Log {
    /// The logarithm.
    pub base: LogBase,
    /// The treatment of values whose logarithm would be too small or infinite.
    pub floor: Floor,
    /// The most that a value may lie below the recording's largest, in dB of power; `None` sets no
    /// bound.
    pub top_db: Option<f32>,
    /// Makes the largest value of the recording zero.
    pub relative_to_maximum: bool,
    /// The value of the logarithm that stands for the recording's largest, so that no row depends on the
    /// others; `None` takes the recording's.
    pub maximum: Option<f32>,
    /// A number that is added to the logarithm.
    pub offset: f32,
    /// The factor of the sum.
    pub factor: f32,
}

/// A logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogBase {
    /// ln x.
    E,
    /// log10 x.
    Ten,
    /// 10·log10 x of a power, and 20·log10 x of a magnitude, which is squared first: so floors are of
    /// powers.
    Decibels,
}

/// The treatment of values whose logarithm would be too small or infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Floor {
    /// Smaller values are raised to this: Kaldi, HTK, librosa, Whisper.
    Raise(f32),
    /// Raises every value by this: torchaudio's `log_mels`, NeMo.
    Add(f32),
    /// Replaces zeros alone: python_speech_features.
    ReplaceZero(f32),
}

impl Log {
    /// Describes the natural logarithm of values that are at least `floor`.
    pub fn natural(floor: f32) -> Log {
        Log {
            base: LogBase::E,
            floor: Floor::Raise(floor),
            top_db: None,
            relative_to_maximum: false,
            maximum: None,
            offset: 0.0,
            factor: 1.0,
        }
    }

    /// Decibels of values that are at least 1e-10, at most `top_db` below the recording's largest:
    /// `librosa.power_to_db`, `torchaudio.transforms.AmplitudeToDB`.
    pub fn decibels(top_db: Option<f32>) -> Log {
        Log { base: LogBase::Decibels, top_db, ..Log::natural(1e-10) }
    }

    /// Returns whether a value depends on the recording's largest.
    pub(crate) fn needs_maximum(&self) -> bool {
        self.maximum.is_none() && self.is_relative()
    }

    /// Returns whether a value depends on the largest, whatever that is.
    fn is_relative(&self) -> bool {
        self.top_db.is_some() || self.relative_to_maximum
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let (Floor::Raise(floor) | Floor::Add(floor) | Floor::ReplaceZero(floor)) = self.floor;
        if !floor.is_normal() || floor < 0.0 {
            return Err(Error::LogFloor { floor });
        }
        if let Some(top_db) = self.top_db.filter(|&db| !(db > 0.0 && db.is_finite())) {
            return Err(Error::TopDb { top_db });
        }
        for (key, value) in [("offset", self.offset), ("maximum", self.maximum.unwrap_or(0.0))] {
            if !value.is_finite() {
                return Err(Error::NotFinite { key, value });
            }
        }
        match self.factor.is_normal() && self.factor > 0.0 {
            true => Ok(()),
            false => Err(Error::NotPositive { key: "factor", value: self.factor }),
        }
    }

    /// Takes the logarithm of the columns, which are finite and not negative, and raises `maximum`.
    ///
    /// - `magnitudes`: whether the columns are of magnitudes, and not of powers
    #[inline(always)]
    pub(crate) fn apply<V: Vector<N>, const N: usize>(
        &self,
        magnitudes: bool,
        columns: &mut [[f32; N]],
        maximum: &mut V,
    ) {
        if magnitudes && self.base == LogBase::Decibels {
            for column in columns.iter_mut() {
                let x = V::load(column);
                (x * x).store(column);
            }
        }
        // `ln` takes normal numbers, so each treatment ends with a floor.
        let floor = match self.floor {
            Floor::Raise(floor) => floor,
            Floor::Add(floor) => {
                for column in columns.iter_mut() {
                    (V::load(column) + V::splat(floor)).store(column);
                }
                f32::MIN_POSITIVE
            }
            Floor::ReplaceZero(floor) => {
                for column in columns.iter_mut() {
                    let x = V::load(column);
                    // (Of numbers that are replaced where they lie, the compiler makes stores under a mask,
                    // which take an AMD EPYC tens of cycles.)
                    (x + x.is_zero() * floor).store(column);
                }
                f32::MIN_POSITIVE
            }
        };
        let (blocks, rest) = columns.as_chunks_mut();
        for block in blocks {
            self.take_logarithms::<V, N>(floor, block, maximum);
        }
        if let Some(&first) = rest.first() {
            // What stands for those that are missing changes no maximum.
            let mut block = [first; ABREAST];
            block[..rest.len()].copy_from_slice(rest);
            self.take_logarithms::<V, N>(floor, &mut block, maximum);
            rest.copy_from_slice(&block[..rest.len()]);
        }
    }

    /// Takes the logarithms of some columns together.
    #[inline(always)]
    fn take_logarithms<V: Vector<N>, const N: usize>(
        &self,
        floor: f32,
        columns: &mut [[f32; N]; ABREAST],
        maximum: &mut V,
    ) {
        let mut numbers = [V::splat(floor); ABREAST];
        for i in 0..ABREAST {
            numbers[i] = V::load(&columns[i]).max(numbers[i]);
        }
        let logarithms = V::ln_of(numbers);
        for i in 0..ABREAST {
            let logarithm = logarithms[i] * self.per_neper();
            *maximum = maximum.max(logarithm);
            logarithm.store(&mut columns[i]);
        }
    }

    /// Applies what comes after the recording's maximum is known; without need for it, it may be
    /// anything.
    #[inline(always)]
    pub(crate) fn finish<V: Vector<N>, const N: usize>(
        &self,
        maximum: f32,
        columns: &mut [[f32; N]],
    ) {
        if self.is_relative() {
            let maximum = self.maximum.unwrap_or(maximum);
            let reference = if self.relative_to_maximum { maximum } else { 0.0 };
            let range = |top_db: f32| match self.base {
                LogBase::Decibels => top_db,
                LogBase::Ten => top_db / 10.0,
                LogBase::E => top_db / DECIBELS_PER_NEPER,
            };
            let floor = self.top_db.map_or(f32::MIN, |top_db| maximum - reference - range(top_db));
            for column in columns.iter_mut() {
                (V::load(column) - V::splat(reference)).max(V::splat(floor)).store(column);
            }
        }
        if self.offset != 0.0 || self.factor != 1.0 {
            for column in columns {
                ((V::load(column) + V::splat(self.offset)) * self.factor).store(column);
            }
        }
    }

    fn per_neper(&self) -> f32 {
        match self.base {
            LogBase::E => 1.0,
            LogBase::Ten => DECIBELS_PER_NEPER / 10.0,
            LogBase::Decibels => DECIBELS_PER_NEPER,
        }
    }
}

/// The number of columns whose logarithms are taken step by step together: more would need more registers than
/// there are, fewer would wait.
const ABREAST: usize = 8;

/// 10 / ln 10.
const DECIBELS_PER_NEPER: f32 = 4.342_944_8;
