//! Authentication challenges.
//!
//! In: views. Out: `challenge-scheme`, `challenge-error`, `challenge-code`, `diagnostics-code`. Never: the challenge of
//! a product's own API, even where Microsoft's sign-in protects it.
//!
//! Grammar: `scheme key=value, key="value, with commas", … scheme …`, several headers or one list.

use std::sync::LazyLock;

use nom::IResult;
use nom::Parser as _;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::{char, space0, space1};
use nom::sequence::{delimited, separated_pair};

use crate::decode::json;
use crate::model::{FactName, Part};

use super::api_call::surface_of;
use super::payload::Kind;
use super::sink::Facts;
use super::text::around;
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for view in &views.list {
        if let ViewAt::ResponseHeader(name) = view.at {
            header(name, &view.text, view.part, views, facts);
        }
    }
    for payload in views.payloads().iter().filter(|p| p.kind == Kind::Headers) {
        for member in &payload.members {
            header(&member.key, &member.value, views.view_of(payload).part, views, facts);
        }
    }
    for text in views.texts() {
        access_evaluation(&text.text, text.view.part, facts);
    }
}

fn header(name: &str, value: &str, part: &Part<'_>, views: &Views<'_>, facts: &mut Facts<'_>) {
    if name.eq_ignore_ascii_case("www-authenticate") {
        let ours = surface_of(views.endpoint).is_some_and(|s| s != "arm")
            || value.contains("trusted_issuers")
            || views.as_exchange().is_none();
        if ours {
            challenges(value, part, facts);
        }
    } else if name.eq_ignore_ascii_case("x-ms-diagnostics") {
        diagnostics(value, part, facts);
    }
}

/// A header longer than this is read no further.
const LONGEST: usize = 4096;
/// More than this is no list of challenges.
const MAX_CHALLENGES: usize = 20;

/// One challenge of a list.
#[derive(Debug, PartialEq, Eq)]
struct Challenge<'h> {
    scheme: &'h str,
    parameters: Vec<(&'h str, &'h str)>,
}

fn token(input: &str) -> IResult<&str, &str> {
    take_while1(|c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)).parse(input)
}

fn quoted(input: &str) -> IResult<&str, &str> {
    // A header that was cut off has no closing quote.
    alt((delimited(char('"'), take_till(|c| c == '"'), char('"')), |i| {
        let (rest, _) = char('"').parse(i)?;
        take_while(|_| true).parse(rest)
    }))
    .parse(input)
}

fn parameter(input: &str) -> IResult<&str, (&str, &str)> {
    let value = alt((quoted, take_till(|c: char| c == ',' || c.is_whitespace())));
    separated_pair(token, (space0, tag("="), space0), value).parse(input)
}

fn separator(input: &str) -> IResult<&str, &str> {
    take_while(|c: char| c == ',' || c.is_whitespace()).parse(input)
}

/// Every challenge of a header value; what does not fit is passed over.
fn parse(value: &str) -> Vec<Challenge<'_>> {
    let mut found: Vec<Challenge<'_>> = Vec::new();
    let mut rest = value;
    while let Ok((after, _)) = separator(rest) {
        if found.len() > MAX_CHALLENGES {
            break;
        }
        let pair = if found.is_empty() { None } else { parameter(after).ok() };
        if let (Some((next, pair)), Some(last)) = (pair, found.last_mut()) {
            last.parameters.push(pair);
            rest = next;
        } else if let Ok((next, scheme)) = token(after) {
            let alone = next.is_empty()
                || next.starts_with(',')
                || space1::<&str, nom::error::Error<&str>>(next).is_ok();
            if alone {
                found.push(Challenge { scheme, parameters: Vec::new() });
            }
            rest = next;
        } else {
            let mut characters = after.chars();
            if characters.next().is_none() {
                break;
            }
            rest = characters.as_str();
        }
    }
    found
}

fn challenges(value: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    let value = around(value, 0, LONGEST.min(value.len()));
    access_evaluation(value, part, facts);
    for challenge in parse(value) {
        let scheme = challenge.scheme.to_ascii_lowercase();
        if matches!(&*scheme, "bearer" | "basic" | "ntlm" | "negotiate") {
            facts.add(FactName::ChallengeScheme, scheme, part, challenge.scheme, value);
        }
        let get = |key: &str| {
            challenge.parameters.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| *v)
        };
        if let Some(error) = get("error").filter(|e| !e.is_empty()) {
            facts.add(FactName::ChallengeError, error.to_ascii_lowercase(), part, error, value);
        }
        if let Some(code) = get("claims").and_then(claimed).filter(|_| !facts.has(FactName::ChallengeCode)) {
            facts.add(FactName::ChallengeCode, code, part, "claims", value);
        }
    }
}

/// What a claims challenge asks for: another place, or a token issued after a moment.
fn claimed(claims: &str) -> Option<&'static str> {
    let bytes = crate::decode::decode_base64(claims).unwrap_or_else(|| claims.as_bytes().to_vec());
    let parsed = json::parse(&bytes, 0)?;
    let wanted = parsed.node.get("access_token")?;
    if wanted.get("xms_rp_ipaddr").is_some() {
        Some("LocationConditionEvaluationFailed")
    } else if wanted.get("nbf").is_some() {
        Some("TokenIssuedBeforeRevocationTimestamp")
    } else {
        None
    }
}

/// The sentence in which Graph explains a continuous access challenge.
fn access_evaluation(text: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?i)resulted in challenge with result: *([A-Za-z]+) and code: *([A-Za-z]{4,80})")
    });
    for c in SENTENCE.captures_iter(text).take(5) {
        let (Some(all), Some(code)) = (c.get(0), c.get(2)) else { continue };
        facts.add(
            FactName::ChallengeCode,
            code.as_str(),
            part,
            code.as_str(),
            around(text, all.start(), all.end()),
        );
    }
}

/// `2000003;reason="…";error_category="…"`.
fn diagnostics(value: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    let code = value.split(';').next().unwrap_or_default().trim();
    if (4..=9).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) {
        facts.add(FactName::DiagnosticsCode, code, part, code, value);
    }
    let message = if value.contains("token_lifetime") || value.contains("token_expired") {
        "lifetime"
    } else if value.contains("invalid_resource") {
        "invalid-audience"
    } else {
        return;
    };
    facts.add(FactName::ApiMessage, message, part, "error_category", value);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, spelled, with_headers};
    use super::*;

    const GRAPH: &str = "https://graph.microsoft.com/v1.0/me";

    #[test]
    fn graph_claims() {
        let value = r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", error_description="Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp", claims="e30=""#;
        let event = with_headers("GET", GRAPH, 401, "", "", &[("WWW-Authenticate", value)]);
        assert_eq!(
            spelled(&event, extract),
            [
                "challenge-code=TokenIssuedBeforeRevocationTimestamp",
                "challenge-scheme=bearer",
                "challenge-error=insufficient_claims"
            ]
        );
    }

    #[test]
    fn several_schemes_and_diagnostics() {
        let value = r#"Bearer client_id="x", trusted_issuers="a@*, b@*", error="invalid_token",Basic realm="",NTLM, Negotiate"#;
        let url = "https://mail.contoso.example/EWS/Exchange.asmx";
        let headers =
            [("www-authenticate", value), ("x-ms-diagnostics", "2000003;reason=\"x\";error_category=\"y\"")];
        assert_eq!(
            spelled(&with_headers("POST", url, 401, "", "", &headers), extract),
            [
                "challenge-scheme=bearer",
                "challenge-error=invalid_token",
                "challenge-scheme=basic",
                "challenge-scheme=ntlm",
                "challenge-scheme=negotiate",
                "diagnostics-code=2000003"
            ]
        );
    }

    #[test]
    fn claims_alone() {
        let claims = r#"Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7InZhbHVlIjoiMSJ9fX0=""#;
        let event = with_headers("GET", GRAPH, 401, "", "", &[("WWW-Authenticate", claims)]);
        assert!(
            spelled(&event, extract)
                .contains(&"challenge-code=TokenIssuedBeforeRevocationTimestamp".to_owned())
        );
    }

    #[test]
    fn foreign_and_pasted() {
        let event = with_headers(
            "GET",
            "https://app.example/x",
            401,
            "",
            "",
            &[("WWW-Authenticate", "Basic realm=shop")],
        );
        assert!(spelled(&event, extract).is_empty());
        assert_eq!(
            spelled(&paste("HTTP/1.1 401\nx-ms-diagnostics: 2000008;reason=\"x\"\n"), extract),
            ["diagnostics-code=2000008"]
        );
    }
}
