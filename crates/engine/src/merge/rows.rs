//! The rows of a dataset, made of those that parts keep.

use std::ops::Range;

use ossicle_dataset::{RowSource, RowsWanted, Store};
use ossicle_dsp::{Around, Normalizer, Splice, Widen};

use super::layout::{Layout, Places};
use super::normalizers::{self, Normalizers};
use crate::error::Error;
use crate::part::{PartFile, PartReader};
use crate::plan::Plan;
use crate::plan::arrays::FeatureArray;
use crate::rows::int16::int16;
use crate::rows::wide_moments::ROWS_AT_ONCE;

/// Makes rows of parts: base rows are widened, by the same code that made the statistics, and normalised.
/// It has one part open at a time.
#[derive(Debug)]
pub(crate) struct PartRows<'a> {
    plan: &'a Plan,
    parts: &'a [PartFile],
    /// Where the utterances of each split are; none where they are asked for by part.
    places: &'a [Places],
    normalizers: &'a Normalizers,
    store: &'a dyn Store,
    part: Option<(usize, PartReader)>,
    /// The last utterance's own, by part, place there, and array.
    own: Option<((usize, usize, usize), Normalizer)>,
    base: Vec<f32>,
    wide: Vec<f32>,
    widening: Vec<f32>,
    spliced: Vec<f32>,
}

impl<'a> PartRows<'a> {
    pub(crate) fn new(plan: &'a Plan, layout: &'a Layout, store: &'a dyn Store) -> PartRows<'a> {
        let rows = PartRows::of_parts(plan, &layout.parts, &layout.normalizers, store);
        PartRows { places: &layout.places, ..rows }
    }

    /// Makes rows of parts that are in no layout.
    pub(crate) fn of_parts(
        plan: &'a Plan,
        parts: &'a [PartFile],
        normalizers: &'a Normalizers,
        store: &'a dyn Store,
    ) -> PartRows<'a> {
        PartRows {
            plan,
            parts,
            places: &[],
            normalizers,
            store,
            part: None,
            own: None,
            base: Vec::new(),
            wide: Vec::new(),
            widening: Vec::new(),
            spliced: Vec::new(),
        }
    }

    /// Appends rows of an utterance in a feature array: widened, normalised, and then spliced.
    fn append_features(
        &mut self,
        place: (usize, usize),
        array: usize,
        rows: Range<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let FeatureArray { dim, after, is_int16, .. } = self.plan.arrays.features[array];
        let wide_dim = after.wide.wide_dim(dim);
        let num_frames =
            self.plan.arrays.num_base(array, &self.parts[place.0].footer.rows, place.1);
        let num_wide = after.wide.num_rows(num_frames);
        let level = self.plan.job.level;
        for begin in rows.clone().step_by(ROWS_AT_ONCE) {
            let written = begin..(begin + ROWS_AT_ONCE).min(rows.end);
            let wide = after.splice.context(&written, num_wide);
            let context = after.wide.context(&wide, num_frames);
            self.read_base(place, array, dim, context)?;
            self.wide.resize(wide.len() * wide_dim, 0.0);
            let PartRows { base, wide: out_rows, widening, .. } = self;
            let around = Around { base, dim, rows: wide, num_base: num_frames };
            after.wide.widen_into(level, around, widening, out_rows);
            self.normalize(place, array)?;
            if is_int16 {
                let rows = self.wide.iter().flat_map(|&x| int16(x).to_le_bytes());
                out.extend(rows);
                continue;
            }
            if after.splice == Splice::NONE {
                out.extend_from_slice(bytemuck::cast_slice(&self.wide));
                continue;
            }
            self.spliced.resize(written.len() * after.splice.wide_dim(wide_dim), 0.0);
            let PartRows { wide, widening, spliced, .. } = self;
            let around = Around { base: wide, dim: wide_dim, rows: written, num_base: num_wide };
            after.splice.widen_into(level, around, widening, spliced);
            out.extend_from_slice(bytemuck::cast_slice(spliced));
        }
        Ok(())
    }

    /// Reads base rows of an utterance into `base`.
    fn read_base(
        &mut self,
        (part, place): (usize, usize),
        array: usize,
        dim: usize,
        rows: Range<usize>,
    ) -> Result<(), Error> {
        let mut base = std::mem::take(&mut self.base);
        base.resize(rows.len() * dim, 0.0);
        let (rows, row_bytes) = (rows.start as u64..rows.end as u64, 4 * dim as u64);
        let bytes = bytemuck::cast_slice_mut(&mut base);
        self.reader(part)?.read(place, array, rows, row_bytes, bytes)?;
        self.base = base;
        Ok(())
    }

    /// Takes mean and variance out of `wide`, which has rows of this utterance.
    fn normalize(&mut self, (part, place): (usize, usize), array: usize) -> Result<(), Error> {
        if self.plan.arrays.features[array].is_plain {
            return Ok(());
        }
        let normalizer = match self.normalizers {
            Normalizers::None => return Ok(()),
            Normalizers::Corpus(normalizers) => &normalizers[&array],
            Normalizers::Speakers { of, normalizers } => {
                &normalizers[of[part][place] as usize][array]
            }
            Normalizers::Utterance => {
                if self.own.as_ref().is_none_or(|(of, _)| *of != (part, place, array)) {
                    let (plan, file) = (self.plan, &self.parts[part]);
                    let reader = self.reader(part)?;
                    let own = normalizers::of_utterance(plan, file, reader, place, array)?;
                    self.own = Some(((part, place, array), own));
                }
                let Some((_, own)) = &self.own else { unreachable!("made just now") };
                own
            }
        };
        normalizer.apply(&mut self.wide, self.plan.job.level);
        Ok(())
    }

    /// Returns the reader of a part, opened unless it is the one that is open.
    fn reader(&mut self, part: usize) -> Result<&PartReader, Error> {
        if self.part.as_ref().is_none_or(|(open, _)| *open != part) {
            // Closed first, so that there are never two.
            self.part = None;
            let file = &self.parts[part];
            let reader = file.reader(self.store, self.plan.arrays.in_parts())?;
            self.part = Some((part, reader));
        }
        match &self.part {
            Some((_, reader)) => Ok(reader),
            None => unreachable!("opened just now"),
        }
    }
}

impl RowSource for PartRows<'_> {
    type Error = Error;

    fn append(&mut self, wanted: &RowsWanted, out: &mut Vec<u8>) -> Result<(), Error> {
        let RowsWanted { split, array, utterance, ref rows } = *wanted;
        let place = self.places[split].of(utterance);
        self.append_of(place, array, rows, out)
    }
}

impl PartRows<'_> {
    /// Appends rows of an utterance in an array.
    ///
    /// - `place`: its part, and its place among the part's good ones
    pub(crate) fn append_of(
        &mut self,
        place: (usize, usize),
        array: usize,
        rows: &Range<u64>,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if array < self.plan.arrays.features.len() {
            let rows = rows.start as usize..rows.end as usize;
            return self.append_features(place, array, rows, out);
        }
        // What is no feature lies in the part as it is to be.
        let row_bytes = self.plan.arrays.in_parts()[array].row_bytes;
        let begin = out.len();
        out.resize(begin + ((rows.end - rows.start) * row_bytes) as usize, 0);
        let reader = self.reader(place.0)?;
        reader.read(place.1, array, rows.clone(), row_bytes, &mut out[begin..])
    }
}
