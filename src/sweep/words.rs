//! The words of a sweep, in both languages.

pub(super) use crate::report::words::Both;

use super::model::Grouping;

pub(super) const TITLE: Both = Both { en: "Sweep", ja: "一括集計" };
pub(super) const ATTEMPTS: Both = Both { en: "Attempts", ja: "試行" };
pub(super) const COUNTS: Both = Both { en: "How many", ja: "件数" };
pub(super) const TENANTS: Both = Both { en: "Tenants", ja: "テナント" };
pub(super) const ACCOUNTS: Both = Both { en: "Accounts", ja: "アカウント" };
pub(super) const INPUTS: Both = Both { en: "Inputs", ja: "入力" };
pub(super) const SEEN: Both = Both { en: "First and last seen (UTC)", ja: "初回と最終 (UTC)" };
pub(super) const TREND: Both = Both { en: "Trend", ja: "推移" };
pub(super) const EXAMPLES: Both = Both { en: "One example each", ja: "各行の代表例" };
pub(super) const NOT_READ: Both =
    Both { en: "Not read, or not wholly", ja: "読み取れなかった、または一部のみの入力" };
pub(super) const NOT_KNOWN: Both = Both { en: "(not known)", ja: "(不明)" };
pub(super) const NO_CODE: Both = Both { en: "(no code)", ja: "(コードなし)" };
pub(super) const WIDE: Both = Both { en: "vendor-wide", ja: "全体に影響" };
pub(super) const PARTLY: Both = Both { en: "partly read", ja: "一部のみ" };
pub(super) const UNREAD: Both = Both { en: "not read", ja: "読み取り不可" };
pub(super) const NO_ROWS: Both =
    Both { en: "No cause was found.", ja: "原因は見つかりませんでした。" };

/// Heading of the first column.
pub(super) fn grouping(by: Grouping) -> Both {
    match by {
        Grouping::Cause => crate::report::words::WHAT,
        Grouping::Tenant => Both { en: "Tenant", ja: "テナント" },
        Grouping::Account => Both { en: "Account", ja: "アカウント" },
        Grouping::App => Both { en: "App", ja: "アプリ" },
        Grouping::Input => Both { en: "Input", ja: "入力" },
        Grouping::Code => Both { en: "Code", ja: "コード" },
    }
}

/// Sentences with numbers: `{0}`, `{1}`… are replaced in order.
pub(super) const FOUND: Both = Both {
    en: "{0} inputs found: {1} read, {2} partly read, {3} not read.",
    ja: "入力 {0} 件: 読み取り {1} 件、一部のみ {2} 件、読み取り不可 {3} 件。",
};
pub(super) const RESULTS: Both = Both {
    en: "Of the {0} that could be read, {1} hold a cause, in {2} all worked, {3} had nothing to report.",
    ja: "読み取れた {0} 件のうち、原因あり {1} 件、すべて成功 {2} 件、報告事項なし {3} 件。",
};
pub(super) const RESULTS_FILTERED: Both = Both {
    en: "Of the {0} that could be read, {1} hold a cause, in {2} all worked, {3} had nothing to report, {4} hold only what the filters leave out.",
    ja: "読み取れた {0} 件のうち、原因あり {1} 件、すべて成功 {2} 件、報告事項なし {3} 件、フィルターで除外 {4} 件。",
};
pub(super) const MORE: Both = Both { en: "… and {0} more", ja: "… ほか {0} 件" };
pub(super) const SCALE: Both = Both {
    en: "Trend: attempts from {0} to {1}, {2} to a mark.",
    ja: "推移: {0} から {1} までの試行、1 目盛り {2}。",
};
pub(super) const HOURS: Both = Both { en: "{0} h", ja: "{0} 時間" };
pub(super) const DAYS: Both = Both { en: "{0} d", ja: "{0} 日" };

/// Puts values into a sentence. A value is never read as a placeholder.
pub(crate) fn with(sentence: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((number, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        out.push_str(number.parse::<usize>().ok().and_then(|n| values.get(n)).copied().unwrap_or_default());
        rest = tail;
    }
    out.push_str(rest);
    out
}
