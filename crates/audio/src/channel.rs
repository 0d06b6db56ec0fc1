//! The choice of the channel that becomes the mono signal.

use std::{fmt, str::FromStr};

use crate::Error;

/// The channel of a recording that is read, or all of them mixed.
///
/// ```
/// use ossicle_audio::Channel;
///
/// assert_eq!("mix".parse::<Channel>()?, Channel::Mix);
/// assert_eq!(Channel::Index(1).to_string(), "1");
/// # Ok::<(), ossicle_audio::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Channel {
    /// Channel 0. Always there.
    #[default]
    First,
    /// The mean of all channels: their `f32` samples are summed in channel order, and the sum is
    /// multiplied by `1 / channels`.
    Mix,
    /// The channel of this number, counted from 0.
    Index(u16),
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First => f.write_str("first"),
            Self::Mix => f.write_str("mix"),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

impl FromStr for Channel {
    type Err = Error;

    /// Reads `first`, `mix`, or a channel's number from 0.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`] for anything else.
    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "first" => Ok(Self::First),
            "mix" => Ok(Self::Mix),
            _ => match name.parse() {
                Ok(index) => Ok(Self::Index(index)),
                Err(_) => Err(Error::UnknownChannel { name: name.to_owned() }),
            },
        }
    }
}

/// A [`Channel`] that a certain recording is known to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selection {
    /// The channel of this index, which is below the number of channels.
    One(usize),
    /// The mean of at least two channels.
    Mean,
}

impl Channel {
    /// Finds this channel in a recording of `channels` channels, at least one.
    pub(crate) fn select_from(self, channels: u16) -> Result<Selection, Error> {
        match self {
            Self::First => Ok(Selection::One(0)),
            Self::Mix if channels == 1 => Ok(Selection::One(0)),
            Self::Mix => Ok(Selection::Mean),
            Self::Index(index) if index < channels => Ok(Selection::One(usize::from(index))),
            Self::Index(asked) => Err(Error::Channel { asked, available: channels }),
        }
    }
}

impl Selection {
    /// Takes or mixes channels while `sample` decodes what is stored of a sample.
    ///
    /// - `stored`: `out.len() * channels` samples, the channels alternating
    #[inline(always)]
    pub(crate) fn to_mono<T: Copy>(
        self,
        stored: &[T],
        channels: usize,
        out: &mut [f32],
        sample: impl Fn(T) -> f32,
    ) {
        match self {
            // The hot path: nearly all speech is mono. Without a stride it becomes vector code.
            Selection::One(_) if channels == 1 => {
                for (out, &stored) in out.iter_mut().zip(stored) {
                    *out = sample(stored);
                }
            }
            Selection::One(index) => {
                for (out, block) in out.iter_mut().zip(stored.chunks_exact(channels)) {
                    *out = sample(block[index]);
                }
            }
            Selection::Mean => {
                let scale = 1.0 / channels as f32;
                for (out, block) in out.iter_mut().zip(stored.chunks_exact(channels)) {
                    let sum = block[1..].iter().fold(sample(block[0]), |sum, &b| sum + sample(b));
                    *out = sum * scale;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_sums_in_channel_order() {
        // In `f32`, 1 + 2^24 + (-2^24) is 0 from the left and 1 from the right.
        let big = 16_777_216.0f32;
        let mut out = [f32::NAN];
        Selection::Mean.to_mono(&[1.0, big, -big], 3, &mut out, |x| x);
        assert_eq!(out, [0.0]);
    }

    #[test]
    fn every_channel_is_read_back_from_what_it_prints() {
        for channel in [Channel::First, Channel::Mix, Channel::Index(0), Channel::Index(u16::MAX)] {
            assert_eq!(channel.to_string().parse::<Channel>().unwrap(), channel);
        }
    }

    #[test]
    fn an_unknown_channel_is_named_with_the_choices() {
        for name in ["", "left", "-1", "65536", "Mix"] {
            let message = name.parse::<Channel>().unwrap_err().to_string();
            assert!(message.contains(&format!("\"{name}\"")), "{message}");
            assert!(message.contains("`first`, `mix` or a number"), "{message}");
        }
    }

    #[test]
    fn a_channel_that_is_not_there_is_refused_with_both_numbers() {
        assert_eq!(Channel::Index(1).select_from(2).unwrap(), Selection::One(1));
        assert_eq!(Channel::Mix.select_from(1).unwrap(), Selection::One(0));
        assert!(matches!(
            Channel::Index(2).select_from(2),
            Err(Error::Channel { asked: 2, available: 2 })
        ));
    }
}
