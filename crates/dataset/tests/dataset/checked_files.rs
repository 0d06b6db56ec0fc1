//! Files that are compared with the card before they are read.

use std::cell::Cell;
use std::fs;

use ossicle_dataset::{Dataset, Error};

use crate::made::Made;

const A: &str = "train/features-00000.npy";

fn check(made: &Made, most_bytes: u64) -> Result<Vec<String>, Error> {
    let dataset = Dataset::open(made.root())?;
    let left = dataset.check_files(
        |file| file.starts_with("train/"),
        most_bytes,
        || Ok::<(), Error>(()),
    )?;
    Ok(left.iter().map(|file| file.path.clone()).collect())
}

#[test]
fn sizes_are_compared_of_all_and_bytes_of_the_smallest_that_may_be_read() {
    let made = Made::new();
    assert_eq!(check(&made, u64::MAX).unwrap(), [""; 0]);
    let sizes = |path: &str| fs::metadata(made.at(path)).unwrap().len();
    let left = check(&made, sizes("train/index.npy") * 3).unwrap();
    assert!(left.contains(&A.to_owned()) && left.is_sorted_by_key(|path| sizes(path)), "{left:?}");
    assert_eq!(check(&made, 0).unwrap().len(), 3 + 3 + 2, "shards of two arrays, and two lists");

    let mut bytes = made.bytes(A);
    *bytes.last_mut().unwrap() ^= 1;
    made.write(A, &bytes);
    let wrong = check(&made, u64::MAX).unwrap_err().to_string();
    assert!(
        wrong.ends_with(&format!("{A}: its bytes do not match the checksum in the card")),
        "{wrong}"
    );
    check(&made, 0).unwrap();
    bytes.pop();
    made.write(A, &bytes);
    assert!(check(&made, 0).unwrap_err().to_string().contains("1 fewer than the"));
    fs::remove_file(made.at(A)).unwrap();
    let missing = check(&made, 0).unwrap_err();
    assert!(
        matches!(&missing, Error::Damaged { reason, .. } if reason == "is missing"),
        "{missing}"
    );
}

#[test]
fn whoever_asks_to_stop_is_asked_before_each_file() {
    let made = Made::new();
    let dataset = Dataset::open(made.root()).unwrap();
    let asked = Cell::new(0);
    let stop = || match asked.replace(asked.get() + 1) {
        2 => Err(Error::Changed { path: "stopped".into() }),
        _ => Ok(()),
    };
    assert!(matches!(dataset.check_files(|_| true, u64::MAX, stop), Err(Error::Changed { .. })));
    assert_eq!(asked.get(), 3);
}
