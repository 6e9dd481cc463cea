//! `--format html`: one file that needs nothing else: no script, no font, no picture from elsewhere.
//!
//! In: a [`Report`]. Out: a page for screen and paper, light and dark. Never: markup from an input.

mod diagnosis;
mod shell;
mod swimlane;
mod timeline;
mod write;

use super::marks::Marks;
use super::{AdequacyVerdict, Report, view, words};
use crate::model::{Lang, Outcome, Severity};
pub(crate) use shell::{CLOSE, open};
use write::Doc;
pub(crate) use write::{element, holding, scroll};

/// Rows of a list before "and N more".
const LIST: usize = 100;
pub(super) fn render(report: &Report) -> String {
    let lang = report.extra.lang;
    let mut doc = Doc { out: String::new(), lang };
    head(&mut doc, report);
    doc.raw("<main>");
    headline(&mut doc, report);
    ranking(&mut doc, report);
    for (n, d) in report.diagnoses.iter().enumerate() {
        diagnosis::draw(&mut doc, report, d, n == 0);
    }
    attempts(&mut doc, report);
    identities(&mut doc, report);
    scopes(&mut doc, report);
    adequacy(&mut doc, report);
    gaps(&mut doc, report);
    doc.raw("</main>");
    doc.raw("<footer class=\"soft\">");
    if !report.extra.sandbox.is_empty() {
        doc.paragraph(&report.extra.sandbox);
    }
    doc.paragraph(&view::counts(report).join(" · "));
    doc.paragraph(&view::made_by(report, Marks::FULL));
    doc.raw("</footer>");
    doc.out.push_str(CLOSE);
    doc.out
}

fn head(doc: &mut Doc, report: &Report) {
    let title = words::REPORT.get(doc.lang);
    let first = report.diagnoses.first().map(|d| format!(": {}", d.title)).unwrap_or_default();
    doc.out.push_str(&open(doc.lang, &format!("{title}{first}")));
    doc.raw("<header>");
    doc.element("h1", title);
    let shown: Vec<&str> = report.inputs.iter().take(5).map(|i| i.name.as_str()).collect();
    let mut names = format!("{}: {}", words::INPUTS.get(doc.lang), shown.join(", "));
    if report.inputs.len() > shown.len() {
        names.push_str(&format!(", {}", words::more(report.inputs.len() - shown.len(), doc.lang)));
    }
    doc.element("p class=\"soft\"", &names);
    doc.raw("</header>");
}

fn headline(doc: &mut Doc, report: &Report) {
    let Some(text) = view::headline(report) else { return };
    doc.raw("<section>");
    doc.element("p class=\"headline\"", text);
    if !report.extra.all_worked {
        doc.list("ul", view::why_nothing(report));
    } else if !report.extra.checked.is_empty() {
        doc.paragraph(&format!("{}: {}", words::CHECKED.get(doc.lang), view::join(&report.extra.checked)));
    }
    doc.raw("</section>");
}

fn ranking(doc: &mut Doc, report: &Report) {
    if report.diagnoses.is_empty() {
        return;
    }
    let lang = doc.lang;
    doc.raw("<section>");
    doc.element("h2", words::RANKING.get(lang));
    let head =
        [words::WHAT, words::CONFIDENCE, words::SEVERITY, words::OWNER, words::COUNT, words::FIRST_SEEN];
    let rows: Vec<Vec<String>> = report
        .diagnoses
        .iter()
        .map(|d| {
            let link = element(&format!("a href=\"#d{}\"", d.rank), &view::title(d, lang));
            vec![
                format!("{}. {link}<br>{}", d.rank, element("code class=\"soft\"", &d.id)),
                diagnosis::sure(d, lang),
                severity(d.severity, lang),
                write::escape(view::who(d, lang)),
                d.count.to_string(),
                write::escape(&d.first_seen.as_deref().map(view::time).unwrap_or_default()),
            ]
        })
        .collect();
    doc.table(words::RANKING.get(lang), &head.map(|h| h.get(lang)), &rows);
    doc.raw("</section>");
}

/// The severity as a label.
fn severity(severity: Severity, lang: Lang) -> String {
    let class = match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        _ => "low",
    };
    element(&format!("span class=\"pill {class}\""), words::severity(severity).get(lang))
}

/// Every try, when there was more than one.
fn attempts(doc: &mut Doc, report: &Report) {
    if report.attempts.len() < 2 {
        return;
    }
    let lang = doc.lang;
    doc.raw("<section>");
    doc.element("h2", words::ATTEMPTS.get(lang));
    let head = [words::RANK, words::FIRST_SEEN, words::ACCOUNT, words::OUTCOME, words::WHY];
    let rows: Vec<Vec<String>> = report
        .attempts
        .iter()
        .take(LIST)
        .map(|a| {
            let outcome = words::outcome(a.outcome).get(lang);
            let at = words::stage(a.stage).get(lang);
            let outcome = match a.outcome {
                Outcome::Succeeded => write::escape(&format!("✓ {outcome}")),
                Outcome::Failed => element("span class=\"no\"", &format!("✗ {outcome} ({at})")),
                _ => write::escape(&format!("{outcome} ({at})")),
            };
            let who = a.account.as_ref().or(a.tenant.as_ref()).map(ToString::to_string).unwrap_or_default();
            vec![
                write::escape(&a.id),
                write::escape(&a.first_seen.as_deref().map(view::time).unwrap_or_default()),
                element("code", &who),
                outcome,
                a.diagnoses.iter().map(|id| element("code", id)).collect::<Vec<_>>().join(", "),
            ]
        })
        .collect();
    doc.table(words::ATTEMPTS.get(lang), &head.map(|h| h.get(lang)), &rows);
    left(doc, report.attempts.len());
    doc.raw("</section>");
}

fn identities(doc: &mut Doc, report: &Report) {
    if report.identities.is_empty() {
        return;
    }
    let lang = doc.lang;
    doc.raw("<section>");
    doc.element("h2", words::IDENTITIES.get(lang));
    let mut head = vec![words::ADDRESS, words::SEEN_AS, words::ACCOUNT_KIND, words::TENANT];
    let judged = report.identities.iter().any(|i| i.agrees_with_intended.is_some());
    if judged {
        head.push(words::AS_INTENDED);
    }
    let all = view::identities(report);
    let rows: Vec<Vec<String>> = all
        .iter()
        .take(LIST)
        .map(|seen| {
            let i = seen.identity;
            let tenant = i.tenant.as_ref().map(ToString::to_string).unwrap_or_default();
            let agrees = match i.agrees_with_intended {
                Some(false) => element("span class=\"no\"", &format!("✗ {}", words::NO.get(lang))),
                Some(true) => write::escape(&format!("✓ {}", words::YES.get(lang))),
                None => String::new(),
            };
            let mut row = vec![
                element("code", i.address.as_str()),
                write::escape(&seen.roles.join(", ")),
                write::escape(words::account_type(&i.account_type).get(lang)),
                element("code", &tenant),
            ];
            row.extend(judged.then_some(agrees));
            row
        })
        .collect();
    let head: Vec<&str> = head.iter().map(|h| h.get(lang)).collect();
    doc.table(words::IDENTITIES.get(lang), &head, &rows);
    left(doc, all.len());
    doc.raw("</section>");
}

fn scopes(doc: &mut Doc, report: &Report) {
    let (heads, rows) = view::scope_table(report, Marks::FULL);
    if rows.is_empty() {
        return;
    }
    doc.raw("<section>");
    doc.element("h2", words::SCOPES.get(doc.lang));
    let cell = |(n, text): (usize, &String)| match n {
        0 => element("code", text),
        _ if text.starts_with('✗') => element("span class=\"no\"", text),
        _ => write::escape(text),
    };
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().enumerate().map(cell).collect()).collect();
    doc.table(words::SCOPES.get(doc.lang), &heads, &rows);
    doc.raw("</section>");
}

fn adequacy(doc: &mut Doc, report: &Report) {
    doc.raw("<section>");
    doc.element("h2", words::ADEQUACY.get(doc.lang));
    doc.element("p class=\"answer\"", view::enough_word(report));
    if report.adequacy.verdict != AdequacyVerdict::Good {
        if !report.adequacy.missing.is_empty() {
            doc.list("ul", report.adequacy.missing.iter().map(|m| m.as_str()));
        }
        if !report.adequacy.recapture.is_empty() {
            doc.element("h3", words::RECAPTURE.get(doc.lang));
            doc.list("ol", report.adequacy.recapture.iter().map(|m| m.as_str()));
        }
    }
    doc.raw("</section>");
}

fn gaps(doc: &mut Doc, report: &Report) {
    let lang = doc.lang;
    let losses = view::losses(report);
    if !losses.is_empty() {
        doc.raw("<section>");
        doc.element("h2", words::LOST.get(lang));
        doc.list("ul", losses.iter().take(LIST));
        left(doc, losses.len());
        doc.raw("</section>");
    }
    let not_judged = view::not_judged(report);
    if !not_judged.is_empty() {
        doc.raw("<section>");
        doc.element("h2", words::NOT_JUDGED.get(lang));
        let items: String = not_judged
            .iter()
            .map(|(why, ids)| {
                holding("li", &format!("{}: {}", element("code", &ids.join(", ")), write::escape(why)))
            })
            .collect();
        doc.holding("ul", &items);
        doc.raw("</section>");
    }
    if !report.unknown_codes.is_empty() {
        doc.raw("<section>");
        doc.element("h2", words::UNKNOWN.get(lang));
        doc.paragraph(&view::join(&report.unknown_codes));
        doc.raw("</section>");
    }
    if !report.extra.skew.is_empty() {
        doc.raw("<section>");
        doc.element("h2", &format!("{}: {}", words::CLOCK.get(lang), words::CLOCK_NOTE.get(lang)));
        doc.list("ul", report.extra.skew.iter().take(LIST).map(|s| s.as_str()));
        doc.raw("</section>");
    }
}

fn left(doc: &mut Doc, count: usize) {
    if count > LIST {
        doc.element("p class=\"soft\"", &words::more(count - LIST, doc.lang));
    }
}
