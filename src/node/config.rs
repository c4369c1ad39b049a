//! Options, JSON -> policy, keys, verifier. The core's own types check what the values mean; here they get their types.

use std::time::Duration;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use url::Url;

use super::options::{Options, in_authority, refused};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::keys::{CacheSettings, InitialKeys, JwkSet, KeyLocation, KeySet, KeySourceConfig, Proxy, ProxyException};
use crate::policy::{AllowedTenants, BoundTokens, Policy};
use crate::secure_url::{has_no_credentials, is_secure};
use crate::time::ClockTolerance;
use crate::verifier::{ByVersion, Verifier, given_keys, key_locations};

const DAY: f64 = 86_400.0;

/// The verifier that the options describe. `no_proxy` says what `proxy` is not for, as `lib/core/proxies.js` hands it over.
pub(super) fn verifier(options: &Options, no_proxy: Option<&str>) -> Result<Verifier, Error> {
    let verifier = match options.authorities()? {
        None => of_one(options, no_proxy)?,
        Some(all) => {
            let all = with_keys_of_their_own(all)?.into_iter().enumerate();
            let verifiers = all.map(|(at, one)| of_one(&one, no_proxy).map_err(|error| in_authority(error, at)));
            Verifier::of_several(verifiers.collect::<Result<_, _>>()?)?
        }
    };
    Ok(verifier.with_token_cache(token_cache(options)?))
}

/// `initialKeys` that hold those of several authorities, by URL, are left out where the keys are static, and where the URL does
/// not say whose the keys are: another authority has the same, and takes its keys from elsewhere.
fn with_keys_of_their_own(mut all: Vec<Options>) -> Result<Vec<Options>, Error> {
    let place = |options: &Options| {
        let policy = policy(options)?;
        let is_static = options.value("jwks").is_some();
        let location = if is_static {
            None
        } else {
            Some(locations(options, &policy)?)
        };
        Ok((policy.authority_url(), location))
    };
    let places = all.iter().enumerate();
    let places = places.map(|(at, one)| place(one).map_err(|error| in_authority(error, at)));
    let places: Vec<_> = places.collect::<Result<_, _>>()?;
    for (options, (url, location)) in all.iter_mut().zip(&places) {
        let is_namesake = |(other_url, other): &(String, _)| other_url == url && other != location;
        if location.is_none() || places.iter().any(is_namesake) {
            options.drop_named_keys();
        }
    }
    Ok(all)
}

fn of_one(options: &Options, no_proxy: Option<&str>) -> Result<Verifier, Error> {
    let policy = policy(options)?;
    let Some(keys) = static_keys(options)? else {
        let sources = sources(options, &policy, no_proxy)?;
        return Ok(Verifier::fetching(policy, sources));
    };
    if options.value("initialKeys").is_some() {
        return Err(Error::config(
            "initialKeys",
            "give either jwks, which are never refreshed, or initialKeys, which are",
        ));
    }
    Verifier::new(policy, keys)
}

/// The policy that the options describe.
pub(super) fn policy(options: &Options) -> Result<Policy, Error> {
    let mut builder = Policy::builder();
    if let Some(text) = options.text("authority")? {
        builder = builder.authority(text);
    }
    if let Some(text) = options.text("authorityHost")? {
        builder = builder.authority_host(text);
    }
    if let Some(text) = options.text("tenantId")? {
        builder = builder.tenant_id(text);
    }
    if let Some(text) = options.text("issuer")? {
        builder = builder.issuer(text);
    }
    if let Some(texts) = options.texts("allowedTenants")? {
        let tenants = AllowedTenants::parse(&texts)
            .map_err(|text| Error::config_text("allowedTenants", text, "tenant ids (GUIDs), or only \"*\""))?;
        builder = builder.allowed_tenants(tenants);
    }
    if let Some(text) = options.text("clientId")? {
        builder = builder.client_id(text);
    }
    if let Some(texts) = options.texts("audience")? {
        builder = builder.audience(texts);
    }
    if let Some(texts) = options.texts("allowedClients")? {
        builder = builder.allowed_clients(texts);
    }
    if let Some(texts) = options.texts("requiredRoles")? {
        builder = builder.required_roles(texts);
    }
    if let Some(texts) = options.texts("requiredScopes")? {
        builder = builder.required_scopes(texts);
    }
    if let Some(algorithms) = algorithms(options)? {
        builder = builder.algorithms(algorithms);
    }
    if let Some(name) = options.text("boundTokens")? {
        let bound_tokens = BoundTokens::from_name(name)
            .ok_or_else(|| Error::config_text("boundTokens", name, "refuse, mtls or ignore"))?;
        builder = builder.bound_tokens(bound_tokens);
    }
    let longest = ClockTolerance::MAX.as_secs_f64();
    if let Some(tolerance) = duration(options, "clockTolerance", 0.0, longest)? {
        builder = builder.clock_tolerance(tolerance);
    }
    let (least, most) = (Policy::MAX_TOKEN_LENGTH.start(), Policy::MAX_TOKEN_LENGTH.end());
    if let Some(bytes) = count(options, "maxTokenLength", *least, *most, "bytes")? {
        builder = builder.max_token_length(bytes);
    }
    builder.build()
}

/// The keys in `jwks`, if it is given.
pub(super) fn static_keys(options: &Options) -> Result<Option<KeySet>, Error> {
    let Some(document) = options.value("jwks") else {
        return Ok(None);
    };
    let set = JwkSet::parse(document.to_string().as_bytes());
    let set = set.map_err(|error| Error::config("jwks", error.to_string()))?;
    Ok(Some(set.into()))
}

/// Where the keys are, where they are not given.
pub(super) fn locations(options: &Options, policy: &Policy) -> Result<ByVersion<KeyLocation>, Error> {
    if options.value("jwksUri").is_some_and(|value| value == false) {
        given_keys(policy)
    } else {
        key_locations(policy, jwks_uri(options)?)
    }
}

fn sources(options: &Options, policy: &Policy, no_proxy: Option<&str>) -> Result<ByVersion<KeySourceConfig>, Error> {
    let keys = options.nested("keys", &["refreshInterval", "retention", "cooldown", "timeout"])?;
    let mut cache = CacheSettings::default();
    if let Some(interval) = duration(&keys, "refreshInterval", 1.0, 30.0 * DAY)? {
        cache.refresh_interval = interval;
    }
    if let Some(retention) = duration(&keys, "retention", 0.0, 30.0 * DAY)? {
        cache.retention = retention;
    }
    if let Some(cooldown) = duration(&keys, "cooldown", 1.0, DAY)? {
        cache.cooldown = cooldown;
    }
    let timeout = duration(&keys, "timeout", 0.1, 60.0)?.unwrap_or(KeySourceConfig::DEFAULT_TIMEOUT);
    let ca = certificates(options)?;
    let proxy = proxy(options, no_proxy)?;
    let locations = locations(options, policy)?;
    let initial = initial_keys(options, policy, &locations)?;
    Ok(locations.map(|location| KeySourceConfig {
        initial: initial.clone(),
        cache: cache.clone(),
        timeout,
        ca: ca.clone(),
        proxy: proxy.clone(),
        ..KeySourceConfig::new(location)
    }))
}

/// The keys to start with, checked as far as that can be done before they are used.
fn initial_keys(
    options: &Options,
    policy: &Policy,
    locations: &ByVersion<KeyLocation>,
) -> Result<Option<InitialKeys>, Error> {
    let Some(exported) = options.value("initialKeys") else {
        return Ok(None);
    };
    let document = match exported.get("authorities") {
        None => exported,
        Some(sets) => match sets.get(policy.authority_url()) {
            Some(set) => set,
            None => return Ok(None),
        },
    };
    let initial = InitialKeys::parse(&document.to_string()).map_err(|error| {
        Error::config(
            "initialKeys",
            format!("expected the return value of exportKeys(): {error}"),
        )
    })?;
    for location in locations.iter() {
        if !initial.is_for(location) {
            let problem = "expected the return value of exportKeys() with the member issuer of this authority, got one \
                           without it or with another issuer";
            return Err(Error::config("initialKeys", problem));
        }
    }
    Ok(Some(initial))
}

fn token_cache(options: &Options) -> Result<Option<usize>, Error> {
    if options.value("tokenCache").is_some_and(|value| value == false) {
        return Ok(None);
    }
    let entries = count(options, "tokenCache", 1, 1_000_000, "entries")?;
    Ok(Some(entries.unwrap_or(Verifier::DEFAULT_TOKEN_CACHE)))
}

fn algorithms(options: &Options) -> Result<Option<Vec<Algorithm>>, Error> {
    let Some(names) = options.texts("algorithms")? else {
        return Ok(None);
    };
    let read = |name| {
        Algorithm::from_name(name).ok_or_else(|| {
            let all = Algorithm::ALL.map(Algorithm::name).join(", ");
            Error::config_text("algorithms", name, &format!("one of {all}"))
        })
    };
    names.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}

fn duration(options: &Options, name: &'static str, least: f64, most: f64) -> Result<Option<Duration>, Error> {
    let seconds = options.number(name, least, most, "seconds")?;
    // The bounds are checked: not negative, and far below what a duration can hold.
    seconds
        .map(|seconds| Duration::try_from_secs_f64(seconds).map_err(|_| Error::Internal))
        .transpose()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the bounds are checked, and small"
)]
fn count(options: &Options, name: &'static str, least: usize, most: usize, unit: &str) -> Result<Option<usize>, Error> {
    let number = options.number(name, least as f64, most as f64, unit)?;
    Ok(number.map(|number| number as usize))
}

fn jwks_uri(options: &Options) -> Result<Option<Url>, Error> {
    let Some(text) = options.text("jwksUri")? else {
        return Ok(None);
    };
    let url = Url::parse(text)
        .ok()
        .filter(|url| is_secure(url) && has_no_credentials(url));
    url.map(Some).ok_or_else(|| {
        let expected = "an https URL without credentials (http only for a loopback address), or false";
        refused("jwksUri", &text.into(), expected)
    })
}

/// PEM with at least one certificate in each text. Passing a file name is an easy mistake.
fn certificates(options: &Options) -> Result<Vec<String>, Error> {
    let texts = options.texts("ca")?.unwrap_or_default();
    let holds_certificates = |pem: &&str| {
        let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).peekable();
        certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok())
    };
    if !texts.iter().all(holds_certificates) {
        let problem =
            "expected the text of PEM certificates, got another value; pass the content of a file, not its name";
        return Err(Error::config("ca", problem));
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}

/// The proxy, and what it is not for.
pub(super) fn proxy(options: &Options, no_proxy: Option<&str>) -> Result<Option<Proxy>, Error> {
    let Some(text) = options.text("proxy")? else {
        return Ok(None);
    };
    let is_proxy = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !is_proxy {
        return Err(refused(
            "proxy",
            &text.into(),
            "the http or https URL of a forward proxy",
        ));
    }
    let mut proxy = Proxy::new(text);
    if let Some(list) = no_proxy {
        proxy.except = ProxyException::list_from_json(list).ok_or(Error::Internal)?;
    }
    Ok(Some(proxy))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";

    /// Compiles the default options with these changes.
    fn with(changes: Value) -> Result<Verifier, Error> {
        let mut options = json!({ "tenantId": TENANT, "audience": "a" });
        let Value::Object(changes) = changes else {
            panic!("not an object")
        };
        for (name, value) in changes {
            options[name] = value;
        }
        verifier(&Options::parse(&options.to_string())?, None)
    }

    fn refused_option(changes: Value) -> &'static str {
        match with(changes).unwrap_err() {
            Error::Config { option, .. } => option,
            other => panic!("{other:?}"),
        }
    }

    fn sources_of(changes: Value, no_proxy: Option<&str>) -> KeySourceConfig {
        let mut options = json!({ "tenantId": TENANT, "audience": "a" });
        let Value::Object(changes) = changes else {
            panic!("not an object")
        };
        for (name, value) in changes {
            options[name] = value;
        }
        let options = Options::parse(&options.to_string()).unwrap();
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
}
