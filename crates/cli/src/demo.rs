//! `ossicle demo`: a corpus like TIMIT, extracted and timed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ossicle_corpus::{CorpusSource, printable};
use ossicle_demo::{Demo, DemoConfig};
use ossicle_engine::{RunOptions, available_cores, extract, for_each};
use ossicle_files::read_small;
use ossicle_recipe::{Recipe, RecipeSource};

use crate::args::DemoArgs;
use crate::corpus;
use crate::done::Done;
use crate::door::Door;
use crate::extract::summary;
use crate::progress::{Progress, Verbosity};
use crate::speed;
use crate::terminal::say;

/// The file that marks a folder as made by the demo, and holds the settings.
const MARK: &str = "demo.json";

pub(crate) fn run(args: &DemoArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let config = DemoConfig { seed: args.seed, scale: args.scale };
    if args.corpus_only {
        make_corpus(&args.dir, &config)?;
        return Ok(Done::Well);
    }
    let (corpus_folder, dataset) = (args.dir.join("corpus"), args.dir.join("dataset"));
    refuse_link(&corpus_folder)?;
    refuse_link(&dataset)?;
    make_corpus(&corpus_folder, &config)?;

    let recipe = Recipe::preset("timit-mfcc")?.parse::<RecipeSource>()?.finish()?;
    let plan = corpus::plan_source(CorpusSource::Path(corpus_folder.clone()), recipe)?;
    let progress = Progress::new(door, Verbosity::Normal);
    writeln!(out, "$ {}", command(&corpus_folder, &dataset))?;
    out.flush()?;
    let options = RunOptions { overwrite: true, stop: door.stop()?, ..RunOptions::default() };
    let outcome = extract(&plan, &dataset, &options, &progress)?;
    progress.clear();
    write!(out, "{}", summary(&outcome, &dataset, door))?;
    out.flush()?;
    progress.time(outcome.took.as_secs_f64());

    let corpus_name = printable(&corpus_folder);
    writeln!(out, "\n$ {} speed {corpus_name} --preset timit-mfcc", program())?;
    out.flush()?;
    write!(out, "{}", speed::usual(&plan, &args.dir, &options.stop)?)?;

    writeln!(out, "\nfor your own corpus, type:\n")?;
    writeln!(out, "    {}", command(Path::new("/path/to/TIMIT"), Path::new("timit-features")))?;
    writeln!(
        out,
        "\nany folder of WAVE or SPHERE files will do; to see what can be computed, and to check:"
    )?;
    writeln!(out, "\n    {} presets", program())?;
    writeln!(out, "    {} verify {}", program(), printable(&dataset))?;
    Ok(Done::Well)
}

fn command(corpus: &Path, dataset: &Path) -> String {
    let (corpus, dataset) = (printable(corpus), printable(dataset));
    format!("{} extract {corpus} --out {dataset} --preset timit-mfcc", program())
}

/// The program as it was called, so that what is shown can be typed: `target/release/ossicle` under
/// `cargo run`.
fn program() -> String {
    let word = std::env::args_os().next();
    word.map_or("ossicle".to_owned(), |word| printable(Path::new(&word)))
}

/// The mark of a demo has less than a hundred bytes.
const MOST_MARK_BYTES: u64 = 1 << 10;

/// Refuses a link below the folder that was given: somebody else may have put it there.
fn refuse_link(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok_and(|found| found.is_symlink()) {
        bail!("{} is a symbolic link, and is not followed; remove it", printable(path));
    }
    Ok(())
}

/// Makes the corpus, on all cores, unless it is there already.
fn make_corpus(root: &Path, config: &DemoConfig) -> Result<()> {
    let mark = format!(
        "{{\"seed\": {}, \"scale\": {:?}, \"version\": {:?}}}\n",
        config.seed,
        config.scale,
        env!("CARGO_PKG_VERSION")
    );
    let mark_path = root.join(MARK);
    if !mark_path.is_symlink()
        && read_small(&mark_path, MOST_MARK_BYTES).is_ok_and(|found| found == mark)
    {
        say(&format!("the corpus is there already: {}", printable(root)));
        return Ok(());
    }
    let demo = Demo::new(config)?;
    fs::create_dir_all(root).with_context(|| format!("cannot create {}", printable(root)))?;
    let mut entries =
        fs::read_dir(root).with_context(|| format!("cannot read {}", printable(root)))?;
    if entries.next().is_some() {
        bail!(
            "{} holds something else, or another demo; remove it or name another folder",
            printable(root)
        );
    }
    let begin = Instant::now();
    let recordings = demo.recordings();
    say(&format!("making {} recordings in {}", recordings.len(), printable(root)));
    for_each(available_cores(), recordings.len(), |i| recordings[i].write_into(root))?;
    fs::write(&mark_path, mark)
        .with_context(|| format!("cannot write {}", printable(&mark_path)))?;
    say(&format!("time = {:.2}", begin.elapsed().as_secs_f64()));
    Ok(())
}
