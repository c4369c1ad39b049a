//! What a key is called: `kid`, or `x5t` where there is no `kid`; and the members of Entra's own.

use entra_jwt_verify::keys::{Skipped, VerifyingKey};
use serde_json::{Value, json};

use crate::common::RSA;

fn load(changes: &Value) -> Result<VerifyingKey, Skipped> {
    VerifyingKey::from_jwk(&RSA.jwk_with(changes))
}

#[test]
fn a_key_has_a_kid_or_an_x5t() {
    let both = load(&json!({ "x5t": "thumb" })).unwrap();
    assert_eq!((both.kid(), both.name()), (Some("rsa-1"), "rsa-1"));
    assert!(both.answers_to_x5t("thumb") && !both.answers_to_x5t("rsa-1"));

    let kid_only = load(&json!({})).unwrap();
    assert!(kid_only.answers_to_x5t("rsa-1"));

    let x5t_only = load(&json!({ "kid": null, "x5t": "thumb" })).unwrap();
    assert_eq!((x5t_only.kid(), x5t_only.name()), (None, "thumb"));
    assert!(x5t_only.answers_to_x5t("thumb"));

    assert_eq!(load(&json!({ "kid": null })).map(drop), Err(Skipped::Unnamed));
    assert_eq!(
        load(&json!({ "kid": null, "x5t#S256": "thumb" })).map(drop),
        Err(Skipped::Unnamed)
    );
}

#[test]
fn names_are_strings() {
    for name in ["kid", "x5t", "issuer", "cloud_instance_name"] {
        for value in [json!(1), json!(true), json!(["rsa-1"]), json!({})] {
            assert_eq!(
                load(&json!({ name: value })).map(drop),
                Err(Skipped::NotAJwk),
                "{name}: {value}"
            );
        }
        let mut with_null = RSA.jwk();
        with_null[name] = Value::Null;
        assert_eq!(
            VerifyingKey::from_jwk(&with_null).map(drop),
            Err(Skipped::NotAJwk),
            "{name}"
        );
    }
}

#[test]
fn an_issuer_of_white_space_is_none() {
    // microsoft-cases, section 3.
    let issuer = |text: &str| load(&json!({ "issuer": text })).unwrap().issuer().map(str::to_owned);
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    assert_eq!(issuer(template).as_deref(), Some(template));
    assert_eq!(issuer(" \t"), None);
    assert_eq!(issuer(""), None);
    assert_eq!(load(&json!({})).unwrap().issuer(), None);
}

#[test]
fn an_entry_is_an_object() {
    for entry in [json!(null), json!(1), json!("RSA"), json!([RSA.jwk()]), json!(true)] {
        assert_eq!(
            VerifyingKey::from_jwk(&entry).map(drop),
            Err(Skipped::NotAJwk),
            "{entry}"
        );
    }
}
