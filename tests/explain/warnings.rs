//! Tokens that are valid, and what is worth knowing about them.

use entra_jwt_verify::explain::Explanation;
use serde_json::{Value, json};

use crate::common::{NOW, Object, sign, v1, v2};
use crate::said::{assert_hint, explain_with, failed, findings};

const CLIENT_OF_TOKEN: &str = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";

/// A valid token, whose findings are warnings.
fn warned(options: Value, claims: Object) -> Explanation {
    let explanation = explain_with(options, &sign(claims));
    assert_eq!(explanation.verdict, Ok(()));
    assert!(explanation.findings.iter().all(|finding| finding.checks.is_empty()));
    explanation
}

fn without_roles() -> Object {
    v2().without("roles")
}

#[test]
fn an_app_only_token_without_a_role_passes_with_a_warning() {
    for claims in [
        without_roles(),
        without_roles().with("roles", "[]"),
        without_roles().with("idtyp", "\"app\""),
    ] {
        assert_eq!(findings(&warned(json!({}), claims)), ["no-role"]);
    }
    for (options, claims) in [
        (json!({}), v2()),
        (json!({}), without_roles().with("scp", "\"a\"").with("sub", "\"s\"")),
        (json!({}), without_roles().with("scp", "\"a\"")),
        (json!({}), without_roles().without("oid").without("sub")),
        (json!({ "allowedClients": CLIENT_OF_TOKEN }), without_roles()),
    ] {
        assert_eq!(warned(options, claims).findings, []);
    }
    // Where a role is asked for it is no warning but a failure.
    let explanation = explain_with(json!({ "requiredRoles": "Task.Read" }), &sign(without_roles()));
    assert_eq!(
        (failed(&explanation), findings(&explanation)),
        (vec!["role"], vec!["missing-role"])
    );
    assert_hint(&explanation, "role", "admin consent");
}

#[test]
fn neither_a_role_nor_a_scope_is_told() {
    for claims in [
        without_roles().with("idtyp", "\"user\""),
        without_roles().with("sub", "\"s\""),
    ] {
        assert_eq!(findings(&warned(json!({}), claims)), ["no-permission"]);
    }
    assert_eq!(
        warned(json!({}), without_roles().with("sub", "\"s\"").with("scp", "\"a\"")).findings,
        []
    );
}

#[test]
fn a_client_that_anybody_may_claim_to_be_is_told_where_clients_are_listed() {
    let listed = || json!({ "allowedClients": CLIENT_OF_TOKEN });
    for (options, method, expected) in [
        (listed(), "\"0\"", vec!["public-client"]),
        (listed(), "\"1\"", vec![]),
        (json!({ "requiredRoles": "Task.Read" }), "\"0\"", vec![]),
    ] {
        assert_eq!(findings(&warned(options, v2().with("azpacr", method))), expected);
    }
    assert_eq!(warned(listed(), v2()).findings, []);
}

#[test]
fn groups_that_were_left_out_are_told() {
    for (claim, value) in [
        ("_claim_names", r#"{"groups":"src1"}"#),
        ("hasgroups", "true"),
        ("groups:src1", "\"https://graph.example\""),
    ] {
        assert_eq!(
            findings(&warned(json!({}), v2().with(claim, value))),
            ["groups-overage"],
            "{claim}"
        );
    }
    for (claim, value) in [("groups", r#"["a"]"#), ("_claim_names", r#"{"other":"src1"}"#)] {
        assert_eq!(warned(json!({}), v2().with(claim, value)).findings, [], "{claim}");
    }
}

#[test]
fn an_application_without_an_object_in_the_tenant_is_told() {
    let without_object = || v1().without("oid");
    for (claims, expected) in [
        (without_object().with("appidacr", "\"1\""), vec!["no-object-id"]),
        (
            without_object().with("appidacr", "\"2\"").with("idtyp", "\"app\""),
            vec!["no-object-id"],
        ),
        (without_object().with("appidacr", "\"0\""), vec![]),
        (without_object().with("appidacr", "\"1\"").with("scp", "\"a\""), vec![]),
        (v1().with("appidacr", "\"1\""), vec![]),
    ] {
        assert_eq!(findings(&warned(json!({}), claims.clone())), expected, "{claims}");
    }
}

#[test]
fn a_token_that_expires_within_minutes_is_told() {
    for (seconds, expected) in [
        (1.0, vec!["expires-soon"]),
        (299.0, vec!["expires-soon"]),
        (300.0, vec![]),
    ] {
        assert_eq!(
            findings(&warned(json!({}), v2().with("exp", &(NOW + seconds).to_string()))),
            expected,
            "{seconds}"
        );
    }
}

#[test]
fn a_token_that_is_rejected_has_no_warnings() {
    let rejected = v2().with("hasgroups", "true").with("exp", &(NOW - 1.0).to_string());
    assert_eq!(findings(&explain_with(json!({}), &sign(rejected))), ["clock-skew"]);
}

#[test]
fn an_audience_of_a_service_of_microsofts_is_warned_of() {
    for (aud, name) in [
        ("https://management.azure.com", "Azure Resource Manager"),
        ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault"),
    ] {
        let explanation = warned(json!({ "audience": aud }), v1().with("aud", &json!(aud).to_string()));
        assert_eq!(findings(&explanation), ["microsoft-audience"], "{aud}");
        assert!(explanation.findings[0].message.contains(name), "{aud}");
        assert!(explanation.findings[0].hint.starts_with("set ENTRA_AUDIENCE"));
    }
    assert_eq!(
        warned(
            json!({ "audience": "https://tasks.example" }),
            v1().with("aud", "\"https://tasks.example\"")
        )
        .findings,
        []
    );
}
