//! `ossicle show`: an utterance as a picture.

mod against;
mod columns;
mod difference;
mod figure;
mod of_dataset;
mod of_recording;
mod subject;
mod text;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use ossicle_corpus::printable;
use ossicle_dataset::{Damage, Dataset, MatrixFile, local_copy};
use ossicle_draw::{Figure, Theme};
use ossicle_files::is_url;
use serde_json::{Value, json};

use crate::argument::path_and_utterance;
use crate::corpus::{dataset_at, is_dataset};
use crate::done::Done;
use crate::door::Door;
use crate::messages;
use crate::picture::picture_bytes;
use crate::picture_args::ShowArgs;
use crate::results;

use against::Shown;
use difference::Difference;
use figure::figure_against;
use text::Screen;

pub use figure::{Look, subject_figure};
pub(crate) use of_dataset::{Found, Wanted, subject as subject_of_dataset};
pub use of_recording::subject_of_samples;
pub use subject::{Column, Rows, Source, Spikes, Subject, Tier};

pub(crate) fn run(args: &ShowArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let say = |line: &str| door.say(&format!("ossicle: {line}"));
    check(args)?;
    let wanted = Wanted {
        arrays: &args.array,
        start_s: args.start,
        end_s: args.end,
        corpus: args.corpus.as_deref(),
        ..Wanted::default()
    };
    let (what, named) = path_and_utterance(args.what.as_os_str());
    let utterance = match (&named, &args.utterance) {
        (Some(one), Some(other)) => bail!(messages::two_utterances(one, other)),
        (named, utterance) => named.as_deref().or(utterance.as_deref()),
    };
    if what.is_dir() && !is_dataset(&what) {
        bail!(messages::no_dataset_to_show(&what));
    }
    if is_dataset(&what) {
        let folder = local_copy(dataset_at(&what).unwrap_or(&what), Damage::Refused)?;
        let dataset = Dataset::open(&folder)?;
        let found = of_dataset::find(&dataset, utterance, args.split.as_deref())?;
        of_dataset::check_shards(&dataset, &found, &wanted, &say)?;
        let subject = of_dataset::subject(&dataset, &found, &wanted, &say)?;
        let shown = Shown::Utterance(&dataset, &found);
        return show(args, &subject, &shown, &wanted, &say, out);
    }
    if !is_url(&what) {
        // Before all else is asked for. What a pipe has begun to give is gone.
        let found = std::fs::metadata(&what).with_context(|| messages::cannot_open(&what))?;
        if found.is_file()
            && let Ok(Some(_)) = MatrixFile::open(&what)
        {
            bail!(messages::matrices_are_not_shown(&what, |name| door.option(name)));
        }
    }
    if let Some(utterance) = utterance {
        bail!(messages::recording_has_no_utterances(&what, utterance));
    }
    if !args.recipe.says_what() && !is_url(&what) {
        bail!(messages::no_features(&what, |name| door.option(name)));
    }
    let subject = of_recording::subject(&what, &args.recipe, &wanted, &say)?;
    show(args, &subject, &Shown::Recording(&what), &wanted, &say, out)
}

/// Refuses to write over what is read.
fn check(args: &ShowArgs) -> Result<()> {
    let Some(path) = &args.out else { return Ok(()) };
    let recipe = args.recipe.recipe.as_deref().map(|path| ("the recipe", path));
    let other = args.against.as_deref().map(|other| ("what it is shown against", Path::new(other)));
    let inputs = [("the recording", args.what.as_path())].into_iter().chain(recipe).chain(other);
    results::check(&[("--out", path)], &inputs.collect::<Vec<_>>())
}

/// Draws what was found: into a file, or here.
fn show(
    args: &ShowArgs,
    subject: &Subject,
    shown: &Shown<'_>,
    wanted: &Wanted<'_>,
    say: &dyn Fn(&str),
    out: &mut dyn Write,
) -> Result<Done> {
    let other = args
        .against
        .as_deref()
        .map(|word| against::subject(word, subject, shown, &args.recipe, wanted, say))
        .transpose()?;
    let has_stretch = args.start.is_some() || args.end.is_some();
    let stretch_s = has_stretch.then_some(subject.span_s);
    let differences = match &other {
        Some(other) => Difference::all(subject, other, stretch_s)?,
        None => Vec::new(),
    };
    let look = Look { colors: args.colors.into(), width: args.width.map(f64::from) };
    let draw = || -> Result<Figure> {
        match &other {
            Some(other) => figure_against(subject, other, &differences, &look),
            None => subject_figure(subject, &look),
        }
    };
    let theme: Theme = args.theme.into();
    if let Some(path) = &args.out {
        let bytes = picture_bytes(path, &draw()?, theme)?;
        results::write(path, |file| Ok(file.write_all(&bytes)?))?;
    }
    if args.json {
        let mut object = as_json(subject, stretch_s, &differences, args.out.as_deref())?;
        if args.with_svg {
            object["svg"] = draw()?.to_svg(theme).into();
        }
        writeln!(out, "{object:#}")?;
    } else if let Some(path) = &args.out {
        for difference in &differences {
            writeln!(out, "{}", difference.line())?;
        }
        writeln!(out, "{}", messages::drawn(&subject.title, path))?;
    } else {
        let screen = Screen::of_stdout(args.width);
        match &other {
            Some(other) => {
                text::write_against(out, subject, other, &differences, screen, look.colors)?;
            }
            None => text::write(out, subject, screen, look.colors)?,
        }
    }
    Ok(Done::Well)
}

/// - `stretch_s`: the stretch of time that is looked at; none for all
fn as_json(
    subject: &Subject,
    stretch_s: Option<(f64, f64)>,
    differences: &[Difference<'_>],
    picture: Option<&Path>,
) -> Result<Value> {
    let mut arrays = Vec::new();
    for rows in &subject.arrays {
        let all = (0, rows.num_frames);
        let (begin, end) = stretch_s.map_or(all, |stretch_s| rows.within(stretch_s));
        let range = rows.grid((begin, end))?.range();
        arrays.push(json!({
            "name": rows.name,
            "num_frames": end - begin,
            "num_columns": rows.columns.len(),
            "least": range.map(|(low, _)| low),
            "largest": range.map(|(_, high)| high),
            "first_s": rows.first_s + begin as f64 * rows.step_s,
            "step_s": rows.step_s,
        }));
    }
    Ok(json!({
        "title": subject.title,
        "notes": subject.notes,
        "start_s": subject.span_s.0,
        "end_s": subject.span_s.1,
        "peak": subject.waveform.as_ref().map(|envelope| envelope.peak()),
        "tiers": subject.tiers.iter().map(|tier| &tier.name).collect::<Vec<_>>(),
        "arrays": arrays,
        "spikes": subject.spikes.as_ref().map(|spikes| spikes.spikes.len()),
        "differences": differences.iter().map(Difference::as_json).collect::<Vec<_>>(),
        "picture": picture.map(printable),
    }))
}
