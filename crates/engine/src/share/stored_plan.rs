//! A plan in a file, which is read part by part: no share lists or looks at the corpus again.
//!
//! | block | what |
//! |---|---|
//! | orders | for each part its [`PartOrder`], as a line of JSON |
//! | header | JSON: [`Header`], with the place and the BLAKE3 of each order |
//! | trailer | the header's length (8 bytes, little-endian), its BLAKE3 (32), a magic word (8) |

use std::path::{Path, PathBuf};

use ossicle_corpus::{Corpus, CorpusKind, Ignored, Split};
use ossicle_dataset::{Put, ReadAt, Spool, Store};
use ossicle_dsp::Level;
use ossicle_recipe::Recipe;
use serde::{Deserialize, Serialize};

use crate::difference::{Difference, recipe_difference};
use crate::error::Error;
use crate::input_kind::InputKind;
use crate::plan::Plan;
use crate::plan::job::{BYTES_VERSION, Job, recipe_value};
use crate::plan::needs::Needs;
use crate::plan::order::PartOrder;
use crate::plan::parts::Part;
use crate::run::orders::Orders;

/// The file that it is in, in the folder of the output.
pub(crate) const PLAN_FILE: &str = ".ossicle/plan";

const MAGIC: &[u8; 8] = b"ossplan1";

/// The bytes at the end of the file.
const TRAILER_BYTES: usize = 8 + 32 + MAGIC.len();

/// A header larger than this is none: that of a billion utterances has 100 MB.
const MOST_HEADER_BYTES: u64 = 1 << 30;

/// What a plan says but of its utterances.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// The number that changes when bytes do.
    bytes: u32,
    version: String,
    job: Job,
    splits: Vec<String>,
    /// What all utterances ask of a worker.
    needs: Needs,
    parts: Vec<StoredPart>,
}

/// A part in the file.
#[derive(Debug, Serialize, Deserialize)]
struct StoredPart {
    split: usize,
    /// The first utterance.
    first: String,
    utterances: u64,
    source_bytes: u64,
    /// The place of its order.
    offset: u64,
    length: u64,
    blake3: String,
}

/// A plan that is stored, opened.
#[derive(Debug)]
pub(super) struct StoredPlan {
    header: Header,
    /// Its BLAKE3.
    hash: String,
    file: Box<dyn ReadAt>,
    /// The folder of the output.
    out: PathBuf,
}

/// Stores a plan. Returns its BLAKE3: that of its header, which has those of all orders.
///
/// - `orders`: makes the orders of its parts
pub(crate) fn store_plan(
    plan: &Plan,
    orders: &dyn Orders,
    store: &dyn Store,
) -> Result<String, Error> {
    let mut spool = store.spool(PLAN_FILE)?;
    let (mut parts, mut offset) = (Vec::with_capacity(plan.parts.len()), 0);
    for part in &plan.parts {
        let order = orders.order(plan, part)?;
        // Whoever reads it may be in another folder.
        let order = PartOrder { root: from_root(&order.root), ..order };
        let first = order.utterances.first().map_or(String::new(), |first| first.id.to_string());
        let mut order = serde_json::to_vec(&order).unwrap_or_default();
        order.push(b'\n');
        spool.append(&order)?;
        parts.push(StoredPart {
            split: part.split,
            first,
            utterances: part.utterances.len() as u64,
            source_bytes: part.source_bytes,
            offset,
            length: order.len() as u64,
            blake3: blake3::hash(&order).to_hex().to_string(),
        });
        offset += order.len() as u64;
    }
    // Each machine computes with the best that it has: no byte depends on that.
    let job = Job { level: Level::BASELINE, ..plan.job.clone() };
    let splits = plan.corpus.splits.iter().map(|split| split.name.clone()).collect();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let header = Header { bytes: BYTES_VERSION, version, job, splits, needs: plan.needs, parts };
    let header = serde_json::to_vec(&header).unwrap_or_default();
    spool.append(&header)?;
    spool.append(&(header.len() as u64).to_le_bytes())?;
    let hash = blake3::hash(&header);
    spool.append(hash.as_bytes())?;
    spool.append(MAGIC)?;
    let hash = hash.to_hex().to_string();
    put_plan(spool, &hash, store)?;
    Ok(hash)
}

/// Gives a plan its name; others go by it from here on. In an object store there is no lock, and whoever reads one
/// that is put anew finds it changed, even with the same bytes: there, the first of those who make the plan at once
/// puts it, and who comes later leaves it as it is.
fn put_plan(spool: Box<dyn Spool>, hash: &str, store: &dyn Store) -> Result<(), Error> {
    let is_there = || {
        let file = store.read(PLAN_FILE).ok();
        file.is_some_and(|file| read_header(&*file).is_ok_and(|(_, found)| found == hash))
    };
    let is_locked = !store.has_whole_files();
    if !is_locked && is_there() {
        return Ok(());
    }
    let is_first = !is_locked && store.stat(PLAN_FILE)?.is_none();
    let put = if is_first { Put::IfAbsent } else { Put::Always };
    match store.put(spool.finish(true)?, PLAN_FILE, put) {
        Err(ossicle_dataset::Error::Present { .. }) if is_there() => Ok(()),
        put => Ok(put?),
    }
}

/// A folder's path from the root of the file system on; a URL stays as it is.
fn from_root(folder: &Path) -> PathBuf {
    ossicle_files::absolute(folder).unwrap_or_else(|_| folder.to_owned())
}

impl StoredPlan {
    /// Opens the plan that is in a folder; none if there is none.
    ///
    /// # Errors
    /// If it is damaged, or another version's.
    pub(super) fn open(store: &dyn Store, out: &Path) -> Result<Option<StoredPlan>, Error> {
        let file = match store.read(PLAN_FILE) {
            Err(error) if error.is_not_found() => return Ok(None),
            file => file?,
        };
        let (header, hash) = read_header(&*file).map_err(|reason| damaged(out, reason))?;
        if header.bytes != BYTES_VERSION {
            let difference = Difference::Version {
                was: header.version,
                is: env!("CARGO_PKG_VERSION").to_owned(),
            };
            return Err(Error::OtherPlan { path: out.to_owned(), difference });
        }
        Ok(Some(StoredPlan { header, hash, file, out: out.to_owned() }))
    }

    /// Refuses a recipe that is not the plan's.
    pub(super) fn require_recipe(&self, recipe: &Recipe) -> Result<(), Error> {
        let (was, is) = (recipe_value(&self.header.job.recipe), recipe_value(recipe));
        match recipe_difference(&was, &is) {
            Some(difference) => Err(Error::OtherPlan { path: self.out.clone(), difference }),
            None => Ok(()),
        }
    }

    /// Refuses a plan that is another than was stored.
    ///
    /// - `hash`: what [`store_plan`] returned
    pub(super) fn require_hash(&self, hash: &str) -> Result<(), Error> {
        match self.hash == hash {
            true => Ok(()),
            false => Err(Error::NotThatPlan { path: self.out.join(PLAN_FILE) }),
        }
    }

    /// Returns the key of its job.
    pub(super) fn key(&self) -> &str {
        self.header.job.key()
    }

    /// Returns the size of each part.
    pub(super) fn sizes(&self) -> Vec<u64> {
        self.header.parts.iter().map(|part| part.source_bytes).collect()
    }

    /// Returns some of its parts as a plan without their utterances, whose orders are read one by one.
    ///
    /// - `wanted`: by number
    pub(super) fn outline(
        &self,
        wanted: impl Fn(usize) -> bool,
        level: Level,
    ) -> Result<Plan, Error> {
        let mut ends = vec![0; self.header.splits.len()];
        let mut parts = Vec::new();
        for (number, part) in self.header.parts.iter().enumerate().filter(|(n, _)| wanted(*n)) {
            let Some(end) = ends.get_mut(part.split) else {
                return Err(damaged(&self.out, "a part is of no split".to_owned()));
            };
            let begin = *end;
            *end += part.utterances as usize;
            let utterances = begin..*end;
            let (split, source_bytes) = (part.split, part.source_bytes);
            parts.push(Part { number, split, utterances, source_bytes });
        }
        let job = Job { level, ..self.header.job.clone() };
        Ok(Plan::of_parts(job, named(&self.header.splits), parts, self.header.needs))
    }

    /// Returns the first utterance of a part.
    pub(super) fn first(&self, part: &Part) -> &str {
        self.header.parts.get(part.number).map_or("", |part| &part.first)
    }

    /// Reads the order of a part.
    pub(super) fn read(&self, part: &Part) -> Result<PartOrder, Error> {
        let stored = self.header.parts.get(part.number);
        let stored = stored.ok_or_else(|| damaged(&self.out, "a part is not there".to_owned()))?;
        self.order(part.number, stored)
    }

    fn order(&self, number: usize, part: &StoredPart) -> Result<PartOrder, Error> {
        let end = part.offset.checked_add(part.length);
        if end.is_none_or(|end| end > self.file.bytes()) {
            return Err(damaged(&self.out, "a part lies beyond its end".to_owned()));
        }
        let mut text = vec![0; part.length as usize];
        self.file.read_exact_at(&mut text, part.offset)?;
        let wrong = |reason| damaged(&self.out, reason);
        if blake3::hash(&text).to_hex().as_str() != part.blake3 {
            return Err(wrong(format!("part {number} is not as it was written")));
        }
        let order: PartOrder =
            serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
        let is_it = order.number == number && order.utterances.len() as u64 == part.utterances;
        if is_it { Ok(order) } else { Err(wrong(format!("part {number} is another"))) }
    }
}

impl Orders for StoredPlan {
    fn order(&self, _: &Plan, part: &Part) -> Result<PartOrder, Error> {
        self.read(part)
    }

    fn sources(&self, plan: &Plan, part: &Part) -> Result<String, Error> {
        self.read(part)?.sources(InputKind::of(&plan.job.recipe))
    }
}

/// A corpus of which only the splits' names are known.
fn named(splits: &[String]) -> Corpus {
    let split = |name: &String| Split {
        name: name.clone(),
        root: PathBuf::new(),
        utterances: Vec::new(),
        left_out: 0,
    };
    Corpus {
        kind: CorpusKind::List,
        splits: splits.iter().map(split).collect(),
        ignored: Ignored::default(),
        left_out: 0,
        left_out_because: Vec::new(),
        walked: Default::default(),
        notices: Vec::new(),
    }
}

/// Reads the header, and its BLAKE3.
fn read_header(file: &dyn ReadAt) -> Result<(Header, String), String> {
    let short = || "it ends too early".to_owned();
    let unread = |error: ossicle_dataset::Error| error.to_string();
    let end = file.bytes().checked_sub(TRAILER_BYTES as u64).ok_or_else(short)?;
    let mut trailer = [0; TRAILER_BYTES];
    file.read_exact_at(&mut trailer, end).map_err(unread)?;
    let (length, rest) = trailer.split_first_chunk::<8>().ok_or_else(short)?;
    let (hash, magic) = rest.split_at(32);
    if magic != MAGIC {
        return Err("it is no plan".to_owned());
    }
    let length = u64::from_le_bytes(*length);
    let begin = end.checked_sub(length).filter(|_| length <= MOST_HEADER_BYTES);
    let mut text = vec![0; if begin.is_some() { length as usize } else { 0 }];
    file.read_exact_at(&mut text, begin.ok_or_else(short)?).map_err(unread)?;
    let found = blake3::hash(&text);
    if found.as_bytes() != hash {
        return Err("its header is not as it was written".to_owned());
    }
    let header = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    Ok((header, found.to_hex().to_string()))
}

fn damaged(out: &Path, reason: String) -> Error {
    Error::DamagedPlan { path: out.join(PLAN_FILE), reason }
}
