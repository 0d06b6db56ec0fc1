//! A function of somebody's Python, called on a recording.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use ossicle_compare::Side;
use ossicle_corpus::printable;
use ossicle_dataset::{Dtype, MatrixFile, NpyHeader};

use crate::compare::features::Recordings;
use crate::messages;

/// Calls the function: a module's or a file's, with samples, and their rate where it takes one; what it returns becomes
/// an array of two dimensions. What it prints goes to standard error.
const CALL: &str = r#"
import importlib, importlib.util, inspect, os, sys
results, sys.stdout = sys.stdout, sys.stderr
sys.path.insert(0, os.getcwd())
import numpy
name, source, target, rate = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
module, _, function = name.rpartition(":")
if module.endswith(".py"):
    sys.path.insert(0, os.path.dirname(os.path.abspath(module)))
    spec = importlib.util.spec_from_file_location("extractor", module)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
else:
    found = importlib.import_module(module)
for part in function.split("."):
    found = getattr(found, part)
samples = numpy.load(source)
RATES = ("sample_rate", "sampling_rate", "sample_rate_hz", "sample_frequency", "samplerate", "rate", "sr", "fs")
try:
    parameters = inspect.signature(found).parameters
except (TypeError, ValueError):
    parameters = {}
named = [name for name in parameters if name in RATES]
positional = [p for p in parameters.values() if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
if named:
    rows = found(samples, **{named[0]: rate})
elif len(positional) > 1:
    rows = found(samples, rate)
else:
    rows = found(samples)
if rows is None:
    sys.exit("it returned None, and no rows")
if hasattr(rows, "keys"):
    keys = [key for key in ("input_features", "features", "input_values") if key in rows] or list(rows.keys())
    rows = rows[keys[0]]
while isinstance(rows, (list, tuple)) and rows and getattr(rows[0], "ndim", 0) >= 2:
    rows = rows[0]
if hasattr(rows, "detach"):
    rows = rows.detach().cpu().numpy()
rows = numpy.asarray(rows)
if rows.dtype.kind not in "fiub":
    sys.exit(f"it returned no numbers, but an array of {rows.dtype}")
while rows.ndim > 2 and 1 in rows.shape:
    rows = rows.squeeze(rows.shape.index(1))
if rows.ndim == 1:
    rows = rows[:, None]
numpy.save(target, numpy.ascontiguousarray(rows, dtype=numpy.float32))
"#;

/// Calls a function on the recording of the other side.
pub(crate) fn side(function: &str, recordings: &Recordings<'_>, other: &Side) -> Result<Side> {
    let Some(origin) = &other.origin else {
        bail!(messages::python_needs_a_recording(|name| recordings.door.option(name)))
    };
    if !function.contains(':') {
        bail!(messages::no_function(function));
    }
    let folder = tempfile::tempdir()?;
    let (source, target) = (folder.path().join("samples.npy"), folder.path().join("rows.npy"));
    let shape = vec![origin.samples.len() as u64];
    let mut bytes = NpyHeader { dtype: Dtype::Float32, shape }.to_bytes();
    bytes.extend(origin.samples.iter().flat_map(|x| x.to_le_bytes()));
    std::fs::write(&source, bytes)
        .with_context(|| format!("cannot write {}", printable(&source)))?;
    let interpreter = &recordings.interpreter;
    let output = Command::new(interpreter)
        .arg("-c")
        .arg(CALL)
        .arg(function)
        .args([&source, &target])
        .arg(origin.sample_rate_hz.to_string())
        .stdin(Stdio::null())
        .output()
        .with_context(|| messages::no_interpreter(interpreter))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // What is one line is in the refusal.
        if said.trim_end().contains('\n') {
            recordings.door.say(said.trim_end());
        }
        bail!(messages::python_failed(function, &said));
    }
    Ok(Side::of_matrix(read(&target, function)?))
}

fn read(target: &Path, function: &str) -> Result<ossicle_dataset::Matrix> {
    let file = MatrixFile::open(target)?;
    let Some(file) = file else { bail!(messages::python_failed(function, "it returned no array")) };
    Ok(file.read(0)?)
}
