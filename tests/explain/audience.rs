//! Audiences that are not accepted, and why that may be.

use serde_json::json;

use crate::common::{CLIENT, sign, v1};
use crate::said::{assert_hint, explain, explain_with, findings};

#[test]
fn one_api_under_two_names_is_recognised() {
    let uri = format!("api://{CLIENT}");
    for (configured, found) in [
        (json!(uri), CLIENT.to_owned()),
        (json!(CLIENT), uri.clone()),
        (json!(CLIENT), format!("{uri}/tasks")),
        (json!("api://tasks"), CLIENT.to_owned()),
        (json!("api://Tasks"), "api://tasks".to_owned()),
    ] {
        let token = sign(v1().with("aud", &json!(found).to_string()));
        let explanation = explain_with(json!({ "audience": configured }), &token);
        assert_eq!(findings(&explanation), ["audience-form"], "{configured} {found}");
        assert_hint(&explanation, "audience", &format!("add {found} to ENTRA_AUDIENCE"));
    }
    let other = sign(v1().with("aud", "\"api://5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e\""));
    assert_eq!(findings(&explain(&other)), ["other-resource"]);
}

#[test]
fn a_scope_configured_as_audience_is_recognised() {
    for scope in ["/.default", "/Task.Read"] {
        let audience = format!("api://{CLIENT}{scope}");
        let explanation = explain_with(json!({ "audience": audience }), &sign(v1()));
        assert_eq!(findings(&explanation), ["audience-is-a-scope"]);
        assert_hint(&explanation, "audience", &format!("to api://{CLIENT}"));
    }
}

#[test]
fn a_token_for_the_client_itself_is_recognised() {
    let claims = v1().with("aud", "\"api://9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b\"");
    let explanation = explain(&sign(claims));
    assert_eq!(findings(&explanation), ["token-for-the-client"]);
    assert_hint(&explanation, "audience", "/.default");
}

#[test]
fn a_client_of_another_api_is_told_the_scope_to_ask_for() {
    let claims = v1().with("aud", "\"api://another\"");
    let delegated = claims.clone().with("scp", "\"a\"").with("sub", "\"s\"");
    for (claims, mention) in [
        (claims, format!("scope=api://{CLIENT}/.default")),
        (delegated, format!("such as api://{CLIENT}/.default")),
    ] {
        let explanation = explain(&sign(claims));
        assert_eq!(findings(&explanation), ["other-resource"]);
        assert_hint(&explanation, "audience", &mention);
        assert_hint(&explanation, "audience", "if api://another is this API");
    }
    assert_eq!(findings(&explain(&sign(v1().without("aud")))), [""; 0]);
}
