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

/// Returns the frequency in Hz that each column is of, in the order of [`base_columns`]; none for those that are of none.
pub(crate) fn base_freqs_hz(features: &[Feature], recordings: &Recordings) -> Vec<Option<f64>> {
    let of = |feature: &Feature| match feature.config(recordings) {
        Some(config) => freqs_of_spectrum(&config),
        None => {
            let names = feature.own_column_names(recordings).unwrap_or_default();
            let channels = feature.spikegram().map(|of| of.config(recordings).gammatones);
            let centres = channels.map(|gammatones| gammatones.centre_freqs_hz());
            let mut freqs: Vec<_> = centres.into_iter().flatten().map(Some).collect();
            freqs.resize(names.len(), None);
            freqs
        }
    };
    features.iter().flat_map(of).collect()
}

fn freqs_of_spectrum(config: &FeatureConfig) -> Vec<Option<f64>> {
    let bin_hz = f64::from(config.sample_rate_hz) / config.n_fft as f64;
    let mut freqs: Vec<Option<f64>> = match (&config.cepstra, &config.columns) {
        (Some(_), _) => Vec::new(),
        (None, Columns::Mel(mel)) => {
            mel.centres_hz(config.sample_rate_hz).into_iter().map(Some).collect()
        }
        (None, Columns::Groups { num_columns, bins_per_column }) => {
            let middle = |group: usize| (group as f64 + 0.5) * *bins_per_column as f64 - 0.5;
            (0..*num_columns).map(|group| Some(middle(group) * bin_hz)).collect()
        }
        (None, Columns::Bins { skip_dc }) => {
            let bins = usize::from(*skip_dc)..config.n_fft / 2 + 1;
            bins.map(|bin| Some(bin as f64 * bin_hz)).collect()
        }
        (None, _) => Vec::new(),
    };
    if freqs.is_empty() {
        return vec![None; of_spectrum(config).len()];
    }
    match config.energy.map(|energy| energy.place) {
        None => {}
        Some(EnergyPlace::First) => freqs.insert(0, None),
        Some(_) => freqs.push(None),
    }
    freqs
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

#[cfg(test)]
mod tests {
    use crate::{Recipe, RecipeSource};

    /// The names of a preset's columns before deltas, and the frequencies that they are of.
    fn columns(preset: &str, changes: &[&str]) -> (Vec<String>, Vec<Option<f64>>) {
        let mut source: RecipeSource = Recipe::preset(preset).unwrap().parse().unwrap();
        changes.iter().for_each(|change| source.set(change).unwrap());
        let recipe = source.finish().unwrap();
        let names = recipe.base_columns(16_000).into_iter().map(|(_, name)| name).collect();
        (names, recipe.base_freqs_hz(16_000))
    }

    #[test]
    fn each_column_has_its_frequency_or_none() {
        let presets =
            ["kaldi-fbank", "kaldi-mfcc", "kaldi-spectrogram", "timit-spikegram", "whisper-80"];
        for preset in presets {
            let (names, freqs) = columns(preset, &[]);
            assert_eq!(names.len(), freqs.len(), "{preset}");
            assert!(freqs.iter().flatten().is_sorted(), "{preset}: {freqs:?}");
        }
        assert!(columns("kaldi-mfcc", &[]).1.iter().all(Option::is_none));
        assert_eq!(columns("timit-spikegram", &[]).1.iter().flatten().count(), 32);
    }

    #[test]
    fn bins_are_apart_by_the_rate_over_the_size() {
        let (names, freqs) = columns("kaldi-spectrogram", &[]);
        for (name, freq) in names.iter().zip(freqs) {
            let bin: Option<f64> = name.strip_prefix("bin").map(|bin| bin.parse().unwrap());
            // 25 ms at 16 kHz are padded to 512 samples.
            assert_eq!(freq, bin.map(|bin| bin * 16_000.0 / 512.0), "{name}");
        }
    }

    #[test]
    fn mel_filters_are_even_in_mel() {
        let mel = |hz: f64| 1127.0 * libm::log(1.0 + hz / 700.0);
        let freqs: Vec<f64> = columns("kaldi-fbank", &[]).1.into_iter().flatten().collect();
        let step = (mel(8000.0) - mel(20.0)) / (freqs.len() + 1) as f64;
        for (n, &freq) in freqs.iter().enumerate() {
            assert!((mel(freq) - mel(20.0) - (n + 1) as f64 * step).abs() < 1e-6, "{freq}");
        }
    }
}
