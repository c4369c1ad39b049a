//! `aud`: for whom a token is (RFC 7519, section 4.1.3), and the three ways in which Entra spells one audience.

use entra_jwt_verify::{AudienceProblem, Error};
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, Object, judge, sign, v1, v2};

const MISSING: Result<(), Error> = Err(Error::TokenAudience(AudienceProblem::Missing));
const REFUSED: Result<(), Error> = Err(Error::TokenAudience(AudienceProblem::NotAccepted));

#[allow(clippy::needless_pass_by_value, reason = "what is given is written on the spot")]
fn with_audience(claims: Object, accepted: Value, found: Value) -> Result<(), Error> {
    Judge::with(json!({ "audience": accepted })).judge(&sign(claims.with("aud", &found.to_string())))
}

#[test]
fn the_client_id_and_its_app_id_uri_are_the_audiences_by_default() {
    for aud in [CLIENT.to_owned(), format!("api://{CLIENT}")] {
        let token = |claims: Object| sign(claims.with("aud", &json!(aud).to_string()));
        assert_eq!(judge(&token(v1())), Ok(()), "{aud}");
        assert_eq!(judge(&token(v2())), Ok(()), "{aud}");
    }
    for aud in [
        String::new(),
        "*".to_owned(),
        format!("{CLIENT}0"),
        format!("api://{CLIENT}/scope"),
        format!("api://{CLIENT}0"),
        format!("https://{CLIENT}"),
        format!("{CLIENT},other"),
        format!("{CLIENT} other"),
        format!("{CLIENT}/"),
        format!(" {CLIENT}"),
        format!("{CLIENT}\0"),
        "00000003-0000-0000-c000-000000000000".to_owned(),
        "https://graph.microsoft.com".to_owned(),
    ] {
        assert_eq!(
            judge(&sign(v2().with("aud", &json!(aud).to_string()))),
            REFUSED,
            "{aud:?}"
        );
    }
}

#[test]
fn a_token_without_audience_is_refused() {
    assert_eq!(judge(&sign(v2().without("aud"))), MISSING);
    assert_eq!(judge(&sign(v2().with("aud", "[]"))), REFUSED);
    // Not the claim of another name, and not a member of the header.
    assert_eq!(
        judge(&sign(v2().without("aud").with("Aud", &json!(CLIENT).to_string()))),
        MISSING
    );
}

#[test]
fn one_of_several_audiences_will_do_on_either_side() {
    assert_eq!(with_audience(v2(), json!("a"), json!(["b", "a"])), Ok(()));
    assert_eq!(with_audience(v2(), json!(["x", "a"]), json!("a")), Ok(()));
    assert_eq!(with_audience(v2(), json!(["x", "a"]), json!(["b", "a", "c"])), Ok(()));
    assert_eq!(with_audience(v2(), json!(["x", "a"]), json!(["b", "c"])), REFUSED);
}

#[test]
fn an_audience_replaces_the_client_id() {
    assert_eq!(with_audience(v2(), json!("a"), json!(CLIENT)), REFUSED);
}

#[test]
fn guids_compare_without_case() {
    let upper = CLIENT.to_uppercase();
    for claims in [v1(), v2()] {
        assert_eq!(with_audience(claims.clone(), json!(CLIENT), json!(upper)), Ok(()));
        assert_eq!(with_audience(claims, json!(upper), json!(CLIENT)), Ok(()));
    }
    let default_of_upper = Judge::with(json!({ "clientId": upper }));
    assert_eq!(default_of_upper.judge(&sign(v2())), Ok(()));
    assert_eq!(default_of_upper.judge(&sign(v1())), Ok(()));
}

#[test]
fn guids_in_another_form_are_other_audiences() {
    for aud in [
        CLIENT.replace('-', ""),
        format!("{{{CLIENT}}}"),
        format!("urn:uuid:{CLIENT}"),
    ] {
        assert_eq!(with_audience(v1(), json!(CLIENT), json!(aud)), REFUSED, "{aud}");
        assert_eq!(with_audience(v1(), json!(aud), json!(CLIENT)), REFUSED, "{aud}");
    }
}

#[test]
fn text_compares_with_case() {
    assert_eq!(with_audience(v2(), json!("Orders"), json!("Orders")), Ok(()));
    assert_eq!(with_audience(v2(), json!("Orders"), json!("orders")), REFUSED);
    assert_eq!(
        with_audience(v2(), json!("https://API.example"), json!("https://api.example")),
        REFUSED
    );
    // Unicode has more than one way to write é; they are not the same text.
    assert_eq!(with_audience(v2(), json!("caf\u{e9}"), json!("cafe\u{301}")), REFUSED);
}

#[test]
fn one_trailing_slash_of_a_uri_is_ignored_on_either_side() {
    // microsoft-cases, section 6: ignoring it is the default there too.
    let (without, with) = (json!("https://api.example/v1"), json!("https://api.example/v1/"));
    assert_eq!(with_audience(v2(), without.clone(), with.clone()), Ok(()));
    assert_eq!(with_audience(v2(), with.clone(), without.clone()), Ok(()));
    assert_eq!(with_audience(v2(), with.clone(), with.clone()), Ok(()));
    assert_eq!(
        with_audience(v2(), without.clone(), json!("https://api.example/v1//")),
        REFUSED
    );
    assert_eq!(with_audience(v2(), without, json!("https://api.example/v1/x")), REFUSED);
}

#[test]
fn the_trailing_slash_of_what_is_no_uri_counts() {
    assert_eq!(with_audience(v2(), json!("orders"), json!("orders/")), REFUSED);
    assert_eq!(with_audience(v2(), json!("orders/"), json!("orders")), REFUSED);
    assert_eq!(with_audience(v1(), json!(CLIENT), json!(format!("{CLIENT}/"))), REFUSED);
}

#[test]
fn spn_before_a_guid_is_that_guid_in_version_1_only() {
    // Tokens of version 1 for first-party and old applications have it (microsoft-cases, section 7).
    let spn = json!(format!("spn:{CLIENT}"));
    assert_eq!(with_audience(v1(), json!(CLIENT), spn.clone()), Ok(()));
    assert_eq!(with_audience(v1(), spn.clone(), spn.clone()), Ok(()));
    assert_eq!(with_audience(v1(), spn.clone(), json!(CLIENT)), Ok(()));
    assert_eq!(with_audience(v2(), json!(CLIENT), spn.clone()), REFUSED);
    let upper = json!(format!("spn:{}", CLIENT.to_uppercase()));
    assert_eq!(with_audience(v1(), json!(CLIENT), upper), Ok(()));
}

#[test]
fn spn_before_anything_else_is_text() {
    for aud in [
        format!("SPN:{CLIENT}"),
        format!("spn:spn:{CLIENT}"),
        format!("spn: {CLIENT}"),
        format!("spn:api://{CLIENT}"),
    ] {
        assert_eq!(
            with_audience(v1(), json!([CLIENT, format!("api://{CLIENT}")]), json!(aud)),
            REFUSED,
            "{aud}"
        );
    }
    assert_eq!(with_audience(v1(), json!("orders"), json!("spn:orders")), REFUSED);
}
