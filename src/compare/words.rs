//! The words of a comparison, in both languages, and what is compared.

pub(super) use crate::report::words::Both;

use super::model::State;
use crate::model::{FactName, Stage};

/// A parameter or property that is compared.
pub(super) struct Compared {
    pub(super) fact: FactName,
    pub(super) stage: Stage,
    /// False for what usually differs between two captures.
    pub(super) telling: bool,
    /// True where a stage that is seen without it says that it was not there.
    pub(super) absence_tells: bool,
    pub(super) label: Both,
}

const fn tells(fact: FactName, stage: Stage, en: &'static str, ja: &'static str) -> Compared {
    Compared { fact, stage, telling: true, absence_tells: false, label: Both { en, ja } }
}

const fn absent(fact: FactName, stage: Stage, en: &'static str, ja: &'static str) -> Compared {
    Compared { fact, stage, telling: true, absence_tells: true, label: Both { en, ja } }
}

const fn whose(fact: FactName, stage: Stage, en: &'static str, ja: &'static str) -> Compared {
    Compared { fact, stage, telling: false, absence_tells: false, label: Both { en, ja } }
}

/// Everything that is compared, by stage. Ids, hashes, times and hosts of static files are not among it.
pub(super) const SETTINGS: &[Compared] = &[
    tells(FactName::ClientId, Stage::SignIn, "app id", "アプリ ID"),
    tells(FactName::Authority, Stage::SignIn, "authority", "認可先"),
    tells(FactName::Prompt, Stage::SignIn, "prompt", "prompt"),
    tells(FactName::LoginHint, Stage::SignIn, "login_hint", "login_hint"),
    tells(FactName::ResponseType, Stage::SignIn, "response_type", "response_type"),
    tells(FactName::Pkce, Stage::SignIn, "PKCE", "PKCE"),
    tells(FactName::RedirectHost, Stage::SignIn, "redirect host", "リダイレクト先"),
    tells(FactName::Resource, Stage::SignIn, "API asked for", "対象 API"),
    tells(FactName::ScopeRequested, Stage::SignIn, "scopes requested", "要求スコープ"),
    absent(FactName::AccountType, Stage::SignIn, "account type", "アカウントの種類"),
    tells(FactName::DomainType, Stage::SignIn, "domain type", "ドメインの種類"),
    tells(FactName::Namespace, Stage::SignIn, "namespace", "名前空間"),
    absent(FactName::Idp, Stage::SignIn, "identity provider", "ID プロバイダー"),
    tells(FactName::Cloud, Stage::SignIn, "cloud", "クラウド"),
    absent(
        FactName::CaPolicy,
        Stage::SignIn,
        "Conditional Access policy that refused",
        "拒否した条件付きアクセス ポリシー",
    ),
    tells(FactName::CaStatus, Stage::SignIn, "Conditional Access", "条件付きアクセス"),
    tells(FactName::ClientApp, Stage::SignIn, "client", "クライアント"),
    absent(FactName::IdMismatch, Stage::SignIn, "identities that disagree", "一致しないアカウント"),
    whose(FactName::Tenant, Stage::SignIn, "tenant", "テナント"),
    whose(FactName::IdHint, Stage::SignIn, "address hinted", "ヒントのアドレス"),
    whose(FactName::IdTyped, Stage::SignIn, "address typed", "入力されたアドレス"),
    whose(FactName::IdPicked, Stage::SignIn, "address picked", "選択されたアドレス"),
    absent(FactName::ConsentShown, Stage::Consent, "consent page", "同意画面"),
    tells(FactName::AdminConsent, Stage::Consent, "admin consent", "管理者の同意"),
    tells(FactName::ScopeConsented, Stage::Consent, "scopes consented", "同意されたスコープ"),
    tells(FactName::GrantType, Stage::Token, "grant_type", "grant_type"),
    tells(FactName::ClientAuth, Stage::Token, "client proof", "クライアントの証明"),
    tells(FactName::RefreshToken, Stage::Token, "refresh token", "更新トークン"),
    tells(FactName::TokenKind, Stage::Token, "access token", "アクセス トークン"),
    tells(FactName::ScopeGranted, Stage::Token, "scopes granted", "付与スコープ"),
    tells(FactName::RoleGranted, Stage::Token, "app roles granted", "付与されたアプリ ロール"),
    whose(FactName::IdToken, Stage::Token, "address in the token", "トークンのアドレス"),
    whose(FactName::IdUpn, Stage::Mailbox, "sign-in name (UPN)", "サインイン名 (UPN)"),
    whose(FactName::IdMailbox, Stage::Mailbox, "mailbox address", "メールボックスのアドレス"),
    tells(FactName::MeMail, Stage::Mailbox, "mail of /me", "/me の mail"),
    tells(FactName::MailboxType, Stage::Mailbox, "mailbox type", "メールボックスの種類"),
    tells(FactName::License, Stage::Mailbox, "licence", "ライセンス"),
    tells(FactName::Backend, Stage::Mailbox, "mailbox server", "メールボックス サーバー"),
    tells(FactName::Autodiscover, Stage::Mailbox, "Autodiscover", "自動検出"),
];

pub(super) const GOOD: &str = "GOOD";
pub(super) const BAD: &str = "BAD";
pub(super) const STAGE: Both = Both { en: "Stage", ja: "段階" };
pub(super) const PART_AT: Both =
    Both { en: "They part at {0}: {1}", ja: "{0}の段階で分かれます: {1}" };
pub(super) const SAME: Both = Both {
    en: "They do not part: every stage seen in both ended alike.",
    ja: "分かれる箇所はありません。両方で確認できた段階は、すべて同じ結果です。",
};
pub(super) const SAME_FAILURE: Both = Both {
    en: "They do not part: both fail at {0} ({1}).",
    ja: "分かれる箇所はありません。両方とも{0}の段階で失敗しています ({1})。",
};
pub(super) const NO_CODE: Both = Both { en: "no code", ja: "コードなし" };
pub(super) const NO_TRY: Both = Both {
    en: "Cannot be compared: {0} holds no try to connect to Microsoft.",
    ja: "比較できません。{0} に Microsoft への接続の記録がありません。",
};
pub(super) const BOTH_SIDES: Both = Both { en: "neither side", ja: "両方" };
pub(super) const ADDS: Both = Both { en: "BAD adds {0}", ja: "BAD は {0} を追加" };
pub(super) const LACKS: Both = Both { en: "BAD lacks {0}", ja: "BAD には {0} がない" };
pub(super) const ASKED: Both =
    Both { en: "GOOD asked for {0} scopes", ja: "GOOD の要求スコープは {0} 件" };
pub(super) const GRANTED: Both =
    Both { en: "GOOD was granted {0} scopes", ja: "GOOD の付与スコープは {0} 件" };
pub(super) const VALUES: Both =
    Both { en: "{0} is {1} in GOOD, {2} in BAD", ja: "{0} が GOOD では {1}、BAD では {2}" };
pub(super) const NONE: Both = Both { en: "absent", ja: "なし" };
pub(super) const ENDS: Both =
    Both { en: "{0} ends before it", ja: "{0} はその手前で終わっています" };
pub(super) const FAILS: Both = Both { en: "{0} fails without a code", ja: "{0} はコードなしで失敗" };
pub(super) const REVERSED: Both = Both {
    en: "(it is GOOD that does not get through; are the two the right way round?)",
    ja: "(通らないのは GOOD です。順序が逆ではありませんか。)",
};
pub(super) const TITLE: Both = Both { en: "Comparison of two captures", ja: "2 つの資料の比較" };
pub(super) const DIAGNOSIS: Both = Both { en: "Diagnosis of BAD", ja: "BAD の診断" };
pub(super) const NO_DIAGNOSIS: Both =
    Both { en: "No cause was found in BAD.", ja: "BAD に原因は見つかりませんでした。" };

/// A stage in words.
pub(super) fn stage(stage: Stage) -> Both {
    match stage {
        Stage::Network => Both { en: "the network", ja: "ネットワーク" },
        Stage::SignIn => Both { en: "sign-in", ja: "サインイン" },
        Stage::Consent => Both { en: "consent", ja: "同意" },
        Stage::Redirect => Both { en: "the redirect", ja: "リダイレクト" },
        Stage::Token => Both { en: "the token", ja: "トークン" },
        Stage::Mailbox => Both { en: "the mailbox", ja: "メールボックス" },
        Stage::Calendar => Both { en: "the calendar", ja: "予定表" },
        Stage::Sync => Both { en: "sync and send", ja: "同期・送信" },
    }
}

pub(super) fn state(state: State) -> Both {
    match state {
        State::Ok => Both { en: "ok", ja: "成功" },
        State::Failed => Both { en: "failed", ja: "失敗" },
        State::Seen => Both { en: "seen", ja: "確認" },
        State::NotSeen => Both { en: "not seen", ja: "記録なし" },
    }
}
