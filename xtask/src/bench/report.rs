//! Figures as a page of Markdown: absolute, as ratios, and beside their targets.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result};

use super::corpus::Contents;
use super::disk::{Disk, Floor};
use super::machine::Machine;
use super::measure::{Figures, Taken};
use super::open_files::{LIMIT, OpenFiles};
use super::options::Options;
use super::peers::{Report, Way};
use super::ram::Series;
use crate::{command_line, workspace};

const TARGET_CPU_S: f64 = 4.0;
const TARGET_SPEED_UP: f64 = 1.85;
const TARGET_FLOORS: f64 = 1.5;
/// Two programs in single precision stay well below this many standard deviations apart; a different
/// window, filter or delta does not.
const SAME_WORK: f64 = 1e-3;
/// The frames in a second, of every preset.
const FRAMES_PER_SECOND: f64 = 100.0;

/// Writes a page to a file of `bench/record`.
pub(crate) fn record(file: &str, page: &str) -> Result<()> {
    let path = workspace::root().join("bench/record").join(file);
    fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    eprintln!("xtask: written to {}", path.display());
    Ok(())
}

/// A list of lines of the form "what: which".
pub(crate) fn list(lines: &[(&str, String)]) -> String {
    lines.iter().map(|(what, which)| format!("- {what}: {which}\n")).collect()
}

pub(crate) fn page(options: &Options, machine: &Machine, sections: &[String]) -> String {
    let mut page =
        format!("# The whole job\n\n`{}`\n\n", command_line::as_typed()) + &list(&machine.0);
    let _ = write!(
        page,
        "\nMedians of {} runs (Python: of {}) after one to warm up, smallest and largest in \
         parentheses. Caches are warm. Ratios are of runs made one right after the other.\n",
        options.runs, options.peer_runs
    );
    for section in sections {
        let _ = write!(page, "\n{section}");
    }
    page
}

pub(crate) fn job(contents: &Contents) -> String {
    format!(
        "Job: `ossicle extract --preset timit-mfcc` of the full-size demo corpus: {} utterances, \
         {:.2} hours of frames, {:.0} MB of audio; {} frames, {:.0} MB of dataset (MFCC 40 with deltas and \
         delta-deltas, labels, normalised by TRAIN).\n",
        contents.sources.len(),
        hours(contents),
        contents.source_bytes as f64 / 1e6,
        contents.num_frames,
        contents.dataset_bytes as f64 / 1e6
    )
}

fn hours(contents: &Contents) -> f64 {
    contents.num_frames as f64 / FRAMES_PER_SECOND / 3600.0
}

pub(crate) fn ram(all: &[Series], contents: &Contents) -> String {
    let mut rows = Vec::new();
    let serial = &all[0].taken;
    for series in all {
        let wall = Figures::new(series.taken.iter().map(|it| it.wall_s));
        let cpu = optional(&series.taken, |it| it.cpu_s);
        let speed_up = Figures::ratios(serial, &series.taken);
        let target = match series.jobs {
            1 => cpu.as_ref().map_or_else(String::new, |cpu| {
                against_target("CPU ≤ 4 s", cpu.median() <= TARGET_CPU_S)
            }),
            2 => against_target("speed-up ≥ 1.85", speed_up.median() >= TARGET_SPEED_UP),
            _ => String::new(),
        };
        rows.push(vec![
            format!("ossicle --jobs {}", series.jobs),
            seconds(&wall),
            cpu.as_ref().map_or_else(unknown, seconds),
            optional(&series.taken, |it| it.peak_mib).map_or_else(unknown, |it| mebibytes(&it)),
            format!("{:.0}", hours(contents) * 3600.0 / wall.median()),
            if series.jobs == 1 { "1".to_owned() } else { times(&speed_up) },
            target,
        ]);
    }
    let head = ["", "wall s", "CPU s", "peak MiB", "× real time", "speed-up", "target"];
    format!("## On a RAM disk\n\n{}", table(&head, &rows))
}

pub(crate) fn disk(disk: &Disk) -> String {
    let floor = |part: fn(&Floor) -> f64| seconds(&Figures::new(disk.floor.iter().map(part)));
    let wall = Figures::new(disk.ossicle.iter().map(|it| it.wall_s));
    let pairs = disk.ossicle.iter().zip(&disk.floor);
    let floors = Figures::new(pairs.map(|(ossicle, floor)| ossicle.wall_s / floor.total_s()));
    let row = |name: &str, wall: String| vec![name.to_owned(), wall, String::new(), String::new()];
    let rows = [
        row("reading every recording once", floor(|it| it.read_s)),
        row("`cp -r` of the finished dataset", floor(|it| it.copy_s)),
        row("`sync`", floor(|it| it.sync_s)),
        vec![
            "the floor: these three".to_owned(),
            floor(Floor::total_s),
            "1".to_owned(),
            String::new(),
        ],
        vec![
            format!("ossicle --jobs {}, its own syncs included", disk.jobs),
            seconds(&wall),
            times(&floors),
            against_target("≤ 1.5 floors", floors.median() <= TARGET_FLOORS),
        ],
    ];
    format!("## On disk\n\n{}", table(&["", "wall s", "floors", "target"], &rows))
}

pub(crate) fn open_files(shown: &OpenFiles) -> String {
    let rows = [
        vec![
            "Python, one process per file".to_owned(),
            shown.python_status.clone(),
            format!("`{}`", shown.python_said),
        ],
        vec![
            "ossicle, in the same shell".to_owned(),
            shown.ossicle_status.clone(),
            "finished, the same dataset".to_owned(),
        ],
    ];
    format!("## Under `ulimit -n {LIMIT}`\n\n{}", table(&["", "ended with", ""], &rows))
}

pub(crate) fn peers(ways: &[Way], ram: &[Series]) -> String {
    let mut rows = Vec::new();
    for way in ways {
        let figures = |of: fn(&Report) -> f64| Figures::new(way.reports.iter().map(of));
        let (wall, cpu) = (figures(|it| it.wall_s), figures(|it| it.cpu_s));
        let loading = figures(|it| it.loading_s);
        let ours = ram.iter().find(|it| it.jobs == way.jobs).expect("measured on the RAM disk");
        let ours_wall = Figures::new(ours.taken.iter().map(|it| it.wall_s));
        let ours_cpu = optional(&ours.taken, |it| it.cpu_s);
        rows.push(vec![
            way.name.clone(),
            seconds(&wall),
            seconds(&loading),
            seconds(&cpu),
            mebibytes(&figures(|it| it.peak_mib)),
            format!("{:.1} × --jobs {}", wall.median() / ours_wall.median(), way.jobs),
            format!("{:.1} ×", (wall.median() - loading.median()) / ours_wall.median()),
            ours_cpu.map_or_else(unknown, |it| format!("{:.1} ×", cpu.median() / it.median())),
        ]);
    }
    let head = [
        "",
        "wall s",
        "of it loading librosa",
        "CPU s",
        "peak MiB (main process)",
        "wall to ossicle's",
        "the same without loading",
        "CPU to ossicle's",
    ];
    let reports = || ways.iter().flat_map(|it| &it.reports);
    let largest = reports().map(|it| it.largest_difference).fold(0.0, f64::max);
    let labels = reports().map(|it| it.different_labels).max().unwrap_or(0);
    let same = largest <= SAME_WORK && labels == 0;
    format!(
        "## The same job in Python, on the RAM disk\n\n{}\n\
         {}: values differ by at most {largest:.1e} standard deviations of their column, and \
         {labels} labels differ.\n",
        table(&head, &rows),
        if same { "Both did the same work" } else { "**The two did not do the same work**" }
    )
}

fn optional(taken: &[Taken], of: impl Fn(&Taken) -> Option<f64>) -> Option<Figures> {
    taken.iter().map(of).collect::<Option<Vec<_>>>().map(Figures::new)
}

fn seconds(figures: &Figures) -> String {
    spread(figures, 2)
}

fn mebibytes(figures: &Figures) -> String {
    format!("{:.0}", figures.median())
}

fn times(figures: &Figures) -> String {
    spread(figures, 2)
}

pub(crate) fn spread(figures: &Figures, digits: usize) -> String {
    let (median, smallest, largest) = (figures.median(), figures.smallest(), figures.largest());
    if smallest == largest {
        format!("{median:.digits$}")
    } else {
        format!("{median:.digits$} ({smallest:.digits$}–{largest:.digits$})")
    }
}

fn unknown() -> String {
    "?".to_owned()
}

pub(crate) fn against_target(target: &str, met: bool) -> String {
    format!("{target}: {}", if met { "met" } else { "**not met**" })
}

/// A table of Markdown that can also be read as plain text.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count(), 3]).max().unwrap_or(3)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::from("|");
        for (cell, &width) in cells.zip(&widths) {
            let _ = write!(line, " {cell:<width$} |");
        }
        line + "\n"
    };
    let rules: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let mut text = line(&mut head.iter().copied());
    text += &line(&mut rules.iter().map(String::as_str));
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(wall_s: f64) -> Taken {
        Taken { wall_s, cpu_s: Some(wall_s), peak_mib: None }
    }

    fn contents() -> Contents {
        Contents { sources: Vec::new(), num_frames: 1000, source_bytes: 0, dataset_bytes: 0 }
    }

    #[test]
    fn targets_are_judged_by_the_median() {
        let series = |jobs, walls: [f64; 3]| Series { jobs, taken: walls.map(taken).to_vec() };
        let met = ram(&[series(1, [3.9, 4.0, 9.0]), series(2, [2.0, 2.0, 9.0])], &contents());
        assert!(met.contains("CPU ≤ 4 s: met"), "{met}");
        assert!(met.contains("speed-up ≥ 1.85: met"), "{met}");
        let missed = ram(&[series(1, [3.9, 4.1, 9.0]), series(2, [3.0, 3.0, 3.0])], &contents());
        assert!(missed.contains("CPU ≤ 4 s: **not met**"), "{missed}");
        assert!(missed.contains("speed-up ≥ 1.85: **not met**"), "{missed}");
    }

    #[test]
    fn the_floor_is_reading_copying_and_syncing() {
        let floor = || Floor { read_s: 0.25, copy_s: 1.25, sync_s: 0.5 };
        let disk_of = |wall_s| Disk { jobs: 2, ossicle: vec![taken(wall_s)], floor: vec![floor()] };
        assert!(disk(&disk_of(3.0)).contains("1.50"), "{}", disk(&disk_of(3.0)));
        assert!(disk(&disk_of(3.0)).contains("≤ 1.5 floors: met"));
        assert!(disk(&disk_of(3.1)).contains("≤ 1.5 floors: **not met**"));
    }

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["a".to_owned(), "1 ×".to_owned()]];
        assert_eq!(
            table(&["", "wall s"], &rows),
            "|     | wall s |\n| --- | ------ |\n| a   | 1 ×    |\n"
        );
    }
}
