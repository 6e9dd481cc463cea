//! The words of `explain` outside the tables, in both languages.

pub(super) use crate::report::words::Both;

pub(super) const AREA: Both = Both { en: "area", ja: "分類" };
pub(super) const WHO: Both = Both { en: "who acts", ja: "対応者" };
/// Before the sentence of a table, which is English.
pub(super) const MEANING: Both = Both { en: "", ja: "説明（英語のみ）" };
pub(super) const ENTRA: Both = Both { en: "Entra sign-in error", ja: "Entra サインイン エラー" };
pub(super) const SCOPE: Both = Both { en: "permission (scope)", ja: "アクセス許可（スコープ）" };
pub(super) const HOST: Both = Both { en: "host name", ja: "ホスト名" };
pub(super) const NEEDS_ADMIN: Both =
    Both { en: "needs an administrator's consent", ja: "管理者の同意が必要です" };
pub(super) const USER_MAY: Both = Both {
    en: "a user may consent unless the tenant's policy forbids it",
    ja: "テナントのポリシーで禁止されていなければ、ユーザーが同意できます",
};
pub(super) const INCLUDED_IN: Both = Both { en: "Included in:", ja: "次のスコープに含まれます:" };
pub(super) const NOT_KNOWN: Both =
    Both { en: "not known here.", ja: "ここでは未知のコードです。" };
pub(super) const DID_YOU_MEAN: Both = Both { en: "Did you mean:", ja: "もしかして:" };

/// On whose behalf a scope is used.
pub(super) fn scope_kind(kind: &str) -> Both {
    match kind {
        "application" => Both { en: "application", ja: "アプリケーション" },
        "delegated" => Both { en: "delegated", ja: "委任" },
        _ => Both { en: "for all", ja: "共通" },
    }
}

/// What sort of thing a well-known id is.
pub(super) fn kind(kind: &str) -> Both {
    match kind {
        "app" => Both { en: "Microsoft's own app", ja: "Microsoft のアプリ" },
        "tenant" => Both { en: "well-known tenant", ja: "既知のテナント" },
        "exchange_org" => Both { en: "Exchange organisation", ja: "Exchange 組織" },
        "issuer" => Both { en: "token issuer", ja: "トークン発行者" },
        "authority" => Both { en: "authority segment", ja: "認可エンドポイントの区分" },
        "service_plan" => Both { en: "licence service plan", ja: "ライセンスのサービス プラン" },
        _ => Both { en: "host name", ja: "ホスト名" },
    }
}

/// Who can act first, by owner id.
pub(super) fn who(owner: &str) -> Both {
    match owner {
        "end_user" => Both { en: "the user", ja: "ユーザー" },
        "tenant_admin" => {
            Both { en: "Entra / Microsoft 365 administrator", ja: "Entra / Microsoft 365 管理者" }
        }
        "exchange_admin" => Both { en: "Exchange administrator", ja: "Exchange 管理者" },
        "app_vendor" => Both { en: "the vendor", ja: "ベンダー" },
        "microsoft" => Both { en: "Microsoft", ja: "Microsoft" },
        "identity_provider" => {
            Both { en: "the identity team of the customer", ja: "ID 基盤の担当者（お客様側）" }
        }
        _ => Both { en: "", ja: "" },
    }
}

/// The tables' categories in words.
pub(super) fn area(category: &str) -> Both {
    match category {
        "request_malformed" => Both { en: "the app's request is wrong", ja: "アプリの要求の誤り" },
        "federation" => Both {
            en: "federation with the customer's identity provider",
            ja: "お客様の ID プロバイダーとのフェデレーション",
        },
        "device" => Both { en: "device state or registration", ja: "デバイスの状態・登録" },
        "service_fault" => Both { en: "fault on Microsoft's side", ja: "Microsoft 側の障害" },
        "credential_user" => Both { en: "the user's credentials", ja: "ユーザーの資格情報" },
        "credential_client" => Both { en: "the app's credentials", ja: "アプリの資格情報" },
        "credential_or_scope" => Both {
            en: "credentials, token audience or scope",
            ja: "資格情報、トークンの対象、スコープ",
        },
        "conditional_access" => Both { en: "Conditional Access", ja: "条件付きアクセス" },
        "account_type" => Both { en: "wrong kind of account", ja: "アカウントの種類の違い" },
        "account_disabled" => Both { en: "account disabled", ja: "アカウントの無効化" },
        "account_suspended" => Both { en: "account suspended", ja: "アカウントの停止" },
        "tenant_missing" => Both { en: "tenant not found", ja: "テナントが見つからない" },
        "app_missing" => Both {
            en: "app missing or disabled in the tenant",
            ja: "テナントにアプリがない、または無効",
        },
        "redirect_uri" => Both { en: "redirect URI", ja: "リダイレクト URI" },
        "consent" => Both { en: "consent", ja: "同意" },
        "mfa" => Both { en: "multifactor authentication", ja: "多要素認証" },
        "guest_external" => Both { en: "guest or external account", ja: "ゲスト・外部アカウント" },
        "token_expired" => Both { en: "token or grant expired", ja: "トークンの期限切れ" },
        "token_revoked" => Both { en: "grant revoked", ja: "許可の取り消し" },
        "throttling" => Both { en: "throttling", ja: "要求数の制限" },
        "assignment" => Both { en: "user not assigned to the app", ja: "アプリへの割り当てなし" },
        "mailbox_missing" => {
            Both { en: "no usable mailbox", ja: "利用できるメールボックスがない" }
        }
        "license" => Both { en: "licence", ja: "ライセンス" },
        "permission" => Both { en: "permission", ja: "アクセス許可" },
        "policy" => Both { en: "a policy of the organisation", ja: "組織のポリシー" },
        "quota" => Both { en: "quota or limit", ja: "容量・上限" },
        "transport" => Both { en: "connection", ja: "接続" },
        "other" => Both { en: "other", ja: "その他" },
        _ => Both { en: "mailbox or API call", ja: "メールボックス・API の呼び出し" },
    }
}
