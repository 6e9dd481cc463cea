//! Can this material answer at all? What is missing, and how to capture again.

use super::model::{Adequacy, AdequacyVerdict};
use super::words::Both;
use crate::model::{FactName, Lang, Safe};
use crate::triage::Findings;

const NOTHING_READ: Both = Both {
    en: "Nothing could be read from the inputs.",
    ja: "入力から何も読み取れませんでした。",
};
const NO_SIGN_IN: Both = Both {
    en: "The capture holds no Microsoft sign-in or mailbox traffic.",
    ja: "記録に Microsoft のサインインやメールボックスの通信がありません。",
};
const NO_FACTS: Both = Both {
    en: "No Microsoft error, sign-in or mailbox call was found in the text.",
    ja: "テキストに Microsoft のエラー、サインイン、メールボックスの呼び出しが見つかりません。",
};
const URL_ONLY: Both = Both {
    en: "Only a redirect URL: the page shown before it is what tells the causes apart.",
    ja: "リダイレクト URL のみです。原因を区別できるのは、その直前に表示された画面です。",
};
const SANITISED: Both = Both {
    en: "The capture was sanitised: missing cookies, tokens or headers prove nothing.",
    ja: "記録はサニタイズ済みです。Cookie、トークン、ヘッダーがないことは根拠になりません。",
};
const CUT: Both = Both {
    en: "Part of the material could not be read.",
    ja: "資料の一部が読み取れませんでした。",
};
const NO_CODES: Both = Both {
    en: "Only the words of an error, without its code or Microsoft's ids.",
    ja: "エラーの文言のみで、コードや Microsoft の ID がありません。",
};
const MISREAD: Both = Both {
    en: "The code was read with letters for digits (O for 0): it may be another code. Ask for the text of the page.",
    ja: "コードの数字が文字（0 が O など）として読まれているため、別のコードの可能性があります。画面の文字列をもらってください。",
};
const HAR_STEPS: [Both; 4] = [
    Both {
        en: "Open a private window, press F12, open 'Network', tick 'Preserve log'.",
        ja: "プライベート ウィンドウを開き、F12 キーを押して「ネットワーク」を開き、「ログの保持」をオンにします。",
    },
    Both {
        en: "Connect the mailbox again, from the vendor's page to the error, in that window.",
        ja: "そのウィンドウで、ベンダーの画面からエラーまで、接続をもう一度行います。",
    },
    Both {
        en: "Export the HAR (with sensitive data only if your policy allows; hartriage redacts its output).",
        ja: "HAR をエクスポートします（機密データを含めるのは社内規定が許す場合のみ。hartriage の出力では伏せられます）。",
    },
    Both {
        en: "Copy the full text of the error page too, with its code, Correlation ID and time.",
        ja: "エラー画面の全文（コード、関連付け ID、時刻を含む）もコピーします。",
    },
];

/// The verdict over all inputs.
pub(super) fn adequacy(findings: &Findings, lang: Lang) -> Adequacy {
    let missing = missing(findings);
    let verdict = match missing.first() {
        None => AdequacyVerdict::Good,
        Some((_, verdict)) => {
            missing.iter().fold(*verdict, |worst, (_, v)| if rank(*v) > rank(worst) { *v } else { worst })
        }
    };
    let say = |b: &Both| Safe::own(b.get(lang));
    let recapture =
        if verdict == AdequacyVerdict::Good { Vec::new() } else { HAR_STEPS.iter().map(say).collect() };
    Adequacy { verdict, missing: missing.iter().map(|(b, _)| say(b)).collect(), recapture }
}

fn rank(verdict: AdequacyVerdict) -> u8 {
    match verdict {
        AdequacyVerdict::Good => 0,
        AdequacyVerdict::Partial => 1,
        AdequacyVerdict::Poor => 2,
    }
}

fn missing(findings: &Findings) -> Vec<(Both, AdequacyVerdict)> {
    use AdequacyVerdict::{Partial, Poor};
    let has = |name: FactName, value: &str| {
        findings
            .attempts
            .iter()
            .any(|a| a.facts.iter().any(|f| f.name == name && (value.is_empty() || f.value == value)))
    };
    let mut out = Vec::new();
    let events: u64 = findings.inputs.iter().map(|i| i.events).sum();
    if events == 0 {
        out.push((NOTHING_READ, Poor));
    } else if findings.attempts.is_empty() {
        let har = findings.inputs.iter().any(|i| i.kind == "har" && i.events > 0);
        out.push((if har { NO_SIGN_IN } else { NO_FACTS }, Poor));
    }
    if has(FactName::WeakEvidence, "url-only") {
        out.push((URL_ONLY, Partial));
    }
    if has(FactName::WeakEvidence, "words-only") {
        out.push((NO_CODES, Partial));
    }
    if has(FactName::WeakEvidence, "misread-code") {
        out.push((MISREAD, Partial));
    }
    if has(FactName::WeakEvidence, "sanitised") {
        out.push((SANITISED, Partial));
    }
    if events > 0 && findings.inputs.iter().any(|i| !i.lost.is_empty()) {
        out.push((CUT, Partial));
    }
    out
}
