//! Inputs that are whole, whatever they say, and changes that leave them so.
//!
//! In: bytes that libFuzzer made up. Out: whether they are a JSON document or lines of the fixtures' logs; and bytes in
//! which the text of one string, or the order of lines, is another. Never: damage. That is what plain mutation is for.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

/// libFuzzer's own change of bytes: buffer, length, room; gives the new length.
pub type Plain = fn(&mut [u8], usize, usize) -> usize;

/// True for a document of JSON and for a log of known lines: nothing in it is cut or torn.
#[must_use]
pub fn is_sound(text: &str) -> bool {
    static LINES: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/logs");
        let files = fs::read_dir(logs).expect("fixtures").flatten();
        let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
        texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    });
    serde_json::from_str::<Value>(text).is_ok() || text.lines().all(|line| LINES.contains(line))
}

/// Changes what a sound input says, most times; otherwise, and what is not sound, any byte.
pub fn mutate(data: &mut [u8], size: usize, room: usize, seed: u32, plain: Plain) -> usize {
    let text = data.get(..size).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let changed = text.filter(|_| seed % 8 != 0).and_then(|text| match serde_json::from_str(text) {
        Ok(document) => other_string(document, seed, plain),
        Err(_) => is_sound(text).then(|| other_lines(text, seed)),
    });
    match changed.filter(|c| c.len() <= room && !c.is_empty()) {
        Some(changed) => {
            data[..changed.len()].copy_from_slice(changed.as_bytes());
            changed.len()
        }
        None => plain(data, size, room),
    }
}

/// The document with another text in one of its strings.
fn other_string(mut document: Value, seed: u32, plain: Plain) -> Option<String> {
    let mut strings = Vec::new();
    collect(&mut document, &mut strings);
    let at = seed as usize / 8 % strings.len().max(1);
    let string = strings.get_mut(at)?;
    let mut bytes = string.clone().into_bytes();
    let size = bytes.len();
    bytes.resize(size + 64, 0);
    let room = bytes.len();
    let size = plain(&mut bytes, size, room);
    **string = String::from_utf8_lossy(&bytes[..size]).into_owned();
    serde_json::to_string(&document).ok()
}

fn collect<'v>(value: &'v mut Value, out: &mut Vec<&'v mut String>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| collect(item, out)),
        Value::Object(members) => members.values_mut().for_each(|member| collect(member, out)),
        _ => {}
    }
}

/// The log with two lines swapped, one twice, or one left out.
fn other_lines(text: &str, seed: u32) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let pick = |n: u32| (seed / n) as usize % lines.len().max(1);
    let (one, two) = (pick(7), pick(77_777));
    match seed % 3 {
        _ if lines.is_empty() => {}
        0 => lines.swap(one, two),
        1 => lines.insert(one, lines[two]),
        _ => drop(lines.remove(one)),
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}
