//! Times a frame of each feature on one thread, of ossicle's and of other crates.
//!
//! `cargo xtask bench features` builds and runs it, with `--against COMMIT` without the other crates and
//! a second time over that commit's `ossicle-dsp`. It says on its first line what it can time, and
//! then answers each number it reads with one turn of that subject, so that the caller can let
//! several programs take turns:
//!
//! ```text
//! → {"programs": ["mel_spec 0.5.0"], "subjects": [{"feature": "log-mel", "program": "ossicle, avx2"}]}
//! ← 0
//! → {"us_per_frame": 0.41, "num_frames": 998, "dim": 80}
//! ```

mod ours;
mod recording;
mod subject;
#[cfg(feature = "peers")]
mod theirs;

use std::env;
use std::error::Error;
use std::io::{self, BufRead, Write};

use serde_json::json;

use subject::Subject;

/// The other crates.
const VERSIONS: &[&str] = &[
    #[cfg(feature = "peers")]
    theirs::VERSION,
];

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: ossicle-bench-features RECORDING.wav")?;
    let samples = recording::read(path.as_ref())?;
    let mut subjects = ours::subjects()?;
    #[cfg(feature = "peers")]
    subjects.extend(theirs::subjects()?);

    let mut stdout = io::stdout().lock();
    let names = |it: &Subject| json!({"feature": it.feature, "program": it.program});
    let hello = json!({
        "programs": VERSIONS,
        "subjects": subjects.iter().map(names).collect::<Vec<_>>(),
    });
    writeln!(stdout, "{hello}")?;
    stdout.flush()?;
    for line in io::stdin().lock().lines() {
        let subject = subjects.get_mut(line?.trim().parse::<usize>()?).ok_or("no such subject")?;
        let turn = subject.take_turn(&samples);
        let answer = json!({
            "us_per_frame": turn.us_per_frame,
            "num_frames": turn.shape.num_frames,
            "dim": turn.shape.dim,
        });
        writeln!(stdout, "{answer}")?;
        stdout.flush()?;
    }
    Ok(())
}
