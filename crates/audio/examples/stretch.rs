//! Times a second of sound from the end of a long recording, and all of the recording.
//!
//! ```text
//! cargo run --release -p ossicle-audio --example stretch -- FILE [TIMES]
//! ```
//!
//! With TIMES, the file is so often one behind the other, as streams of MPEG audio may be.
#![expect(clippy::print_stdout, reason = "an example")]

use std::{env, fs, time::Instant};

use ossicle_audio::{Media, OpenOptions, Recording};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [path, times @ ..] = &words[..] else { return Err("name a recording".into()) };
    let times = times.first().map_or(Ok(1), |times| times.parse())?;
    let media = Media::bytes(fs::read(path)?.repeat(times));
    let open = || Recording::from_media(media.clone(), OpenOptions::default(), Vec::new());

    let begin = Instant::now();
    let mut recording = open()?;
    let length = recording.count()?;
    let counted = begin.elapsed();
    let rate = recording.info().sample_rate_hz;
    let mut second = vec![0.0; length.min(rate.into()) as usize];
    recording.seek(length - second.len() as u64)?;
    recording.read(&mut second)?;
    let stretch = begin.elapsed();

    let begin = Instant::now();
    let mut samples = Vec::new();
    open()?.read_to_end(&mut samples)?;
    let whole = begin.elapsed();
    if !samples.ends_with(&second) {
        return Err("the stretch is not that of the whole".into());
    }
    let seconds = length as f64 / f64::from(rate);
    println!(
        "{seconds:.0} s of sound: counted in {counted:.1?}, its last second read in {stretch:.1?}"
    );
    println!("all of it decoded in {whole:.1?}");
    Ok(())
}
