//! One exchange of a capture → the same exchange as HAR 1.2 asks for it.
//!
//! In: the lenient tree of an entry, in any of the shapes that recorders write. Out: the `har` crate's types, with
//! what is missing filled in, and short vendor fields beside them. Never: redaction; that comes after.

use har::v1_2::{
    Content, Cookies, Creator, Entries, Headers, PageTimings, Pages, Params, PostData, QueryString, Request,
    Response, Timings,
};
use serde_json::{Map, Value as Json};

use crate::decode::json::{self, Node, Value};

/// Longest vendor field that is kept.
const LONGEST: usize = 4096;
/// Stands where the capture has no time.
const NO_TIME: &str = "1970-01-01T00:00:00.000Z";

/// An entry, and its vendor fields: of itself, its request and its response.
pub(super) struct Minimal {
    pub(super) entry: Entries,
    pub(super) vendor: [Map<String, Json>; 3],
}

/// The entry in these bytes.
pub(super) fn entry(bytes: &[u8]) -> Option<Minimal> {
    let node = json::parse(bytes, 0)?.node;
    let (request, response) = (node.get("request"), node.get("response"));
    let mut own = vendor(Some(&node));
    if let Some(error) = node.get("error").and_then(Node::text) {
        own.insert("_error".to_owned(), Json::String(error.into_owned()));
    }
    let vendor = [own, vendor(request), vendor(response)];
    let entry = Entries {
        started_date_time: filled(text(Some(&node), &["startedDateTime"]), NO_TIME),
        time: number(Some(&node), "time").max(0.0),
        request: self::request(request),
        response: self::response(response),
        timings: Timings { send: -1.0, wait: -1.0, receive: -1.0, ..Timings::default() },
        server_ip_address: some(text(Some(&node), &["serverIPAddress"])),
        ..Entries::default()
    };
    Some(Minimal { entry, vendor })
}

/// Name and version of the recorder.
pub(super) fn creator(bytes: &[u8]) -> Option<Creator> {
    let node = json::parse(bytes, 0)?.node;
    let name = some(text(Some(&node), &["name"]))?;
    Some(Creator { name, version: text(Some(&node), &["version"]), comment: None })
}

/// Pages whose title is an address: a browser shows there what no request carries.
pub(super) fn pages(bytes: &[u8]) -> Vec<Pages> {
    let Some(parsed) = json::parse(bytes, 0) else { return Vec::new() };
    let items = parsed.node.items().iter().enumerate();
    items
        .filter(|(_, page)| text(Some(page), &["title"]).contains("://"))
        .map(|(n, page)| Pages {
            started_date_time: filled(text(Some(page), &["startedDateTime"]), NO_TIME),
            id: filled(text(Some(page), &["id"]), &format!("page_{n}")),
            title: text(Some(page), &["title"]),
            page_timings: PageTimings::default(),
            comment: None,
        })
        .collect()
}

fn request(node: Option<&Node<'_>>) -> Request {
    let url = text(node, &["url"]);
    Request {
        method: filled(text(node, &["method"]), "GET"),
        query_string: pairs(node, "queryString", |name, value| QueryString { name, value, comment: None }),
        url,
        http_version: filled(text(node, &["httpVersion"]), "HTTP/1.1"),
        cookies: cookies(node),
        headers: headers(node),
        post_data: node.and_then(|n| n.get("postData").or_else(|| n.get("_postData"))).and_then(post_data),
        headers_size: -1,
        body_size: -1,
        comment: None,
    }
}

fn response(node: Option<&Node<'_>>) -> Response {
    let status = |key| node.and_then(|n| n.get(key)).and_then(Node::int);
    Response {
        status: status("status").unwrap_or(0),
        status_text: text(node, &["statusText"]),
        http_version: filled(text(node, &["httpVersion"]), "HTTP/1.1"),
        cookies: cookies(node),
        headers: headers(node),
        content: content(node.and_then(|n| n.get("content"))),
        redirect_url: Some(text(node, &["redirectURL", "redirectUrl"])),
        headers_size: -1,
        body_size: -1,
        comment: None,
    }
}

fn content(node: Option<&Node<'_>>) -> Content {
    let body = match node {
        Some(node) if matches!(node.value, Value::Str(_)) => {
            some(node.text().unwrap_or_default().into_owned())
        }
        _ => some(text(node, &["text", "content", "body"])),
    };
    Content {
        size: body.as_ref().map_or(0, |b| i64::try_from(b.len()).unwrap_or(-1)),
        compression: None,
        mime_type: Some(filled(text(node, &["mimeType", "_mimeType"]), "x-unknown")),
        encoding: some(text(node, &["encoding", "_encoding"])),
        text: body,
        comment: None,
    }
}

fn post_data(node: &Node<'_>) -> Option<PostData> {
    let body = match &node.value {
        Value::Object(_) => some(text(Some(node), &["text", "content", "body"])),
        _ => node.text().map(std::borrow::Cow::into_owned),
    };
    let params = pairs(Some(node), "params", |name, value| Params {
        name,
        value: Some(value),
        file_name: None,
        content_type: None,
        comment: None,
    });
    if body.is_none() && params.is_empty() {
        return None;
    }
    let mime = filled(text(Some(node), &["mimeType"]), "application/x-www-form-urlencoded");
    // The standard allows one of the two.
    let params = if body.is_some() { None } else { Some(params) };
    Some(PostData { mime_type: mime, text: body, params, comment: None })
}

fn headers(node: Option<&Node<'_>>) -> Vec<Headers> {
    pairs(node, "headers", |name, value| Headers { name, value, comment: None })
}

fn cookies(node: Option<&Node<'_>>) -> Vec<Cookies> {
    pairs(node, "cookies", |name, value| Cookies { name, value, ..Cookies::default() })
}

/// Names and values in any of the shapes of a list: objects, pairs, lines, or one object.
fn pairs<T>(node: Option<&Node<'_>>, key: &str, make: impl Fn(String, String) -> T) -> Vec<T> {
    let Some(list) = node.and_then(|n| n.get(key)) else { return Vec::new() };
    let mut out = Vec::new();
    for (name, value) in list.members() {
        out.push(make(name.to_string(), plain(value)));
    }
    for item in list.items() {
        match &item.value {
            Value::Object(members) => match item.get("name").or_else(|| item.get("key")) {
                Some(name) => out.push(make(plain(name), item.get("value").map(plain).unwrap_or_default())),
                None => out.extend(members.iter().take(1).map(|(n, v)| make(n.to_string(), plain(v)))),
            },
            Value::Array(pair) => {
                if let [name, value, ..] = pair.as_slice() {
                    out.push(make(plain(name), plain(value)));
                }
            }
            _ => {
                if let Some((name, value)) = plain(item).split_once(':') {
                    out.push(make(name.to_owned(), value.trim().to_owned()));
                }
            }
        }
    }
    out
}

/// Short fields that a recorder added.
fn vendor(node: Option<&Node<'_>>) -> Map<String, Json> {
    let members = node.map(Node::members).unwrap_or_default().iter();
    members
        .filter(|(key, value)| {
            key.starts_with('_')
                && key != "_postData"
                && matches!(value.value, Value::Str(raw) if raw.len() <= LONGEST)
        })
        .map(|(key, value)| (key.to_string(), Json::String(plain(value))))
        .collect()
}

fn plain(node: &Node<'_>) -> String {
    node.text().unwrap_or_default().into_owned()
}

fn text(node: Option<&Node<'_>>, keys: &[&str]) -> String {
    keys.iter().find_map(|k| node?.get(k)).map(plain).unwrap_or_default()
}

fn number(node: Option<&Node<'_>>, key: &str) -> f64 {
    text(node, &[key]).trim().parse::<f64>().ok().filter(|n| n.is_finite()).unwrap_or(0.0)
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|t| !t.is_empty())
}

fn filled(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}
