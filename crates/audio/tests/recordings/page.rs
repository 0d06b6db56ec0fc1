//! The page about recordings, made of what the fixtures say.

use std::{collections::BTreeMap, fs, path::Path};

use ossicle_audio::{Channel, OpenOptions, Recording};

use crate::{LOSSY, expected, fixture, reference, refusal};

const HEAD: &str = "\
# Recordings

ossicle looks at a file's first bytes, never at its name, and reads what they say. It brings its own readers of
containers, of FLAC, shorten and ADPCM; MP3, Vorbis, AAC and ALAC are decoded by symphonia. It needs no other
program.

This page is made by a test (`cargo test -p ossicle-audio --test recordings`) of files that other programs wrote
(`crates/audio/tests/fixtures`), and compares the samples with those of other decoders.

## What is read

| file | written by | holds | judged by | largest difference |
|---|---|---|---|---|
";

const REFUSED: &str = "
## What is refused, by its name

Opus in Ogg and in WebM is read where the program was built with libopus (`cargo install --path crates/cli --features
opus`, which takes a C compiler and cmake): within 1e-5 of libopus itself, pre-skip and end trimmed. The message has a line that converts it. `cargo xtask advice` runs such lines with Debian's programs.

| file | the message begins |
|---|---|
";

const TAIL: &str = "
## What is checked

- **Sizes, before and behind.** A header that promises more than there is, a second data chunk, bytes behind the
  samples that are neither a chunk nor a little padding, and sizes that wrapped at 4 GiB are errors. Sizes of a
  writer that could not know them (0, 0xFFFFFFFF and a few below, 0x7FFFF000, 2,000,000,000) mean all that is there.
- **Sums.** FLAC's MD5 and SPHERE's `sample_checksum` are checked where all of a recording is read from its
  beginning, and FLAC's count of samples too.
- **Ends.** MP3 with a LAME header is gapless; Ogg ends where its last page says, and must have one; an edit list
  of MP4 cuts what its encoder added; WebM and Matroska, of which the first sound counts, end where their clusters do,
  without what `CodecDelay` and `DiscardPadding` say. ADTS and MP3 without a header keep what their encoders put in front.
- **Stretches.** A stretch of a recording has the bits that it has in the whole (`tests/recordings/seeks.rs`), and
  no more is decoded for it than that takes. PCM, ADPCM and FLAC are gone to directly. Packets of MP3, Vorbis
  and ALAC in MP4 are counted up to those that the decoder has to have seen (of MP3 the bit reservoir and three more,
  of Vorbis two), which takes 1/50 of decoding them or less (`bench/record/stretches.md`); damage farther from it is
  not met. AAC, whose
  noise comes from a generator that goes on from packet to packet, Opus, FLAC in Ogg, ALAC in CAF, Vorbis in WebM and
  shorten are decoded from the beginning. The length of MP3 without a header, and of Vorbis, is counted without decoding.
- **Damage.** Every file above is cut at every place and changed in a thousand ways: it is read, or refused, and
  nothing panics, hangs or takes memory that its bytes do not justify. A panic of a decoder that is not ours
  is an error of that recording.

## Samples

Full scale is ±1.0. Integers are divided by a power of two; mu-law and A-law become the 16-bit numbers of ITU-T G.711 first. Of fewer
bits than a sample's bytes have, the upper ones count, but for 24 bits in four bytes as `arecord -f S24_LE` writes
them. Microsoft's ADPCM predicts as its note says (divided towards zero).
";

/// What a file holds, and by how much its samples differ from those of others, in words.
fn row(name: &str, line: &serde_json::Value) -> String {
    let path = fixture(name);
    let info = *Recording::open(&path, OpenOptions::of(Channel::First)).unwrap().info();
    let (array, tolerance) = reference(name, line);
    let full_scale = match &*array.descr {
        "<i2" => f64::from(1 << 15),
        "<i4" => f64::from(1 << 23),
        _ => 1.0,
    };
    let mut largest = 0.0_f64;
    for channel in 0..info.channels {
        let mut samples = Vec::new();
        let mut recording =
            Recording::open(&path, OpenOptions::of(Channel::Index(channel))).unwrap();
        recording.read_to_end(&mut samples).unwrap();
        for (found, expected) in samples.iter().zip(array.column(channel.into())) {
            largest = largest.max((f64::from(*found) - expected / full_scale).abs());
        }
    }
    assert!(largest <= tolerance, "{name}: {largest}");
    let difference = match tolerance {
        0.0 => "none".to_owned(),
        // A power of ten, so that a last bit of another processor changes no page.
        _ => {
            let bounds = [1e-9, 1e-8, 1e-7, 1e-6].into_iter().find(|&bound| largest <= bound);
            format!("below {:.0e}", bounds.unwrap_or(LOSSY))
        }
    };
    let judges: Vec<&str> = line["decoders"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(judge, _)| judge.as_str())
        .collect();
    let by = line["by"].as_str().unwrap();
    format!(
        "| `{name}` | {by} | {}: {} | {} | {difference} |\n",
        info.container,
        info.encoding,
        judges.join(", ")
    )
}

#[test]
fn the_page_about_recordings_is_what_the_fixtures_say() {
    let files: BTreeMap<_, _> = expected();
    let mut page = HEAD.to_owned();
    for (name, line) in files.iter().filter(|(name, _)| refusal(name).is_none()) {
        page.push_str(&row(name, line));
    }
    page.push_str(REFUSED);
    for name in files.keys().filter(|name| refusal(name).is_some()) {
        let error = Recording::open(&fixture(name), OpenOptions::of(Channel::First))
            .unwrap_err()
            .to_string();
        let beginning = error.split(';').next().unwrap();
        page.push_str(&format!("| `{name}` | {beginning} |\n"));
    }
    page.push_str(TAIL);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recordings.md");
    if std::env::var_os("OSSICLE_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/recordings.md is not what the fixtures say; OSSICLE_UPDATE_DOCS=1 writes it anew"
    );
}
