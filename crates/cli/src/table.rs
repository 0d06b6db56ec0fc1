//! Tables that line up, without frames.

use comfy_table::{CellAlignment, Table, presets::NOTHING};

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
