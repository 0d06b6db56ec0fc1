//! `cargo xtask bench spikes`: matching pursuit, beside NumPy's, and how its time grows.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::machine;
use super::measure::Figures;
use super::report::{against_target, list, record, spread, table};
use super::subject::Ossicle;
use crate::command_line::{self, positive};
use crate::{python, workspace};

/// The ratios of the table, in dB.
const SNRS: [f64; 4] = [10.0, 20.0, 30.0, 40.0];

/// The ratio at which speed has a target, and what that is, in spikes a second.
const TARGET: (f64, f64) = (30.0, 400_000.0);

/// The ratios at which Python takes its turn.
const PEER_SNRS: [f64; 2] = [20.0, 30.0];

/// The numbers of repetitions of the recording that show how time grows, and the ratio there.
const LENGTHS: [usize; 5] = [1, 2, 4, 8, 16];
const GROWTH_SNR: f64 = 20.0;

/// Samples of a 16-bit mono WAVE file begin here.
const HEADER_BYTES: usize = 44;

/// Time matching pursuit beside NumPy's, and how its time grows
///
/// Times `ossicle spikes` on one thread: spikes a second at several ratios, beside
/// a matching pursuit in NumPy and SciPy, and how the time grows with the
/// recording. OSSICLE_BIN=FILE takes that binary instead of building one.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A 16-bit WAVE file at 16 kHz [default: the synthetic voice of the golden
    /// arrays]
    #[arg(long, value_name = "FILE", default_value_os_t = voice(), hide_default_value = true)]
    audio: PathBuf,
    /// Timed runs of each
    #[arg(long, value_name = "N", default_value = "7", value_parser = positive)]
    runs: usize,
    /// Go without Python
    #[arg(long)]
    no_peers: bool,
    /// Write bench/record/spikes.md too
    #[arg(long)]
    record: bool,
}

fn voice() -> PathBuf {
    workspace::root().join("crates/dsp/tests/golden/speech16k/input.wav")
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let ossicle = Ossicle::find_or_build()?;
    let bytes = fs::read(&options.audio)
        .with_context(|| format!("cannot read {}", options.audio.display()))?;
    let python = (!options.no_peers).then(|| python::peers("peers-venv", &["requirements.txt"]));
    let python = python.transpose()?;

    let mut ours: Vec<Vec<Found>> = vec![Vec::new(); SNRS.len()];
    let mut refined: Vec<Vec<Found>> = vec![Vec::new(); SNRS.len()];
    let mut theirs: Vec<Vec<Found>> = vec![Vec::new(); PEER_SNRS.len()];
    for run in 1..=options.runs {
        eprintln!("xtask: spikes {run}/{}", options.runs);
        // The first round warms up, the second counts.
        for (all, keys) in [(&mut ours, &[][..]), (&mut refined, &["feature.refine=orthogonal"])] {
            let found = of_ossicle(&ossicle, &options.audio, &[SNRS, SNRS].concat(), keys)?;
            for (all, found) in all.iter_mut().zip(&found[SNRS.len()..]) {
                all.push(found.clone());
            }
        }
        if let Some(python) = &python {
            for (all, snr_db) in theirs.iter_mut().zip(PEER_SNRS) {
                all.push(of_python(python, &options.audio, snr_db)?);
            }
        }
    }
    let growth = growth(&ossicle, &bytes, options.runs)?;
    let mut page = head(options);
    page += &ratios(&ours);
    page += &refinements(&ours, &refined);
    if python.is_some() {
        page += &peers(&ours, &theirs)?;
    }
    page += &lengths(&growth);
    print!("{page}");
    if options.record {
        record("spikes.md", &page)?;
    }
    Ok(())
}

/// The result of a pursuit.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    program: String,
    snr_db: f64,
    spikes: f64,
    seconds: f64,
    /// The duration of the recording.
    duration_s: f64,
}

impl Found {
    fn read(value: &Value, program: &str, duration_s: f64) -> Result<Found> {
        let number =
            |key: &str| value[key].as_f64().with_context(|| format!("no {key} in {value}"));
        Ok(Found {
            program: program.to_owned(),
            snr_db: number("snr_db")?,
            spikes: number("spikes")?,
            seconds: number("seconds")?,
            duration_s,
        })
    }

    /// Spikes a second of time.
    fn speed(&self) -> f64 {
        self.spikes / self.seconds
    }
}

fn json_of(command: &mut Command) -> Result<Value> {
    let Output { status, stdout, .. } =
        command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{status} from {command:?}");
    }
    Ok(serde_json::from_slice(&stdout)?)
}

/// One process, which codes the recording at each ratio.
fn of_ossicle(ossicle: &Ossicle, audio: &Path, snrs: &[f64], keys: &[&str]) -> Result<Vec<Found>> {
    let snrs: Vec<String> = snrs.iter().map(f64::to_string).collect();
    let mut command = Command::new(ossicle.binary());
    command.arg("spikes").arg(audio).arg("--json").arg("--snr").arg(snrs.join(","));
    for key in keys {
        command.arg("--set").arg(key);
    }
    let value = json_of(&mut command)?;
    let duration_s = value["duration_s"].as_f64().context("no duration")?;
    let found = value["spikegrams"].as_array().context("no spikegrams")?;
    found.iter().map(|found| Found::read(found, "ossicle", duration_s)).collect()
}

fn of_python(python: &Path, audio: &Path, snr_db: f64) -> Result<Found> {
    let script = python::folder().join("spikes.py");
    let value = json_of(Command::new(python).arg(script).arg(audio).arg(snr_db.to_string()))?;
    let program = value["program"].as_str().context("no program")?;
    Found::read(&value, program, f64::NAN)
}

/// The recording repeated, with what it takes to code it.
fn growth(ossicle: &Ossicle, bytes: &[u8], runs: usize) -> Result<Vec<(usize, Vec<Found>)>> {
    if bytes.len() <= HEADER_BYTES || bytes[36..40] != *b"data" {
        bail!("the samples of the recording do not begin at byte {HEADER_BYTES}");
    }
    let folder = workspace::target_dir().join("bench-spikes");
    fs::create_dir_all(&folder)?;
    let mut all = Vec::new();
    for times in LENGTHS {
        let path = folder.join(format!("{times}.wav"));
        fs::write(&path, repeated(bytes, times))?;
        all.push((path, (times, Vec::new())));
    }
    for run in 1..=runs {
        eprintln!("xtask: lengths {run}/{runs}");
        for (path, (_, found)) in &mut all {
            let mut both = of_ossicle(ossicle, path, &[GROWTH_SNR; 2], &[])?;
            found.extend(both.pop());
        }
    }
    fs::remove_dir_all(&folder)?;
    Ok(all.into_iter().map(|(_, growth)| growth).collect())
}

/// A WAVE file with its samples so many times.
fn repeated(bytes: &[u8], times: usize) -> Vec<u8> {
    let (head, samples) = bytes.split_at(HEADER_BYTES);
    let data = samples.repeat(times);
    let mut wave = head.to_vec();
    wave[4..8].copy_from_slice(&((HEADER_BYTES - 8 + data.len()) as u32).to_le_bytes());
    wave[40..44].copy_from_slice(&(data.len() as u32).to_le_bytes());
    wave.extend(data);
    wave
}

fn head(options: &Options) -> String {
    let mut page = format!("# Spikes\n\n`{}`\n\n", command_line::as_typed());
    page += &list(&machine::hardware_and_commit());
    let name = options.audio.file_name().unwrap_or_default().to_string_lossy();
    let _ = write!(
        page,
        "\nMatching pursuit of {name} over 32 gammatones, on one thread, without reading the file and \
         computing tables. Medians of {} runs, smallest and largest in parentheses.\n",
        options.runs
    );
    page
}

fn figures(all: &[Found], of: impl Fn(&Found) -> f64) -> Figures {
    Figures::new(all.iter().map(of))
}

fn ratios(ours: &[Vec<Found>]) -> String {
    let row = |(snr_db, all): (f64, &Vec<Found>)| {
        let speed = figures(all, Found::speed);
        let (of_target, target) = TARGET;
        let judged = match snr_db == of_target {
            true => against_target(&format!("≥ {target:.0}"), speed.median() >= target),
            false => String::new(),
        };
        vec![
            format!("{snr_db:.0} dB"),
            format!("{:.0}", figures(all, |found| found.spikes).median()),
            format!("{:.0}", figures(all, |found| found.spikes / found.duration_s).median()),
            spread(&speed, 0),
            format!("{:.0}", figures(all, |found| found.duration_s / found.seconds).median()),
            judged,
        ]
    };
    let rows: Vec<_> = SNRS.into_iter().zip(ours).map(row).collect();
    let head = ["SNR", "spikes", "a second of sound", "spikes/s", "× real time", "target"];
    format!("\n## Signal-to-noise ratio\n\n{}", table(&head, &rows))
}

/// What refinement saves, and what it takes.
fn refinements(plain: &[Vec<Found>], refined: &[Vec<Found>]) -> String {
    let row = |((snr_db, plain), refined): ((f64, &Vec<Found>), &Vec<Found>)| {
        let count = |all: &[Found]| figures(all, |found| found.spikes).median();
        let times =
            plain.iter().zip(refined).map(|(plain, refined)| refined.seconds / plain.seconds);
        vec![
            format!("{snr_db:.0} dB"),
            format!("{:.0}", count(plain)),
            format!("{:.0}", count(refined)),
            format!("{:.1} %", 100.0 * (1.0 - count(refined) / count(plain))),
            spread(&figures(refined, |found| found.seconds), 3),
            spread(&Figures::new(times), 1),
        ]
    };
    let rows: Vec<_> = SNRS.into_iter().zip(plain).zip(refined).map(row).collect();
    let head = ["SNR", "spikes", "refined", "fewer by", "s", "times as long"];
    format!(
        "\n## Refined amplitudes\n\n`refine = \"orthogonal\"`: as many spikes as the ratio takes then.\n\n{}",
        table(&head, &rows)
    )
}

/// # Errors
/// If they did not find as many spikes: then their times say nothing about each other.
fn peers(ours: &[Vec<Found>], theirs: &[Vec<Found>]) -> Result<String> {
    let mut rows = Vec::new();
    for (snr_db, theirs) in PEER_SNRS.into_iter().zip(theirs) {
        let Some(own) = SNRS.iter().position(|&own| own == snr_db) else { continue };
        let (our, their) = (&ours[own][0], &theirs[0]);
        if (our.spikes - their.spikes).abs() > 0.01 * our.spikes {
            bail!("{} spikes from ossicle, {} from {}", our.spikes, their.spikes, their.program);
        }
        let times = ours[own].iter().zip(theirs).map(|(our, their)| their.seconds / our.seconds);
        rows.push(vec![
            format!("{snr_db:.0} dB"),
            their.program.clone(),
            format!("{:.0}", their.spikes),
            spread(&figures(theirs, Found::speed), 0),
            format!("{:.0}", Figures::new(times).median()),
        ]);
    }
    let head = ["SNR", "program", "spikes", "spikes/s", "ossicle is faster by"];
    Ok(format!("\n## NumPy and SciPy\n\n{}", table(&head, &rows)))
}

fn lengths(growth: &[(usize, Vec<Found>)]) -> String {
    let row = |(times, all): &(usize, Vec<Found>)| {
        vec![
            format!("{times} ×"),
            format!("{:.1} s", all[0].duration_s),
            spread(&figures(all, |found| found.seconds), 3),
            format!(
                "{:.2}",
                figures(all, |found| 1000.0 * found.seconds / found.duration_s).median()
            ),
            spread(&figures(all, Found::speed), 0),
        ]
    };
    let rows: Vec<_> = growth.iter().map(row).collect();
    let head = ["recording", "length", "s", "ms a second of sound", "spikes/s"];
    format!("\n## Length, at {GROWTH_SNR:.0} dB\n\n{}", table(&head, &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_recording_says_how_long_it_is() {
        let three = repeated(&ossicle_testing::wav(&[0x201], 1, 16_000), 3);
        assert_eq!(three[4..8], (36_u32 + 6).to_le_bytes());
        assert_eq!(three[40..], [6, 0, 0, 0, 1, 2, 1, 2, 1, 2]);
    }

    fn found(spikes: f64, seconds: f64) -> Found {
        Found { program: "p".to_owned(), snr_db: 30.0, spikes, seconds, duration_s: 2.0 }
    }

    #[test]
    fn the_target_is_judged_where_it_is_one() {
        let ours = vec![vec![found(500_000.0, 1.0)]; 4];
        let text = ratios(&ours);
        assert_eq!(text.matches("met").count(), 1);
        assert!(text.contains("≥ 400000: met"), "{text}");
        let slow = vec![vec![found(100_000.0, 1.0)]; 4];
        assert!(ratios(&slow).contains("≥ 400000: **not met**"));
    }

    #[test]
    fn a_peer_that_found_something_else_is_an_error() {
        let ours = vec![vec![found(1000.0, 1.0)]; 4];
        assert!(peers(&ours, &[vec![found(1000.0, 9.0)], vec![found(995.0, 9.0)]]).is_ok());
        assert!(peers(&ours, &[vec![found(1000.0, 9.0)], vec![found(900.0, 9.0)]]).is_err());
    }
}
