//! Reads arrays, writes recordings and draws numbers for the tests of every crate.
//!
//! No product code is in it or below it: [`Npy`] judges what the product writes, so it is written from
//! NumPy's documentation alone.
//!
//! ```
//! use ossicle_testing::{Random, noise, wav};
//!
//! let samples: Vec<i16> = noise(16_000, 1).iter().map(|x| (x * 8000.0) as i16).collect();
//! assert_eq!(wav(&samples, 1, 16_000).len(), 44 + 2 * 16_000);
//! assert!(Random::with_seed(7).u32(..32) < 32);
//! ```

mod noise;
mod npy;
mod wav;

pub use fastrand::Rng as Random;
pub use noise::{noise, noise_i16};
pub use npy::Npy;
pub use wav::wav;
