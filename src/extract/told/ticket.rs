//! What a ticket is about, as far as that decides whether its words are read.
//!
//! In: pasted text. Out: whether it is about a mailbox or a connection to one, says that something is wrong, and has
//! not been settled. Never: what is wrong.

use std::sync::LazyLock;

use super::super::text::about_microsoft;
use super::rows::Needs;
use crate::pattern::Regex;

/// Which rows may hold in this text.
pub(super) fn about(text: &str) -> Vec<Needs> {
    static MAILBOX: LazyLock<Regex> = LazyLock::new(|| {
        super::super::pattern(
            r"(?i)outlook|exchange|mailbox|inbox|\bcalendars?\b|kalender|postfach|calendrier|\bagenda|boîte|messagerie|courriel|buzón|calendario|correo|postvak|calendário|caixa (?:de|postal)|予定|受信トレイ|カレンダー|メールボックス|\bsync|synchron|同期|連携|\bmail ?box|\bposta\b|casella",
        )
    });
    static CONNECTION: LazyLock<Regex> = LazyLock::new(|| {
        super::super::pattern(
            r"(?i)\b(?:re)?con+ect(?:ed|ing|ions?|s)?\b|integrat\w*|\bhook(?:ed|ing)? up|\blink(?:ed|ing)? (?:my|the|his|her|our|an?)\b|permissions? (?:screen|page|window|dialog|list)|\bconsent|verbind|verbunden|connexion|connecter|conexión|conectar|koppel|接続|アクセス許可",
        )
    });
    static MAIL: LazyLock<Regex> =
        LazyLock::new(|| super::super::pattern(r"(?i)e-?mail|\bmails?\b|メール|schedul"));
    static SIGN_IN: LazyLock<Regex> = LazyLock::new(|| {
        super::super::pattern(
            r"(?i)\bsign(?:ed|ing|s)?[- ]?(?:\w+ )?in\b|\blog(?:ged|ging|s)?[- ]?(?:\w+ )?in\b|anmeld|inicia|identifi|inlogg|aanmeld|サインイン|ログイン|received?|receiving|fetch|arriv|incoming|outgoing|\bIMAP\b|\bSMTP\b",
        )
    });
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        super::super::pattern(
            r"(?i)google|gmail|icloud|yahoo|salesforce|slack\b|zoom\b|caldav|lotus|zimbra|webex|\bt-online|\bgmx\b|onedrive|sharepoint|dev ?ops|power ?bi|teams (?:call|meeting|chat)|\bsql\b|xbox|printer|\bvpn\b|\bjira\b|trello|stripe|quickbooks|\bxero\b|linkedin|facebook|instagram|whatsapp|shopify|dropbox|zapier|mailchimp|twilio|aircall",
        )
    });
    static TERMS: LazyLock<Regex> =
        LazyLock::new(|| super::super::pattern(r"(?i)conditional access|条件付きアクセス|enterprise app"));
    let ours = about_microsoft(text) || TERMS.is_match(text);
    let others = OTHERS.is_match(text);
    let connects = CONNECTION.is_match(text) || SIGN_IN.is_match(text);
    // Everybody's product sends "an email".
    let mailbox = MAILBOX.is_match(text) || MAIL.is_match(text) && connects;
    let mail = if mailbox { ours || !others } else { ours && !others };
    let mut out = Vec::new();
    if mail {
        out.push(Needs::Mail);
    }
    if mail || !others && CONNECTION.is_match(text) {
        out.push(Needs::Connection);
    }
    if mail && ours {
        out.push(Needs::Microsoft);
    }
    out
}

/// True where something is said to be wrong.
pub(super) fn is_trouble(text: &str) -> bool {
    static TROUBLE: LazyLock<Regex> = LazyLock::new(|| {
        super::super::pattern(concat!(
            r"(?i)\b(?:can.?t|cannot|couldn.t|won.t|doesn.t|don.t|didn.t|isn.t|aren.t|wasn.t|hasn.t|not|no|nobody|nothing|none|never|unable|fail\w*|errors?|stop(?:s|ped)?|disconnect\w*|reconnect\w*|refus\w*|block\w*|denied|reject\w*|broken?|locked|missing|lost|bounc\w*|crawl\w*|again|trouble|problem|issue|stuck|expired|wrong|instead|disabled|deactivated|requires|requested|late|delay\w*|slow\w*|locked out|declined|required|insufficient|what now|re-?auth\w*|asks? (?:\w+ )?(?:for|to)|keeps?|prompt\w*|must|ha(?:s|ve) to|weird|strange|confus\w*|loop\w*|round and round|why|says?|said|tells?|ends? up|expect\w*|supposed|approval|needed|dead|what do (?:we|i)|how (?:do|can|could) (?:we|i))\b",
            r"|\b(?:nicht|keine?n?|fehl\w*|schlägt|abgebrochen|getrennt|statt|Problem\w*|gesperrt|deaktiviert|erforderlich|niemand|nichts|reißt|bricht|seit\w*|eingestellt|unterbrochen|gestoppt|hängt|verzöger\w*|falsch\w*)\b",
            r"|\b(?:pas|plus|erreur|échec|échoue\w*|impossible|déconnect\w*|reconnect\w*|refus\w*|bloqu\w*|désactiv\w*|problème|requise?|mauvais\w*|aucune?|rien|retard|lente?|arrêt\w*|interromp\w*|coupée?|marche|fonctionne)\b|échou",
            r"|\b(?:no|dejó|dejaron|falla|fallo|error|desconect\w*|imposible|problema|rechaz\w*|desactivad\w*|deshabilitad\w*|bloque\w*|nadie|nada|equivocad\w*|deten\w*|detuvo|interrump\w*|ningun\w*)\b",
            r"|\b(?:niet|geen|fout\w*|mislukt|werkt|gestopt|verbroken|geblokkeerd|uitgeschakeld|probleem|vereist|niemand|niets|verkeerde?)\b",
            r"|\b(?:não|nao|erro|falha\w*|parou|desconect\w*|desativad\w*|problema|impossível|bloque\w*|ninguém|nada|errad\w*)\b",
            r"|\b(?:non|errore|impossibile|smesso|disconness\w*)\b",
            r"|でき(?:ない|ません|なく|ず)|失敗|エラー|止ま[っりる]|停止|切れ|切断|進め(?:ない|ません)|ません|できず|届か|拒否|ブロック|必要|不具合|うまくいか|なくな[っりる]|遅れ|遅延|されない|ていない|使え(?:ない|ません|ず)|ておらず|戻ってしま|無効|外れ|求められ|間違|誤って|別の|違う"
        ))
    });
    TROUBLE.is_match(text)
}

/// True for what needs no diagnosis: it was put right, or nothing happened yet.
pub(super) fn is_settled(text: &str) -> bool {
    static SETTLED: LazyLock<Regex> = LazyLock::new(|| {
        super::super::pattern(concat!(
            r"(?i)\bfine (?:since|now|again)|syncing (?:again|fine)|everything (?:is |works|runs|syncs)\w* ?(?:\w+ )?(?:again|fine)|(?:can|may|could) (?:be )?close|(?:is|are) (?:re)?connected again|(?:is|are) reconnected\b|planning to|we plan to|works? (?:again|(?:fine |perfectly )?now\b)|working (?:again|fine)|(?:is|was|been|got|it.s|now) (?:solved|resolved|fixed|sorted)|close (?:the|this|my) ticket|without (?:a |any )?(?:problems?|issues?)\b|all good (?:now|since|again)|no (?:further )?action (?:is |was )?(?:needed|required)",
            r"|newsletter|webinar|unsubscribe|feature request|roadmap|release notes|we are (?:evaluating|considering|comparing)|before we (?:buy|purchase|sign|start|roll)|do you (?:support|offer)|would like to know (?:if|whether)|price list|quote for",
            r"|\b(?:gelöst|behoben|erledigt)\b|wieder verbunden[.!]|wir planen|(?:funktioniert|klappt|läuft) (?:jetzt|wieder|nun)(?: alles| einwandfrei| problemlos| wie|[.!,])|bevor wir (?:kaufen|bestellen)|Angebot",
            r"|\brésolue?\b|(?:est|sont) (?:de nouveau |bien )?reconnectée?s?\b|nous prévoyons|fonctionne (?:de nouveau|à nouveau)|marche (?:de nouveau|à nouveau)|\bdevis\b|\btarif",
            r"|resuelto|solucionado|ya funciona|funciona de nuevo|presupuesto|opgelost|werkt weer|weer verbonden[.!]|(?:está|quedó) (?:ya )?reconectad|foi reconectad|offerte|resolvido|voltou a funcionar|orçamento|\brisolto|funziona di nuovo",
            r"|解決しました|復旧しました|直りました|無事に?(?:接続|連携|完了)|問題なく|見積|検討して"
        ))
    });
    static BUT: LazyLock<Regex> = LazyLock::new(|| {
        super::super::pattern(
            r"(?i)^[^.!?。\n]{0,40}?(?:\b(?:but|however|until|though|yet|except|then|aber|jedoch|dann|danach|mais|pero|maar|mas|ma|tot)\b|ですが|ましたが|けど|のに)",
        )
    });
    // "I logged in without problems, but then …" settles nothing.
    SETTLED.find_iter(text).any(|hit| !text.get(hit.end()..).is_some_and(|rest| BUT.is_match(rest)))
}
