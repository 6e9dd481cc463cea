use jiff::Timestamp;

use super::*;
use crate::model::{EventMeta, Outcome, Place};

/// An event of a source at a second of one minute, with facts.
fn event(
    source: u32,
    entry: Option<u32>,
    second: i64,
    endpoint: &'static str,
    facts: &[(FactName, &str)],
) -> Observed {
    let id = SourceId(source);
    let line = entry.is_none().then_some(second.unsigned_abs() + 1);
    let place = Place { source: id, entry, line, ..Place::default() };
    let fact = |(name, value): &(FactName, &str)| Fact {
        name: *name,
        value: (*value).to_owned(),
        place: place.clone(),
        excerpt: Default::default(),
    };
    let time = Timestamp::from_second(1_795_000_000 + second).ok();
    let meta = EventMeta { source: id, place: place.clone(), time, endpoint, ..EventMeta::default() };
    Observed { meta, facts: facts.iter().map(fact).collect() }
}

use FactName::*;

#[test]
fn an_interrupt_followed_by_success_is_no_failure() {
    let observed = [
        event(0, Some(0), 0, "authorize", &[(Hop, "authorize"), (StateHash, "s1")]),
        event(0, Some(1), 1, "sign-in", &[(EntraCode, "50140"), (HopFailed, "sign-in")]),
        event(0, Some(2), 2, "callback", &[(CodeReceived, "yes"), (StateHash, "s1")]),
        event(0, Some(3), 3, "token", &[(Token, "issued")]),
    ];
    let attempts = correlate(&observed, &[], None);
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].outcome, Outcome::Succeeded);
    assert!(attempts[0].facts.iter().any(|f| f.name == LaterSuccess && f.value == "sign-in"));
    let code = attempts[0].facts.iter().position(|f| f.name == EntraCode).expect("the code is kept");
    assert!(attempts[0].resolved.contains(&code));
}

#[test]
fn a_second_authorize_request_is_a_second_try() {
    let observed = [
        event(0, Some(0), 0, "authorize", &[(Hop, "authorize"), (StateHash, "s1")]),
        event(0, Some(1), 1, "callback", &[(OauthError, "access_denied"), (StateHash, "s1")]),
        event(0, Some(2), 9, "authorize", &[(Hop, "authorize"), (StateHash, "s2")]),
        event(0, Some(3), 10, "callback", &[(CodeReceived, "yes"), (StateHash, "s2")]),
        event(0, Some(4), 11, "token", &[(Token, "issued")]),
    ];
    let attempts = correlate(&observed, &[], None);
    assert_eq!(attempts.iter().map(|a| a.outcome).collect::<Vec<_>>(), [Outcome::Failed, Outcome::Succeeded]);
    assert!(!attempts[0].resolved.is_empty(), "the later try of the same capture overcame it");
}

#[test]
fn the_vendors_redirect_begins_the_next_try() {
    let sends = |entry, second, state| {
        event(0, Some(entry), second, "other", &[(Hop, "authorize"), (StateHash, state)])
    };
    let asks = |entry, second, state| {
        event(0, Some(entry), second, "authorize", &[(Hop, "authorize"), (StateHash, state)])
    };
    let observed = [
        sends(0, 0, "s1"),
        asks(1, 1, "s1"),
        event(0, Some(2), 2, "token", &[(Token, "issued"), (IdToken, "ann@contoso.example")]),
        sends(3, 90, "s2"),
        asks(4, 91, "s2"),
        event(0, Some(5), 95, "sign-in", &[(EntraCode, "50105"), (IdTyped, "bob@contoso.example")]),
    ];
    let attempts = correlate(&observed, &[], None);
    assert_eq!(attempts.iter().map(|a| a.outcome).collect::<Vec<_>>(), [Outcome::Succeeded, Outcome::Failed]);
    assert_eq!(attempts[1].account.as_deref(), Some("bob@contoso.example"));
}

#[test]
fn a_second_factor_that_nobody_gave_is_no_refusal() {
    let page = [(Page, "mfa"), (EntraCode, "50074"), (HopFailed, "sign-in")];
    let observed = [
        event(0, Some(0), 0, "authorize", &[(Hop, "authorize"), (StateHash, "s1")]),
        event(0, Some(1), 5, "sign-in", &page),
    ];
    assert_eq!(correlate(&observed, &[], None)[0].outcome, Outcome::Abandoned);
    let refused = event(0, Some(2), 9, "sign-in", &[(EntraCode, "53003"), (HopFailed, "sign-in")]);
    let observed = [observed[0].clone(), observed[1].clone(), refused];
    assert_eq!(correlate(&observed, &[], None)[0].outcome, Outcome::Failed);
}

#[test]
fn an_account_that_was_offered_is_not_the_one_that_signed_in() {
    let observed = [
        event(
            0,
            Some(0),
            0,
            "authorize",
            &[(IdHint, "ann@contoso.example"), (IdPicked, "ann@contoso.example")],
        ),
        event(0, Some(1), 5, "token", &[(Token, "issued"), (IdToken, "bob@contoso.example")]),
    ];
    let attempts = correlate(&observed, &[], None);
    assert!(attempts[0].facts.iter().any(|f| f.name == IdMismatch && f.value == "hint-token"));
}

#[test]
fn records_join_by_account_and_time_and_not_beyond() {
    let failure = [(EntraCode, "700082"), (IdIntended, "ann@contoso.example")];
    let observed = [
        event(0, None, 0, "", &failure),
        event(0, None, 60, "", &failure),
        event(0, None, 7_200, "", &failure),
        event(0, None, 61, "", &[(EntraCode, "700082"), (IdIntended, "bob@contoso.example")]),
    ];
    let attempts = correlate(&observed, &[], None);
    assert_eq!(attempts.iter().map(|a| a.events.len()).collect::<Vec<_>>(), [2, 1, 1]);
}

#[test]
fn a_record_joins_the_capture_over_a_skewed_clock() {
    let observed = [
        event(
            0,
            Some(0),
            3_600,
            "token",
            &[(Token, "issued"), (IdToken, "ann@contoso.example"), (DateSkew, "-3600")],
        ),
        event(
            1,
            None,
            30,
            "",
            &[(ApiCode, "MailboxNotEnabledForRESTAPI"), (IdIntended, "ann@contoso.example")],
        ),
    ];
    let attempts = correlate(&observed, &[], None);
    assert_eq!(attempts.len(), 1, "an hour apart by their clocks, half a minute by Microsoft's");
}

#[test]
fn sign_in_rows_of_different_apps_stay_apart() {
    let row = |app| [(EntraCode, "53003"), (IdUpn, "ann@contoso.example"), (ClientId, app)];
    let observed = [event(0, None, 0, "", &row("app-1")), event(0, None, 5, "", &row("app-2"))];
    assert_eq!(correlate(&observed, &[], None).len(), 2);
}

#[test]
fn surroundings_are_marked_and_belong_to_their_person() {
    let observed = [
        event(0, None, 0, "", &[(EntraCode, "50173"), (IdUpn, "ann@contoso.example")]),
        event(1, None, 1, "", &[(AuditOperation, "change user password"), (IdUpn, "bob@contoso.example")]),
        event(1, None, 2, "", &[(AuditOperation, "reset user password"), (IdUpn, "ann@contoso.example")]),
    ];
    let attempts = correlate(&observed, &[], None);
    assert_eq!(attempts.len(), 1);
    let around: Vec<&str> =
        attempts[0].surroundings.clone().map(|n| attempts[0].facts[n].value.as_str()).collect();
    assert_eq!(around, ["reset user password", "ann@contoso.example"]);
}

#[test]
fn the_order_of_sources_does_not_change_the_groups() {
    let a = event(0, None, 0, "", &[(CorrelationId, "c1"), (EntraCode, "50105")]);
    let b = event(1, None, 9, "", &[(CorrelationId, "c1"), (OauthError, "access_denied")]);
    for observed in [[a.clone(), b.clone()], [b, a]] {
        let attempts = correlate(&observed, &[], None);
        assert_eq!(attempts.len(), 1);
        assert_eq!(attempts[0].outcome, Outcome::Failed);
    }
}
