//! Array files, written in regions.
//!
//! Each file of an array is cut into regions of [`REGION_BYTES`]; a worker makes a region whole in
//! memory, hashes it there and writes it once. Rows are widened by the same code that made the
//! statistics, from the base rows that parts keep.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Mutex;

use ossicle_dataset::{
    Dtype, FileCard, NpyHeader, REGION_BYTES, RegionHash, STAGE_DIR, close, hash_region,
    merge_regions, shard_file,
};
use ossicle_dsp::{Normalizer, Splice};

use crate::error::Error;
use crate::finish::Finishing;
use crate::normalizers::Normalizers;
use crate::output::Output;
use crate::part_file::{PartFile, SPIKE_BYTES};
use crate::plan::Plan;
use crate::split_layout::SplitLayout;
use crate::wide_moments::ROWS_AT_ONCE;
use crate::workers::{self, lock};

/// A file of an array that is to be written.
pub(crate) struct ArrayFile {
    /// Relative to the dataset.
    pub(crate) path: String,
    split: usize,
    shard: usize,
    content: Content,
    header: Vec<u8>,
    pub(crate) bytes: u64,
}

#[derive(Clone, Copy)]
enum Content {
    /// Which feature array.
    Features(usize),
    /// Which of the arrays that have a whole number a frame.
    Labels(usize),
    Spikes,
}

impl Content {
    fn row_bytes(self, plan: &Plan) -> u64 {
        match self {
            Content::Features(array) => 4 * plan.features[array].columns.len() as u64,
            Content::Labels(_) => 2,
            Content::Spikes => SPIKE_BYTES,
        }
    }

    /// The rows before each utterance of a split, and one more at the end.
    fn first_rows(self, split: &SplitLayout) -> &[u64] {
        match self {
            Content::Features(_) | Content::Labels(_) => &split.first_frame,
            Content::Spikes => &split.first_spike,
        }
    }
}

pub(crate) fn array_files(plan: &Plan, splits: &[SplitLayout]) -> Vec<ArrayFile> {
    let features = plan.features.iter().enumerate();
    let mut contents: Vec<(&str, Content)> =
        features.map(|(i, array)| (array.name.as_str(), Content::Features(i))).collect();
    contents.extend(plan.track_names().enumerate().map(|(i, name)| (name, Content::Labels(i))));
    contents.extend(plan.job.recipe.spikes_name().map(|name| (name, Content::Spikes)));
    let mut files = Vec::new();
    for (split, layout) in splits.iter().enumerate() {
        for &(name, content) in &contents {
            for (shard, own) in layout.shards.iter().enumerate() {
                let num_frames = own.num_frames;
                let (dtype, shape) = match content {
                    Content::Features(array) => {
                        let columns = plan.features[array].columns.len() as u64;
                        (Dtype::Float32, vec![num_frames, columns])
                    }
                    Content::Labels(_) => (Dtype::Int16, vec![num_frames]),
                    Content::Spikes => (Dtype::Spike, vec![layout.spikes_of(own)]),
                };
                let num_rows = shape[0];
                let header = NpyHeader { dtype, shape }.to_bytes();
                files.push(ArrayFile {
                    path: shard_file(&plan.corpus.splits[split].name, name, shard),
                    split,
                    shard,
                    content,
                    bytes: header.len() as u64 + num_rows * content.row_bytes(plan),
                    header,
                });
            }
        }
    }
    files
}

/// Writes all array files, region by region, and syncs them.
pub(crate) fn write_arrays(
    plan: &Plan,
    output: &Output,
    parts: &[PartFile],
    splits: &[SplitLayout],
    files: &[ArrayFile],
    normalizers: &Normalizers,
    finishing: &Finishing<'_>,
) -> Result<Vec<FileCard>, Error> {
    let regions: Vec<(usize, u64)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, array)| {
            (0..array.bytes).step_by(REGION_BYTES).map(move |offset| (file, offset))
        })
        .collect();
    // The hashes of each file's regions, and how many are still to be made.
    let hashes: Vec<Mutex<(Vec<Option<RegionHash>>, usize)>> = files
        .iter()
        .map(|file| file.bytes.div_ceil(REGION_BYTES as u64) as usize)
        .map(|count| Mutex::new((vec![None; count], count)))
        .collect();
    let stage = output.root().join(STAGE_DIR);
    let new_writer = || {
        Ok(RegionWriter {
            plan,
            finishing,
            parts,
            normalizers,
            own: None,
            part: None,
            stage_file: None,
            region: Vec::new(),
            base: Vec::new(),
            wide: Vec::new(),
            widening: Vec::new(),
            spliced: Vec::new(),
        })
    };
    let work = |writer: &mut RegionWriter<'_>, task: usize| {
        finishing.stop.check()?;
        let (number, offset) = regions[task];
        let file = &files[number];
        let path = stage.join(&file.path);
        let hash = writer.write(file, &splits[file.split], number, &path, offset)?;
        let last = {
            let (hashes, left) = &mut *lock(&hashes[number]);
            hashes[(offset / REGION_BYTES as u64) as usize] = Some(hash);
            *left -= 1;
            *left == 0
        };
        if last && let Some((_, file)) = writer.stage_file.take() {
            file.sync_all().map_err(Error::io("sync", &path))?;
            close(file).map_err(Error::io("close", &path))?;
        }
        Ok::<_, Error>(())
    };
    workers::run(finishing.workers, regions.len(), new_writer, work, drop)?;
    let hash = |hashes: &Mutex<(Vec<Option<RegionHash>>, usize)>| {
        let hashes: Vec<_> = lock(hashes).0.iter().copied().flatten().collect();
        merge_regions(&hashes)
    };
    let card = |(file, hashes): (&ArrayFile, _)| FileCard {
        path: file.path.clone(),
        bytes: file.bytes,
        blake3: hash(hashes),
    };
    Ok(files.iter().zip(&hashes).map(card).collect())
}

/// Makes and writes regions. At any time it has one part and one staged file open.
struct RegionWriter<'a> {
    plan: &'a Plan,
    finishing: &'a Finishing<'a>,
    parts: &'a [PartFile],
    normalizers: &'a Normalizers,
    /// The last utterance's own, by its part and place there.
    own: Option<((usize, usize), Normalizer)>,
    part: Option<(usize, File)>,
    stage_file: Option<(usize, File)>,
    region: Vec<u8>,
    base: Vec<f32>,
    wide: Vec<f32>,
    widening: Vec<f32>,
    spliced: Vec<f32>,
}

impl RegionWriter<'_> {
    fn write(
        &mut self,
        file: &ArrayFile,
        split: &SplitLayout,
        number: usize,
        path: &Path,
        offset: u64,
    ) -> Result<RegionHash, Error> {
        let end = (offset + REGION_BYTES as u64).min(file.bytes);
        let mut region = std::mem::take(&mut self.region);
        region.clear();
        if offset == 0 {
            region.extend_from_slice(&file.header);
        }
        let header = file.header.len() as u64;
        let row_bytes = file.content.row_bytes(self.plan);
        let data = (offset.max(header) - header)..(end - header);
        let rows = data.start / row_bytes..data.end.div_ceil(row_bytes);
        self.append_rows(file, split, rows, &mut region)?;
        // Whole rows were appended; of the first and the last, only what lies inside is written. The
        // first region begins with the header, and thus with a whole row.
        let before = (data.start % row_bytes) as usize;
        let bytes = &region[before..before + (end - offset) as usize];

        if self.stage_file.as_ref().is_none_or(|(open, _)| *open != number) {
            self.stage_file = None;
            let opened = self.finishing.open(path, File::options().write(true))?;
            self.stage_file = Some((number, opened));
        }
        let Some((_, stage_file)) = &self.stage_file else { unreachable!("opened just now") };
        stage_file.write_all_at(bytes, offset).map_err(Error::io("write", path))?;
        begin_write_back(stage_file, offset, bytes.len());
        let hash = hash_region(bytes, offset, file.bytes);
        self.region = region;
        Ok(hash)
    }

    /// Appends rows of a shard, of however many utterances and parts.
    fn append_rows(
        &mut self,
        file: &ArrayFile,
        split: &SplitLayout,
        rows: Range<u64>,
        region: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let shard = &split.shards[file.shard];
        let first_rows = file.content.first_rows(split);
        let row_bytes = file.content.row_bytes(self.plan);
        let shift = first_rows[shard.utterances.start];
        // From here on, rows are counted from the split's first.
        let mut at = rows.start + shift;
        let end = rows.end + shift;
        let mut utterance = first_rows.partition_point(|&first| first <= at) - 1;
        while at < end {
            let rows = at..first_rows[utterance + 1].min(end);
            at = rows.end;
            let first = first_rows[utterance];
            let own = rows.start - first..rows.end - first;
            match file.content {
                Content::Features(array) => {
                    self.append_features(split, utterance, array, rows, region)?;
                }
                // The utterance's rows come first, then the arrays of whole numbers one after the other,
                // and then the spikes.
                Content::Labels(array) => {
                    let before = 4 * self.plan.job.dim() as u64 + 2 * array as u64;
                    self.append_as_it_is(split, utterance, before, row_bytes, own, region)?;
                }
                Content::Spikes => {
                    let before = self.plan.job.part_frame_bytes();
                    self.append_as_it_is(split, utterance, before, row_bytes, own, region)?;
                }
            }
            utterance += 1;
        }
        Ok(())
    }

    fn append_features(
        &mut self,
        split: &SplitLayout,
        utterance: usize,
        array: usize,
        frames: Range<u64>,
        region: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let (dim, wide_dim) = (self.plan.job.dim(), self.plan.job.wide_dim());
        let first = split.first_frame[utterance];
        let num_frames = split.num_frames[utterance] as usize;
        let part = split.part[utterance] as usize;
        let utterance_begin = split.row_offset(utterance, self.plan.job.part_frame_bytes());
        let rows = (frames.start - first) as usize..(frames.end - first) as usize;
        for begin in rows.clone().step_by(ROWS_AT_ONCE) {
            let rows = begin..(begin + ROWS_AT_ONCE).min(rows.end);
            let spliced = rows.clone();
            let rows = self.plan.splice.context(&rows, num_frames);
            let context = self.plan.job.deltas.context(&rows, num_frames);
            let mut base = std::mem::take(&mut self.base);
            base.resize(context.len() * dim, 0.0);
            let offset = utterance_begin + context.start as u64 * 4 * dim as u64;
            self.read(split.parts.start + part, offset, bytemuck::cast_slice_mut(&mut base))?;
            self.base = base;
            self.wide.resize(rows.len() * wide_dim, 0.0);
            self.plan.job.deltas.widen_into(
                self.plan.job.level,
                &self.base,
                dim,
                rows,
                num_frames,
                &mut self.widening,
                &mut self.wide,
            );
            self.normalize(split, utterance)?;
            if self.plan.splice == Splice::NONE {
                self.plan.features[array].append(&self.wide, wide_dim, region);
                continue;
            }
            self.spliced.resize(spliced.len() * self.plan.row_dim(), 0.0);
            let splice = &self.plan.splice;
            splice.widen_into(&self.wide, wide_dim, spliced, num_frames, &mut self.spliced);
            self.plan.features[array].append(&self.spliced, self.plan.row_dim(), region);
        }
        Ok(())
    }

    /// Takes mean and variance out of `wide`, which has rows of this utterance.
    fn normalize(&mut self, split: &SplitLayout, utterance: usize) -> Result<(), Error> {
        let of_split = split.part[utterance];
        let part = split.parts.start + of_split as usize;
        let place = utterance - split.part.partition_point(|&other| other < of_split);
        let normalizer = match self.normalizers {
            Normalizers::None => return Ok(()),
            Normalizers::Corpus(normalizer) => normalizer,
            Normalizers::Speakers { of, normalizers } => &normalizers[of[part][place] as usize],
            Normalizers::Utterance => {
                if self.own.as_ref().is_none_or(|(of, _)| *of != (part, place)) {
                    let (plan, part_file) = (self.plan, &self.parts[part]);
                    let own = self
                        .finishing
                        .patiently(|| Normalizers::of_utterance(plan, part_file, place))??;
                    self.own = Some(((part, place), own));
                }
                let Some((_, own)) = &self.own else { unreachable!("made just now") };
                own
            }
        };
        normalizer.apply(&mut self.wide, self.plan.job.level);
        Ok(())
    }

    /// Appends some of what lies behind an utterance's rows in its part as it is to be in the array.
    ///
    /// - `before`: how many bytes a frame come before it there
    /// - `each`: how many bytes one of them takes
    /// - `items`: which, counted from the utterance's first
    fn append_as_it_is(
        &mut self,
        split: &SplitLayout,
        utterance: usize,
        before: u64,
        each: u64,
        items: Range<u64>,
        region: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let begin = region.len();
        region.resize(begin + (each * (items.end - items.start)) as usize, 0);
        let offset = split.row_offset(utterance, self.plan.job.part_frame_bytes())
            + split.num_frames[utterance] * before
            + each * items.start;
        let part = split.parts.start + split.part[utterance] as usize;
        self.read(part, offset, &mut region[begin..])
    }

    /// Reads from a part's file.
    fn read(&mut self, part: usize, offset: u64, bytes: &mut [u8]) -> Result<(), Error> {
        let path = self.parts[part].path();
        if self.part.as_ref().is_none_or(|(open, _)| *open != part) {
            self.part = None;
            self.part = Some((part, self.finishing.open(path, File::options().read(true))?));
        }
        let Some((_, file)) = &self.part else { unreachable!("opened just now") };
        file.read_exact_at(bytes, offset).map_err(Error::io("read", path))
    }
}

/// Asks the disk to begin now, while the next regions are made, so that the sync at the end finds little
/// left to do. It is only advice, which not every system takes: what it answers does not matter.
fn begin_write_back(file: &File, offset: u64, bytes: usize) {
    #[cfg(target_os = "linux")]
    {
        let length = std::num::NonZeroU64::new(bytes as u64);
        let _ = rustix::fs::fadvise(file, offset, length, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, bytes);
}
