//! A registered claim has the type that RFC 7519, section 4.1, gives it, one of Entra's the type that Entra gives it.

use entra_jwt_verify::{ClaimProblem, Error};
use serde_json::json;

use crate::common::{Judge, judge, sign, v2};

/// JSON that is no string.
const NO_STRINGS: [&str; 6] = ["null", "true", "1", "2.0", "[\"a\"]", "{}"];

/// JSON that is no number.
const NO_NUMBERS: [&str; 8] = [
    "null",
    "true",
    "false",
    "\"1767229200\"",
    "\"\"",
    "[1767229200]",
    "[]",
    "{}",
];

fn refuses(claim: &'static str, values: &[&str]) {
    for value in values {
        assert_eq!(
            judge(&sign(v2().with(claim, value))),
            Err(Error::TokenClaim {
                claim,
                problem: ClaimProblem::IllTyped
            }),
            "{claim}: {value}"
        );
    }
}

#[test]
fn dates_are_numbers() {
    for claim in ["exp", "nbf", "iat"] {
        refuses(claim, &NO_NUMBERS);
    }
}

#[test]
fn names_are_strings() {
    for claim in ["iss", "sub", "jti"] {
        refuses(claim, &NO_STRINGS);
    }
}

#[test]
fn claims_of_entra_are_strings() {
    for claim in ["ver", "tid", "oid", "appid", "azp", "idtyp", "scp"] {
        refuses(claim, &NO_STRINGS);
    }
}

#[test]
fn aud_is_a_string_or_an_array_of_strings() {
    refuses(
        "aud",
        &["null", "true", "1", "{}", "[1]", "[null]", "[[\"a\"]]", "[{}]"],
    );
    // The right audience does not make up for a member that is none.
    let mixed = format!("[\"{}\",1]", crate::common::CLIENT);
    refuses("aud", &[mixed.as_str()]);
}

#[test]
fn roles_are_an_array_of_strings() {
    refuses("roles", &["null", "\"Task.Read\"", "1", "{}", "[1]", "[\"a\",null]"]);
    assert_eq!(judge(&sign(v2().with("roles", "[]"))), Ok(()));
}

#[test]
fn claims_that_decide_nothing_may_be_anything() {
    for value in ["null", "1", "[{}]", r#"{"a":[null]}"#, "\"\""] {
        assert_eq!(
            judge(&sign(v2().with("amr", value).with("groups", value))),
            Ok(()),
            "{value}"
        );
    }
}

#[test]
fn the_type_of_a_registered_claim_is_judged_before_the_time() {
    for claim in ["nbf", "iat", "iss", "aud", "sub", "jti"] {
        let claims = v2().with(claim, "{}").with("exp", "1");
        let verdict = judge(&sign(claims));
        assert_eq!(verdict.unwrap_err().code(), "ERR_TOKEN_CLAIM", "{claim}");
    }
}

#[test]
fn another_issuer_may_give_the_names_of_entra_other_types() {
    let foreign = Judge::by(&json!({ "issuer": "https://issuer.example", "audience": "api" }));
    let claims = v2()
        .with("iss", r#""https://issuer.example""#)
        .with("aud", r#""api""#)
        .with("scp", r#"["a","b"]"#)
        .with("roles", r#""admin""#)
        .with("ver", "2")
        .with("tid", "null")
        .with("azp", "1");
    assert_eq!(foreign.judge(&sign(&claims)), Ok(()));
    for claim in ["sub", "jti"] {
        assert_eq!(
            foreign
                .judge(&sign(claims.clone().with(claim, "1")))
                .unwrap_err()
                .claim(),
            Some(claim)
        );
    }
}
