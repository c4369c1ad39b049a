//! Tokens of another tenant, another cloud, the other version, or of a key that nobody shows.

use entra_jwt_verify::Algorithm;
use entra_jwt_verify::explain::issuers;
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, NOW, P256, RSA, Signer, TENANT, header, sign, v1, v2};
use crate::said::{assert_hint, check, explain, explain_with, failed, findings};

const OTHER_TENANT: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";

#[test]
fn a_token_of_the_other_version_is_recognised() {
    let (v1_issuer, v2_issuer) = (
        format!("https://sts.windows.net/{TENANT}/"),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
    );
    for (issuer, claims, mention) in [
        (&v2_issuer, v1(), "requestedAccessTokenVersion 2"),
        // v2 is the version of today: nobody is told to go back.
        (&v1_issuer, v2(), "leave the option issuer out"),
    ] {
        let narrowed = explain_with(json!({ "issuer": issuer }), &sign(claims.clone()));
        let exact = Judge::by(&json!({ "issuer": issuer, "audience": [CLIENT, format!("api://{CLIENT}")] }));
        for explanation in [narrowed, exact.explain(&sign(claims))] {
            assert_eq!(findings(&explanation), ["other-version"]);
            assert_hint(&explanation, "issuer", mention);
            assert!(!explanation.findings[0].hint.contains("null"));
        }
    }
}

#[test]
fn another_tenant_is_recognised() {
    let of = |tenant: &str| {
        v2().with("tid", &json!(tenant).to_string()).with(
            "iss",
            &json!(format!("https://login.microsoftonline.com/{tenant}/v2.0")).to_string(),
        )
    };
    let explanation = explain(&sign(of(OTHER_TENANT)));
    assert_eq!(findings(&explanation), ["other-tenant"]);
    assert_hint(&explanation, "tenant", "ENTRA_TENANT_ID (option tenantId) to it");
    assert_hint(
        &explanation,
        "tenant",
        &format!("set the option allowedTenants to ['{TENANT}', '{OTHER_TENANT}']"),
    );
    assert_eq!(check(&explanation, "tenant").found.as_deref(), Some(OTHER_TENANT));
    let third = "5f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e";
    let several = json!({ "tenantId": "common", "allowedTenants": [TENANT, third] });
    assert_hint(
        &explain_with(several, &sign(of(OTHER_TENANT))),
        "tenant",
        &format!("add '{OTHER_TENANT}' to the option allowedTenants"),
    );
    // Who has customers is not told to make them all one tenant's.
    for options in [
        json!({ "tenantId": "organizations", "allowedTenants": [third] }),
        json!({ "allowedTenants": [TENANT, third] }),
    ] {
        let explanation = explain_with(options, &sign(of(OTHER_TENANT)));
        assert_eq!(findings(&explanation), ["other-tenant"]);
        assert_hint(&explanation, "tenant", "if tenant");
        let hint = &explanation.findings[0].hint;
        assert!(
            !hint.contains("authority") && !hint.contains("ENTRA_TENANT_ID"),
            "{hint}"
        );
    }
    let bot = explain(&sign(of("d6d49420-f39b-4df7-a1dc-d59a935871db")));
    assert_eq!(findings(&bot), ["bot-token"]);
    assert!(bot.findings[0].hint.contains("never add this tenant to allowedTenants"));
    let cli = of(OTHER_TENANT).with("azp", "\"04b07795-8ddb-461a-bbee-02f9e1bf7b46\"");
    assert_hint(&explain(&sign(cli)), "tenant", &format!("az login --tenant {TENANT}"));
    let personal = explain(&sign(of("9188040d-6c67-4c5b-b112-36a304b66dad")));
    assert_eq!(findings(&personal), ["other-tenant"]);
    assert_hint(&personal, "tenant", "personal accounts");
    let every = json!({ "tenantId": "organizations", "allowedTenants": "*" });
    let personal = explain_with(every, &sign(of("9188040d-6c67-4c5b-b112-36a304b66dad")));
    assert_eq!(findings(&personal), ["other-tenant"]);
    assert_hint(&personal, "tenant", "set ENTRA_TENANT_ID (option tenantId) to common");
}

#[test]
fn another_cloud_is_recognised_by_its_issuer_and_by_its_key() {
    for (iss, ver, host) in [
        (
            format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
            "2.0",
            "https://login.microsoftonline.us",
        ),
        (
            format!("https://sts.chinacloudapi.cn/{TENANT}/"),
            "1.0",
            "https://login.partner.microsoftonline.cn",
        ),
    ] {
        let claims = v1()
            .with("iss", &json!(iss).to_string())
            .with("ver", &json!(ver).to_string());
        let explanation = explain(&sign(claims));
        assert_eq!(findings(&explanation), ["other-cloud"]);
        assert_hint(
            &explanation,
            "issuer",
            &format!("ENTRA_AUTHORITY_HOST (option authorityHost) to {host}"),
        );
    }
    let key = RSA.jwk_with(&json!({ "cloud_instance_name": "microsoftonline.us" }));
    let explanation = Judge::with(json!({})).keys([key]).explain(&sign(v1()));
    assert_eq!(findings(&explanation), ["other-cloud"]);
    assert_hint(&explanation, "key", "ENTRA_AUTHORITY_HOST");
    let found = check(&explanation, "key").found.as_deref().unwrap();
    assert!(found.contains("microsoftonline.us"), "{found}");
}

#[test]
fn an_issuer_and_a_host_that_disagree_are_told() {
    let host = "http://127.0.0.1:44339";
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let options = json!({ "issuer": issuer, "authorityHost": host });
    let of_host = v2().with("iss", &json!(format!("{host}/{TENANT}/v2.0")).to_string());
    for claims in [v1(), of_host] {
        let key = RSA.jwk_with(&json!({ "cloud_instance_name": "127.0.0.1" }));
        let explanation = Judge::with(options.clone()).keys([key]).explain(&sign(claims));
        assert_eq!(findings(&explanation)[0], "other-cloud");
        for part in ["name one host", "issuer is of https://login.microsoftonline.com,", host] {
            assert_hint(&explanation, "key", part);
        }
    }
}

#[test]
fn external_id_is_recognised_where_a_cloud_is_configured() {
    let claims = || {
        v2().with(
            "iss",
            &json!(format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0")).to_string(),
        )
    };
    let unknown = Signer::rsa("unknown").sign(Algorithm::RS256, &claims());
    for (token, check) in [(sign(claims()), "issuer"), (unknown, "key")] {
        let explanation = explain(&token);
        assert_eq!(findings(&explanation), ["external-id"]);
        assert_hint(&explanation, check, &format!("https://{TENANT}.ciamlogin.com"));
    }
    // Under the name of the tenant it is no issuer of Entra's.
    let by_name = v2().with(
        "iss",
        &json!(format!("https://contoso.ciamlogin.com/{TENANT}/v2.0")).to_string(),
    );
    assert_eq!(findings(&explain(&sign(by_name))), ["other-issuer"]);
}

#[test]
fn an_unknown_key_of_the_right_tenant_is_what_custom_signing_keys_look_like() {
    let unknown = Signer::rsa("unknown");
    for (options, claims, mention) in [
        (
            json!({ "audience": "api://tasks" }),
            v1().with("aud", "\"api://tasks\""),
            "check that ENTRA_CLIENT_ID",
        ),
        (
            json!({ "clientId": null, "audience": CLIENT }),
            v2(),
            "set ENTRA_CLIENT_ID (option clientId) to",
        ),
        (
            json!({ "clientId": OTHER_TENANT, "audience": CLIENT }),
            v2(),
            "the token is for the application",
        ),
    ] {
        let explanation = explain_with(options, &unknown.sign(Algorithm::RS256, &claims));
        assert_eq!(findings(&explanation), ["custom-signing-keys"]);
        assert_hint(&explanation, "key", mention);
    }
    // The keys of this very application were asked for.
    let explanation = explain(&unknown.sign(Algorithm::RS256, &v2()));
    assert_eq!(
        (failed(&explanation), findings(&explanation)),
        (vec!["key"], vec!["unknown-key"])
    );
    // Of another tenant no key is expected.
    let other = v2().with("tid", &json!(OTHER_TENANT).to_string()).with(
        "iss",
        &json!(format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0")).to_string(),
    );
    for options in [json!({}), json!({ "clientId": null, "audience": CLIENT })] {
        let explanation = explain_with(options, &unknown.sign(Algorithm::RS256, &other));
        assert_eq!(findings(&explanation), ["other-tenant"]);
        assert_hint(&explanation, "key", "ENTRA_TENANT_ID");
    }
}

#[test]
fn a_key_of_another_type_or_none_is_no_matter_of_custom_signing_keys() {
    let other_type = P256.token(Algorithm::ES256, header(&RSA, Algorithm::ES256), v2());
    let explanation = explain_with(json!({ "algorithms": "ES256" }), &other_type);
    assert_eq!((failed(&explanation), findings(&explanation)), (vec!["key"], vec![]));
    let unnamed = RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256).without("kid"), v2());
    let explanation = explain(&unnamed);
    assert_eq!(
        (failed(&explanation), findings(&explanation)),
        (vec!["key"], vec!["not-entra"])
    );
    assert_eq!(check(&explanation, "key").found.as_deref(), Some("neither kid nor x5t"));
}

#[test]
fn an_old_token_may_have_outlived_its_key() {
    let unknown = Signer::rsa("unknown");
    for (seconds, expected) in [
        (-90_000.0, vec!["rolled-key"]),
        (-80_000.0, vec!["unknown-key", "expired-token"]),
    ] {
        let claims = v2().with("exp", &(NOW + seconds).to_string());
        let explanation = explain(&unknown.sign(Algorithm::RS256, &claims));
        assert_eq!(findings(&explanation), expected, "{seconds}");
        assert_hint(&explanation, "key", "get a new token");
    }
}

#[test]
fn a_key_that_is_published_for_others_is_told() {
    let key = RSA
        .jwk_with(&json!({ "issuer": "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0" }));
    let explanation = Judge::with(json!({})).keys([key]).explain(&sign(v2()));
    assert_eq!(findings(&explanation), ["key-of-another-issuer"]);
    assert_hint(&explanation, "key-issuer", "ENTRA_TENANT_ID");
    let own = RSA.jwk_with(&json!({ "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0" }));
    assert_eq!(
        findings(&Judge::with(json!({})).keys([own]).explain(&sign(v2()))),
        [""; 0]
    );
}

#[test]
fn the_issuers_of_a_policy_are_told() {
    let of = |options: Value, discovered| issuers(&crate::common::policy(&options).unwrap(), discovered);
    assert_eq!(
        of(
            json!({ "tenantId": "common", "allowedTenants": "*", "audience": "a" }),
            None
        ),
        [
            "https://sts.windows.net/{tenantid}/",
            "https://login.microsoftonline.com/{tenantid}/v2.0"
        ]
    );
    let foreign = json!({ "authority": "https://accounts.example.com", "audience": "a" });
    assert_eq!(of(foreign.clone(), None), [""; 0]);
    assert_eq!(
        of(foreign, Some("https://accounts.example.com")),
        ["https://accounts.example.com"]
    );
    assert_eq!(of(json!({ "issuer": "i", "audience": "a" }), None), ["i"]);
}
