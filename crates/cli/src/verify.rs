//! `ossicle verify`: whether a dataset is what its card says.

use std::io::Write;

use anyhow::Result;
use ossicle_corpus::printable;
use ossicle_engine::size;
use serde_json::json;

use crate::Done;
use crate::args::VerifyArgs;

pub(crate) fn run(args: &VerifyArgs, out: &mut dyn Write) -> Result<Done> {
    let verification = ossicle_dataset::verify(&args.dataset)?;
    let (files, bytes) = (verification.files, verification.bytes);
    let name = printable(&args.dataset);
    if args.json {
        let findings: Vec<_> = verification
            .findings
            .iter()
            .map(|finding| json!({"file": finding.file, "what": finding.what}))
            .collect();
        let sound = findings.is_empty();
        let object = json!({"sound": sound, "files": files, "bytes": bytes, "findings": findings});
        writeln!(out, "{object:#}")?;
    } else {
        for finding in &verification.findings {
            writeln!(out, "{finding}")?;
        }
        match verification.findings.len() {
            0 => writeln!(out, "{name} is sound: {files} files, {}", size(bytes))?,
            1 => writeln!(out, "{name} is damaged: 1 finding")?,
            n => writeln!(out, "{name} is damaged: {n} findings")?,
        }
    }
    match verification.findings.is_empty() {
        true => Ok(Done::Well),
        false => Ok(Done::WithFailures),
    }
}
