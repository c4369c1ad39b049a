//! Every check, its outcome, and what it says.

use entra_jwt_verify::{Algorithm, Error};
use serde_json::json;

use crate::common::{CLIENT, Judge, NOW, OTHER_RSA, Object, RSA, TENANT, header, sign, v2};
use crate::said::{assert_hint, check, explain, explain_with, failed, findings, outcomes, said};

#[test]
fn a_token_that_may_pass_passes_every_check() {
    let explanation = explain(&sign(v2()));
    assert_eq!(explanation.verdict, Ok(()));
    assert_eq!(
        outcomes(&explanation),
        "+form +header +algorithm +type +nonce +key +signature +claims +expiry +not-before +entra-claims +issuer \
         +tenant +use +audience"
    );
    assert_eq!(findings(&explanation), [""; 0]);
    assert!(explanation.checks.iter().all(|check| check.hint.is_none()));
}

#[test]
fn it_goes_on_after_the_first_failure() {
    let claims = v2()
        .with("aud", r#""api://another""#)
        .with("exp", &(NOW - 7200.0).to_string())
        .with("nbf", &(NOW + 7200.0).to_string())
        .with("roles", "\"Task.Read\"")
        .without("azp");
    let token = OTHER_RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256), claims);
    let explanation = explain_with(json!({ "requiredScopes": "Task.Read" }), &token);
    assert_eq!(explanation.verdict, Err(Error::TokenSignature));
    assert_eq!(
        failed(&explanation),
        [
            "signature",
            "expiry",
            "not-before",
            "entra-claims",
            "use",
            "audience",
            "scope"
        ]
    );
}

#[test]
fn what_cannot_be_read_is_not_reached() {
    assert_eq!(
        outcomes(&explain("x")),
        "-form ?header ?algorithm ?type ?nonce ?key ?signature ?claims ?expiry ?not-before ?entra-claims ?issuer \
         ?tenant ?use ?audience"
    );
    let broken_header = RSA.token(Algorithm::RS256, "{", v2());
    assert_eq!(
        outcomes(&explain(&broken_header)),
        "+form -header ?algorithm ?type ?nonce ?key ?signature +claims +expiry +not-before +entra-claims +issuer \
         +tenant +use +audience"
    );
    let broken_claims = RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256), "{");
    assert_eq!(
        outcomes(&explain(&broken_claims)),
        "+form +header +algorithm +type +nonce +key +signature -claims ?expiry ?not-before ?entra-claims ?issuer \
         ?tenant ?use ?audience"
    );
    let other_algorithm = RSA.token(Algorithm::RS512, header(&RSA, Algorithm::RS512), v2());
    let explanation = explain(&other_algorithm);
    assert!(outcomes(&explanation).starts_with("+form +header -algorithm +type +nonce ?key ?signature +claims"));
    assert_hint(&explanation, "key", "algorithm");
}

#[test]
fn checks_that_the_configuration_does_not_ask_for_are_left_out() {
    let options = json!({ "issuer": "https://issuer.example", "audience": "a" });
    let claims = Object::new([
        ("iss", "\"https://issuer.example\"".to_owned()),
        ("aud", "\"a\"".to_owned()),
        ("exp", (NOW + 1.0).to_string()),
    ]);
    let explanation = Judge::by(&options).explain(&sign(claims));
    assert_eq!(explanation.verdict, Ok(()));
    assert_eq!(
        outcomes(&explanation),
        "+form +header +algorithm +type +key +signature +claims +expiry +not-before +issuer +audience"
    );
    assert_eq!(
        outcomes(&Judge::by(&options).explain("x")),
        "-form ?header ?algorithm ?type ?key ?signature ?claims ?expiry ?not-before ?issuer ?audience"
    );
    let callers = json!({ "allowedClients": "8d1e6c2f-405b-4c1f-8b64-203070100b22", "requiredRoles": "b", "requiredScopes": "c" });
    assert!(outcomes(&explain_with(callers.clone(), &sign(v2()))).ends_with("+audience -client -role -scope"));
    assert!(outcomes(&explain_with(callers, "x")).ends_with("?audience ?client ?role ?scope"));
}

#[test]
fn each_check_says_what_it_expects_and_what_it_found() {
    let explanation = explain_with(
        json!({ "clockTolerance": 30 }),
        &sign(v2().with("aud", "[\"a\",\"b c\"]")),
    );
    for (name, expected, found) in [
        (
            "form",
            "three segments, none of them empty, 16384 bytes at most",
            "3 segments",
        ),
        ("algorithm", "RS256", "RS256"),
        ("type", "JWT", "JWT"),
        (
            "key",
            &format!("a key of tenant {TENANT}, asked for with appid={CLIENT}"),
            "rsa-1",
        ),
        (
            "expiry",
            "after 2026-01-01T00:00:00Z (now), with clockTolerance 30 s",
            "2026-01-01T01:00:00Z (in 1 h)",
        ),
        ("not-before", "2026-01-01T00:00:00Z", "2025-12-31T23:55:00Z (5 min ago)"),
        (
            "issuer",
            &format!("any of https://sts.windows.net/{TENANT}/, https://login.microsoftonline.com/{TENANT}/v2.0"),
            &format!("https://login.microsoftonline.com/{TENANT}/v2.0, ver 2.0"),
        ),
        ("tenant", TENANT, TENANT),
        ("use", "azp or appid", "azp 9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b"),
        ("audience", &format!("any of {CLIENT}, api://{CLIENT}"), r#"a, "b c""#),
    ] {
        let check = check(&explanation, name);
        let (got_expected, got_found) = (check.expected.as_deref().unwrap(), check.found.as_deref().unwrap());
        assert!(got_expected.contains(expected), "{name}: {got_expected}");
        assert!(got_found.contains(found), "{name}: {got_found}");
    }
}

#[test]
fn claims_that_are_missing_or_of_another_type_are_said_to_be() {
    let explanation = explain(&sign(Object::new([
        ("exp", "\"1\"".to_owned()),
        ("aud", "1".to_owned()),
    ])));
    for (name, found) in [
        ("expiry", "exp of another type"),
        ("not-before", "no nbf"),
        ("issuer", "no iss, no ver"),
        ("use", "neither azp nor appid"),
        ("audience", "aud of another type"),
    ] {
        assert_eq!(check(&explanation, name).found.as_deref(), Some(found));
    }
}

#[test]
fn nothing_is_told_that_is_not_judged() {
    let secrets = ["Ada Lovelace", "ada@example.com", "203.0.113.7", "s3cr3t"];
    let claims = v2()
        .with("name", "\"Ada Lovelace\"")
        .with("upn", "\"ada@example.com\"")
        .with("preferred_username", "\"ada@example.com\"")
        .with("ipaddr", "\"203.0.113.7\"")
        .with("sub", "\"s3cr3t\"")
        .with("oid", "\"s3cr3t\"");
    for claims in [claims.clone(), claims.with("aud", "\"x\"").without("azp")] {
        let token = sign(claims);
        let said = said(&explain(&token));
        for secret in secrets {
            assert!(!said.contains(secret), "{secret}");
        }
        for segment in token.split('.') {
            assert!(!said.contains(segment));
        }
    }
}

#[test]
fn what_a_token_says_cannot_act_on_a_terminal_or_fill_it() {
    let hostile = r#""\u001b[2J\u202e\r\n""#;
    let long = json!("x".repeat(8000)).to_string();
    for value in [hostile, long.as_str()] {
        let claims = v2()
            .with("aud", value)
            .with("iss", value)
            .with("azp", value)
            .with("tid", value);
        let header = header(&RSA, Algorithm::RS256).with("kid", value).with("typ", value);
        let explanation = explain_with(
            json!({ "allowedClients": "8d1e6c2f-405b-4c1f-8b64-203070100b22" }),
            &RSA.token(Algorithm::RS256, header, claims),
        );
        for check in &explanation.checks {
            for text in [&check.expected, &check.found, &check.hint].into_iter().flatten() {
                assert!(text.chars().all(|it| !it.is_control() && it != '\u{202e}'), "{text:?}");
                assert!(text.len() < 1000, "{}", text.len());
            }
        }
    }
}
