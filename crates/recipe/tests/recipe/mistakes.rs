//! A mistake is told with its place and with what was probably meant.

use ossicle_recipe::{Advice, Recipe, RecipeSource, reference};

fn preset(name: &str) -> RecipeSource {
    Recipe::preset(name).unwrap().parse().unwrap()
}

#[test]
fn mistakes_in_changes_are_answered_with_what_was_probably_meant() {
    let set = |assignment: &str| {
        let mut source = preset("timit-mfcc");
        let set = source.set(assignment);
        set.and_then(|()| source.finish()).unwrap_err().to_string()
    };
    for (assignment, words) in [
        ("feature.num_mel_bin=80", "did you mean \"num_mel_bins\"?"),
        ("feature.kind=mfc", "did you mean \"mfcc\"?"),
        ("featur.n_fft=80", "did you mean \"feature\"?"),
        ("feature.n_fft=0", "n_fft is 0"),
        ("feature.n_fft=half", "a whole number, \"power-of-two\" or \"frame\""),
        ("feature.lpc_order=12", "lpc_order means nothing with kind = \"mfcc\""),
        ("feature.snr_db=12", "snr_db means nothing with kind = \"mfcc\""),
        ("feature.energy_floor=1", "use_energy"),
        ("feature.window=hannn", "did you mean"),
        ("feature.num_ceps=", "[[feature]] needs num_ceps"),
        ("feature.num_ceps=many", "feature.num_ceps is \"many\"; it must be a whole number"),
        ("frames.pad=zero", "frames.edges"),
        ("deltas.window=0", "the delta window is 0"),
        ("labels.at=centre", "did you mean \"center\"?"),
        ("audio.channel=left", "\"first\", \"mix\" or a number"),
        ("audio.raw_encoding=s16", "one of s8, u8, s16le"),
        ("frames.length=25", "a duration, as \"25ms\" or \"400samples\""),
        ("n_fft=512", "feature.num_mel_bins=80"),
        ("audio.raw_encoding=s16le", "audio.raw_sample_rate_hz"),
        ("splice.left=1", "[splice] needs right"),
    ] {
        let said = set(assignment);
        assert!(said.starts_with(&format!("{assignment}: ")), "{said}");
        assert!(said.contains(words), "{said}");
    }
    let mut half = preset("timit-mfcc");
    half.set("audio.raw_encoding=s16le").unwrap();
    assert_eq!(half.finish().unwrap_err().advice(), Some(Advice::DescribeRaw));
    let typo = Recipe::preset("timit-mffc").unwrap_err().to_string();
    assert!(typo.contains("did you mean \"timit-mfcc\"?"), "{typo}");
}

#[test]
fn numbers_that_no_card_can_hold_are_refused_in_every_key() {
    let mut tried = 0;
    for table in reference() {
        for key in table.keys.iter().filter(|key| key.values.contains("a number")) {
            for (preset_name, number) in
                Recipe::preset_names().flat_map(|name| ["nan", "inf", "-inf"].map(|x| (name, x)))
            {
                let mut source = preset(preset_name);
                let assignment = format!("{}.{}={number}", table.name, key.name);
                let finished = source.set(&assignment).and_then(|()| source.finish());
                assert!(finished.is_err(), "{preset_name} with {assignment}");
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
    let mut source = preset("whisper-80");
    source.set("feature.floor=nan").unwrap();
    let said = source.finish().unwrap_err().to_string();
    assert_eq!(said, "feature.floor=nan: feature.floor is nan; it must be a number");
}

#[test]
fn mistakes_in_a_text_are_told_with_line_and_column() {
    let text = "[frames]\nlength = \"25ms\"\nshift = \"10ms\"\n\n[[feature]]\nkind = \"mfcc\"\n  \
                num_mel_bins = 23\nnum_ceps = 13\n";
    let said = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let text = text.replace(from, to);
        let finished = text.parse::<RecipeSource>().and_then(RecipeSource::finish);
        finished.unwrap_err().to_string()
    };
    for (from, to, words) in [
        ("num_ceps", "num_cep", "line 8, column 1: unknown key `num_cep` in [[feature]] (did you"),
        ("= 23", "= \"é\"", "line 7, column 18: feature.num_mel_bins is \"é\"; it must be a whole"),
        ("\n  num_mel_bins = 23", "", "line 5, column 1: [[feature]] needs num_mel_bins"),
        (
            "\"mfcc\"",
            "\"plb\"",
            "line 6, column 8: feature.kind is \"plb\" (did you mean \"plp\"?)",
        ),
        (
            "[frames]",
            "[frame]",
            "line 1, column 2: unknown table `frame` (did you mean \"frames\"?",
        ),
        ("[[feature]]", "[feature]", "line 5, column 1: feature is a table; it must be a list"),
        ("= 13", "= 131", "line 5, column 1: in [[feature]]: "),
        ("= 13", "= 1_000_000_000_000_000_000_000", "line 8, column 12: 1000000000000000000000 is"),
        ("= 13", "= 13 13", "line 8, column 12: "),
        ("shift = \"10ms\"", "edges = \"snip\"", "line 1, column 1: [frames] needs shift"),
        ("[frames]", "[frames]\ndrop_last = true", "line 2, column 1: frames.pad and frames.drop_"),
        (
            "[[feature]]",
            "[[feature]]\nkind = \"mel\"\nnum_mel_bins = 9\nenergy_floor = 1\n[[feature]]",
            "line 8, column 1: in [[feature]]: energy_floor means nothing with use_energy = false",
        ),
        (
            "[frames]",
            "vad = { name = \"features\" }\n[frames]",
            "line 1, column 9: two arrays are named \"features\"",
        ),
        ("[frames]", "labels = 5\n[frames]", "line 1, column 10: labels is 5; it must be a list"),
    ] {
        let said = said(from, to);
        assert!(said.starts_with(words), "{said}\nis not\n{words}");
    }
}

#[test]
fn a_change_can_mend_a_text() {
    let text = Recipe::preset("kaldi-mfcc").unwrap().replace("num_ceps = 13", "num_ceps = 0");
    let mut source: RecipeSource = text.parse().unwrap();
    source.set("feature.num_ceps=12").unwrap();
    assert!(source.finish().is_ok());
}

#[test]
fn what_a_card_holds_is_checked_too() {
    let recipe = preset("kaldi-mfcc").finish().unwrap();
    let mut card = serde_json::to_value(recipe).unwrap();
    card["feature"] = serde_json::json!([]);
    let refused = serde_json::from_value::<Recipe>(card.clone()).unwrap_err().to_string();
    assert_eq!(refused, "the recipe has no [[feature]] table");
    card["feature"] = serde_json::json!([{"kind": "mel", "num_mel_bins": 0}]);
    assert!(serde_json::from_value::<Recipe>(card.clone()).is_err());
    card["feature"] = serde_json::json!(null);
    assert!(serde_json::from_value::<Recipe>(card).is_err());
}
