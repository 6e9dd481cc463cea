//! What could not be read, and why, in both languages.
//!
//! The readers say it in English, in a sentence of this catalogue (a test over their sources holds them to it), so that
//! they need to know neither the language of the answer nor this stage. In: such a sentence, its numbers and names
//! included. Out: the kind of loss, and the sentence in the language asked for. Never: less than the reader said; what
//! the catalogue does not know is passed on as it is.

use crate::model::Lang;

/// A sentence of the catalogue; `{}` stands for a number or a name.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    /// Its kind, for programs; the same in every version.
    pub id: &'static str,
    pub en: &'static str,
    pub ja: &'static str,
}

/// Kind of a loss that the catalogue does not know.
pub const OTHER: &str = "other";

/// Why, in the language.
pub fn why(text: &str, lang: Lang) -> String {
    say(&WHY, text, lang)
}

/// What was lost, in the language.
pub fn what(text: &str, lang: Lang) -> String {
    say(&WHAT, text, lang)
}

/// Where, in the language.
pub fn place(text: &str, lang: Lang) -> String {
    say(&PLACE, text, lang)
}

/// Kind of a loss, by the reason as it reads in either language.
pub fn kind(why: &str) -> &'static str {
    let of = |said: &&Said| values(said.en, why).or_else(|| values(said.ja, why)).is_some();
    WHY.iter().find(of).map_or(OTHER, |said| said.id)
}

fn say(catalogue: &[Said], text: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    let found = catalogue.iter().find_map(|said| Some((said, values(said.en, text)?)));
    match found {
        Some((said, values)) => filled(said.ja, &values),
        None => text.to_owned(),
    }
}

/// What stands for each `{}` of the pattern; `None` when the text is not of it.
fn values<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut parts = pattern.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty().then(Vec::new) };
    let mut out = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        let (value, after) = rest.split_once(part)?;
        out.push(value);
        rest = after;
    }
    out.push(rest.strip_suffix(last)?);
    out.iter().all(|value| !value.is_empty()).then_some(out)
}

fn filled(pattern: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = pattern.split("{}");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(values.next().copied().unwrap_or_default());
        out.push_str(part);
    }
    out
}

const fn said(id: &'static str, en: &'static str, ja: &'static str) -> Said {
    Said { id, en, ja }
}

/// Reasons. A sentence that could be read as an instance of another stands before it.
#[rustfmt::skip]
pub const WHY: [Said; 92] = [
    said("no-such-file", "no such file or folder", "そのファイルまたはフォルダーはありません"),
    said("no-permission", "no permission to read it", "読み取りの権限がありません"),
    said("name-too-long", "no such file or folder: the name is too long", "そのファイルまたはフォルダーはありません（名前が長すぎます）"),
    said("not-regular", "not a regular file", "通常のファイルではありません"),
    said("system-error", "the system could not read it", "システムが読み取れませんでした"),
    said("dead-link", "the link leads nowhere", "リンク先がありません"),
    said("named-pipe", "a named pipe: give it on standard input instead (`-`)", "名前付きパイプです。標準入力（`-`）で渡してください"),
    said("device", "a device: not opened", "デバイスのため開いていません"),
    said("socket", "a socket: not opened", "ソケットのため開いていません"),
    said("too-many-files", "more than {} files; the rest was not looked at", "ファイルが {} 個を超えるため、残りは見ていません"),
    said("folders-too-deep", "folders are nested too deeply", "フォルダーの階層が深すぎます"),
    said("too-long-utf16", "longer than {} bytes of UTF-16 text; the rest was not read", "UTF-16 のテキストが {} バイトを超えるため、残りは読み取っていません"),
    said("sessions-too-long", "sessions of more than {} bytes; the rest was not read", "セッションが {} バイトを超えるため、残りは読み取っていません"),
    said("too-slow", "the time for one input was over (--time-limit)", "1 入力あたりの制限時間を過ぎました(--time-limit)"),
    said("too-long", "longer than {} bytes; the rest was not read", "{} バイトを超えるため、残りは読み取っていません"),
    said("empty", "empty", "空です"),
    said("archives-too-deep", "archives are nested too deeply", "アーカイブの入れ子が深すぎます"),
    said("office-document", "an Office document: save it as text or CSV", "Office 文書です。テキストまたは CSV で保存してください"),
    said("empty-archive", "an empty archive", "空のアーカイブです"),
    said("archive-without-file", "an archive that holds no file", "ファイルを含まないアーカイブです"),
    said("archive-broken", "the archive is cut short or broken: members may be missing", "アーカイブが途中で切れているか壊れているため、メンバーが欠けている可能性があります"),
    said("broken", "broken or cut short", "壊れているか、途中で切れています"),
    said("member-cut", "cut short: the archive ends inside it", "途中で切れています（アーカイブがその中で終わっています）"),
    said("archive-link", "a link inside the archive: not followed", "アーカイブ内のリンクのため、たどっていません"),
    said("limit-met", "a limit was met: the members that follow were not read", "上限に達したため、以降のメンバーは読み取っていません"),
    said("too-many-members", "more than {} members; the rest was not read", "メンバーが {} 個を超えるため、残りは読み取っていません"),
    said("encrypted", "encrypted: unpack it with its password first", "暗号化されています。先にパスワードで展開してください"),
    said("unknown-compression", "its kind of compression is not read: unpack it first", "この圧縮形式は読み取れません。先に展開してください"),
    said("broken-compression", "its compressed data is broken", "圧縮データが壊れています"),
    said("unpacks-too-far", "unpacks to more than {} times its size; stopped", "展開すると元の {} 倍を超えるため、中止しました"),
    said("unpacks-too-long", "the input unpacks to more than {} bytes; stopped", "展開すると {} バイトを超えるため、中止しました"),
    said("pdf", "a PDF document: copy its text into a text file", "PDF 文書です。テキストをテキスト ファイルにコピーしてください"),
    said("rtf", "a rich text document: save it as plain text", "リッチ テキスト文書です。書式なしテキストで保存してください"),
    said("winmail", "an Outlook attachment container (winmail.dat): ask for the attachment itself", "Outlook の添付コンテナー (winmail.dat) です。添付ファイルそのものを依頼してください"),
    said("event-log", "a Windows event log: export it as text or CSV", "Windows イベント ログです。テキストまたは CSV でエクスポートしてください"),
    said("packet-capture", "a packet capture: export the HTTP exchanges as HAR", "パケット キャプチャです。HTTP の通信を HAR でエクスポートしてください"),
    said("program", "a program: nothing to read", "プログラムのため、読み取る内容がありません"),
    said("database", "a database: export it as text", "データベースです。テキストでエクスポートしてください"),
    said("property-list", "a binary property list: nothing to read", "バイナリのプロパティ リストのため、読み取る内容がありません"),
    said("macos-archive", "metadata that macOS adds to archives: nothing to read", "macOS がアーカイブに加えるメタデータのため、読み取る内容がありません"),
    said("macos-folder", "metadata that macOS adds to folders: nothing to read", "macOS がフォルダーに加えるメタデータのため、読み取る内容がありません"),
    said("sound", "sound or video: nothing to read", "音声または動画のため、読み取る内容がありません"),
    said("font", "a font: nothing to read", "フォントのため、読み取る内容がありません"),
    said("media", "an image, sound or video: nothing to read", "画像、音声または動画のため、読み取る内容がありません"),
    said("picture", "an image or video: nothing to read", "画像または動画のため、読み取る内容がありません"),
    said("image", "an image: nothing to read", "画像のため、読み取る内容がありません"),
    said("binary", "not text: nothing to read", "テキストではないため、読み取る内容がありません"),
    said("empty-mail", "a mail without text or attachment", "本文も添付もないメールです"),
    said("mail-too-deep", "its parts are nested too deeply", "パートの入れ子が深すぎます"),
    said("unknown-format", "it is in no format that is known here", "対応していない形式です"),
    said("holds-nothing", "it holds nothing", "内容がありません"),
    said("own-fault", "hartriage itself failed on it; please report this", "hartriage 自体の不具合です。報告をお願いします"),
    said("without-request", "without its request", "要求がありません"),
    said("not-read", "not read", "読み取り対象外です"),
    said("body-packed", "its compressed body could not be unpacked", "圧縮された本文を展開できませんでした"),
    said("long-line", "longer than 256 KiB without a break, read in parts", "改行なしで 256 KiB を超えるため、分割して読み取りました"),
    said("not-json", "not JSON, read as plain text", "JSON ではないため、テキストとして読み取りました"),
    said("broken-fields", "broken JSON, its complete fields were read", "JSON が壊れているため、完全なフィールドだけを読み取りました"),
    said("broken-rows", "broken JSON, its complete rows were read", "JSON が壊れているため、完全な行だけを読み取りました"),
    said("without-prefix", "without the prefix of the other lines, read as plain text", "他の行と同じ接頭部がないため、テキストとして読み取りました"),
    said("no-row", "not a row of the table, read as plain text", "表の行ではないため、テキストとして読み取りました"),
    said("few-values", "fewer values than fields, read as plain text", "値がフィールドより少ないため、テキストとして読み取りました"),
    said("before-first-value", "the text ends before the first value of its JSON", "JSON の最初の値の前で終わっています"),
    said("before-first-event", "the file ends before the first event", "最初のイベントの前でファイルが終わっています"),
    said("no-event-list", "it has no list of events", "イベントの一覧がありません"),
    said("events-cut", "the file ends before the list of events does", "イベントの一覧の途中でファイルが終わっています"),
    said("no-request", "no request was logged", "要求が記録されていません"),
    said("cut-in-entry", "incomplete: the file ends inside it", "不完全です（ファイルがその途中で終わっています）"),
    said("entries-cut", "the file ends before the list of entries does; how many followed is unknown", "エントリの一覧の途中でファイルが終わっており、続きの件数は不明です"),
    said("before-first-entry", "the file ends before the first entry", "最初のエントリの前でファイルが終わっています"),
    said("cut-elsewhere", "the file stops early, outside its entries", "エントリの外でファイルが途中で終わっています"),
    said("no-entries", "the list of entries is empty: nothing was recorded", "エントリの一覧が空です。何も記録されていません"),
    said("no-entry-list", "it is JSON, but has no list of entries", "JSON ですが、エントリの一覧がありません"),
    said("not-an-exchange", "not an HTTP exchange", "HTTP の通信ではありません"),
    said("broken-json-kept", "its JSON is broken; what could be read was kept", "JSON が壊れていますが、読み取れた部分は使用しました"),
    said("broken-json", "its JSON is broken", "JSON が壊れています"),
    said("too-long-whole", "longer than {} bytes, and no line log that could be read in parts; the rest was not read", "{} バイトを超え、分割して読める行形式のログでもないため、残りは読み取っていません"),
    said("mimecast-link", "Mimecast has replaced the address by a key of its own: where it leads cannot be known from it. Ask for the address that the browser shows after a click", "Mimecast が URL を独自のキーに置き換えているため、行き先は分かりません。クリック後にブラウザーに表示される URL をもらってください"),
    said("attempts-thinned", "the log held more than fits in memory: of each cause the first {} attempts are shown, and all are counted", "ログの内容がメモリに収まらないため、原因ごとに最初の {} 件の接続試行だけを示しています（件数は全体です）"),
    said("more-places", "something was passed over there as well; only the first are told", "ほかにも読み飛ばした箇所があります。最初のものだけを示しています"),
    said("file-cut", "it was cut while it was read: read again from its beginning", "読み取り中に切り詰められたため、先頭から読み直しました"),
    said("file-replaced", "another file took its name: that one is read from its beginning", "読み取り中に置き換えられたため、新しいファイルを先頭から読み取りました"),
    said("packed-7z", "a 7z archive is not read: unpack it first", "7z アーカイブは読み取れません。先に展開してください"),
    said("packed-rar", "a RAR archive is not read: unpack it first", "RAR アーカイブは読み取れません。先に展開してください"),
    said("packed-lz4", "lz4 compression is not read: unpack it first", "lz4 圧縮は読み取れません。先に展開してください"),
    said("packed-z", "compress (.Z) compression is not read: unpack it first", "compress (.Z) 圧縮は読み取れません。先に展開してください"),
    said("packed-cab", "a cabinet archive is not read: unpack it first", "キャビネット アーカイブは読み取れません。先に展開してください"),
    said("packed-lzip", "lzip compression is not read: unpack it first", "lzip 圧縮は読み取れません。先に展開してください"),
    said("outlook-message", "an Outlook message (.msg): save it as .eml, or save its attachment by itself", "Outlook メッセージ (.msg) です。.eml で保存するか、添付ファイルだけを保存してください"),
    said("old-office", "an old Office document: save it as text", "古い形式の Office 文書です。テキストで保存してください"),
    said("broken-after", "broken or cut short after {} bytes; what came before was read", "{} バイト以降が壊れているか途中で切れています。その前までは読み取りました"),
    said("side-file", "the recorder wrote it to a separate file beside the capture", "記録ツールが別のファイルに書き出しています"),
];

/// What was lost.
#[rustfmt::skip]
pub const WHAT: [Said; 23] = [
    said("", "{} more places", "ほか {} か所"),
    said("", "part of the attempts", "接続試行の一部"),
    said("", "the address inside a link", "リンク内の URL"),
    said("", "the file", "ファイル"),
    said("", "the input", "入力"),
    said("", "the rest of the input", "入力の残り"),
    said("", "member {}", "メンバー {}"),
    said("", "every entry", "すべてのエントリ"),
    said("", "entries from {} on", "エントリ {} 以降"),
    said("", "entry {}", "エントリ {}"),
    said("", "the end of the file", "ファイルの末尾"),
    said("", "lines {} and {} more", "行 {} ほか {} 行"),
    said("", "lines {}", "行 {}"),
    said("", "line {}", "行 {}"),
    said("", "WebSocket messages of session {}", "セッション {} の WebSocket メッセージ"),
    said("", "session {}", "セッション {}"),
    said("", "every event", "すべてのイベント"),
    said("", "the last events", "末尾のイベント"),
    said("", "every request", "すべての要求"),
    said("", "1 body", "本文 1 件"),
    said("", "{} bodies", "本文 {} 件"),
    said("", "the elements from here on", "これ以降の要素"),
    said("", "part of an element", "要素の一部"),
];

/// Where.
const PLACE: [Said; 2] = [said("", "byte {}", "バイト {}"), said("", "line {}", "行 {}")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_kept() {
        assert_eq!(what("lines 3, 9 and 12 more", Lang::Ja), "行 3, 9 ほか 12 行");
        assert_eq!(what("member a {} entry 3.png", Lang::Ja), "メンバー a {} entry 3.png");
        assert_eq!(why("its JSON is broken", Lang::En), "its JSON is broken");
        assert_eq!(place("byte 812", Lang::Ja), "バイト 812");
        assert_eq!(why("something new", Lang::Ja), "something new");
    }

    #[test]
    fn each_sentence_is_of_its_own_kind() {
        let mut ids: Vec<&str> = WHY.iter().map(|said| said.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), WHY.len());
        for said in &WHY {
            let en = said.en.replace("{}", "12");
            assert_eq!(kind(&en), said.id);
            assert_eq!(kind(&why(&en, Lang::Ja)), said.id, "{en}");
            assert_eq!(said.en.matches("{}").count(), said.ja.matches("{}").count());
        }
    }
}
