//! Facts in words, for evidence that has no line of the input to quote.
//!
//! In: a fact and the other facts of its attempt. Out: one plain sentence in the language asked for. Never: a name of
//! a fact where words are known.

use super::words::Both;
use crate::model::{Fact, FactName, Lang};

/// The fact in words; `name: value` where no words are known.
pub(super) fn said(fact: &Fact, facts: &[Fact], lang: Lang) -> String {
    if fact.name == FactName::IdMismatch
        && let Some(text) = mismatch(&fact.value, facts, lang)
    {
        return text;
    }
    match words(fact.name, &fact.value) {
        Some(both) => both.get(lang).replace("{}", &fact.value),
        None => format!("{}: {}", fact.name.id(), fact.value),
    }
}

/// Which two addresses disagree.
fn mismatch(pair: &str, facts: &[Fact], lang: Lang) -> Option<String> {
    use FactName::*;
    let first = |names: &[FactName]| {
        names.iter().find_map(|n| facts.iter().find(|f| f.name == *n)).map(|f| f.value.as_str())
    };
    let token: &[FactName] = &[IdToken, IdUpn, IdMailbox, IdPicked];
    let (left, right, both) = match pair {
        "intended-token" => (
            IdIntended,
            token,
            Both {
                en: "meant: {1}, signed in: {2}",
                ja: "意図したアドレス: {1}、サインインしたアカウント: {2}",
            },
        ),
        "hint-token" => (
            IdHint,
            token,
            Both {
                en: "login hint: {1}, signed in: {2}",
                ja: "ログイン ヒント: {1}、サインインしたアカウント: {2}",
            },
        ),
        "typed-token" => (
            IdTyped,
            token,
            Both {
                en: "typed: {1}, signed in: {2}",
                ja: "入力したアドレス: {1}、サインインしたアカウント: {2}",
            },
        ),
        "upn-mail" => (
            IdUpn,
            &[IdMailbox] as &[FactName],
            Both {
                en: "sign-in name: {1}, mailbox address: {2}",
                ja: "サインイン名: {1}、メールボックスのアドレス: {2}",
            },
        ),
        _ => (
            IdToken,
            &[IdMailbox] as &[FactName],
            Both {
                en: "name in the token: {1}, mailbox address: {2}",
                ja: "トークンの名前: {1}、メールボックスのアドレス: {2}",
            },
        ),
    };
    Some(both.get(lang).replace("{1}", first(&[left])?).replace("{2}", first(right)?))
}

/// Words for a fact; `{}` is its value.
fn words(name: FactName, value: &str) -> Option<Both> {
    use FactName::*;
    let both = |en, ja| Some(Both { en, ja });
    match (name, value) {
        (SilentSignIn, _) => both(
            "a code came back without any sign-in page",
            "サインイン画面が表示されずにコードが返されました",
        ),
        (StaySignedIn, _) => both(
            "the browser holds a stay-signed-in session",
            "ブラウザーに「サインインの状態を維持」のセッションがあります",
        ),
        (Prompt, "absent") => both(
            "the app did not ask which account to use (no prompt)",
            "アプリは使用するアカウントの選択を求めていません(prompt なし)",
        ),
        (Prompt, _) => both("the app asked with prompt={}", "アプリは prompt={} を指定しました"),
        (LoginHint, "absent") => {
            both("the app gave no login hint", "アプリはログイン ヒントを指定していません")
        }
        (LoginHint, _) => both("the app gave a login hint", "アプリはログイン ヒントを指定しました"),
        (LaterSuccess, _) => {
            both("the same stage worked afterwards: {}", "同じ段階がその後に成功しました: {}")
        }
        (RetryWorked, _) => both("the same call worked when repeated", "同じ呼び出しが再試行で成功しました"),
        (OutcomeIs, "succeeded") => {
            both("the attempt succeeded in the end", "この試行は最終的に成功しました")
        }
        (OutcomeIs, "failed") => both("the attempt failed", "この試行は失敗しました"),
        (OutcomeIs, "abandoned") => both("the attempt was left unfinished", "この試行は途中で終わっています"),
        (RefreshToken, "absent") => both(
            "Microsoft's token answer holds no refresh token",
            "Microsoft のトークン応答に更新トークンがありません",
        ),
        (RefreshToken, _) => both(
            "Microsoft's token answer holds a refresh token",
            "Microsoft のトークン応答に更新トークンがあります",
        ),
        (ScopeMissing, _) => both("needed, but not granted: {}", "必要だが付与されていない権限: {}"),
        (ScopeGranted, _) => both("granted: {}", "付与された権限: {}"),
        (ScopeRequested, _) => both("asked for: {}", "要求された権限: {}"),
        (ScopeNamed, _) => both("named as missing: {}", "不足と示された権限: {}"),
        (CodeReused, _) => {
            both("the same authorization code was used twice", "同じ認可コードが 2 回使われました")
        }
        (Spread, "many-tenants") => {
            both("the same error in three or more tenants", "同じエラーが 3 つ以上のテナントで発生しています")
        }
        (Spread, "many-accounts") => both(
            "the same error for three or more accounts",
            "同じエラーが 3 つ以上のアカウントで発生しています",
        ),
        (Spread, "one-account") => {
            both("the error concerns one account only", "エラーは 1 つのアカウントだけで発生しています")
        }
        (Phase, "refresh") => both(
            "it happened at the renewal of tokens, without the user",
            "ユーザーのいないトークン更新時に発生しました",
        ),
        (Phase, _) => both("it happened while the user was connecting", "ユーザーの接続操作中に発生しました"),
        (Alternating, _) => both(
            "'not found' and 'not enabled' alternate for this mailbox",
            "このメールボックスで「見つからない」と「有効でない」が交互に返されています",
        ),
        (ProvisionedLater, _) => {
            both("refused at first, served later", "最初は拒否され、後から利用できるようになりました")
        }
        (AudienceMismatch, _) => {
            both("the token was issued for another API", "トークンは別の API 向けに発行されたものです")
        }
        (TokenExpired, _) => {
            both("the token had expired before it was used", "トークンは使用前に期限が切れていました")
        }
        (WeakEvidence, "url-only") => {
            both("only a redirect URL to go by", "手がかりはリダイレクト URL のみです")
        }
        (WeakEvidence, "words-only") => {
            both("only the words of an error, no code", "エラーの文言のみで、コードがありません")
        }
        (WeakEvidence, "misread-code") => {
            both("the code was read with letters for digits", "コードの数字が文字として読まれています")
        }
        (WeakEvidence, "sanitised") => both("the capture was sanitised", "記録はサニタイズ済みです"),
        (AccountType, "personal") => both("a personal Microsoft account", "個人用 Microsoft アカウントです"),
        (AccountType, "guest") => {
            both("a guest account in this tenant", "このテナントではゲスト アカウントです")
        }
        (AccountType, "work") => both("a work or school account", "職場または学校アカウントです"),
        (MeMail, "null") => {
            both("the profile (/me) has no mail address", "プロフィール (/me) にメール アドレスがありません")
        }
        (MeMail, _) => {
            both("the profile (/me) has a mail address", "プロフィール (/me) にメール アドレスがあります")
        }
        (DefaultCalendar, "missing") => {
            both("the default calendar is not in the list", "既定の予定表が一覧にありません")
        }
        (ConsentTenantDiffers, _) => both(
            "the admin consented in another tenant than the user's",
            "管理者の同意がユーザーとは別のテナントで行われています",
        ),
        (ConsentTenant, _) => {
            both("admin consent was given in tenant {}", "管理者の同意が行われたテナント: {}")
        }
        (Backend, "cloud") => {
            both("a server of Exchange Online answered", "Exchange Online のサーバーが応答しました")
        }
        (Backend, _) => {
            both("the customer's own Exchange server answered", "お客様の Exchange サーバーが応答しました")
        }
        (Autodiscover, "cloud") => {
            both("Autodiscover points to Exchange Online", "自動検出は Exchange Online を指しています")
        }
        (Autodiscover, "personal") => {
            both("Autodiscover points to Outlook.com", "自動検出は Outlook.com を指しています")
        }
        (Autodiscover, _) => both(
            "Autodiscover points to the customer's own server",
            "自動検出はお客様のサーバーを指しています",
        ),
        (MxProvider, _) => both("the domain's MX is at: {}", "ドメインの MX の提供元: {}"),
        (MxRole, "gateway") => both(
            "the MX is a mail gateway: it does not tell where the mailbox is",
            "MX はメール ゲートウェイのため、メールボックスの場所は分かりません",
        ),
        (MxRole, _) => both("role of the MX: {}", "MX の役割: {}"),
        (IfExists, "0") => {
            both("Microsoft knows this sign-in name", "Microsoft はこのサインイン名を認識しています")
        }
        (IfExists, "1") => both(
            "Microsoft does not know this sign-in name",
            "Microsoft はこのサインイン名を認識していません",
        ),
        (IfExists, "5" | "6") => {
            both("a personal account of this name exists", "同じ名前の個人用アカウントがあります")
        }
        (Namespace, "unknown") => both(
            "the domain belongs to no Microsoft tenant",
            "このドメインはどの Microsoft テナントにも属していません",
        ),
        (Namespace | DomainType, "federated") => both(
            "the domain signs in at its own identity provider",
            "このドメインは独自の ID プロバイダーでサインインします",
        ),
        (ApiStatus, _) => both("Microsoft's API answered with status {}", "Microsoft の API の応答状態: {}"),
        (ApiOk, _) => both("a call to this area worked: {}", "この領域の呼び出しは成功しました: {}"),
        (ApiTarget, "other") => {
            both("another person's data was asked for", "別のユーザーのデータが要求されました")
        }
        (ApiTarget, _) => both("the user's own data was asked for", "ユーザー自身のデータが要求されました"),
        (ApiArea, _) => both("the call was about: {}", "呼び出しの対象: {}"),
        (ApiSurface, _) => both("the answer came from: {}", "応答した API: {}"),
        (RetryAfter, _) => both("Microsoft asked to wait {} seconds", "Microsoft は {} 秒待つよう求めました"),
        (HopFailed, _) => both("this step failed: {}", "失敗した段階: {}"),
        (HopOk, _) => both("this step worked: {}", "成功した段階: {}"),
        (Token, _) => both("Microsoft issued tokens", "Microsoft はトークンを発行しました"),
        (GrantType, _) => both(
            "the app asked for tokens with grant_type={}",
            "アプリは grant_type={} でトークンを要求しました",
        ),
        (ClientAuth, "none") => both(
            "the app sent neither secret nor certificate",
            "アプリはシークレットも証明書も送信していません",
        ),
        (ClientAuth, _) => both("the app proved itself with: {}", "アプリの認証方法: {}"),
        (TenantRestriction, _) => both(
            "the network adds a tenant restriction header",
            "ネットワークがテナント制限ヘッダーを追加しています",
        ),
        (SigninResult, "failure") => both("the sign-in record says: failure", "サインイン ログの結果: 失敗"),
        (SigninResult, "success") => both("the sign-in record says: success", "サインイン ログの結果: 成功"),
        (CaStatus, "failure") => both(
            "the sign-in record says: Conditional Access failed",
            "サインイン ログの条件付きアクセス: 失敗",
        ),
        (CaStatus, "notapplied") => both(
            "the sign-in record says: no Conditional Access policy applied",
            "サインイン ログの条件付きアクセス: 適用なし",
        ),
        (CaPolicy, _) => both("policy that refused: {}", "拒否したポリシー: {}"),
        (MailboxType, _) => both("type of mailbox: {}", "メールボックスの種類: {}"),
        (License, "none") => both("the account has no licence", "アカウントにライセンスがありません"),
        (License, "foundation-only") => both(
            "the licence holds no Exchange mailbox",
            "ライセンスに Exchange メールボックスが含まれていません",
        ),
        (License, _) => both(
            "the licence holds an Exchange mailbox",
            "ライセンスに Exchange メールボックスが含まれています",
        ),
        (ConsentShown, "accept") => both(
            "a consent page with an Accept button was shown",
            "「承諾」ボタンのある同意画面が表示されました",
        ),
        (ConsentShown, _) => {
            both("the page 'Need admin approval' was shown", "「管理者の承認が必要」画面が表示されました")
        }
        (NetworkError, _) => both("no answer came: {}", "応答がありませんでした: {}"),
        (ProxyAnswer, _) => both("something between answered: {}", "途中の機器が応答しました: {}"),
        (ServerFault, _) => {
            both("Microsoft answered with a server fault: {}", "Microsoft のサーバー エラー: {}")
        }
        (Throttle, _) => both("Microsoft limited the calls: {}", "Microsoft が呼び出しを制限しました: {}"),
        (TokenKind, "opaque") => both(
            "the access token is opaque, as for personal accounts",
            "アクセス トークンは個人用アカウントと同じ不透明な形式です",
        ),
        (Cloud, _) => both("cloud of the account: {}", "アカウントのクラウド: {}"),
        (Sanitised, _) => both("the capture was sanitised", "記録はサニタイズ済みです"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    fn fact(name: FactName, value: &str) -> Fact {
        Fact { name, value: value.to_owned(), place: Place::default(), excerpt: Default::default() }
    }

    #[test]
    fn both_addresses_are_named() {
        let facts =
            [fact(FactName::IdHint, "ann@contoso.example"), fact(FactName::IdToken, "bob@contoso.example")];
        let text = said(&fact(FactName::IdMismatch, "hint-token"), &facts, Lang::En);
        assert_eq!(text, "login hint: ann@contoso.example, signed in: bob@contoso.example");
    }

    #[test]
    fn unknown_facts_keep_their_name() {
        assert_eq!(said(&fact(FactName::Oid, "1"), &[], Lang::En), "oid: 1");
        assert_eq!(
            said(&fact(FactName::RetryAfter, "30"), &[], Lang::En),
            "Microsoft asked to wait 30 seconds"
        );
    }
}
