//! A spikegram as the literature draws it.

use ossicle_draw::{Axis, Dot, Dots, Envelope, Figure, Mark, Panel, Ticks};
use ossicle_dsp::spikes::{Dictionary, Spike};

/// The contents of the page.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    /// One line above.
    pub(crate) title: &'a str,
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) spikes: &'a [Spike],
    /// The recording, and what the spikes leave of it.
    pub(crate) samples: &'a [f32],
    pub(crate) residual: &'a [f32],
}

/// The pixels that a second takes, and the least and the largest width of a page.
const PIXELS_A_SECOND: f64 = 200.0;
const WIDTHS: (f64, f64) = (960.0, 6_000.0);

/// The radius of the loudest spike, in pixels.
const LARGEST_DOT: f64 = 6.0;

/// Time across, centre frequency up: a dot a spike, where its kernel is loudest. Its area is in proportion
/// to the amplitude. Below, the recording, and what the spikes leave of it on the same scale.
pub(crate) fn spikegram_picture(shown: &Shown<'_>) -> Figure {
    let rate = f64::from(shown.dictionary.sample_rate_hz());
    let seconds = (shown.samples.len() as f64 / rate).max(1e-3);
    let x = |label| Axis::new(label, 0.0, seconds);
    let silent = || x("").ticks(Ticks::Silent);
    let mut figure = Figure::new(shown.title)
        .width((seconds * PIXELS_A_SECOND).clamp(WIDTHS.0, WIDTHS.1).round())
        .with(
            Panel::new(silent(), channels(shown.dictionary.centre_freqs_hz()))
                .height(420.0)
                .with(Mark::Dots(dots(shown, rate))),
        );

    let loudest = shown.samples.iter().map(|sample| sample.abs()).fold(0.0, f32::max);
    let loudest = if loudest > 0.0 { f64::from(loudest) } else { 1.0 };
    let parts = [
        ("waveform", silent(), shown.samples),
        ("residual, on the same scale", x("time, s"), shown.residual),
    ];
    for (name, x, samples) in parts {
        let y = Axis::new("", -1.05 * loudest, 1.05 * loudest);
        let waveform = Mark::Waveform(Envelope::of(samples, (0.0, seconds)));
        figure = figure.with(Panel::new(x, y).title(name).height(100.0).with(waveform));
    }
    figure
}

/// The axis of a dictionary's channels, each one apart from the next.
fn channels(centre_freqs_hz: &[f64]) -> Axis {
    let top = centre_freqs_hz.len() as f64 - 0.25;
    Axis::new("centre frequency, Hz", -0.75, top).ticks(Ticks::At(frequencies(centre_freqs_hz)))
}

fn dots(shown: &Shown<'_>, rate: f64) -> Dots {
    let largest = shown.spikes.iter().map(|spike| spike.amplitude.abs()).fold(0.0, f32::max);
    let dot = |spike: &Spike| {
        let channel = spike.channel as usize;
        let sample = spike.sample as f64 + shown.dictionary.peak(channel) as f64;
        let radius = LARGEST_DOT * f64::from(spike.amplitude.abs() / largest).sqrt();
        Dot { x: sample / rate, y: channel as f64, radius }
    };
    Dots { dots: shown.spikes.iter().map(dot).collect(), series: Some(0) }
}

/// Round frequencies, as places between channels.
pub(crate) fn frequencies(centre_freqs_hz: &[f64]) -> Vec<(f64, String)> {
    const ROUND: [f64; 12] = [
        20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 24_000.0,
        48_000.0,
    ];
    let place = |hz: f64| {
        let above = centre_freqs_hz.iter().position(|&centre| centre >= hz - 1e-6)?;
        let Some(below) = above.checked_sub(1) else {
            return (centre_freqs_hz[0] <= hz + 1e-6).then_some(0.0);
        };
        let (low, high) = (centre_freqs_hz[below], centre_freqs_hz[above]);
        Some(below as f64 + (hz - low) / (high - low))
    };
    ROUND.iter().filter_map(|&hz| Some((place(hz)?, format!("{hz:.0}")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_dsp::spikes::GammatoneConfig;

    #[test]
    fn a_spike_is_a_dot_where_its_kernel_is_loudest() {
        let dictionary = Dictionary::new(&GammatoneConfig::new(16_000)).unwrap();
        let samples = vec![0.0; 32_000];
        let spike = |amplitude| Spike { channel: 10, sample: 16_000, amplitude };
        let shown = Shown {
            title: "two",
            dictionary: &dictionary,
            spikes: &[spike(-0.5), spike(0.125)],
            samples: &samples,
            residual: &samples,
        };
        let Dots { dots, .. } = dots(&shown, 16_000.0);
        let x = 1.0 + dictionary.peak(10) as f64 / 16_000.0;
        let dot = |radius| Dot { x, y: 10.0, radius };
        assert_eq!(dots, [dot(LARGEST_DOT), dot(LARGEST_DOT / 2.0)]);
    }

    #[test]
    fn round_frequencies_lie_between_the_channels_that_they_are_between() {
        let dictionary = Dictionary::new(&GammatoneConfig::new(16_000)).unwrap();
        let centres = dictionary.centre_freqs_hz();
        let ticks = frequencies(centres);
        let texts: Vec<_> = ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["20", "50", "100", "200", "500", "1000", "2000", "4000"]);
        for (place, text) in ticks {
            let hz: f64 = text.parse().unwrap();
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            assert!(centres[below] <= hz + 1e-6 && hz <= centres[above] + 1e-6, "{text}");
        }
    }
}
