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
        ("frames.pad=zero", "in [frames]: pad means nothing without edges = \"center\""),
        ("deltas.window=0", "the delta window is 0"),
        ("labels.at=centre", "did you mean \"center\"?"),
        ("audio.channel=left", "\"first\", \"mix\", \"each\", \"loudest\" or a number"),
        ("audio.raw_encoding=s16", "one of s8, u8, s16le"),
        ("frames.length=25", "a duration, as \"25ms\" or \"400samples\""),
        ("n_fft=512", "feature.num_mel_bins=80"),
        ("audio.raw_encoding=s16le", "audio.raw_sample_rate_hz"),
        ("splise.left=1", "did you mean \"splice\"?"),
        ("splise=", "write for example"),
        ("feature.num_mel_bin=", "unknown key `num_mel_bin` in [[feature]] (did you mean"),
        ("features.num_mel_bin=", "unknown key `num_mel_bin` in [[feature]] (did you mean"),
        ("deltas.oder=", "unknown key `oder` in [deltas] (did you mean \"order\"?)"),
        ("splise.left=", "did you mean \"splice\"?"),
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
        (
            "[frames]",
            "[frames]\ndrop_last = true",
            "line 2, column 1: in [frames]: drop_last means nothing without edges",
        ),
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
fn a_key_of_the_text_that_a_change_makes_nothing_of_is_left_out_and_told() {
    for (name, changes, dropped) in [
        ("kaldi-mfcc", &["feature.use_energy=false"][..], &["energy_of", "energy_floor"][..]),
        ("librosa-mel", &["frames.edges=snip"], &["pad"]),
        ("whisper-80", &["frames.edges=snip"], &["pad", "drop_last"]),
        ("timit-mfcc", &["normalize.scope=speaker"], &["stats_from"]),
        ("kaldi-mfcc", &["feature.kind=mel"], &["num_ceps", "cepstral_lifter"]),
        ("timit-mfcc", &["feature.log=pcen"], &["top_db"]),
        ("kaldi-mfcc", &["feature.num_ceps=10"], &[]),
    ] {
        let mut source = preset(name);
        let mut without = Recipe::preset(name).unwrap().to_owned();
        for change in changes {
            source.set(change).unwrap();
        }
        let told: Vec<String> = source.drop_idle().into_iter().map(|key| key.key).collect();
        assert_eq!(told, dropped, "{name}: {changes:?}");
        // The same as if the text had never said them.
        for key in dropped {
            let line = without.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
            without = without.replace(&line, "");
        }
        let mut expected: RecipeSource = without.parse().unwrap();
        for change in changes {
            expected.set(change).unwrap();
        }
        assert!(expected.drop_idle().is_empty());
        let expected = expected.finish().unwrap();
        assert_eq!(source.clone().finish().unwrap().to_toml(), expected.to_toml(), "{changes:?}");
    }
    let mut source = preset("kaldi-mfcc");
    source.set("feature.use_energy=false").unwrap();
    let why = &source.drop_idle()[0];
    assert_eq!(
        (why.to_string().as_str(), why.why.as_str()),
        ("feature.energy_of", "with use_energy = false")
    );
}

#[test]
fn a_key_that_means_nothing_is_a_mistake_where_somebody_wrote_it() {
    let mut source = preset("kaldi-mfcc");
    source.set("feature.use_energy=false").unwrap();
    source.set("feature.energy_of=raw").unwrap();
    let said = source.finish().unwrap_err().to_string();
    assert!(said.starts_with("feature.energy_of=raw: in [[feature]]: energy_of means"), "{said}");
    let text = Recipe::preset("kaldi-fbank").unwrap().to_owned() + "energy_floor = 1\n";
    let mut source: RecipeSource = text.parse().unwrap();
    source.set("feature.num_mel_bins=30").unwrap();
    assert!(source.drop_idle().is_empty());
    let said = source.finish().unwrap_err().to_string();
    assert!(said.contains("energy_floor means nothing with use_energy = false"), "{said}");
}

#[test]
fn a_table_appears_with_its_defaults_when_a_key_of_it_is_set() {
    let set = |assignments: &[&str]| {
        let mut source = preset("kaldi-fbank");
        for assignment in assignments {
            source.set(assignment).unwrap();
        }
        source.finish()
    };
    assert_eq!(
        set(&["deltas.order=1"]).unwrap(),
        set(&["deltas.order=1", "deltas.window=2"]).unwrap()
    );
    let deltas = ossicle_dsp::Deltas::new(2, 3).unwrap();
    assert_eq!(set(&["deltas.window=3"]).unwrap().deltas(), deltas);
    assert_eq!(set(&["splice.left=1"]).unwrap().spliced_frames(), (1, 4));
    let speech = set(&["feature.use_energy=true", "vad.frames_context=2"]).unwrap();
    assert_eq!(speech.vad().unwrap().0, "vad");
    assert_eq!(set(&["normalize.scope=utterance"]).unwrap().normalize().unwrap().zero_std, 1e-5);
    assert_eq!(set(&["labels.map=timit-39"]).unwrap().labels()[0].name, "labels");
    let wrong = set(&["labels.tier=phones"]).unwrap_err();
    assert_eq!(wrong.to_string(), "labels.tier=phones: [[labels]] needs map");
    let advice = Advice::Set { table: "labels".to_owned(), key: "map", value: "timit-39" };
    assert_eq!(wrong.advice(), Some(advice));
}

#[test]
fn an_empty_value_removes_a_key_or_a_table() {
    let mut source = preset("timit-mfcc");
    for assignment in ["normalize=", "deltas =", "labels= ", "feature.top_db="] {
        source.set(assignment).unwrap();
    }
    let recipe = source.finish().unwrap();
    assert!(recipe.normalize().is_none() && recipe.labels().is_empty());
    assert_eq!(recipe.deltas(), ossicle_dsp::Deltas::NONE);
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

#[test]
fn an_empty_value_for_a_key_that_cannot_be_is_refused_in_every_table() {
    let mut tried = 0;
    for table in reference() {
        for preset_name in Recipe::preset_names() {
            let before = preset(preset_name).finish().unwrap();
            let mut source = preset(preset_name);
            let typo = format!("{}.{}x=", table.name, table.keys[0].name);
            let said = source.set(&typo).unwrap_err().to_string();
            assert!(said.starts_with(&format!("{typo}: unknown key `")), "{said}");
            assert!(said.contains("did you mean"), "{said}");
            // And a key that can be and is not said stays unsaid: no table appears.
            let absent = table.keys.iter().filter(|key| !before.to_toml().contains(key.name));
            for key in absent {
                source.set(&format!("{}.{}=", table.name, key.name)).unwrap();
                tried += 1;
            }
            assert_eq!(source.finish().unwrap(), before, "{preset_name}, {}", table.name);
        }
    }
    assert!(tried > 1000, "{tried}");
    // What a text has may be removed, even where it is a mistake.
    let text = "[frames]\nlength = \"25ms\"\nshift = \"10ms\"\nlenght = 3\n[[feature]]\nkind = \"mel\"\n\
                num_mel_bins = 23\n";
    let mut source = text.parse::<RecipeSource>().unwrap();
    source.set("frames.lenght=").unwrap();
    source.finish().unwrap();
}

#[test]
fn a_feature_without_a_column_is_refused() {
    let text = "[frames]\nlength = \"1samples\"\nshift = \"1samples\"\n[[feature]]\nkind = \
                \"spectrogram\"\nskip_dc = true\n";
    let refused = text.parse::<RecipeSource>().unwrap().finish().unwrap_err().to_string();
    assert!(refused.contains("in [[feature]]: it has no column"), "{refused}");
    text.replace("skip_dc = true", "").parse::<RecipeSource>().unwrap().finish().unwrap();
}

#[test]
fn blocks_that_would_be_searched_for_ever_are_refused() {
    let set = |changes: &[&str]| {
        let mut source = preset("timit-spikegram");
        changes.iter().for_each(|change| source.set(change).unwrap());
        source.finish()
    };
    for block in ["1", "255"] {
        let refused = set(&[&format!("feature.block={block}")]).unwrap_err().to_string();
        let words = format!("block is {block}; it must be at least 256: each block is searched");
        assert!(refused.contains(&words), "{refused}");
    }
    set(&["feature.block=256"]).unwrap();
    // Nothing is searched for in files.
    set(&["feature.spikes_from=files", "feature.block=1"]).unwrap();
}

/// Words of the library that reads values, which mean nothing to people.
const INTERNAL: [&str; 11] = [
    "unit variant",
    "newtype",
    "untagged",
    "did not match",
    "invalid type",
    "invalid value",
    "expected",
    "variant",
    "map with",
    "deserialize",
    "serde",
];

#[test]
fn whatever_a_key_is_given_is_answered_in_words_for_people() {
    const VALUES: [&str; 18] = [
        "1",
        "-1",
        "0.5",
        "1e300",
        "nan",
        "true",
        "word",
        "\"\"",
        "'two words'",
        "[]",
        "[1]",
        "[\"first\"]",
        "{}",
        "{ first = 1 }",
        "{ first = {} }",
        "1979-05-27",
        "07:32:00",
        "{ kind = \"mfcc\" }",
    ];
    let mut refused = 0;
    let mut judge = |finished: Result<Recipe, ossicle_recipe::RecipeError>, what: &str| {
        let Err(error) = finished else { return };
        let said = error.to_string();
        // What was given is repeated, whatever it is.
        let own = said.replace(what, "");
        let internal = INTERNAL.iter().find(|words| own.contains(*words));
        assert!(internal.is_none(), "{what}: {said}");
        refused += 1;
    };
    for table in reference() {
        for preset_name in Recipe::preset_names().filter(|name| {
            let recipe = Recipe::preset(name).unwrap();
            table.kind.is_none_or(|kind| recipe.contains(&format!("kind = {kind:?}")))
        }) {
            let keys = table.keys.iter().map(|key| key.name).chain(table.kind.map(|_| "kind"));
            for (key, value) in keys.flat_map(|key| VALUES.map(|value| (key, value))) {
                let assignment = format!("{}.{key}={value}", table.name);
                let mut source = preset(preset_name);
                judge(source.set(&assignment).and_then(|()| source.finish()), &assignment);
            }
        }
        // A whole table that is something else; a word without quotes is no TOML.
        for value in VALUES.into_iter().filter(|value| *value != "word") {
            for text in
                [format!("{} = {value}\n", table.name), format!("{}.kind = {value}\n", table.name)]
            {
                judge(text.parse::<RecipeSource>().and_then(RecipeSource::finish), &text);
            }
        }
    }
    assert!(refused > 5000, "{refused}");
}
