//! `docs/recipe.md` is made of what the code says of its keys, and that is true.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use ossicle_recipe::{Absence, Key, Recipe, RecipeSource, TableKeys, reference};

/// Set to anything, the page is written anew.
const UPDATE: &str = "OSSICLE_UPDATE_DOCS";

/// What stands before the tables.
const HEAD: &str = "\
# Recipes

A recipe says what to compute, and everything else that can change a byte of the dataset. It is written in
TOML. `ossicle presets` lists those that have a name, `ossicle presets NAME` prints one, with the defaults of
what it does not say, and `--recipe FILE` reads such a text; `--recipe DATASET` uses that of a dataset
again. `ossicle presets --keys` prints this page's tables, `--keys mfcc` those of a kind.

`--set TABLE.KEY=VALUE` changes a key, `--set TABLE.KEY=` removes one and `--set TABLE=` a table; a table
that is not there appears with its defaults when a key of it is set. Of several features or labels one is
chosen by its name, `--set NAME.KEY=VALUE`.

A key that is unknown, or that means nothing beside the others, is a mistake: it is told with its line and
column. But one that came from the preset, and means nothing only beside what `--set` says, is left out, and
a notice says so.

## From a model's own file

`--recipe` also takes the file that a model came with, and `ossicle presets FILE` prints the recipe that it is translated
to. It is recognised by its content:

- `preprocessor_config.json` (or `processor_config.json`) of transformers: the feature extractors of Whisper, Qwen3-ASR
  and Voxtral, Parakeet, SeamlessM4T and Wav2Vec2-BERT, Speech2Text, the Audio Spectrogram Transformer, CLAP, SpeechT5,
  UnivNet, wav2vec 2.0, Gemma 3n and 4, Phi-4-multimodal, Fun-ASR-Nano
- the YAML of a NeMo model, with its `preprocessor`; of an ESPnet2 model, with `frontend_conf` and `normalize` (the
  `feats_stats.npz` of `global_mvn` is looked for as it is named, and beside it); of a FunASR model, with `frontend_conf`
  and the `am.mvn` beside it; `am.mvn` alone
- Kaldi's `conf/fbank.conf`, `mfcc.conf`, `plp.conf`, `spectrogram.conf`; lhotse's `feature_config`; HTK's configuration

A key that is not known, or a value that no recipe has, is a mistake that names it. Dither of training is left out, and
recordings are not cut or completed to a model's window; the recipe's comments say so. Where a recipe's columns are those
of a preset, the card's `preset` and `ossicle info` name it.

This page is made of the code:
`OSSICLE_UPDATE_DOCS=1 cargo test -p ossicle-recipe --test recipe reference`. The last column says which
presets set a key: `all` are all that have the table or the kind.
";

/// A row of the page: a key, the kinds that have it alike, and the presets that set it.
struct Row {
    key: Key,
    kinds: Vec<&'static str>,
    presets: String,
}

fn page_path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../docs/recipe.md"].iter().collect()
}

#[test]
fn the_page_is_what_the_code_says() {
    let page = page();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(page_path(), &page).unwrap();
    }
    let found = fs::read_to_string(page_path()).unwrap_or_default();
    let differs = found.lines().zip(page.lines()).find(|(found, page)| found != page);
    assert!(
        found == page,
        "docs/recipe.md is not what the code says: {differs:?}; write it with\n    {UPDATE}=1 cargo test \
         -p ossicle-recipe --test recipe reference"
    );
}

#[test]
fn every_default_said_is_what_an_absent_key_means() {
    let mut said = BTreeSet::new();
    for name in Recipe::preset_names() {
        let source: RecipeSource = Recipe::preset(name).unwrap().parse().unwrap();
        let plain = source.clone().finish().unwrap();
        for default in source.defaults() {
            let mut source = source.clone();
            let set = format!("{}.{}={}", default.table, default.key, default.value);
            source.set(&set).unwrap();
            let recipe = source.finish().unwrap();
            assert_eq!(recipe, plain, "{name}: {set}");
            for rate in [8000, 16_000] {
                assert_eq!(recipe.feature_configs(rate), plain.feature_configs(rate), "{set}");
                let spikegram = |recipe: &Recipe| {
                    let feature = recipe.features()[0].spikegram()?;
                    Some(feature.config(&recipe.streams()[0].recordings(rate)))
                };
                assert_eq!(spikegram(&recipe), spikegram(&plain), "{set}");
                assert_eq!(recipe.frames(rate), plain.frames(rate), "{set}");
            }
            let has_log = name != "librosa-pcen80";
            assert!(!(has_log && default.key == "pcen_gain"), "{name} has no log = \"pcen\"");
            said.insert(format!("{}.{}", default.table, default.key));
        }
    }
    for key in
        ["audio.resample", "feature.spectrum", "feature.log_factor", "feature.gammatone_order"]
    {
        assert!(said.contains(key), "{key} was not tried: {said:?}");
    }
}

#[test]
fn every_key_says_what_it_is_for() {
    for table in reference() {
        for key in &table.keys {
            assert!(key.meaning.ends_with('.'), "{}: {:?}", key.name, key.meaning);
            assert!(!key.values.is_empty(), "{}", key.name);
        }
        let names: BTreeSet<_> = table.keys.iter().map(|key| key.name).collect();
        assert_eq!(names.len(), table.keys.len(), "{}: two keys of one name", table.name);
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let tables = reference();
    for table in tables.iter().filter(|table| table.kind.is_none()) {
        if table.name == "deltas" {
            page.push_str(&features(&tables));
        }
        let (about, rows) = (&table.about, rows(&[table]));
        page.push_str(&format!("\n## {}\n\n{}\n\n", heading(table), sentence(about)));
        page.push_str(&markdown(&rows, false));
    }
    page
}

/// The keys of all kinds of features, those that are alike in one row.
fn features(tables: &[TableKeys]) -> String {
    let kinds: Vec<&TableKeys> = tables.iter().filter(|table| table.kind.is_some()).collect();
    let mut text = "\n## [[feature]]\n\nWhat is computed of each frame. `kind` says what the columns are, and \
                    which other keys there may be:\n\n"
        .to_owned();
    for table in &kinds {
        text.push_str(&format!("- {}\n", table.about));
    }
    text.push_str("\nKeys are Kaldi's words where Kaldi has one.\n\n");
    text + &markdown(&rows(&kinds), true)
}

/// The rows of tables; what they have in common stands where the first has it.
fn rows(tables: &[&TableKeys]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for table in tables {
        let kind = table.kind.unwrap_or_default();
        for (i, key) in table.keys.iter().enumerate() {
            let place = |key: &Key| rows.iter().position(|row| row.key == *key);
            if let Some(at) = place(key) {
                rows[at].kinds.push(kind);
            } else {
                // Before what comes next of those that are there.
                let next = table.keys[i..].iter().find_map(place).unwrap_or(rows.len());
                let (key, kinds) = (key.clone(), vec![kind]);
                rows.insert(next, Row { key, kinds, presets: String::new() });
            }
        }
    }
    for row in &mut rows {
        row.presets = presets(tables[0].name, &row.kinds, row.key.name);
    }
    rows
}

/// The presets that set a key.
fn presets(table: &str, kinds: &[&str], key: &str) -> String {
    let (mut setting, mut others) = (Vec::new(), 0);
    for name in Recipe::preset_names() {
        let text: toml::Table = Recipe::preset(name).unwrap().parse().unwrap();
        let found = match text.get(table) {
            Some(toml::Value::Array(tables)) => tables[0].as_table(),
            Some(found) => found.as_table(),
            None => None,
        };
        let kind = |table: &toml::Table| {
            table.get("kind").and_then(|kind| kind.as_str()).map(str::to_owned)
        };
        let Some(found) = found else { continue };
        if kind(found).is_some_and(|kind| !kinds.contains(&&*kind)) {
            continue;
        }
        if found.contains_key(key) { setting.push(name) } else { others += 1 }
    }
    if others == 0 && !setting.is_empty() { "all".to_owned() } else { setting.join(", ") }
}

fn markdown(rows: &[Row], with_kinds: bool) -> String {
    let mut text = match with_kinds {
        true => "| key | kinds | value | absent | meaning | presets |\n|---|---|---|---|---|---|\n",
        false => "| key | value | absent | meaning | presets |\n|---|---|---|---|---|\n",
    }
    .to_owned();
    for Row { key, kinds, presets } in rows {
        let absent = match &key.default {
            Absence::Refused => "a mistake".to_owned(),
            Absence::Is(value) => format!("`{value}`"),
            Absence::Says(words) => (*words).to_owned(),
        };
        let kinds = match (with_kinds, kinds.len()) {
            (false, _) => String::new(),
            (true, 6) => " | all".to_owned(),
            (true, _) => format!(" | {}", kinds.join(", ")),
        };
        let (name, values, meaning) = (key.name, in_code(&key.values), &key.meaning);
        let row = format!("| `{name}`{kinds} | {values} | {absent} | {meaning} | {presets} |\n");
        text.push_str(&row);
    }
    text
}

fn heading(table: &TableKeys) -> String {
    let name = table.name;
    if table.is_list { format!("[[{name}]]") } else { format!("[{name}]") }
}

/// What follows the table's name in its description.
fn sentence(about: &str) -> String {
    let text = about.split_once(": ").map_or(about, |(_, text)| text);
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Words in quotation marks as code.
fn in_code(text: &str) -> String {
    let parts = text.split('"').enumerate();
    parts
        .map(|(i, part)| if i % 2 == 1 { format!("`\"{part}\"`") } else { part.to_owned() })
        .collect()
}
