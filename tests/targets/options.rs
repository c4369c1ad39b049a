//! Any text as options, JSON, and as the rules of `NO_PROXY` (a line each): a verifier or an error that names an option, never a
//! defect. What looks like a secret is not repeated.

use entra_jwt_verify::Error;
use entra_jwt_verify::node::fuzzing;
use serde_json::json;

use crate::common::{CLIENT, P256, TENANT};

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (options, no_proxy) = match text.split_once('\n') {
        Some((options, no_proxy)) => (options, Some(no_proxy)),
        None => (text, None),
    };
    match fuzzing::compile(options, no_proxy) {
        Ok(()) => {}
        Err(Error::Config { option, problem, .. }) => assert!(!option.is_empty() && problem.len() < 2000, "{problem}"),
        // The list is ours: JavaScript makes it.
        Err(Error::Internal) if no_proxy.is_some() => {}
        Err(other) => panic!("{other:?}"),
    }
}

pub fn examples() -> Vec<Vec<u8>> {
    [
        json!({ "tenantId": TENANT, "clientId": CLIENT, "keys": { "retention": 0, "timeout": 0.5 }, "proxy": "http://proxy.example:8080" }),
        json!({ "tenantId": "organizations", "allowedTenants": "*", "audience": ["a", "b"], "requiredRoles": ["r"], "clockTolerance": 60 }),
        json!({ "authority": "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_sign/v2.0", "clientId": CLIENT }),
        json!({ "authority": format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"), "clientId": CLIENT, "boundTokens": "mtls" }),
        json!({ "issuer": "https://issuer.example", "audience": "a", "jwks": { "keys": [P256.jwk()] }, "algorithms": ["ES256"] }),
        json!({ "tenantId": TENANT, "clientId": CLIENT, "jwksUri": false, "maxTokenLength": 4096, "tokenCache": false }),
        json!({ "tenantId": "contoso.example", "clientId": CLIENT, "initialKeys": { "keys": [P256.jwk()], "issuer": "x" }, "ca": ["x"] }),
        // The name of the host is no ASCII, and has a capital.
        json!({ "authority": "https://A\u{80}.example/v2.0", "clientId": CLIENT }),
        json!({ "tenantId": TENANT, "clientId": CLIENT, "authorityHost": "http://127.0.0.1:8080", "jwksUri": "http://[::1]/keys" }),
    ]
    .iter()
    .map(|options| format!("{options}\n[]").into_bytes())
    .collect()
}
