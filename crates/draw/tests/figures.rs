//! Figures of every mark as text of SVG, which snapshots hold.
//!
//! `cargo test -p ossicle-draw --test figures -- --ignored` writes them as PNG, to be looked at, into the folder
//! `tmp/figures` of the build.

use ossicle_draw::{
    Axis, Band, Bars, ColorMap, Dot, Dots, Envelope, Figure, Grid, HeatMap, Interval, Line, Mark,
    Panel, Rule, Strip, Theme, Ticks,
};

/// A wave that grows and fades, of whole numbers, so that no platform's sine is in the snapshot.
fn samples(count: usize) -> Vec<f32> {
    let triangle = |n: usize, period: usize| {
        let at = (n % period) as f32 / period as f32;
        4.0 * (at - 0.5).abs() - 1.0
    };
    (0..count)
        .map(|n| {
            let loud = 1.0 - (2.0 * n as f32 / count as f32 - 1.0).abs();
            loud * (0.7 * triangle(n, 37) + 0.3 * triangle(n, 11))
        })
        .collect()
}

/// An utterance: a waveform, labels, and a heat map with a cell that has no number.
fn utterance() -> Figure {
    let silent = || Axis::new("", 0.0, 1.2).ticks(Ticks::Silent);
    let labels = [
        ("sil", 0.0, 0.31),
        ("ʃ", 0.31, 0.5),
        ("a <b> & \"c\"", 0.5, 0.95),
        ("q", 0.95, 0.96),
        ("sil", 0.96, 1.2),
    ];
    let interval =
        |(label, start, end): (&str, f64, f64)| Interval { start, end, label: label.to_owned() };
    let strip = Strip { intervals: labels.map(interval).into() };
    let mut values: Vec<f32> =
        (0..24 * 10).map(|n| ((n / 10) * (n % 10)) as f32 / 20.0 - 4.0).collect();
    values[55] = f32::NAN;
    let map = HeatMap {
        grid: Grid::of(&values, 10),
        across: (0.0, 1.2),
        up: (-0.5, 9.5),
        range: (-4.0, 6.0),
        colors: ColorMap::Viridis,
    };
    let columns = Ticks::At(vec![
        (0.0, "100".to_owned()),
        (4.0, "1000".to_owned()),
        (9.0, "4000".to_owned()),
    ]);
    Figure::new("FCJF0_SX37 <script>")
        .note("train, speaker “FCJF0”, 1.2 s at 16000 Hz")
        .width(600.0)
        .with(
            Panel::new(silent(), Axis::new("", -1.0, 1.0))
                .title("waveform")
                .height(60.0)
                .with(Mark::Waveform(Envelope::of(&samples(300), (0.0, 1.2)))),
        )
        .with(
            Panel::new(
                silent().ticks(Ticks::None),
                Axis::new("phones", 0.0, 1.0).ticks(Ticks::None),
            )
            .height(20.0)
            .with(Mark::Strip(strip)),
        )
        .with(
            Panel::new(Axis::new("time, s", 0.0, 1.2), Axis::new("Hz", -0.5, 9.5).ticks(columns))
                .title("features: 24 frames × 10 columns")
                .height(130.0)
                .with(Mark::HeatMap(map)),
        )
}

/// Lines, a band and rules, with a legend.
fn lines() -> Figure {
    let points =
        |step: f64| (0..9).map(|n| (f64::from(n), step * f64::from(n * n % 7))).collect::<Vec<_>>();
    let mut gap = points(1.5);
    gap[4].1 = f64::NAN;
    let edges = points(1.0).into_iter().map(|(x, y)| (x, y - 1.0, y + 1.0)).collect();
    let panel = Panel::new(Axis::new("column", 0.0, 8.0), Axis::new("mean ± spread", -2.0, 10.0))
        .title("drift")
        .grid()
        .with(Mark::Band(Band { edges, series: 0 }))
        .with(Mark::Line(Line::new("train", points(1.0))))
        .with(Mark::Line(Line { has_dots: true, ..Line::new("test", gap).series(1) }))
        .with(Mark::Rule(Rule::Horizontal(0.0)))
        .with(Mark::Rule(Rule::Vertical(3.0)));
    Figure::new("Columns by split").width(600.0).with(panel)
}

/// Bars and dots.
fn bars() -> Figure {
    let bar = |n: i32| {
        (
            f64::from(n),
            f64::from(n + 1),
            f64::from(10 - n),
            format!("{n} to {} s: {}", n + 1, 10 - n),
        )
    };
    let dot = |n: i32| Dot { x: f64::from(n), y: f64::from(n * n % 11), radius: f64::from(n) };
    Figure::new("Durations")
        .width(600.0)
        .with(
            Panel::new(Axis::new("duration, s", 0.0, 10.0), Axis::new("utterances", 0.0, 11.0))
                .height(120.0)
                .grid()
                .with(Mark::Bars(Bars { bars: (0..10).map(bar).collect(), series: 0 })),
        )
        .with(
            Panel::new(Axis::new("time, s", 0.0, 10.0), Axis::new("channel", 0.0, 11.0))
                .height(120.0)
                .with(Mark::Dots(Dots { dots: (0..10).map(dot).collect(), series: None })),
        )
}

/// Panels in which there is nothing, and numbers that are no range.
fn nothing() -> Figure {
    let map = HeatMap {
        grid: Grid::new(0, 0),
        across: (0.0, 0.0),
        up: (0.0, 0.0),
        range: (3.0, 3.0),
        colors: ColorMap::Difference,
    };
    let far = Line::new("", vec![(-1e300, f64::MAX), (1e300, f64::MIN)]);
    Figure::new("")
        .width(300.0)
        .with(
            Panel::new(Axis::new("", f64::NAN, 0.0), Axis::new("", 2.0, 2.0))
                .height(40.0)
                .with(Mark::HeatMap(map)),
        )
        .with(
            Panel::new(Axis::new("", 0.0, 1.0), Axis::new("", 0.0, 1.0))
                .height(40.0)
                .with(Mark::Waveform(Envelope::of(&[], (0.0, 1.0))))
                .with(Mark::Strip(Strip::default()))
                .with(Mark::Line(far)),
        )
}

fn all() -> [(&'static str, Figure); 4] {
    [("utterance", utterance()), ("lines", lines()), ("bars", bars()), ("nothing", nothing())]
}

#[test]
fn figures_are_drawn_as_they_were() {
    for (name, figure) in all() {
        insta::assert_snapshot!(name, figure.to_svg(Theme::Light));
    }
}

#[test]
fn a_figure_is_the_same_in_other_colours() {
    for (name, figure) in all() {
        let bare = |theme| {
            let svg = figure.to_svg(theme);
            let is_color = |word: &&str| word.starts_with("fill=") || word.starts_with("stroke=\"");
            svg.split(' ').filter(|word| !is_color(word)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(bare(Theme::Light), bare(Theme::Dark), "{name}");
        assert!(!figure.to_svg(Theme::Page).contains("fill=\"#1b1f24\""), "{name}");
    }
}

#[test]
#[cfg(feature = "png")]
fn figures_are_pixels_too_and_the_same_twice() {
    for (name, figure) in all() {
        let png = || ossicle_draw::to_png(&figure.to_svg(Theme::Dark)).unwrap();
        let first = png();
        assert_eq!(&first[..8], b"\x89PNG\r\n\x1a\n", "{name}");
        assert!(first == png(), "{name}");
    }
}

#[test]
#[ignore = "writes pictures to be looked at"]
#[cfg(feature = "png")]
fn to_be_looked_at() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, figure) in all() {
        for (theme, word) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let png = ossicle_draw::to_png(&figure.to_svg(theme)).unwrap();
            std::fs::write(folder.join(format!("{name}-{word}.png")), png).unwrap();
        }
    }
}
