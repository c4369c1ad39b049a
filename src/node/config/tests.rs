//! Every option reaches its setting, and a wrong one is named.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::key_sources::sources;
use super::*;
use crate::keys::{KeyLocation, KeySourceConfig, Proxy};

const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";

/// The default options with these changes.
fn options(changes: Value) -> Result<Options, Error> {
    let mut options = json!({ "tenantId": TENANT, "audience": "a" });
    let Value::Object(changes) = changes else {
        panic!("not an object")
    };
    for (name, value) in changes {
        options[name] = value;
    }
    Options::parse(&options.to_string())
}

fn with(changes: Value) -> Result<Verifier, Error> {
    verifier(&options(changes)?, None)
}

fn refused_option(changes: Value) -> &'static str {
    match with(changes).unwrap_err() {
        Error::Config { option, .. } => option,
        other => panic!("{other:?}"),
    }
}

fn sources_of(changes: Value, no_proxy: Option<&str>) -> KeySourceConfig {
    let options = options(changes).unwrap();
    let policy = policy(&options).unwrap();
    let sources = sources(&options, &policy, no_proxy).unwrap();
    sources.iter().next().cloned().unwrap()
}

#[test]
fn every_option_reaches_its_setting() {
    let refused = |option: &str, changes: Value| assert_eq!(refused_option(changes), option, "{option}");
    assert!(with(json!({})).is_ok());
    for option in [
        "tenantId",
        "authorityHost",
        "issuer",
        "clientId",
        "jwksUri",
        "proxy",
        "ca",
    ] {
        for value in [json!(""), json!(1), json!({}), json!([1])] {
            refused(option, json!({ option: value }));
        }
    }
    refused("authority", json!({ "authority": "https://accounts.example.com" }));
    refused("authority", json!({ "tenantId": null, "authority": "" }));
    for option in [
        "audience",
        "allowedTenants",
        "allowedClients",
        "requiredRoles",
        "requiredScopes",
        "algorithms",
    ] {
        for value in [json!(""), json!([]), json!(["a", ""]), json!([1]), json!(1), json!({})] {
            refused(option, json!({ option: value }));
        }
    }
    refused("requiredScopes", json!({ "requiredScopes": "a b" }));
    refused("tenantId", json!({ "tenantId": "contoso" }));
    refused("tenantId", json!({ "tenantId": null }));
    refused("audience", json!({ "audience": null }));
    refused("authorityHost", json!({ "authorityHost": "http://example.com" }));
    for value in [json!(["*", TENANT]), json!("contoso.com"), json!("**")] {
        refused("allowedTenants", json!({ "allowedTenants": value }));
    }
    assert!(with(json!({ "tenantId": "common", "allowedTenants": "*" })).is_ok());
}

#[test]
fn callers_are_restricted_by_the_options_of_their_names() {
    let options = json!({
        "tenantId": TENANT,
        "audience": "a",
        "allowedClients": ["8d1e6c2f-405b-4c1f-8b64-203070100b22"],
        "requiredRoles": "r",
        "requiredScopes": ["s", "t"],
    });
    let policy = policy(&Options::parse(&options.to_string()).unwrap()).unwrap();
    assert_eq!(policy.callers.clients, ["8d1e6c2f-405b-4c1f-8b64-203070100b22"]);
    assert_eq!(policy.callers.roles, ["r"]);
    assert_eq!(policy.callers.scopes, ["s", "t"]);
}

#[test]
fn symmetric_and_unsigned_are_no_algorithms() {
    for names in [
        json!(["RS256", "HS256"]),
        json!(["none"]),
        json!(["rs256"]),
        json!([null]),
        json!("EdDSA"),
    ] {
        assert_eq!(refused_option(json!({ "algorithms": names })), "algorithms");
    }
    assert!(with(json!({ "algorithms": ["ES512", "PS256"] })).is_ok());
}

#[test]
fn bounds_of_numbers() {
    for (option, value) in [
        ("clockTolerance", json!(300.1)),
        ("clockTolerance", json!(-0.1)),
        ("clockTolerance", json!("5")),
        ("maxTokenLength", json!(255)),
        ("maxTokenLength", json!(1_048_577)),
        ("tokenCache", json!(0)),
        ("tokenCache", json!(true)),
        ("tokenCache", json!(1_000_001)),
    ] {
        assert_eq!(refused_option(json!({ option: value })), option);
    }
    for (option, value) in [
        ("clockTolerance", json!(300)),
        ("clockTolerance", json!(0)),
        ("maxTokenLength", json!(256)),
        ("maxTokenLength", json!(1_048_576)),
        ("tokenCache", json!(1)),
        ("tokenCache", json!(false)),
    ] {
        assert!(with(json!({ option: value })).is_ok(), "{option}");
    }
    assert!(with(json!({ "tokenCache": false })).unwrap().token_cache().is_none());
    assert!(with(json!({})).unwrap().token_cache().is_some());
}

#[test]
fn mistakes_that_are_often_made_are_told() {
    let id = "4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e";
    for (options, expected) in [
        (
            json!({ "clientId": format!("api://{id}") }),
            "got an App ID URI: the id is the GUID in it",
        ),
        (json!({ "clientId": "api://tasks" }), "got an App ID URI"),
        (json!({ "clientId": &id[1..] }), "got a GUID with one digit too few"),
        (json!({ "tenantId": &id[1..] }), "with one digit too few"),
        (
            json!({ "tenantId": [id, TENANT] }),
            "expected one tenant, got an array of length 2",
        ),
        (json!({ "jwksUri": "http://keys.example/a" }), "got an http URL"),
        (
            json!({ "jwksUri": "https://a:b@keys.example" }),
            "got one with credentials",
        ),
        (json!({ "jwksUri": "keys.example" }), "got a string that is not a URL"),
        (
            json!({ "clockTolerance": 60_000 }),
            "got 60000; it is in seconds: did you mean 60?",
        ),
        (
            json!({ "keys": { "timeout": 5000 } }),
            "it is in seconds: did you mean 5?",
        ),
    ] {
        let error = with(options.clone()).unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with(expected), "{text}");
        let points_to_list = error
            .hint()
            .contains("the option allowedTenants in the code to an array");
        assert_eq!(points_to_list, options["tenantId"].is_array(), "{text}");
    }
    let too_long = with(json!({ "clockTolerance": 301 })).unwrap_err().to_string();
    assert!(too_long.ends_with("got 301"), "{too_long}");
}

#[test]
fn bounds_of_times() {
    for (option, value) in [
        ("timeout", json!(0)),
        ("timeout", json!(61)),
        ("cooldown", json!(0)),
        ("retention", json!(-1)),
        ("refreshInterval", json!("1")),
        ("refreshInterval", json!(0)),
    ] {
        assert_eq!(refused_option(json!({ "keys": { option: value } })), option);
    }
    let source = sources_of(json!({ "keys": { "retention": 0, "timeout": 0.1 } }), None);
    assert_eq!(source.cache.retention, Duration::ZERO);
    assert_eq!(source.timeout, Duration::from_millis(100));
    assert_eq!(refused_option(json!({ "keys": 1 })), "keys");
    assert_eq!(refused_option(json!({ "keys": { "tiemout": 1 } })), "keys");
}

#[test]
fn static_keys_must_be_usable_and_cannot_ask_for_the_issuer() {
    for jwks in [
        json!([]),
        json!({}),
        json!({ "keys": [] }),
        json!({ "keys": [{ "kty": "oct", "k": "AA", "kid": "a" }] }),
    ] {
        assert_eq!(refused_option(json!({ "jwks": jwks })), "jwks");
    }
    let key = json!({ "kty": "RSA", "kid": "a", "e": "AQAB", "n": format!("{}w", "v".repeat(341)) });
    let jwks = json!({ "keys": [key] });
    assert!(with(json!({ "jwks": jwks })).is_ok());
    // What keys are fetched with has no effect then, but is no less checked.
    for (option, value, refused) in [
        ("keys", json!({ "retention": "never" }), "retention"),
        ("keys", json!("x"), "keys"),
        ("ca", json!(5), "ca"),
        ("proxy", json!("proxy.example"), "proxy"),
        ("jwksUri", json!("http://issuer.example/"), "jwksUri"),
    ] {
        assert_eq!(refused_option(json!({ "jwks": jwks, option: value })), refused);
    }
    assert!(with(json!({ "jwks": jwks, "jwksUri": false, "keys": { "timeout": 5 } })).is_ok());
    assert_eq!(
        refused_option(json!({ "jwks": jwks, "tenantId": "contoso.onmicrosoft.com" })),
        "jwks"
    );
    assert_eq!(
        refused_option(json!({ "jwks": jwks, "tenantId": null, "authority": "https://accounts.example.com" })),
        "jwks"
    );
}

#[test]
fn a_key_url_must_be_secure() {
    let issuer = |url: &str| json!({ "tenantId": null, "issuer": "i", "jwksUri": url });
    assert!(with(issuer("http://127.0.0.1:1/keys")).is_ok());
    for url in [
        "http://example.com/keys",
        "https://user:secret@example.com/",
        "keys",
        "file:///keys",
    ] {
        let error = with(issuer(url)).unwrap_err();
        assert_eq!(error.code(), "ERR_CONFIG");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert_eq!(
        refused_option(json!({ "tenantId": null, "issuer": "https://issuer.example" })),
        "jwksUri"
    );
}

#[test]
fn keys_that_the_application_gives_have_no_url() {
    let location = |changes: Value| sources_of(changes, None).location;
    assert_eq!(location(json!({ "jwksUri": false })), KeyLocation::Given);
    assert!(matches!(location(json!({})), KeyLocation::EitherJwkSet { .. }));
    for value in [json!(true), json!(0), json!("")] {
        assert_eq!(refused_option(json!({ "jwksUri": value })), "jwksUri");
    }
    for changes in [
        json!({ "tenantId": "contoso.onmicrosoft.com" }),
        json!({ "tenantId": null, "authority": "https://accounts.example.com" }),
    ] {
        let mut changes = changes;
        changes["jwksUri"] = json!(false);
        assert_eq!(refused_option(changes), "jwksUri");
    }
    // They are those of one verifier, and of no other with the same settings.
    let one = with(json!({ "jwksUri": false })).unwrap();
    let other = with(json!({ "jwksUri": false })).unwrap();
    let same = |one: &Verifier, other: &Verifier| {
        one.sources()
            .zip(other.sources())
            .any(|(one, other)| std::sync::Arc::ptr_eq(one, other))
    };
    assert!(!same(&one, &other));
}

#[test]
fn a_proxy_is_an_http_url() {
    for proxy in ["proxy:8080", "socks5://proxy", ""] {
        assert_eq!(refused_option(json!({ "proxy": proxy })), "proxy");
    }
    let with_proxy = |no_proxy| sources_of(json!({ "proxy": "http://proxy.example:8080" }), no_proxy).proxy;
    assert_eq!(with_proxy(None), Some(Proxy::new("http://proxy.example:8080")));
    let list = r#"[["domain","a.example",null,null]]"#;
    assert_eq!(with_proxy(Some(list)).unwrap().except.len(), 1);
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn any_options_make_a_verifier_or_an_error_about_options(
        name in "tenantId|clientId|audience|authorityHost|issuer|algorithms|clockTolerance|maxTokenLength|jwks|jwksUri|keys|ca|proxy|tokenCache|allowedTenants|allowedClients|requiredRoles|requiredScopes",
        value in json_value(),
    ) {
        if let Err(error) = with(json!({ name: value })) {
            prop_assert_eq!(error.code(), "ERR_CONFIG");
        }
    }
}
