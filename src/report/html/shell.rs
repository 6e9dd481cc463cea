//! What every page begins with: a policy that forbids everything but its own style.
//!
//! In: a language and a title. Out: the page up to the body's first element. Never: a script, or anything from elsewhere.

use super::write::element;
use crate::model::Lang;

const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Everything up to and with `<body>`.
pub(crate) fn open(lang: Lang, title: &str) -> String {
    let code = match lang {
        Lang::En => "en",
        Lang::Ja => "ja",
    };
    format!(
        "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\"><meta name=\"format-detection\" content=\"telephone=no\">\n\
         {}\n<style>\n{}</style></head><body>\n",
        element("title", title),
        include_str!("style.css"),
    )
}

/// The end of the page.
pub(crate) const CLOSE: &str = "</body></html>\n";
