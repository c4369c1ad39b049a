//! Which key a token names: `kid`, or `x5t` where there is no `kid`, as in Entra's tokens of 2013–15.

use entra_jwt_verify::token::Malformed;
use entra_jwt_verify::{Algorithm, Error, KeyUnknown};
use serde_json::json;

use crate::common::{Judge, OTHER_RSA, RSA, header, judge, v2};

const NOT_FOUND: Result<(), Error> = Err(Error::TokenKeyUnknown(KeyUnknown::NotFound));

fn token_naming(members: &[(&str, &str)]) -> String {
    let bare = header(&RSA, Algorithm::RS256).without("kid");
    let header = members
        .iter()
        .fold(bare, |header, (name, json)| header.with(name, json));
    RSA.token(Algorithm::RS256, header, v2())
}

#[test]
fn kid_names_the_key_exactly() {
    assert_eq!(judge(&token_naming(&[("kid", r#""rsa-1""#)])), Ok(()));
    for kid in [
        r#""rsa-3""#,
        r#""RSA-1""#,
        r#""rsa-1 ""#,
        r#""rsa-""#,
        r#""rsa-11""#,
        r#""rsa-.""#,
        r#""""#,
        r#""*""#,
        r#""rsa-1\u0000""#,
        r#""../rsa-1""#,
        r#""' OR '1'='1""#,
        r#""__proto__""#,
    ] {
        assert_eq!(judge(&token_naming(&[("kid", kid)])), NOT_FOUND, "{kid}");
    }
}

#[test]
fn kid_is_opaque_text() {
    let kid = "a b\"c/%2F\u{e9}\u{1f511}";
    let jwk = RSA.jwk_with(&json!({ "kid": kid }));
    let token = token_naming(&[("kid", &json!(kid).to_string())]);
    assert_eq!(Judge::with(json!({})).keys([jwk]).judge(&token), Ok(()));
}

#[test]
fn the_key_that_is_named_is_the_one_that_verifies() {
    // Signed by one key of the set, named after the other: no key is tried that the token does not name.
    assert_eq!(
        judge(&token_naming(&[("kid", r#""rsa-2""#)])),
        Err(Error::TokenSignature)
    );
    let by_the_other = OTHER_RSA.token(Algorithm::RS256, header(&OTHER_RSA, Algorithm::RS256), v2());
    assert_eq!(judge(&by_the_other), Ok(()));
}

#[test]
fn a_kid_that_is_no_string_is_refused_also_beside_x5t() {
    for kid in ["null", "1", "true", r#"["rsa-1"]"#, r#"{"kid":"rsa-1"}"#] {
        for members in [vec![("kid", kid)], vec![("kid", kid), ("x5t", r#""rsa-1""#)]] {
            assert_eq!(
                judge(&token_naming(&members)),
                Err(Error::TokenMalformed(Malformed::KeyReference)),
                "{members:?}"
            );
        }
    }
}

#[test]
fn a_token_that_names_no_key_is_refused_even_with_one_key_at_hand() {
    let one_key = Judge::with(json!({})).keys([RSA.jwk()]);
    assert_eq!(
        one_key.judge(&token_naming(&[])),
        Err(Error::TokenKeyUnknown(KeyUnknown::NotNamed))
    );
}

#[test]
fn x5t_names_the_key_where_there_is_no_kid() {
    let by_x5t = Judge::with(json!({})).keys([RSA.jwk_with(&json!({ "x5t": "thumb" }))]);
    assert_eq!(by_x5t.judge(&token_naming(&[("x5t", r#""thumb""#)])), Ok(()));
    for x5t in [r#""Thumb""#, r#""thum""#, r#""""#] {
        assert_eq!(by_x5t.judge(&token_naming(&[("x5t", x5t)])), NOT_FOUND, "{x5t}");
    }
    for x5t in ["null", "1", "[]"] {
        assert_eq!(
            by_x5t.judge(&token_naming(&[("x5t", x5t)])),
            Err(Error::TokenMalformed(Malformed::KeyReference)),
            "{x5t}"
        );
    }
}

#[test]
fn x5t_finds_a_key_by_its_kid_where_the_key_has_no_x5t() {
    // In Entra's sets kid and x5t are the same text; some sets of 2014 and later have only the kid.
    assert_eq!(judge(&token_naming(&[("x5t", r#""rsa-1""#)])), Ok(()));
    let renamed = Judge::with(json!({})).keys([RSA.jwk_with(&json!({ "x5t": "thumb" }))]);
    assert_eq!(renamed.judge(&token_naming(&[("x5t", r#""rsa-1""#)])), NOT_FOUND);
}

#[test]
fn kid_counts_when_both_are_there() {
    let key = [RSA.jwk_with(&json!({ "x5t": "thumb" }))];
    let judge = Judge::with(json!({})).keys(key);
    let both = |kid, x5t| token_naming(&[("kid", kid), ("x5t", x5t)]);
    assert_eq!(judge.judge(&both(r#""rsa-1""#, r#""else""#)), Ok(()));
    assert_eq!(judge.judge(&both(r#""rsa-1""#, "1")), Ok(()));
    assert_eq!(judge.judge(&both(r#""else""#, r#""thumb""#)), NOT_FOUND);
}

#[test]
fn kid_does_not_find_a_key_by_its_x5t() {
    let judge = Judge::with(json!({})).keys([RSA.jwk_with(&json!({ "kid": null, "x5t": "thumb" }))]);
    assert_eq!(judge.judge(&token_naming(&[("x5t", r#""thumb""#)])), Ok(()));
    assert_eq!(judge.judge(&token_naming(&[("kid", r#""thumb""#)])), NOT_FOUND);
}

#[test]
fn a_key_of_another_type_or_alg_does_not_fit() {
    let unfit = Err(Error::TokenKeyUnknown(KeyUnknown::Unfit));
    let all = || Judge::with(json!({ "algorithms": Algorithm::ALL.map(Algorithm::name) }));
    for (named, algorithm) in [
        (&*crate::common::P256, Algorithm::RS256),
        (&*crate::common::P256, Algorithm::PS256),
        (&*crate::common::P256, Algorithm::ES384),
        (&*crate::common::P384, Algorithm::ES256),
        (&*crate::common::P521, Algorithm::ES256),
        (&*crate::common::P256, Algorithm::ES512),
        (&*RSA, Algorithm::ES256),
    ] {
        let token = crate::common::Signer::of(algorithm).token(algorithm, header(named, algorithm), v2());
        assert_eq!(all().judge(&token), unfit, "{} as {algorithm}", named.kid);
    }
    let token = RSA.sign(Algorithm::RS256, &v2());
    let with_alg = |alg: &str| all().keys([RSA.jwk_with(&json!({ "alg": alg }))]).judge(&token);
    assert_eq!(with_alg("RS256"), Ok(()));
    assert_eq!(with_alg("PS256"), unfit);
    assert_eq!(with_alg("RS512"), unfit);
}
