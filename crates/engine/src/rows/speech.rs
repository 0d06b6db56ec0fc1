//! The mask of an utterance's frames that are speech, made while its rows come.

use ossicle_dsp::{EnergyVad, VadStream};

/// The most frames whose energies are held until their mean is known: three hours of them, 4 MB. Those of
/// a longer utterance are made a second time.
const MOST_HELD: usize = 1 << 20;

/// The mask of speech of an utterance, while its rows come.
#[derive(Debug)]
pub(crate) struct Speech {
    vad: EnergyVad,
    state: State,
}

#[derive(Debug)]
/// The knowledge about the threshold so far.
enum State {
    /// The mean of all energies is not known yet. As many are held as can be.
    NeedsMean { sum: f64, count: usize, held: Vec<f32> },
    /// The threshold is known.
    Decides(VadStream),
}

impl Speech {
    pub(crate) fn new(vad: EnergyVad) -> Speech {
        let state = match vad.needs_mean() {
            true => State::NeedsMean { sum: 0.0, count: 0, held: Vec::new() },
            false => State::Decides(vad.begin(0.0)),
        };
        Speech { vad, state }
    }

    /// Takes the next frames' log energies, and appends to `mask` what is known by them.
    pub(crate) fn push(&mut self, energies: impl Iterator<Item = f32>, mask: &mut Vec<i16>) {
        match &mut self.state {
            State::Decides(stream) => stream.push(energies, mask),
            State::NeedsMean { sum, count, held } => {
                for energy in energies {
                    *sum += f64::from(energy);
                    *count += 1;
                    if *count <= MOST_HELD {
                        held.push(energy);
                    }
                }
            }
        }
    }

    /// Appends to `mask` what is left. Where the utterance was too long to be held, nothing is
    /// appended, and the rule that its energies are told by comes back, for when they come a second
    /// time.
    pub(crate) fn finish(self, mask: &mut Vec<i16>) -> Option<Speech> {
        match self.state {
            State::Decides(stream) => stream.finish([], mask),
            State::NeedsMean { sum, count, held } => {
                let stream = self.vad.begin(sum / count as f64);
                if count > held.len() {
                    return Some(Speech { vad: self.vad, state: State::Decides(stream) });
                }
                stream.finish(held, mask);
            }
        }
        None
    }
}
