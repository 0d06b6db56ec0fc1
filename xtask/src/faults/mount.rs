//! A small file system of its own, to be filled and to be made read-only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A mounted tmpfs; unmounted when it is dropped.
#[derive(Debug)]
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// # Errors
    /// If this is not permitted, which it is for root alone.
    pub(crate) fn new(folder: PathBuf, kib: u64) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        let size = format!("size={kib}k,mode=755");
        mount(&["-t", "tmpfs", "-o", &size, "ossicle-faults"], &folder)?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// - `options`: as after `mount -o remount,`
    pub(crate) fn change(&self, options: &str) -> Result<()> {
        mount(&["-o", &format!("remount,{options}"), "ossicle-faults"], &self.0)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        match Command::new("umount").arg(&self.0).status() {
            Ok(status) if status.success() => {}
            _ => eprintln!("xtask: cannot unmount {}", self.0.display()),
        }
    }
}

fn mount(arguments: &[&str], folder: &Path) -> Result<()> {
    let mut command = Command::new("mount");
    let output = command.args(arguments).arg(folder).output().context("cannot start mount")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "mount: {}", said.trim());
    Ok(())
}
