//! `ossicle verify`: whether a dataset is what its card says, and what its recordings give.

use std::io::Write;

use anyhow::{Result, bail};
use ossicle_corpus::{CorpusSource, Selection, printable};
use ossicle_dataset::{Damage, Finding, Verification, WORK_DIR, local_copy};
use ossicle_dsp::Level;
use ossicle_engine::{
    DeepVerification, RunOptions, Sources, UtteranceSample, counted, make_room, repair, size,
    unfinished, verify_deep,
};
use serde_json::json;

use crate::args::VerifyArgs;
use crate::corpus;
use crate::corpus_args::SelectionArgs;
use crate::done::Done;
use crate::door::Door;
use crate::lines::write_wrapped;
use crate::messages;
use crate::progress::{Progress, Verbosity};
use crate::simd;

pub(crate) fn run(args: &VerifyArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    if (args.deep || args.repair) && args.corpus.is_empty() {
        bail!(messages::corpus_is_needed(|name| door.option(name)));
    }
    if args.corpus.is_empty() && args.selection != SelectionArgs::default() {
        bail!(messages::selection_of_nothing(|name| door.option(name)));
    }
    let local = local_copy(&args.dataset, Damage::Kept);
    let mut verification = match local.and_then(|folder| ossicle_dataset::verify(&folder)) {
        Err(ossicle_dataset::Error::NoCard { path }) => match unfinished(&path) {
            Some(left) => bail!(messages::unfinished(&path, &left)),
            None => bail!(ossicle_dataset::Error::NoCard { path }),
        },
        verified => verified?,
    };
    let mut mended = Vec::new();
    if args.repair && !verification.findings.is_empty() {
        mended = Recordings::new(args, door)?.mend(&verification)?;
        verification = ossicle_dataset::verify(&args.dataset)?;
    }
    let mut deep = None;
    // What is damaged in itself need not be compared with anything.
    if args.deep && verification.findings.is_empty() {
        deep = Some(Recordings::new(args, door)?.compare()?);
    }
    let of_recordings = deep.iter().flat_map(|deep| &deep.findings);
    let findings: Vec<&Finding> = verification.findings.iter().chain(of_recordings).collect();
    match args.json {
        true => writeln!(out, "{:#}", as_json(&verification, &findings, deep.as_ref(), &mended))?,
        false => show(args, &verification, &findings, deep.as_ref(), &mended, out)?,
    }
    match findings.is_empty() {
        true => Ok(Done::Well),
        false => Ok(Done::WithFailures),
    }
}

/// The recordings, from the words of the command line.
struct Recordings<'a> {
    args: &'a VerifyArgs,
    corpus: CorpusSource,
    selection: Selection,
    level: Level,
    options: RunOptions,
    /// Failures are worth a line; that a corpus has no alignments, for example, is known.
    progress: Progress<'a>,
}

impl<'a> Recordings<'a> {
    fn new(args: &'a VerifyArgs, door: &'a dyn Door) -> Result<Recordings<'a>> {
        let options = RunOptions { jobs: args.jobs, stop: door.stop()?, ..RunOptions::default() };
        let (corpus, level) = (corpus::source(&args.corpus)?, simd::level()?);
        // Looking for recordings opens folders, and must not fail over that.
        make_room(1, None)?;
        Ok(Recordings {
            args,
            corpus,
            selection: corpus::selection(&args.selection)?,
            level,
            options,
            progress: Progress::new(door, Verbosity::Quiet),
        })
    }

    fn sources(&self) -> Sources<'_> {
        Sources { corpus: &self.corpus, selection: &self.selection, level: self.level }
    }

    fn mend(&self, verification: &Verification) -> Result<Vec<String>> {
        let damaged: Vec<_> = verification.findings.iter().map(|f| f.file.as_str()).collect();
        let (dataset, options) = (&self.args.dataset, &self.options);
        let (sources, progress) = (self.sources(), &self.progress);
        Ok(repair(dataset, &sources, &damaged, options, progress)?)
    }

    fn compare(&self) -> Result<DeepVerification> {
        let sample = UtteranceSample { utterances: self.args.utterances, seed: self.args.seed };
        let (dataset, options) = (&self.args.dataset, &self.options);
        let (sources, progress) = (self.sources(), &self.progress);
        Ok(verify_deep(dataset, &sources, sample, options, progress)?)
    }
}

fn as_json(
    verification: &Verification,
    findings: &[&Finding],
    deep: Option<&DeepVerification>,
    mended: &[String],
) -> serde_json::Value {
    let finding = |finding: &&Finding| {
        let stage = finding.stage.to_string();
        json!({"stage": stage, "file": finding.file, "what": finding.what})
    };
    json!({
        "sound": findings.is_empty(),
        "files": verification.files,
        "bytes": verification.bytes,
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        "utterances_computed_again": deep.map(|deep| deep.utterances),
        "repaired": mended,
        "notices": litter(verification).into_iter().collect::<Vec<_>>(),
    })
}

/// The notice of files that are no part of the dataset and no damage.
fn litter(verification: &Verification) -> Option<serde_json::Value> {
    let litter = &verification.litter;
    let first = litter.first()?;
    let (count, text) = (litter.len(), messages::litter(litter.len(), first));
    Some(json!({"kind": "system-files", "count": count, "first": first, "text": text}))
}

fn show(
    args: &VerifyArgs,
    verification: &Verification,
    findings: &[&Finding],
    deep: Option<&DeepVerification>,
    mended: &[String],
    out: &mut dyn Write,
) -> Result<()> {
    let name = printable(&args.dataset);
    for file in mended {
        writeln!(out, "{file}: computed again, and is what it was")?;
    }
    for finding in findings {
        writeln!(out, "{finding}")?;
    }
    if let Some(deep) = deep {
        let (utterances, frames) =
            (counted(deep.utterances, "utterance"), counted(deep.frames, "frame"));
        writeln!(out, "computed again: {utterances}; compared: {frames}")?;
    }
    if let Some(first) = verification.litter.first() {
        let litter = messages::litter(verification.litter.len(), first);
        write_wrapped(out, &litter, 0, 4)?;
    }
    let (files, bytes) = (counted(verification.files, "file"), size(verification.bytes));
    match findings.len() {
        0 => writeln!(out, "{name} is sound: {files}, {bytes}")?,
        _ if findings.iter().all(|finding| finding.file == WORK_DIR) => {
            writeln!(out, "{}", messages::sound_beside_a_run(&name, &files, &bytes))?;
        }
        n => writeln!(out, "{name} is damaged: {}", counted(n as u64, "finding"))?,
    }
    if args.deep && deep.is_none() {
        writeln!(out, "what is damaged was not compared with its recordings")?;
    }
    Ok(())
}
