//! The page: its sections in their order.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ossicle_draw::Theme;
use sha2::{Digest, Sha256};

use crate::report::contents::Report;
use crate::report::html::Html;
use crate::report::sections;

const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");

/// Writes the page. It loads nothing, and runs nothing but its own script.
pub(crate) fn page(report: &Report<'_>) -> String {
    let style =
        STYLE.replace("LIGHT", &Theme::Light.variables()).replace("DARK", &Theme::Dark.variables());
    // The browser itself sees to it that nothing else runs, is loaded or sent, whatever a corpus says.
    let policy = format!(
        "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(&style),
        hash(SCRIPT),
    );
    let mut html = Html::default();
    html.own("<!DOCTYPE html>\n");
    html.open("html", &[("lang", "en")]).open("head", &[]);
    html.open("meta", &[("charset", "utf-8")]);
    html.open("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
    html.open("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    html.open("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    html.element("title", &[], &format!("{}: a dataset of ossicle", report.name));
    html.own("<style>").own(&style).own("</style>\n").close("head").open("body", &[]);
    html.element("a", &[("class", "skip"), ("href", "#main")], "Skip to the contents");
    sections::beginning(&mut html, report);
    html.open("main", &[("id", "main")]);
    sections::all(&mut html, report);
    html.close("main");
    sections::end(&mut html, report);
    html.own("<script>").own(SCRIPT).own("</script>\n").close("body").close("html");
    html.into_text()
}

/// What a policy calls a text that may be there.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
