//! Tables that line up, without frames.

use comfy_table::{CellAlignment, Table, presets::NOTHING};

use crate::lines::WIDTH;

/// A table whose first column is text and whose others are figures, indented by two.
pub(crate) fn table(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    for row in rows {
        table.add_row(row);
    }
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((2, 0));
        if number > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A table as [`table`] makes it, or several below each other, of which none is wider than a terminal: each has the first
/// column and as many of the others as fit.
pub(crate) fn tables_that_fit(rows: &[Vec<String>]) -> String {
    let num_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        2 + cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut tables: Vec<Vec<usize>> = Vec::new();
    let mut left = 0;
    for column in 1..num_columns {
        match tables.last_mut().filter(|_| width(column) <= left) {
            Some(last) => last.push(column),
            None => {
                left = WIDTH.saturating_sub(width(0));
                tables.push(vec![column]);
            }
        }
        left = left.saturating_sub(width(column));
    }
    let of_columns = |columns: &Vec<usize>| {
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let cells = |row| columns.iter().map(|&column| cell(row, column)).collect::<Vec<_>>();
        let rows = rows.iter().map(|row| (cell(row, 0), cells(row)));
        // A row that says nothing of these columns is left out.
        let rows = rows.filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
        table(rows.map(|(name, cells)| std::iter::once(name).chain(cells).collect()))
    };
    tables.iter().map(of_columns).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_do_not_fit_beside_the_others_are_below_them() {
        let row = |name: &str, of: &dyn Fn(usize) -> String| {
            std::iter::once(name.to_owned()).chain((1..=12).map(of)).collect::<Vec<_>>()
        };
        let rows = [
            row("workers", &|n| n.to_string()),
            row("starting and joining", &|n| format!("{n}.00 to {n}.25 s")),
        ];
        let text = tables_that_fit(&rows);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let heads = text.lines().filter(|line| line.starts_with("  workers"));
        let numbers: Vec<usize> =
            heads.flat_map(|line| line.split_whitespace().filter_map(|n| n.parse().ok())).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
        assert_eq!(text.lines().filter(|line| line.is_empty()).count(), 3, "{text}");
        // What fits is one table.
        let few: Vec<_> = rows.iter().map(|row| row[..4].to_vec()).collect();
        assert_eq!(tables_that_fit(&few), table(few));
    }

    #[test]
    fn a_row_is_only_below_columns_of_which_it_says_something() {
        let long = "a".repeat(40);
        let rows = [["name", &long, &long], ["time", "1", "2"], ["workers", "4", ""]];
        let text = tables_that_fit(&rows.map(|row| row.map(str::to_owned).to_vec()));
        assert_eq!(text.matches("time").count(), 2, "{text}");
        assert_eq!(text.matches("workers").count(), 1, "{text}");
    }
}
