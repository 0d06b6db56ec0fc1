//! What other programs wrote, and what nobody wrote.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::DeflateEncoder};
use ossicle_testing::{Npy, Random};

use super::{Matrix, MatrixFile, MatrixFormat};
use crate::error::Error;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/matrices").join(name)
}

/// The names and matrices of a file.
fn read(path: &Path) -> Result<Vec<(String, Matrix)>, Error> {
    let file = MatrixFile::open(path)?.expect("a file of matrices");
    let names: Vec<String> = file.names().map(str::to_owned).collect();
    names.into_iter().enumerate().map(|(i, name)| Ok((name, file.read(i)?))).collect()
}

/// What an array of NumPy's holds, read from its documentation alone.
fn npy(name: &str) -> (Vec<usize>, Vec<f32>) {
    let array = Npy::read(fixture(name));
    assert_eq!(array.descr, "<f4");
    let stored: Vec<f32> =
        array.data.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    let (rows, columns) = (array.shape[0], array.shape[1]);
    let place = |i: usize| match array.fortran_order {
        false => i,
        true => (i % columns) * rows + i / columns,
    };
    (vec![rows, columns], (0..rows * columns).map(|i| stored[place(i)]).collect())
}

/// The largest difference of two matrices of one shape.
fn off(found: &Matrix, expected: &(Vec<usize>, Vec<f32>)) -> f32 {
    assert_eq!([found.rows, found.columns], expected.0[..]);
    let pairs = found.values.iter().zip(&expected.1);
    pairs.fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

#[test]
fn archives_of_kaldi_are_read() {
    let two = read(&fixture("fm.ark")).unwrap();
    assert_eq!([&*two[0].0, &*two[1].0], ["voicea-0001", "voicea-0002"]);
    assert_eq!(off(&two[0].1, &npy("matrix.npy")), 0.0);
    assert_eq!(off(&two[1].1, &npy("matrix2.npy")), 0.0);
    let text = read(&fixture("fm_text.ark")).unwrap();
    let first: Vec<f32> = npy("matrix.npy").1[..3 * 23].to_vec();
    assert!(off(&text[0].1, &(vec![3, 23], first)) < 1e-4);
    let doubles = Npy::read(fixture("dm.npy"));
    let singles = doubles.f64s().iter().map(|&x| x as f32).collect();
    assert_eq!(
        off(&read(&fixture("dm.ark")).unwrap()[0].1, &(doubles.shape.clone(), singles)),
        0.0
    );
    let vectors = read(&fixture("fv.ark")).unwrap();
    assert_eq!(
        vectors.iter().map(|(_, v)| (v.rows, v.columns)).collect::<Vec<_>>(),
        [(40, 1), (0, 1)]
    );
    assert_eq!(off(&read(&fixture("htk.ark")).unwrap()[0].1, &npy("matrix.npy")), 0.0);
}

#[test]
fn every_coding_is_what_kaldi_decodes() {
    for name in ["cm2", "cm2_4rows", "cm3", "cm4", "cm5", "cm6", "cm7"] {
        let (_, found) = read(&fixture(&format!("{name}.ark"))).unwrap().remove(0);
        let expected = npy(&format!("{name}.npy"));
        let largest = expected.1.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let off = off(&found, &expected);
        assert!(off <= largest * 1e-6, "{name}: {off}");
        // Kaldi rounds to the nearest step, and percentiles by a 65535th of the range before.
        if !matches!(name, "cm2_4rows" | "cm4" | "cm6" | "cm7") {
            let of = npy("matrix.npy").1;
            let cells = found.values.iter().zip(&of).enumerate();
            let worst = cells.map(|(i, (a, b))| (a - b).abs() - found.rounding[i % 23]);
            let worst = worst.fold(f32::MIN, f32::max);
            assert!(worst < 1e-3, "{name}: {worst} beyond the rounding");
        }
    }
}

#[test]
fn arrays_of_numpy_are_read_of_any_type_and_order() {
    let expected = npy("matrix.npy");
    for name in ["fortran.npy", "big_endian.npy", "two.npz", "two_deflated.npz"] {
        let found = read(&fixture(name)).unwrap();
        assert_eq!(off(&found[0].1, &expected), 0.0, "{name}");
    }
    let (_, half) = read(&fixture("half.npy")).unwrap().remove(0);
    let cells = half.values.iter().zip(&expected.1).enumerate();
    for (i, (a, b)) in cells {
        assert!((a - b).abs() <= half.rounding[i % 23], "{a} {b}");
    }
    let names: Vec<String> =
        read(&fixture("two_deflated.npz")).unwrap().into_iter().map(|m| m.0).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_script_leads_to_archives_by_offset_and_cuts_ranges() {
    let folder = tempfile::tempdir().unwrap();
    let ark = fixture("fm.ark").display().to_string();
    // Offsets as kaldiio wrote them beside this archive.
    let text = format!("a {ark}:12\nb {ark}:3719\nc {ark}:12[3:5,2:10]\nd {ark}:3719[0:9]\n");
    let path = folder.path().join("feats.scp");
    std::fs::write(&path, text).unwrap();
    let found = read(&path).unwrap();
    assert_eq!(off(&found[0].1, &npy("matrix.npy")), 0.0);
    assert_eq!(off(&found[1].1, &npy("matrix2.npy")), 0.0);
    assert_eq!((found[2].1.rows, found[2].1.columns), (3, 9));
    let all = npy("matrix.npy").1;
    assert_eq!(found[2].1.values[..9], all[3 * 23 + 2..3 * 23 + 11]);
    assert_eq!((found[3].1.rows, found[3].1.columns), (10, 23));
    for wrong in ["a cat x |", "a x.ark:0[5:3]", "a x.ark[a:b]"] {
        std::fs::write(&path, wrong).unwrap();
        assert!(MatrixFile::open(&path).is_err(), "{wrong}");
    }
    std::fs::write(&path, format!("a {ark}:12[0:40]\n")).unwrap();
    assert!(read(&path).unwrap_err().to_string().ends_with("a range reaches past the matrix"));
}

/// A parameter file as The HTK Book 3.4 has it in 5.10.1.
fn parameter_file(kind: u16, frames: u32, bytes_a_frame: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = frames.to_be_bytes().to_vec();
    bytes.extend(100_000u32.to_be_bytes());
    bytes.extend(bytes_a_frame.to_be_bytes());
    bytes.extend(kind.to_be_bytes());
    bytes.extend(body);
    bytes
}

#[test]
fn parameter_files_of_htk_are_read_plain_compressed_and_with_a_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mfc");
    let rows = [[1.5f32, -2.0], [0.25, 8.0], [-3.0, 4.0]];
    let plain: Vec<u8> = rows.iter().flatten().flat_map(|x| x.to_be_bytes()).collect();
    let expected = (vec![3, 2], rows.concat());
    for (kind, checksum) in [(6, &b""[..]), (6 | 0o10000, b"\x12\x34")] {
        let bytes = parameter_file(kind, 3, 8, &[&plain[..], checksum].concat());
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(off(&read(&path).unwrap()[0].1, &expected), 0.0);
    }
    // A = 2I/(max - min) and B = (max + min)I/(max - min), with I = 32767; the code is Ax - B.
    let scale = |column: usize| {
        let of: Vec<f32> = rows.iter().map(|row| row[column]).collect();
        let (max, min) = (
            of.iter().fold(f32::MIN, |a, &b| a.max(b)),
            of.iter().fold(f32::MAX, |a, &b| a.min(b)),
        );
        (2.0 * 32767.0 / (max - min), (max + min) * 32767.0 / (max - min))
    };
    let scales = [scale(0), scale(1)];
    let mut body: Vec<u8> = scales.iter().flat_map(|s| s.0.to_be_bytes()).collect();
    body.extend(scales.iter().flat_map(|s| s.1.to_be_bytes()));
    for row in rows {
        let code = |(x, (a, b)): (f32, (f32, f32))| (a * x - b).round() as i16;
        body.extend(row.into_iter().zip(scales).map(code).flat_map(i16::to_be_bytes));
    }
    std::fs::write(
        &path,
        parameter_file(6 | 0o2000 | 0o10000, 3 + 4, 4, &[&body[..], b"ab"].concat()),
    )
    .unwrap();
    let (_, found) = read(&path).unwrap().remove(0);
    assert!(off(&found, &expected) < 2e-4, "{found:?}");
    assert_eq!(MatrixFile::open(&path).unwrap().unwrap().format(), MatrixFormat::Htk);
}

#[test]
fn any_cut_and_any_changed_byte_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let mut random = Random::with_seed(5);
    let names = [
        "fm.ark",
        "fm_text.ark",
        "cm2.ark",
        "cm3.ark",
        "cm5.ark",
        "htk.ark",
        "half.npy",
        "two.npz",
    ];
    for name in names.into_iter().chain(["two_deflated.npz", "fv.ark"]) {
        let whole = std::fs::read(fixture(name)).unwrap();
        for round in 0..400 {
            let mut bytes = whole.clone();
            match round % 4 {
                0 => bytes.truncate(random.usize(..bytes.len())),
                // The beginning is where sizes are.
                1 => bytes[random.usize(..40)] = random.u8(..),
                _ => {
                    let at = random.usize(..bytes.len());
                    bytes[at] = random.u8(..);
                }
            }
            std::fs::write(&path, bytes).unwrap();
            let Ok(Some(file)) = MatrixFile::open(&path) else { continue };
            for number in 0..file.names().len() {
                if let Ok(matrix) = file.read(number) {
                    assert_eq!(matrix.values.len(), matrix.rows * matrix.columns);
                    assert!(matrix.rounding.is_empty() || matrix.rounding.len() == matrix.columns);
                }
            }
        }
    }
}

#[test]
fn what_promises_more_than_it_can_hold_is_refused_before_memory_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.ark");
    let most = i32::MAX.to_le_bytes();
    let huge = [&b"a \0BFM \x04"[..], &most, b"\x04", &most, b"1234"].concat();
    std::fs::write(&path, huge).unwrap();
    assert!(MatrixFile::open(&path).unwrap_err().to_string().contains("are promised"));
    // A member of ZIP that says it is a terabyte.
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(&[0; 1000]).unwrap();
    let bytes = std::fs::read(fixture("two_deflated.npz")).unwrap();
    let entry = bytes.windows(4).position(|word| word == b"PK\x01\x02").unwrap();
    let mut changed = bytes.clone();
    changed[entry + 24..entry + 28].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
    std::fs::write(&path, changed).unwrap();
    let refused = read(&path).unwrap_err().to_string();
    assert!(refused.ends_with("larger than its bytes can make"), "{refused}");
}

#[test]
fn other_files_are_none_of_these() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for bytes in [&b""[..], b"RIFF\x24\0\0\0WAVE", b"word\n", b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
        std::fs::write(&path, bytes).unwrap();
        assert!(MatrixFile::open(&path).unwrap().is_none(), "{bytes:?}");
    }
}
