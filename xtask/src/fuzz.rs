//! `cargo xtask fuzz`: feeds bytes that nobody wrote to everything that reads a file.
//!
//! `fuzz/` is a workspace of its own, built with coverage counters by stable Rust: what `cargo fuzz`
//! asks the compiler for, without its sanitizers, which only nightly Rust has.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, process};

use anyhow::{Context, Result, bail};
use clap::value_parser;

use crate::workspace::{self, cargo};

/// Feed bytes that nobody wrote to everything that reads a file
///
/// They are what libFuzzer comes up with. An error if a check breaks; the input
/// is kept in target/fuzz/found. fuzz/README.md says what to do with it.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only this one of the targets
    target: Option<String>,
    /// How long each target is fed
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = value_parser!(u64).range(1..))]
    seconds: u64,
    /// Only name the targets
    #[arg(long)]
    list: bool,
}

/// Counters at every edge and comparison, in one module a crate. `debug-assertions` and overflow
/// checks are in the profile.
const FLAGS: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
                     -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares";

pub(crate) fn run(options: Options) -> Result<()> {
    let mut targets = targets()?;
    if options.list {
        targets.iter().for_each(|target| println!("{target}"));
        return Ok(());
    }
    if let Some(target) = options.target {
        if !targets.contains(&target) {
            bail!("there is no target {target:?}; there are {}", targets.join(", "));
        }
        targets = vec![target];
    }
    let binaries = build()?;
    let scratch = Scratch::new()?;
    let mut broken = Vec::new();
    for target in targets {
        if !feed(&binaries.join(&target), &target, options.seconds, &scratch)? {
            broken.push(target);
        }
    }
    match broken[..] {
        [] => Ok(()),
        _ => bail!("checks broke: {}", broken.join(", ")),
    }
}

fn folder() -> PathBuf {
    workspace::root().join("fuzz")
}

fn target_dir() -> PathBuf {
    workspace::target_dir().join("fuzz")
}

/// The names of the targets, in order: a file each.
fn targets() -> Result<Vec<String>> {
    let folder = folder().join("targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut targets = Vec::new();
    for entry in entries {
        let path = entry?.path();
        targets.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    targets.sort();
    Ok(targets)
}

/// Builds all targets and says where they are.
fn build() -> Result<PathBuf> {
    let triple = host()?;
    eprintln!("xtask: building fuzz");
    // With a target named, the flags are not those of build scripts and macros, which have no counters
    // to link with.
    let status = cargo()
        .args(["build", "--release", "--locked", "--target", &triple, "--manifest-path"])
        .arg(folder().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target_dir())
        .env("RUSTFLAGS", FLAGS)
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("fuzz does not build; it needs a C++ compiler, for libFuzzer");
    }
    Ok(target_dir().join(triple).join("release"))
}

fn host() -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

/// Feeds one target; whether its check held.
fn feed(binary: &Path, target: &str, seconds: u64, scratch: &Scratch) -> Result<bool> {
    let make = |kind: &str| -> Result<PathBuf> {
        let folder = target_dir().join(kind).join(target);
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    };
    let (corpus, found) = (make("corpus")?, make("found")?);
    let log = target_dir().join(format!("{target}.log"));
    let status = Command::new(binary)
        .arg(&corpus)
        .arg(folder().join("fixtures").join(target))
        .arg("-dict=tokens.dict")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", found.display()))
        // An input takes microseconds; a minute of a busy machine is a hang.
        .args(["-timeout=60", "-rss_limit_mb=1024", "-max_len=16384", "-print_final_stats=1"])
        .current_dir(folder())
        .env("OSSICLE_FUZZ_SEEDS", &corpus)
        .env("TMPDIR", &scratch.0)
        .stderr(File::create(&log).with_context(|| format!("creating {}", log.display()))?)
        .status()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let said = fs::read(&log).with_context(|| format!("reading {}", log.display()))?;
    let said = String::from_utf8_lossy(&said);
    let inputs = statistic(&said, "number_of_executed_units");
    let outcome = match status.success() {
        true => "its check held".to_owned(),
        false => format!("{}; see {}", broken(&said), log.display()),
    };
    println!("{target}: {inputs} inputs in {seconds} s: {outcome}");
    Ok(status.success())
}

/// One of the numbers that libFuzzer prints at its end.
fn statistic<'a>(said: &'a str, name: &str) -> &'a str {
    let value = |line: &'a str| line.strip_prefix("stat::")?.strip_prefix(name)?.strip_prefix(':');
    said.lines().find_map(value).map_or("?", str::trim)
}

/// Returns what broke, and the file that broke it.
fn broken(said: &str) -> String {
    let line = |words: &str| said.lines().find(|line| line.contains(words)).unwrap_or_default();
    format!("{} {}", line("panicked at"), line("Test unit written to"))
}

/// A folder in memory where there is one: every input is written to a file.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let memory = Path::new("/dev/shm");
        let above = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
        let folder = above.join(format!("ossicle-xtask-fuzz-{}", process::id()));
        fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Scratch(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::parsed;

    #[test]
    fn a_target_and_its_seconds_come_in_any_order() {
        for words in [["audio", "--seconds", "5"], ["--seconds", "5", "audio"]] {
            let options: Options = parsed(&words).unwrap();
            assert_eq!((options.target.as_deref(), options.seconds), (Some("audio"), 5));
        }
        assert_eq!(parsed::<Options>(&[]).unwrap().seconds, 60);
        for words in [&["audio", "card"][..], &["--seconds", "0"], &["--seconds", "x"]] {
            assert!(parsed::<Options>(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn every_target_has_its_check_and_its_fixtures() {
        let targets = targets().unwrap();
        assert!(targets.len() >= 10, "{targets:?}");
        let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
        for target in targets {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
            assert!(folder().join("src").join(format!("{target}.rs")).is_file(), "{target}");
            let fixtures = fs::read_dir(folder().join("fixtures").join(&target)).unwrap();
            assert!(fixtures.count() > 0, "{target}");
        }
    }

    #[test]
    fn what_libfuzzer_says_at_its_end_is_read() {
        let said = "#12 DONE\nstat::number_of_executed_units: 12\nstat::peak_rss_mb:   38\n";
        assert_eq!(statistic(said, "number_of_executed_units"), "12");
        assert_eq!(statistic("", "number_of_executed_units"), "?");
        let said = "thread panicked at src/x.rs:3:5:\nTest unit written to /found/crash-1\n";
        assert!(broken(said).contains("src/x.rs:3:5") && broken(said).contains("crash-1"));
    }
}
