//! A spikegram as the literature draws it.

use ossicle_dsp::spikes::{Dictionary, Spike};

use super::{Axis, Beside, Canvas, frame, ticks_below, ticks_left};

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

const LEFT: f64 = 72.0;
const RIGHT: f64 = 24.0;
/// The upper and lower edges of the three parts.
const DOTS: (f64, f64) = (52.0, 560.0);
const WAVEFORM: (f64, f64) = (594.0, 704.0);
const RESIDUAL: (f64, f64) = (734.0, 844.0);
const HEIGHT: usize = 896;

/// The pixels that a second takes, and the least and the largest width of a page.
const PIXELS_A_SECOND: f64 = 400.0;
const WIDTHS: (f64, f64) = (960.0, 12_000.0);

/// The radius of the loudest spike, in pixels.
const LARGEST_DOT: f64 = 7.0;

/// Time across, centre frequency up: a dot a spike, where its kernel is loudest. Its area is in proportion
/// to the amplitude. Below, the recording, and what the spikes leave of it on the same scale.
pub(crate) fn spikegram_picture(shown: &Shown<'_>) -> Canvas {
    let rate = f64::from(shown.dictionary.sample_rate_hz());
    let seconds = (shown.samples.len() as f64 / rate).max(1e-3);
    let width = (seconds * PIXELS_A_SECOND + LEFT + RIGHT).clamp(WIDTHS.0, WIDTHS.1).round();
    let mut canvas = Canvas::new(width as usize, HEIGHT);
    let x = Axis { values: (0.0, seconds), places: (LEFT, width - RIGHT) };
    canvas.text(shown.title, LEFT, 16.0, Beside::Right);

    let num_channels = shown.dictionary.num_channels();
    let y = Axis { values: (-0.75, num_channels as f64 - 0.25), places: (DOTS.1, DOTS.0) };
    frame(&mut canvas, &x, &y);
    canvas.text("centre frequency, Hz", LEFT, DOTS.0 - 12.0, Beside::Right);
    ticks_left(&mut canvas, &y, LEFT, &frequencies(shown.dictionary.centre_freqs_hz()));
    let largest = shown.spikes.iter().map(|spike| spike.amplitude.abs()).fold(0.0, f32::max);
    for spike in shown.spikes {
        let channel = spike.channel as usize;
        let sample = spike.sample as f64 + shown.dictionary.peak(channel) as f64;
        let radius = LARGEST_DOT * f64::from(spike.amplitude.abs() / largest).sqrt();
        canvas.dot(x.place(sample / rate), y.place(channel as f64), radius, 0.85);
    }

    let loudest = shown.samples.iter().map(|sample| sample.abs()).fold(0.0, f32::max);
    let loudest = if loudest > 0.0 { f64::from(loudest) } else { 1.0 };
    let parts = [
        ("waveform", WAVEFORM, shown.samples),
        ("residual, on the same scale", RESIDUAL, shown.residual),
    ];
    for (name, (top, bottom), samples) in parts {
        let y = Axis { values: (-1.05 * loudest, 1.05 * loudest), places: (bottom, top) };
        frame(&mut canvas, &x, &y);
        canvas.text(name, LEFT, top - 11.0, Beside::Right);
        ticks_left(&mut canvas, &y, LEFT, &y.ticks(4));
        waveform(&mut canvas, &x, &y, samples, rate);
    }
    let ticks = x.ticks(((width - LEFT - RIGHT) / 90.0) as usize);
    ticks_below(&mut canvas, &x, RESIDUAL.1, &ticks);
    canvas.text("time, s", (LEFT + width - RIGHT) / 2.0, RESIDUAL.1 + 28.0, Beside::Below);
    canvas
}

/// A line from the least to the largest sample of each column of pixels.
fn waveform(canvas: &mut Canvas, x: &Axis, y: &Axis, samples: &[f32], rate: f64) {
    let (left, right) = x.places;
    let columns = (right - left).max(1.0) as usize;
    let sample_at = |column: usize| {
        let seconds = x.values.1 * column as f64 / columns as f64;
        ((seconds * rate) as usize).min(samples.len())
    };
    for column in 0..columns {
        // One sample of the next column too, so that lines meet.
        let (begin, end) = (sample_at(column), (sample_at(column + 1) + 1).min(samples.len()));
        let Some(own) = samples.get(begin..end).filter(|own| !own.is_empty()) else { continue };
        let low = own.iter().copied().fold(f32::INFINITY, f32::min);
        let high = own.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let place = left + column as f64 + 0.5;
        let (from, to) = ((place, y.place(low.into())), (place, y.place(high.into())));
        canvas.line(from, to, 1.0, 0.75);
    }
}

/// Round frequencies, as places between channels.
fn frequencies(centre_freqs_hz: &[f64]) -> Vec<(f64, String)> {
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
        let spikes = [Spike { channel: 10, sample: 16_000, amplitude: -0.5 }];
        let shown = Shown {
            title: "one",
            dictionary: &dictionary,
            spikes: &spikes,
            samples: &samples,
            residual: &samples,
        };
        let canvas = spikegram_picture(&shown);
        // The page is as narrow as pages are: two seconds take 864 pixels from LEFT on.
        let sample = 16_000.0 + dictionary.peak(10) as f64;
        let x = LEFT + 864.0 * sample / 32_000.0;
        let y = DOTS.1 - (DOTS.1 - DOTS.0) * 10.75 / 32.5;
        let dark = |x: f64, y: f64| canvas.light(x as usize, y as usize) < 0.5;
        assert!(dark(x, y) && dark(x - LARGEST_DOT + 1.0, y) && dark(x, y + LARGEST_DOT - 1.0));
        assert!(!dark(x + LARGEST_DOT + 2.0, y) && !dark(x, y - LARGEST_DOT - 2.0));
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
