//! A disk that is full, read-only or gone: one sentence, and a folder that can be gone on with.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::corpora::write_many;
use crate::datasets::assert_same_dataset;
use crate::program::{Folder, Ossicle, PROGRAM, extract};

/// The extraction in a shell where files can have so many KiB.
fn under_file_limit(kib: u64, corpus: &Path, out: &Path) -> Ossicle {
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("ulimit -f {kib} && exec \"$0\" \"$@\"")]).arg(PROGRAM);
    bash.arg("extract").arg(corpus).arg("--out").arg(out).args(["--preset", "timit-mfcc"]);
    Ossicle::from(bash)
}

#[test]
fn under_any_limit_of_file_sizes_a_run_is_whole_or_refused_and_can_be_gone_on_with() {
    let folder = Folder::new();
    let (corpus, whole) = (folder.at("corpus"), folder.at("whole"));
    write_many(&corpus, 30, 16_000);
    extract(&corpus, &whole).succeeds();
    let mut refused = 0;
    // Parts have some 70 KiB here, the shard 1.4 MiB.
    for kib in [1, 8, 40, 100, 500, 1300, 2000] {
        let out = folder.at(&kib.to_string());
        let run = || under_file_limit(kib, &corpus, &out);
        let ran = run().run();
        match ran.code() {
            0 => {}
            2 => {
                refused += 1;
                let last = ran.stderr.lines().last().unwrap();
                for words in ["File too large", "`ulimit -f unlimited`", "goes on from there"] {
                    assert!(last.contains(words), "{kib} KiB: {last}");
                }
                assert!(!out.join("dataset.json").exists());
            }
            code => panic!("{kib} KiB: {code}: {}", ran.stderr),
        }
        extract(&corpus, &out).succeeds();
        assert_same_dataset(&whole, &out, "after a limit of file sizes");
    }
    assert!((3..7).contains(&refused), "{refused}");
}

#[test]
fn a_full_standard_output_is_an_error_in_words_and_the_dataset_is_there() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write_many(&corpus, 3, 16_000);
    let mut command = extract(&corpus, &out).into_command();
    command.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot write to standard output: No space left"), "{said}");
    assert!(out.join("dataset.json").exists());
}

#[test]
fn an_output_that_is_no_folder_is_refused_with_advice() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_many(&corpus, 3, 16_000);
    fs::write(folder.at("file"), "mine").unwrap();
    extract(&corpus, &folder.at("file"))
        .refuses(&["cannot create the folder", "give --out a folder"]);
    assert_eq!(fs::read_to_string(folder.at("file")).unwrap(), "mine");
}

#[test]
fn an_output_inside_the_corpus_is_refused() {
    let folder = Folder::new();
    let corpus = folder.at("corpus");
    write_many(&corpus, 3, 16_000);
    for out in [corpus.join("features"), corpus.join("0/deep/features"), corpus.clone()] {
        extract(&corpus, &out).refuses(&["lies inside the corpus", "--out"]);
        assert!(!out.join(".ossicle").exists());
    }
    // The link leads into the corpus.
    std::os::unix::fs::symlink(&corpus, folder.at("link")).unwrap();
    extract(&corpus, &folder.at("link/features")).refuses(&["lies inside the corpus"]);
    // A neighbour whose name begins alike does not lie inside.
    extract(&corpus, &folder.at("corpus-features")).succeeds();
}
