//! A case of `attacks.json` or `rfc.json` as a policy of ours.

use entra_jwt_verify::{Algorithm, Error};
use serde_json::{Value, json};

use super::judge::Judge;
use super::vectors::Case;

/// Judges a case's token by everything that the case states.
///
/// We always want an issuer and an audience: where a case gives none, they are taken from the token, so that it is
/// judged by everything else. An issuer of Entra becomes the tenant's, with that issuer demanded besides.
pub fn judge_case(case: &Case) -> Result<(), Error> {
    let token = case.token().expect("a token that is a string");
    let claims = peek(&token);
    let issuer = or(&case.0["issuer"], &claims["iss"]);
    let audience = or(&case.0["audience"], &claims["aud"]);
    let algorithms: Vec<&str> = case.0["allowed_algs"]
        .as_array()
        .expect("algorithms")
        .iter()
        .filter_map(Value::as_str)
        // `none` and HS* cannot be allowed: the policy would not be made.
        .filter(|name| Algorithm::from_name(name).is_some())
        .collect();
    let options = json!({
        "tenantId": tenant_of(issuer.as_str().unwrap_or_default()),
        "issuer": issuer,
        "audience": audience,
        "algorithms": algorithms,
        // As long as an option may make it: a case that is only long would prove nothing about what is in it.
        "maxTokenLength": 1_048_576,
    });
    let now = case.0["now"]
        .as_f64()
        .unwrap_or_else(|| claims["exp"].as_f64().map_or(0.0, |exp| exp - 1.0));
    let keys = case.0["jwks"].to_string();
    Judge::try_by(&options)?.at(now).judge_by_document(&token, &keys)
}

fn or(value: &Value, from_token: &Value) -> Value {
    [value, from_token]
        .into_iter()
        .find(|value| value.as_str().is_some_and(|text| !text.is_empty()) || value.is_array())
        .cloned()
        .unwrap_or_else(|| json!("nobody"))
}

/// The tenant segment of an Entra issuer.
fn tenant_of(issuer: &str) -> Option<&str> {
    let rest = ["https://sts.windows.net/", "https://login.microsoftonline.com/"]
        .iter()
        .find_map(|prefix| issuer.strip_prefix(prefix))?;
    rest.split('/').next()
}

/// The claims as a careless reader sees them.
fn peek(token: &str) -> Value {
    token
        .split('.')
        .nth(1)
        .and_then(|payload| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(payload).ok())
        .and_then(|payload| serde_json::from_slice(&payload).ok())
        .unwrap_or_default()
}
