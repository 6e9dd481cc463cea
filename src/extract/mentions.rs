//! What free text says in passing: the authority of a sign-in URL, and a guest's sign-in name.
//!
//! In: log records and pasted text. Out: authority, tenant, guest identities. Never: a query or fragment of a URL.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::FactName;

use super::authorize::note_authority;
use super::identity;
use super::{Facts, Views};

/// Most mentions read in one text.
const MOST: usize = 8;

pub(super) fn mentions(views: &Views<'_>, facts: &mut Facts<'_>) {
    static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)https://login\.(?:microsoftonline\.(?:com|us|de)|windows\.net|partner\.microsoftonline\.cn|chinacloudapi\.cn)/[a-z0-9.-]{3,80}/(?:oauth2|v2\.0|adminconsent)",
        )
    });
    static GUEST: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)[a-z0-9._%+-]{1,128}#EXT#@[a-z0-9.-]{3,128}"));
    for view in views.list.iter().filter(|v| v.is_free_text()) {
        for hit in AUTHORITY.find_iter(&view.text).take(MOST) {
            note_authority(hit.as_str(), view, facts);
        }
        for hit in GUEST.find_iter(&view.text).take(MOST) {
            identity::note(FactName::IdUpn, hit.as_str(), "userPrincipalName", view, facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{has, paste, run, values};
    use super::*;

    #[test]
    fn authority_and_guest() {
        let text = "POST https://login.microsoftonline.com/bbbb1111-2222-4333-8444-555566667777/oauth2/v2.0/token failed \
                    for ann_fabrikam.example#EXT#@contoso.onmicrosoft.com, see https://login.microsoftonline.com/error?code=1";
        let facts = run(mentions, &paste(text));
        assert_eq!(values(&facts, FactName::Tenant), ["bbbb1111-2222-4333-8444-555566667777"]);
        assert!(has(&facts, FactName::AccountType, "guest"));
        assert!(run(mentions, &paste("https://login.microsoftonline.com/error?code=50105")).is_empty());
    }
}
