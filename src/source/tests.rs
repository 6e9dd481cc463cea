//! Finding and loading, over files made on the spot.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::*;

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, bytes).expect("a file");
    path.to_string_lossy().into_owned()
}

fn load_all(input: &str, limits: &Limits) -> Loaded {
    let (found, lost) = find(&[input.to_owned()], limits);
    let mut all = Loaded { lost, ..Loaded::default() };
    for one in &found {
        let loaded = load(one, limits);
        all.sources.extend(loaded.sources);
        all.lost.extend(loaded.lost);
    }
    all
}

/// Pairs of a name and a text.
type Pairs = Vec<(String, String)>;

/// What loading bytes from a file gives: names after the file's own, texts, and reasons.
fn loaded(bytes: &[u8], limits: &Limits) -> (Pairs, Pairs) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = write(folder.path(), "case", bytes);
    let all = load_all(&path, limits);
    let sources = all
        .sources
        .iter()
        .map(|s| (s.name.replace(&path, ""), String::from_utf8_lossy(s.bytes()).into_owned()))
        .collect();
    assert!(all.lost.iter().all(|l| l.source == path));
    (sources, all.lost.into_iter().map(|l| (l.what, l.why)).collect())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        out.start_file(*name, ::zip::write::SimpleFileOptions::default()).expect("a member");
        out.write_all(bytes).expect("memory");
    }
    out.finish().expect("memory").into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = ::tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        out.append_data(&mut header, name, *bytes).expect("memory");
    }
    out.into_inner().expect("memory")
}

/// Text that does not compress to nothing.
fn prose(length: usize) -> String {
    let mut state = 7u32;
    let mut text = String::new();
    while text.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push_str(&format!("{:x} ", state >> 8));
    }
    text
}

#[test]
fn folders_in_order_each_file_once() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["b.har", "a/z.log", "a/.hidden", ".git/config", "c.txt"] {
        write(folder.path(), name, b"x");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).expect("a link");
        std::os::unix::fs::symlink("nowhere", folder.path().join("a/broken")).expect("a link");
    }
    let root = folder.path().to_string_lossy().into_owned();
    let file = folder.path().join("b.har").to_string_lossy().into_owned();
    let (found, lost) = find(&[file, root.clone()], &Limits::default());
    let names: Vec<_> = found.iter().map(|f| f.name.replace(&root, "").replace('\\', "/")).collect();
    assert_eq!(names, ["/b.har", "/a/.hidden", "/a/z.log", "/c.txt"]);
    #[cfg(unix)]
    assert_eq!(lost.iter().map(|l| l.why.as_str()).collect::<Vec<_>>(), ["the link leads nowhere"]);
    let few = Limits { max_files: 2, ..Limits::default() };
    let (found, lost) = find(&[root], &few);
    assert_eq!((found.len(), lost.iter().filter(|l| l.why.contains("more than 2 files")).count()), (2, 1));
}

#[test]
fn arguments_that_are_no_files() {
    let urls = [
        "https://app.contoso.example/cb?error=access_denied&state=1",
        "#error=access_denied&error_description=x",
        "?code=x&state=y",
        "error=invalid_grant&error_description=x",
        "msauth.example://auth?error=x",
        "localhost:3000/cb#error=login_required",
    ];
    for url in urls {
        let (found, lost) = find(&[url.to_owned()], &Limits::default());
        assert!(lost.is_empty(), "{url}");
        assert_eq!(found[0].name, "argument");
        assert_eq!(load(&found[0], &Limits::default()).sources[0].bytes(), url.as_bytes());
    }
    let (found, lost) = find(&["missing.har".to_owned(), "-".to_owned(), "-".to_owned()], &Limits::default());
    assert_eq!(found, [Found { name: "-".to_owned(), origin: Origin::Stdin }]);
    assert_eq!((lost[0].source.as_str(), lost[0].why.as_str()), ("missing.har", "no such file or folder"));
}

#[cfg(unix)]
#[test]
fn special_files_are_not_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("s");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let (found, lost) =
        find(&[socket.to_string_lossy().into_owned(), "/dev/null".to_owned()], &Limits::default());
    assert!(found.is_empty());
    assert_eq!(
        lost.iter().map(|l| l.why.as_str()).collect::<Vec<_>>(),
        ["a socket: not opened", "a device: not opened"]
    );
}

#[test]
fn archives_within_archives() {
    let inner = zip(&[("deep/login.har", b"{\"log\":1}"), ("photo.png", b"\x89PNG\r\n\x1a\nxx")]);
    let bytes = gzip(&tar(&[("a.log", b"line"), ("inner.zip", &inner), ("none", b"")]));
    let (sources, lost) = loaded(&bytes, &Limits::default());
    assert_eq!(
        sources,
        [
            ("!/a.log".to_owned(), "line".to_owned()),
            ("!/inner.zip!/deep/login.har".to_owned(), "{\"log\":1}".to_owned())
        ]
    );
    assert_eq!(
        lost,
        [
            ("member inner.zip!/photo.png".to_owned(), "an image: nothing to read".to_owned()),
            ("member none".to_owned(), "empty".to_owned())
        ]
    );
    let shallow = Limits { max_depth: 2, ..Limits::default() };
    let (sources, lost) = loaded(&bytes, &shallow);
    assert_eq!(sources.len(), 1);
    assert_eq!(lost[0], ("member inner.zip".to_owned(), "archives are nested too deeply".to_owned()));
}

#[test]
fn cut_streams_keep_their_beginning() {
    let text = prose(300_000);
    let whole = gzip(text.as_bytes());
    let (sources, lost) = loaded(&whole[..whole.len() / 2], &Limits::default());
    assert!(sources[0].1.len() > 10_000 && text.starts_with(&sources[0].1));
    assert_eq!(lost.len(), 1);
    let (sources, lost) = loaded(&zip(&[("a", text.as_bytes())])[..whole.len() / 2], &Limits::default());
    assert!(text.starts_with(&sources[0].1) && !lost.is_empty());
    let packed = tar(&[("a", text.as_bytes())]);
    let (sources, lost) = loaded(&packed[..100_000], &Limits::default());
    assert!(text.starts_with(&sources[0].1) && !lost.is_empty());
    let (sources, lost) = loaded(&[&whole[..], &gzip(b"second")[..]].concat(), &Limits::default());
    assert!(sources[0].1.ends_with("second") && lost.is_empty());
}

#[test]
fn limits_are_counted_as_bytes_flow() {
    let bomb = gzip(&vec![b' '; 8 << 20]);
    let by = |limits: Limits| loaded(&bomb, &limits);
    let (sources, lost) = by(Limits { max_source: 1000, ..Limits::default() });
    assert_eq!((sources[0].1.len(), lost.len()), (1000, 1));
    let (sources, lost) = by(Limits { max_ratio: 10, ratio_from: 1 << 20, ..Limits::default() });
    assert!(sources[0].1.len() < 2 << 20 && lost[0].1.contains("more than 10 times"), "{lost:?}");
    let many = zip(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let (sources, lost) = loaded(&many, &Limits { max_members: 2, ..Limits::default() });
    assert_eq!((sources.len(), lost.len()), (2, 1));
    let two = zip(&[("a", &[b'a'; 200_000]), ("b", b"2")]);
    let (sources, lost) = loaded(&two, &Limits { max_total: 100_000, ..Limits::default() });
    assert_eq!((sources.len(), lost.len()), (1, 2), "{lost:?}");
    let (sources, lost) =
        loaded(prose(200_000).as_bytes(), &Limits { max_file: 100_000, ..Limits::default() });
    assert_eq!((sources[0].1.len(), lost.len()), (100_000, 1));
}

#[test]
fn other_compressions() {
    // A whole stream of `hello world`.
    let bzip2 = b"\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x4e\xec\xe8\x36\x00\x00\x02\x51\x80\x00\x10\x40\x00\x06\x44\x90\x80\x20\x00\x31\x06\x4c\x41\x01\xa7\xa9\xa5\x80\xbb\x94\x31\xf8\xbb\x92\x29\xc2\x84\x82\x77\x67\x41\xb0";
    let (sources, lost) = loaded(bzip2, &Limits::default());
    assert_eq!(sources.first().map(|s| s.1.as_str()), Some("hello world\n"), "{lost:?}");
    // A zstd frame with one raw block: `hello`.
    let zstd = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello";
    let (sources, lost) = loaded(zstd, &Limits::default());
    assert_eq!(sources.first().map(|s| s.1.as_str()), Some("hello"), "{lost:?}");
    let (sources, _) = loaded(&[&zstd[..], &zstd[..]].concat(), &Limits::default());
    assert_eq!(sources[0].1, "hellohello");
    let (sources, lost) = loaded(b"\xFD7zXZ\0rest", &Limits::default());
    assert!(sources.is_empty() && lost[0].1.starts_with("its compressed data is broken"), "{lost:?}");
    let xz =
        fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/inputs/capture.har.xz")).expect("a fixture");
    let (sources, lost) = loaded(&[&xz[..], b"\0\0\0\0", &xz].concat(), &Limits::default());
    assert_eq!((sources[0].1.matches("\"entries\"").count(), lost.len()), (2, 0));
    let (sources, lost) = loaded(&xz[..xz.len() / 2], &Limits::default());
    assert_eq!((sources.len(), lost.len()), (usize::from(!sources.is_empty()), 1), "a cut stream is said");
}

#[test]
fn wide_text_becomes_utf8() {
    let text = "{\"log\":{\"name\":\"日本\"}}\r\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let widest: Vec<u8> = text.chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    for bytes in [
        little.clone(),
        big.clone(),
        [b"\xFF\xFE", &little[..]].concat(),
        [b"\xFE\xFF", &big[..]].concat(),
        [b"\xFF\xFE\0\0", &widest[..]].concat(),
    ] {
        let (sources, lost) = loaded(&bytes, &Limits::default());
        assert_eq!((sources[0].1.as_str(), lost.len()), (text, 0));
    }
    let (sources, _) = loaded(b"\xEF\xBB\xBF{}", &Limits::default());
    assert_eq!(sources[0].1, "\u{FEFF}{}", "the mark stays for the decoders");
}

#[test]
fn binaries_and_odd_texts() {
    for (bytes, why) in [
        (&b""[..], "empty"),
        (b"%PDF-1.7 x", "a PDF"),
        (b"\0\x01\x02\x03\x04\x05\x06\x07\0\0\0\0\0\0\0\0\x01\x01\x01", "not text"),
        (b"MZ\x90\0\x03\0\0\0", "a program"),
    ] {
        let (sources, lost) = loaded(bytes, &Limits::default());
        assert!(sources.is_empty() && lost[0].1.starts_with(why), "{lost:?}");
    }
    for text in [
        &b"GET /caf\xE9 200"[..],
        b"a\0b",
        b"T 12 \x0319*\x0f\x0319 x\x03",
        b"\x1b[31mred\x1b[0m",
        b"MZ is how this line begins",
    ] {
        let (sources, lost) = loaded(text, &Limits::default());
        assert_eq!((sources.len(), lost.len()), (1, 0));
    }
    let fiddler = zip(&[("[Content_Types].xml", b"<x/>"), ("raw/1_c.txt", b"GET / HTTP/1.1")]);
    let (sources, _) = loaded(&fiddler, &Limits::default());
    assert_eq!(sources.len(), 1, "the sessions are joined");
    assert!(sources[0].1.contains("--- raw/1_c.txt 14\r\nGET / HTTP/1.1\r\n"));
    let office = zip(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]);
    let (sources, lost) = loaded(&office, &Limits::default());
    assert!(sources.is_empty() && lost[0].1.starts_with("an Office document"));
}

#[test]
fn mapped_and_read_files_hold_the_same() {
    for length in [10, 64 * 1024 - 1, 64 * 1024, 200_000] {
        let text = prose(length);
        let text = &text[..length];
        assert_eq!(loaded(text.as_bytes(), &Limits::default()).0[0].1, text);
    }
}

#[test]
fn older_encodings() {
    let japanese = "2026-03-03 12:00:01 エラー サインインできません AADSTS50105\n";
    let western = "2026-03-03 12:00:01 échec répété à l’étape « jeton » AADSTS50105\n";
    let shift_jis = encoding_rs::SHIFT_JIS.encode(japanese).0.into_owned();
    let windows = encoding_rs::WINDOWS_1252.encode(western).0.into_owned();
    let mixed = [japanese.as_bytes(), b"caf\xE9\n"].concat();
    for (bytes, text) in [(shift_jis, japanese), (windows, western)] {
        assert_eq!(loaded(&bytes, &Limits::default()).0[0].1, text);
    }
    let (sources, _) = loaded(&mixed, &Limits::default());
    assert!(sources[0].1.starts_with(japanese), "mostly UTF-8 stays so");
    let (sources, _) = loaded(b"a \x1b[1;31mAADSTS50105\x1b[0m: b \x1b x", &Limits::default());
    assert_eq!(sources[0].1, "a AADSTS50105: b \u{1b} x");
}

/// Found by fuzzing: of a message with a part in which nothing stands nothing was said at all.
#[test]
fn a_mail_that_says_nothing_is_named() {
    for body in ["", " \r\n\r\n"] {
        let mail =
            format!("Received: from a by b\r\nFrom: anna@contoso.example\r\nSubject: calendar\r\n\r\n{body}");
        let (sources, lost) = loaded(mail.as_bytes(), &Limits::default());
        assert!(sources.is_empty());
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert_eq!(lost[0].1, "a mail without text or attachment");
    }
}

#[test]
fn mails_give_their_attachments() {
    let mail = "Received: from a by b\r\nFrom: =?utf-8?B?w4RubmE=?= <a@contoso.example>\r\nSubject: =?iso-8859-1?Q?F=E9licit=E9?=\r\n\
        Content-Type: multipart/mixed; boundary=\"x;y\"\r\n\r\npreamble\r\n--x;y\r\n\
        Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nna=EFve=\r\n!\r\n\
        --x;y\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nforwarded\r\n\
        --x;y\r\nContent-Disposition: attachment; filename*=utf-8''caf%C3%A9.log\r\nContent-Transfer-Encoding: base64\r\n\r\nbGluZQ==\r\n";
    let (sources, lost) = loaded(mail.as_bytes(), &Limits::default());
    let got: Vec<_> = sources.iter().map(|(n, t)| (n.as_str(), t.trim_end())).collect();
    assert_eq!(
        got,
        [
            ("!/message.txt", "Subject: Félicité\n\nnaïve!"),
            ("!/message-2.txt", "Subject: inner\n\nforwarded"),
            ("!/café.log", "line")
        ]
    );
    assert!(lost.is_empty(), "{lost:?}");
    for text in
        ["From: a\nSubject: b\n\nhello", "GET / HTTP/1.1\nHost: x\n\n", "2026-03-03 12:00:00 From: x\n"]
    {
        assert_eq!(loaded(text.as_bytes(), &Limits::default()).0[0].0, "", "no e-mail: {text}");
    }
}

#[test]
fn rotated_logs_are_read_oldest_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = [
        "app.log",
        "app.log.1",
        "app.log.10.gz",
        "app.log.2.gz",
        "app.log-20260301.gz",
        "app.log-20260215",
        "b.har",
    ];
    for name in names {
        write(folder.path(), name, b"x");
    }
    let (found, _) = find(&[folder.path().to_string_lossy().into_owned()], &Limits::default());
    let got: Vec<_> = found.iter().filter_map(|f| f.name.rsplit(['/', '\\']).next()).collect();
    assert_eq!(
        got,
        [
            "app.log-20260215",
            "app.log-20260301.gz",
            "app.log.10.gz",
            "app.log.2.gz",
            "app.log.1",
            "app.log",
            "b.har"
        ]
    );
}

#[test]
fn captures_within_documents() {
    let inner = r#"{"log":{"entries":[{"request":{"url":"https://a.example/"},"startedDateTime":"2026-03-03T12:00:00Z"}]}}"#;
    let outer = serde_json::json!({ "before": 1, "file": inner, "after": "kept" }).to_string();
    let (sources, lost) = loaded(outer.as_bytes(), &Limits::default());
    assert_eq!(sources.len(), 2, "{lost:?}");
    assert!(sources[0].1.contains("kept") && !sources[0].1.contains("startedDateTime"));
    assert_eq!(sources[1], ("!/embedded-1".to_owned(), inner.to_owned()));
    // Bodies of a capture are no captures.
    let upload = serde_json::json!({ "log": { "entries": [{ "startedDateTime": "x", "request": { "postData": { "text": inner } } }] } });
    assert_eq!(loaded(upload.to_string().as_bytes(), &Limits::default()).0.len(), 1);
}
