//! Whether an alignment is of its recording, as far as its end tells.

/// The sample rates that alignments are made at.
const RATES_HZ: [u32; 10] =
    [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

/// The units that are taken for others, with what their times are to be multiplied by.
const UNITS: [(f64, &str); 3] =
    [(1e-3, "in milliseconds"), (1e-6, "in microseconds"), (1e-7, "in units of 100 ns")];

/// What an alignment has to fit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    /// The recording's sample rate.
    pub(crate) rate_hz: u32,
    /// The number of the recording's samples; where that is not known, the most that there can be.
    pub(crate) num_samples: u64,
    /// True if `num_samples` is what it has.
    pub(crate) is_exact: bool,
    /// Times are rounded: an alignment may end so many samples behind its recording.
    pub(crate) frame_length: u64,
    /// What an utterance is called that labels lie within.
    pub(crate) called: &'static str,
}

impl Fit {
    /// Refuses an alignment that ends more than a frame behind its recording, or as one of another sample
    /// rate does.
    ///
    /// - `end`: its end, in samples
    /// - `is_whole`: it is of the whole recording, and nobody said what its times are multiplied by
    /// - `labels`: what its labels are called
    pub(crate) fn check(&self, end: u64, is_whole: bool, labels: &str) -> Result<(), String> {
        let Fit { num_samples, frame_length, .. } = *self;
        if end > num_samples.saturating_add(frame_length) {
            let meant = self.other_rate(end).or_else(|| self.other_unit(end));
            let meant = meant.map_or(String::new(), |meant| format!("; {meant}"));
            return Err(format!(
                "its {labels} end at sample {end}, more than a frame past the recording's \
                 {num_samples}{meant}"
            ));
        }
        if is_whole && self.is_exact && end < num_samples / 16 * 15 {
            // A rate that is far from the recording's, and whose end is just the recording's.
            if let Some(meant) = self.other_rate(end) {
                return Err(format!(
                    "its {labels} end at sample {end} of the recording's {num_samples}; {meant}, and \
                     labels.time_scale = 1 that they end there"
                ));
            }
        }
        Ok(())
    }

    /// Says which other sample rate makes the alignment end where the recording does.
    fn other_rate(&self, end: u64) -> Option<String> {
        let tolerance = self.frame_length.min(self.num_samples / 100).max(1) as f64;
        let scale = |&rate_hz: &u32| f64::from(self.rate_hz) / f64::from(rate_hz);
        let distance =
            |rate_hz: &u32| (end as f64 * scale(rate_hz) - self.num_samples as f64).abs();
        let others = RATES_HZ.iter().filter(|rate_hz| **rate_hz != self.rate_hz);
        let nearest = others.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        (distance(nearest) <= tolerance).then(|| {
            let factor = scale(nearest);
            format!("labels.time_scale = {factor} says that they are of {nearest} Hz")
        })
    }

    /// Says which other unit makes the alignment end in the recording.
    fn other_unit(&self, end: u64) -> Option<String> {
        let (end, most) = (end as f64, (self.num_samples + self.frame_length) as f64);
        let fits = |factor: f64| end * factor <= most && end * factor >= 0.5 * most;
        let &(factor, unit) = UNITS.iter().find(|(factor, _)| fits(*factor))?;
        Some(format!("labels.time_scale = {factor} says that they are {unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(rate_hz: u32, num_samples: u64) -> Fit {
        Fit { rate_hz, num_samples, is_exact: true, frame_length: 400, called: "the recording" }
    }

    fn message(fit: Fit, end: u64) -> Option<String> {
        fit.check(end, true, "labels").err()
    }

    #[test]
    fn alignments_of_other_rates_are_told_by_their_end() {
        for (num_samples, end, rate_hz, factor) in [
            (63_488, 31_744, 8000, "2"),
            (63_488, 31_700, 8000, "2"),
            (63_488, 126_976, 32_000, "0.5"),
            (63_488, 174_989, 44_100, "0.36281179138321995"),
            (63_488, 190_464, 48_000, "0.3333333333333333"),
        ] {
            let found = message(fit(16_000, num_samples), end).unwrap();
            assert!(found.contains(&format!("of {rate_hz} Hz")), "{found}");
            assert!(found.contains(&format!("labels.time_scale = {factor} ")), "{found}");
        }
    }

    #[test]
    fn other_units_are_told_by_how_far_the_labels_reach() {
        let found = message(fit(16_000, 6400), 5_920_000).unwrap();
        assert!(found.ends_with("labels.time_scale = 0.001 says that they are in milliseconds"));
        let found = message(fit(16_000, 6400), 59_200_000_000).unwrap();
        assert!(
            found.ends_with("labels.time_scale = 0.0000001 says that they are in units of 100 ns")
        );
    }

    #[test]
    fn what_fits_or_was_meant_is_let_pass() {
        let whole = fit(16_000, 63_488);
        for end in [63_488, 63_888, 62_000, 60_000, 40_000, 20_000, 3] {
            assert_eq!(message(whole, end), None, "{end}");
        }
        assert_eq!(whole.check(31_744, false, "labels"), Ok(()));
        assert_eq!(Fit { is_exact: false, ..whole }.check(31_744, true, "labels"), Ok(()));
        let past = whole.check(63_889, false, "phones").unwrap_err();
        assert_eq!(
            past,
            "its phones end at sample 63889, more than a frame past the recording's 63488"
        );
    }
}
