//! `ossicle compare`: how two sets of features differ, and why.

mod features;
mod looking;
mod making;
mod picture;
mod python;
mod stored;
mod text;
mod utterances;

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use ossicle_compare::{Comparison, Side, Verdict};
use ossicle_draw::Theme;
use serde_json::json;

use crate::compare_args::CompareArgs;
use crate::done::Done;
use crate::door::Door;
use crate::messages;
use crate::picture::picture_bytes;
use crate::results;
use crate::simd;
use features::{Features, Recordings};
use looking::Looking;
use utterances::{Pairs, Utterances};

pub(crate) fn run(args: &CompareArgs, door: &dyn Door, out: &mut dyn Write) -> Result<Done> {
    let option = |name: &str| door.option(name);
    if let Some(picture) = &args.out {
        let words = [Some(&args.a), args.b.as_ref()].into_iter().flatten();
        let inputs = words.map(|word| ("a side", Path::new(word)));
        let recording = args.recording.as_deref().map(|path| ("the recording", path));
        results::check(&[("--out", picture)], &inputs.chain(recording).collect::<Vec<_>>())?;
    }
    let mut recordings = Recordings::new(args, door)?;
    let a = Features::open(&args.a, (args.array.as_deref(), "array"), &recordings)?;
    let array_b = match &args.b_array {
        Some(name) => (Some(name.as_str()), "b-array"),
        None => (args.array.as_deref(), "array"),
    };
    let b = match (&args.b, &args.python) {
        (Some(b), None) => Features::open(b, array_b, &recordings)?,
        (None, Some(function)) => Features::Python(function.clone()),
        (None, None) if args.is_about_b() => Features::open(&args.a, array_b, &recordings)?,
        (None, None) => bail!(messages::nothing_to_compare_with(option)),
        (Some(_), Some(_)) => bail!(messages::python_is_b(option)),
    };
    if args.is_about_b() && !matches!(b, Features::Recording { .. }) {
        bail!(messages::b_is_no_recording(option));
    }
    recordings.settle(&a, &b)?;
    if recordings.has_keys_of_nothing(args, &a, &b) {
        bail!(messages::keys_of_nothing(option));
    }
    let pairs = Pairs::of(&a, &b)?;
    let (utterances, of, (a_side, b_side)) = chosen(&pairs, &a, &b, &recordings)?;
    let name = pairs.name(of);
    let mut looking = Looking::new(door);
    let comparison =
        ossicle_compare::compare_watched(&a_side, &b_side, simd::level()?, &mut |sets| {
            looking.tried(sets);
        })?;
    drop(looking);
    if let Some(path) = &args.out {
        let title = pairs.title(of, b.names());
        let figure = picture::figure(&title, (&a_side, &b_side), &comparison);
        let bytes = picture_bytes(path, &figure, Theme::Light)?;
        results::write(path, |file| Ok(file.write_all(&bytes)?))?;
    }
    match args.json {
        true => writeln!(out, "{:#}", as_json(name, &comparison, &utterances)?)?,
        false => text::show(out, name, (&a_side, &b_side), &comparison, &utterances)?,
    }
    let all_agree = comparison.verdict == Verdict::Agree && utterances.agree;
    Ok(if all_agree { Done::Well } else { Done::WithFailures })
}

/// Compares the utterances that both sides have, and reads the one whose difference is told: the only one, or of many
/// the first that differs, with its number among them.
fn chosen(
    pairs: &Pairs,
    a: &Features,
    b: &Features,
    recordings: &Recordings<'_>,
) -> Result<(Utterances, usize, (Side, Side))> {
    let sides = |of: usize| -> Result<(Side, Side)> {
        let (in_a, in_b) = pairs.places(of);
        let a_side = a.side(in_a, recordings, recordings.a())?;
        let b_side = match b {
            Features::Python(function) => python::side(function, recordings, &a_side)?,
            b => b.side(in_b, recordings, recordings.b())?,
        };
        Ok((a_side, b_side))
    };
    let is_computed = a.is_computed() || b.is_computed();
    let (mut compared, mut differing, mut first) = (0, 0, None);
    for of in pairs.compared(is_computed) {
        let (in_a, in_b) = pairs.places(of);
        // What is stored is read alone: to look for its recording takes far longer.
        let stored = if is_computed { None } else { a.stored(in_a)?.zip(b.stored(in_b)?) };
        let (agree, read) = match stored {
            Some((a, b)) => (ossicle_compare::agree(&a, &b), None),
            None => {
                let (a, b) = sides(of)?;
                (ossicle_compare::agree(&a.matrix, &b.matrix), Some((a, b)))
            }
        };
        compared += 1;
        differing += usize::from(!agree);
        if first.as_ref().is_none_or(|(_, of_first, _)| *of_first && !agree) {
            first = Some((of, agree, read));
        }
    }
    let Some((of, _, read)) = first else { bail!(messages::NO_UTTERANCE_IN_BOTH) };
    let read = match read {
        Some(read) => read,
        None => sides(of)?,
    };
    Ok((Utterances::new(pairs, compared, differing), of, read))
}

fn as_json(
    name: &str,
    comparison: &Comparison,
    utterances: &Utterances,
) -> Result<serde_json::Value> {
    let mut value = json!({"utterance": name, "utterances": utterances});
    let all = serde_json::to_value(comparison)?;
    if let (Some(value), Some(all)) = (value.as_object_mut(), all.as_object()) {
        value.extend(all.clone());
    }
    Ok(value)
}
