//! The names of the columns before deltas.

use ossicle_dsp::{C0, Columns, EnergyPlace, FeatureConfig};

use crate::feature::{Feature, Recordings};

/// Returns the array and the name of each column. A name that the array has already gets a number.
pub(crate) fn base_columns(features: &[Feature], recordings: &Recordings) -> Vec<(String, String)> {
    let mut columns = Vec::new();
    for feature in features {
        let names = match feature.config(recordings) {
            Some(config) => of_spectrum(&config),
            None => feature.own_column_names(recordings).unwrap_or_default(),
        };
        let array = feature.name();
        let taken = |prefix: &str| {
            let taken = |name: &String| columns.contains(&column(array, prefix, name));
            names.iter().any(taken)
        };
        let mut prefix = String::new();
        for number in 2.. {
            if !taken(&prefix) {
                break;
            }
            prefix = format!("f{number}-");
        }
        columns.extend(names.iter().map(|name| column(array, &prefix, name)));
    }
    columns
}

fn column(array: &str, prefix: &str, name: &str) -> (String, String) {
    (array.to_owned(), format!("{prefix}{name}"))
}

/// Names the columns of a function of a spectrum.
fn of_spectrum(config: &FeatureConfig) -> Vec<String> {
    let numbered = |prefix: &str, numbers: std::ops::Range<usize>| -> Vec<String> {
        numbers.map(|i| format!("{prefix}{i}")).collect()
    };
    let mut names = match (&config.cepstra, &config.columns) {
        (Some(cepstra), _) => {
            let mut names = numbered("c", 0..cepstra.num_ceps);
            match cepstra.c0 {
                C0::Last => names.rotate_left(1),
                C0::Dropped => drop(names.remove(0)),
                _ => {}
            }
            names
        }
        (None, Columns::Mel(mel)) => numbered("mel", 0..mel.num_mel_bins),
        (None, Columns::Groups { num_columns, .. }) => numbered("band", 0..*num_columns),
        (None, Columns::Bins { skip_dc }) => {
            numbered("bin", usize::from(*skip_dc)..config.n_fft / 2 + 1)
        }
        (None, _) => Vec::new(),
    };
    match config.energy.map(|energy| energy.place) {
        None => {}
        Some(EnergyPlace::First) => names.insert(0, "energy".to_owned()),
        Some(_) => names.push("energy".to_owned()),
    }
    names
}
