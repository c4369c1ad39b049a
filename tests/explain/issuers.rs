//! Tokens of others than Entra, and tokens that only say that they are Entra's.

use entra_jwt_verify::Algorithm;
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, OTHER_RSA, Object, P256, RSA, TENANT, base64url, header, sign, v1, v2};
use crate::said::{assert_hint, explain, explain_with, findings};

/// Claims of an issuer that knows nothing of Entra's.
fn foreign(iss: &str) -> Object {
    let claims = v2()
        .without("ver")
        .without("tid")
        .without("azp")
        .without("oid")
        .without("roles");
    claims.with("iss", &json!(iss).to_string())
}

/// A token with a key that is not published, as those of others are.
fn stranger(claims: Object) -> String {
    OTHER_RSA.token(
        Algorithm::RS256,
        header(&RSA, Algorithm::RS256).with("kid", "\"stranger\""),
        claims,
    )
}

/// A token with an HMAC in place of a signature.
fn secretly(claims: impl std::fmt::Display) -> String {
    format!(
        "{}.{}.{}",
        base64url(r#"{"alg":"HS256","typ":"JWT"}"#),
        base64url(claims.to_string()),
        base64url([7; 32])
    )
}

#[test]
fn an_issuer_that_is_not_ours_outranks_key_algorithm_and_audience() {
    let es256 = P256.token(
        Algorithm::ES256,
        header(&P256, Algorithm::ES256),
        foreign("https://auth.fabrikam.example/").with("aud", "\"https://tasks.example\""),
    );
    for token in [
        stranger(foreign("https://auth.fabrikam.example/").with("aud", "\"x\"")),
        es256,
    ] {
        let explanation = explain(&token);
        assert_eq!(findings(&explanation), ["other-issuer"]);
        for check in explanation.checks.iter().filter(|check| check.error().is_some()) {
            assert_eq!(
                check.hint.as_deref(),
                Some(explanation.findings[0].hint.as_str()),
                "{:?}",
                check.name
            );
        }
        assert!(explanation.findings[0].hint.starts_with("get the token from Entra"));
    }
}

#[test]
fn providers_are_told_by_their_issuers() {
    for (iss, name) in [
        ("https://accounts.google.com", "Google"),
        ("https://contoso.eu.auth0.com/", "Auth0"),
        ("https://contoso.okta.com/oauth2/default", "Okta"),
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC",
            "Amazon Cognito",
        ),
        ("https://sso.contoso.example/realms/main", "Keycloak"),
        ("https://appleid.apple.com", "Apple"),
        ("https://securetoken.google.com/contoso", "Firebase"),
        (
            "00000001-0000-0000-c000-000000000000@7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11",
            "SharePoint",
        ),
    ] {
        let explanation = explain(&stranger(foreign(iss)));
        assert_eq!(findings(&explanation), ["other-issuer"], "{iss}");
        assert!(
            explanation.findings[0].message.contains(name),
            "{iss}: {}",
            explanation.findings[0].message
        );
    }
}

#[test]
fn only_an_issuer_that_one_can_own_is_offered_as_authority_and_only_to_its_owner() {
    let hint = |iss: &str| explain(&stranger(foreign(iss))).findings[0].hint.clone();
    for iss in ["https://contoso.eu.auth0.com/", "https://login.fabrikam.example/"] {
        let hint = hint(iss);
        assert!(
            hint.contains(&format!("if {iss} is yours")) && hint.contains(&format!("option authority) to {iss}")),
            "{hint}"
        );
    }
    for iss in ["https://accounts.google.com", "http://login.fabrikam.example", "issuer"] {
        assert!(!hint(iss).contains("ENTRA_AUTHORITY"), "{iss}");
    }
    // What the maker of a token writes behind its issuer stands in no message.
    for iss in [
        "https://login.fabrikam.example/?user=megan@contoso.example",
        "https://login.fabrikam.example/#megan",
    ] {
        let explanation = explain(&stranger(foreign(iss)));
        let finding = &explanation.findings[0];
        assert!(
            finding.message.contains("https://login.fabrikam.example/…"),
            "{}",
            finding.message
        );
        let said = format!("{}{}", finding.message, finding.hint);
        assert!(!said.contains("megan") && !said.contains("ENTRA_AUTHORITY"), "{said}");
    }
    assert!(!hint("https://megan@login.fabrikam.example/").contains("ENTRA_AUTHORITY"));
    // Nothing that is signed with a secret can be accepted.
    let explanation = explain(&secretly(foreign("https://login.fabrikam.example/")));
    assert_eq!(findings(&explanation), ["other-issuer"]);
    assert!(explanation.findings[0].message.contains("shared secret"));
    assert!(!explanation.findings[0].hint.contains("ENTRA_AUTHORITY"));
}

#[test]
fn tokens_of_microsofts_platforms_are_told() {
    let site = "https://contoso-tasks.azurewebsites.net/";
    let session = foreign(site)
        .with("aud", &json!(site).to_string())
        .with("stable_sid", "\"sid:1\"")
        .with("ver", "\"4\"");
    let platform = foreign("https://99999999-0000-4000-8000-000000000009.scm.azurewebsites.net")
        .with("aud", "\"https://x.azurewebsites.net/azurefunctions\"");
    for (claims, mention) in [(session, "in the header Authorization"), (platform, "getToken")] {
        let explanation = explain(&secretly(claims));
        assert_eq!(findings(&explanation), ["app-service-token"]);
        assert_hint(&explanation, "algorithm", mention);
    }
    let bot =
        stranger(foreign("https://api.botframework.com").with("serviceurl", "\"https://smba.trafficmanager.net/\""));
    let explanation = explain(&bot);
    assert_eq!(findings(&explanation), ["bot-token"]);
    assert_hint(
        &explanation,
        "key",
        "https://login.botframework.com/v1/.well-known/keys",
    );
}

#[test]
fn a_token_of_b2c_is_told_with_the_authority_that_accepts_it() {
    let claims = |iss: &str| {
        foreign(iss)
            .with("ver", "\"1.0\"")
            .with("azp", "\"9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b\"")
    };
    let by_host = claims(&format!("https://contoso.b2clogin.com/{TENANT}/v2.0/")).with("tfp", "\"B2C_1_susi\"");
    let by_policy = claims(&format!("https://login.contoso.example/{TENANT}/v2.0/")).with("acr", "\"b2c_1a_signup\"");
    let old = claims(&format!(
        "https://login.microsoftonline.com/te/{TENANT}/b2c_1_susi/v2.0/"
    ));
    for (claims, authority) in [
        (
            by_host,
            format!("https://contoso.b2clogin.com/{TENANT}/B2C_1_susi/v2.0"),
        ),
        (
            by_policy,
            format!("https://login.contoso.example/{TENANT}/b2c_1a_signup/v2.0"),
        ),
        (
            old,
            format!("https://login.microsoftonline.com/{TENANT}/<user flow>/v2.0"),
        ),
    ] {
        let explanation = explain(&stranger(claims));
        assert_eq!(findings(&explanation), ["b2c-token"]);
        assert_hint(
            &explanation,
            "issuer",
            &format!("ENTRA_AUTHORITY (option authority) to {authority}"),
        );
        assert_hint(
            &explanation,
            "key",
            &format!("ENTRA_CLIENT_ID (option clientId) to {CLIENT}"),
        );
    }
    // acr is also a level of authentication.
    assert_eq!(
        findings(&explain(&stranger(
            claims("https://login.contoso.example/").with("acr", "\"1\"")
        ))),
        ["other-issuer"]
    );
}

#[test]
fn another_user_flow_of_the_same_b2c_tenant_is_told() {
    let options = |policy: &str| json!({ "tenantId": null, "authority": format!("https://contoso.b2clogin.com/{TENANT}/{policy}/v2.0") });
    let token =
        stranger(foreign(&format!("https://contoso.b2clogin.com/{TENANT}/v2.0/")).with("tfp", "\"B2C_1_edit\""));
    let explanation = explain_with(options("B2C_1_susi"), &token);
    assert_eq!(findings(&explanation), ["b2c-token"]);
    assert_hint(
        &explanation,
        "key",
        &format!(
            "option authorities: https://contoso.b2clogin.com/{TENANT}/B2C_1_susi/v2.0 and https://contoso.b2clogin.com/{TENANT}/B2C_1_edit/v2.0"
        ),
    );
    assert!(!findings(&explain_with(options("b2c_1_edit"), &token)).contains(&"b2c-token"));
}

#[test]
fn assertions_of_workloads_are_to_be_exchanged() {
    let exchange = || json!("api://AzureADTokenExchange").to_string();
    for (claims, mention) in [
        (
            foreign("https://token.actions.githubusercontent.com").with("aud", &exchange()),
            "azure/login",
        ),
        (
            foreign("https://gitlab.contoso.example")
                .with("project_path", "\"a/b\"")
                .with("pipeline_id", "\"1\""),
            "client_assertion=<this token>",
        ),
        (
            foreign("https://kubernetes.default.svc.cluster.local"),
            "WorkloadIdentityCredential",
        ),
        (
            foreign("https://oidc.contoso.example").with("sub", "\"system:serviceaccount:default:tasks\""),
            "WorkloadIdentityCredential",
        ),
        (
            foreign("https://oidc.contoso.example").with("kubernetes.io", "{\"namespace\":\"a\"}"),
            "WorkloadIdentityCredential",
        ),
        (
            foreign("https://vstoken.dev.azure.com/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11").with("aud", &exchange()),
            "client_assertion",
        ),
        (foreign("app.vstoken.visualstudio.com"), "AzureCLI@2"),
        (
            foreign("https://oidc.unknown.example").with("aud", &exchange()),
            "client_assertion",
        ),
    ] {
        let explanation = explain(&stranger(claims.clone()));
        assert_eq!(findings(&explanation), ["workload-token"], "{claims}");
        assert_hint(&explanation, "issuer", mention);
    }
    let explanation = explain(&stranger(foreign("https://token.actions.githubusercontent.com")));
    assert_hint(
        &explanation,
        "issuer",
        &format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"),
    );
    assert_hint(&explanation, "issuer", &format!("scope=api://{CLIENT}/.default"));
}

#[test]
fn an_assertion_of_a_client_is_told() {
    let client = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";
    let endpoint = format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    let assertion = foreign(client)
        .with("sub", &json!(client).to_string())
        .with("aud", &json!(endpoint).to_string());
    let explanation = explain(&stranger(assertion.clone()));
    assert_eq!(findings(&explanation), ["client-assertion"]);
    assert_hint(&explanation, "key", "access_token of the answer");
    for other in [
        assertion
            .clone()
            .with("sub", "\"9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1c\""),
        assertion.with("aud", &json!(CLIENT).to_string()),
    ] {
        assert_eq!(findings(&explain(&stranger(other))), ["other-issuer"]);
    }
}

#[test]
fn a_test_authority_is_told_from_both_sides() {
    let iss = format!("http://127.0.0.1:44339/{TENANT}/v2.0");
    let explanation = explain(&stranger(v2().with("iss", &json!(iss).to_string())));
    assert_eq!(findings(&explanation), ["test-authority"]);
    assert_hint(
        &explanation,
        "issuer",
        "ENTRA_AUTHORITY_HOST (option authorityHost) to http://127.0.0.1:44339",
    );
    assert_hint(
        &explanation,
        "key",
        &format!("ENTRA_TENANT_ID (option tenantId) to {TENANT}"),
    );
    let configured = json!({ "authorityHost": "http://127.0.0.1:8443" });
    let explanation = explain_with(configured.clone(), &sign(v2()));
    assert_eq!(findings(&explanation), ["test-configuration"]);
    assert_hint(&explanation, "issuer", "unset ENTRA_AUTHORITY_HOST");
    let of_it = v2().with(
        "iss",
        &json!(format!("http://127.0.0.1:8443/{TENANT}/v2.0")).to_string(),
    );
    assert_eq!(findings(&explain_with(configured, &sign(of_it))), [""; 0]);
}

#[test]
fn a_token_that_only_says_that_it_is_entras_is_told() {
    let kid = || header(&RSA, Algorithm::RS256);
    let unsigned = format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url(v2().to_string()));
    for (token, name, why) in [
        (secretly(v2()), "shared-secret", "shared secret"),
        (unsigned, "unsigned-token", "not made by Entra"),
        (
            P256.token(Algorithm::ES256, header(&P256, Algorithm::ES256), v2()),
            "not-entra",
            "ES256",
        ),
        (
            RSA.token(Algorithm::RS256, kid().without("kid"), v2()),
            "not-entra",
            "neither kid nor x5t",
        ),
        (sign(v2().with("ver", "\"3.0\"")), "not-entra", "ver"),
        (sign(v2().with("ver", "\"1.0\"")), "not-entra", "versions"),
        (sign(v2().without("tid")), "not-entra", "tid"),
        (
            sign(v2().with("tid", "\"8d1e6c2f-405b-4c1f-8b64-203070100b22\"")),
            "not-entra",
            "different tenants",
        ),
        (sign(v2().with("roles", "\"a\"")), "not-entra", "roles"),
        (
            sign(v1().with(
                "iss",
                &json!(format!("https://login.microsoftonline.us/{TENANT}/v2.0")).to_string(),
            )),
            "not-entra",
            "versions",
        ),
    ] {
        let explanation = explain(&token);
        assert_eq!(findings(&explanation)[0], name, "{why}");
        assert!(
            explanation.findings[0].message.contains(why),
            "{}",
            explanation.findings[0].message
        );
    }
    // Where another algorithm is accepted, it says nothing.
    let es256 = P256.token(Algorithm::ES256, header(&P256, Algorithm::ES256), v2());
    assert_eq!(
        findings(&explain_with(json!({ "algorithms": "ES256" }), &es256)),
        [""; 0]
    );
    assert_eq!(explain_with(json!({ "algorithms": "ES256" }), &sign(v2())).findings, []);
}

#[test]
fn claims_without_an_issuer_are_nobodys() {
    let by_hand: Value = json!({ "sub": "1234567890", "name": "John Doe", "admin": true, "iat": 1_516_239_022 });
    let unsigned = format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url(by_hand.to_string()));
    for (token, name) in [
        (secretly(&by_hand), "shared-secret"),
        (unsigned, "unsigned-token"),
        (stranger(v2().without("iss")), "other-issuer"),
    ] {
        let explanation = explain(&token);
        assert_eq!(findings(&explanation)[0], name);
        assert!(explanation.findings[0].message.contains("not made by Entra"));
        assert!(!findings(&explanation).contains(&"id-token"));
    }
    assert_eq!(
        explain(&secretly(&by_hand)).verdict.map_err(|error| error.code()),
        Err("ERR_TOKEN_ALGORITHM")
    );
}

#[test]
fn where_another_authority_is_configured_a_token_of_entras_is_the_foreign_one() {
    let judge = Judge::by(&json!({ "issuer": "https://login.fabrikam.example", "audience": CLIENT }));
    let explanation = judge.explain(&sign(v2()));
    assert_eq!(findings(&explanation), ["other-cloud"]);
    assert_hint(&explanation, "issuer", "ENTRA_TENANT_ID");
    let own = sign(v2().with("iss", "\"https://login.fabrikam.example\""));
    assert_eq!(
        (judge.explain(&own).verdict, judge.explain(&own).findings),
        (Ok(()), vec![])
    );
    let explanation = judge.explain(&stranger(foreign("https://accounts.google.com")));
    assert_eq!(findings(&explanation), ["other-issuer"]);
    assert_eq!(
        explanation.verdict.map_err(|error| error.code()),
        Err("ERR_TOKEN_KEY_UNKNOWN")
    );
}

#[test]
fn an_issuer_at_a_host_of_entras_that_entra_never_writes_is_no_authority_to_accept() {
    for iss in [
        format!("https://sts.windows.net/{TENANT}"),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0/"),
        format!("https://login.windows.net/{TENANT}/"),
        "https://login.microsoftonline.com".to_owned(),
    ] {
        let explanation = explain(&stranger(foreign(&iss)));
        assert_eq!(findings(&explanation), ["not-entra"], "{iss}");
        assert!(!explanation.findings[0].hint.contains("ENTRA_AUTHORITY"), "{iss}");
    }
    // Of a name that only looks like it, it is another issuer.
    let explanation = explain(&stranger(foreign(
        "https://login.microsoftonline.com.attacker.example/x/v2.0",
    )));
    assert_eq!(findings(&explanation), ["other-issuer"]);
}

#[test]
fn workloads_are_told_by_their_issuers_claims_or_audience() {
    for (iss, sub, message) in [
        ("https://token.actions.contoso.ghe.com", "repo:x/y", "of GitHub Actions"),
        ("https://oidc.codefresh.io", "account:x", "of Codefresh"),
        (
            "https://oidc.contoso.example",
            "spiffe://contoso.example/ns/x",
            "of SPIFFE",
        ),
        (
            "https://octopus.contoso.example",
            "space:x",
            "a workload identity assertion:",
        ),
    ] {
        let claims = foreign(iss)
            .with("aud", "\"api://AzureADTokenExchange\"")
            .with("sub", &json!(sub).to_string());
        let explanation = explain(&stranger(claims));
        assert_eq!(findings(&explanation), ["workload-token"], "{iss}");
        assert!(
            explanation.findings[0].message.contains(message),
            "{}",
            explanation.findings[0].message
        );
    }
    // Entra itself issues those of Azure DevOps, in a tenant of Microsoft's.
    let tenant = "c17f03ae-94b2-4e6d-8a5c-2d90f7b6e138";
    let claims = v2()
        .with("aud", "\"fb60f99c-7a34-4190-8149-302f77469936\"")
        .with(
            "iss",
            &json!(format!("https://login.microsoftonline.com/{tenant}/v2.0")).to_string(),
        )
        .with("tid", &json!(tenant).to_string())
        .with("sub", "\"/eid1/c/pub/t/x/a/y/sc/org/connection\"");
    let explanation = explain(&sign(claims));
    assert_eq!(findings(&explanation)[0], "workload-token");
    assert!(explanation.findings[0].message.contains("of Azure DevOps"));
}

#[test]
fn tokens_for_the_clients_of_azure_signalr_and_assertions_to_a_tenant_are_told() {
    let claims = foreign("x")
        .without("iss")
        .with("aud", "\"https://contoso.service.signalr.net/client/?hub=chat\"");
    let explanation = explain(&secretly(claims));
    assert_eq!(findings(&explanation), ["other-issuer"]);
    assert!(explanation.findings[0].message.contains("the clients of Azure SignalR"));
    let client = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";
    let claims = foreign(client).with("sub", &json!(client).to_string()).with(
        "aud",
        &json!(format!("https://login.microsoftonline.com/{TENANT}")).to_string(),
    );
    assert_eq!(findings(&explain(&stranger(claims))), ["client-assertion"]);
}

#[test]
fn an_issuer_that_no_setting_could_hold_is_not_offered_as_one() {
    for iss in [
        "https://x.example/\u{202e}y",
        "https://x.example/a b",
        "https://x.example/\"q",
    ] {
        let explanation = explain(&stranger(foreign(iss)));
        assert_eq!(findings(&explanation), ["other-issuer"], "{iss}");
        assert!(!explanation.findings[0].hint.contains("ENTRA_AUTHORITY"), "{iss}");
    }
}
