//! From parts to a dataset: statistics, files, publication.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fs::{self, File, OpenOptions};
use std::path::Path;

use ossicle_dataset::{
    Card, CorpusCard, FAILURES_FILE, FORMAT, FileCard, FrameCard, HashingFile, INDEX_FILE,
    Normalization, RUN_FILE, STAGE_DIR, SplitCard, UTTERANCES_FILE, UtteranceRow, publish,
    stage_card,
};
use ossicle_dsp::Moments;

use crate::error::Error;
use crate::events::{Event, Observer, notices};
use crate::normalizers::{Normalizers, standard_deviation};
use crate::notice::Notice;
use crate::output::{Output, recipe_value};
use crate::part_file::{PartFile, append_line};
use crate::patience::patiently;
use crate::plan::{Plan, Statistics};
use crate::recipe::Duration;
use crate::regions::{array_files, write_arrays};
use crate::split_layout::SplitLayout;
use crate::stop::Stop;
use crate::workers::for_each;

/// How a dataset is finished.
pub(crate) struct Finishing<'a> {
    pub(crate) workers: usize,
    pub(crate) stop: &'a Stop,
    pub(crate) observer: &'a dyn Observer,
}

impl Finishing<'_> {
    /// Does something that can be done again, with patience.
    pub(crate) fn patiently<T, E: StdError + 'static>(
        &self,
        work: impl FnMut() -> Result<T, E>,
    ) -> Result<Result<T, E>, Error> {
        patiently(self.stop, &mut notices(self.observer), work)
    }

    /// Opens a file, with patience.
    pub(crate) fn open(&self, path: &Path, options: &OpenOptions) -> Result<File, Error> {
        self.patiently(|| options.open(path))?.map_err(Error::io("open", path))
    }
}

/// Writes and publishes the dataset of parts that are all there.
pub(crate) fn finish(
    plan: &Plan,
    output: &Output,
    parts: &[PartFile],
    finishing: &Finishing<'_>,
    run: &serde_json::Value,
) -> Result<Card, Error> {
    let Finishing { workers, observer, .. } = *finishing;
    let splits: Vec<SplitLayout> =
        (0..plan.corpus.splits.len()).map(|split| SplitLayout::new(plan, parts, split)).collect();
    let normalization = finishing.patiently(|| normalization(plan, parts))??;
    let normalizers =
        finishing.patiently(|| Normalizers::new(plan, parts, normalization.as_ref()))??;

    let rates = samples(parts);
    if rates.len() > 1 {
        let rates_hz = rates.into_keys().collect();
        observer.on(Event::Notice(&Notice::SampleRates { rates_hz }));
    }

    let stage = output.root().join(STAGE_DIR);
    for split in &plan.corpus.splits {
        let folder = stage.join(&split.name);
        fs::create_dir_all(&folder).map_err(Error::io("create the folder", &folder))?;
    }
    let arrays = array_files(plan, &splits);
    observer.on(Event::Finishing { bytes: arrays.iter().map(|file| file.bytes).sum() });
    for file in &arrays {
        let path = stage.join(&file.path);
        finishing.patiently(|| File::create(&path))?.map_err(Error::io("create", &path))?;
    }
    let mut files = write_arrays(plan, output, parts, &splits, &arrays, &normalizers, finishing)?;

    for (split, layout) in plan.corpus.splits.iter().zip(&splits) {
        let folder = stage.join(&split.name);
        let name = |file: &str| format!("{}/{file}", split.name);
        let index = folder.join(INDEX_FILE);
        files.push(write_file(finishing, &index, name(INDEX_FILE), |file| {
            layout.write_index(file)
        })?);
        let utterances = folder.join(UTTERANCES_FILE);
        files.push(write_file(finishing, &utterances, name(UTTERANCES_FILE), |file| {
            let mut places = layout.first_spike.first().map(|_| layout.spike_places());
            layout.parts(parts).iter().try_for_each(|part| {
                if let Some(places) = &mut places {
                    return Ok(file.append(&with_spike_places(part, places)?)?);
                }
                let footer = &part.footer;
                let rows = part.read_block(footer.moments_end..footer.utterances_end)?;
                Ok(file.append(&rows)?)
            })
        })?);
    }
    let failures = stage.join(FAILURES_FILE);
    files.push(write_file(finishing, &failures, FAILURES_FILE.to_owned(), |file| {
        parts.iter().try_for_each(|part| {
            let footer = &part.footer;
            Ok(file.append(&part.read_block(footer.utterances_end..footer.failures_end)?)?)
        })
    })?);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let run_path = stage.join(RUN_FILE);
    let run = format!("{run:#}\n");
    finishing.patiently(|| fs::write(&run_path, &run))?.map_err(Error::io("write", &run_path))?;

    let card = card(plan, parts, &splits, normalization, files);
    finishing.patiently(|| stage_card(output.root(), &card))??;
    // The staged card is the commit: parts have had their use. Freeing their memory is work for all
    // workers; what fails here is removed with the folder.
    for_each(workers, parts.len(), |part| {
        let _ = fs::remove_file(parts[part].path());
        Ok::<_, Error>(())
    })?;
    // Asked to stop or not: this is short, and what is begun here anybody would have to end.
    let to_its_end = Finishing { stop: &Stop::default(), ..*finishing };
    to_its_end.patiently(|| publish(output.root()))??;
    Ok(card)
}

/// Merges the statistics, utterance by utterance in order, so that neither parts nor bad files show in
/// the numbers.
fn normalization(plan: &Plan, parts: &[PartFile]) -> Result<Option<Normalization>, Error> {
    let (name, splits) = match &plan.statistics {
        None => return Ok(None),
        Some(Statistics::Given(given)) => return Ok(Some(given.clone())),
        Some(Statistics::Of { name, splits }) => (name, splits),
    };
    let dim = plan.job.wide_dim();
    let mut moments = Moments::empty(dim);
    for (part, file) in plan.parts.iter().zip(parts) {
        if !splits.contains(&part.split) {
            continue;
        }
        let footer = &file.footer;
        let block = file.read_block(footer.rows_end..footer.moments_end)?;
        let numbers: Vec<f64> =
            block.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect();
        for (&frames, numbers) in footer.num_frames.iter().zip(numbers.chunks_exact(2 * dim)) {
            let (mean, m2) = numbers.split_at(dim);
            moments.merge(frames, mean, m2);
        }
    }
    let frames_of_all: u64 = parts.iter().map(|part| part.footer.frames()).sum();
    if moments.count == 0 && frames_of_all > 0 {
        return Err(Error::NoFrames { from: name.clone() });
    }
    let standard_deviation = standard_deviation(plan, &moments);
    Ok(Some(Normalization {
        stats_from: name.clone(),
        count: moments.count,
        mean: moments.mean,
        standard_deviation,
    }))
}

/// Rows of `utterances.jsonl` that say where their spikes are, which no part can know.
fn with_spike_places(
    part: &PartFile,
    places: &mut impl Iterator<Item = (u64, u64)>,
) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    for (row, (first, count)) in part.utterances()?.into_iter().zip(places) {
        let row = UtteranceRow { first_spike: Some(first), num_spikes: Some(count), ..row };
        append_line(&mut text, &row);
    }
    Ok(text)
}

/// Writes and syncs a file from front to back.
fn write_file(
    finishing: &Finishing<'_>,
    path: &Path,
    name: String,
    write: impl Fn(&mut HashingFile) -> Result<(), Error>,
) -> Result<FileCard, Error> {
    let whole = || {
        let mut file = HashingFile::create(path)?;
        write(&mut file)?;
        Ok::<_, Error>(file.finish_synced()?)
    };
    let (bytes, blake3) = finishing.patiently(whole)??;
    Ok(FileCard { path: name, bytes, blake3 })
}

fn card(
    plan: &Plan,
    parts: &[PartFile],
    splits: &[SplitLayout],
    normalization: Option<Normalization>,
    files: Vec<FileCard>,
) -> Card {
    let split_card = |(split, layout): (&ossicle_corpus::Split, &SplitLayout)| {
        let parts = layout.parts(parts);
        SplitCard {
            name: split.name.clone(),
            utterances: layout.num_frames.len() as u64,
            frames: layout.num_frames.iter().sum(),
            duration_s: duration_s(parts),
            failures: parts.iter().map(|part| part.footer.failures).sum(),
            left_out: split.left_out,
            shards: layout.shards.iter().filter(|s| !s.utterances.is_empty()).count().max(1) as u64,
        }
    };
    Card {
        format: FORMAT.to_owned(),
        ossicle: env!("CARGO_PKG_VERSION").to_owned(),
        recipe: recipe_value(plan),
        job: plan.job.key.clone(),
        arrays: plan.arrays(),
        frame: frame_card(plan, parts),
        label_names: plan
            .job
            .labels
            .iter()
            .map(|array| (array.table.name.clone(), array.map.class_names().to_vec()))
            .collect(),
        normalization: normalization
            .iter()
            .flat_map(|whole| plan.features.iter().map(|a| (a.name.clone(), a.statistics(whole))))
            .collect(),
        corpus: CorpusCard {
            kind: plan.corpus.kind.to_string(),
            fingerprint: plan.fingerprint.clone(),
            left_out: plan.corpus.left_out,
        },
        splits: plan.corpus.splits.iter().zip(splits).map(split_card).collect(),
        files,
    }
}

/// How many samples of each rate parts have: whole numbers, so that their sum has no order.
fn samples(parts: &[PartFile]) -> BTreeMap<u32, u64> {
    let mut samples = BTreeMap::new();
    for (&rate, &count) in parts.iter().flat_map(|part| &part.footer.samples) {
        *samples.entry(rate).or_default() += count;
    }
    samples
}

fn duration_s(parts: &[PartFile]) -> f64 {
    // Folded from 0: the sum of nothing would be -0.
    samples(parts).iter().fold(0.0, |sum, (&rate, &count)| sum + count as f64 / f64::from(rate))
}

fn frame_card(plan: &Plan, parts: &[PartFile]) -> FrameCard {
    let rates: Vec<u32> = samples(parts).into_keys().collect();
    let rate = match rates[..] {
        [rate] => Some(rate),
        _ => None,
    };
    let layout = plan.job.recipe.frames(rate.unwrap_or(1));
    let known = |span: Duration, samples: usize| {
        (rate.is_some() || matches!(span, Duration::Samples(_))).then_some(samples as u64)
    };
    let frames = &plan.job.recipe.frames;
    FrameCard {
        sample_rate_hz: rate,
        length: known(frames.length, layout.length),
        shift: known(frames.shift, layout.shift),
        first_centre: known(frames.length, layout.first_centre()),
    }
}
