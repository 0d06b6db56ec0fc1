//! The amplitudes of all spikes of a block, solved together.
//!
//! A pursuit gives a spike the amplitude that is best while those after it are not there yet. Where kernels overlap, all
//! amplitudes together can do better: they are the least squares over the kernels that were chosen, as in *orthogonal*
//! matching pursuit (Y. C. Pati, R. Rezaiifar and P. S. Krishnaprasad, 27th Asilomar Conference on Signals, Systems and
//! Computers, 1993). They are found by conjugate gradients in the form for least squares (M. R. Hestenes and E. Stiefel,
//! *Methods of Conjugate Gradients for Solving Linear Systems*, Journal of Research of the National Bureau of Standards
//! 49, 1952), which needs no matrix but the kernels themselves.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::atom::Atom;
use super::gammatone::Dictionary;
use super::sums::{dot, energy};

/// The end of a solution's steps: as soon as one of these is reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enough {
    /// What may be left, in energy, of the correlations of the residual with the kernels.
    ratio: f64,
    /// The most steps. Kernels that are nearly the same take many, and gain little by them.
    steps: usize,
}

impl Enough {
    /// Some ten steps are usual. To leave a hundredth of this takes 1.5 times as long, and as many spikes are there in
    /// the end, because the next solution goes on from there.
    pub(super) const ON_THE_WAY: Enough = Enough { ratio: 1e-4, steps: 50 };

    /// For the last solution.
    pub(super) const AT_LAST: Enough = Enough { ratio: 1e-6, steps: 200 };
}

/// How often spikes that are not needed any more are left out. A third time leaves out one in a thousand.
const TRIMS: usize = 2;

/// Buffers of a solution.
#[derive(Debug, Default)]
pub(super) struct Refiner {
    /// What is added to each amplitude, in all and at a step, and the correlation of each kernel.
    change: Vec<f64>,
    direction: Vec<f64>,
    gradient: Vec<f64>,
    /// The sound of a step, and the residual after it.
    sound: Vec<f64>,
    left: Vec<f64>,
}

impl Refiner {
    /// Changes the amplitudes to those that leave the least energy, and the residual with them. Spikes of one channel
    /// and onset become one.
    ///
    /// - `residual`: what the spikes leave of the block and of what follows it
    #[inline(always)]
    pub(super) fn refine(
        &mut self,
        enough: Enough,
        dictionary: &Dictionary,
        atoms: &mut Vec<Atom>,
        residual: &mut [f64],
    ) {
        merge(atoms);
        self.solve(enough, dictionary, atoms, residual);
        for (atom, change) in atoms.iter_mut().zip(&self.change) {
            let before = atom.amplitude;
            atom.amplitude = (f64::from(before) + change) as f32;
            let less = f64::from(before) - f64::from(atom.amplitude);
            atom.add(dictionary, less, residual);
        }
    }

    /// Finds what has to be added to the amplitudes.
    #[inline(always)]
    fn solve(&mut self, enough: Enough, dictionary: &Dictionary, atoms: &[Atom], residual: &[f64]) {
        let Refiner { change, direction, gradient, sound, left } = self;
        left.clear();
        left.extend_from_slice(residual);
        sound.resize(residual.len(), 0.0);
        change.clear();
        change.resize(atoms.len(), 0.0);
        gradient.resize(atoms.len(), 0.0);
        correlate(dictionary, atoms, left, gradient);
        direction.clone_from(gradient);
        let mut now = energy(gradient);
        let small = enough.ratio * now;
        for _ in 0..enough.steps {
            sound.fill(0.0);
            for (atom, &x) in atoms.iter().zip(&*direction) {
                atom.add(dictionary, x, sound);
            }
            let step = now / energy(sound);
            if !step.is_finite() {
                break;
            }
            scale_and_add(change, step, direction);
            scale_and_add(left, -step, sound);
            correlate(dictionary, atoms, left, gradient);
            let next = energy(gradient);
            if next <= small {
                break;
            }
            for (direction, &gradient) in direction.iter_mut().zip(&*gradient) {
                *direction = gradient + next / now * *direction;
            }
            now = next;
        }
    }

    /// Leaves out the faintest spikes that are not needed for the residual to have at most so much energy, as it has,
    /// and refines the others.
    #[inline(always)]
    pub(super) fn trim(
        &mut self,
        dictionary: &Dictionary,
        atoms: &mut Vec<Atom>,
        residual: &mut [f64],
        most: f64,
    ) {
        for _ in 0..TRIMS {
            let mut now = energy(residual);
            let mut order: Vec<usize> = (0..atoms.len()).collect();
            order.sort_by(|&a, &b| atoms[a].amplitude.abs().total_cmp(&atoms[b].amplitude.abs()));
            let mut is_needed = vec![true; atoms.len()];
            for at in order {
                let (atom, x) = (atoms[at], f64::from(atoms[at].amplitude));
                now += x * (2.0 * correlation(dictionary, atom, residual) + x);
                if now > most {
                    break;
                }
                atom.add(dictionary, x, residual);
                is_needed[at] = false;
            }
            let mut is_needed = is_needed.into_iter();
            atoms.retain(|_| is_needed.next().unwrap_or(true));
            self.refine(Enough::ON_THE_WAY, dictionary, atoms, residual);
        }
    }
}

/// Makes spikes of one channel and onset one, which is where the first of them was.
fn merge(atoms: &mut Vec<Atom>) {
    let mut places = HashMap::new();
    let mut merged: Vec<Atom> = Vec::with_capacity(atoms.len());
    for atom in atoms.drain(..) {
        match places.entry((atom.channel, atom.onset)) {
            Entry::Occupied(place) => {
                let first: &mut Atom = &mut merged[*place.get()];
                first.amplitude += atom.amplitude;
            }
            Entry::Vacant(place) => {
                place.insert(merged.len());
                merged.push(atom);
            }
        }
    }
    *atoms = merged;
}

/// Adds a factor times numbers.
#[inline(always)]
fn scale_and_add(to: &mut [f64], factor: f64, numbers: &[f64]) {
    for (to, x) in to.iter_mut().zip(numbers) {
        *to += factor * x;
    }
}

/// Computes the correlation of a residual with the kernel of each spike, where that begins.
#[inline(always)]
fn correlate(dictionary: &Dictionary, atoms: &[Atom], residual: &[f64], found: &mut [f64]) {
    for (atom, found) in atoms.iter().zip(found) {
        *found = correlation(dictionary, *atom, residual);
    }
}

/// Computes the correlation of a residual with a spike's kernel.
#[inline(always)]
fn correlation(dictionary: &Dictionary, atom: Atom, residual: &[f64]) -> f64 {
    dot(atom.kernel(dictionary), &residual[atom.onset as usize..])
}
