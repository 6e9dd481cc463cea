//! `--format markdown`: for a ticket. The first diagnosis in full with its texts, the others in short.
//!
//! In: a [`Report`]. Out: Markdown that any viewer shows alike. Never: raw HTML, a live link, or a mark that came from
//! an input.

use super::escape::markdown as escape;
use super::marks::Marks;
use super::{AdequacyVerdict, Diagnosis, Evidence, Report, plain, view, words};
use crate::model::Lang;

/// Rows of a list before "and N more".
const LIST: usize = 20;

pub(super) fn render(report: &Report, verbose: bool) -> String {
    let mut doc = Doc { out: String::new(), lang: report.extra.lang };
    doc.heading(1, words::REPORT.get(doc.lang));
    headline(&mut doc, report);
    ranking(&mut doc, report);
    for (n, d) in report.diagnoses.iter().enumerate() {
        if n == 0 || verbose {
            detail(&mut doc, report, d, n == 0);
        }
    }
    identities(&mut doc, report);
    scopes(&mut doc, report);
    adequacy(&mut doc, report);
    gaps(&mut doc, report);
    doc.para(&view::counts(report).iter().map(|c| escape(c)).collect::<Vec<_>>().join(" · "));
    doc.para(&escape(&view::made_by(report, Marks::FULL)));
    doc.out
}

struct Doc {
    out: String,
    lang: Lang,
}

impl Doc {
    /// A block that is Markdown already.
    fn para(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn heading(&mut self, level: usize, text: &str) {
        self.para(&format!("{} {}", "#".repeat(level), escape(text)));
    }

    fn list(&mut self, items: &[String]) {
        self.para(&items.iter().map(|i| format!("- {}", escape(i))).collect::<Vec<_>>().join("\n"));
    }

    fn steps(&mut self, items: impl Iterator<Item = String>) {
        let steps: Vec<String> =
            items.enumerate().map(|(n, s)| format!("{}. {}", n + 1, escape(&s))).collect();
        self.para(&steps.join("\n"));
    }

    fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        let mut lines = vec![line(&mut head.iter().map(|h| escape(h)))];
        lines.push(line(&mut head.iter().map(|_| "---".to_owned())));
        lines.extend(rows.iter().map(|row| line(&mut row.iter().map(|c| escape(c)))));
        self.para(&lines.join("\n"));
    }

    /// Text kept letter for letter, in a fence longer than any in it.
    fn fenced(&mut self, text: &str) {
        let text = plain::block(text);
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.para(&format!("{fence}text\n{text}\n{fence}"));
    }
}

impl Doc {
    /// Text as a quotation, line by line.
    fn quoted(&mut self, text: &str) {
        let lines: Vec<String> =
            plain::block(text).lines().map(|l| format!("> {}", escape(l)).trim_end().to_owned()).collect();
        self.para(&lines.join("  \n"));
    }
}

fn headline(doc: &mut Doc, report: &Report) {
    let Some(text) = view::headline(report) else { return };
    doc.para(&format!("**{}**", escape(text)));
    if !report.extra.all_worked {
        doc.list(&view::why_nothing(report));
    } else if !report.extra.checked.is_empty() {
        let checked = format!("{}: {}", words::CHECKED.get(doc.lang), view::join(&report.extra.checked));
        doc.para(&escape(&checked));
    }
}

fn ranking(doc: &mut Doc, report: &Report) {
    if report.diagnoses.is_empty() {
        return;
    }
    let lang = doc.lang;
    let head = [
        words::RANK,
        words::WHAT,
        words::CONFIDENCE,
        words::OWNER,
        words::COUNT,
        words::FIRST_SEEN,
        words::CODES,
    ];
    let rows: Vec<Vec<String>> = report
        .diagnoses
        .iter()
        .map(|d| {
            vec![
                d.rank.to_string(),
                format!("{} [{}]", view::title(d, lang), d.id),
                format!("{} %, {}", d.confidence, words::certainty(d.confidence).get(lang)),
                view::who(d, lang).to_owned(),
                d.count.to_string(),
                d.first_seen.as_deref().map(view::time).unwrap_or_default(),
                view::join(&d.codes),
            ]
        })
        .collect();
    doc.table(&head.map(|h| h.get(lang)), &rows);
}

fn detail(doc: &mut Doc, report: &Report, d: &Diagnosis, first: bool) {
    let lang = doc.lang;
    doc.heading(2, &format!("{} · {}", d.rank, view::title(d, lang)));
    doc.para(&escape(d.meaning.as_str()));
    if d.confidence < 50 {
        doc.para(&format!("**{}**", escape(words::WEAK_LONG.get(lang))));
    }
    if !d.fix.is_empty() {
        doc.heading(3, &format!("{} ({})", words::FIX.get(lang), view::who(d, lang)));
        doc.steps(d.fix.iter().map(ToString::to_string));
    }
    if !d.evidence.is_empty() {
        doc.heading(3, words::EVIDENCE.get(lang));
        d.evidence.iter().take(LIST).for_each(|e| exhibit(doc, e));
    }
    let ids = view::ids(d, lang);
    if !ids.is_empty() {
        doc.heading(3, words::IDS.get(lang));
        doc.list(&ids.iter().map(|(name, id)| format!("{name}: {id}")).collect::<Vec<_>>());
    }
    if first {
        flow(doc, report);
    }
    rivals(doc, d);
    texts(doc, d);
}

fn exhibit(doc: &mut Doc, e: &Evidence) {
    let place = view::whereabouts(e, doc.lang);
    doc.para(&escape(&place));
    doc.fenced(&plain::line(e.text.as_str()));
}

fn flow(doc: &mut Doc, report: &Report) {
    let hops = view::flow(report);
    if hops.is_empty() {
        return;
    }
    let lang = doc.lang;
    doc.heading(3, words::FLOW.get(lang));
    let hops: Vec<String> = hops
        .iter()
        .map(|(hop, state)| {
            escape(&format!("{} {}", words::hop_short(hop.name).get(lang), Marks::FULL.hop(*state)))
        })
        .collect();
    doc.para(&hops.join(" › "));
    doc.para(&escape(words::LEGEND.get(lang)));
}

fn rivals(doc: &mut Doc, d: &Diagnosis) {
    let lang = doc.lang;
    let ask = words::ASK.get(lang);
    if d.rivals.is_empty() {
        if !d.question.is_empty() {
            doc.heading(3, words::TO_BE_SURE.get(lang));
            doc.list(&[format!("{ask}: {}", d.question)]);
        }
        return;
    }
    doc.heading(3, words::RIVAL.get(lang));
    let lines: Vec<String> = d
        .rivals
        .iter()
        .map(|r| {
            let name = if r.title.is_empty() { r.id.as_str() } else { r.title.as_str() };
            let sure = match r.confidence {
                0 => words::RIVAL_UNSEEN.get(lang).to_owned(),
                n => format!("{n} %"),
            };
            let question =
                if r.question.is_empty() { String::new() } else { format!(" {ask}: {}", r.question) };
            format!("{name} ({sure}).{question}")
        })
        .collect();
    doc.list(&lines);
}

/// What a person is to read stands as a quotation, which wraps; the note for the ticket letter for letter.
fn texts(doc: &mut Doc, d: &Diagnosis) {
    for (name, text) in [(words::CUSTOMER, &d.texts.customer), (words::ADMIN, &d.texts.admin)] {
        if !text.is_empty() {
            doc.heading(3, name.get(doc.lang));
            doc.quoted(text.as_str());
        }
    }
    if !d.texts.ticket.is_empty() {
        doc.heading(3, words::TICKET.get(doc.lang));
        doc.fenced(d.texts.ticket.as_str());
    }
}

fn identities(doc: &mut Doc, report: &Report) {
    if report.identities.is_empty() {
        return;
    }
    let lang = doc.lang;
    doc.heading(2, words::IDENTITIES.get(lang));
    let head = [words::ADDRESS, words::SEEN_AS, words::ACCOUNT_KIND, words::TENANT, words::AS_INTENDED];
    let all = view::identities(report);
    let rows: Vec<Vec<String>> = all
        .iter()
        .take(LIST)
        .map(|seen| {
            let i = seen.identity;
            vec![
                i.address.to_string(),
                seen.roles.join(", "),
                words::account_type(&i.account_type).get(lang).to_owned(),
                i.tenant.as_ref().map(ToString::to_string).unwrap_or_default(),
                view::agrees(i, lang).to_owned(),
            ]
        })
        .collect();
    doc.table(&head.map(|h| h.get(lang)), &rows);
    left(doc, all.len());
}

fn scopes(doc: &mut Doc, report: &Report) {
    let (heads, rows) = view::scope_table(report, Marks::FULL);
    if !rows.is_empty() {
        doc.heading(2, words::SCOPES.get(doc.lang));
        doc.table(&heads, &rows);
    }
}

fn adequacy(doc: &mut Doc, report: &Report) {
    if report.adequacy.verdict == AdequacyVerdict::Good {
        return;
    }
    let lang = doc.lang;
    doc.heading(2, &view::enough(report));
    if !report.adequacy.missing.is_empty() {
        doc.list(&report.adequacy.missing.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    if !report.adequacy.recapture.is_empty() {
        doc.heading(3, words::RECAPTURE.get(lang));
        doc.steps(report.adequacy.recapture.iter().map(ToString::to_string));
    }
}

fn gaps(doc: &mut Doc, report: &Report) {
    let lang = doc.lang;
    let losses = view::losses(report);
    if !losses.is_empty() {
        doc.heading(2, words::LOST.get(lang));
        doc.list(losses.get(..LIST.min(losses.len())).unwrap_or_default());
        left(doc, losses.len());
    }
    let not_judged = view::not_judged(report);
    if !not_judged.is_empty() {
        doc.heading(2, words::NOT_JUDGED.get(lang));
        doc.list(
            &not_judged.iter().map(|(why, ids)| format!("{}: {why}", ids.join(", "))).collect::<Vec<_>>(),
        );
    }
    if !report.unknown_codes.is_empty() {
        doc.heading(2, words::UNKNOWN.get(lang));
        doc.para(&escape(&view::join(&report.unknown_codes)));
    }
}

fn left(doc: &mut Doc, count: usize) {
    if count > LIST {
        doc.para(&escape(&words::more(count - LIST, doc.lang)));
    }
}
