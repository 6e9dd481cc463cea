//! A query's answer as Log Analytics and Application Insights give it: names of columns, and rows as arrays.
//!
//! In: `{"tables":[{"columns":[{"name":…}],"rows":[[…]]}]}`. Out: a record with fields for each row. Never: a row read
//! under the columns of another table.

use std::borrow::Cow;

use super::fields::Fields;
use super::json::{Node, Value, parse};
use super::json_lines::record;
use super::lines::{Chunk, bom, pieces};
use super::{Format, Reach, Sink, Split};
use crate::model::Source;

/// Tables in one JSON document.
pub(super) const FORMAT: Format = Format { name: "json-table", claim, split, reach: Reach::Whole };

fn claim(head: &[u8]) -> u8 {
    let Some(parsed) = parse(head, bom(head)) else { return 0 };
    if tables(&parsed.node).iter().any(|t| !names(t).is_empty() && t.get("rows").is_some()) { 80 } else { 0 }
}

/// The tables: several in a list, or the document itself.
fn tables<'n, 'a>(node: &'n Node<'a>) -> Vec<&'n Node<'a>> {
    match node.get("tables") {
        Some(list) => list.items().iter().collect(),
        None => vec![node],
    }
}

fn names<'a>(table: &Node<'a>) -> Vec<Cow<'a, str>> {
    let columns = table.get("columns").map(Node::items).unwrap_or_default();
    columns.iter().filter_map(|c| c.get("name").or_else(|| c.get("ColumnName"))?.text()).collect()
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    pieces(vec![Chunk::whole(source)], read)
}

fn read<'a>(chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>) {
    let Some(parsed) = parse(chunk.bytes, chunk.start) else { return };
    if parsed.truncated {
        let line = chunk.line;
        sink.lost(chunk.lost(
            "the end of the file".to_owned(),
            "broken JSON, its complete rows were read",
            line,
        ));
    }
    let (mut line, mut counted) = (chunk.line, chunk.start);
    for table in tables(&parsed.node) {
        let names = names(table);
        for row in table.get("rows").map(Node::items).unwrap_or_default() {
            line += memchr::memchr_iter(b'\n', chunk.slice(counted, row.start)).count() as u64;
            counted = row.start;
            let members = names.iter().cloned().zip(row.items().iter().cloned()).collect();
            let object = Node { value: Value::Object(members), start: row.start, end: row.end };
            sink.event(record(chunk, Fields::of(&object, 0), row.start, row.end, line));
        }
    }
}
