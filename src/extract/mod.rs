//! Events → facts. One file per kind of fact.
//!
//! In: one [`Event`]. Out: its [`Observed`] facts, each with its place. Never: comparing events, judging, or keeping
//! a secret: values are canonical (codes, host names, addresses, hashes), excerpts are redacted.
//!
//! A new extractor is one file with an [`Extractor`] and its line in [`EXTRACTORS`].

mod api;
mod api_call;
mod audit;
mod authorize;
mod bearer;
mod challenge;
mod dns;
mod endpoint;
mod entra;
mod ews;
mod exchange_headers;
mod federation;
mod flow;
mod gate;
mod hash;
mod identity;
mod ids;
mod jwt;
mod mail;
mod mailbox_data;
mod mentions;
mod msal;
mod named;
mod network;
mod oauth;
mod page;
mod passing;
mod payload;
mod phrases;
#[cfg(test)]
mod planted;
mod realm;
mod redirect;
mod scopes;
mod shape;
mod signin_log;
mod sink;
#[cfg(test)]
mod synthetic;
mod template;
#[cfg(test)]
mod testing;
mod text;
mod token;
mod told;
mod vendor;
mod view;
#[cfg(test)]
mod whole;

pub use endpoint::{Endpoint, classify};
pub use gate::{attune, may_begin_to_matter, may_matter, may_matter_at_all, may_speak, survey};
pub(crate) use hash::join_hash;
pub(crate) use shape::{Shape, kin};
pub use sink::Facts;
pub(crate) use template::Template;
pub use view::Views;

use crate::model::{Event, Observed};
use crate::pattern::Regex;
use crate::redact::Deferred;

/// Reads one kind of fact from the prepared views of an event.
pub type Extractor = fn(views: &Views<'_>, facts: &mut Facts<'_>);

/// Every extractor. The order decides nothing but the order of facts that stand at the same byte.
pub const EXTRACTORS: &[Extractor] = &[
    entra::extract,
    oauth::extract,
    api::extract,
    ews::extract,
    api_call::extract,
    challenge::extract,
    page::extract,
    mail::extract,
    msal::extract,
    vendor::extract,
    network::extract,
    named::extract,
    ids::extract,
    phrases::extract,
    authorize::authorize,
    redirect::redirect,
    token::token,
    bearer::bearer,
    identity::identity,
    scopes::scopes,
    realm::realm,
    exchange_headers::exchange_headers,
    signin_log::signin_log,
    audit::audit,
    mentions::mentions,
    mentions::names,
    mailbox_data::mailbox_data,
    federation::federation,
    dns::dns,
    // These build on the facts of the others: they stay last.
    told::told,
    flow::flow,
    mentions::owner,
];

/// A pattern written in this folder.
fn pattern(source: &str) -> Regex {
    Regex::new(source)
}

/// All facts of one event; `index` is its number within the source.
pub fn extract(event: &Event<'_>, index: u64) -> Observed {
    facts_of(event, index).finish()
}

/// As [`extract`], but for excerpts that can wait until it is clear whether the event is kept.
pub(crate) fn extract_for_now(event: &Event<'_>, index: u64) -> (Observed, Deferred) {
    facts_of(event, index).finish_later()
}

fn facts_of<'e>(event: &'e Event<'_>, index: u64) -> Facts<'e> {
    let mut facts = Facts::new(event, index);
    let views = Views::of(event);
    for extractor in EXTRACTORS {
        extractor(&views, &mut facts);
    }
    facts
}
