//! A worker that computes the parts of a stored plan that it is asked for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ossicle_corpus::Utterance;
use ossicle_dataset::{Place, Put, Store, UtteranceRow};
use ossicle_dsp::Level;
use ossicle_files::metadata;
use ossicle_remote::Options as StoreOptions;

use super::stored_plan::StoredPlan;
use crate::bounds::connections;
use crate::bounds::files;
use crate::bounds::readers::Readers;
use crate::bounds::stop::Stop;
use crate::bounds::waiting::Waiting;
use crate::cause::Cause;
use crate::error::Error;
use crate::extract::executor;
use crate::kept_ledger;
use crate::options::RunOptions;
use crate::output;
use crate::part::{PARTS_DIR, PartFile};
use crate::plan::Plan;
use crate::plan::order::PartOrder;
use crate::progress::Progress;
use crate::run::cluster::PartDone;
use crate::run::executor::{Executor, reading_ahead};
use crate::run::orders::Orders;
use crate::run::parts::{find_part, run_part};
use crate::work::Spent;

/// Computes parts of a stored plan that it is asked for, one after the other, whatever others do meanwhile: it takes
/// no lock, and gives parts their names itself. It keeps its tables from one part to the next.
pub struct PartWorker {
    stored: StoredPlan,
    out: PathBuf,
    executor: Box<dyn Executor + Send>,
    options: RunOptions,
    level: Level,
}

impl fmt::Debug for PartWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartWorker").field("out", &self.out).finish_non_exhaustive()
    }
}

impl PartWorker {
    /// Opens the plan that is stored in an output's folder.
    ///
    /// - `hash`: the plan's BLAKE3, where it has to be that one
    /// - `stores`: how whoever deals parts out reaches object stores, which this process then does likewise
    /// - `options`: of which its isolation, its readers, its limit of open files and whether failures are tried again
    ///   count
    ///
    /// # Errors
    /// If there is no plan, or another or a damaged one; or if not even one worker's files can be open.
    pub fn open(
        out: &Path,
        hash: Option<&str>,
        stores: Option<StoreOptions>,
        options: RunOptions,
        level: Level,
    ) -> Result<PartWorker, Error> {
        connections::reach(stores).map_err(ossicle_dataset::Error::from)?;
        let place = Place::at(out)?;
        let stored = StoredPlan::open(place.store(), out)?;
        let stored = stored.ok_or_else(|| Error::NoPlan { path: out.to_owned() })?;
        hash.map_or(Ok(()), |hash| stored.require_hash(hash))?;
        output::join(&place, stored.key())?;
        files::make_room(1, options.max_open_files)?;
        let executor = executor(out, &options.isolation);
        Ok(PartWorker { stored, out: out.to_owned(), executor, options, level })
    }

    /// Returns how many parts the plan has.
    pub fn num_parts(&self) -> usize {
        self.stored.sizes().len()
    }

    /// Looks whether this machine sees some parts' recordings, and whether parts can be written here. A recording that
    /// was not there when the corpus was listed need not be here.
    ///
    /// - `parts`: by number
    ///
    /// # Errors
    /// Those that computing them would be stopped by.
    pub fn look(&self, parts: &[usize]) -> Result<(), Error> {
        for &number in parts {
            let order = self.stored.read(&self.part(number)?.parts[0])?;
            let first = order.utterances.iter().find(|utterance| utterance.size_bytes > 0);
            first.map_or(Ok(()), |utterance| look_at(&order.root, utterance))?;
        }
        let place = Place::at(&self.out)?;
        let store = place.store();
        // Put, too: a draft of a store of objects is nowhere but here.
        let draft = store.spool(&format!("{PARTS_DIR}/look"))?.finish(false)?;
        let name = format!("{}.look", draft.name);
        store.put(draft, &name, Put::Always)?;
        Ok(store.remove(&name)?)
    }

    /// Computes a part, unless it is there, and gives it its name.
    ///
    /// # Errors
    /// If there is no such part, it cannot be written, or it was asked to stop. A bad recording is no error: it is in
    /// the part's ledger.
    pub fn run_part(&self, number: usize, stop: &Stop) -> Result<PartDone, Error> {
        let waiting = Waiting::new(stop, &|| ());
        let opening = |open: &mut dyn FnMut() -> _| waiting.open(open);
        let place = Place::at(&self.out)?.with_opening(&opening);
        let store = place.store();
        let plan = self.part(number)?;
        let part = &plan.parts[0];
        let order = self.stored.read(part)?;
        let planned = (&plan, &self.stored as &dyn Orders);
        if let Some(found) = find_part(planned, part, store, self.options.retry_failed)? {
            return Ok(PartDone { number, progress: told_of(&found, &order, store)? });
        }
        let mut progress = Vec::new();
        let mut hear = |said| {
            if !matches!(said, Progress::Begun { .. }) {
                progress.push(said);
            }
            Ok(())
        };
        let orders = |number: usize| (number == 0).then(|| order.clone());
        let readers = self.readers(&plan)?;
        let executor = &*self.executor;
        let ran = reading_ahead(executor, readers, &plan.job, (store, stop), &orders, |setting| {
            let mut runner = executor.start(setting)?;
            let ran = run_part(&mut *runner, &order, store, &mut hear);
            runner.end();
            ran
        });
        let ran = waiting.outcome(ran);
        // Somebody else may have computed it meanwhile, and be done with all.
        match output::is_published(&place, self.stored.key(), self.options.no_lock)? {
            true => Ok(PartDone { number, progress }),
            false => ran.map(|()| PartDone { number, progress }),
        }
    }

    /// Makes room for those who read a part's recordings ahead.
    fn readers(&self, plan: &Plan) -> Result<Readers, Error> {
        let RunOptions { readers, max_open_files, .. } = self.options;
        let readers = Readers::wanted(readers, connections::over(plan.needs.has_objects));
        let count = files::make_room_for_readers(1, readers.count, max_open_files)?;
        Ok(Readers { count, ..readers })
    }

    /// Returns the plan of a part alone.
    fn part(&self, number: usize) -> Result<Plan, Error> {
        let plan = self.stored.outline(|part| part == number, self.level)?;
        match plan.parts.is_empty() {
            false => Ok(plan),
            true => Err(Error::NoPart { path: self.out.clone(), number, parts: self.num_parts() }),
        }
    }
}

/// Looks whether a recording is as large as it was.
fn look_at(root: &Path, utterance: &Utterance) -> Result<(), Error> {
    let path = utterance.path(root);
    let metadata = metadata(&path).map_err(Error::io("look at", &path))?;
    match (metadata.bytes, utterance.size_bytes) {
        (found, size) if found != size => Err(Error::OtherRecording { path, size, found }),
        _ => Ok(()),
    }
}

/// Tells of a part that is there what was told when it was computed, but for the time that it took.
fn told_of(part: &PartFile, order: &PartOrder, store: &dyn Store) -> Result<Vec<Progress>, Error> {
    let mut rows = part.utterances(store)?.into_iter().peekable();
    let text = part.failure_text(store)?;
    let mut failed = kept_ledger::rows(&text).peekable();
    let mut progress = Vec::new();
    for (place, utterance) in order.utterances.iter().enumerate() {
        if let Some(row) = rows.next_if(|row| row.id == *utterance.id) {
            progress.push(stored(place, &row));
        } else if let Some(row) = failed.next_if(|row| row.id == *utterance.id) {
            let cause = Cause::named(&row.cause).unwrap_or(Cause::Panicked);
            progress.push(Progress::Failed { place, stage: row.stage, cause, error: row.error });
        }
    }
    Ok(progress)
}

/// What was told when an utterance was stored.
fn stored(place: usize, row: &UtteranceRow) -> Progress {
    let samples = row.end_sample.saturating_sub(row.start_sample) as f64;
    let audio = Duration::from_secs_f64(samples / f64::from(row.sample_rate_hz.max(1)));
    Progress::Stored { place, num_frames: row.num_frames, audio, spent: Spent::default() }
}
