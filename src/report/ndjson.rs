//! `--format ndjson`: one JSON object a diagnosis, for pipes.
//!
//! In: a [`Report`]. Out: a line for each diagnosis: its fields as in `hartriage.report/1`, then the names of the
//! inputs. Never: a line when there is no diagnosis.

use serde::Serialize;

use super::{Diagnosis, Report};
use crate::model::Safe;

#[derive(Serialize)]
struct Line<'r> {
    schema: &'r str,
    #[serde(flatten)]
    diagnosis: &'r Diagnosis,
    inputs: Vec<&'r Safe>,
}

pub(super) fn render(report: &Report) -> String {
    let inputs: Vec<&Safe> = report.inputs.iter().map(|i| &i.name).collect();
    let mut out = String::new();
    for diagnosis in &report.diagnoses {
        let line = Line { schema: report.schema, diagnosis, inputs: inputs.clone() };
        out.push_str(&serde_json::to_string(&line).expect("a report holds only strings, numbers and lists"));
        out.push('\n');
    }
    out
}
