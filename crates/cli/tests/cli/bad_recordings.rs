//! One bad recording is one row of the ledger and one line, and changes nothing else.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::corpora::{PHONES, riff, sound, wav, write, write_aligned};
use crate::datasets::{card, rows, utterances};
use crate::program::{Finished, Folder, Ossicle, extract, ossicle, without_every_right};

/// More than a part holds, on both sides of the bad one.
const GOOD: [&str; 9] = ["a", "b", "c", "d", "e", "n", "o", "p", "q"];

/// A recording that is fine, in the middle of the others.
fn good_wav() -> Vec<u8> {
    wav(&sound(42, 8000))
}

/// Extracts [`GOOD`] with and without the recording `m` that `spoil` makes, and asserts all that is
/// promised of it. `spoil` finds `m.PHN`, but no `m.wav`, in the folder.
#[track_caller]
fn assert_one_bad_recording(what: (&str, &str), words: &str, spoil: impl FnOnce(&Path)) {
    assert_one_bad_recording_of(|extract| extract, what, words, spoil);
}

/// The same of an extraction that is run in another way.
#[track_caller]
fn assert_one_bad_recording_of(
    run: impl FnOnce(Ossicle) -> Ossicle,
    (stage, cause): (&str, &str),
    words: &str,
    spoil: impl FnOnce(&Path),
) {
    let folder = Folder::new();
    let (corpus, good) = (folder.at("corpus"), folder.at("good"));
    write_aligned(&good, &GOOD);
    write_aligned(&corpus, &GOOD);
    write(corpus.join("m.PHN"), PHONES);
    spoil(&corpus);

    let expected = folder.at("expected");
    extract(&good, &expected).succeeds();
    let out = folder.at("out");
    let ran = run(extract(&corpus, &out)).exits(1);

    let about: Vec<_> = ran.stderr.lines().filter(|line| line.contains("m.wav")).collect();
    assert_eq!(about.len(), 1, "one line:\n{}", ran.stderr);
    assert!(about[0].starts_with("ossicle: m: "), "{}", about[0]);
    // The file that there is something wrong with.
    assert!(about[0].contains(corpus.join("m.wav").to_str().unwrap()), "{}", about[0]);
    assert!(about[0].contains(words), "{words:?} is not in: {}", about[0]);
    assert_eq!(ran.lines_with("ossicle: m: ").len(), 1);
    assert!(ran.stdout.contains("9 utterances stored, 1 failed"), "{}", ran.stdout);
    assert!(ran.stdout.contains("failures.jsonl"), "{}", ran.stdout);

    let ledger = rows(out.join("failures.jsonl"));
    assert_eq!(ledger.len(), 1, "{ledger:?}");
    let row = &ledger[0];
    assert_eq!((&row["id"], &row["split"]), (&"m".into(), &"all".into()));
    assert_eq!((&row["source"], &row["stage"]), (&"m.wav".into(), &stage.into()), "{row}");
    let error = row["error"].as_str().unwrap();
    assert_eq!(row["cause"], cause, "{row}");
    let order = ["id", "split", "source", "stage", "cause", "error"];
    assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), order);
    // The ledger is of the library; what to do is in the words of the command line.
    let advice = match cause {
        "not-audio" => "; for headerless samples, pass `--raw-encoding s16le --sample-rate HZ`",
        _ => "",
    };
    let told = match cause {
        "missing-alignment" => error.replace("beside it", "beside m.wav"),
        _ => error.to_owned(),
    };
    assert!(about[0].ends_with(&format!("{told}{advice}")), "{row}");
    assert!(error.contains(words), "{row}");

    assert!(utterances(&out, "all") == utterances(&expected, "all"), "the other utterances' bytes");
    for file in ["features-00000.npy", "labels-00000.npy", "index.npy", "utterances.jsonl"] {
        let bytes = |out: &Path| fs::read(out.join("all").join(file)).unwrap();
        assert!(bytes(&out) == bytes(&expected), "{file}");
    }
    let (card, expected) = (card(&out), card(&expected));
    assert_eq!(card["normalization"], expected["normalization"]);
    assert_eq!(card["splits"][0]["failures"], 1);
    assert_eq!(card["splits"][0]["utterances"], 9);
    ossicle("verify").arg(&out).succeeds();
}

/// One whose `m.wav` holds these bytes.
#[track_caller]
fn assert_bad_bytes(what: (&str, &str), words: &str, bytes: &[u8]) {
    assert_one_bad_recording(what, words, |corpus| write(corpus.join("m.wav"), bytes));
}

#[test]
fn a_dangling_link() {
    assert_one_bad_recording(("open", "cannot-open"), "No such file", |corpus| {
        symlink("/nowhere/at/all.wav", corpus.join("m.wav")).unwrap();
    });
}

#[test]
fn a_file_that_may_not_be_read() {
    let close = |path: &Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
        fs::read(path).is_err()
    };
    let probe = Folder::new();
    write(probe.at("x"), "x");
    let is_closed = close(&probe.at("x"));
    let run = |extract| if is_closed { extract } else { without_every_right(extract) };
    assert_one_bad_recording_of(run, ("open", "cannot-open"), "Permission denied", |corpus| {
        write(corpus.join("m.wav"), good_wav());
        close(&corpus.join("m.wav"));
    });
}

#[test]
fn an_empty_file() {
    assert_bad_bytes(("decode", "empty"), "0 bytes", b"");
}

#[test]
fn a_truncated_file() {
    let bytes = good_wav();
    assert_bad_bytes(("decode", "truncated"), "promises 8000 samples", &bytes[..bytes.len() / 2]);
}

#[test]
fn a_file_that_ends_within_its_header() {
    assert_bad_bytes(("decode", "bad-header"), "header is malformed", &good_wav()[..30]);
}

#[test]
fn something_that_is_no_audio() {
    assert_bad_bytes(
        ("decode", "not-audio"),
        "no known audio format",
        b"<!DOCTYPE html><title>404</title>",
    );
}

#[test]
fn a_header_that_claims_more_than_there_is() {
    let data: Vec<u8> = sound(1, 8000).iter().flat_map(|x| x.to_le_bytes()).collect();
    let bytes = riff(1, 1, 16_000, 16, &data, 0x7000_0000);
    assert_bad_bytes(("decode", "truncated"), "the file holds 8000", &bytes);
}

#[test]
fn a_sample_rate_of_0() {
    assert_bad_bytes(
        ("decode", "bad-header"),
        "the sample rate is 0 Hz",
        &riff(1, 1, 0, 16, &[1; 900], 900),
    );
}

#[test]
fn no_channels() {
    assert_bad_bytes(
        ("decode", "bad-header"),
        "channels is 0",
        &riff(1, 0, 16_000, 16, &[1; 900], 900),
    );
}

#[test]
fn channels_65535() {
    assert_bad_bytes(
        ("decode", "bad-header"),
        "channels is 65535",
        &riff(1, 65535, 16_000, 16, &[1; 900], 900),
    );
}

#[test]
fn a_float_recording_with_nan() {
    let mut data: Vec<u8> =
        sound(1, 8000).iter().flat_map(|&x| (f32::from(x) / 32768.0).to_le_bytes()).collect();
    data[4 * 5000..4 * 5001].copy_from_slice(&f32::NAN.to_le_bytes());
    let bytes = riff(3, 1, 16_000, 32, &data, data.len() as u32);
    assert_bad_bytes(("decode", "not-finite"), "sample 5000 is not a finite number", &bytes);
}

#[test]
fn a_float_recording_too_loud_to_square() {
    // The decibels of an infinite power would be a number, and the same in every frame.
    let data: Vec<u8> =
        sound(1, 8000).iter().flat_map(|&x| (f32::from(x) * 1e18).to_le_bytes()).collect();
    let bytes = riff(3, 1, 16_000, 32, &data, data.len() as u32);
    assert_bad_bytes(("features", "too-loud"), "too large", &bytes);
}

#[test]
fn a_recording_shorter_than_a_frame() {
    assert_one_bad_recording(("features", "too-short"), "400 samples", |corpus| {
        write(corpus.join("m.wav"), wav(&sound(1, 399)));
        write(corpus.join("m.PHN"), "0 399 h#\n");
    });
}

#[test]
fn a_missing_phn_file() {
    assert_one_bad_recording(("labels", "missing-alignment"), "there is no .PHN file", |corpus| {
        write(corpus.join("m.wav"), good_wav());
        fs::remove_file(corpus.join("m.PHN")).unwrap();
    });
}

#[test]
fn a_malformed_phn_file() {
    for (text, cause, words) in [
        (
            "0 100 h#\n100 x sh\n",
            "bad-alignment",
            "line 2, column 5: expected a whole number of samples, found `x`",
        ),
        ("0 100\n", "bad-alignment", "line 1, column 6: expected a label"),
        ("", "bad-alignment", "has no labels"),
        ("0 200 h#\n100 300 sh\n", "bad-alignment", "line 2"),
        ("0 8000 zz\n", "unknown-phone", "no phone `zz`"),
    ] {
        assert_one_bad_recording(("labels", cause), words, |corpus| {
            write(corpus.join("m.wav"), good_wav());
            write(corpus.join("m.PHN"), text);
        });
    }
}

#[test]
fn phones_that_reach_past_the_recording_by_more_than_a_frame() {
    assert_one_bad_recording(("labels", "bad-alignment"), "8401", |corpus| {
        write(corpus.join("m.wav"), good_wav());
        write(corpus.join("m.PHN"), "0 8401 h#\n");
    });
}

#[test]
fn phones_that_reach_past_the_recording_by_a_frame_are_clipped() {
    let folder = Folder::new();
    write(folder.at("corpus/m.wav"), good_wav());
    write(folder.at("corpus/m.PHN"), "0 4000 h#\n4000 8400 sh\n");
    let out = folder.at("out");
    extract(folder.at("corpus"), &out).succeeds();
    let row = &rows(out.join("all/utterances.jsonl"))[0];
    assert_eq!((&row["start_sample"], &row["end_sample"]), (&0.into(), &8000.into()));
    assert_eq!(row["num_frames"], 1 + (8000 - 400) / 160);
    assert_eq!(row["intervals"]["phones"][1], serde_json::json!(["sh", 4000, 8000]));
}

#[test]
fn a_recording_in_a_format_or_an_encoding_that_is_not_read() {
    let unsupported = ("decode", "unsupported-container");
    assert_bad_bytes(unsupported, "is a WavPack file", b"wvpk\0\0\0\x22");
    // GSM 6.10.
    let bytes = riff(0x31, 1, 8000, 8, &[1; 900], 900);
    assert_bad_bytes(("decode", "unsupported-encoding"), "samples, which are not read", &bytes);
}

#[test]
fn a_recording_that_lasts_too_long_or_lacks_the_channel() {
    for (setting, cause) in
        [("audio.max_duration_s=0.1", "too-long"), ("audio.channel=1", "missing-channel")]
    {
        let folder = Folder::new();
        write_aligned(&folder.at("corpus"), &["a"]);
        let out = folder.at("out");
        extract(folder.at("corpus"), &out).set(&[setting]).exits(2);
        let row = &rows(out.join(".ossicle/failures.jsonl"))[0];
        assert_eq!((&row["stage"], &row["cause"]), (&"decode".into(), &cause.into()), "{row}");
    }
}

#[test]
fn a_rate_at_which_the_dataset_would_have_other_columns() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("a.wav"), good_wav());
    write(corpus.join("slow.wav"), ossicle_testing::wav(&sound(1, 8000), 1, 8000));
    let run = crate::program::extract_with("kaldi-spectrogram", &corpus, &out);
    let ran = run.set(&["audio.mixed_rates=true"]).exits(1);
    let row = &rows(out.join("failures.jsonl"))[0];
    assert_eq!((&row["id"], &row["cause"]), (&"slow".into(), &"other-columns".into()), "{row}");
    let advice = "; write --set audio.sample_rate_hz=HZ if all recordings have that rate";
    assert!(ran.lines_with("ossicle: slow: ")[0].ends_with(advice), "{}", ran.stderr);
}

#[test]
fn a_fifo() {
    assert_one_bad_recording(("open", "not-a-file"), "a FIFO, not a regular file", |corpus| {
        assert!(Command::new("mkfifo").arg(corpus.join("m.wav")).status().unwrap().success());
    });
}

#[test]
fn a_folder_with_the_name_of_a_recording() {
    assert_one_bad_recording(("open", "not-a-file"), "a directory, not a regular file", |corpus| {
        fs::create_dir(corpus.join("m.wav")).unwrap();
    });
}

#[test]
fn a_recording_of_another_sample_rate_than_the_recipes() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    write(folder.at("corpus/m.wav"), ossicle_testing::wav(&[257; 8000], 1, 8000));
    write(folder.at("corpus/m.PHN"), PHONES);
    let out = folder.at("out");
    extract(folder.at("corpus"), &out).set(&["audio.sample_rate_hz=16000"]).exits(1);
    let row = &rows(out.join("failures.jsonl"))[0];
    assert_eq!((&row["id"], &row["stage"]), (&"m".into(), &"resample".into()));
    assert_eq!(row["cause"], "wrong-rate");
}

#[test]
fn control_characters_of_a_name_are_made_visible() {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &["a"]);
    write(folder.at("corpus/evil\u{1b}[31m\n.wav"), "");
    let ran = extract(folder.at("corpus"), &folder.at("out")).exits(1);
    let about = ran.lines_with("ossicle: evil%1B[31m%0A: ");
    assert_eq!(about.len(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'));
}

/// Nine good recordings and three bad ones.
fn three_of_twelve(flags: &[&str]) -> (Folder, Finished) {
    let folder = Folder::new();
    write_aligned(&folder.at("corpus"), &GOOD);
    for name in ["x", "y", "z"] {
        write(folder.at("corpus").join(format!("{name}.wav")), "");
    }
    let ran = extract(folder.at("corpus"), &folder.at("out")).args(flags).run();
    (folder, ran)
}

#[test]
fn more_failures_than_max_failures_end_the_run_and_it_can_be_run_again() {
    for most in ["0", "2", "16%"] {
        let (folder, ran) = three_of_twelve(&["--max-failures", most]);
        assert_eq!(ran.code(), 2, "{most}: {}", ran.stderr);
        let last = ran.stderr.lines().last().unwrap();
        assert!(last.contains("--max-failures") && last.contains(most), "{last}");
        assert!(!folder.at("out/dataset.json").exists());
        let ran = extract(folder.at("corpus"), &folder.at("out")).exits(1);
        assert!(ran.stdout.contains("9 utterances stored, 3 failed"), "{}", ran.stdout);
        assert_eq!(rows(folder.at("out/failures.jsonl")).len(), 3);
    }
}

#[test]
fn as_many_failures_as_max_failures_do_not_end_the_run() {
    for most in ["3", "25%", "100%"] {
        let (folder, ran) = three_of_twelve(&["--max-failures", most]);
        assert_eq!(ran.code(), 1, "{most}: {}", ran.stderr);
        assert!(folder.at("out/dataset.json").exists());
    }
}

#[test]
fn allowed_failures_exit_with_0() {
    for (most, code) in [("2", 1), ("3", 0), ("24%", 1), ("25%", 0)] {
        let (folder, ran) = three_of_twelve(&["--allow-failures", most]);
        assert_eq!(ran.code(), code, "{most}: {}", ran.stderr);
        assert_eq!(rows(folder.at("out/failures.jsonl")).len(), 3);
    }
}

#[test]
fn a_tolerance_that_is_none_is_refused() {
    for flag in ["--max-failures", "--allow-failures"] {
        for value in ["-1", "many", "101%", "%"] {
            let (folder, ran) = three_of_twelve(&[&format!("{flag}={value}")]);
            assert_eq!(ran.code(), 2, "{flag} {value}");
            assert!(ran.stderr.contains(flag), "{}", ran.stderr);
            assert!(!folder.at("out").exists());
        }
    }
}

#[test]
fn a_sample_rate_at_which_a_shift_is_no_sample() {
    let folder = Folder::new();
    let (corpus, out) = (folder.at("corpus"), folder.at("out"));
    write(corpus.join("slow.wav"), ossicle_testing::wav(&sound(1, 8000), 1, 8000));
    let run = || {
        let run = crate::program::extract_with("kaldi-fbank", &corpus, &out);
        run.set(&["frames.shift=0.1ms", "audio.mixed_rates=true"])
    };
    // Where all are of that rate, there is nothing to begin.
    run().refuses(&["1 of 8000 Hz (the first is slow)", "the frame shift is 0 samples"]);
    assert!(!out.exists());
    write(corpus.join("a.wav"), good_wav());
    run().exits(1);
    let row = &rows(out.join("failures.jsonl"))[0];
    assert_eq!((&row["stage"], &row["cause"]), (&"features".into(), &"unfit-rate".into()), "{row}");
    assert!(row["error"].as_str().unwrap().contains("the frame shift is 0 samples"), "{row}");
}
