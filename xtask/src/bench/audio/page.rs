//! The figures as a page of Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::options::Options;
use super::pool::Pool;
use crate::bench::asked::{Asked, OSSICLE, Turn};
use crate::bench::machine;
use crate::bench::measure::Figures;
use crate::bench::report::{against_target, list, spread, table};
use crate::command_line;

/// The rate of the recordings; that of what is resampled is told by its name.
const SAMPLE_RATE_HZ: f64 = 16_000.0;
const RESAMPLED: (&str, f64) = ("44.1 to 16 kHz", 44_100.0);

/// What ossicle is to reach.
const MOST_MS_A_MINUTE: f64 = 0.35;
const FLAC_TIMES_SYMPHONIA: f64 = 1.2;
const SHARE_OF_SYMPHONIA: f64 = 1.1;
const RESAMPLING_TIMES_REAL_TIME: f64 = 2000.0;
const TIMES_THE_POOL: f64 = 10.0;

/// One program's way through a recording, with all its turns.
pub(super) struct Measured {
    program: String,
    pub(super) turns: Vec<Turn>,
}

impl Measured {
    pub(super) fn new(program: &str) -> Self {
        Self { program: program.to_owned(), turns: Vec::new() }
    }

    fn us(&self) -> Figures {
        Figures::new(self.turns.iter().map(|turn| turn.us_per_frame))
    }

    /// How many times as long as another, turn by turn.
    fn times(&self, other: &Measured) -> Figures {
        let pairs = self.turns.iter().zip(&other.turns);
        Figures::new(pairs.map(|(one, other)| one.us_per_frame / other.us_per_frame))
    }
}

pub(super) fn page(
    options: &Options,
    programs: &[Asked],
    measured: &BTreeMap<String, Vec<Measured>>,
    pool: &Pool,
) -> String {
    let mut page = format!("# Audio\n\n`{}`\n\n", command_line::as_typed());
    page += &list(&machine::hardware_and_commit());
    let versions: Vec<_> = programs.iter().flat_map(Asked::programs).map(String::as_str).collect();
    let _ = writeln!(page, "- others: {}", versions.join(", "));
    let _ = write!(
        page,
        "\nA minute of speech at 16 kHz in each format, decoded to float32 on one thread, the page cache \
         warm. A turn lasts 0.25 s and gives its fastest call; the programs of a recording take turns. \
         Medians of {} turns, smallest and largest in parentheses; \"to ossicle's\" is the median of the \
         ratios of turns of one round. ossicle and symphonia verify FLAC's MD5; claxon, soundfile and \
         librosa do not.\n\n",
        options.runs
    );
    let rows: Vec<_> = measured.iter().flat_map(|(what, all)| rows(what, all)).collect();
    let head = ["recording", "program", "ms a minute", "× real time", "to ossicle's", "target"];
    page += &table(&head, &rows);
    page + &of_pool(options, pool)
}

fn rows(what: &str, all: &[Measured]) -> Vec<Vec<String>> {
    let rate_hz = if what == RESAMPLED.0 { RESAMPLED.1 } else { SAMPLE_RATE_HZ };
    // The last of ossicle's is that of the richest instruction set.
    let ours = all.iter().rfind(|it| it.program.starts_with(OSSICLE));
    let row = |it: &Measured| {
        let us = it.us();
        let is_ours = ours.is_some_and(|ours| std::ptr::eq(ours, it));
        let ms = Figures::new(it.turns.iter().map(|turn| turn.us_per_frame * rate_hz * 60.0 / 1e3));
        vec![
            what.to_owned(),
            it.program.clone(),
            spread(&ms, 2),
            format!("{:.0}", 1e6 / (us.median() * rate_hz)),
            ours.map_or_else(String::new, |ours| format!("{:.2}", it.times(ours).median())),
            if is_ours { target(what, it, all) } else { String::new() },
        ]
    };
    all.iter().map(row).collect()
}

/// Judges ossicle's way.
fn target(what: &str, ours: &Measured, all: &[Measured]) -> String {
    let median = ours.us().median();
    let symphonia = all.iter().find(|it| it.program == "symphonia");
    if what == RESAMPLED.0 {
        let times = 1e6 / (median * RESAMPLED.1);
        let target = format!("≥ {RESAMPLING_TIMES_REAL_TIME:.0} × real time");
        return against_target(&target, times >= RESAMPLING_TIMES_REAL_TIME);
    }
    if what.starts_with("pcm.") {
        let ms = median * SAMPLE_RATE_HZ * 60.0 / 1e3;
        let target = format!("≤ {MOST_MS_A_MINUTE} ms a minute");
        return against_target(&target, ms <= MOST_MS_A_MINUTE);
    }
    let Some(symphonia) = symphonia else { return String::new() };
    if what.ends_with(".flac") {
        let times = symphonia.times(ours).median();
        let target = format!("≥ {FLAC_TIMES_SYMPHONIA} × symphonia's");
        return against_target(&target, times >= FLAC_TIMES_SYMPHONIA);
    }
    let times = ours.times(symphonia).median();
    let target = format!("≤ {SHARE_OF_SYMPHONIA} of symphonia's time");
    against_target(&target, times <= SHARE_OF_SYMPHONIA)
}

fn of_pool(options: &Options, pool: &Pool) -> String {
    let target = format!("≥ {TIMES_THE_POOL:.0} ×");
    let met = against_target(&target, pool.ratio.median() >= TIMES_THE_POOL);
    let head = ["program", "s", "to ossicle's", "target"];
    let rows = [
        vec!["ossicle".to_owned(), spread(&pool.ours_s, 3), "1.0".to_owned(), String::new()],
        vec![
            "soundfile, kaldi-native-fbank".to_owned(),
            spread(&pool.theirs_s, 2),
            spread(&pool.ratio, 1),
            met,
        ],
    ];
    format!(
        "\n## A corpus of FLAC to kaldi-fbank\n\n{} recordings of 12 s, {} workers of each. The values of \
         both are at most {:.1e} apart.\n\n{}",
        options.utterances,
        options.jobs,
        pool.largest_difference,
        table(&head, &rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(program: &str, us_per_frame: &[f64]) -> Measured {
        let turn = |&us_per_frame| Turn { us_per_frame, num_frames: 960_000, dim: 1 };
        Measured { program: program.to_owned(), turns: us_per_frame.iter().map(turn).collect() }
    }

    #[test]
    fn flac_is_judged_by_symphonia_turn_by_turn() {
        let all = [measured("ossicle", &[0.01, 0.02]), measured("symphonia", &[0.013, 0.026])];
        let rows = super::rows("speech.flac", &all);
        assert_eq!(rows[0][5], "≥ 1.2 × symphonia's: met");
        assert_eq!(rows[1][4..], ["1.30", ""]);
        let all = [measured("ossicle", &[0.01]), measured("symphonia", &[0.011])];
        assert_eq!(super::rows("speech.flac", &all)[0][5], "≥ 1.2 × symphonia's: **not met**");
    }

    #[test]
    fn codecs_pcm_and_resampling_have_targets_of_their_own() {
        let all = [measured("ossicle", &[0.0112]), measured("symphonia", &[0.01])];
        assert_eq!(super::rows("speech.mp3", &all)[0][5], "≤ 1.1 of symphonia's time: **not met**");
        // 0.35 ms a minute are 0.000365 µs a sample.
        let all = [measured("ossicle", &[0.000_36])];
        assert_eq!(super::rows("pcm.sph", &all)[0][5], "≤ 0.35 ms a minute: met");
        let all = [measured("ossicle hq (scalar)", &[1.0]), measured("ossicle hq (avx2)", &[0.01])];
        let rows = super::rows("44.1 to 16 kHz", &all);
        assert_eq!((&*rows[0][5], &*rows[1][5]), ("", "≥ 2000 × real time: met"));
    }
}
