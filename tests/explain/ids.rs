//! Identifiers of the configuration in each other's place.

use serde_json::{Value, json};

use crate::common::{CLIENT, TENANT, sign, v1, v2};
use crate::said::{assert_hint, explain, explain_with, findings};

const CALLER: &str = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";
const OBJECT: &str = "0b6f3a52-77c1-4d0b-a6a5-30c1f6d2e901";

#[test]
fn identifiers_that_the_token_proves_to_be_others_are_told() {
    for (options, check, mention) in [
        (
            json!({ "tenantId": CLIENT, "clientId": TENANT }),
            "tenant",
            format!(
                "set ENTRA_TENANT_ID (option tenantId) to {TENANT} and ENTRA_CLIENT_ID (option clientId) to {CLIENT}"
            ),
        ),
        (
            json!({ "tenantId": CLIENT }),
            "tenant",
            format!("{CLIENT} is the application id of the API (aud), and the token's tenant is {TENANT}"),
        ),
        (
            json!({ "tenantId": CALLER }),
            "tenant",
            format!("{CALLER} is the application id of the client"),
        ),
        (
            json!({ "tenantId": OBJECT }),
            "tenant",
            format!("{OBJECT} is the object id of the caller"),
        ),
        (
            json!({ "clientId": TENANT }),
            "audience",
            format!("{TENANT} is the tenant's id, and the token is for the application {CLIENT}"),
        ),
        (
            json!({ "clientId": OBJECT }),
            "audience",
            format!("{OBJECT} is the object id of the caller"),
        ),
        (
            json!({ "clientId": null, "audience": TENANT }),
            "audience",
            format!("{TENANT} is the tenant's id"),
        ),
        (
            json!({ "clientId": null, "audience": format!("api://{TENANT}") }),
            "audience",
            format!("api://{TENANT} is the tenant's id"),
        ),
        (
            json!({ "tenantId": "common", "allowedTenants": [CLIENT] }),
            "tenant",
            format!("{CLIENT} is the application id of the API (aud)"),
        ),
    ] {
        for claims in [v1(), v2()] {
            let explanation = explain_with(options.clone(), &sign(claims));
            assert_eq!(findings(&explanation), ["mixed-up-ids"], "{options}");
            assert_hint(&explanation, check, &mention);
        }
    }
}

#[test]
fn identifiers_that_are_only_wrong_are_not_called_mixed_up() {
    let other = "5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e";
    let named = |options: Value| findings(&explain_with(options, &sign(v2()))).join(" ");
    assert_eq!(named(json!({ "tenantId": other })), "other-tenant");
    assert_eq!(named(json!({ "clientId": other })), "other-resource");
    assert_eq!(named(json!({})), "");
    // Another issuer proves nothing about ours.
    let foreign = sign(v2().with("iss", "\"https://accounts.google.com\""));
    assert_eq!(
        findings(&explain_with(
            json!({ "tenantId": CLIENT, "clientId": TENANT }),
            &foreign
        )),
        ["other-issuer"]
    );
    assert_eq!(findings(&explain(&foreign)), ["other-issuer"]);
}
