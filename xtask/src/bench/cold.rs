//! `cargo xtask bench cold`: the whole job where recordings are waited for.
//!
//! Two kinds of storage are slow here: the disk, with nothing of the corpus in the system's memory, and a disk that
//! answers late, which `bench/cold/slow.c` makes of any. Beside the job stand its two halves: reading every recording
//! alone, on as many threads as readers, and the job with all recordings in memory. What reading ahead can reach is
//! the longer of the two.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::machine::hardware_and_commit;
use super::measure::{self, Figures};
use super::report::{against_target, list, record, spread, table};
use super::scratch::Scratch;
use super::subject::Ossicle;
use super::{corpus, scratch};
use crate::command_line::{self, positive};
use crate::{python, workspace};

/// Time the whole job on storage that is slow
///
/// With the page cache dropped, and with a disk that answers MS milliseconds late
/// (through a C compiler); beside it reading alone and computing alone.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The corpus, a folder of WAVE files on a disk [default: the full-size demo corpus, which is made once]
    #[arg(long, value_name = "DIR")]
    corpus: Option<PathBuf>,
    /// How late the slow disk answers, in milliseconds
    #[arg(long, value_name = "MS", default_value = "5")]
    late: f64,
    /// Timed runs of each
    #[arg(long, value_name = "N", default_value = "3", value_parser = positive)]
    runs: usize,
    /// Write bench/record/cold.md too
    #[arg(long)]
    record: bool,
    /// Only read every file of the corpus, on so many threads, and say how long that took
    #[arg(long, value_name = "THREADS", hide = true)]
    read: Option<usize>,
}

/// The readers that are compared; the default comes besides.
const READERS: [usize; 3] = [0, 1, 8];

/// The job takes at most so many times the longer of its halves.
const TARGET: f64 = 1.3;

/// A kind of storage.
struct Storage<'a> {
    name: String,
    /// Whether nothing of the corpus may be in memory.
    is_cold: bool,
    /// The library that makes it late, and by how much.
    late: Option<(&'a Path, f64)>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if let (Some(threads), Some(folder)) = (options.read, &options.corpus) {
        println!("{}", read_all(&files_in(folder)?, threads)?);
        return Ok(());
    }
    let ossicle = Ossicle::find_or_build()?;
    let work = workspace::target_dir().join("bench");
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    let corpus = match &options.corpus {
        Some(folder) => fs::canonicalize(folder).context("there is no such corpus")?,
        None => corpus::make_once(&ossicle, &work)?,
    };
    let files = files_in(&corpus)?;
    let library = build_library(&work)?;
    let output = Scratch::new(scratch::ram_disk(None, &work)?.join("cold"));
    let job = Job { options, ossicle: &ossicle, corpus: &corpus, files: &files, output: &output };

    let warm = Storage { name: "memory".to_owned(), is_cold: false, late: None };
    job.extract(&warm, Some(0))?;
    let computing = job.figures(|| job.extract(&warm, Some(0)))?;
    let cold =
        Storage { name: "the disk, nothing in memory".to_owned(), is_cold: true, late: None };
    let name = format!("a disk that answers {} ms late", options.late);
    let late = Storage { name, is_cold: false, late: Some((&library, options.late)) };
    let mut page = format!("# Slow storage\n\n`{}`\n\n", command_line::as_typed());
    page += &list(&hardware_and_commit());
    page += &format!(
        "\n`ossicle extract --preset timit-mfcc` of {} recordings, {:.0} MB, to a RAM disk. Medians of {} runs, smallest and \
         largest in parentheses. With all recordings in memory it takes {} s.\n",
        files.len(),
        files.iter().map(|(_, bytes)| *bytes as f64).sum::<f64>() / 1e6,
        options.runs,
        spread(&computing, 2)
    );
    for storage in [&cold, &late] {
        page += &job.section(storage, &computing)?;
    }
    print!("{page}");
    if options.record {
        record("cold.md", &page)?;
    }
    Ok(())
}

struct Job<'a> {
    options: &'a Options,
    ossicle: &'a Ossicle,
    corpus: &'a Path,
    files: &'a [(PathBuf, u64)],
    output: &'a Scratch,
}

impl Job<'_> {
    fn figures(&self, mut run: impl FnMut() -> Result<f64>) -> Result<Figures> {
        let runs = (0..self.options.runs).map(|_| run());
        Ok(Figures::new(runs.collect::<Result<Vec<_>>>()?))
    }

    /// The job from this storage, and the share of reading in it.
    fn section(&self, storage: &Storage<'_>, computing: &Figures) -> Result<String> {
        let mut rows = Vec::new();
        for readers in READERS.map(Some).into_iter().chain([None]) {
            eprintln!("xtask: {}, {readers:?} readers", storage.name);
            // Workers read as well where nobody does it for them.
            let threads = readers.unwrap_or(8).max(if readers == Some(0) { cores() } else { 1 });
            let reading = self.figures(|| self.read(storage, threads))?;
            let whole = self.figures(|| self.extract(storage, readers))?;
            let longer = reading.median().max(computing.median());
            let ratio = whole.median() / longer;
            rows.push(vec![
                readers.map_or("as it is".to_owned(), |count| format!("--readers {count}")),
                spread(&whole, 2),
                spread(&reading, 2),
                format!("{ratio:.2}"),
                match readers {
                    Some(8) => against_target("≤ 1.3", ratio <= TARGET),
                    _ => String::new(),
                },
            ]);
        }
        let head = ["", "wall s", "reading alone s", "to the longer half", "target"];
        Ok(format!("\n## From {}\n\n{}", storage.name, table(&head, &rows)))
    }

    fn extract(&self, storage: &Storage<'_>, readers: Option<usize>) -> Result<f64> {
        self.output.clear()?;
        let arguments = Ossicle::extract_arguments(self.corpus, self.output.path(), cores());
        let mut command = Command::new(self.ossicle.binary());
        command.args(arguments);
        if let Some(readers) = readers {
            command.args(["--readers", &readers.to_string()]);
        }
        self.prepare(storage, &mut command)?;
        let taken = measure::run(command.stdout(Stdio::null()))?;
        self.ossicle.check_dataset(self.output.path())?;
        Ok(taken.wall_s)
    }

    /// Has another process read every file, so that what is preloaded counts for it too.
    fn read(&self, storage: &Storage<'_>, threads: usize) -> Result<f64> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "cold", "--read", &threads.to_string(), "--corpus"]);
        command.arg(self.corpus);
        self.prepare(storage, &mut command)?;
        let output = command.output().context("cannot start xtask")?;
        let said = String::from_utf8_lossy(&output.stdout);
        said.trim().parse().with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn prepare(&self, storage: &Storage<'_>, command: &mut Command) -> Result<()> {
        if let Some((library, late)) = storage.late {
            command.env("LD_PRELOAD", library).env("SLOW_PREFIX", self.corpus);
            command.env("SLOW_MS", late.to_string());
        }
        if storage.is_cold {
            drop_from_memory(self.files)?;
        }
        Ok(())
    }
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Builds the library that makes a disk late.
fn build_library(work: &Path) -> Result<PathBuf> {
    let library = work.join("slow.so");
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library);
    python::succeed(cc.arg(workspace::root().join("bench/cold/slow.c")).arg("-ldl"))?;
    Ok(library)
}

/// The recordings below a folder, with their sizes.
pub(super) fn files_in(folder: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let (path, kind) =
                (entry.as_ref().map(fs::DirEntry::path), entry.as_ref().map(|it| it.file_type()));
            let (Ok(path), Ok(Ok(kind))) = (path, kind) else { continue };
            let is_wave = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("wav"));
            match kind.is_dir() {
                true => folders.push(path),
                false if is_wave => files.push((path.clone(), fs::metadata(path)?.len())),
                false => {}
            }
        }
    }
    match files.is_empty() {
        true => bail!("{} has no WAVE files", folder.display()),
        false => Ok(files),
    }
}

/// Has the system forget what it has of files.
fn drop_from_memory(files: &[(PathBuf, u64)]) -> Result<()> {
    rustix::fs::sync();
    for (path, _) in files {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    }
    Ok(())
}

/// Reads files as a program reads them that takes each in one piece, and returns the seconds that it took.
fn read_all(files: &[(PathBuf, u64)], threads: usize) -> Result<f64> {
    let (begin, next) = (Instant::now(), AtomicUsize::new(0));
    let read = || -> Result<()> {
        let mut buffer = Vec::new();
        while let Some((path, bytes)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            buffer.resize(*bytes as usize, 0);
            File::open(path)?.read_exact_at(&mut buffer, 0)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let readers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(read)).collect();
        readers.into_iter().try_for_each(|reader| match reader.join() {
            Ok(done) => done,
            Err(_) => bail!("a thread that reads panicked"),
        })
    })?;
    Ok(begin.elapsed().as_secs_f64())
}
