//! Causes that no key of a recipe says, and causes where there is no recording.

use ossicle_compare::{Beyond, End, Side, Verdict, Which, compare};
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
fn numbers_that_were_rounded_are_told_from_noise() {
    let samples = recording(9);
    let a = side("kaldi-fbank", &[], &samples);
    let rounded = |of: &Side, round: &dyn Fn(f32) -> f32| {
        let values = of.matrix.values.iter().map(|&x| round(x)).collect();
        Side::of_matrix(Matrix::new(of.matrix.rows, of.matrix.columns, values))
    };
    let decimals = |x: f32| ((f64::from(x) * 100.0).round_ties_even() / 100.0) as f32;
    // Half of the last bit that is kept is added, and the rest cut off.
    let bfloat16 = |x: f32| f32::from_bits((x.to_bits() + 0x8000) & !0xffff);
    is_explained("%.2f", &a, &rounded(&a, &decimals), &["numbers are rounded to 2 decimals"]);
    is_explained("bf16", &a, &rounded(&a, &bfloat16), &["numbers are rounded to bfloat16"]);
    let hamming = side("kaldi-fbank", &["feature.window=hamming"], &samples);
    let due = ["feature.window=hamming", "numbers are rounded to 2 decimals"];
    is_explained("both", &a, &rounded(&hamming, &decimals), &due);
    let bare = Side::of_matrix(a.matrix.clone());
    is_explained("bare", &bare, &rounded(&a, &bfloat16), &["numbers are rounded to bfloat16"]);
}

#[test]
fn rows_far_away_and_rows_that_are_missing_are_found_again() {
    let a = side("kaldi-fbank", &[], &recording(8));
    let (rows, columns) = (a.matrix.rows, a.matrix.columns);
    let shape = (rows, columns);
    let rolled = moved(&a.matrix, shape, |r, c| ((r + rows - 13) % rows, c));
    let words = "rows are 13 frames later, and those of one end stand at the other";
    is_explained("rolled", &a, &rolled, &[words]);
    assert_eq!(explain(&a, &rolled).difference.alignment.frames, 13);
    let mut after_zeros = moved(&a.matrix, shape, |r, c| (r.saturating_sub(30), c));
    after_zeros.matrix.values[..30 * columns].fill(0.0);
    let words = "rows are 30 frames later, with zeros where there is none";
    is_explained("after zeros", &a, &after_zeros, &[words]);
    for count in [rows / 5, rows - 1] {
        let first = moved(&a.matrix, (count, columns), |r, c| (r, c));
        let words = match rows - count {
            1 => "the last row is left out".to_owned(),
            left_out => format!("the last {left_out} rows are left out"),
        };
        is_explained("the first", &a, &first, &[&words]);
    }
    let middle = moved(&a.matrix, (50, columns), |r, c| (r + 31, c));
    is_explained("the middle", &a, &middle, &["only 50 rows are there, from row 31 on"]);
    // Without a recording no samples can be left out.
    let bare = Side::of_matrix(a.matrix.clone());
    let last = moved(&a.matrix, (rows - 30, columns), |r, c| (r + 30, c));
    is_explained("the last", &bare, &last, &["the first 30 rows are left out"]);
    let before = moved(&a.matrix, (rows + 3, columns), |r, c| (r.saturating_sub(3), c));
    let mut before_zeros = before;
    before_zeros.matrix.values[..3 * columns].fill(0.0);
    is_explained("zeros", &bare, &before_zeros, &["3 rows of zeros are put at the beginning"]);
}

#[test]
fn samples_more_or_less_at_the_beginning_are_found_again() {
    let samples = recording(11);
    for preset in ["kaldi-fbank", "whisper-80"] {
        let a = side(preset, &[], &samples);
        for cut in [80, 1105, 4800] {
            let words = format!("the first {cut} samples are left out");
            is_explained(preset, &a, &side(preset, &[], &samples[cut..]), &[&words]);
        }
        for zeros in [312, 2112] {
            let later = [vec![0.0; zeros], samples.clone()].concat();
            let words = format!("the recording begins {zeros} samples later, after zeros");
            is_explained(preset, &a, &side(preset, &[], &later), &[&words]);
        }
    }
}

#[test]
fn columns_that_nothing_makes_are_told_apart() {
    let samples = recording(12);
    let a = side("kaldi-fbank", &[], &samples);
    let with = |b: &Side, front: usize, back: usize| {
        let columns = front + b.matrix.columns + back;
        let number = |i: usize| {
            let (row, column) = (i / columns, i % columns);
            let own = column.checked_sub(front).filter(|&own| own < b.matrix.columns);
            let pitch = ((row * row + 3 * column) % 97) as f32;
            own.map_or(pitch, |own| b.matrix.values[row * b.matrix.columns + own])
        };
        let values = (0..b.matrix.rows * columns).map(number).collect();
        Side::of_matrix(Matrix::new(b.matrix.rows, columns, values))
    };
    let answer = explain(&a, &with(&a, 0, 3));
    assert_eq!(answer.verdict, Verdict::ExplainedInPart);
    assert_eq!(answer.beyond, Some(Beyond { side: Which::B, rows: 0, columns: 3, at: End::Back }));
    assert!(answer.changes.is_empty());
    let hamming = side("kaldi-fbank", &["feature.window=hamming"], &samples);
    let answer = explain(&a, &with(&hamming, 1, 0));
    assert_eq!(answer.beyond, Some(Beyond { side: Which::B, rows: 0, columns: 1, at: End::Front }));
    assert_eq!(said(&answer), ["feature.window=hamming"]);
}

#[test]
fn rows_that_nothing_makes_are_told_apart() {
    let samples = recording(14);
    let a = side("kaldi-fbank", &[], &samples);
    let other = side("kaldi-fbank", &[], &recording(15)).matrix;
    let hamming = side("kaldi-fbank", &["feature.window=hamming"], &samples);
    for (b, keys, at) in
        [(&a, &[][..], End::Front), (&hamming, &["feature.window=hamming"], End::Back)]
    {
        let more = &other.values[..40 * other.columns];
        let values = match at {
            End::Back => [&b.matrix.values, more].concat(),
            End::Front => [more, &b.matrix.values].concat(),
        };
        let longer = Matrix::new(b.matrix.rows + 40, b.matrix.columns, values);
        let answer = explain(&a, &Side::of_matrix(longer));
        assert_eq!(answer.verdict, Verdict::ExplainedInPart, "{at:?}");
        assert_eq!(answer.beyond, Some(Beyond { side: Which::B, rows: 40, columns: 0, at }));
        assert_eq!(said(&answer), keys, "{at:?}");
    }
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

#[test]
fn noise_is_told_as_the_dither_that_it_is() {
    let samples = recording(13);
    let a = side("kaldi-fbank", &[], &samples);
    // Another seed's, as another program's is.
    let b = side("kaldi-fbank", &["feature.dither=1", "feature.dither_seed=7"], &samples);
    let answer = explain(&a, &b);
    assert_eq!(answer.verdict, Verdict::ExplainedButForNoise);
    assert!(answer.changes.is_empty(), "{:?}", said(&answer));
    let dither = answer.left.dither.unwrap();
    assert!((0.7..1.4).contains(&dither), "{dither}");
}

#[test]
fn what_is_equal_agrees_however_small_its_numbers_are() {
    let values: Vec<f32> = (0..60).map(|n| n as f32 * 1e-40).collect();
    let tiny = Side::of_matrix(Matrix::new(20, 3, values));
    assert_eq!(explain(&tiny, &tiny).verdict, Verdict::Agree);
}
