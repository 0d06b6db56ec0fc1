//! Folders that hold outputs of several hundred megabytes for as long as they are needed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

const DEFAULT_RAM_DISK: &str = "/dev/shm";
const NEEDED_GB: f64 = 4.0;

/// A folder that one run after the other writes into; removed at the end, also after an error.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Does not make the folder: programs that write one do.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Removes what the run before left.
    pub(crate) fn clear(&self) -> Result<()> {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.0.display()))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = self.clear() {
            eprintln!("xtask: {error:#}");
        }
    }
}

/// A folder on a RAM disk, the one that is named if one is; where there is none, `work`, with a warning.
pub(crate) fn ram_disk(named: Option<&Path>, work: &Path) -> Result<PathBuf> {
    if let Some(folder) = named {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        return Ok(folder.to_owned());
    }
    let shared_memory = Path::new(DEFAULT_RAM_DISK);
    match free_gb(shared_memory) {
        Ok(free) if free >= NEEDED_GB => {
            let folder = shared_memory.join("ossicle-bench");
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            Ok(folder)
        }
        Ok(free) => {
            eprintln!("xtask: {DEFAULT_RAM_DISK} has {free:.1} GB free, {NEEDED_GB} are needed");
            Ok(without_ram_disk(work))
        }
        Err(error) => {
            eprintln!("xtask: no RAM disk at {DEFAULT_RAM_DISK}: {error:#}");
            Ok(without_ram_disk(work))
        }
    }
}

fn without_ram_disk(work: &Path) -> PathBuf {
    eprintln!("xtask: figures \"on a RAM disk\" will be from the disk; --ram-disk DIR names one");
    work.to_owned()
}

fn free_gb(folder: &Path) -> Result<f64> {
    if !folder.is_dir() {
        bail!("it does not exist");
    }
    let output = Command::new("df").args(["-P", "-k"]).arg(folder).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let free_kib = available_kib(&text).context("df printed no figure")?;
    Ok(free_kib as f64 * 1024.0 / 1e9)
}

/// The fourth column of the second line, as POSIX defines `df -P -k`.
fn available_kib(df: &str) -> Option<u64> {
    df.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_read_from_df() {
        let df = "Filesystem     1024-blocks      Used Available Capacity Mounted on\n\
                  tmpfs             24718100    117056  24601044       1% /dev/shm\n";
        assert_eq!(available_kib(df), Some(24_601_044));
        assert_eq!(available_kib(""), None);
    }
}
