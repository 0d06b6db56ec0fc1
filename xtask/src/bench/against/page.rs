//! The results of a comparison as a page of Markdown, and the verdict.

use std::fmt::Write;

use super::checkout::Checkout;
use super::pairs::Compared;
use crate::bench::machine;
use crate::bench::report::{list, table};
use crate::command_line;

/// A median ratio above this is slower.
const SLOWER: f64 = 1.02;

pub(crate) fn page(
    num_pairs: usize,
    checkout: &Checkout,
    compared: &[Compared],
    notes: &[String],
) -> String {
    let mut page = format!("# Against {}\n\n`{}`\n\n", checkout.name(), command_line::as_typed());
    page += &list(&machine::hardware_and_commit());
    let _ = write!(
        page,
        "\nMedians of {num_pairs} pairs of turns, AB BA …. A ratio is this working tree's time to {}'s within a \
         pair: above 1 is slower. In parentheses are the 10th and the 90th percentile of the pairs.\n\n",
        checkout.name()
    );
    let rows: Vec<_> = compared.iter().map(row).collect();
    page += &table(&["what", "unit", "here", "there", "ratio", ""], &rows);
    if !notes.is_empty() {
        page.push('\n');
    }
    for note in notes {
        let _ = writeln!(page, "- {note}");
    }
    page + &verdict(checkout.name(), compared)
}

fn row(compared: &Compared) -> Vec<String> {
    let ratios = &compared.ratios;
    vec![
        compared.name.clone(),
        compared.unit.to_owned(),
        format!("{:.3}", compared.here.median()),
        format!("{:.3}", compared.there.median()),
        format!("{:.3} ({:.3}–{:.3})", ratios.median(), ratios.quantile(0.1), ratios.quantile(0.9)),
        if is_slower(compared) { "**slower**".to_owned() } else { String::new() },
    ]
}

fn verdict(commit: &str, compared: &[Compared]) -> String {
    let slower = slower(compared);
    if slower.is_empty() {
        return format!("\nNot slower than {commit}: no median ratio is above {SLOWER}.\n");
    }
    let mut text = format!("\n**Slower than {commit}**: {}.", slower.join(", "));
    if compared.iter().any(|it| is_slower(it) && it.ratios.quantile(0.1) < 1.0) {
        text += " Where the 10th percentile is below 1, more pairs (--pairs N) on a quieter machine may \
                 say otherwise.";
    }
    text + "\n"
}

/// Returns the measurements that became slower, with their ratios.
pub(crate) fn slower(compared: &[Compared]) -> Vec<String> {
    let slower = compared.iter().filter(|it| is_slower(it));
    slower.map(|it| format!("{} ({:.3})", it.name, it.ratios.median())).collect()
}

fn is_slower(compared: &Compared) -> bool {
    compared.ratios.median() > SLOWER
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::against::pairs::Pair;

    fn compared(name: &str, here: &[f64]) -> Compared {
        let pairs: Vec<_> = here.iter().map(|&here| Pair { here, there: 2.0 }).collect();
        Compared::new(name.to_owned(), "s", &pairs, |&it| it)
    }

    #[test]
    fn a_median_above_two_percent_is_slower_and_the_spread_is_shown() {
        let all = [
            // One pair in three was disturbed: not slower.
            compared("a", &[2.0, 2.02, 3.0]),
            compared("b", &[2.04, 2.04, 2.04]),
            compared("c", &[1.9, 2.06, 2.08]),
        ];
        assert_eq!(slower(&all), ["c (1.030)"]);
        assert_eq!(row(&all[0])[2..], ["2.020", "2.000", "1.010 (1.002–1.402)", ""]);
        assert_eq!(row(&all[2])[5], "**slower**");
        let text = verdict("abc", &all);
        assert!(text.starts_with("\n**Slower than abc**: c (1.030). Where the 10th"), "{text}");
        let text = verdict("abc", &[compared("c", &[2.06, 2.06])]);
        assert_eq!(text, "\n**Slower than abc**: c (1.030).\n");
    }

    #[test]
    fn nothing_slower_is_said_so() {
        let text = verdict("abc", &[compared("a", &[2.0, 2.04]), compared("b", &[1.0])]);
        assert_eq!(text, "\nNot slower than abc: no median ratio is above 1.02.\n");
    }
}
