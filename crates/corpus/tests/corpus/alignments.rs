//! Alignment files.

use ossicle_corpus::{AlignmentError, read_phn};

use crate::tree::Tree;

#[test]
fn a_file_is_read() {
    let tree = Tree::new(&[]);
    let path = tree.write("a.phn", b"0 10 h#\r\n10 20 sh\r\n");
    assert_eq!(read_phn(&path).unwrap().len(), 2);
}

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_line() {
    let tree = Tree::new(&[]);
    let path = tree.write("a.phn", b"0 10 h#\n9 20 sh\n");
    let expected = "line 2: the interval starts at sample 9, before the previous one ends, 10";
    assert_eq!(read_phn(&path).unwrap_err().to_string(), expected);
}

#[test]
fn a_missing_file_and_a_folder_are_errors() {
    let tree = Tree::new(&[]);
    let error = read_phn(&tree.at("none.phn")).unwrap_err();
    assert!(matches!(&error, AlignmentError::Read { .. }), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    let error = read_phn(tree.path()).unwrap_err();
    assert!(matches!(&error, AlignmentError::NotAFile), "{error}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_without_waiting_for_it() {
    let tree = Tree::new(&[]);
    let path = tree.at("pipe.phn");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let error = read_phn(&path).unwrap_err();
    assert!(matches!(&error, AlignmentError::NotAFile), "{error}");
}

#[test]
fn a_file_larger_than_16_mib_is_refused() {
    let tree = Tree::new(&[]);
    let path = tree.write("a.phn", b"0 10 h#\n");
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(16 * 1024 * 1024 + 1).unwrap();
    let error = read_phn(&path).unwrap_err();
    assert!(matches!(&error, AlignmentError::TooLarge { .. }), "{error}");
    file.set_len(8).unwrap();
    assert!(read_phn(&path).is_ok());
}
