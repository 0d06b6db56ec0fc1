//! The figures as a page of Markdown.

use std::fmt;

use crate::bench::asked::Turn;
use crate::bench::machine;
use crate::bench::measure::Figures;
use crate::bench::report::{against_target, list, spread, table};
use crate::command_line;

/// What `import ossicle` may take beyond NumPy's, and what the wheel may weigh.
const IMPORT_MS: f64 = 30.0;
const WHEEL_MB: f64 = 6.0;

/// What ossicle's calls may take.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// A share of what another program takes.
    OfPeer(&'static str, f64),
    /// One thread takes so many times as long as two.
    SpeedUp { one: &'static str, two: &'static str, least: f64 },
}

/// One program's calls, with all its turns.
pub(crate) struct Measured {
    pub(crate) program: String,
    pub(crate) turns: Vec<Turn>,
}

impl Measured {
    pub(crate) fn new(program: &str) -> Self {
        Self { program: program.to_owned(), turns: Vec::new() }
    }

    /// The milliseconds of a call.
    pub(crate) fn calls(&self) -> impl Iterator<Item = f64> {
        self.turns.iter().map(|turn| turn.us_per_frame * turn.num_frames as f64 / 1e3)
    }

    /// The bytes of a call's float32 numbers, in the time that it takes.
    pub(crate) fn gigabytes_per_s(&self) -> impl Iterator<Item = f64> {
        self.turns.iter().map(|turn| turn.dim as f64 * 4e-3 / turn.us_per_frame)
    }

    /// Its own times to another's, turn by turn.
    pub(crate) fn ratios(&self, other: &Measured) -> Figures {
        Figures::new(self.calls().zip(other.calls()).map(|(own, other)| own / other))
    }
}

/// Recordings of one length, with everyone's calls.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) target: Target,
    pub(crate) measured: Vec<Measured>,
}

impl Group {
    fn rows(&self) -> Vec<Vec<String>> {
        self.measured
            .iter()
            .map(|measured| {
                let (ratio, target) = self.judged(measured);
                let times = Figures::new(measured.calls());
                vec![self.name.clone(), measured.program.clone(), spread(&times, 4), ratio, target]
            })
            .collect()
    }

    /// The ratio that is of interest, and whether it is as it should be.
    fn judged(&self, measured: &Measured) -> (String, String) {
        let named = |name: &str| self.measured.iter().find(|it| it.program == name);
        match self.target {
            Target::OfPeer(peer, most) => {
                let Some(peer) = named(peer) else { return Default::default() };
                let ratio = measured.ratios(peer).median();
                let is_ours = measured.program.starts_with("ossicle");
                let target = against_target(&format!("≤ {most:.2}"), ratio <= most);
                (format!("{ratio:.2}"), if is_ours { target } else { String::new() })
            }
            Target::SpeedUp { one, two, least } if measured.program == two => {
                let Some(one) = named(one) else { return Default::default() };
                let speed_up = one.ratios(measured).median();
                let target = against_target(&format!("≥ {least:.2} ×"), speed_up >= least);
                (format!("{speed_up:.2} × jobs=1"), target)
            }
            Target::SpeedUp { .. } => Default::default(),
        }
    }
}

/// The whole page.
pub(crate) struct Page<'a> {
    pub(crate) runs: usize,
    pub(crate) programs: &'a [String],
    pub(crate) groups: &'a [Group],
    pub(crate) import_ms: Figures,
    pub(crate) wheel_mb: f64,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Calls from Python\n\n`{}`\n", command_line::as_typed())?;
        f.write_str(&list(&machine::hardware_and_commit()))?;
        writeln!(f, "- others: {}", self.programs.join(", "))?;
        writeln!(
            f,
            "\nKaldi's log mel energies, 80 of them, of the synthetic voice at 16 kHz (`speech16k/input.wav` of \
             the golden arrays, repeated), in memory, on one thread unless it says two. librosa's are the \
             nearest that it has. Whisper's are those of `WhisperFeatureExtractor`, by its path in NumPy. \
             A turn lasts 0.25 s and gives its fastest call; programs take turns in one process. \
             Medians of {} turns, smallest and largest in parentheses; ratios are medians of those of \
             one round, to asrfront's or transformers'.\n",
            self.runs
        )?;
        let rows: Vec<_> = self.groups.iter().flat_map(Group::rows).collect();
        f.write_str(&table(&["recording", "program", "ms a call", "ratio", "target"], &rows))?;
        let (import, wheel) = (self.import_ms.median(), self.wheel_mb);
        let rows = [
            vec![
                "`import ossicle` beyond `import numpy`, ms".to_owned(),
                spread(&self.import_ms, 1),
                against_target(&format!("≤ {IMPORT_MS} ms"), import <= IMPORT_MS),
            ],
            vec![
                "the wheel with default features, MB".to_owned(),
                format!("{wheel:.1}"),
                against_target(&format!("≤ {WHEEL_MB} MB"), wheel <= WHEEL_MB),
            ],
        ];
        write!(f, "\n{}", table(&["", "found", "target"], &rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(program: &str, times: &[f64]) -> Measured {
        let turn = |&ms: &f64| Turn { us_per_frame: ms * 1e3, num_frames: 1, dim: 80 };
        Measured { program: program.to_owned(), turns: times.iter().map(turn).collect() }
    }

    #[test]
    fn calls_are_judged_by_neighbouring_turns_of_the_peer() {
        let all = vec![
            measured("ossicle.fbank", &[0.5, 1.0, 9.0]),
            measured("ossicle.Extractor", &[0.7, 1.4, 12.6]),
            measured("asrfront", &[1.0, 2.0, 18.0]),
        ];
        let target = Target::OfPeer("asrfront", 0.6);
        let rows = Group { name: "3 s".to_owned(), target, measured: all }.rows();
        assert_eq!(rows[0][3..], ["0.50", "≤ 0.60: met"]);
        assert_eq!(rows[1][3..], ["0.70", "≤ 0.60: **not met**"]);
        assert_eq!(rows[2][3..], ["1.00", ""]);
    }

    #[test]
    fn two_threads_are_judged_by_one() {
        let all = vec![
            measured("one", &[2.0, 4.0]),
            measured("other", &[2.0, 4.0]),
            measured("two", &[1.0, 2.0]),
        ];
        let target = Target::SpeedUp { one: "one", two: "two", least: 1.85 };
        let rows = Group { name: "many".to_owned(), target, measured: all }.rows();
        assert_eq!(rows[2][3..], ["2.00 × jobs=1", "≥ 1.85 ×: met"]);
        assert_eq!(rows[0][3..], ["", ""]);
    }
}
