//! Any text as the claims of a token that is signed: no panic behind the signature, `explain` says what `verify` says, and what is
//! accepted is in time, for this API and of this tenant by another reader's word.

use std::cell::RefCell;

use entra_jwt_verify::{Algorithm, Error};
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, NOW, P256, TENANT, header};

thread_local! {
    /// One tenant, many, callers, and another issuer than Entra.
    static JUDGES: RefCell<Vec<(Judge, bool)>> = RefCell::new(
        [
            (json!({ "tenantId": TENANT, "clientId": CLIENT }), true),
            (json!({ "tenantId": "common", "allowedTenants": "*", "clientId": CLIENT, "boundTokens": "ignore" }), true),
            (
                json!({ "tenantId": TENANT, "clientId": CLIENT, "allowedClients": [CLIENT], "requiredRoles": ["r"], "requiredScopes": ["s"] }),
                true,
            ),
            (json!({ "issuer": "https://issuer.example", "audience": CLIENT, "allowedClients": ["c"] }), false),
        ]
        .map(|(mut options, is_entra)| {
            options["algorithms"] = json!(["ES256"]);
            (Judge::by(&options), is_entra)
        })
        .into(),
    );
}

pub fn run(claims: &[u8]) {
    let payload = base64_simd::URL_SAFE_NO_PAD.encode_to_string(claims);
    let head = header(&P256, Algorithm::ES256).to_string();
    let head = base64_simd::URL_SAFE_NO_PAD.encode_to_string(head);
    let token = P256.token_of_segments(Algorithm::ES256, &head, &payload);
    JUDGES.with_borrow(|judges| {
        for (judge, is_entra) in judges {
            match judge.judge(&token) {
                Ok(()) => check_accepted(claims, *is_entra),
                Err(error) => assert!(
                    !matches!(
                        error,
                        Error::Internal | Error::Config { .. } | Error::KeysUnavailable { .. }
                    ),
                    "{error:?}"
                ),
            }
        }
    });
}

fn check_accepted(claims: &[u8], is_entra: bool) {
    let claims: Value = serde_json::from_slice(claims).expect("accepted claims are JSON");
    let number = |name: &str| claims[name].as_f64();
    assert!(number("exp").expect("exp") > NOW, "{claims}");
    assert!(number("nbf").is_none_or(|nbf| nbf <= NOW), "{claims}");
    let is_for_us = |aud: &Value| {
        aud.as_str()
            .is_some_and(|aud| aud.to_ascii_lowercase().contains(CLIENT))
    };
    let is_any = claims["aud"].as_array().is_some_and(|list| list.iter().any(is_for_us));
    assert!(is_any || is_for_us(&claims["aud"]), "{claims}");
    if is_entra {
        let tid = claims["tid"].as_str().expect("tid");
        assert!(claims["iss"].as_str().expect("iss").contains(tid), "{claims}");
    } else {
        assert_eq!(claims["iss"], "https://issuer.example");
    }
}

pub fn examples() -> Vec<Vec<u8>> {
    let [v1, v2] = [crate::common::v1(), crate::common::v2()];
    let foreign =
        format!(r#"{{"iss":"https://issuer.example","aud":"{CLIENT}","exp":1767229200,"client_id":"c","scope":"s"}}"#);
    let calling = v2
        .clone()
        .with("azp", &format!("\"{CLIENT}\""))
        .with("roles", r#"["r"]"#)
        .with("scp", r#""s""#);
    let bound = v2.clone().with("cnf", r#"{"x5t#S256":"a"}"#).with("idtyp", r#""app""#);
    super::texts(&[
        &v1.to_string(),
        &v2.to_string(),
        &calling.to_string(),
        &bound.to_string(),
        &foreign,
    ])
}
