//! `docs/report.schema.json` against what is rendered, by a validator of the keywords that the schema uses; it refuses
//! a keyword that it does not know, so that nothing passes unread.

use hartriage::model::Lang;
use hartriage::report::{Format, Report};
use serde_json::Value;

use super::{drawn, sample};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("the schema is JSON")
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let mut wrong = |what: String| problems.push(format!("{at}: {what}"));
    let keywords = schema.as_object().expect("a schema is an object");
    for (keyword, wanted) in keywords {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => {}
            "$ref" => {
                let name =
                    wanted.as_str().and_then(|r| r.strip_prefix("#/$defs/")).expect("a local reference");
                check(root, &root["$defs"][name], value, at, problems);
                return;
            }
            "const" if value != wanted => wrong(format!("is not {wanted}")),
            "enum" if !wanted.as_array().expect("a list").contains(value) => {
                wrong(format!("{value} is not allowed"))
            }
            "const" | "enum" => {}
            "type" => {
                let types = wanted.as_array().cloned().unwrap_or_else(|| vec![wanted.clone()]);
                if !types.iter().any(|t| is(value, t.as_str().expect("a type"))) {
                    wrong(format!("{value} is not {wanted}"));
                }
            }
            "minimum" if value.is_u64() && value.as_u64() < wanted.as_u64() => {
                wrong(format!("{value} is below {wanted}"))
            }
            "maximum" if value.is_u64() && value.as_u64() > wanted.as_u64() => {
                wrong(format!("{value} is above {wanted}"))
            }
            "minimum" | "maximum" => {}
            "minItems" | "maxItems" => {
                let count = value.as_array().map_or(0, Vec::len) as u64;
                let bound = wanted.as_u64().expect("a number");
                if (keyword == "minItems" && count < bound) || (keyword == "maxItems" && count > bound) {
                    wrong(format!("{count} items"));
                }
            }
            "required" => {
                for name in wanted.as_array().expect("a list") {
                    if value.is_object() && value.get(name.as_str().expect("a name")).is_none() {
                        wrong(format!("{name} is missing"));
                    }
                }
            }
            "additionalProperties" => {
                assert_eq!(wanted, false);
                for name in value.as_object().into_iter().flat_map(|o| o.keys()) {
                    if schema["properties"].get(name).is_none() {
                        wrong(format!("{name} is not in the schema"));
                    }
                }
            }
            "properties" | "items" => {}
            other => panic!("the validator does not know {other}"),
        }
    }
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if let Some(inner_value) = value.get(name) {
            check(root, inner, inner_value, &format!("{at}/{name}"), problems);
        }
    }
    if let Some(items) = schema.get("items") {
        for (n, item) in value.as_array().into_iter().flatten().enumerate() {
            check(root, items, item, &format!("{at}/{n}"), problems);
        }
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the validator does not know the type {other}"),
    }
}

fn problems(value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let schema = schema();
    check(&schema, &schema, value, "", &mut out);
    out
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&drawn(report, Format::Json)).expect("JSON")
}

#[test]
fn reports_follow_the_schema() {
    for lang in [Lang::En, Lang::Ja] {
        for report in [sample::ordinary(lang), sample::worked(lang), sample::empty(lang)] {
            assert_eq!(problems(&json(&report)), Vec::<String>::new());
        }
    }
}

#[test]
fn a_real_run_follows_the_schema() {
    let triage = hartriage::Triage::new(hartriage::Options::default()).expect("the rules compile");
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("server.log");
    let line = r#"2026-11-02T09:15:03Z ERROR {"error":"invalid_grant","error_description":"AADSTS50105: The signed in user is not assigned to a role for the application.","error_codes":[50105]}"#;
    std::fs::write(&log, line).expect("written");
    let report = triage.run(&[log.display().to_string()]);
    assert!(!report.diagnoses.is_empty());
    assert_eq!(problems(&json(&report)), Vec::<String>::new());
}

#[test]
fn the_schema_refuses_what_is_not_a_report() {
    let good = json(&sample::ordinary(Lang::En));
    let spoil = |pointer: &str, with: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("the place is there") = with;
        !problems(&bad).is_empty()
    };
    assert!(spoil("/schema", "hartriage.report/2".into()));
    assert!(spoil("/diagnoses/0/confidence", 101.into()));
    assert!(spoil("/diagnoses/0/kind", "guess".into()));
    assert!(spoil("/diagnoses/0/evidence/0/span", serde_json::json!([1])));
    assert!(spoil("/inputs/0", serde_json::json!({"name": "x"})));
    assert!(spoil("/scopes", Value::Null));
    let mut more = good.clone();
    more["extra"] = Value::Null;
    assert!(!problems(&more).is_empty());
}
