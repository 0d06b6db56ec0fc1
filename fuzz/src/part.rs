//! Any bytes as the file of a part.

use std::fs;
use std::path::Path;

use ossicle_dataset::LocalStore;
use ossicle_dsp::Level;
use ossicle_engine::{Job, PartFile};
use ossicle_recipe::{Recipe, RecipeSource};

/// Opens the bytes as they are, and with the trailer that they should end in: what comes after the last
/// line break is the footer.
pub fn check(bytes: &[u8], folder: &Path) {
    let recipe = Recipe::preset("timit-mfcc").and_then(str::parse::<RecipeSource>);
    let recipe = recipe.and_then(RecipeSource::finish).expect("the preset is one");
    let job = Job::without_labels("key", recipe, Level::BASELINE);
    let store = LocalStore::new(folder);
    for bytes in [bytes, &sealed(bytes)] {
        let path = folder.join("000000.part");
        fs::write(path, bytes).expect("the folder for temporary files can be written to");
        // As a resumed run does.
        let Ok(part) = PartFile::of_job(&store, "000000.part", &job) else { continue };
        if part.is_sound(&store).is_ok_and(|sound| sound) {
            // A list may be no list: that is an error, and no more.
            let _ = part.read_all(&store, &job);
        }
    }
}

/// The bytes with the trailer of a part, which nobody would guess: the footer's length, a BLAKE3, a magic
/// word.
pub fn sealed(bytes: &[u8]) -> Vec<u8> {
    let footer = bytes.rsplit(|&byte| byte == b'\n').next().unwrap_or_default().len();
    let mut sealed = bytes.to_vec();
    sealed.extend((footer as u64).to_le_bytes());
    sealed.extend(blake3::hash(&sealed).as_bytes());
    sealed.extend(b"ossprt03");
    sealed
}
