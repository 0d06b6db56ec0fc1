//! `cargo xtask bench scale`: what planning a large corpus takes, and computing a share of it.
//!
//! A manifest lists so many utterances: recordings, or segments of few. `ossicle plan` stores their plan, and of that
//! small shares are computed, the last of them with ten times as many parts as the others, so that what grows with a
//! share shows. The recordings are a thousand short ones that are listed again and again under other ids; nothing of
//! the memory depends on what is in them.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use hound::{SampleFormat, WavSpec, WavWriter};

use super::machine::hardware_and_commit;
use super::measure::{self, Taken};
use super::report::{against_target, list, record, table};
use super::scratch::Scratch;
use super::subject::Ossicle;
use crate::{command_line, workspace};

/// Measure what a plan of millions of utterances takes
///
/// Lists them, plans them, looks at the plan as shares do, and computes small
/// shares: time, peak memory, and the size of what is stored.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Utterances of each run
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1000000,5000000")]
    utterances: Vec<u64>,
    /// What is listed
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "recordings,segments")]
    kinds: Vec<Kind>,
    /// Folder for manifests and outputs: up to a kilobyte an utterance [default: target/bench]
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// Write bench/record/scale.md too
    #[arg(long)]
    record: bool,
}

/// What a manifest lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A recording each
    Recordings,
    /// Segments of a thousand recordings
    Segments,
}

/// What the plan of so few utterances takes, others take besides what grows with them.
const FEW: u64 = 1000;

const RECORDINGS: u64 = 1000;

/// A small share of a plan has about as many utterances.
const OF_SHARE: u64 = 2000;

/// The most bytes that a planner may take for an utterance, apart from its columns.
const TARGET_PLANNER: f64 = 300.0;

/// The most that a share may take, in MiB.
const TARGET_SHARE: f64 = 200.0;

/// A plan is refused where the dataset would not fit on the disk, which is not what is measured.
const FEW_COLUMNS: &str = "feature.num_mel_bins=3";

/// As long as a sentence is, in the middle.
const TEXT: &str = "she had your dark suit in greasy wash water";

pub(crate) fn run(options: &Options) -> Result<()> {
    let ossicle = Ossicle::find_or_build()?;
    let work = options.work.clone().unwrap_or_else(|| workspace::target_dir().join("bench"));
    let scratch = Scratch::new(work.join("scale"));
    scratch.clear()?;
    let recordings = scratch.path().join("recordings");
    fs::create_dir_all(&recordings).with_context(|| recordings.display().to_string())?;
    (0..RECORDINGS).try_for_each(|number| write_recording(&recordings, number))?;

    let mut page = format!("# A corpus of millions\n\n`{}`\n\n", command_line::as_typed());
    page += &list(&hardware_and_commit());
    for &kind in &options.kinds {
        let few = measure_one(&ossicle, scratch.path(), kind, FEW)?;
        let mut rows = Vec::new();
        for &utterances in &options.utterances {
            let measured = measure_one(&ossicle, scratch.path(), kind, utterances)?;
            rows.push(measured.row(&few));
        }
        let _ = write!(page, "\n## {}\n\n{}", kind.heading(), table(&HEAD, &rows));
    }
    print!("{page}");
    if options.record {
        record("scale.md", &page)?;
    }
    Ok(())
}

const HEAD: [&str; 10] = [
    "utterances",
    "plan s",
    "peak MiB",
    "bytes each",
    "without the text",
    "plan stored, MB",
    "parts",
    "looking at all parts, MiB",
    "a small share, MiB",
    "ten times as large, MiB",
];

/// What one size took.
struct Measured {
    utterances: u64,
    plan: Taken,
    plan_bytes: u64,
    parts: u64,
    looking: Taken,
    share: Taken,
    large_share: Taken,
}

impl Measured {
    fn row(&self, few: &Measured) -> Vec<String> {
        let peak = |taken: &Taken| taken.peak_mib.unwrap_or(f64::NAN);
        let more = (peak(&self.plan) - peak(&few.plan)) * f64::from(1 << 20);
        let each = more / (self.utterances - few.utterances) as f64;
        let bare = each - TEXT.len() as f64;
        let mib = |taken: &Taken| format!("{:.0}", peak(taken));
        let share = peak(&self.share).max(peak(&self.large_share));
        vec![
            self.utterances.to_string(),
            format!("{:.1}", self.plan.wall_s),
            mib(&self.plan),
            format!("{each:.0}"),
            against_target(&format!("{bare:.0}, ≤ 300"), bare <= TARGET_PLANNER),
            format!("{:.0}", self.plan_bytes as f64 / 1e6),
            self.parts.to_string(),
            mib(&self.looking),
            mib(&self.share),
            against_target(&format!("{}, ≤ 200", mib(&self.large_share)), share <= TARGET_SHARE),
        ]
    }
}

impl Kind {
    fn heading(self) -> &'static str {
        match self {
            Kind::Recordings => "Recordings",
            Kind::Segments => "Segments of a thousand recordings",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Recordings => "recordings",
            Kind::Segments => "segments",
        }
    }

    /// Writes a manifest of one object a line, as NeMo has them.
    fn write_manifest(self, path: &Path, utterances: u64) -> Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        for number in 0..utterances {
            let recording = number % RECORDINGS;
            write!(file, "{{\"id\": \"{number:012}\", ")?;
            write!(file, "\"audio_filepath\": \"recordings/{recording:04}.wav\", ")?;
            if self == Kind::Segments {
                let offset = (number / RECORDINGS % 100) as f64 / 1000.0;
                write!(file, "\"offset\": {offset}, \"duration\": 0.25, ")?;
            }
            writeln!(file, "\"text\": \"{TEXT}\"}}")?;
        }
        Ok(file.into_inner()?.sync_all()?)
    }
}

fn measure_one(ossicle: &Ossicle, work: &Path, kind: Kind, utterances: u64) -> Result<Measured> {
    eprintln!("xtask: {utterances} {}", kind.name());
    let manifest = work.join(format!("{}.json", kind.name()));
    kind.write_manifest(&manifest, utterances)?;
    let output = Scratch::new(work.join("output"));
    output.clear()?;
    let run = |words: &[&str], may_fail: bool| -> Result<Taken> {
        let mut command = Command::new(ossicle.binary());
        command.arg(words[0]).arg(&manifest).arg("--out").arg(output.path());
        command.args(["--preset", "kaldi-fbank", "--set", FEW_COLUMNS]).args(&words[1..]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        match may_fail {
            true => Ok(measure::run_to_any_end(command)?.0),
            false => measure::run(command),
        }
    };
    let plan = run(&["plan"], false)?;
    let plan_bytes = fs::metadata(output.path().join(".ossicle/plan"))?.len();
    let shares = (utterances / OF_SHARE).max(1);
    let share = run(&["extract", "-j", "1", "--share", &format!("1/{shares}")], false)?;
    let tenth = (shares / 10).max(1);
    let large_share = run(&["extract", "-j", "1", "--share", &format!("1/{tenth}")], false)?;
    let looking = run(&["extract", "--share", "none"], true)?;
    let parts = parts_of(ossicle, &manifest, output.path())?;
    fs::remove_file(&manifest)?;
    Ok(Measured { utterances, plan, plan_bytes, parts, looking, share, large_share })
}

/// How many parts a stored plan has.
fn parts_of(ossicle: &Ossicle, manifest: &Path, out: &Path) -> Result<u64> {
    let mut command = Command::new(ossicle.binary());
    command.arg("extract").arg(manifest).arg("--out").arg(out);
    command.args(["--preset", "kaldi-fbank", "--set", FEW_COLUMNS]);
    let output = command.args(["--share", "none", "--json"]).output()?;
    let said: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    said["parts"].as_u64().context("the shares that are left have no parts")
}

/// A recording of 0.4 s at 16 kHz: a buzz.
fn write_recording(folder: &Path, number: u64) -> Result<()> {
    let spec = WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    ensure!(number < RECORDINGS, "there are no more recordings");
    let mut writer = WavWriter::create(folder.join(format!("{number:04}.wav")), spec)?;
    // A buzz of its own.
    let period = 50 + number as i64 % 100;
    for at in 0..6400 {
        writer.write_sample((8000 - at % period * 16_000 / period) as i16)?;
    }
    Ok(writer.finalize()?)
}
