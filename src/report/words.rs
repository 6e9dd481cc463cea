//! The product's own words outside the rules, in both languages.
//!
//! In: a language and what is to be said. Out: text. Never: input text.

use crate::model::{Kind, Lang, Outcome, Owner, Severity};
use crate::sandbox::Gap;

/// A text in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Both {
    pub en: &'static str,
    pub ja: &'static str,
}

impl Both {
    pub fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ja => self.ja,
        }
    }
}

pub const RANK: Both = Both { en: "#", ja: "#" };
pub const WHAT: Both = Both { en: "What went wrong", ja: "原因" };
pub const CONFIDENCE: Both = Both { en: "Sure", ja: "確度" };
pub const OWNER: Both = Both { en: "Who acts", ja: "対応者" };
pub const COUNT: Both = Both { en: "Seen", ja: "件数" };
pub const FIRST_SEEN: Both = Both { en: "First seen", ja: "初回" };
pub const HAPPENED: Both = Both { en: "What happened", ja: "何が起きたか" };
pub const EVIDENCE: Both = Both { en: "Evidence", ja: "根拠" };
pub const IDS: Both = Both { en: "Microsoft's IDs", ja: "Microsoft の ID" };
pub const FIX: Both = Both { en: "What to do", ja: "対応手順" };
pub const RIVAL: Both = Both { en: "What else it could be", ja: "ほかに考えられる原因" };
pub const ASK: Both = Both { en: "Ask", ja: "確認する質問" };
pub const NOT_JUDGED: Both = Both { en: "Not judged", ja: "判定できなかったもの" };
pub const LOST: Both = Both { en: "Not read", ja: "読み取れなかったもの" };
pub const UNKNOWN: Both = Both { en: "Unknown codes", ja: "未知のコード" };
pub const IDENTITIES: Both = Both { en: "Identities", ja: "アカウントの一致" };
pub const SCOPES: Both = Both { en: "Scopes", ja: "スコープ" };
pub const FLOW: Both = Both { en: "Flow", ja: "流れ" };
pub const ADEQUACY: Both = Both { en: "Is this material enough?", ja: "資料は十分か" };
pub const RECAPTURE: Both = Both { en: "How to capture again", ja: "再取得の手順" };
pub const TEXTS: Both = Both { en: "Texts to send", ja: "送付用の文面" };
pub const CUSTOMER: Both = Both { en: "Reply to the customer", ja: "お客様への返信" };
pub const ADMIN: Both = Both { en: "Request to the one who acts", ja: "対応者への依頼" };
pub const TICKET: Both = Both { en: "Note for the ticket", ja: "チケットの記録" };
pub const ALL_WORKED: Both = Both {
    en: "Connected; nothing failed.",
    ja: "接続済みです。失敗は見つかりませんでした。",
};
pub const ANSWER: Both = Both { en: "Microsoft's answer", ja: "Microsoft の応答" };
pub const CORRELATION: Both = Both { en: "Correlation ID", ja: "関連付け ID" };
pub const AT: Both = Both { en: "Time", ja: "時刻" };
pub const CHECKED: Both = Both { en: "Checked", ja: "確認した項目" };
pub const NOTHING: Both = Both {
    en: "No failure of a Microsoft connection was found.",
    ja: "Microsoft への接続の失敗は見つかりませんでした。",
};
pub const NOT_JUDGED_AT_ALL: Both =
    Both { en: "Nothing was judged.", ja: "判定は行われていません。" };
pub const NOTHING_BECAUSE: Both = Both { en: "Why there is no answer", ja: "判定できない理由" };
pub const AGAINST: Both = Both { en: "speaks against it", ja: "反証" };
pub const ENTRY: Both = Both { en: "entry", ja: "エントリ" };
pub const LINE: Both = Both { en: "line", ja: "行" };
pub const BYTE: Both = Both { en: "byte", ja: "バイト" };
pub const EXPLAINS: Both = Both { en: "explains", ja: "説明される事象" };
pub const REQUIRED: Both = Both { en: "required", ja: "必要" };
pub const REQUESTED: Both = Both { en: "requested", ja: "要求" };
pub const GRANTED: Both = Both { en: "granted", ja: "付与" };
pub const MISSING: Both = Both { en: "missing", ja: "不足" };
pub const SUPPRESSED: Both = Both { en: "left out by filters", ja: "フィルターで除外" };
pub const YES: Both = Both { en: "yes", ja: "はい" };
pub const NO: Both = Both { en: "no", ja: "いいえ" };
pub const WEAK: Both = Both { en: "weak evidence", ja: "根拠は弱い" };
pub const CERTAIN: Both = Both { en: "near certain", ja: "ほぼ確実" };
pub const LIKELY: Both = Both { en: "likely", ja: "可能性が高い" };
pub const POSSIBLE: Both = Both { en: "possible", ja: "可能性あり" };
pub const CLOCK: Both = Both { en: "Clocks", ja: "時計のずれ" };
pub const INPUTS: Both = Both { en: "Inputs", ja: "入力" };

/// Who acts, in words.
pub fn owner(owner: Owner) -> Both {
    match owner {
        Owner::EndUser => Both { en: "the user", ja: "ユーザー" },
        Owner::TenantAdmin => {
            Both { en: "Entra / Microsoft 365 admin", ja: "Entra / Microsoft 365 管理者" }
        }
        Owner::ExchangeAdmin => Both { en: "Exchange admin", ja: "Exchange 管理者" },
        Owner::AppVendor => Both { en: "the vendor (us)", ja: "ベンダー（自社）" },
        Owner::Microsoft => Both { en: "Microsoft", ja: "Microsoft" },
        Owner::IdentityProvider => Both { en: "identity team", ja: "ID 基盤の担当者" },
    }
}

pub fn kind(kind: Kind) -> Both {
    match kind {
        Kind::Cause => Both { en: "cause", ja: "原因" },
        Kind::Symptom => Both { en: "symptom", ja: "症状" },
        Kind::Benign => Both { en: "harmless", ja: "無害" },
    }
}

pub fn severity(severity: Severity) -> Both {
    match severity {
        Severity::High => Both { en: "high", ja: "高" },
        Severity::Medium => Both { en: "medium", ja: "中" },
        Severity::Low => Both { en: "low", ja: "低" },
        Severity::Info => Both { en: "info", ja: "情報" },
    }
}

/// Plain words in place of a value that is not known, by placeholder, for readers at the vendor.
pub fn unknown_value(placeholder: &str) -> Both {
    match placeholder {
        "account" => Both { en: "the account", ja: "対象のアカウント" },
        "app" => Both { en: "the app", ja: "対象アプリ" },
        "tenant" => Both { en: "the customer's organisation", ja: "お客様の組織" },
        "scopes" => Both { en: "those that the app asks for", ja: "アプリが求めるもの" },
        "codes" | "correlation_id" | "time" => Both { en: "not recorded", ja: "記録なし" },
        _ => Both { en: "", ja: "" },
    }
}

/// The same for readers in the customer's organisation.
pub fn unknown_value_for_customer(placeholder: &str) -> Both {
    match placeholder {
        "tenant" => Both { en: "your organisation", ja: "お客様の組織" },
        _ => unknown_value(placeholder),
    }
}

/// What the material lacked for a rule that could not be judged.
pub fn lacking(key: &str) -> Both {
    match key {
        "token-answer" => Both {
            en: "no token endpoint answer in the material",
            ja: "トークン エンドポイントの応答が資料にありません",
        },
        "granted-scopes" => Both {
            en: "the granted scopes are not visible",
            ja: "付与されたスコープが確認できません",
        },
        "signed-in-account" => Both {
            en: "the account that signed in is not visible",
            ja: "サインインしたアカウントが確認できません",
        },
        "mailbox-address" => Both {
            en: "the mailbox address (/me) was not read",
            ja: "メールボックスのアドレス (/me) が読み取られていません",
        },
        "calendar-list" => Both {
            en: "no list of calendars in the material",
            ja: "予定表の一覧が資料にありません",
        },
        _ => Both {
            en: "no admin consent answer in the material",
            ja: "管理者の同意の応答が資料にありません",
        },
    }
}

pub const RIVAL_UNSEEN: Both = Both { en: "no sign of it here", ja: "この資料に兆候なし" };
pub const TO_BE_SURE: Both = Both { en: "To be sure", ja: "確認のために" };
pub const BYTES: Both = Both { en: "bytes", ja: "バイト" };
pub const SUPPORTS: Both = Both { en: "supports it", ja: "補強" };
pub const PROVES: Both = Both { en: "main evidence", ja: "主な根拠" };
pub const CODES: Both = Both { en: "Codes", ja: "コード" };
pub const TIME: Both = Both { en: "time", ja: "時刻" };
pub const LAST_SEEN: Both = Both { en: "Last seen", ja: "最終" };
pub const ACCOUNTS: Both = Both { en: "Accounts", ja: "アカウント" };
pub const TENANTS: Both = Both { en: "Tenants", ja: "テナント" };
pub const ADDRESS: Both = Both { en: "Address", ja: "アドレス" };
pub const SEEN_AS: Both = Both { en: "Seen as", ja: "種別" };
pub const ACCOUNT_KIND: Both = Both { en: "Account", ja: "アカウント" };
pub const TENANT: Both = Both { en: "Tenant", ja: "テナント" };
pub const AS_INTENDED: Both = Both { en: "Intended?", ja: "意図と一致" };
pub const SCOPE: Both = Both { en: "Scope", ja: "スコープ" };
pub const REPORT: Both = Both { en: "Connection report", ja: "接続の診断結果" };
pub const RANKING: Both = Both { en: "What was found", ja: "見つかったもの" };
pub const SEVERITY: Both = Both { en: "Severity", ja: "重大度" };
pub const NOTHING_IN_MATERIAL: Both = Both {
    en: "The material was read, but it holds no error that a rule knows.",
    ja: "資料は読み取れましたが、ルールに該当するエラーがありません。",
};
pub const ALL_FILTERED: Both = Both {
    en: "Everything that was found was left out by the filters.",
    ja: "見つかったものは、すべてフィルターで除外されました。",
};
pub const WEAK_LONG: Both = Both {
    en: "The evidence is weak: take this as a hint, and ask before anyone changes a setting.",
    ja: "根拠は弱いため、手がかりとして扱い、設定を変更する前に確認してください。",
};
pub const MAY: Both = Both { en: "This may be what happened: ", ja: "次の可能性があります: " };
pub const MAY_CUSTOMER: Both = Both {
    en: "We are still looking for the reason. It may be the following. ",
    ja: "原因は確認中ですが、次の可能性があります。",
};
pub const MAY_ADMIN: Both = Both {
    en: "This may be the reason. Please check before you change a setting. ",
    ja: "原因は次の可能性があります。設定を変更する前にご確認ください。",
};
pub const MORE_WITH_V: Both = Both {
    en: "Every diagnosis in full and the texts to send: -v, or --format markdown.",
    ja: "すべての診断の詳細と送付用の文面: -v または --format markdown",
};
pub const LEGEND: Both = Both {
    en: "✓ worked  ✗ failed  ○ seen  · not seen",
    ja: "✓ 成功  ✗ 失敗  ○ 通過  · 記録なし",
};
pub const CLOCK_NOTE: Both =
    Both { en: "seconds a source is ahead (samples)", ja: "各入力の進み（秒、標本数）" };
pub const ENOUGH_PARTLY: Both = Both { en: "Only in part.", ja: "一部のみです。" };
pub const ENOUGH_NO: Both = Both { en: "No.", ja: "不十分です。" };
pub const ENOUGH_YES: Both = Both { en: "Yes.", ja: "十分です。" };
pub const BROWSER: Both = Both { en: "Browser", ja: "ブラウザー" };
pub const MICROSOFT: Both = Both { en: "Microsoft", ja: "Microsoft" };
pub const VENDOR: Both = Both { en: "Vendor", ja: "ベンダー" };
pub const SANDBOX: Both = Both { en: "Sandbox not complete", ja: "サンドボックスは不完全" };
pub const SANDBOX_PARTIAL: Both = Both { en: "partial", ja: "一部のみ" };
pub const SANDBOX_NONE: Both = Both { en: "none", ja: "なし" };
pub const MADE_BY: Both = Both { en: "rules of", ja: "ルールの日付" };

/// What the sandbox lacks.
pub fn sandbox_gap(gap: Gap) -> Both {
    match gap {
        Gap::Calls => Both {
            en: "sockets and programs are not denied: no seccomp",
            ja: "seccomp がないため、ソケットとプログラムの起動は禁止されていません",
        },
        Gap::Writes => Both {
            en: "writes are not denied: no or old Landlock",
            ja: "Landlock がないか古いため、書き込みは禁止されていません",
        },
        Gap::Kernel => Both {
            en: "this kernel has neither Landlock nor seccomp",
            ja: "このカーネルには Landlock も seccomp もありません",
        },
        Gap::System => {
            Both { en: "not available on this system", ja: "このシステムでは利用できません" }
        }
        Gap::SwitchedOff => {
            Both { en: "switched off with --no-sandbox", ja: "--no-sandbox で無効にされています" }
        }
    }
}

/// The word before a placeholder's value that is a bare id.
pub fn guid_of(placeholder: &str) -> Option<Both> {
    match placeholder {
        "tenant" => Some(Both { en: "tenant", ja: "テナント" }),
        "app" => Some(Both { en: "app", ja: "アプリ" }),
        _ => None,
    }
}

/// What one of Microsoft's ids is.
pub fn id_kind(kind: &str) -> Both {
    match kind {
        "correlation" => CORRELATION,
        "request" => Both { en: "Request ID", ja: "要求 ID" },
        _ => Both { en: "Trace ID", ja: "トレース ID" },
    }
}

/// "and 5 more".
pub fn more(count: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("and {count} more"),
        Lang::Ja => format!("ほか {count} 件"),
    }
}

/// "the Exchange admin acts".
pub fn acts(who: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{who} acts"),
        Lang::Ja => format!("対応者: {who}"),
    }
}

/// For what is harmless.
pub const NOBODY: Both = Both { en: "nobody", ja: "対応不要" };

/// How sure, in words.
pub fn certainty(confidence: u8) -> Both {
    match confidence {
        90.. => CERTAIN,
        70..=89 => LIKELY,
        50..=69 => POSSIBLE,
        _ => WEAK,
    }
}

/// A hop in one or two words, for drawings.
pub fn hop_short(name: &str) -> Both {
    match name {
        "authorize" => Both { en: "authorize", ja: "認可" },
        "sign-in" => Both { en: "sign-in", ja: "サインイン" },
        "consent" => Both { en: "consent", ja: "同意" },
        "redirect" => Both { en: "redirect", ja: "リダイレクト" },
        "token" => Both { en: "token", ja: "トークン" },
        "me" => Both { en: "profile", ja: "プロフィール" },
        "mailbox" => Both { en: "mailbox", ja: "メールボックス" },
        "calendar" => Both { en: "calendar", ja: "予定表" },
        _ => Both { en: "sync", ja: "同期" },
    }
}

/// As what an address was seen.
pub fn identity_role(role: &str) -> Both {
    match role {
        "intended" => Both { en: "intended", ja: "接続予定" },
        "hint" => Both { en: "sign-in hint", ja: "サインイン ヒント" },
        "typed" => Both { en: "typed", ja: "入力" },
        "picked" => Both { en: "picked", ja: "選択" },
        "token" => Both { en: "in the token", ja: "トークン内" },
        "token-mail" => Both { en: "mail in the token", ja: "トークン内のメール" },
        "upn" => Both { en: "sign-in name", ja: "UPN" },
        "mailbox" => Both { en: "the mailbox", ja: "メールボックス" },
        "proxy" => Both { en: "alias of the mailbox", ja: "エイリアス" },
        "error" => Both { en: "named by the error", ja: "エラー内" },
        "alias" => Both { en: "outlook.com stand-in", ja: "outlook.com の代替" },
        _ => Both { en: "seen", ja: "記録あり" },
    }
}

/// What kind of account.
pub fn account_type(kind: &str) -> Both {
    match kind {
        "work" => Both { en: "work", ja: "職場" },
        "personal" => Both { en: "personal", ja: "個人" },
        "guest" => Both { en: "guest", ja: "ゲスト" },
        _ => Both { en: "not known", ja: "不明" },
    }
}

pub const BUILT_IN: Both = Both { en: "built in", ja: "既定値" };
pub const FROM_LOCALE: Both = Both { en: "locale", ja: "ロケール" };
pub const FROM_ENVIRONMENT: Both = Both { en: "environment", ja: "環境変数" };
pub const FILE_READ: Both = Both { en: "read", ja: "読み取り済み" };
pub const FILE_ABSENT: Both = Both { en: "not there", ja: "ファイルなし" };
pub const NO_FILES: Both = Both {
    en: "No file of settings was looked for.",
    ja: "設定ファイルは参照していません。",
};
pub const STATE_OK: Both = Both { en: "worked", ja: "成功" };
pub const STATE_FAILED: Both = Both { en: "failed", ja: "失敗" };
pub const STATE_SEEN: Both = Both { en: "seen", ja: "通過" };
pub const STATE_NOT_SEEN: Both = Both { en: "not seen", ja: "記録なし" };
pub const OVERALL: Both = Both { en: "Everything that was read", ja: "読み取った全体の結果" };
pub const TIMELINE: Both = Both { en: "In order of time", ja: "時系列" };
pub const AFTER: Both = Both { en: "After", ja: "経過" };
pub const STEP: Both = Both { en: "Step", ja: "段階" };
pub const REQUEST: Both = Both { en: "Request", ja: "要求" };
pub const PLACE: Both = Both { en: "Place", ja: "場所" };
pub const RECORD: Both = Both { en: "log record", ja: "ログの記録" };
pub const COPY_HINT: Both = Both {
    en: "A click on a place, an ID or a text selects all of it for copying.",
    ja: "場所、ID、文面はクリックすると全体が選択され、そのままコピーできます。",
};
pub const ATTEMPTS: Both = Both { en: "Attempts", ja: "接続試行" };
pub const ACCOUNT: Both = Both { en: "Account", ja: "アカウント" };
pub const DIAGNOSIS_ID: Both = Both { en: "Diagnosis", ja: "診断" };
pub const OUTCOME: Both = Both { en: "Outcome", ja: "結果" };
pub const WHY: Both = Both { en: "Why", ja: "理由" };

/// How a try ended.
pub fn outcome(outcome: Outcome) -> Both {
    match outcome {
        Outcome::Succeeded => Both { en: "connected", ja: "接続成功" },
        Outcome::Failed => Both { en: "failed", ja: "失敗" },
        Outcome::Abandoned => Both { en: "left unfinished", ja: "中断" },
        Outcome::Unknown => Both { en: "not known", ja: "不明" },
    }
}

/// A stage in one or two words.
pub fn stage(name: &str) -> Both {
    match name {
        "network" => Both { en: "network", ja: "ネットワーク" },
        name => hop_short(name),
    }
}
