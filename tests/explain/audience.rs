//! Audiences that are not accepted, and why that may be.

use serde_json::{Value, json};

use crate::common::{CLIENT, sign, v1, v2};
use crate::said::{assert_hint, explain, explain_with, findings};

fn explain_audience(options: Value, aud: &str) -> entra_jwt_verify::explain::Explanation {
    explain_with(options, &sign(v1().with("aud", &json!(aud).to_string())))
}

#[test]
fn one_api_under_two_names_is_recognised_and_the_whole_list_is_given() {
    let uri = format!("api://{CLIENT}");
    for (configured, found, list) in [
        (json!(uri), CLIENT.to_owned(), format!("{uri},{CLIENT}")),
        (json!(CLIENT), uri.clone(), format!("{CLIENT},{uri}")),
        (json!(CLIENT), format!("{uri}/tasks"), format!("{CLIENT},{uri}/tasks")),
        (
            json!(CLIENT),
            format!("api://tasks.example/{CLIENT}"),
            format!("{CLIENT},api://tasks.example/{CLIENT}"),
        ),
        (json!("api://tasks"), CLIENT.to_owned(), format!("api://tasks,{CLIENT}")),
        (
            json!("api://Tasks"),
            "api://tasks".to_owned(),
            "api://Tasks,api://tasks".to_owned(),
        ),
        (
            json!("https://tasks.example"),
            "http://tasks.example/".to_owned(),
            "https://tasks.example,http://tasks.example/".to_owned(),
        ),
        (
            json!(["a", "api://x", CLIENT]),
            uri.clone(),
            format!("a,api://x,{CLIENT},{uri}"),
        ),
    ] {
        let explanation = explain_audience(json!({ "audience": configured }), &found);
        assert_eq!(findings(&explanation), ["audience-form"], "{configured} {found}");
        assert_hint(
            &explanation,
            "audience",
            &format!("set ENTRA_AUDIENCE (option audience) to {list}"),
        );
    }
    let other = explain_audience(json!({}), "api://5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e");
    assert_eq!(findings(&other), ["other-resource"]);
}

#[test]
fn quotes_and_blanks_of_a_variable_are_recognised() {
    for configured in ["\"api://tasks\"", "'api://tasks", "api://tasks\n"] {
        let explanation = explain_audience(json!({ "audience": configured }), "api://tasks");
        assert_eq!(findings(&explanation), ["audience-form"], "{configured}");
        assert_hint(
            &explanation,
            "audience",
            "set ENTRA_AUDIENCE (option audience) to api://tasks",
        );
    }
}

#[test]
fn a_scope_configured_as_audience_is_recognised() {
    for scope in ["/.default", "/Task.Read"] {
        let audience = format!("api://{CLIENT}{scope}");
        let explanation = explain_with(json!({ "audience": ["api://b", audience] }), &sign(v1()));
        assert_eq!(findings(&explanation), ["audience-is-a-scope"]);
        assert_hint(
            &explanation,
            "audience",
            &format!("set ENTRA_AUDIENCE (option audience) to api://b,api://{CLIENT} (an audience"),
        );
    }
}

#[test]
fn a_token_for_the_client_itself_is_recognised() {
    let explanation = explain_audience(json!({}), "api://9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b");
    assert_eq!(findings(&explanation), ["token-for-the-client"]);
    assert_hint(&explanation, "audience", &format!("scope api://{CLIENT}/.default"));
}

#[test]
fn another_api_and_this_one_by_another_name_look_alike_and_both_are_said() {
    // By an id: the client id may be the wrong one.
    let explanation = explain(&sign(v2().with("aud", "\"5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e\"")));
    assert_eq!(findings(&explanation), ["other-resource"]);
    assert_hint(
        &explanation,
        "audience",
        &format!("have the client ask for scope=api://{CLIENT}/.default"),
    );
    assert_hint(
        &explanation,
        "audience",
        "set ENTRA_CLIENT_ID (option clientId) to 5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e, its Application (client) ID",
    );
    assert_hint(&explanation, "audience", "Object ID");
    // By a URI, or where audiences are configured: the list.
    for (options, aud, list) in [
        (
            json!({}),
            "https://tasks.example",
            format!("{CLIENT},api://{CLIENT},https://tasks.example"),
        ),
        (
            json!({ "audience": "api://a" }),
            "5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e",
            "api://a,5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e".to_owned(),
        ),
    ] {
        let explanation = explain_audience(options, aud);
        assert_eq!(findings(&explanation), ["other-resource"]);
        assert_hint(&explanation, "audience", &format!("if {aud} is this API's"));
        assert_hint(
            &explanation,
            "audience",
            &format!("set ENTRA_AUDIENCE (option audience) to {list}"),
        );
    }
    // What cannot be given whole is not given.
    let explanation = explain_audience(json!({}), "an, audience \u{1b}");
    assert_hint(&explanation, "audience", "add the token's aud to ENTRA_AUDIENCE");
    let client = json!({ "clientId": "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b" });
    assert_hint(
        &explain_audience(client, "api://5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e"),
        "audience",
        "is the id of the client that asked",
    );
    assert_eq!(findings(&explain(&sign(v1().without("aud")))), [""; 0]);
}
