//! The correlations of a signal with every kernel, by Fourier transforms.

use super::cell::CELL;
use super::cells::Cells;
use super::gammatone::Dictionary;
use crate::kernels::bluestein::ChirpScratch;
use crate::kernels::buffer::{ComplexArray, LaneBuffer};
use crate::kernels::fft::{BinSource, RealFft};
use crate::kernels::lanes::{Complex, ComplexLanes, LANES, Vector};
use crate::kernels::simd::Baseline;
use crate::kernels::unpack::BinSink;

/// A plan for correlations of signals of any length with every kernel of a dictionary.
///
/// As many stretches of the signal as a vector has lanes at a time are multiplied in frequency with the conjugate
/// of each kernel's transform. Of a stretch, the onsets count at which the longest kernel lies within it.
#[derive(Debug, Clone)]
pub(super) struct Correlator {
    fft: RealFft,
    /// The number of cells of a stretch that count.
    cells: usize,
    /// The conjugate of each kernel's transform, over the size.
    kernels: Vec<Vec<Complex>>,
}

/// Buffers of a [`Correlator`].
#[derive(Debug, Default)]
pub(super) struct CorrelatorScratch {
    signal: LaneBuffer,
    data: LaneBuffer,
    numbers: LaneBuffer,
    chirp: ChirpScratch,
}

impl Correlator {
    pub(super) fn new(dictionary: &Dictionary) -> Correlator {
        let longest = dictionary.longest();
        let size = (2 * longest).max(16 * CELL).next_power_of_two();
        // Kernels are at most 2^15 samples long, so that there is such a transform.
        let fft = RealFft::new(size);
        let mut correlator =
            Correlator { fft, cells: (size - longest + 1) / CELL, kernels: Vec::new() };
        let mut scratch = CorrelatorScratch::default();
        correlator.prepare(LANES, &mut scratch);
        let channels: Vec<usize> = (0..dictionary.num_channels()).collect();
        for group in channels.chunks(LANES) {
            let sample = |lane: usize, n: usize| {
                let kernel = group.get(lane).map_or(&[][..], |&channel| dictionary.kernel(channel));
                kernel.get(n).copied().unwrap_or(0.0)
            };
            correlator.transform::<Baseline, LANES>(sample, &mut scratch);
            for lane in 0..group.len() {
                let scale = 1.0 / size as f32;
                let conjugate = |[re, im]: &ComplexArray<LANES>| Complex {
                    re: re[lane] * scale,
                    im: im[lane] * -scale,
                };
                correlator.kernels.push(scratch.signal.complex().iter().map(conjugate).collect());
            }
        }
        correlator
    }

    /// - `lanes`: the most that vectors have
    pub(super) fn prepare(&self, lanes: usize, scratch: &mut CorrelatorScratch) {
        scratch.signal.resize(self.fft.num_bins() * 2 * lanes);
        scratch.data.resize(self.fft.packed_len() * 2 * lanes);
        scratch.numbers.resize(self.fft.packed_len() * 2 * lanes);
    }

    /// Writes the correlations at all onsets.
    ///
    /// - `signal`: goes on with zeros
    /// - `scratch`: as [`prepare`](Correlator::prepare) leaves it
    #[inline(always)]
    pub(super) fn correlate<V: Vector<N>, const N: usize>(
        &self,
        signal: &[f32],
        cells: &mut Cells,
        scratch: &mut CorrelatorScratch,
    ) {
        let mut first = 0;
        while first < cells.num_cells() {
            // Where eight lanes are enough, more would take longer.
            let lanes = match N > LANES && cells.num_cells() - first > self.cells * LANES {
                true => self.correlate_stretches::<V, N>(signal, first, cells, scratch),
                false => self.correlate_stretches::<V::Eight, LANES>(signal, first, cells, scratch),
            };
            first += self.cells * lanes;
        }
    }

    /// Writes the correlations of some stretches, and says of how many.
    ///
    /// - `first`: the first cell
    #[inline(always)]
    fn correlate_stretches<V: Vector<N>, const N: usize>(
        &self,
        signal: &[f32],
        first: usize,
        cells: &mut Cells,
        scratch: &mut CorrelatorScratch,
    ) -> usize {
        let hop = self.cells * CELL;
        let sample = |lane: usize, n: usize| {
            signal.get(first * CELL + lane * hop + n).copied().unwrap_or(0.0)
        };
        self.transform::<V, N>(sample, scratch);
        for (channel, kernel) in self.kernels.iter().enumerate() {
            // Of one length, so that one question tells whether both have a bin.
            let signal = &scratch.signal.complex()[..kernel.len()];
            let product = Product { signal, kernel };
            let numbers = scratch.numbers.complex_mut();
            self.fft.inverse::<V, N>(&product, scratch.data.complex_mut(), numbers);
            for i in 0..self.cells {
                let numbers = &numbers[i * CELL / 2..][..CELL / 2];
                for eight in 0..N / LANES {
                    let first = first + eight * LANES * self.cells + i;
                    put::<V, N>(numbers, eight, channel, (first, self.cells), cells);
                }
            }
        }
        N
    }

    /// Transforms stretches.
    #[inline(always)]
    fn transform<V: Vector<N>, const N: usize>(
        &self,
        sample: impl Fn(usize, usize) -> f32,
        scratch: &mut CorrelatorScratch,
    ) {
        let CorrelatorScratch { signal, data, chirp, .. } = scratch;
        let data = data.complex_mut();
        for (j, [even, odd]) in data.iter_mut().enumerate() {
            *even = std::array::from_fn(|lane| sample(lane, 2 * j));
            *odd = std::array::from_fn(|lane| sample(lane, 2 * j + 1));
        }
        self.fft.transform::<V, Keep, N>(data, chirp, signal.complex_mut());
    }
}

/// Writes the correlations of a cell of eight stretches.
///
/// - `eight`: which of the lanes
/// - `to`: the cell of the first stretch, and how far that of the next is from it
#[inline(always)]
fn put<V: Vector<N>, const N: usize>(
    numbers: &[ComplexArray<N>],
    eight: usize,
    channel: usize,
    to: (usize, usize),
    cells: &mut Cells,
) {
    let (first, stride) = to;
    for (at, numbers) in numbers.chunks_exact(LANES / 2).enumerate() {
        let rows = std::array::from_fn(|n| {
            let [re, im] = &numbers[n / 2];
            let row = if n % 2 == 0 { im } else { re };
            &row.as_chunks::<LANES>().0[eight]
        });
        for (lane, column) in V::Eight::transpose(rows).into_iter().enumerate() {
            let cell = first + lane * stride;
            if cell < cells.num_cells() {
                let (eights, _) = cells.cell_mut(cell, channel).0.as_chunks_mut();
                column.store(&mut eights[at]);
            }
        }
    }
}

/// Keeps bins as they are.
struct Keep;

impl<const N: usize> BinSink<N> for Keep {
    type Bin = ComplexArray<N>;

    #[inline(always)]
    fn put<V: Vector<N>>(bin: &mut ComplexArray<N>, x: ComplexLanes<V>) {
        x.store(bin);
    }
}

/// A signal's bins times a kernel's.
struct Product<'a, const N: usize> {
    signal: &'a [ComplexArray<N>],
    kernel: &'a [Complex],
}

impl<const N: usize> BinSource<N> for Product<'_, N> {
    #[inline(always)]
    fn get<V: Vector<N>>(&self, k: usize) -> ComplexLanes<V> {
        ComplexLanes::<V>::load(&self.signal[k]).rotate(self.kernel[k])
    }
}
