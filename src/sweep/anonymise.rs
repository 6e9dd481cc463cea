//! An aggregate without personal data.
//!
//! Pseudonyms are given when everything has been counted, in the order of the accounts: so one address has one
//! pseudonym over all inputs, whatever the number of threads or parts.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Aggregate, NotRead, Representative, Row};
use super::text::Text;
use crate::model::{Fact, FactName, Observed, Place};
use crate::redact::Redactor;

impl Aggregate {
    /// A copy in which addresses, names and IPs are pseudonyms.
    pub fn anonymised(&self) -> Aggregate {
        let redactor = Redactor::new(true, &[self.identities()]);
        let hide = |t: &Text| -> Text { redactor.text(t.as_str()).into() };
        let mut out = Aggregate::new(self.settings.clone());
        out.settings.anonymize = true;
        let settings = &mut out.settings;
        for own in [&mut settings.tenant, &mut settings.account, &mut settings.profile].into_iter().flatten()
        {
            *own = hide(own);
        }
        for (key, row) in &self.rows {
            out.rows.entry(hide(key)).or_default().merge(hide_row(row, &hide));
        }
        out.inputs = self.inputs.clone();
        out.inputs.named = self.inputs.named.iter().map(|n| hide_not_read(n, &hide)).collect();
        out
    }

    /// The accounts as the redactor learns them.
    fn identities(&self) -> Observed {
        let accounts: BTreeSet<&Text> = self.rows.values().flat_map(|r| &r.accounts).collect();
        let fact = |account: &&Text| Fact {
            name: FactName::IdUpn,
            value: account.as_str().to_owned(),
            place: Place::default(),
            excerpt: Default::default(),
        };
        Observed { facts: accounts.iter().map(fact).collect(), ..Observed::default() }
    }
}

fn hide_row(row: &Row, hide: &impl Fn(&Text) -> Text) -> Row {
    let mut out = row.clone();
    out.tenants = row.tenants.iter().map(hide).collect();
    out.accounts = row.accounts.iter().map(hide).collect();
    for code in out.causes.values_mut().flat_map(|c| c.codes.values_mut()) {
        code.tenants = code.tenants.iter().map(hide).collect();
    }
    for cause in out.causes.values_mut() {
        let codes: BTreeMap<_, _> = std::mem::take(&mut cause.codes);
        cause.codes = codes.into_iter().map(|(code, seen)| (hide(&code), seen)).collect();
    }
    out.example = row.example.as_ref().map(|e| Representative {
        input: hide(&e.input),
        pointer: hide(&e.pointer),
        text: hide(&e.text),
        ..e.clone()
    });
    out
}

fn hide_not_read(n: &NotRead, hide: &impl Fn(&Text) -> Text) -> NotRead {
    NotRead {
        partly: n.partly,
        input: hide(&n.input),
        what: hide(&n.what),
        why: hide(&n.why),
        place: hide(&n.place),
    }
}
