//! The figures as a page of Markdown.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::options::Options;
use crate::bench::asked::{Asked, OSSICLE, Turn};
use crate::bench::machine;
use crate::bench::measure::Figures;
use crate::bench::report::{against_target, list, spread, table};
use crate::command_line;

/// Programs place frames differently at the ends of a recording; more than these are other frames.
const FRAMES_OF_THE_EDGES: u64 = 3;

/// One program's way to a feature, with all its turns.
pub(crate) struct Measured {
    program: String,
    pub(crate) turns: Vec<Turn>,
}

impl Measured {
    pub(crate) fn new(program: &str) -> Self {
        Self { program: program.to_owned(), turns: Vec::new() }
    }

    fn figures(&self) -> Figures {
        Figures::new(self.turns.iter().map(|it| it.us_per_frame))
    }
}

/// What is asked of a feature.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// A frame takes ossicle at most so many µs with this instruction set.
    Us(&'static str, f64),
    /// It takes this program at least so many times as long as ossicle.
    Times(&'static str, f64),
}

impl Target {
    /// Whether it is about this program.
    fn is_of(self, program: &str) -> bool {
        match self {
            Target::Us(level, _) => program == format!("{OSSICLE}, {level}"),
            Target::Times(name, _) => program.starts_with(name),
        }
    }

    /// How near a program came to it, and whether that is enough.
    ///
    /// - `us`: a frame of the program's
    /// - `times`: how many times ossicle's that is
    fn judge(self, us: f64, times: f64) -> [String; 2] {
        let (reached, asked, is_met) = match self {
            Target::Us(_, most) => (us / most, format!("≤ {most:.2} µs"), us <= most),
            Target::Times(_, least) => (times / least, format!("≥ {least:.1} ×"), times >= least),
        };
        [format!("{reached:.2}"), against_target(&asked, is_met)]
    }
}

/// A feature with everyone's ways to it.
pub(crate) struct Feature {
    name: &'static str,
    targets: &'static [Target],
    measured: Vec<Measured>,
}

impl Feature {
    /// # Errors
    /// If two programs computed something else: then their times say nothing about each other.
    pub(crate) fn new(
        name: &'static str,
        targets: &'static [Target],
        measured: Vec<Measured>,
    ) -> Result<Self> {
        let shapes = || measured.iter().flat_map(|it| it.turns.iter().map(move |turn| (it, turn)));
        if let Some((first, wanted)) = shapes().next() {
            let differs = |turn: &Turn| {
                let frames = turn.num_frames.abs_diff(wanted.num_frames);
                turn.dim != wanted.dim || frames > FRAMES_OF_THE_EDGES
            };
            if let Some((other, turn)) = shapes().find(|(_, turn)| differs(turn)) {
                bail!(
                    "{name}: {} frames of {} from {}, {} frames of {} from {}",
                    wanted.num_frames,
                    wanted.dim,
                    first.program,
                    turn.num_frames,
                    turn.dim,
                    other.program
                );
            }
        }
        Ok(Self { name, targets, measured })
    }

    fn rows(&self) -> Vec<Vec<String>> {
        // The richest instruction set comes first.
        let ours = self.measured.iter().find(|it| it.program.starts_with(OSSICLE));
        let mut rows = Vec::new();
        for measured in &self.measured {
            let figures = measured.figures();
            let times = ours.map_or(f64::NAN, |ours| {
                let pairs = measured.turns.iter().zip(&ours.turns);
                Figures::new(pairs.map(|(it, ours)| it.us_per_frame / ours.us_per_frame)).median()
            });
            let target = self.targets.iter().find(|target| target.is_of(&measured.program));
            let judged = target.map(|target| target.judge(figures.median(), times));
            let [reached, target] = judged.unwrap_or_default();
            rows.push(vec![
                self.name.to_owned(),
                measured.program.clone(),
                spread(&figures, 3),
                format!("{times:.2}"),
                reached,
                target,
            ]);
        }
        rows
    }
}

pub(super) fn page(options: &Options, programs: &[Asked], features: &[Feature]) -> String {
    let mut page = format!("# A frame of each feature\n\n`{}`\n\n", command_line::as_typed());
    page += &list(&machine::hardware_and_commit());
    let versions: Vec<_> = programs.iter().flat_map(Asked::programs).map(String::as_str).collect();
    let _ = writeln!(page, "- others: {}", versions.join(", "));
    let _ = write!(
        page,
        "\nOne thread; ten seconds of the synthetic voice at 16 kHz (`speech16k/input.wav` of the \
         golden arrays, repeated), in memory. A turn lasts 0.25 s and gives its fastest call; the \
         programs of a feature take turns. Medians of {} turns, smallest and largest in \
         parentheses; \"to ossicle's\" is the median of the ratios of turns of one round, to its with \
         the richest instruction set. Targets are for a processor of 2023 (Emerald Rapids).\n\n",
        options.runs
    );
    let rows: Vec<_> = features.iter().flat_map(Feature::rows).collect();
    let head = ["feature", "program", "µs/frame", "to ossicle's", "to target", "target"];
    page + &table(&head, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(program: &str, times: &[f64], dim: u64) -> Measured {
        let turn = |&us_per_frame| Turn { us_per_frame, num_frames: 998, dim };
        Measured { program: program.to_owned(), turns: times.iter().map(turn).collect() }
    }

    #[test]
    fn the_target_is_judged_by_the_median_and_others_by_neighbouring_turns() {
        let all = vec![
            measured("ossicle, avx512", &[0.3, 0.4, 0.9], 80),
            measured("ossicle, avx2", &[0.5, 0.6, 0.9], 80),
            // Three times as slow in each round, though not by the median of one and the other.
            measured("another 1.0", &[0.9, 1.2, 2.7], 80),
        ];
        const TARGETS: &[Target] = &[Target::Us("avx512", 0.4), Target::Times("another", 3.5)];
        let rows = Feature::new("kaldi-fbank", TARGETS, all).unwrap().rows();
        assert_eq!(rows[0][2..], ["0.400 (0.300–0.900)", "1.00", "1.00", "≤ 0.40 µs: met"]);
        assert_eq!(rows[1][2..], ["0.600 (0.500–0.900)", "1.50", "", ""]);
        assert_eq!(rows[2][2..], ["1.200 (0.900–2.700)", "3.00", "0.86", "≥ 3.5 ×: **not met**"]);
    }

    #[test]
    fn a_missed_target_and_a_feature_without_one_are_told_apart() {
        const TARGET: &[Target] = &[Target::Us("avx2", 0.4)];
        let half = || vec![measured("ossicle, avx2", &[0.5], 80)];
        let missed = Feature::new("f", TARGET, half()).unwrap();
        assert_eq!(missed.rows()[0][5], "≤ 0.40 µs: **not met**");
        let untargeted = Feature::new("f", &[], half()).unwrap();
        assert_eq!(untargeted.rows()[0][5], "");
    }

    #[test]
    fn different_work_is_an_error() {
        let all = vec![measured("ossicle", &[0.3], 80), measured("another", &[0.3], 40)];
        let error = Feature::new("f", &[], all).err().unwrap().to_string();
        assert_eq!(error, "f: 998 frames of 80 from ossicle, 998 frames of 40 from another");
    }
}
