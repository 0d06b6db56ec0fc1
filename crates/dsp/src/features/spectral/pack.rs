//! Samples put into lanes, treated, and packed for the transform.

use crate::kernels::buffer::ComplexArray;
use crate::kernels::lanes::{ComplexLanes, LANES, Vector};

/// Frames on their way into lanes.
///
/// Samples come in blocks of eight, which are transposed: from eight of a frame to one of each. Where
/// frames overlap, most columns need no transposing: sample n of a frame is sample n − shift of the next
/// one, so the column of sample n is that of sample n − shift, moved by a lane, and the last lane takes
/// the one sample that is new. Columns that are made of each other are a *chain* of so many shifts.
pub(super) struct Packer<'a, const N: usize> {
    frames: [&'a [f32]; N],
    /// The whole blocks of each frame.
    blocks: [&'a [[f32; LANES]]; N],
    window: &'a [f32],
    /// The samples that the frames after these begin to need.
    next: &'a [f32],
    /// The number of blocks from one of a chain to the next.
    stride: usize,
}

/// The most columns of a chain. Where frames overlap more, all are transposed.
const MOST_LINKS: usize = 4;

/// The samples in a line of the cache.
const LINE: usize = 16;

/// What is done with the samples of frames.
pub(super) trait Treatment<V, const N: usize> {
    /// Begins with the samples of a link of the chains, which come after the samples `before`.
    fn begin(&mut self, link: usize, before: V);

    /// Treats the next `count` samples of a link and multiplies them with the window; zeros come after
    /// them. Implementations must be `#[inline(always)]`.
    fn treat(
        &mut self,
        link: usize,
        columns: [V; LANES],
        count: usize,
        weights: &[f32; LANES],
    ) -> [V; LANES];
}

impl<'a, const N: usize> Packer<'a, N> {
    /// - `shift`: from each frame to the next; no less than a frame where they have nothing in common
    #[inline(always)]
    pub(super) fn new(
        frames: [&'a [f32]; N],
        window: &'a [f32],
        next: &'a [f32],
        shift: usize,
    ) -> Self {
        let num_blocks = window.len() / LANES;
        let blocks = frames.map(|frame| &frame.as_chunks().0[..num_blocks]);
        let stride = shift / LANES;
        let chained =
            shift.is_multiple_of(LANES) && num_blocks <= stride.saturating_mul(MOST_LINKS);
        let stride = if chained { stride } else { num_blocks.max(1) };
        Packer { frames, blocks, window, next, stride }
    }

    /// Puts the samples into lanes and treats them. What comes after the frames is left as it is.
    #[inline(always)]
    pub(super) fn pack<V: Vector<N>>(
        &self,
        treatment: &mut impl Treatment<V, N>,
        packed: &mut [ComplexArray<N>],
    ) {
        let (weights, rest) = self.window.as_chunks();
        let (whole, after) = packed.split_at_mut(weights.len() * LANES / 2);
        let whole = &mut whole.as_chunks_mut().0[..weights.len()];
        // What comes before the first sample is taken for the same.
        treatment.begin(0, self.column(0));
        for (link, first) in (0..weights.len()).step_by(self.stride).enumerate().skip(1) {
            treatment.begin(link, self.column(first * LANES - 1));
        }
        let entering = &self.blocks[N - 1][..weights.len()];
        let mut next = self.next.as_chunks::<LINE>().0.chunks_exact(N * LANES / LINE);
        for first in 0..self.stride.min(weights.len()) {
            // With each block as many of the next samples as a block of all lanes has, so that they are there before the
            // next frames are summed.
            for line in next.next().unwrap_or_default() {
                V::prefetch(line);
            }
            let mut columns = V::transpose(self.nth_blocks(first));
            let (mut n, mut link) = (first, 0);
            loop {
                pack_block(treatment.treat(link, columns, LANES, &weights[n]), &mut whole[n]);
                (n, link) = (n + self.stride, link + 1);
                if n >= weights.len() {
                    break;
                }
                for i in 0..LANES {
                    columns[i] = columns[i].enter(entering[n][i]);
                }
            }
        }
        if !rest.is_empty() {
            let mut weights = [0.0; LANES];
            weights[..rest.len()].copy_from_slice(rest);
            let last = self.window.len().saturating_sub(LANES) / LANES / self.stride;
            let tail = treatment.treat(last, self.tail(), rest.len(), &weights);
            for (i, column) in tail.into_iter().enumerate().take(rest.len()) {
                column.store(&mut after[i / 2][i % 2]);
            }
        }
    }

    /// Sums each frame: its samples in eights, and then what the eight places hold.
    #[inline(always)]
    pub(super) fn sums<V: Vector<N>>(&self) -> V {
        let mut places = [[0.0; LANES]; N];
        for (places, blocks) in places.iter_mut().zip(&self.blocks) {
            // In two sums, so that one addition need not wait for the other.
            let mut sums = [V::Eight::splat(0.0); 2];
            let (pairs, last) = blocks.as_chunks::<2>();
            for [a, b] in pairs {
                sums = [sums[0] + V::Eight::load(a), sums[1] + V::Eight::load(b)];
            }
            for a in last {
                sums[0] = sums[0] + V::Eight::load(a);
            }
            (sums[0] + sums[1]).store(places);
        }
        let mut rows = [&places[0]; N];
        for (row, places) in rows.iter_mut().zip(&places) {
            *row = places;
        }
        pairwise_sum::<V, N>(V::transpose(rows)) + pairwise_sum::<V, N>(self.tail())
    }

    /// Loads the samples after the last whole block of each frame, and zeros.
    #[inline(always)]
    fn tail<V: Vector<N>>(&self) -> [V; LANES] {
        let begin = self.window.len() / LANES * LANES;
        let mut tail = [V::splat(0.0); LANES];
        for (i, tail) in tail.iter_mut().enumerate().take(self.window.len() - begin) {
            *tail = self.column(begin + i);
        }
        tail
    }

    /// Loads one sample of each frame.
    #[inline(always)]
    fn column<V: Vector<N>>(&self, n: usize) -> V {
        let mut column = [0.0; N];
        for (x, frame) in column.iter_mut().zip(&self.frames) {
            *x = frame[n];
        }
        V::load(&column)
    }

    /// Returns the n-th block of each frame.
    #[inline(always)]
    fn nth_blocks(&self, n: usize) -> [&'a [f32; LANES]; N] {
        let mut nth = [&self.blocks[0][n]; N];
        for (nth, blocks) in nth.iter_mut().zip(&self.blocks) {
            *nth = &blocks[n];
        }
        nth
    }
}

#[inline(always)]
fn pack_block<V: Vector<N>, const N: usize>(
    columns: [V; LANES],
    packed: &mut [ComplexArray<N>; LANES / 2],
) {
    for (j, packed) in packed.iter_mut().enumerate() {
        ComplexLanes { re: columns[2 * j], im: columns[2 * j + 1] }.store(packed);
    }
}

/// The window alone.
pub(super) struct Weigh;

impl<V: Vector<N>, const N: usize> Treatment<V, N> for Weigh {
    #[inline(always)]
    fn begin(&mut self, _link: usize, _before: V) {}

    #[inline(always)]
    fn treat(
        &mut self,
        _link: usize,
        columns: [V; LANES],
        _count: usize,
        weights: &[f32; LANES],
    ) -> [V; LANES] {
        weigh(columns, weights)
    }
}

#[inline(always)]
fn weigh<V: Vector<N>, const N: usize>(
    mut columns: [V; LANES],
    weights: &[f32; LANES],
) -> [V; LANES] {
    for (column, &weight) in columns.iter_mut().zip(weights) {
        *column = *column * weight;
    }
    columns
}

/// The energies of the samples of frames.
pub(crate) struct SampleEnergies<V> {
    /// Before pre-emphasis and window.
    pub(crate) raw: V,
    /// After pre-emphasis and window.
    pub(crate) windowed: V,
}

/// Samples without their mean, filtered, and times the window; with `ENERGIES`, their energies too.
pub(super) struct Conditioner<V, const ENERGIES: bool> {
    mean: V,
    coefficient: f32,
    /// The sample before the next of each link, without the mean.
    before: [V; MOST_LINKS],
    energies: SampleEnergies<V>,
}

impl<V, const ENERGIES: bool> Conditioner<V, ENERGIES> {
    /// - `coefficient`: of the filter y\[n\] = x\[n\] − k·x\[n − 1\]
    #[inline(always)]
    pub(super) fn new<const N: usize>(mean: V, coefficient: f32) -> Self
    where
        V: Vector<N>,
    {
        let zero = V::splat(0.0);
        let energies = SampleEnergies { raw: zero, windowed: zero };
        Conditioner { mean, coefficient, before: [zero; MOST_LINKS], energies }
    }

    /// Returns the energies, zeros where they are not wanted.
    #[inline(always)]
    pub(super) fn energies(self) -> SampleEnergies<V> {
        self.energies
    }
}

impl<V: Vector<N>, const N: usize, const ENERGIES: bool> Treatment<V, N>
    for Conditioner<V, ENERGIES>
{
    #[inline(always)]
    fn begin(&mut self, link: usize, before: V) {
        self.before[link] = before - self.mean;
    }

    #[inline(always)]
    fn treat(
        &mut self,
        link: usize,
        columns: [V; LANES],
        count: usize,
        weights: &[f32; LANES],
    ) -> [V; LANES] {
        let mut centred = [V::splat(0.0); LANES];
        for (centred, &x) in centred[..count].iter_mut().zip(&columns) {
            *centred = x - self.mean;
        }
        let mut out = centred;
        let mut before = self.before[link];
        for (out, &x) in out.iter_mut().zip(&centred) {
            *out = x - before * self.coefficient;
            before = x;
        }
        self.before[link] = before;
        let out = weigh(out, weights);
        if ENERGIES {
            let SampleEnergies { raw, windowed } = &mut self.energies;
            *raw = *raw + sum_of_squares(centred);
            *windowed = *windowed + sum_of_squares(out);
        }
        out
    }
}

#[inline(always)]
fn sum_of_squares<V: Vector<N>, const N: usize>(mut x: [V; LANES]) -> V {
    for x in &mut x {
        *x = *x * *x;
    }
    pairwise_sum(x)
}

/// Adds eight, in pairs of pairs.
#[inline(always)]
fn pairwise_sum<V: Vector<N>, const N: usize>([a, b, c, d, e, f, g, h]: [V; LANES]) -> V {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}
