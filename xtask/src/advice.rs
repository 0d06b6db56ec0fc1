//! `cargo xtask advice`: runs every command that a message advises on the very input that it is advised for.
//!
//! Inputs are made by Debian's sox and ffmpeg, or byte by byte where neither writes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{self, cargo};

/// Without one of these, nothing is known of the advice.
const PROGRAMS: [&str; 5] = ["sox", "ffmpeg", "jq", "gzip", "bash"];

/// An input that is refused with a command to type.
struct Specimen {
    name: &'static str,
    /// What makes it, in a folder that has `a.wav`.
    make: Make,
}

enum Make {
    /// These commands of a shell.
    Shell(&'static str),
    /// PCM of so many bits a sample, which neither program writes.
    Pcm(u16),
}

const SPECIMENS: [Specimen; 27] = [
    Specimen { name: "in.flac", make: Make::Shell("sox a.wav in.flac") },
    Specimen { name: "in.ogg", make: Make::Shell("sox a.wav in.ogg") },
    Specimen { name: "in.mp3", make: Make::Shell("ffmpeg -v error -i a.wav in.mp3") },
    Specimen { name: "in.m4a", make: Make::Shell("ffmpeg -v error -i a.wav in.m4a") },
    Specimen { name: "in.aiff", make: Make::Shell("sox a.wav in.aiff") },
    Specimen { name: "in.au", make: Make::Shell("sox a.wav in.au") },
    Specimen { name: "in.w64", make: Make::Shell("ffmpeg -v error -i a.wav in.w64") },
    Specimen { name: "alaw.wav", make: Make::Shell("sox a.wav -e a-law alaw.wav") },
    Specimen {
        name: "adpcm.wav",
        make: Make::Shell("ffmpeg -v error -i a.wav -c:a adpcm_ms adpcm.wav"),
    },
    Specimen { name: "12.wav", make: Make::Pcm(12) },
    Specimen { name: "20.wav", make: Make::Pcm(20) },
    Specimen { name: "ulaw.sph", make: Make::Shell("sox a.wav -e mu-law ulaw.sph") },
    Specimen { name: "train.scp", make: Make::Shell("echo 'a.wav a.mfc' > train.scp") },
    Specimen {
        name: "recordings.jsonl.gz",
        make: Make::Shell(
            "echo '{\"sources\":[{\"source\":\"a.wav\"}]}' | gzip > recordings.jsonl.gz",
        ),
    },
    Specimen {
        name: "cuts.json",
        make: Make::Shell(
            "echo '[{\"recording\":{\"sources\":[{\"source\":\"a.wav\"}]}}]' > cuts.json",
        ),
    },
    Specimen {
        name: "list.json",
        make: Make::Shell("echo '[{\"audio_filepath\":\"a.wav\"}]' > list.json"),
    },
    Specimen {
        name: "recordings.json",
        make: Make::Shell("echo '[{\"sources\":[{\"source\":\"a.wav\"}]}]' > recordings.json"),
    },
    Specimen {
        name: "cuts.jsonl.gz",
        make: Make::Shell(
            "echo '{\"recording\":{\"sources\":[{\"source\":\"a.wav\"}]}}' | gzip > cuts.jsonl.gz",
        ),
    },
    Specimen { name: "in.caf", make: Make::Shell("ffmpeg -v error -i a.wav in.caf") },
    Specimen { name: "in.wma", make: Make::Shell("ffmpeg -v error -i a.wav in.wma") },
    Specimen { name: "in.opus", make: Make::Shell("ffmpeg -v error -i a.wav in.opus") },
    Specimen { name: "in.aac", make: Make::Shell("ffmpeg -v error -i a.wav in.aac") },
    Specimen {
        name: "rf64.wav",
        make: Make::Shell("ffmpeg -v error -i a.wav -rf64 always rf64.wav"),
    },
    Specimen { name: "gsm.wav", make: Make::Shell("sox a.wav -r 8000 -e gsm-full-rate gsm.wav") },
    Specimen { name: "ima.wav", make: Make::Shell("sox a.wav -e ima-adpcm ima.wav") },
    Specimen {
        name: "alaw.aifc",
        make: Make::Shell("ffmpeg -v error -i a.wav -c:a pcm_alaw alaw.aifc"),
    },
    Specimen { name: "in.raw", make: Make::Shell("sox a.wav -b 16 -e signed -L in.raw") },
];

pub(crate) fn run() -> Result<()> {
    for program in PROGRAMS {
        let found = Command::new("bash").args(["-c", &format!("command -v {program}")]).output();
        let found = found.is_ok_and(|output| output.status.success());
        ensure!(found, "{program} is missing: apt-get install sox ffmpeg jq");
    }
    ensure!(
        cargo().args(["build", "--workspace", "--bin", "ossicle"]).status()?.success(),
        "ossicle is not built"
    );
    let ossicle = workspace::target_dir().join("debug");
    let mut wrong = Vec::new();
    for specimen in &SPECIMENS {
        match try_one(specimen, &ossicle) {
            Ok(command) => println!("{:20} {command}", specimen.name),
            Err(error) => wrong.push(format!("{}: {error:#}", specimen.name)),
        }
    }
    ensure!(wrong.is_empty(), "advice that does not help:\n{}", wrong.join("\n"));
    Ok(())
}

/// Makes an input, asks what to do about it, does that, and extracts what comes of it.
fn try_one(specimen: &Specimen, ossicle: &Path) -> Result<String> {
    let folder = fresh_folder(specimen.name)?;
    shell("sox -n -r 16000 -b 16 a.wav synth 1 sine 200-3000", &folder, ossicle)?;
    match specimen.make {
        Make::Shell(command) => drop(shell(command, &folder, ossicle)?),
        Make::Pcm(bits) => fs::write(folder.join(specimen.name), pcm(bits))?,
    }
    const JOB: &str = "--out out --preset kaldi-fbank";
    let refused = output(&format!("ossicle extract {} {JOB}", specimen.name), &folder, ossicle)?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    if refused.status.success() {
        // What these programs write and ossicle reads needs no advice, and is a second of sound too.
        std::fs::rename(folder.join("out"), folder.join("made"))?;
        return one_second(&folder, "is read".to_owned());
    }
    let flags = said.split('`').find(|quoted| quoted.starts_with("--raw-encoding "));
    if let Some(flags) = flags {
        let typed =
            format!("ossicle extract {} --out made --preset kaldi-fbank {flags}", specimen.name);
        let typed = typed.replace("HZ", "16000");
        shell(&typed, &folder, ossicle)?;
        return one_second(&folder, typed);
    }
    let command = advised(&said).with_context(|| format!("nothing to type is in: {said}"))?;
    let command = command.replace('…', "--out made --preset kaldi-fbank");
    // As a person would: the input's name for the one in the advice.
    let typed = command
        .split(' ')
        .map(|word| if word == "IN" || word.starts_with("IN.") { specimen.name } else { word })
        .collect::<Vec<_>>()
        .join(" ");
    shell(&typed, &folder, ossicle)?;
    if !typed.contains("ossicle extract") {
        shell("ossicle extract OUT.wav --out made --preset kaldi-fbank", &folder, ossicle)?;
    }
    one_second(&folder, typed)
}

/// Returns what was typed, if one utterance of a second came of it.
fn one_second(folder: &Path, typed: String) -> Result<String> {
    let rows = fs::read_to_string(folder.join("made/all/utterances.jsonl"))?;
    ensure!(rows.lines().count() == 1, "no utterance came of: {typed}");
    // A second of sound has 98 frames; lossy formats pad it.
    let row: serde_json::Value = serde_json::from_str(rows.trim())?;
    let frames = row["num_frames"].as_u64().unwrap_or_default();
    ensure!((90..130).contains(&frames), "{frames} frames came of a second: {typed}");
    Ok(typed)
}

/// The last command between backquotes.
fn advised(said: &str) -> Option<String> {
    const BEGIN: [&str; 6] = ["sox ", "ffmpeg ", "cat ", "gzip ", "cut ", "sph2pipe "];
    let quoted = said.split('`').skip(1).step_by(2);
    quoted.filter(|text| BEGIN.iter().any(|word| text.starts_with(word))).last().map(str::to_owned)
}

/// A second of a ramp in so many bits, in as many bytes as they need.
fn pcm(bits: u16) -> Vec<u8> {
    let bytes = bits.div_ceil(8);
    let samples = (0..16_000_i32).flat_map(|n| {
        let value = (n % 2000 - 1000) << (u32::from(bytes) * 8 - 12);
        value.to_le_bytes().into_iter().take(usize::from(bytes)).collect::<Vec<u8>>()
    });
    let data: Vec<u8> = samples.collect();
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(16_000_u32.to_le_bytes());
    file.extend((16_000 * u32::from(bytes)).to_le_bytes());
    file.extend(bytes.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

fn fresh_folder(name: &str) -> Result<PathBuf> {
    let folder = workspace::target_dir().join("advice").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn output(command: &str, folder: &Path, ossicle: &Path) -> Result<Output> {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", ossicle.display());
    let mut bash = Command::new("bash");
    bash.args(["-o", "pipefail", "-c", command]).current_dir(folder).env("PATH", path);
    bash.stdin(std::process::Stdio::null());
    bash.output().with_context(|| format!("cannot run {command}"))
}

fn shell(command: &str, folder: &Path, ossicle: &Path) -> Result<Output> {
    let ran = output(command, folder, ossicle)?;
    if !ran.status.success() {
        bail!("{command}: {}", String::from_utf8_lossy(&ran.stderr).trim());
    }
    Ok(ran)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_type_is_found_among_other_words() {
        let said = "a: choose `first`; convert it, for example with `sox IN OUT.wav`; or `x`";
        assert_eq!(advised(said).as_deref(), Some("sox IN OUT.wav"));
        assert_eq!(advised("choose `first`"), None);
    }
}
