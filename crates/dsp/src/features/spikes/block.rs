//! The search for the spikes of one block.

use super::pursuit::{MatchingPursuit, PursuitScratch, Refine};
use super::refine::Enough;
use super::spikegram::Spike;
use super::sums::energy;
use crate::kernels::lanes::Vector;
use crate::kernels::simd::FrameKernel;

/// The correlations are computed anew once the largest is so small, compared with the largest when they
/// were last computed: their errors are of that one's rounding, and by then so much is pending of them
/// that it costs as much to be without it.
const DRIFT_RATIO: f32 = 0.04;

/// The same where amplitudes are refined, which is done then, too. With 0.7 for a half there are a hundredth fewer
/// spikes in 1.3 times the time, with 0.2 two hundredths more in two thirds of it.
const REFINE_RATIO: f32 = 0.5;

/// The smallest correlation that is a spike, compared with the norm of the block. Below it single
/// precision leaves nothing but noise.
const FAINTEST_RATIO: f64 = 1e-6;

/// The pursuit of one block.
pub(super) struct Block<'a> {
    pub(super) pursuit: &'a MatchingPursuit,
    pub(super) scratch: &'a mut PursuitScratch,
    pub(super) num_onsets: usize,
    pub(super) spikes: &'a mut Vec<Spike>,
}

/// The reason why no more spikes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StopReason {
    /// The residual is as small as is wanted.
    Reached,
    /// The wanted number of spikes is there, or those that there could be are too small.
    Exhausted,
    /// The correlations have to be computed anew.
    Drifted,
}

impl FrameKernel for Block<'_> {
    /// Whether the search ended at no end that was asked for.
    type Output = bool;

    #[inline(always)]
    fn run<V: Vector<N>, const N: usize>(mut self) -> bool {
        self.scratch.atoms.clear();
        let ended_early = self.search::<V, N>();
        self.spikes.extend(self.scratch.atoms.iter().map(|atom| Spike {
            channel: atom.channel,
            sample: atom.onset.into(),
            amplitude: atom.amplitude,
        }));
        ended_early
    }
}

impl Block<'_> {
    /// Looks for spikes until there are enough, and says whether that ended at no end that was asked for.
    #[inline(always)]
    fn search<V: Vector<N>, const N: usize>(&mut self) -> bool {
        let MatchingPursuit { dictionary, config, .. } = self.pursuit;
        let begin = energy(&self.scratch.exact);
        let mut now = begin;
        let wanted = config.snr_db.map_or(0.0, |snr| begin * libm::pow(10.0, -snr / 10.0));
        let faintest = (FAINTEST_RATIO * begin.sqrt()) as f32;
        let smallest = config.min_amplitude.unwrap_or(0.0).max(faintest);
        let asked = self.pursuit.asked_spikes(self.num_onsets);
        let mut left = asked.map_or(self.num_onsets, |asked| asked.min(self.num_onsets));
        loop {
            let end = self.run_round::<V, N>(now, wanted, smallest, &mut left);
            let PursuitScratch { exact, atoms, refiner, .. } = &mut *self.scratch;
            let is_refined = config.refine == Refine::Orthogonal;
            if is_refined {
                refiner.refine(Enough::ON_THE_WAY, dictionary, atoms, exact);
            }
            // Anew, of the exact residual: subtracting spike by spike has added up rounding.
            now = energy(exact);
            let is_reached = now <= wanted;
            if !is_reached && end != StopReason::Exhausted {
                continue;
            }
            if is_refined {
                if is_reached {
                    refiner.trim(dictionary, atoms, exact, wanted);
                }
                refiner.refine(Enough::AT_LAST, dictionary, atoms, exact);
            }
            return !is_reached
                && match left {
                    // As many spikes as samples.
                    0 => asked.is_none_or(|asked| asked > self.num_onsets),
                    // What could still be found is noise.
                    _ => config.snr_db.is_some() && smallest == faintest,
                };
        }
    }

    /// Computes the correlations and takes spikes as long as they are good for. Afterwards the residual is
    /// exact.
    #[inline(always)]
    fn run_round<V: Vector<N>, const N: usize>(
        &mut self,
        mut energy: f64,
        wanted: f64,
        smallest: f32,
        left: &mut usize,
    ) -> StopReason {
        let PursuitScratch { cells, correlator, exact, residual, atoms, .. } = &mut *self.scratch;
        let MatchingPursuit { dictionary, config, kernels, overlaps, .. } = self.pursuit;
        let ratio = match config.refine {
            Refine::None => DRIFT_RATIO,
            Refine::Orthogonal => REFINE_RATIO,
        };
        residual.load(exact);
        cells.resize(dictionary.num_channels(), self.num_onsets);
        self.pursuit.correlator.correlate::<V, N>(residual.samples(), cells, correlator);
        cells.measure_all::<V, N>();
        let first = atoms.len();
        let mut drifted = 0.0;
        let end = loop {
            if energy <= wanted {
                break StopReason::Reached;
            }
            if *left == 0 {
                break StopReason::Exhausted;
            }
            let Some(best) = cells.best::<V, N>(kernels, residual) else {
                break StopReason::Exhausted;
            };
            let size = best.size();
            if size < smallest {
                break StopReason::Exhausted;
            }
            if atoms.len() == first {
                drifted = ratio * size;
            } else if size < drifted {
                break StopReason::Drifted;
            }
            let atom = best.atom();
            residual.subtract::<V, N>(kernels, atom);
            cells.subtract::<V, N>(overlaps, atom);
            atoms.push(atom);
            energy -= f64::from(size) * f64::from(size);
            *left -= 1;
        };
        for atom in &atoms[first..] {
            atom.add(dictionary, f64::from(-atom.amplitude), exact);
        }
        end
    }
}
