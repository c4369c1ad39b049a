//! What is sent in place of an access token for this API, and tokens that are nearly right.

use entra_jwt_verify::{Algorithm, Error};
use serde_json::json;

use crate::common::{CLIENT, NOW, OTHER_RSA, RSA, header, sign, v1, v2};
use crate::said::{assert_hint, explain, explain_with, failed, findings};

#[test]
fn a_graph_token_is_recognised() {
    for audience in [
        "00000003-0000-0000-C000-000000000000",
        "https://graph.microsoft.com",
        "https://graph.microsoft.com/",
        "https://graph.microsoft.us",
    ] {
        let explanation = explain(&sign(v1().with("aud", &json!(audience).to_string())));
        assert_eq!(findings(&explanation), ["graph-token"], "{audience}");
        assert_hint(&explanation, "audience", &format!("api://{CLIENT}/.default"));
    }
    // Signed over another header: the signature does not fit, and that is no reason to look for who changed the token.
    let with_nonce = header(&RSA, Algorithm::RS256).with("nonce", "\"n\"");
    let explanation = explain(&OTHER_RSA.token(Algorithm::RS256, with_nonce, v1()));
    assert_eq!(explanation.verdict, Err(Error::TokenGraph));
    assert_eq!(findings(&explanation), ["graph-token"]);
    assert_hint(&explanation, "signature", "Graph");
    assert_hint(&explanation, "nonce", "Graph");
    // For whom Graph's tokens are meant, they are not a mistake.
    let explanation = explain_with(
        json!({ "audience": "https://graph.microsoft.com" }),
        &sign(v1().with("aud", "\"https://graph.microsoft.com\"")),
    );
    assert_eq!(explanation.verdict, Ok(()));
    assert_eq!(findings(&explanation), [""; 0]);
}

#[test]
fn tokens_for_azure_are_recognised() {
    for (audience, mention) in [
        (
            "https://management.core.windows.net/",
            "az account get-access-token --resource",
        ),
        ("https://management.azure.com", "az account get-access-token --resource"),
        ("00000002-0000-0000-c000-000000000000", "scope="),
    ] {
        let explanation = explain(&sign(v1().with("aud", &json!(audience).to_string())));
        assert_eq!(findings(&explanation), ["microsoft-token"], "{audience}");
        assert_hint(&explanation, "audience", mention);
    }
}

#[test]
fn an_id_token_is_recognised() {
    let explanation = explain(&sign(
        v2().without("azp")
            .with("aud", "\"9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b\""),
    ));
    assert_eq!(findings(&explanation), ["id-token"]);
    assert_eq!(failed(&explanation), ["use", "audience"]);
    assert_hint(&explanation, "use", "access_token");
    assert_hint(&explanation, "audience", "access_token");
}

#[test]
fn texts_that_are_no_signed_token_are_recognised() {
    let token = sign(v2());
    let encrypted = format!("{token}.a.b");
    let opaque = format!("EwB4A8l6BAAUO9chh8cJscQLmU+LSWpbnr0vmwwAA{}==", "Ab0+".repeat(40));
    for (text, name, mention) in [
        (encrypted.as_str(), "encrypted-token", "Token encryption"),
        (&opaque, "personal-account-token", "requestedAccessTokenVersion 2"),
        (&format!("Bearer {token}"), "not-only-a-token", "alone"),
        (&format!("\"{token}\"\n"), "not-only-a-token", "alone"),
        (&format!(" {token}"), "not-only-a-token", "alone"),
    ] {
        let explanation = explain(text);
        assert_eq!(explanation.verdict.as_ref().unwrap_err().code(), "ERR_TOKEN_MALFORMED");
        assert_eq!(findings(&explanation), [name]);
        assert_hint(&explanation, failed(&explanation)[0], mention);
    }
    for text in ["", "x", "EwB", "Ew..", "eyJhbGciOiJSUzI1NiJ9.x", &"E".repeat(100)] {
        assert_eq!(findings(&explain(text)), [""; 0], "{text}");
    }
}

#[test]
fn a_few_minutes_look_like_clock_skew_and_an_hour_does_not() {
    for (claim, seconds, check, is_skew) in [
        ("exp", 0.0, "expiry", true),
        ("exp", -300.0, "expiry", true),
        ("exp", -301.0, "expiry", false),
        ("nbf", 1.0, "not-before", true),
        ("nbf", 300.0, "not-before", true),
        ("nbf", 301.0, "not-before", false),
    ] {
        let explanation = explain(&sign(v2().with(claim, &(NOW + seconds).to_string())));
        assert_eq!(failed(&explanation), [check], "{claim} {seconds}");
        assert_eq!(findings(&explanation) == ["clock-skew"], is_skew, "{claim} {seconds}");
        assert_hint(&explanation, check, "clock");
    }
}

#[test]
fn an_app_only_token_without_a_role_passes_with_a_warning() {
    let without = || v2().without("roles");
    for claims in [
        without(),
        without().with("roles", "[]"),
        without().with("idtyp", "\"app\"").without("oid"),
    ] {
        let explanation = explain(&sign(claims));
        assert_eq!(explanation.verdict, Ok(()));
        assert_eq!(findings(&explanation), ["no-role"]);
        assert!(explanation.findings[0].checks.is_empty());
    }
    let client = json!({ "allowedClients": "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b" });
    for (options, claims) in [
        (json!({}), v2()),
        (json!({}), without().with("scp", "\"a\"").with("sub", "\"s\"")),
        (json!({}), without().with("idtyp", "\"user\"")),
        (json!({}), without().with("sub", "\"s\"")),
        (json!({}), without().with("scp", "\"a\"")),
        (json!({}), without().without("oid").without("sub")),
        (client, without()),
    ] {
        let explanation = explain_with(options, &sign(claims));
        assert_eq!((explanation.verdict, explanation.findings), (Ok(()), vec![]));
    }
    // Where a role is asked for it is no warning but a failure.
    let explanation = explain_with(json!({ "requiredRoles": "Task.Read" }), &sign(without()));
    assert_eq!((failed(&explanation), findings(&explanation)), (vec!["role"], vec![]));
    assert_hint(&explanation, "role", "admin consent");
}

#[test]
fn a_client_that_anybody_may_claim_to_be_is_told_where_clients_are_listed() {
    let client = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";
    let listed = || json!({ "allowedClients": client });
    let of = |method: Option<&str>| {
        let claims = v2().with("azp", &json!(client).to_string());
        match method {
            Some(method) => claims.with("azpacr", &json!(method).to_string()),
            None => claims.without("azpacr"),
        }
    };
    for (options, claims, expected) in [
        (listed(), of(Some("0")), vec!["public-client"]),
        (listed(), of(Some("1")), vec![]),
        (listed(), of(None), vec![]),
        (json!({ "requiredRoles": "Task.Read" }), of(Some("0")), vec![]),
    ] {
        assert_eq!(findings(&explain_with(options, &sign(claims))), expected);
    }
}

#[test]
fn a_bound_token_is_told_and_what_binds_it_is_not_shown() {
    let token = sign(v2().with("cnf", "{\"kid\":\"secret-thumbprint\"}"));
    let explanation = explain_with(json!({}), &token);
    assert_eq!(failed(&explanation), ["bound-token"]);
    assert_hint(&explanation, "bound-token", "boundTokens");
    assert!(!format!("{explanation:?}").contains("secret-thumbprint"));
    let ignored = explain_with(json!({ "boundTokens": "ignore" }), &token);
    assert_eq!((ignored.verdict.clone(), failed(&ignored)), (Ok(()), vec![]));
    assert!(
        explain_with(json!({}), &sign(v2()))
            .checks
            .iter()
            .all(|check| check.name.as_str() != "bound-token")
    );
}
