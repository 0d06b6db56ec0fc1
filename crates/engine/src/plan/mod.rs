//! The plan of a job: what is to be done, decided before anything is.

mod aligned;
pub(crate) mod arrays;
mod channels;
pub(crate) mod counted;
pub(crate) mod job;
mod looking;
pub(crate) mod needs;
pub(crate) mod order;
pub(crate) mod parts;
pub(crate) mod rates;
mod speakers;
pub(crate) mod statistics;

use std::cell::Cell;
use std::path::Path;

use ossicle_audio::events::EventFile;
use ossicle_corpus::{
    Corpus, CorpusSource, DiscoverOptions, LabelMap, Pattern, Selection, Split, Utterance,
    printable,
};
use ossicle_dsp::Level;
use ossicle_files::{Patience, read_small};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::input_kind::InputKind;
use crate::notice::{Notice, Rate, Shared};
use crate::part::{self, Stamp};
use arrays::Arrays;
use job::{BYTES_VERSION, Job, MapText};
use needs::Needs;
use order::PartOrder;
use ossicle_recipe::{LabelsTable, MapChoice, Recipe, Scope, ShardCut};
use parts::Part;
use statistics::Statistics;

/// A request for a plan. Nothing else decides a plan but the files that it names: no environment, no
/// limit of this process, no standard input.
#[derive(Debug, Clone)]
pub struct PlanRequest {
    /// The corpus.
    pub corpus: CorpusSource,
    /// The way it is read, and which of its utterances are kept, in which splits.
    pub selection: Selection,
    /// Lets two splits have the same recordings.
    pub allow_overlap: bool,
    /// The recipe, which says what to compute.
    pub recipe: Recipe,
    /// The instruction set that it is computed with, which no byte depends on.
    pub level: Level,
    /// The things that the user should know already.
    pub notices: Vec<Notice>,
    /// Asks to stop: recordings that are made by commands may take long to look at.
    pub stop: Stop,
}

impl PlanRequest {
    /// Asks for this recipe's features of a corpus, with the richest instruction set that there is.
    pub fn new(corpus: CorpusSource, recipe: Recipe) -> PlanRequest {
        let (level, notices) = (Level::detect(), Vec::new());
        let (selection, stop) = (Selection::default(), Stop::default());
        PlanRequest { corpus, selection, allow_overlap: false, recipe, level, notices, stop }
    }
}

/// A job, planned: everything that decides its bytes, and how it is cut into parts.
#[derive(Debug)]
pub struct Plan {
    pub(crate) job: Job,
    pub(crate) arrays: Arrays,
    pub(crate) corpus: Corpus,
    pub(crate) statistics: Option<Statistics>,
    /// The dataset that they are of, and the sample rate of its recordings, where they are another's.
    pub(crate) statistics_rate: Option<(String, u32)>,
    pub(crate) parts: Vec<Part>,
    /// What its utterances ask of a worker.
    pub(crate) needs: Needs,
    /// How many recordings have which sample rate, of those whose headers were looked at.
    pub(crate) rates: Vec<Rate>,
    notices: Vec<Notice>,
    /// BLAKE3 of the utterances: ids, sources, sizes; where there are any, spans, channels and columns.
    pub(crate) fingerprint: String,
    /// BLAKE3 of the ids and sources alone, which name the job; sizes may change while it is resumed.
    pub(crate) listing: String,
}

/// Finds the corpus and plans its extraction.
///
/// # Errors
/// If the corpus is unusable, or the recipe does not fit it.
pub fn plan(request: PlanRequest) -> Result<Plan, Error> {
    let mut plan = plan_as_it_was(request)?;
    let notice = speakers::check(&plan.job.recipe, &plan.corpus)?;
    plan.notices.extend(notice);
    Ok(plan)
}

/// Plans a job that was done before, with what nobody would be let begin today.
pub(crate) fn plan_as_it_was(request: PlanRequest) -> Result<Plan, Error> {
    let PlanRequest { corpus, selection, allow_overlap, recipe, level, mut notices, stop } =
        request;
    let kind = InputKind::of(&recipe);
    let options = DiscoverOptions { selection, sought: kind.sought(), tiers: tiers(&recipe) };
    // A walk through deep folders may open more files than were counted.
    let has_waited = Cell::new(false);
    let waiting = || has_waited.set(true);
    let patience = Patience::a_few_times().telling(&waiting);
    let _stoppable = stop.ends_waiting();
    let corpus = patience.retry(|| ossicle_corpus::discover(&corpus, &options));
    // What was not waited for is no fault of the corpus.
    stop.check()?;
    let corpus = corpus?;
    notices.extend(has_waited.get().then_some(Notice::WaitingForFiles));
    let shared = Shared::of(&corpus);
    if let Some(shared) = &shared
        && !allow_overlap
    {
        return Err(Error::Overlap(shared.clone()));
    }
    let mut plan = plan_corpus(corpus, recipe, level, &stop)?;
    plan.notices.extend(shared.map(|of| Notice::Overlap { of }));
    plan.notices.extend(Notice::of_look_alikes(&plan.corpus));
    notices.append(&mut plan.notices);
    Ok(Plan { notices, ..plan })
}

/// Returns the tiers of alignments that are looked for.
fn tiers(recipe: &Recipe) -> Vec<Pattern> {
    let tiers: Vec<Pattern> = recipe.labels().iter().map(|labels| labels.tier.clone()).collect();
    // Events do not say where a recording ends: its phones do.
    match tiers.is_empty() && !InputKind::of(recipe).says_where_it_ends() {
        true => vec![Pattern::new("phones")],
        false => tiers,
    }
}

/// Plans the extraction of a corpus that was found.
///
/// - `level`: the instruction set that it is computed with, which no byte depends on
/// - `stop`: asks to stop
///
/// # Errors
/// If the recipe does not fit the corpus, or it was asked to stop.
pub(crate) fn plan_corpus(
    corpus: Corpus,
    recipe: Recipe,
    level: Level,
    stop: &Stop,
) -> Result<Plan, Error> {
    let mut notices = Notice::of_corpus(&corpus);
    let mut corpus = channels::expand(corpus, &recipe, stop, &mut notices)?;
    aligned::leave_out_others(&mut corpus, &recipe, stop)?;
    let maps = label_maps(&recipe, &corpus, stop, &mut notices)?;
    let textgrids = corpus.ignored.of_kind(".textgrid");
    if recipe.labels().is_empty() && textgrids > 0 {
        notices.push(Notice::UnusedTextGrids { count: textgrids });
    }
    let rates = rates::look(&corpus, &recipe, stop, &mut notices)?;
    let sample_rate_hz = rates::of_columns(&recipe, &rates);
    notices.extend(rates::notices(&recipe, &rates));
    notices.extend(rates::assumed(&corpus, &recipe, sample_rate_hz));
    let mut job = Job { key: String::new(), recipe, sample_rate_hz, maps, level };
    let recipe = &job.recipe;
    let arrays = Arrays::of(&job);
    let statistics = Statistics::find(recipe, &arrays, &corpus, &mut notices)?;
    refuse_late_statistics(recipe, statistics.as_ref())?;
    let (fingerprint, listing) = hash_utterances(&corpus);
    let statistics_rate = statistics::given_rate(recipe, statistics.as_ref());
    job.key = job_key(recipe, sample_rate_hz, &listing, &job.maps, statistics.as_ref());
    let parts = parts::cut(&corpus.splits);
    Ok(Plan {
        arrays,
        statistics_rate,
        statistics,
        needs: Needs::of(&corpus, &parts),
        parts,
        rates,
        notices,
        fingerprint,
        listing,
        job,
        corpus,
    })
}

impl Plan {
    /// Makes the plan of some parts of a job, without their utterances: those are in orders that somebody else makes.
    ///
    /// - `corpus`: the names of its splits
    pub(crate) fn of_parts(job: Job, corpus: Corpus, parts: Vec<Part>, needs: Needs) -> Plan {
        Plan {
            arrays: Arrays::of(&job),
            statistics: None,
            statistics_rate: None,
            rates: Vec::new(),
            notices: Vec::new(),
            fingerprint: String::new(),
            listing: String::new(),
            job,
            corpus,
            parts,
            needs,
        }
    }

    /// Returns the place of a part among the plan's, which may be some of a job's.
    pub(crate) fn place_of(&self, part: &Part) -> usize {
        let found = self.parts.binary_search_by_key(&part.number, |part| part.number);
        found.unwrap_or_else(|place| place)
    }

    /// Keeps some of the utterances of the same job. Its statistics have to be given: those of all are
    /// not to be had from some.
    pub(crate) fn only(mut self, keep: impl Fn(&Split, &Utterance) -> bool) -> Plan {
        let mut are_whole = true;
        for split in &mut self.corpus.splits {
            let mut utterances = std::mem::take(&mut split.utterances);
            let all = utterances.len();
            utterances.retain(|utterance| keep(split, utterance));
            are_whole &= utterances.is_empty() || utterances.len() == all;
            split.utterances = utterances;
        }
        if are_whole {
            // Where parts are shards, those of a split are what they are beside the others.
            let splits = &self.corpus.splits;
            self.parts.retain(|part| !splits[part.split].utterances.is_empty());
        } else {
            self.parts = parts::cut(&self.corpus.splits);
        }
        self.needs = Needs::of(&self.corpus, &self.parts);
        self
    }

    /// Returns what every part is computed by.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Returns the corpus that was found.
    pub fn corpus(&self) -> &Corpus {
        &self.corpus
    }

    /// Returns what is computed.
    pub fn recipe(&self) -> &Recipe {
        &self.job.recipe
    }

    /// Returns the parts that the work is cut into.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the parts in the order in which they are begun: the largest first.
    pub(crate) fn largest_first(&self) -> Vec<&Part> {
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        // The sort is stable: of parts of one size the first comes first.
        parts.sort_by_key(|part| std::cmp::Reverse(part.source_bytes));
        parts
    }

    /// Returns what the user should know before work begins.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Makes the order of a part, for a worker.
    pub fn order(&self, part: &Part) -> PartOrder {
        let split = self.split(part);
        PartOrder {
            number: part.number,
            split: split.name.clone(),
            root: split.root.clone(),
            utterances: split.utterances[part.utterances.clone()].to_vec(),
            lost: Default::default(),
            only: None,
            earlier: Default::default(),
        }
    }

    /// Hashes the sizes and times of all recordings and alignments, as they are now.
    ///
    /// - `stamped`: is told the stamp of each utterance, split by split
    pub(crate) fn sources(&self, stamped: &mut dyn FnMut(Stamp)) -> Result<String, Error> {
        let mut hasher = blake3::Hasher::new();
        let kind = InputKind::of(&self.job.recipe);
        for split in &self.corpus.splits {
            let of_split = part::hash_sources(&split.root, &split.utterances, kind, stamped)?;
            hasher.update(of_split.as_bytes());
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Hashes the sizes and times of the files that a part is made of, as they are now.
    pub(crate) fn sources_of(&self, part: &Part) -> Result<String, Error> {
        let split = self.split(part);
        let utterances = &split.utterances[part.utterances.clone()];
        part::hash_sources(&split.root, utterances, InputKind::of(&self.job.recipe), &mut |_| {})
    }

    pub(crate) fn split(&self, part: &Part) -> &Split {
        &self.corpus.splits[part.split]
    }

    /// Returns whether each part is a shard.
    pub(crate) fn are_shards_parts(&self) -> bool {
        self.job.recipe.output().shards == ShardCut::Parts
    }

    /// Returns the largest size of a shard, in bytes.
    pub(crate) fn shard_bytes(&self) -> u64 {
        self.job.recipe.output().shard_bytes
    }
}

/// Refuses to normalise by what is known when all parts are there, where each is written when it is done.
fn refuse_late_statistics(recipe: &Recipe, statistics: Option<&Statistics>) -> Result<(), Error> {
    let of_speaker = recipe.normalize().is_some_and(|table| table.scope == Scope::Speaker);
    let of = match statistics {
        _ if recipe.output().shards == ShardCut::Whole => return Ok(()),
        _ if of_speaker => "each speaker".to_owned(),
        Some(Statistics::Of { name, .. }) => format!("{name:?}"),
        Some(Statistics::Given(_)) | None => return Ok(()),
    };
    Err(Error::LateStatistics { of })
}

/// Hashes the names of utterances, and no sizes.
#[derive(Debug, Default)]
pub(crate) struct Listing(blake3::Hasher);

impl Listing {
    /// Adds a split, whose utterances come next.
    pub(crate) fn split(&mut self, name: &str) {
        // A record ends where its text does: no name has a newline, printed.
        self.0.update(format!("split {name}\n").as_bytes());
    }

    /// Adds an utterance.
    ///
    /// - `source`: printable
    pub(crate) fn utterance(&mut self, id: &str, source: &str) {
        self.0.update(format!("{id}\n{source}\n").as_bytes());
    }

    /// Returns the hash of all.
    pub(crate) fn finish(self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// Hashes utterances with and without their sizes.
fn hash_utterances(corpus: &Corpus) -> (String, String) {
    let mut fingerprint = blake3::Hasher::new();
    let mut listing = Listing::default();
    for split in &corpus.splits {
        fingerprint.update(format!("split {}\n", split.name).as_bytes());
        listing.split(&split.name);
        for utterance in &split.utterances {
            let (id, source) = (&utterance.id, printable(&utterance.source));
            listing.utterance(id, &source);
            let record = format!("{id}\n{source}\n{}\n", utterance.size_bytes);
            fingerprint.update(record.as_bytes());
            if let Some(rest) = part::rest_text(utterance) {
                fingerprint.update(format!("{rest}\n").as_bytes());
            }
        }
    }
    (fingerprint.finalize().to_hex().to_string(), listing.finish())
}

/// Hashes what decides the bytes apart from the recordings' content.
///
/// - `sample_rate_hz`: the rate that columns are counted and named at
pub(crate) fn job_key(
    recipe: &Recipe,
    sample_rate_hz: u32,
    listing: &str,
    maps: &[MapText],
    statistics: Option<&Statistics>,
) -> String {
    let mut job = blake3::Hasher::new();
    job.update(format!("ossicle bytes {BYTES_VERSION}\n").as_bytes());
    job.update(recipe.deciding_toml().as_bytes());
    job.update(listing.as_bytes());
    for map in maps {
        let texts = match map {
            MapText::Named => &[],
            MapText::Text(text) => std::slice::from_ref(text),
            MapText::Classes(classes) => &classes[..],
        };
        for text in texts {
            // With its length before it, so that texts cannot be cut otherwise.
            job.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
    }
    if let Some(Statistics::Given(given)) = statistics {
        for x in given.iter().flat_map(|of| of.mean.iter().chain(&of.standard_deviation)) {
            job.update(&x.to_le_bytes());
        }
    }
    // A recipe that says its rate is known by that, and one whose columns are those of 16 kHz without it, as
    // they always were.
    let says_none = recipe.audio().sample_rate_hz.is_none();
    if says_none && recipe.base_columns(sample_rate_hz) != recipe.base_columns(16_000) {
        job.update(&sample_rate_hz.to_le_bytes());
    }
    // Nor are those in which every time is a whole number of samples known by how it is made one.
    let first = &recipe.streams()[0];
    let (layout, table) = (recipe.frames(sample_rate_hz), first.frames_table());
    let dropped = [table.length, table.shift].map(|span| span.samples(sample_rate_hz));
    if [layout.length, layout.shift] != dropped {
        job.update(b"nearest");
    }
    // Without alignments, the same recipe writes no labels, and crops no recording.
    job.update(&[u8::from(maps.is_empty())]);
    job.finalize().to_hex().to_string()
}

/// A label map with more bytes than this is not one: it has a line for each label.
const MOST_MAP_BYTES: u64 = 16 << 20;

/// Returns whether a label array's classes are those of the training split.
pub(crate) fn is_counted(table: &LabelsTable) -> bool {
    matches!(&table.map, MapChoice::Called(name) if name == counted::FROM_TRAIN)
}

/// Reads the text of a label map. What is wrong with it is said before anything is begun.
fn read_map(path: &str) -> Result<String, Error> {
    let text = read_small(Path::new(path), MOST_MAP_BYTES)
        .map_err(|source| Error::LabelMap { map: path.to_owned(), source })?;
    LabelMap::parse(&text).map_err(|error| Error::Labels {
        reason: format!("{}: {error}", printable(Path::new(path))),
    })?;
    Ok(text)
}

/// Reads the label maps; none where the corpus has no alignments.
fn label_maps(
    recipe: &Recipe,
    corpus: &Corpus,
    stop: &Stop,
    notices: &mut Vec<Notice>,
) -> Result<Vec<MapText>, Error> {
    let mut maps = Vec::new();
    for table in recipe.labels() {
        maps.push(match &table.map {
            MapChoice::Classes(classes) => MapText::Classes(classes.clone()),
            MapChoice::Called(name) if LabelMap::named(name).is_some() => MapText::Named,
            // Counted below, where there is something to count.
            MapChoice::Called(_) if is_counted(table) => MapText::Classes(Vec::new()),
            MapChoice::Called(path) => MapText::Text(read_map(path)?),
        });
    }
    let mut utterances = corpus.splits.iter().flat_map(|split| &split.utterances);
    if !maps.is_empty() && !utterances.any(|utterance| utterance.alignment.is_some()) {
        maps.clear();
        if !InputKind::of(recipe).says_where_it_ends() {
            return Err(Error::NoPhones { hold: EventFile::HOLDS });
        }
        notices.push(Notice::NoAlignments);
    }
    for (table, map) in recipe.labels().iter().zip(&mut maps).filter(|it| is_counted(it.0)) {
        *map = MapText::Classes(counted::classes(corpus, recipe, table, stop)?);
    }
    Ok(maps)
}
