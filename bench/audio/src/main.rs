//! Times the decoding of recordings on one thread, of ossicle's and of other crates, and resampling.
//!
//! `cargo xtask bench audio` builds and runs it on a folder of recordings. It says on its first line what it
//! can time, and then answers each number it reads with one turn of that subject, so that the caller can let
//! several programs take turns. A frame is a sample of every channel:
//!
//! ```text
//! → {"programs": ["symphonia 0.6"], "subjects": [{"feature": "speech.flac", "program": "ossicle"}]}
//! ← 0
//! → {"us_per_frame": 0.0061, "num_frames": 960000, "dim": 1}
//! ```

mod ours;
mod subject;
mod theirs;

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde_json::json;

use subject::Subject;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).ok_or("usage: ossicle-bench-audio FOLDER")?;
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut recordings: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    recordings.sort();
    let mut subjects = Vec::new();
    for recording in &recordings {
        subjects.extend(ours::decoding(recording));
        subjects.extend(theirs::decoding(recording));
    }
    subjects.extend(ours::resampling()?);

    let mut stdout = io::stdout().lock();
    let names = |it: &Subject| json!({"feature": it.what, "program": it.program});
    let hello = json!({
        "programs": theirs::VERSIONS,
        "subjects": subjects.iter().map(names).collect::<Vec<_>>(),
    });
    writeln!(stdout, "{hello}")?;
    stdout.flush()?;
    for line in io::stdin().lock().lines() {
        let subject = subjects.get_mut(line?.trim().parse::<usize>()?).ok_or("no such subject")?;
        let turn = subject.take_turn()?;
        let answer = json!({
            "us_per_frame": turn.us_per_frame,
            "num_frames": turn.decoded.num_frames,
            "dim": turn.decoded.channels,
        });
        writeln!(stdout, "{answer}")?;
        stdout.flush()?;
    }
    Ok(())
}
