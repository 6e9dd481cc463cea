//! `--format table`: the answer on a terminal, best first, as wide as the canvas.
//!
//! In: a [`Report`] and the canvas. Out: lines. Never: a line wider than the canvas, or colour as the only sign.

mod detail;
mod grid;
mod page;

use super::paint::Paint;
use super::{AdequacyVerdict, Canvas, Diagnosis, Report, view, words};
use crate::model::Kind;
use grid::Column;
use page::{Brush, Page};

/// Lines of a list shown before "and N more".
const LIST: usize = 10;
/// From this width on, columns get more room.
const WIDE: usize = 100;

pub(super) fn render(report: &Report, canvas: &Canvas) -> String {
    let mut page = Page::new(canvas, report.extra.lang);
    headline(&mut page, report);
    let diagnoses = ordered(report);
    if !diagnoses.is_empty() {
        ranking(&mut page, &diagnoses);
    }
    // A capture in which all worked needs no page about what is harmless.
    let shown = if canvas.verbose { usize::MAX } else { usize::from(!report.extra.all_worked) };
    for (n, d) in diagnoses.iter().take(shown).enumerate() {
        detail::draw(&mut page, report, d, n == 0, canvas.verbose);
    }
    identities(&mut page, report, canvas.verbose);
    scopes(&mut page, report);
    adequacy(&mut page, report);
    gaps(&mut page, report, canvas.verbose);
    closing(&mut page, report, canvas.verbose);
    page.finish()
}

/// What has just failed, in a few lines each.
pub(super) fn brief(report: &Report, canvas: &Canvas) -> String {
    let mut page = Page::new(canvas, report.extra.lang);
    for d in ordered(report) {
        detail::brief(&mut page, d);
    }
    page.gap();
    page.finish()
}

/// A heading by itself.
pub(super) fn heading(text: &str, report: &Report, canvas: &Canvas) -> String {
    let mut page = Page::new(canvas, report.extra.lang);
    page.part(text);
    page.gap();
    page.finish()
}

/// Causes, then symptoms, then what is harmless; each in the order of the report.
fn ordered(report: &Report) -> Vec<&Diagnosis> {
    let mut out: Vec<&Diagnosis> = report.diagnoses.iter().collect();
    out.sort_by_key(|d| d.kind);
    out
}

/// What there is to say when nothing failed or nothing was found.
fn headline(page: &mut Page, report: &Report) {
    let Some(text) = view::headline(report) else { return };
    let lang = page.lang;
    page.part(text);
    if report.extra.all_worked {
        if !report.extra.checked.is_empty() {
            page.item(2, &format!("{}:", words::CHECKED.get(lang)), &view::join(&report.extra.checked));
        }
    } else {
        page.heading(words::NOTHING_BECAUSE.get(lang));
        for why in view::why_nothing(report) {
            page.item(4, "-", &why);
        }
    }
    page.gap();
}

fn ranking(page: &mut Page, diagnoses: &[&Diagnosis]) {
    let lang = page.lang;
    let wide = page.width >= WIDE;
    let columns = [
        Column::number(words::RANK.get(lang), 4),
        Column::new(words::WHAT.get(lang), 64),
        Column::new(words::CONFIDENCE.get(lang), 16),
        Column::new(words::OWNER.get(lang), if wide { 30 } else { 16 }),
        Column::number(words::COUNT.get(lang), 8),
        Column::new(words::FIRST_SEEN.get(lang), if wide { 24 } else { 12 }),
    ];
    let rows: Vec<Vec<String>> = diagnoses.iter().map(|d| row(d, page)).collect();
    grid::draw(page, &columns, &rows, true);
}

fn row(d: &Diagnosis, page: &Page) -> Vec<String> {
    let lang = page.lang;
    let id = match d.kind {
        Kind::Cause => d.id.clone(),
        kind => format!("{} ({})", d.id, words::kind(kind).get(lang)),
    };
    let first = d.first_seen.as_deref().unwrap_or_default();
    let first = match view::date_and_clock(first) {
        Some((date, clock)) => format!("{date}\n{} UTC", clock.get(..5).unwrap_or(clock)),
        None => first.to_owned(),
    };
    vec![
        d.rank.to_string(),
        format!("{}\n{id}", d.title),
        format!(
            "{} % {}\n{}",
            d.confidence,
            page.marks.bar(d.confidence),
            words::certainty(d.confidence).get(lang)
        ),
        view::who(d, lang).to_owned(),
        format!("{}{}", d.count, page.marks.times()),
        first,
    ]
}

fn identities(page: &mut Page, report: &Report, all: bool) {
    if report.identities.is_empty() {
        return;
    }
    let lang = page.lang;
    page.part(words::IDENTITIES.get(lang));
    let judged = report.identities.iter().any(|i| i.agrees_with_intended.is_some());
    let mut columns = vec![
        Column::new(words::ADDRESS.get(lang), 60),
        Column::new(words::SEEN_AS.get(lang), 40),
        Column::new(words::ACCOUNT_KIND.get(lang), 16),
    ];
    let tenants = report.identities.iter().any(|i| i.tenant.is_some());
    if tenants {
        columns.push(Column::new(words::TENANT.get(lang), 40));
    }
    if judged {
        columns.push(Column::new(words::AS_INTENDED.get(lang), 12));
    }
    let most = if all { usize::MAX } else { LIST };
    let seen = view::identities(report);
    let rows: Vec<Vec<String>> = seen
        .iter()
        .take(most)
        .map(|seen| {
            let i = seen.identity;
            let mut row = vec![
                i.address.to_string(),
                seen.roles.join(", "),
                words::account_type(&i.account_type).get(lang).to_owned(),
            ];
            if tenants {
                row.push(i.tenant.as_ref().map(ToString::to_string).unwrap_or_default());
            }
            if judged {
                row.push(view::agrees(i, lang).to_owned());
            }
            row
        })
        .collect();
    grid::draw(page, &columns, &rows, false);
    left(page, seen.len(), most);
}

fn scopes(page: &mut Page, report: &Report) {
    let (heads, rows) = view::scope_table(report, page.marks);
    if rows.is_empty() {
        return;
    }
    page.part(words::SCOPES.get(page.lang));
    let columns: Vec<Column> =
        heads.iter().enumerate().map(|(n, head)| Column::new(head, if n == 0 { 60 } else { 14 })).collect();
    grid::draw(page, &columns, &rows, false);
}

fn adequacy(page: &mut Page, report: &Report) {
    if report.adequacy.verdict == AdequacyVerdict::Good {
        return;
    }
    let lang = page.lang;
    page.part(&view::enough(report));
    // Said already, above, when it is why there is no answer.
    if view::headline(report).is_none() || report.extra.all_worked {
        for missing in &report.adequacy.missing {
            page.item(2, "-", missing.as_str());
        }
    }
    if !report.adequacy.recapture.is_empty() {
        page.heading(words::RECAPTURE.get(lang));
        for (n, step) in report.adequacy.recapture.iter().enumerate() {
            page.item(4, &format!("{}.", n + 1), step.as_str());
        }
    }
}

/// What was lost, what could not be judged, codes nobody knows, clocks that disagree.
fn gaps(page: &mut Page, report: &Report, all: bool) {
    let lang = page.lang;
    let most = if all { usize::MAX } else { LIST };
    let losses = view::losses(report);
    if !losses.is_empty() {
        page.part(words::LOST.get(lang));
        losses.iter().take(most).for_each(|line| page.item(2, "-", line));
        left(page, losses.len(), most);
    }
    let not_judged = view::not_judged(report);
    if !not_judged.is_empty() {
        page.part(words::NOT_JUDGED.get(lang));
        for (missing, ids) in &not_judged {
            page.item(2, "-", &format!("{}: {missing}", ids.join(", ")));
        }
    }
    if !report.unknown_codes.is_empty() {
        page.part(words::UNKNOWN.get(lang));
        let shown = report.unknown_codes.get(..most.min(report.unknown_codes.len())).unwrap_or_default();
        page.text(2, &view::join(shown));
        left(page, report.unknown_codes.len(), most);
    }
    if !report.extra.skew.is_empty() {
        page.part(&format!("{}: {}", words::CLOCK.get(lang), words::CLOCK_NOTE.get(lang)));
        report.extra.skew.iter().take(most).for_each(|line| page.item(2, "-", line.as_str()));
        left(page, report.extra.skew.len(), most);
    }
}

fn left(page: &mut Page, count: usize, most: usize) {
    if count > most {
        page.faint(2, &words::more(count - most, page.lang));
    }
}

fn closing(page: &mut Page, report: &Report, all: bool) {
    page.gap();
    if !report.extra.sandbox.is_empty() {
        page.faint(0, &report.extra.sandbox);
    }
    if !all && !report.diagnoses.is_empty() {
        page.faint(0, words::MORE_WITH_V.get(page.lang));
    }
    let counts: Vec<(String, Brush)> =
        view::counts(report).into_iter().map(|c| (c, Paint::faint as Brush)).collect();
    page.chain(0, page.marks.dot(), &counts);
    page.faint(0, &view::made_by(report, page.marks));
}
