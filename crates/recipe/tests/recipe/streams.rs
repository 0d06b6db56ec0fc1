//! Features of several sample rates and frames in one recipe.

use ossicle_dsp::{FrameLayout, Waveform};
use ossicle_recipe::{Recipe, RecipeSource};

/// Whisper's features of 16 kHz, a mel of 24 kHz on frames of its own, and the samples.
const TEXT: &str = r#"
[audio]
sample_rate_hz = 16000
resample = "hq"

[frames]
length = "400samples"
shift = "160samples"
edges = "center"

[[feature]]
name = "wave"
kind = "waveform"
dtype = "int16"

[[feature]]
name = "whisper"
kind = "mel"
n_fft = 400
num_mel_bins = 80

[[feature]]
name = "mel24"
kind = "mel"
n_fft = 1920
num_mel_bins = 80
sample_rate_hz = 24000
plain = true

[feature.frames]
length = "1920samples"
shift = "480samples"
edges = "same"

[normalize]
stats_from = "train"
"#;

fn source(text: &str) -> RecipeSource {
    text.parse().unwrap()
}

fn error(text: &str) -> String {
    source(text).finish().unwrap_err().to_string()
}

#[test]
fn streams_are_told_apart_by_rate_and_frames_and_the_recipes_own_is_the_first() {
    let recipe = source(TEXT).finish().unwrap();
    let names = |recipe: &Recipe| -> Vec<Vec<String>> {
        let of = recipe.streams().iter();
        of.map(|stream| stream.features().iter().map(|of| of.name().to_owned()).collect()).collect()
    };
    assert_eq!(names(&recipe), [["whisper"], ["wave"], ["mel24"]]);
    let rates: Vec<u32> =
        recipe.streams().iter().map(|stream| recipe.rate_of(stream, 16_000)).collect();
    assert_eq!(rates, [16_000, 16_000, 24_000]);
    let layouts: Vec<FrameLayout> =
        recipe.streams().iter().zip(rates).map(|(stream, hz)| stream.frames(hz)).collect();
    assert_eq!((layouts[0].length, layouts[0].shift), (400, 160));
    assert_eq!(layouts[1], Waveform::FRAMES);
    assert_eq!((layouts[2].length, layouts[2].shift), (1920, 480));
    // A waveform beside others is left as it is, unless that is said otherwise.
    let plain = ["wave", "whisper", "mel24"].map(|name| recipe.is_plain(name));
    assert_eq!(plain, [true, false, true]);

    let mut joined = source(TEXT);
    joined.set("mel24.frames=").unwrap();
    joined.set("mel24.sample_rate_hz=").unwrap();
    joined.set("mel24.plain=").unwrap();
    let joined = joined.finish().unwrap();
    assert_eq!(names(&joined), [vec!["whisper", "mel24"], vec!["wave"]]);
}

#[test]
fn such_a_recipe_is_read_as_it_was_written_and_its_frames_can_be_set() {
    let recipe = source(TEXT).finish().unwrap();
    let text = recipe.to_toml();
    assert_eq!(source(&text).finish().unwrap(), recipe, "{text}");
    let json = serde_json::to_string(&recipe).unwrap();
    assert_eq!(serde_json::from_str::<Recipe>(&json).unwrap(), recipe, "{json}");
    let mut set = source(TEXT);
    set.set("mel24.frames.shift=240samples").unwrap();
    assert_eq!(set.finish().unwrap().streams()[2].frames(24_000).shift, 240);
    let mut made = source(TEXT);
    made.set("whisper.frames.length=320samples").unwrap();
    made.set("whisper.frames.shift=\"128samples\"").unwrap();
    let made = made.finish().unwrap();
    assert!(made.streams().iter().any(|stream| stream.frames(16_000).length == 320));
    assert_eq!(made.preset_name(), None);
}

#[test]
fn what_cannot_be_is_refused_where_it_stands() {
    let cases = [
        (
            "name = \"mel24\"",
            "name = \"whisper\"",
            "line 16, column 1: in [[feature]]: features of one",
        ),
        ("shift = \"480samples\"\n", "", "line 30, column 1: [feature.frames] needs shift"),
        (
            "edges = \"same\"",
            "edge = \"same\"",
            "line 33, column 1: unknown key `edge` in [feature.frames]",
        ),
        ("edges = \"same\"", "drop_last = true", "drop_last means nothing without edges"),
        ("24000", "0", "feature.sample_rate_hz is 0"),
        ("dtype = \"int16\"", "dtype = \"int16\"\nplain = false", "keeps samples as they are"),
        ("dtype = \"int16\"", "dtype = \"int16\"\nscale = \"unit\"", "scale means nothing"),
        (
            "dtype = \"int16\"",
            "frames = { length = \"1samples\", shift = \"1samples\" }",
            "frames means nothing",
        ),
        ("dtype = \"int16\"", "dtype = \"int8\"", "\"float32\" or \"int16\""),
    ];
    for (old, new, words) in cases {
        assert!(TEXT.contains(old), "{old}");
        let error = error(&TEXT.replace(old, new));
        assert!(error.contains(words), "{old} → {new}: {error}");
    }
    // A waveform alone has the frames of its recipe.
    let alone =
        "[frames]\nlength = \"2samples\"\nshift = \"1samples\"\n[[feature]]\nkind = \"waveform\"\n";
    assert!(error(alone).contains("a waveform that is alone has a row for each sample"));
}

#[test]
fn a_spikegram_stands_beside_other_features_on_their_frames() {
    let text = TEXT.replace("kind = \"waveform\"\ndtype = \"int16\"", "kind = \"spikegram\"");
    let text = text.replace("sample_rate_hz = 24000\n", "").replace("resample = \"hq\"\n", "");
    let recipe = source(&text).finish().unwrap();
    assert_eq!(recipe.streams().len(), 3);
    assert!(recipe.streams()[0].is_on_grid_of(&recipe.streams()[1]));
    let files =
        text.replace("kind = \"spikegram\"", "kind = \"spikegram\"\nspikes_from = \"files\"");
    assert!(error(&files).contains("files of events stand for recordings"), "{}", error(&files));
}
