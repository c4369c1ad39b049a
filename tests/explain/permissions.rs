//! Callers that lack a role or a scope, or are not listed: what to do depends on who they are.

use serde_json::json;

use crate::common::{CLIENT, Object, TENANT, sign, v1, v2};
use crate::said::{assert_hint, explain_with, findings};

const CALLER: &str = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";
const OBJECT: &str = "0b6f3a52-77c1-4d0b-a6a5-30c1f6d2e901";

fn application() -> Object {
    v2().without("roles")
}

fn user() -> Object {
    application()
        .with("sub", "\"s\"")
        .with("scp", "\"access_as_user\"")
        .with("name", "\"A User\"")
}

fn managed_identity() -> Object {
    application().with("xms_mirid", "\"/subscriptions/0/x\"")
}

#[test]
fn what_is_lacking_is_one_or_any_of_several() {
    for (options, message) in [
        (
            json!({ "requiredRoles": ["A"] }),
            "an app-only token without the role A",
        ),
        (
            json!({ "requiredRoles": ["A", "B"] }),
            "an app-only token without any of the roles A, B",
        ),
    ] {
        assert_eq!(explain_with(options, &sign(application())).findings[0].message, message);
    }
    for (required, message) in [
        (vec!["A"], "a token without the scope A"),
        (vec!["A", "B"], "a token without any of the scopes A, B"),
    ] {
        let explanation = explain_with(json!({ "requiredScopes": required }), &sign(user()));
        assert_eq!(explanation.findings[0].message, message);
    }
}

#[test]
fn where_a_role_is_granted_depends_on_the_caller() {
    for (claims, message, mentions, not) in [
        (
            application(),
            "app-only",
            vec!["Application permissions", "Grant admin consent", CALLER, CLIENT],
            "Users and groups",
        ),
        (
            user(),
            "of a user",
            vec!["Enterprise applications", "Users and groups", CLIENT],
            "Application permissions",
        ),
        (
            managed_identity(),
            "managed identity",
            vec![
                "appRoleAssignments",
                "New-MgServicePrincipalAppRoleAssignment",
                OBJECT,
                "24 hours",
            ],
            "admin consent",
        ),
    ] {
        for version in [claims.clone(), claims.with("ver", "\"2.0\"")] {
            let explanation = explain_with(json!({ "requiredRoles": "Task.Read" }), &sign(version));
            assert_eq!(findings(&explanation), ["missing-role"]);
            assert!(
                explanation.findings[0].message.contains(message),
                "{}",
                explanation.findings[0].message
            );
            for mention in &mentions {
                assert_hint(&explanation, "role", mention);
            }
            assert!(
                !explanation.findings[0].hint.contains(not),
                "{}",
                explanation.findings[0].hint
            );
        }
    }
    // A token that does not say who it is gets both.
    let unknown = application().without("oid").without("sub");
    let explanation = explain_with(json!({ "requiredRoles": "Task.Read" }), &sign(unknown));
    for mention in ["for an application", "for a user"] {
        assert_hint(&explanation, "role", mention);
    }
}

#[test]
fn a_role_that_is_nearly_there_is_seen() {
    let groups = "[\"5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e\"]";
    for (required, claims, mention) in [
        ("task.read", v2(), "requiredRoles (guard requireRole) to Task.Read"),
        ("Task.Read ", v2(), "requiredRoles (guard requireRole) to Task.Read"),
        ("Task Read", v2(), "not the display name"),
        (
            "Task.Read",
            application().with("roles", "[\"task.read\"]"),
            "requiredRoles (guard requireRole) to task.read",
        ),
        (
            "Task.Read",
            user().with("scp", "\"openid Task.Read\""),
            "requiredScopes",
        ),
        ("5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e", v2(), "Value of the app role"),
        (
            "5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e",
            v2().with("groups", groups),
            "requireGroup",
        ),
    ] {
        let explanation = explain_with(json!({ "requiredRoles": required }), &sign(claims));
        assert_eq!(findings(&explanation), ["almost-role"], "{required}");
        assert_hint(&explanation, "role", mention);
    }
    for required in ["Task.Write", "Task.ReadWrite", "Task"] {
        assert_eq!(
            findings(&explain_with(json!({ "requiredRoles": required }), &sign(v2()))),
            ["missing-role"],
            "{required}"
        );
    }
    // The whole list, with the one that is wrong replaced.
    let explanation = explain_with(json!({ "requiredRoles": ["Admin", "task.read"] }), &sign(v2()));
    assert_hint(
        &explanation,
        "role",
        "set the option requiredRoles (guard requireRole) to Admin,Task.Read",
    );
}

#[test]
fn a_role_or_scope_that_may_be_misspelt_is_asked_for() {
    for (options, claims, name, message, hint) in [
        (
            json!({ "requiredRoles": ["Admin", "Task.Raed"] }),
            v2(),
            "missing-role",
            "without any of the roles Admin, Task.Raed, but with Task.Read",
            ". Or, if Task.Raed is misspelt, set the option requiredRoles (guard requireRole) to Admin,Task.Read",
        ),
        (
            json!({ "requiredScopes": "acces_as_user" }),
            user(),
            "missing-scope",
            "without the scope acces_as_user, but with access_as_user",
            ". Or, if acces_as_user is misspelt, set the option requiredScopes (guard requireScope) to access_as_user",
        ),
    ] {
        let explanation = explain_with(options, &sign(claims));
        assert_eq!(findings(&explanation), [name]);
        let finding = &explanation.findings[0];
        assert!(finding.message.ends_with(message), "{}", finding.message);
        assert!(finding.hint.ends_with(hint), "{}", finding.hint);
    }
    for (options, claims) in [
        (json!({ "requiredRoles": "Task.Write" }), v2()),
        // Another one is no slip, however like it is.
        (json!({ "requiredRoles": "Task.Read1" }), v2()),
        (
            json!({ "requiredRoles": "Order.Read.EU" }),
            v2().with("roles", "[\"Order.Read.US\"]"),
        ),
        (json!({ "requiredRoles": "Task.Read.All" }), v2()),
        (json!({ "requiredScopes": "access_as_admin" }), user()),
    ] {
        let finding = &explain_with(options, &sign(claims)).findings[0];
        assert!(!finding.message.contains("but with"), "{}", finding.message);
    }
}

#[test]
fn a_scope_for_signing_in_is_in_no_token_for_an_api() {
    let explanation = explain_with(json!({ "requiredScopes": "openid" }), &sign(user()));
    assert_eq!(findings(&explanation), ["missing-scope"]);
    assert_hint(&explanation, "scope", "require a scope of the API's in place of openid");
}

#[test]
fn an_application_never_has_a_scope() {
    for claims in [application(), managed_identity()] {
        let explanation = explain_with(json!({ "requiredScopes": "access_as_user" }), &sign(claims));
        assert_eq!(findings(&explanation), ["app-only-token"]);
        assert_hint(&explanation, "scope", "sign a user in");
        assert_hint(&explanation, "scope", &format!("api://{CLIENT}/access_as_user"));
        assert_hint(
            &explanation,
            "scope",
            "requireScopeOrRole in place of the option requiredScopes (guard requireScope)",
        );
    }
    let explanation = explain_with(json!({ "requiredScopes": "Task.Read" }), &sign(v2()));
    assert_eq!(findings(&explanation), ["almost-scope"]);
    assert_hint(&explanation, "scope", "requireScopeOrRole");
}

#[test]
fn a_scope_that_is_missing_or_nearly_there_is_told() {
    let explanation = explain_with(json!({ "requiredScopes": "Task.Read" }), &sign(user()));
    assert_eq!(findings(&explanation), ["missing-scope"]);
    assert_hint(&explanation, "scope", &format!("api://{CLIENT}/Task.Read"));
    assert_hint(&explanation, "scope", "Delegated permissions");
    for required in ["Access_As_User", "access-as-user"] {
        let explanation = explain_with(json!({ "requiredScopes": ["a", required] }), &sign(user()));
        assert_eq!(findings(&explanation), ["almost-scope"], "{required}");
        assert_hint(
            &explanation,
            "scope",
            "set the option requiredScopes (guard requireScope) to a,access_as_user",
        );
    }
}

#[test]
fn a_client_that_is_named_by_another_of_its_identifiers_is_seen() {
    let third = "5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e";
    let agent = v1().with("xms_par_app_azp", &json!(third).to_string());
    let user = user()
        .with("ver", "\"1.0\"")
        .with("appid", &json!(CALLER).to_string())
        .with("iss", &json!(format!("https://sts.windows.net/{TENANT}/")).to_string());
    for (allowed, claims, what) in [
        (OBJECT, v1(), "object id of the client's service principal"),
        (OBJECT, user, "object id of the user"),
        (TENANT, v1(), "the tenant's id"),
        (CLIENT, v1(), "the id of the API itself"),
        (&format!("api://{CLIENT}"), v1(), "the id of the API itself"),
        (&format!(" {CALLER}"), v1(), "another spelling"),
        (third, agent, "blueprint"),
        ("tasks", v1().with("app_displayname", "\"Tasks\""), "display name"),
    ] {
        // At Entra's own hosts only GUIDs are accepted as clients; guards compare whatever they are given.
        let options =
            json!({ "allowedClients": ["another", allowed], "authorityHost": "https://login.contoso.example" });
        let explanation = explain_with(options, &sign(claims));
        assert_eq!(findings(&explanation), ["client-identifier"], "{allowed}");
        assert_hint(&explanation, "client", what);
        assert_hint(
            &explanation,
            "client",
            &format!("set the option allowedClients (guard requireClient) to another,{CALLER}"),
        );
    }
    let explanation = explain_with(json!({ "allowedClients": third }), &sign(v2()));
    assert_eq!(findings(&explanation), ["client-not-listed"]);
    assert_hint(
        &explanation,
        "client",
        &format!("if this client may call, set the option allowedClients (guard requireClient) to {third},{CALLER}"),
    );
}

#[test]
fn personal_claims_are_not_shown() {
    let claims = user()
        .with("name", "\"Ada Lovelace\"")
        .with("upn", "\"ada@contoso.example\"")
        .with("sub", "\"subject-1\"");
    for options in [
        json!({ "requiredRoles": "x" }),
        json!({ "requiredScopes": "x" }),
        json!({ "allowedClients": OBJECT }),
    ] {
        let said = format!("{:?}", explain_with(options, &sign(claims.clone())));
        for personal in ["Ada", "ada@", "subject-1"] {
            assert!(!said.contains(personal), "{said}");
        }
    }
}
