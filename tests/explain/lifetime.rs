//! Tokens that have expired or are not valid yet, and clocks.

use entra_jwt_verify::explain::{Question, explain as explain_question};
use entra_jwt_verify::keys::{JwkSet, KeySet};
use entra_jwt_verify::token::Scratch;
use serde_json::json;

use crate::common::{CLIENT, NOW, RSA, TENANT, policy, sign, time, v2};
use crate::said::{assert_hint, explain, failed, findings};

#[test]
fn a_few_minutes_look_like_clock_skew_and_an_hour_does_not() {
    for (claim, seconds, check, name) in [
        ("exp", 0.0, "expiry", "clock-skew"),
        ("exp", -299.0, "expiry", "clock-skew"),
        ("exp", -300.0, "expiry", "clock-skew"),
        ("exp", -301.0, "expiry", "expired-token"),
        ("nbf", 1.0, "not-before", "clock-skew"),
        ("nbf", 300.0, "not-before", "clock-skew"),
        ("nbf", 301.0, "not-before", "early-token"),
    ] {
        let explanation = explain(&sign(v2().with(claim, &(NOW + seconds).to_string())));
        assert_eq!(
            (failed(&explanation), findings(&explanation)),
            (vec![check], vec![name]),
            "{claim} {seconds}"
        );
        // A tolerance is only offered where there is one that is large enough.
        let offered = explanation.findings[0].hint.contains("option clockTolerance");
        assert_eq!(
            offered,
            seconds.abs() < 300.0,
            "{claim} {seconds}: {}",
            explanation.findings[0].hint
        );
    }
    let explanation = explain(&sign(v2().with("exp", &(NOW - 59.5).to_string())));
    assert_hint(&explanation, "expiry", "set the option clockTolerance to 60");
    let early = explain(&sign(v2().with("nbf", &(NOW + 119.0).to_string())));
    assert_eq!(
        early.findings[0].hint,
        "if the token was just issued, correct this host's clock, which is probably slow (`npx entra-jwt-verify doctor` compares it \
         with the authority's), or set the option clockTolerance to 120; otherwise send the token again in 1 min 59 s"
    );
    let expired = explain(&sign(v2().with("exp", &(NOW - 7200.0).to_string())));
    assert_hint(&expired, "expiry", "get a new token");
}

#[test]
fn the_tolerance_that_is_offered_is_enough() {
    for seconds in [0.0, 0.5, 1.0, 59.0, 298.9, 299.0] {
        let token = sign(v2().with("exp", &(NOW - seconds).to_string()));
        let hint = explain(&token).findings[0].hint.clone();
        let tolerance: f64 = hint.rsplit(' ').next().unwrap().parse().unwrap();
        assert!(tolerance <= 300.0);
        let explanation = crate::said::explain_with(json!({ "clockTolerance": tolerance }), &token);
        assert_eq!(explanation.verdict, Ok(()), "{seconds}: {tolerance}");
    }
}

#[test]
fn a_clock_that_is_known_to_be_wrong_is_the_cause_where_it_would_be() {
    let policy = policy(&json!({ "tenantId": TENANT, "clientId": CLIENT })).unwrap();
    let keys: KeySet = JwkSet::parse(json!({ "keys": [RSA.jwk()] }).to_string().as_bytes())
        .unwrap()
        .into();
    let expired = v2().with("exp", &(NOW - 900.0).to_string());
    let early = v2().with("nbf", &(NOW + 900.0).to_string());
    for (claims, clock_ahead, expected) in [
        (&expired, Some(4500.0), "clock-skew"),
        (&expired, Some(600.0), "expired-token"),
        (&expired, Some(-4500.0), "expired-token"),
        (&expired, None, "expired-token"),
        (&early, Some(-900.0), "clock-skew"),
        (&early, Some(-600.0), "early-token"),
        (&early, Some(4500.0), "early-token"),
    ] {
        let question = Question {
            policy: &policy,
            now: time(NOW),
            clock_ahead,
        };
        let token = sign(claims);
        let explanation = explain_question(token.as_bytes(), question, &keys, &mut Scratch::default()).unwrap();
        assert_eq!(findings(&explanation), [expected], "{clock_ahead:?}");
        let is_said = explanation.findings[0].hint.starts_with("this host's clock is");
        assert_eq!(is_said, expected == "clock-skew");
    }
}

#[test]
fn times_in_milliseconds_are_told() {
    let explanation = explain(&sign(v2().with("nbf", "1767225600000").with("exp", "1767229200000")));
    assert_eq!(findings(&explanation), ["times-in-milliseconds"]);
    assert_hint(&explanation, "not-before", "Math.floor(Date.now() / 1000)");
}
