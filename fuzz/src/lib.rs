//! What must hold for any bytes, a check for everything that reads a file.
//!
//! A check panics where a promise is broken: that a reader does not panic, hang, or hold more than its
//! input justifies, and that what it accepts is what the bytes say. [`target!`] feeds a check with
//! whatever libFuzzer comes up with. The tests of each crate feed it with `fixtures/`, the inputs that
//! once broke it; so a check uses nothing but the crate that it looks at, and what that crate uses.

pub mod alignment;
pub mod audio;
pub mod card;
pub mod description;
pub mod label_map;
pub mod list;
pub mod master;
pub mod npy;
pub mod parquet;
pub mod part;
pub mod raw_audio;
pub mod recipe;
pub mod rows;
pub mod seeds;
pub mod splits;

use std::fs;
use std::panic;
use std::path::PathBuf;
use std::sync::Once;

pub use libfuzzer_sys;

/// A folder of this process, below the system's folder for temporary files. `cargo xtask fuzz` gives
/// one that is in memory, and removes it.
///
/// # Panics
/// If it cannot be made.
pub fn scratch() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ossicle-fuzz-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    folder
}

/// Lets panics go on that are caught: libFuzzer's hook ends the process where one begins. The crate that reads
/// footers and values of Parquet files panics, which is damage of the file; other panics still reach libFuzzer.
pub fn let_panics_be_caught() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(|_| {})));
}

/// The whole of a target: its seeds, then its check for all bytes, with a folder to write to.
#[macro_export]
macro_rules! target {
    ($name:ident, |$bytes:ident, $folder:pat_param| $check:expr) => {
        static FOLDER: std::sync::LazyLock<std::path::PathBuf> =
            std::sync::LazyLock::new($crate::scratch);

        $crate::libfuzzer_sys::fuzz_target!(
            init: $crate::seeds::write(stringify!($name)),
            |bytes: &[u8]| {
                let ($bytes, $folder) = (bytes, FOLDER.as_path());
                $check
            }
        );
    };
}
