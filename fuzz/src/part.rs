//! Any bytes as the file of a part.

use std::fs;
use std::path::Path;

use ossicle_engine::fuzzing::open_part;

/// Opens the bytes as they are, and with the trailer that they should end in: what comes after the last
/// line break is the footer.
pub fn check(bytes: &[u8], folder: &Path) {
    let path = folder.join("000000.part");
    for bytes in [bytes, &sealed(bytes)] {
        fs::write(&path, bytes).expect("the folder for temporary files can be written to");
        open_part(&path);
    }
}

/// The bytes with the trailer of a part, which nobody would guess: the footer's length, a BLAKE3, a magic
/// word.
pub fn sealed(bytes: &[u8]) -> Vec<u8> {
    let footer = bytes.rsplit(|&byte| byte == b'\n').next().unwrap_or_default().len();
    let mut sealed = bytes.to_vec();
    sealed.extend((footer as u64).to_le_bytes());
    sealed.extend(blake3::hash(&sealed).as_bytes());
    sealed.extend(b"ossprt02");
    sealed
}
