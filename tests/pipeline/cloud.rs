//! `cloud_instance_name`: the key sets of the public and the US Government cloud hold keys of each other, and each key
//! says whose it is (microsoft-cases, section 3).

use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, RSA, TENANT, sign, v2};

const PUBLIC: &str = "https://login.microsoftonline.com";

/// The code of the verdict on a token of this authority, signed by a key of this cloud.
fn judge(authority: &str, key_is_of: &Value) -> Result<(), &'static str> {
    let issuer = json!(format!("{authority}/{TENANT}/v2.0")).to_string();
    Judge::with(json!({ "authorityHost": authority }))
        .keys([RSA.jwk_with(&json!({ "cloud_instance_name": key_is_of }))])
        .judge(&sign(v2().with("iss", &issuer)))
        .map_err(|error| error.code())
}

#[test]
fn a_key_of_the_own_cloud_verifies_and_one_of_another_does_not() {
    for (authority, own) in [
        (PUBLIC, "microsoftonline.com"),
        ("https://login.microsoftonline.us", "microsoftonline.us"),
        ("https://login.partner.microsoftonline.cn", "partner.microsoftonline.cn"),
    ] {
        for cloud in [
            "microsoftonline.com",
            "microsoftonline.us",
            "partner.microsoftonline.cn",
            "",
            "else",
        ] {
            let expected = if cloud == own {
                Ok(())
            } else {
                Err("ERR_TOKEN_KEY_UNKNOWN")
            };
            assert_eq!(judge(authority, &json!(cloud)), expected, "{authority} {cloud}");
        }
    }
}

#[test]
fn a_key_that_names_no_cloud_is_of_any() {
    // Keys of before 2025 name none.
    assert_eq!(judge(PUBLIC, &Value::Null), Ok(()));
    assert_eq!(judge("https://login.microsoftonline.us", &Value::Null), Ok(()));
}

#[test]
fn an_authority_that_is_no_cloud_of_microsofts_does_not_ask() {
    // The test authority on loopback, for one.
    assert_eq!(judge("http://127.0.0.1:8080", &json!("microsoftonline.us")), Ok(()));
}

#[test]
fn another_issuer_does_not_ask() {
    let options = json!({ "issuer": "https://issuer.example", "audience": CLIENT });
    let judge = Judge::by(&options).keys([RSA.jwk_with(&json!({ "cloud_instance_name": "microsoftonline.us" }))]);
    assert_eq!(
        judge.judge(&sign(v2().with("iss", "\"https://issuer.example\""))),
        Ok(())
    );
}

#[test]
fn the_cloud_of_the_key_is_judged_before_the_signature() {
    let token = sign(v2());
    let forged = format!("{}.{}", token.rsplit_once('.').unwrap().0, "AAAA");
    let judge = |cloud: &str| {
        Judge::with(json!({}))
            .keys([RSA.jwk_with(&json!({ "cloud_instance_name": cloud }))])
            .judge(&forged)
            .unwrap_err()
            .code()
    };
    assert_eq!(judge("microsoftonline.us"), "ERR_TOKEN_KEY_UNKNOWN");
    assert_eq!(judge("microsoftonline.com"), "ERR_TOKEN_SIGNATURE");
}
