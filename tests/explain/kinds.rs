//! What is sent in place of an access token for this API: tokens for other services, and tokens of other kinds.

use entra_jwt_verify::{Algorithm, Error};
use serde_json::{Value, json};

use crate::common::{CLIENT, OTHER_RSA, Object, RSA, header, sign, v1, v2};
use crate::said::{assert_hint, explain, explain_with, failed, findings};

/// The claims of a user's token, in place of an application's.
fn delegated(claims: Object) -> Object {
    claims
        .without("roles")
        .with("scp", "\"Task.Read\"")
        .with("sub", "\"s\"")
        .with("name", "\"A User\"")
}

fn id_token() -> Object {
    v2().without("azp")
        .without("roles")
        .with("nonce", "\"n\"")
        .with("preferred_username", "\"a@b.example\"")
}

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
    let with_nonce = || header(&RSA, Algorithm::RS256).with("nonce", "\"n\"");
    let explanation = explain(&OTHER_RSA.token(Algorithm::RS256, with_nonce(), v1()));
    assert_eq!(explanation.verdict, Err(Error::TokenGraph));
    assert_eq!(findings(&explanation), ["graph-token"]);
    assert_hint(&explanation, "signature", "Graph");
    assert_hint(&explanation, "nonce", "Graph");
    // Others of Microsoft's services do so too.
    let exchange = v1().with("aud", "\"https://outlook.office.com\"");
    let explanation = explain(&OTHER_RSA.token(Algorithm::RS256, with_nonce(), exchange));
    assert_eq!(findings(&explanation), ["microsoft-token"]);
    // Where its audience is accepted, the token passes with a warning.
    let explanation = explain_with(
        json!({ "audience": "https://graph.microsoft.com" }),
        &sign(v1().with("aud", "\"https://graph.microsoft.com\"")),
    );
    assert_eq!(
        (explanation.verdict.clone(), findings(&explanation)),
        (Ok(()), vec!["microsoft-audience"])
    );
}

#[test]
fn tokens_for_microsofts_services_are_told_by_name_and_their_audience_is_never_offered() {
    for (audience, name) in [
        ("https://management.core.windows.net/", "Azure Resource Manager"),
        ("https://management.azure.com", "Azure Resource Manager"),
        ("00000002-0000-0000-c000-000000000000", "Azure AD Graph"),
        ("https://vault.azure.net", "Key Vault"),
        ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Key Vault"),
        ("https://storage.azure.com/", "Azure Storage"),
        ("https://database.windows.net/", "Azure SQL"),
        ("499b84ac-1321-427f-aa17-267ca6975798", "Azure DevOps"),
        ("https://contoso.sharepoint.com", "SharePoint"),
        ("https://analysis.windows.net/powerbi/api", "Power BI"),
        ("https://org.crm4.dynamics.com", "Dynamics 365"),
        ("https://new-service.azure.com", "a service of Microsoft's own"),
        ("00000013-0000-0000-c000-000000000000", "a service of Microsoft's own"),
    ] {
        let explanation = explain(&sign(v1().with("aud", &json!(audience).to_string())));
        assert_eq!(findings(&explanation), ["microsoft-token"], "{audience}");
        assert!(
            explanation.findings[0].message.contains(name),
            "{audience}: {}",
            explanation.findings[0].message
        );
        let hint = &explanation.findings[0].hint;
        assert!(
            hint.contains(&format!("scope=api://{CLIENT}/.default")) && !hint.contains("ENTRA_AUDIENCE"),
            "{hint}"
        );
    }
}

#[test]
fn how_to_get_the_right_token_depends_on_who_asked_for_this_one() {
    let for_azure = |claims: Object| claims.with("aud", "\"https://management.core.windows.net/\"");
    let of_client = |id: &str| for_azure(delegated(v1())).with("appid", &json!(id).to_string());
    let identity = for_azure(v1()).with("xms_mirid", "\"/subscriptions/0/x\"");
    for (claims, mention, not) in [
        (
            of_client("04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
            "run az account get-access-token --resource api://",
            "scope",
        ),
        (
            of_client("1950a258-227b-4e31-a9cf-717495945fc2"),
            "run Get-AzAccessToken -ResourceUrl api://",
            "az account",
        ),
        (
            identity,
            "have the managed identity ask for resource=api://",
            "az account",
        ),
        (for_azure(v1()), "with its client credentials", "az account"),
        (
            for_azure(delegated(v1())),
            "have the client ask for the scope api://",
            "client credentials",
        ),
    ] {
        let explanation = explain(&sign(claims));
        assert_eq!(findings(&explanation), ["microsoft-token"]);
        assert_hint(&explanation, "audience", mention);
        assert!(
            !explanation.findings[0].hint.contains(not),
            "{}",
            explanation.findings[0].hint
        );
    }
    // The CLI of a user has to be a client of the API.
    let cli = of_client("04b07795-8ddb-461a-bbee-02f9e1bf7b46");
    assert_hint(&explain(&sign(cli)), "audience", "Add a client application");
}

#[test]
fn an_id_token_has_an_issuer_of_entras_and_a_mark_of_id_tokens() {
    let other = "\"9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b\"";
    for (claims, checks) in [
        (id_token(), vec!["use"]),
        (id_token().with("aud", other), vec!["use", "audience"]),
    ] {
        let explanation = explain(&sign(claims));
        assert_eq!(
            (findings(&explanation), failed(&explanation)),
            (vec!["id-token"], checks.clone())
        );
        for check in checks {
            assert_hint(&explanation, check, "access_token");
        }
    }
    for claims in [
        // No mark.
        v2().without("azp").without("roles"),
        // Another issuer.
        id_token().with("iss", "\"https://accounts.google.com\""),
        id_token().without("iss"),
        // A scope is that of an access token.
        id_token().with("scp", "\"a\""),
        // It names a client.
        id_token().with("azp", other),
    ] {
        assert!(
            !findings(&explain(&sign(claims.clone()))).contains(&"id-token"),
            "{claims}"
        );
    }
}

#[test]
fn jwts_of_other_kinds_are_told_by_their_type() {
    let of = |typ: &str, claims: Value| {
        let header = header(&RSA, Algorithm::RS256)
            .with("typ", &json!(typ).to_string())
            .with("kid", "\"x\"");
        OTHER_RSA.token(Algorithm::RS256, header, claims)
    };
    let request = json!({ "at": sign(v2()), "ts": 1, "m": "GET", "u": "tasks.example", "cnf": { "jwk": {} } });
    for (token, name, mention) in [
        (of("pop", request), "signed-request", "authenticationScheme"),
        (of("pop", json!({})), "other-kind", "the access token"),
        (
            of("dpop+jwt", json!({ "htm": "GET" })),
            "other-kind",
            "the access token",
        ),
        (
            of("application/logout+jwt", json!({})),
            "other-kind",
            "the access token",
        ),
        (of("something", json!({})), "other-kind", "the access token"),
    ] {
        let explanation = explain(&token);
        assert_eq!(findings(&explanation), [name]);
        assert_hint(&explanation, "type", mention);
        assert_hint(&explanation, "key", mention);
    }
    assert!(
        explain(&of("dpop+jwt", json!({}))).findings[0]
            .message
            .contains("proof of possession")
    );
    assert_eq!(
        findings(&explain(&RSA.token(
            Algorithm::RS256,
            header(&RSA, Algorithm::RS256).with("typ", "\"at+jwt\""),
            v2()
        ))),
        [""; 0]
    );
}

#[test]
fn a_bound_token_is_told_and_what_binds_it_is_not_shown() {
    let token = sign(v2().with("cnf", "{\"kid\":\"secret-thumbprint\"}"));
    let explanation = explain_with(json!({}), &token);
    assert_eq!(
        (failed(&explanation), findings(&explanation)),
        (vec!["bound-token"], vec!["bound-token"])
    );
    assert_hint(&explanation, "bound-token", "bearer token");
    assert!(
        !explanation.findings[0].hint.contains("boundTokens"),
        "it is not bound to a certificate"
    );
    assert!(!format!("{explanation:?}").contains("secret-thumbprint"));
    // What lets it pass says so.
    let ignored = explain_with(json!({ "boundTokens": "ignore" }), &token);
    assert_eq!(
        (ignored.verdict.clone(), findings(&ignored)),
        (Ok(()), vec!["bound-token"])
    );
    assert!(ignored.findings[0].checks.is_empty());
    let to_certificate = sign(v2().with("cnf", "{\"x5t#S256\":\"thumbprint\"}"));
    assert_hint(&explain(&to_certificate), "bound-token", "boundTokens to mtls");
    assert_eq!(
        findings(&explain_with(json!({ "boundTokens": "mtls" }), &to_certificate)),
        [""; 0]
    );
    assert!(
        explain(&sign(v2()))
            .checks
            .iter()
            .all(|check| check.name.as_str() != "bound-token")
    );
}
