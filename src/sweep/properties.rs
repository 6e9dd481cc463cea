//! Merging commutes, whatever the split: over generated aggregates.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::model::{Aggregate, Cause, Code, Inputs, NotRead, Representative, Row, Settings};
use super::text::Text;
use super::trend::Trend;
use super::{Canvas, render};
use crate::diagnose::Ruleset;
use crate::model::Lang;
use crate::redact;
use crate::report::Format;

fn text(from: &'static [&'static str]) -> impl Strategy<Value = Text> {
    prop::sample::select(from).prop_map(|s| redact::text(s).into())
}

fn tenant() -> impl Strategy<Value = Text> {
    text(&["contoso.example", "fabrikam.example", "adatum.example", "northwind.example", "tailspin.example"])
}

fn cause_id() -> impl Strategy<Value = Text> {
    text(&[
        "user-not-assigned",
        "client-credential-invalid",
        "throttled",
        "mailbox-missing",
        "of-another-rule",
    ])
}

fn code() -> impl Strategy<Value = Code> {
    (1..5_u64, btree_set(tenant(), 0..3)).prop_map(|(attempts, tenants)| Code { attempts, tenants })
}

fn cause() -> impl Strategy<Value = Cause> {
    let name = text(&["AADSTS50105", "AADSTS7000222", "ApplicationThrottled"]);
    (1..9_u64, btree_map(name, code(), 0..3)).prop_map(|(attempts, codes)| Cause { attempts, codes })
}

fn trend() -> impl Strategy<Value = Trend> {
    vec(1_780_000_000..1_790_000_000_i64, 0..6).prop_map(|seconds| {
        let mut trend = Trend::default();
        seconds.into_iter().for_each(|s| trend.count(s));
        trend
    })
}

fn example() -> impl Strategy<Value = Representative> {
    let input = text(&["a.log", "b.har", "c.zip!/d.har"]);
    let said = text(&["AADSTS50105: not assigned", "invalid_client", ""]);
    (cause_id(), 90..93_u8, input, option::of(0..3_u32), 0..3_u64, option::of(0..9_i64), said).prop_map(
        |(cause, confidence, input, entry, start, time, text)| Representative {
            cause,
            confidence,
            input,
            entry,
            line: None,
            pointer: Text::default(),
            span: [start, start + 1],
            time,
            text,
        },
    )
}

fn row() -> impl Strategy<Value = Row> {
    let sets = (btree_set(tenant(), 0..4), btree_set(tenant(), 0..4));
    let times = (option::of(0..50_i64), option::of(0..50_i64));
    (1..20_u64, 1..5_u64, sets, times, trend(), btree_map(cause_id(), cause(), 0..3), option::of(example()))
        .prop_map(
            |(attempts, inputs, (tenants, accounts), (first_seen, last_seen), trend, causes, example)| Row {
                attempts,
                inputs,
                tenants,
                accounts,
                first_seen,
                last_seen,
                trend,
                causes,
                example,
            },
        )
}

fn inputs() -> impl Strategy<Value = Inputs> {
    let name = "[a-z]{1,2}\\.har".prop_map(|s| Text::from(redact::text(&s)));
    let not_read = (any::<bool>(), name).prop_map(|(partly, input)| NotRead {
        partly,
        input,
        what: Text::default(),
        why: Text::default(),
        place: Text::default(),
    });
    (0..9_u64, 0..9_u64, 0..9_u64, btree_set(not_read, 0..40))
        .prop_map(|(read, unread, failed, named)| Inputs { read, unread, failed, named, ..Inputs::default() })
}

fn aggregate() -> impl Strategy<Value = Aggregate> {
    (inputs(), btree_map(cause_id(), row(), 0..4)).prop_map(|(inputs, rows)| Aggregate {
        settings: Settings::default(),
        inputs,
        rows,
    })
}

fn sum<'a>(list: impl IntoIterator<Item = &'a Aggregate>) -> Aggregate {
    let mut all = Aggregate::default();
    list.into_iter().for_each(|a| all.merge(a.clone()));
    all
}

fn drawn(aggregate: &Aggregate) -> Vec<String> {
    let rules = Ruleset::built_in().expect("the built-in rules are good");
    [Format::Table, Format::Json, Format::Csv, Format::Markdown, Format::Html, Format::Ndjson]
        .into_iter()
        .map(|f| render(aggregate, &rules, Lang::En, f, Canvas { width: 120, ascii: false, excel: false }).0)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any order and any bracketing give the same aggregate, also through files.
    #[test]
    fn splits_do_not_show(list in vec(aggregate(), 1..7), cuts in vec(0..7_usize, 0..3), turn in 0..7_usize) {
        let whole = sum(&list);
        let mut parts: Vec<Vec<Aggregate>> = vec![Vec::new()];
        for (n, one) in list.iter().enumerate() {
            if cuts.contains(&n) {
                parts.push(Vec::new());
            }
            parts.last_mut().expect("there is a first").push(one.clone());
        }
        let mut parts: Vec<Aggregate> = parts.iter().map(sum).collect();
        let turn = turn % parts.len();
        parts.rotate_left(turn);
        prop_assert_eq!(&sum(&parts), &whole);
        parts.reverse();
        prop_assert_eq!(&sum(&parts), &whole);
        let reread: Vec<Aggregate> =
            parts.iter().map(|p| Aggregate::from_part(p.to_part().as_bytes()).expect("it was written here")).collect();
        prop_assert_eq!(sum(&reread).to_part(), whole.to_part());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn drawings_are_the_same(a in aggregate(), b in aggregate()) {
        let (mut ab, mut ba) = (a.clone(), b.clone());
        ab.merge(b);
        ba.merge(a);
        prop_assert_eq!(drawn(&ab), drawn(&ba));
    }
}

#[test]
fn foreign_files_are_refused() {
    use super::PartError;
    let of = |s: &str| Aggregate::from_part(s.as_bytes()).expect_err("it is no part");
    assert_eq!(of("{}"), PartError::Foreign);
    assert_eq!(of("\u{0}"), PartError::Foreign);
    assert_eq!(of(r#"{"schema":"hartriage.sweep-part/2"}"#), PartError::Version);
    assert!(matches!(of(r#"{"schema":"hartriage.sweep-part/1","rows":[]}"#), PartError::Damaged { .. }));
}

#[test]
fn what_a_part_says_is_redacted_again() {
    let token = format!(
        "eyJ{}.eyJ{}.{}",
        "hbGciOiJSUzI1NiJ9", "zdWIiOiJhbGljZSJ9", "c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWc"
    );
    let aggregate = Aggregate::default();
    let forged = aggregate.to_part().replacen(
        "\"profile\": null",
        &format!("\"profile\": \"x {token} \\u001b[2J\""),
        1,
    );
    assert!(forged.contains(&token));
    let read = Aggregate::from_part(forged.as_bytes()).expect("it keeps to the form").to_part();
    assert!(!read.contains("c2lnbmF0dXJl") && !read.contains("\\u001b"), "{read}");
}
