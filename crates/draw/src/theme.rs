//! What colours a figure has around its data.

use std::borrow::Cow;

/// The colours of a figure around its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on nearly black.
    Dark,
    /// Whatever the page says that the figure is in: the CSS variables `--draw-paper`, `--draw-ink`,
    /// `--draw-muted`, `--draw-grid`, `--draw-strip`, and `--draw-series-0` to `-5`. For figures inside HTML, which
    /// no other program draws.
    Page,
}

/// What a colour is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Paper,
    Ink,
    Muted,
    Grid,
    Strip,
    /// One of several things that are told apart.
    Series(usize),
}

/// The colours that Okabe and Ito found to be told apart by the colour-blind (Color Universal Design, 2008), in the
/// order of their contrast with white.
const ON_WHITE: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#b5588b", "#b37400", "#56b4e9"];
/// Theirs in the order of contrast with black.
const ON_BLACK: [&str; 6] = ["#56b4e9", "#e69f00", "#2bbf95", "#cc79a7", "#f0e442", "#d55e00"];

impl Theme {
    /// Returns the CSS of a page that figures of [`Theme::Page`] are in: the variables in the colours of this theme.
    pub fn variables(self) -> String {
        let roles = [
            ("paper", Role::Paper),
            ("ink", Role::Ink),
            ("muted", Role::Muted),
            ("grid", Role::Grid),
            ("strip", Role::Strip),
        ];
        let roles = roles.map(|(name, role)| format!("--draw-{name}: {};", self.color(role)));
        let series = (0..ON_WHITE.len())
            .map(|n| format!("--draw-series-{n}: {};", self.color(Role::Series(n))));
        roles.into_iter().chain(series).collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn color(self, role: Role) -> Cow<'static, str> {
        let series = |n: usize| n % ON_WHITE.len();
        Cow::Borrowed(match (self, role) {
            (Theme::Light, Role::Paper) => "#ffffff",
            (Theme::Light, Role::Ink) => "#1b1f24",
            (Theme::Light, Role::Muted) => "#57606a",
            (Theme::Light, Role::Grid) => "#dfe3e8",
            (Theme::Light, Role::Strip) => "#eaeef2",
            (Theme::Light, Role::Series(n)) => ON_WHITE[series(n)],
            (Theme::Dark, Role::Paper) => "#0f1318",
            (Theme::Dark, Role::Ink) => "#e6e9ec",
            (Theme::Dark, Role::Muted) => "#9aa4af",
            (Theme::Dark, Role::Grid) => "#2b333c",
            (Theme::Dark, Role::Strip) => "#232a32",
            (Theme::Dark, Role::Series(n)) => ON_BLACK[series(n)],
            (Theme::Page, Role::Paper) => "none",
            (Theme::Page, Role::Ink) => "var(--draw-ink)",
            (Theme::Page, Role::Muted) => "var(--draw-muted)",
            (Theme::Page, Role::Grid) => "var(--draw-grid)",
            (Theme::Page, Role::Strip) => "var(--draw-strip)",
            (Theme::Page, Role::Series(n)) => {
                return Cow::Owned(format!("var(--draw-series-{})", series(n)));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours (WCAG 2.1, 1.4.3), from 1 to 21.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |color: &str| {
            let channel = |at: usize| {
                let value = u8::from_str_radix(&color[at..at + 2], 16).unwrap();
                crate::color_map::linear(value)
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_can_be_read_and_series_be_seen() {
        for theme in [Theme::Light, Theme::Dark] {
            let paper = theme.color(Role::Paper);
            for role in [Role::Ink, Role::Muted] {
                assert!(contrast(&paper, &theme.color(role)) >= 4.5, "{theme:?} {role:?}");
                assert!(contrast(&theme.color(Role::Strip), &theme.color(Role::Ink)) >= 4.5);
            }
            for n in 0..5 {
                let color = theme.color(Role::Series(n));
                assert!(contrast(&paper, &color) >= 3.0, "{theme:?} {n} {color}");
            }
        }
    }
}
