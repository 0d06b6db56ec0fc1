//! Phrases of errors that depend on counts.

use ossicle_files::counted;

use crate::ignored::Ignored;

/// The files that were ignored, in brackets; nothing where there are none.
pub(crate) fn by_kind(ignored: &Ignored) -> String {
    match ignored.files() {
        0 => String::new(),
        _ => format!(" ({ignored})"),
    }
}

/// The folders that could not be read; nothing where there are none.
pub(crate) fn unreadable(folders: u64) -> String {
    match folders {
        0 => String::new(),
        _ => format!(", and {} could not be read", counted(folders, "folder")),
    }
}

/// A fault alone, or their number with a line for each below it.
pub(crate) fn faults(description: &str, count: u64, lines: &[String]) -> String {
    match lines {
        [one] if count == 1 => one.clone(),
        lines => {
            let lines: String = lines.iter().map(|line| format!("\n  {line}")).collect();
            format!("{description}: {count} faults{lines}")
        }
    }
}
