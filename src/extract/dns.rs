//! DNS answers: who takes the mail of a domain.
//!
//! In: the output of `dig`, `nslookup`, `host`, PowerShell or a DNS-over-HTTPS service, or a pasted table. Out:
//! `mx-provider`, `mx-role`, `mx-domain`, and `autodiscover` where a record points at the cloud. Never: a look-up.

use std::sync::LazyLock;

use crate::knowledge;
use crate::model::{FactName, Part};

use super::payload::Payload;
use super::view::View;
use super::{Facts, Views};
use crate::pattern::Regex;

/// An answer: the domain (may be empty) and the host that it points to.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    domain: String,
    host: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mx,
    Cname,
}

/// Longest text and most lines that are looked at: DNS answers are short.
const MAX_LINES: usize = 5000;

pub(super) fn dns(views: &Views<'_>, facts: &mut Facts<'_>) {
    let asked = views.url.contains("/resolve?") || views.url.contains("/dns-query?");
    for view in &views.list {
        if view.is_free_text() {
            read_text(view, facts);
        }
    }
    for payload in views.payloads() {
        let view = views.view_of(payload);
        if asked || view.is_free_text() {
            for answer in from_json(payload) {
                note(&answer, view.part, facts);
            }
        }
    }
}

fn read_text(view: &View<'_>, facts: &mut Facts<'_>) {
    let lower = view.text.to_ascii_lowercase();
    if !["mx", "mail exchanger", "mail is handled", "cname"].iter().any(|w| lower.contains(w)) {
        return;
    }
    for answer in view.text.lines().take(MAX_LINES).filter_map(from_line) {
        note(&answer, view.part, facts);
    }
}

fn note(answer: &Answer, part: &Part<'_>, facts: &mut Facts<'_>) {
    let Answer { domain, host, kind } = answer;
    if *kind == Kind::Cname {
        let cloud = ["autodiscover.outlook.com", "autodiscover-s.outlook.com", "autodiscover.office365.us"];
        if domain.starts_with("autodiscover.") && cloud.contains(&host.as_str()) {
            facts.add(FactName::Autodiscover, "cloud", part, host, &format!("{domain} CNAME {host}"));
        }
        return;
    }
    let row = knowledge::mx(host);
    let roles = ["mailbox", "gateway", "forwarder", "application", "none"];
    if let Some(row) = row.filter(|row| roles.contains(&row.role)) {
        let shown = format!("{domain} MX {host}");
        facts.add(FactName::MxProvider, row.provider, part, host, &shown);
        facts.add(FactName::MxRole, row.role, part, host, &shown);
    }
    if !domain.is_empty() {
        facts.note(FactName::MxDomain, domain.as_str(), part);
    }
}

/// Every spelling of one answer on one line. `d` is the domain, `h` the host.
const LINES: &[(&str, Kind)] = &[
    // dig: domain ttl IN MX preference host
    (r"(?i)^\s*(?P<d>[\w.-]+\.)\s+(?:\d+\s+)?(?:IN\s+)?MX\s+\d+\s+(?P<h>[\w.-]+)\s*$", Kind::Mx),
    // nslookup on Windows and elsewhere
    (
        r"(?i)^\s*(?P<d>[\w.-]+)\s+(?:MX preference\s*=\s*\d+,\s*)?mail exchanger\s*=\s*(?:\d+\s+)?(?P<h>[\w.-]+)\s*$",
        Kind::Mx,
    ),
    (r"(?i)^\s*(?P<d>[\w.-]+)\s+mail is handled by\s+\d+\s+(?P<h>[\w.-]+)\s*$", Kind::Mx),
    // Resolve-DnsName: name type ttl section host preference
    (r"(?i)^\s*(?P<d>[\w.-]+)\s+MX\s+\d+\s+Answer\s+(?P<h>[\w.-]+)\s+\d+\s*$", Kind::Mx),
    // Tables: MX, domain, preference, host in this order with tabs, bars or commas
    (
        r"(?i)^[\s|]*MX[\s|,:;]+(?:(?P<d>[\w-]+(?:\.[\w-]+)+)[\s|,;]+)?(?:\d+[\s|,;]+)?(?P<h>[\w-]+(?:\.[\w-]+)+\.?)[\s|,;]*(?:\d+[\s|,;]*)?$",
        Kind::Mx,
    ),
    (
        r"(?i)^[\s|]*(?P<d>[\w-]+(?:\.[\w-]+)+\.?)[\s|,;]+MX[\s|,:;]+(?:\d+[\s|,;]+)?(?P<h>[\w-]+(?:\.[\w-]+)+\.?)[\s|,;]*(?:\d+[\s|,;]*)?$",
        Kind::Mx,
    ),
    // Tickets: "MX record(s): host", "the MX of domain is host"
    (
        r"(?i)\bMX(?:\s+records?)?(?:\s+(?:of|for)\s+(?P<d>[\w-]+(?:\.[\w-]+)+))?\s*(?:[:=]|\bis\b|\bare\b|points? to|->)\s*(?:\d+\s+)?(?P<h>[\w-]+(?:\.[\w-]+)+)",
        Kind::Mx,
    ),
    (
        r"(?i)^\s*(?P<d>autodiscover\.[\w.-]+)\s+(?:\d+\s+)?(?:IN\s+)?(?:CNAME|canonical name\s*=)\s+(?:\d+\s+Answer\s+)?(?P<h>[\w.-]+)\s*$",
        Kind::Cname,
    ),
];

fn patterns() -> &'static [(Regex, Kind)] {
    static PATTERNS: LazyLock<Vec<(Regex, Kind)>> =
        LazyLock::new(|| LINES.iter().map(|(p, k)| (super::pattern(p), *k)).collect());
    &PATTERNS
}

fn from_line(line: &str) -> Option<Answer> {
    if line.len() > 400 {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    if !["mx", "mail", "cname", "canonical"].iter().any(|w| lower.contains(w)) {
        return None;
    }
    patterns().iter().find_map(|(regex, kind)| {
        let hit = regex.captures(line)?;
        let name = |group: &str| {
            hit.name(group).map_or("", |m| m.as_str()).trim_end_matches('.').to_ascii_lowercase()
        };
        Some(Answer { domain: name("d"), host: name("h"), kind: *kind })
    })
}

/// DNS over HTTPS, the JSON form: `{"Answer":[{"name":…,"type":15,"data":"10 host."}]}`.
fn from_json(payload: &Payload) -> Vec<Answer> {
    let clean = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    let answer = |n: usize| {
        let at = |key: &str| payload.at(&format!("Answer.{n}.{key}"));
        let kind = match at("type")? {
            "15" => Kind::Mx,
            "5" => Kind::Cname,
            _ => return None,
        };
        let host = clean(at("data")?.split_whitespace().last()?);
        Some(Answer { domain: clean(at("name")?), host, kind })
    };
    (0..50).map_while(|n| payload.at(&format!("Answer.{n}.type")).map(|_| answer(n))).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{has, paste, run};

    #[test]
    fn every_tool_spells_it_differently() {
        for text in [
            ";; ANSWER SECTION:\ncontoso.example.\t3600\tIN\tMX\t10 contoso-example.mail.protection.outlook.com.",
            "contoso.example\tMX preference = 0, mail exchanger = contoso-example.mail.protection.outlook.com",
            "contoso.example\tmail exchanger = 0 contoso-example.mail.protection.outlook.com.",
            "contoso.example mail is handled by 0 contoso-example.mail.protection.outlook.com.",
            "contoso.example   MX   3600  Answer  contoso-example.mail.protection.outlook.com  0",
            r#"{"Status":0,"Answer":[{"name":"contoso.example.","type":15,"TTL":300,"data":"0 contoso-example.mail.protection.outlook.com."}]}"#,
            "MX | contoso.example | 0 | contoso-example.mail.protection.outlook.com",
            "The MX of contoso.example is contoso-example.mail.protection.outlook.com",
        ] {
            let facts = run(dns, &paste(text));
            assert!(has(&facts, FactName::MxProvider, "microsoft_365"), "{text}: {facts:?}");
            assert!(has(&facts, FactName::MxDomain, "contoso.example"), "{text}: {facts:?}");
            assert!(has(&facts, FactName::MxRole, "mailbox"), "{text}");
        }
    }

    #[test]
    fn gateways_consumers_and_nobody() {
        let gateway = run(dns, &paste("fabrikam.example. 300 IN MX 10 mx1.hornetsecurity.com."));
        assert!(has(&gateway, FactName::MxRole, "gateway"));
        let consumer = run(dns, &paste("fabrikam.example. 300 IN MX 0 x.olc.protection.outlook.com."));
        assert!(has(&consumer, FactName::MxProvider, "microsoft_consumer"));
        let null = run(dns, &paste("fabrikam.example. 300 IN MX 0 ."));
        assert!(has(&null, FactName::MxRole, "none"), "{null:?}");
    }

    #[test]
    fn autodiscover_and_prose() {
        let facts = run(dns, &paste("autodiscover.contoso.example. 300 IN CNAME autodiscover.outlook.com."));
        assert!(has(&facts, FactName::Autodiscover, "cloud"));
        assert!(run(dns, &paste("Please check the MX record and the mail settings.")).is_empty());
    }
}
