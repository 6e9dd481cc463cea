//! Secrets of every kind, planted in every syntax: the same ones in every run.

/// Small deterministic generator.
pub(crate) struct Dice(pub(crate) u64);

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[(self.next() % from.len() as u64) as usize]
    }

    pub(crate) fn chars(&mut self, alphabet: &str, len: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..len).map(|_| *self.pick(&alphabet)).collect()
    }

    pub(crate) fn b64url(&mut self, len: usize) -> String {
        self.chars(&format!("{LETTERS}-_"), len)
    }

    pub(crate) fn alnum(&mut self, len: usize) -> String {
        self.chars(LETTERS, len)
    }
}

/// A secret, and the part of it that must not be seen anywhere.
pub(crate) struct Planted {
    pub(crate) shown: String,
    pub(crate) hidden: String,
}

fn plain(secret: String) -> Planted {
    Planted { shown: secret.clone(), hidden: secret }
}

/// Tokens known by their own shape.
pub(crate) fn shaped(dice: &mut Dice) -> Planted {
    match dice.next() % 9 {
        0 => {
            let claims =
                base64_url(&format!("{{\"aud\":\"00000003\",\"upn\":\"u{}@contoso.example\"}}", dice.next()));
            let signature = dice.b64url(342);
            Planted { shown: format!("eyJhbGciOiJSUzI1NiJ9.{claims}.{signature}"), hidden: signature }
        }
        1 => plain(format!("EwB{}", dice.alnum(600))),
        2 => plain(format!("0.AXkA{}", dice.b64url(300))),
        3 => plain(format!("1.AW8B{}", dice.b64url(300))),
        4 => plain(format!("M.C507_BAY.2.U.{}", dice.alnum(40))),
        5 => plain(format!("{}8Q~{}", dice.alnum(3), dice.b64url(34))),
        6 => plain(format!("AKIA{}", dice.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16))),
        7 => plain(dice.alnum(64)),
        _ => plain(dice.chars("0123456789abcdef", 64)),
    }
}

/// Secrets known only by where they stand: short, plain, with awkward characters.
pub(crate) fn placed(dice: &mut Dice) -> Planted {
    match dice.next() % 4 {
        0 => plain(format!("Hunter{}!", dice.chars("0123456789", 5))),
        1 => plain(format!("pa%ss&w\"o<r>d {}", dice.alnum(6))),
        2 => plain(dice.alnum(12)),
        _ => plain(format!("kette-{}", dice.chars("abcdefghijkmnpqrstuvwxyz", 10))),
    }
}

pub(crate) fn json_escape(s: &str) -> String {
    let quoted = serde_json::to_string(s).expect("a string");
    quoted[1..quoted.len() - 1].to_owned()
}

pub(crate) fn url_escape(s: &str) -> String {
    percent_encoding::utf8_percent_encode(s, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(crate) fn html_escape(s: &str) -> String {
    s.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

pub(crate) fn base64(s: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(s)
}

fn base64_url(s: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(s)
}

pub(crate) const NAMES: &[&str] = &[
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "password",
    "passwd",
    "code_verifier",
    "device_code",
    "client_assertion",
    "assertion",
    "SAMLResponse",
    "flowToken",
    "sFT",
    "canary",
    "apiCanary",
    "x-api-key",
    "sig",
    "accessToken",
    "session_state",
    "id_token_hint",
    "X-CSRF-Token",
    "AccountKey",
];

/// Text with the secret under a name, in one of the many syntaxes.
pub(crate) fn under_name(dice: &mut Dice, name: &str, secret: &str) -> String {
    match dice.next() % 12 {
        0 => format!("{{\"user\":\"ada@contoso.example\",\"{name}\":\"{}\",\"n\":1}}", json_escape(secret)),
        1 => format!("https://app.example/cb?a=1&{name}={}&z=2", url_escape(secret)),
        2 => format!("https://app.example/cb#{name}={}", url_escape(secret)),
        3 => {
            let inner = format!("{{\"{name}\": \"{}\", \"n\": 1}}", json_escape(secret));
            format!("{{\"log\":\"{}\"}}", json_escape(&inner))
        }
        4 => {
            let inner = format!("{{\"{name}\":\"{}\"}}", json_escape(secret));
            let twice = format!("{{\"body\":\"{}\"}}", json_escape(&inner));
            format!("level=error payload=\"{}\"", json_escape(&twice))
        }
        5 => format!("<input type=\"hidden\" name=\"{name}\" id=\"i1\" value=\"{}\"/>", html_escape(secret)),
        6 => format!("{{\"name\": \"{name}\", \"value\": \"{}\"}}", json_escape(secret)),
        7 => format!("{{\"value\":\"{}\",\"name\":\"{name}\"}}", json_escape(secret)),
        8 => {
            let url = format!("https://app.example/cb?{name}={}&z=1", url_escape(secret));
            format!("https://login.contoso.example/?next={}", url_escape(&url))
        }
        9 => format!("<s:{name} Type=\"x\">{}</s:{name}>", html_escape(secret)),
        10 => base64(&format!("{{\"{name}\":\"{}\"}}", json_escape(secret))),
        _ => format!("'{name}' => '{}', 'n' => nil", secret.replace('\'', "")),
    }
}

pub(crate) fn in_header(dice: &mut Dice, secret: &str) -> String {
    match dice.next() % 6 {
        0 => format!("GET / HTTP/1.1\r\nAuthorization: Bearer {secret}\r\nAccept: */*\r\n"),
        1 => format!("GET / HTTP/1.1\r\nCookie: a=1; ESTSAUTH={secret}; b=2\r\nAccept: */*\r\n"),
        2 => format!("HTTP/1.1 200 OK\r\nSet-Cookie: sid={secret}; path=/; secure; HttpOnly\r\nDate: x\r\n"),
        3 => format!("{{\"name\":\"Cookie\",\"value\":\"x={secret}; y=1\"}}"),
        4 => format!("{{\"name\":\"authorization\",\"value\":\"Bearer {secret}\"}}"),
        _ => format!("{{'Authorization': 'Bearer {secret}', 'Accept': '*/*'}}"),
    }
}

/// Forms in which the hidden part could still be read.
pub(crate) fn forms(hidden: &str) -> Vec<String> {
    let json = json_escape(hidden);
    vec![
        hidden.to_owned(),
        json_escape(&json),
        json,
        url_escape(hidden),
        html_escape(hidden),
        base64(hidden).trim_end_matches('=').to_owned(),
    ]
}

/// Texts with one planted secret each, the hidden part beside it.
pub(crate) fn planted(count: usize) -> Vec<(String, String)> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut all = Vec::new();
    while all.len() < count {
        let name = *dice.pick(NAMES);
        let kind = dice.next() % 4;
        let secret = if kind == 3 { placed(&mut dice) } else { shaped(&mut dice) };
        let input = match kind {
            0 => format!("2026-01-02 03:04:05 sync worker said {} and went on", secret.shown),
            1 => in_header(&mut dice, &secret.shown),
            _ => under_name(&mut dice, name, &secret.shown),
        };
        all.push((input, secret.hidden));
    }
    all
}
