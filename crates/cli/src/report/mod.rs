//! `ossicle report`: everything worth knowing about a dataset, on one page.

mod charts;
mod chosen;
mod columns;
mod contents;
mod facts;
mod html;
mod page;
mod pictures;
mod recipe;
mod sections;
mod speed;
mod work;

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use ossicle_corpus::printable;
use ossicle_dataset::{Damage, Dataset, local_copy};
use serde_json::json;

use crate::corpus::dataset_at;
use crate::done::Done;
use crate::door::Door;
use crate::messages;
use crate::picture_args::ReportArgs;
use crate::results;
use crate::soundness::{MOST_OF_ALL, Soundness};

use columns::ArrayFacts;
use contents::Report;
use facts::Facts;
use work::WorkFacts;

pub(crate) fn run(args: &ReportArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let stop = door.stop()?;
    let speed_file = args.speed.as_deref().map(|path| ("the speed comparison", path));
    results::check(&[("--out", &args.out)], &speed_file.into_iter().collect::<Vec<_>>())?;
    check_name(&args.out, door)?;
    let speed = args.speed.as_deref().map(speed::read).transpose()?.unwrap_or_default();
    let path = dataset_at(&args.dataset).unwrap_or(&args.dataset);
    let dataset = Dataset::open(&local_copy(path, Damage::Refused)?)?;
    let card = dataset.card();
    let say = |line: &str| door.say(&format!("ossicle: {line}"));
    Soundness::new(&dataset, MOST_OF_ALL, &say).check_all(&stop)?;
    let facts = Facts::read(&dataset, args.seed)?;
    let (arrays, reading) = ArrayFacts::read(&dataset, &stop)?;
    let corpus = args.corpus.as_deref();
    let pictures = pictures::pictures(&dataset, args.pictures, args.seed, corpus)?;
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let name = absolute.file_name().unwrap_or(absolute.as_os_str()).to_string_lossy();
    let report = Report {
        name: name.into_owned(),
        folder: path.to_string_lossy().into_owned(),
        card,
        likeness: recipe::likeness(&card.recipe, card.preset.as_deref()),
        facts,
        arrays,
        reading,
        pictures,
        speed,
        work: WorkFacts::read(dataset.root()),
    };
    let page = page::page(&report);
    results::write(&args.out, |file| Ok(file.write_all(page.as_bytes())?))?;
    match args.json {
        true => writeln!(out, "{:#}", json!({"page": printable(&args.out), "bytes": page.len()}))?,
        false => writeln!(out, "{}", messages::report_written(&args.out, page.len() as u64))?,
    }
    Ok(Done::Well)
}

/// Refuses a name that says that the page is something else. What has no ending says nothing, as a device or a pipe.
fn check_name(page: &Path, door: &dyn Door) -> Result<()> {
    let Some(extension) = page.extension() else { return Ok(()) };
    match ["html", "htm", "xhtml"].iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        true => Ok(()),
        false => bail!(messages::no_page_name(page, |name| door.option(name))),
    }
}
