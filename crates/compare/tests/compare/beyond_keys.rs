//! Causes that no key of a recipe says, and causes where there is no recording.

use ossicle_compare::{Side, Verdict, compare};
use ossicle_dataset::Matrix;
use ossicle_dsp::Level;

use crate::support::{explain, recording, said, side, side_at};

fn is_explained(what: &str, a: &Side, b: &Side, due: &[&str]) {
    let answer = explain(a, b);
    assert_eq!(
        (answer.verdict, said(&answer)),
        (Verdict::Explained, due.iter().map(|&s| s.to_owned()).collect()),
        "{what}"
    );
}

/// The rows of a matrix in another order, by the row and column that stand in each place.
fn moved(
    of: &Matrix,
    (rows, columns): (usize, usize),
    from: impl Fn(usize, usize) -> (usize, usize),
) -> Side {
    let number = |i: usize| {
        let (row, column) = from(i / columns, i % columns);
        of.values[row * of.columns + column]
    };
    Side::of_matrix(Matrix::new(rows, columns, (0..rows * columns).map(number).collect()))
}

#[test]
fn changes_of_the_recording_are_found_again() {
    let samples = recording(7);
    let peak = samples.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let scaled: Vec<f32> = samples.iter().map(|x| x * (0.95 / peak)).collect();
    let whisper = side("whisper-80", &[], &samples);
    is_explained(
        "a peak of 0.95",
        &whisper,
        &side("whisper-80", &[], &scaled),
        &["the recording is scaled so that its peak is 0.95"],
    );
    let fbank = side("kaldi-fbank", &[], &samples);
    is_explained(
        "another rate",
        &fbank,
        &side_at("kaldi-fbank", &[], &samples, 22_050),
        &["the recording is taken for one of 22050 Hz, without resampling"],
    );
    let mut padded = samples.clone();
    padded.resize(samples.len() + 16_000, 0.0);
    let answer = explain(&whisper, &side("whisper-80", &[], &padded));
    assert_eq!(answer.verdict, Verdict::Explained);
    assert!(
        said(&answer)[0].starts_with("the recording is padded with zeros"),
        "{:?}",
        said(&answer)
    );
    let at_8k = &["audio.sample_rate_hz=8000", "audio.resample=kaldi"];
    is_explained(
        "8 kHz",
        &fbank,
        &side("kaldi-fbank", at_8k, &samples),
        &["audio.resample=kaldi", "audio.sample_rate_hz=8000"],
    );
}

#[test]
fn rows_and_columns_in_another_order_are_found_again() {
    let a = side("kaldi-fbank", &[], &recording(8));
    let (rows, columns) = (a.matrix.rows, a.matrix.columns);
    let shape = (rows, columns);
    let transposed = moved(&a.matrix, (columns, rows), |r, c| (c, r));
    is_explained("transposed", &a, &transposed, &["rows and columns are exchanged"]);
    let reversed = moved(&a.matrix, shape, |r, c| (r, columns - 1 - c));
    is_explained("reversed", &a, &reversed, &["the columns are in reverse order"]);
    let later = moved(&a.matrix, shape, |r, c| (r.saturating_sub(1), c));
    is_explained("a row later", &a, &later, &["rows are 1 frame later"]);
    let answer = explain(&a, &later);
    assert_eq!(answer.difference.alignment.frames, 1);
}

#[test]
fn without_a_recording_changes_of_rows_are_found() {
    let samples = recording(9);
    let bare = |of: &Side| Side::of_matrix(of.matrix.clone());
    let a = side("kaldi-fbank", &[], &samples);
    let words = |b: &Side| {
        let answer = compare(&bare(&a), &bare(b), Level::detect()).unwrap();
        assert_eq!(answer.verdict, Verdict::Explained);
        answer.changes.iter().map(|of| of.words.clone()).collect::<Vec<_>>().join("; ")
    };
    let log10 = words(&side("kaldi-fbank", &["feature.log=log10"], &samples));
    assert_eq!(log10, "all numbers are multiplied by 0.434294");
    // 2 ln 32768 is 20.7944.
    let unit = words(&side("kaldi-fbank", &["audio.scale=unit", "feature.floor=1e-30"], &samples));
    assert!(unit.starts_with("-20.794") && unit.ends_with("is added to all numbers"), "{unit}");
    let normalized = words(&side("kaldi-fbank", &["normalize.scope=utterance"], &samples));
    assert_eq!(normalized, "each column is normalised to mean 0 and variance 1 (ddof 0)");
}

#[test]
fn two_recipes_of_one_recording_differ_in_the_keys_that_matter() {
    let samples = recording(4);
    let (a, b) = (side("kaldi-fbank80", &[], &samples), side("whisper-80", &[], &samples));
    let answer = compare(&a, &b, Level::detect()).unwrap();
    assert_eq!(answer.verdict, Verdict::Explained);
    let said = said(&answer);
    for due in ["feature.log=log10", "feature.mel_scale=slaney", "frames.edges=center"] {
        assert!(said.iter().any(|key| key == due), "{due}: {said:?}");
    }
}
