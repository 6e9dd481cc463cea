//! Reports made by hand: an ordinary one, one in which all worked, an empty one, and a hostile one.

use hartriage::model::{Kind, Lang, Outcome, Owner, Safe, Severity};
use hartriage::report::*;

fn s(text: &'static str) -> Safe {
    Safe::own(text)
}

fn pick(lang: Lang, en: &'static str, ja: &'static str) -> Safe {
    match lang {
        Lang::En => s(en),
        Lang::Ja => s(ja),
    }
}

fn hop(name: &'static str, lane: &'static str, state: HopState, label: &'static str) -> FlowHop {
    let seen = state != HopState::NotSeen;
    FlowHop {
        name,
        lane,
        state,
        label: s(label),
        time: seen.then(|| "2026-11-02T09:15:03Z".to_owned()),
        source: if seen { s("case.zip!/login.har") } else { s("") },
        entry: seen.then_some(3),
        line: None,
        span: if seen { [700, 900] } else { [0, 0] },
    }
}

fn moment(after: u64, name: &'static str, state: HopState, label: &'static str, entry: u32) -> Moment {
    Moment {
        after: Some(after),
        name,
        state,
        label: s(label),
        status: Some(200),
        source: s("case.zip!/login.har"),
        entry: Some(entry),
        line: None,
        proof: state == HopState::Failed,
    }
}

/// Nothing read, nothing found.
pub(crate) fn empty(lang: Lang) -> Report {
    Report {
        schema: SCHEMA,
        tool: Tool { version: "1.2.3", rules_date: "2026-11-23".to_owned() },
        inputs: vec![Input {
            name: s("notes.txt"),
            kind: "unknown".to_owned(),
            bytes: 6,
            events: 0,
            lost: vec![Lost {
                what: s("the input"),
                why: s("it is in no format that is known here"),
                place: s(""),
            }],
        }],
        adequacy: Adequacy {
            verdict: AdequacyVerdict::Poor,
            missing: vec![pick(
                lang,
                "Nothing could be read from the inputs.",
                "入力から何も読み取れませんでした。",
            )],
            recapture: vec![
                pick(
                    lang,
                    "Open a private window, press F12, open Network.",
                    "プライベート ウィンドウを開き、F12 キーを押します。",
                ),
                pick(lang, "Connect the mailbox again.", "接続をもう一度行います。"),
            ],
        },
        attempts: vec![],
        diagnoses: vec![],
        identities: vec![],
        scopes: Scopes::default(),
        not_evaluated: vec![],
        unknown_codes: vec![],
        extra: Extra { lang, ..Extra::default() },
    }
}

/// One attempt, and it worked.
pub(crate) fn worked(lang: Lang) -> Report {
    let mut report = empty(lang);
    report.inputs =
        vec![Input { name: s("good.har"), kind: "har".to_owned(), bytes: 90_000, events: 41, lost: vec![] }];
    report.adequacy = Adequacy { verdict: AdequacyVerdict::Good, missing: vec![], recapture: vec![] };
    report.attempts = vec![attempt(Outcome::Succeeded, vec![])];
    report.extra.all_worked = true;
    report.extra.checked = vec![
        pick(lang, "sign-in", "サインイン"),
        pick(lang, "token", "トークン"),
        pick(lang, "mailbox", "メールボックス"),
    ];
    report
}

fn attempt(outcome: Outcome, diagnoses: Vec<String>) -> Attempt {
    Attempt {
        id: "a1".to_owned(),
        outcome,
        stage: "consent",
        tenant: Some(s("contoso.example")),
        app: None,
        account: Some(s("aki.mori@contoso.example")),
        first_seen: Some("2026-11-02T09:15:03Z".to_owned()),
        last_seen: Some("2026-11-02T09:16:40Z".to_owned()),
        diagnoses,
    }
}

/// A case with a cause, a weak rival cause, a symptom and something harmless.
pub(crate) fn ordinary(lang: Lang) -> Report {
    let mut report = empty(lang);
    report.inputs.insert(
        0,
        Input {
            name: s("case.zip!/login.har"),
            kind: "har".to_owned(),
            bytes: 120_000,
            events: 87,
            lost: vec![],
        },
    );
    report.adequacy.verdict = AdequacyVerdict::Partial;
    report.attempts = vec![attempt(Outcome::Failed, vec!["admin-consent-required".to_owned()])];
    report.diagnoses = vec![cause(lang), weak(lang), symptom(lang), harmless(lang)];
    report.identities = vec![
        identity("aki.mori@contoso.example", "intended", Some(true)),
        identity("mori.home@outlook.example", "picked", Some(false)),
    ];
    report.scopes = Scopes {
        required: vec![s("Mail.ReadWrite"), s("Mail.Send"), s("offline_access")],
        requested: vec![s("Mail.ReadWrite"), s("Mail.Send"), s("offline_access")],
        granted: vec![s("Mail.ReadWrite")],
        missing: vec![s("Mail.Send")],
    };
    report.not_evaluated = vec![NotEvaluated {
        id: "refresh-token-missing".to_owned(),
        missing: pick(
            lang,
            "no token endpoint answer in the material",
            "トークン エンドポイントの応答が資料にありません",
        ),
    }];
    report.unknown_codes = vec![s("AADSTS999999")];
    report.extra.suppressed = 1;
    report.extra.flow = vec![
        hop(
            "authorize",
            "microsoft",
            HopState::Ok,
            "GET https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        ),
        hop("sign-in", "microsoft", HopState::Ok, "POST https://login.microsoftonline.com/common/login"),
        hop(
            "consent",
            "microsoft",
            HopState::Failed,
            "POST https://login.microsoftonline.com/common/Consent/Set",
        ),
        hop("redirect", "vendor", HopState::Seen, "GET https://app.vendor.example/oauth/callback"),
        hop("token", "microsoft", HopState::NotSeen, ""),
        hop("me", "microsoft", HopState::NotSeen, ""),
        hop("mailbox", "microsoft", HopState::NotSeen, ""),
    ];
    report.extra.timeline = vec![
        moment(
            0,
            "authorize",
            HopState::Ok,
            "GET https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
            1,
        ),
        moment(9_412, "sign-in", HopState::Ok, "POST https://login.microsoftonline.com/common/login", 2),
        moment(
            96_000,
            "consent",
            HopState::Failed,
            "POST https://login.microsoftonline.com/common/Consent/Set",
            3,
        ),
        Moment {
            after: None,
            status: None,
            line: Some(7),
            entry: None,
            ..moment(0, "", HopState::Seen, "", 0)
        },
    ];
    report.extra.timeline_more = 2;
    report
}

fn identity(address: &'static str, role: &'static str, agrees: Option<bool>) -> Identity {
    Identity {
        address: s(address),
        role,
        account_type: if agrees == Some(true) { "work" } else { "personal" }.to_owned(),
        tenant: Some(s("contoso.example")),
        agrees_with_intended: agrees,
        evidence: Some(IdentityEvidence {
            source: s("case.zip!/login.har"),
            entry: Some(2),
            line: None,
            span: [10, 34],
        }),
    }
}

fn evidence(role: Role, text: &'static str) -> Evidence {
    Evidence {
        role,
        source: s("case.zip!/login.har"),
        entry: Some(3),
        line: None,
        pointer: Some(s("/response/content/text")),
        span: [812, 823],
        time: Some("2026-11-02T09:15:03Z".to_owned()),
        text: s(text),
        correlation_id: Some(s("11112222-3333-4444-8555-666677778888")),
        request_id: Some(s("11112222-3333-4444-8555-666677779999")),
        trace_id: None,
        mark: s(""),
    }
}

fn diagnosis(rank: u32, id: &str, kind: Kind, confidence: u8, title: Safe) -> Diagnosis {
    Diagnosis {
        rank,
        id: id.to_owned(),
        kind,
        title,
        severity: Severity::High,
        confidence,
        owner: Owner::TenantAdmin,
        count: 3,
        codes: vec![],
        first_seen: Some("2026-11-02T09:15:03Z".to_owned()),
        last_seen: Some("2026-11-02T09:16:40Z".to_owned()),
        tenants: vec![s("contoso.example")],
        accounts: vec![s("aki.mori@contoso.example")],
        meaning: s(""),
        fix: vec![],
        rivals: vec![],
        explains: vec![],
        evidence: vec![],
        texts: Texts::default(),
        question: s(""),
        stage: "consent",
    }
}

fn cause(lang: Lang) -> Diagnosis {
    let title = pick(lang, "An administrator has to approve the app", "管理者によるアプリの承認が必要です");
    let question = pick(
        lang,
        "Did the page say 'Need admin approval'?",
        "「管理者の承認が必要」という画面が表示されましたか。",
    );
    Diagnosis {
        codes: vec![s("AADSTS90094"), s("access_denied")],
        meaning: pick(
            lang,
            "contoso.example lets only administrators approve apps. The user could not, so Microsoft sent the browser back without a code.",
            "contoso.example では、アプリを承認できるのは管理者だけです。そのため、Microsoft はコードを付けずにブラウザーを戻しました。",
        ),
        fix: vec![
            pick(
                lang,
                "The Entra administrator opens Enterprise apps > Example App > Permissions and chooses 'Grant admin consent'.",
                "Entra 管理者が エンタープライズ アプリ > Example App > アクセス許可 を開き、「管理者の同意を与える」を選びます。",
            ),
            pick(lang, "The user connects again.", "利用者の方がもう一度接続します。"),
        ],
        rivals: vec![
            Rival {
                id: "consent-cancelled".to_owned(),
                confidence: 31,
                question: question.clone(),
                title: pick(lang, "The user cancelled", "利用者が取り消しました"),
            },
            Rival {
                id: "user-not-assigned".to_owned(),
                confidence: 0,
                question: question.clone(),
                title: s(""),
            },
        ],
        explains: vec!["unclear-refusal".to_owned()],
        evidence: vec![
            evidence(
                Role::Primary,
                "{\"sErrorCode\":\"90094\",\"strMainMessage\":\"AADSTS90094: The grant requires admin permission.\",\"urlSkipMfa\":\"https://login.microsoftonline.com/common/SkipMfa?ctx=[redacted:opaque]\"}",
            ),
            evidence(
                Role::Supporting,
                "https://app.vendor.example/oauth/callback?error=access_denied&error_subcode=cancel",
            ),
            evidence(Role::Against, "policy: allow user consent"),
        ],
        texts: Texts {
            customer: pick(
                lang,
                "Thank you for your patience. Please forward the note below to your IT administrator.\nThen connect again.",
                "お待たせしております。下記を IT 管理者の方へお伝えください。\nその後、もう一度接続してください。",
            ),
            admin: pick(
                lang,
                "Please grant admin consent (AADSTS90094).",
                "管理者の同意を与えてください (AADSTS90094)。",
            ),
            ticket: pick(
                lang,
                "An administrator has to approve the app (93 %)\nCodes: AADSTS90094",
                "管理者によるアプリの承認が必要です (93 %)\nコード: AADSTS90094",
            ),
        },
        question,
        ..diagnosis(1, "admin-consent-required", Kind::Cause, 93, title)
    }
}

fn weak(lang: Lang) -> Diagnosis {
    Diagnosis {
        owner: Owner::EndUser,
        severity: Severity::Medium,
        meaning: pick(lang, "The user may have closed the page.", "利用者が画面を閉じた可能性があります。"),
        question: pick(lang, "Did the user choose Cancel?", "「キャンセル」を選びましたか。"),
        ..diagnosis(
            2,
            "consent-cancelled",
            Kind::Cause,
            31,
            pick(lang, "The user cancelled", "利用者が取り消しました"),
        )
    }
}

fn symptom(lang: Lang) -> Diagnosis {
    let title = pick(lang, "The vendor was refused without a reason", "理由のない拒否が返されました");
    Diagnosis { owner: Owner::AppVendor, ..diagnosis(3, "unclear-refusal", Kind::Symptom, 70, title) }
}

fn harmless(lang: Lang) -> Diagnosis {
    let title = pick(lang, "A sign-in page interrupted and went on", "サインインが一時中断し、続行しました");
    Diagnosis {
        severity: Severity::Info,
        first_seen: None,
        ..diagnosis(4, "sign-in-interrupt", Kind::Benign, 90, title)
    }
}

/// Strings that try to break out of each format.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\u{1b}[31m|`**x**`_y_[z](javascript:alert(1))\u{202e}evil\u{7}\r\n=cmd()\t\"'&lt; \
     https://evil.example/x @all 日本語👩‍👩‍👧❤️";

/// Every string of an input is hostile.
pub(crate) fn hostile(lang: Lang) -> Report {
    let long: &'static str = Box::leak("x".repeat(700).into_boxed_str());
    let wide: &'static str = Box::leak("漢字カナ👍".repeat(90).into_boxed_str());
    let mut report = ordinary(lang);
    for input in &mut report.inputs {
        input.name = s(HOSTILE);
        input.lost = [HOSTILE, long, wide].map(|t| Lost { what: s(t), why: s(t), place: s(t) }).to_vec();
    }
    report.adequacy.missing = [HOSTILE, long, wide].map(s).to_vec();
    for (n, d) in report.diagnoses.iter_mut().enumerate() {
        d.title = s([HOSTILE, long, wide, "=cmd()"][n % 4]);
        d.codes = vec![s("=cmd()"), s(HOSTILE), s(long)];
        d.tenants = vec![s("@cmd"), s(wide)];
        d.accounts = vec![s("-cmd"), s(HOSTILE)];
        d.meaning = s([wide, HOSTILE, "+cmd", "\t=cmd()"][n % 4]);
        d.fix = [HOSTILE, long, "# not a heading"].map(s).to_vec();
        d.question = s(HOSTILE);
        d.first_seen = Some(HOSTILE.to_owned());
        d.rivals = vec![Rival { id: "x".repeat(90), confidence: 10, question: s(wide), title: s(HOSTILE) }];
        d.evidence = [HOSTILE, long, wide].map(|t| evidence(Role::Primary, t)).to_vec();
        for e in &mut d.evidence {
            e.source = s(HOSTILE);
            e.pointer = Some(s(long));
            e.time = Some(HOSTILE.to_owned());
            e.correlation_id = Some(s(long));
        }
        d.texts = Texts {
            customer: s("```\n<script>\n````\n# x"),
            admin: s(HOSTILE),
            ticket: s("````\n# x\n<img src=x>"),
        };
    }
    for identity in &mut report.identities {
        identity.address = s(HOSTILE);
        identity.tenant = Some(s(long));
        identity.account_type = HOSTILE.to_owned();
    }
    report.scopes =
        Scopes { required: vec![s(HOSTILE), s(long)], missing: vec![s(wide)], ..Scopes::default() };
    report.not_evaluated = vec![NotEvaluated { id: "x".repeat(99), missing: s(HOSTILE) }];
    report.unknown_codes = vec![s(HOSTILE), s(long)];
    report.extra.skew = vec![s(HOSTILE)];
    report.extra.sandbox = HOSTILE.to_owned();
    for hop in &mut report.extra.flow {
        hop.label = s(HOSTILE);
        hop.time = Some(HOSTILE.to_owned());
    }
    for (n, moment) in report.extra.timeline.iter_mut().enumerate() {
        moment.label = s(if n == 0 { long } else { HOSTILE });
        moment.source = s([HOSTILE, "other"][n % 2]);
    }
    report.attempts.push(Attempt { id: "a2".to_owned(), ..report.attempts[0].clone() });
    report.attempts[1].account = Some(s(HOSTILE));
    report
}
