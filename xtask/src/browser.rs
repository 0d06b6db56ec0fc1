//! `cargo xtask browser`: the pages that the program writes, in a real browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// A corpus made of what breaks pages: ids and transcripts of a table.
const HOSTILE: [(&str, &str); 6] = [
    ("</script><script>alert(1)</script>", "<img src=x onerror=alert(2)>"),
    ("\"quotes\" 'and' `ticks`", "\"><svg onload=alert(3)>"),
    ("right\u{202e}to left", "\u{2066}isolated\u{202e} and not closed"),
    ("escape\u{1b}[2J\u{7}", "]]></style><style>*{display:none}</style>"),
    ("عربى and עברית", "שלום \u{200f}مرحبا"),
    ("--><!--&amp;&#x3c;", "javascript:alert(4)"),
];

/// Writes reports of a corpus of the demo and of a hostile one, and looks at them.
pub(crate) fn run() -> Result<()> {
    let folder = workspace::target_dir().join("browser");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    done(workspace::cargo().args(["build", "--locked", "-p", "ossicle-cli"]))?;
    let program = workspace::target_dir().join("debug/ossicle");
    let ossicle = |words: &[&str]| done(Command::new(&program).current_dir(&folder).args(words));
    ossicle(&["demo", "demo", "--corpus-only", "--scale", "0.02"])?;
    ossicle(&[
        "extract",
        "demo",
        "--preset",
        "timit-mfcc",
        "--out",
        "plain",
        "--allow-failures",
        "100%",
    ])?;
    hostile_corpus(&folder)?;
    let table = ["extract", "hostile.csv", "--preset", "kaldi-fbank", "--out", "hostile"];
    ossicle(&[&table[..], &["--allow-failures", "100%"]].concat())?;
    for name in ["plain", "hostile"] {
        ossicle(&["report", name, "--out", &format!("{name}.html")])?;
    }
    let here = workspace::root().join("xtask/browser");
    done(Command::new("npm").current_dir(&here).args(["ci", "--no-audit", "--no-fund"]))?;
    let page = |name: &str| format!("{name}={}", folder.join(format!("{name}.html")).display());
    let mut node = Command::new("node");
    node.arg(here.join("report.js")).arg(folder.join("shots"));
    done(node.args(["plain", "hostile"].map(page)))?;
    println!("screenshots: {}", folder.join("shots").display());
    Ok(())
}

/// Writes a table of recordings whose ids, speakers and transcripts are hostile.
fn hostile_corpus(folder: &Path) -> Result<()> {
    let recordings = found(&folder.join("demo"))?;
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut table = "id,path,speaker,text,split\n".to_owned();
    for (number, (id, text)) in HOSTILE.iter().enumerate() {
        let path = recordings[number % recordings.len()].display().to_string();
        let split = if number < 4 { "train" } else { "test" };
        let cells = [quoted(id), quoted(&path), quoted(text), quoted(text), split.to_owned()];
        table += &(cells.join(",") + "\n");
    }
    fs::write(folder.join("hostile.csv"), table).context("cannot write the hostile table")
}

/// Returns some recordings below a folder.
fn found(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let (Some(folder), true) = (folders.pop(), found.len() < HOSTILE.len()) {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let extension = path.extension().map(|of| of.to_ascii_lowercase());
            match path.is_dir() {
                true => folders.push(path),
                false if extension.is_some_and(|of| of == "wav") => found.push(path),
                false => {}
            }
        }
    }
    ensure!(!found.is_empty(), "the demo's corpus has no recordings");
    Ok(found)
}

fn done(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(())
}
