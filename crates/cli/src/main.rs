//! The `ossicle` command: what it does is in the library, which other doors share.

use std::process::ExitCode;

fn main() -> ExitCode {
    ossicle_cli::run(std::env::args_os())
}
