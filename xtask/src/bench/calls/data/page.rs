//! The figures as a page of Markdown.

use std::fmt;

use super::super::page::Measured;
use crate::bench::machine;
use crate::bench::measure::Figures;
use crate::bench::report::{against_target, list, spread, table};
use crate::command_line;

/// What is asked of ossicle.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// At most so many times what another program takes.
    AtMost { peer: &'static str, ratio: f64 },
    /// So many times as fast as every other program, and so many bytes a second at least.
    Faster { times: f64, gigabytes_per_s: f64 },
}

/// One thing that is read, by everyone.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) measured: Vec<Measured>,
}

impl Group {
    fn rows(&self) -> Vec<Vec<String>> {
        self.measured
            .iter()
            .map(|measured| {
                let (ratio, target) = self.compared(measured);
                let rate = Figures::new(measured.gigabytes_per_s());
                let calls = Figures::new(measured.calls());
                vec![
                    self.name.to_owned(),
                    measured.program.clone(),
                    spread(&calls, 2),
                    format!("{:.2}", rate.median()),
                    ratio,
                    target,
                ]
            })
            .collect()
    }

    /// A program's ratio to the one that it is compared with, and whether it is as it should be.
    fn compared(&self, measured: &Measured) -> (String, String) {
        let is_ours = measured.program.starts_with("ossicle");
        match self.target {
            Target::AtMost { peer, ratio: most } => {
                let Some(peer) = self.measured.iter().find(|it| it.program == peer) else {
                    return Default::default();
                };
                let ratio = measured.ratios(peer).median();
                let target = against_target(&format!("≤ {most}"), ratio <= most);
                (format!("{ratio:.2}"), if is_ours { target } else { String::new() })
            }
            Target::Faster { times, gigabytes_per_s } => {
                let rate = Figures::new(measured.gigabytes_per_s()).median();
                let ratio = measured.ratios(&self.measured[0]).median();
                let target = if is_ours {
                    let met = rate >= gigabytes_per_s;
                    against_target(&format!("≥ {gigabytes_per_s} GB/s"), met)
                } else {
                    against_target(&format!("≥ {times}"), ratio >= times)
                };
                (format!("{ratio:.2}"), target)
            }
        }
    }
}

/// The whole page.
pub(crate) struct Page<'a> {
    pub(crate) runs: usize,
    /// What the dataset is made by.
    pub(crate) preset: &'a str,
    pub(crate) programs: &'a [String],
    pub(crate) groups: &'a [Group],
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# A dataset from Python\n\n`{}`\n", command_line::as_typed())?;
        f.write_str(&list(&machine::hardware_and_commit()))?;
        writeln!(f, "- others: {}", self.programs.join(", "))?;
        writeln!(
            f,
            "\nThe `{}` dataset of the full-size demo corpus (120 columns, float32), in page cache, read on one \
             thread. A call takes 1,000 utterances in a random order, as views or copies, or a batch of 1,024 \
             shuffled frames with five on each side of each. A turn lasts 0.25 s and gives its fastest call; \
             programs take turns in one process. Medians of {} turns, smallest and largest in parentheses. Ratios \
             are medians of those of one round: of utterances to slices of `np.load(mmap_mode=\"r\")`, of frames \
             to `numpy_batches`. GB/s are of what is given; of views no byte is read.\n",
            self.preset, self.runs,
        )?;
        let rows: Vec<_> = self.groups.iter().flat_map(Group::rows).collect();
        let head = ["what", "program", "ms a call", "GB/s", "ratio", "target"];
        f.write_str(&table(&head, &rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::asked::Turn;

    fn measured(program: &str, us_per_frame: &[f64]) -> Measured {
        let mut all = Measured::new(program);
        let turn = |us_per_frame| Turn { us_per_frame, num_frames: 1000, dim: 250 };
        all.turns = us_per_frame.iter().copied().map(turn).collect();
        all
    }

    #[test]
    fn utterances_are_compared_with_bare_maps() {
        let measured = vec![measured("ossicle", &[1.1, 2.2]), measured("np.load", &[1.0, 2.0])];
        let target = Target::AtMost { peer: "np.load", ratio: 1.2 };
        let rows = Group { name: "utterances", target, measured }.rows();
        assert_eq!(rows[0][4..], ["1.10", "≤ 1.2: met"]);
        assert_eq!(rows[1][4..], ["1.00", ""]);
    }

    #[test]
    fn others_are_compared_with_ossicle_which_has_bytes_to_deliver() {
        let measured = vec![
            measured("ossicle, numpy_batches", &[2.0]),
            measured("h5py", &[8.0]),
            measured("lhotse", &[10.0]),
        ];
        let target = Target::Faster { times: 5.0, gigabytes_per_s: 1.0 };
        let rows = Group { name: "frames", target, measured }.rows();
        // 250 columns of 4 bytes in 2 µs.
        assert_eq!(rows[0][3..], ["0.50", "1.00", "≥ 1 GB/s: **not met**"]);
        assert_eq!(rows[1][3..], ["0.12", "4.00", "≥ 5: **not met**"]);
        assert_eq!(rows[2][3..], ["0.10", "5.00", "≥ 5: met"]);
    }
}
