//! More than one tenant: which are acceptable, whose keys count for which version, and a domain that stands for one.

use std::cell::RefCell;
use std::sync::Arc;

use entra_jwt_verify::keys::{JwkSet, KeyLookup, KeySet};
use entra_jwt_verify::policy::Version;
use entra_jwt_verify::token::KeyReference;
use entra_jwt_verify::{Algorithm, Error, IssuerProblem, KeyUnknown, Keys, TenantProblem};
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, Object, RSA, TENANT, sign, v1, v2};

const OTHER: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const NOT_ALLOWED: Result<(), Error> = Err(Error::TokenTenant(TenantProblem::NotAllowed));

fn of(tenant: &str) -> [Object; 2] {
    [
        v1().with("iss", &format!("\"https://sts.windows.net/{tenant}/\"")),
        v2().with("iss", &format!("\"https://login.microsoftonline.com/{tenant}/v2.0\"")),
    ]
    .map(|claims| claims.with("tid", &format!("\"{tenant}\"")))
}

/// The verdict on tokens of either version, which has to be the same.
fn judge(options: &Value, tenant: &str) -> Result<(), Error> {
    let judge = Judge::by(options);
    let [of_v1, of_v2] = of(tenant).map(|claims| judge.judge(&sign(claims)));
    assert_eq!(of_v1, of_v2, "{options} {tenant}");
    of_v1
}

fn options(tenant: &str, allowed: &Value) -> Value {
    json!({ "tenantId": tenant, "clientId": CLIENT, "allowedTenants": allowed })
}

#[test]
fn who_is_allowed_is_never_guessed() {
    for tenant in ["common", "organizations", "consumers"] {
        let without = options(tenant, &Value::Null);
        let Err(Error::Config { option, .. }) = Judge::try_by(&without).map(drop) else {
            panic!("{tenant}");
        };
        assert_eq!(option, "allowedTenants");
    }
}

#[test]
fn the_tenants_of_a_list_are_allowed_and_no_others() {
    for tenant in ["common", "organizations", TENANT] {
        let list = options(tenant, &json!([OTHER, TENANT.to_uppercase()]));
        assert_eq!(judge(&list, TENANT), Ok(()), "{tenant}");
        assert_eq!(judge(&list, OTHER), Ok(()), "{tenant}");
        assert_eq!(judge(&list, PERSONAL), NOT_ALLOWED, "{tenant}");
        assert_eq!(
            judge(&list, "00000000-0000-0000-0000-000000000000"),
            NOT_ALLOWED,
            "{tenant}"
        );
    }
    // A list replaces the tenant.
    assert_eq!(judge(&options(TENANT, &json!(OTHER)), TENANT), NOT_ALLOWED);
}

#[test]
fn a_star_allows_every_organization_and_personal_accounts_only_under_common() {
    for tenant in ["organizations", TENANT] {
        let all = options(tenant, &json!("*"));
        assert_eq!(judge(&all, OTHER), Ok(()), "{tenant}");
        assert_eq!(judge(&all, PERSONAL), NOT_ALLOWED, "{tenant}");
    }
    assert_eq!(judge(&options("common", &json!("*")), PERSONAL), Ok(()));
    let consumers = options("consumers", &json!("*"));
    assert_eq!(judge(&consumers, PERSONAL), Ok(()));
    assert_eq!(judge(&consumers, OTHER), NOT_ALLOWED);
}

#[test]
fn a_star_does_not_allow_what_is_no_tenant() {
    let judge = Judge::by(&options("common", &json!("*")));
    for tenant in ["common", "organizations", "{tenantid}", "", "contoso.com"] {
        for claims in of(tenant) {
            let verdict = judge.judge(&sign(claims));
            assert_eq!(verdict, Err(Error::TokenTenant(TenantProblem::NotAGuid)), "{tenant}");
        }
    }
    let [_, inconsistent] = of(TENANT);
    assert_eq!(
        judge.judge(&sign(inconsistent.with("tid", &format!("\"{OTHER}\"")))),
        Err(Error::TokenTenant(TenantProblem::Mismatch))
    );
}

#[test]
fn the_list_holds_guids_or_one_star() {
    for allowed in [
        json!(["*", TENANT]),
        json!("contoso.com"),
        json!(["common"]),
        json!([]),
        json!(["{tenantid}"]),
    ] {
        let Err(Error::Config { option, .. }) = Judge::try_by(&options("common", &allowed)).map(drop) else {
            panic!("{allowed}");
        };
        assert_eq!(option, "allowedTenants", "{allowed}");
    }
}

/// Two sets of keys, and a record of which was asked.
struct ByVersion {
    v1: KeySet,
    v2: KeySet,
    asked: RefCell<Vec<Option<Version>>>,
}

impl ByVersion {
    fn new(v1: &Value, v2: &Value) -> Self {
        let set = |keys: &Value| {
            JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes())
                .unwrap()
                .into()
        };
        Self {
            v1: set(v1),
            v2: set(v2),
            asked: RefCell::default(),
        }
    }
}

impl Keys for ByVersion {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        self.asked.borrow_mut().push(version);
        let keys = if version == Some(Version::V1) {
            &self.v1
        } else {
            &self.v2
        };
        keys.look_up(reference, algorithm, version)
    }

    fn are_by_version(&self) -> bool {
        true
    }
}

#[test]
fn a_token_takes_its_key_from_the_set_of_its_version() {
    // Only the v2 set says that this key is for personal accounts; a v2 token cannot get around that.
    let personal = format!("https://login.microsoftonline.com/{PERSONAL}/v2.0");
    let keys = ByVersion::new(
        &json!([RSA.jwk()]),
        &json!([RSA.jwk_with(&json!({ "issuer": personal }))]),
    );
    let judge = Judge::by(&options("common", &json!("*")));
    let [of_v1, of_v2] = of(TENANT).map(|claims| judge.judge_by(sign(claims).as_bytes(), &keys));
    assert_eq!(of_v1, Ok(()));
    assert_eq!(of_v2, Err(Error::TokenIssuer(IssuerProblem::OfKey).into()));
    assert_eq!(*keys.asked.borrow(), [Some(Version::V1), Some(Version::V2)]);
}

#[test]
fn a_token_without_a_version_to_read_is_refused_whatever_set_it_is_given() {
    let keys = ByVersion::new(&json!([RSA.jwk()]), &json!([RSA.jwk()]));
    let judge = Judge::by(&options("common", &json!("*")));
    for (claims, code) in [
        (v2().without("ver").to_string(), "ERR_TOKEN_ISSUER"),
        (v2().with("ver", "\"3.0\"").to_string(), "ERR_TOKEN_ISSUER"),
        (v2().with("ver", "2.0").to_string(), "ERR_TOKEN_CLAIM"),
        (v2().and("ver", "\"1.0\"").to_string(), "ERR_TOKEN_MALFORMED"),
        ("[]".to_owned(), "ERR_TOKEN_MALFORMED"),
    ] {
        let error = match judge.judge_by(sign(&claims).as_bytes(), &keys) {
            Err(entra_jwt_verify::VerifyError::Rejected(error)) => error,
            other => panic!("{claims}: {other:?}"),
        };
        assert_eq!(error.code(), code, "{claims}");
    }
    assert!(keys.asked.borrow().iter().all(Option::is_none));
}

/// Keys of an authority whose metadata names this issuer.
struct Discovered(KeySet, Option<&'static str>);

impl Keys for Discovered {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        self.0.look_up(reference, algorithm, version)
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        self.1.map(Arc::from)
    }
}

fn discovered(issuer: Option<&'static str>) -> Discovered {
    Discovered(
        JwkSet::parse(json!({ "keys": [RSA.jwk()] }).to_string().as_bytes())
            .unwrap()
            .into(),
        issuer,
    )
}

/// Keys of an authority whose metadata names another issuer as soon as a key was looked up.
struct ChangesIssuer(RefCell<Option<KeySet>>);

impl Keys for ChangesIssuer {
    fn look_up(&self, reference: &KeyReference<'_>, algorithm: Algorithm, version: Option<Version>) -> KeyLookup {
        self.0
            .borrow()
            .as_ref()
            .expect("looked up once")
            .look_up(reference, algorithm, version)
    }

    fn discovered_issuer(&self) -> Option<Arc<str>> {
        // The keys of the former issuer are forgotten, before anything says what the new one is.
        self.0.take();
        Some("https://accounts.example/new".into())
    }
}

#[test]
fn a_key_of_the_former_issuer_does_not_vouch_for_the_new_one() {
    let judge = Judge::by(&json!({ "authority": "https://accounts.example", "clientId": CLIENT }));
    let claims = v2().without("tid").with("iss", "\"https://accounts.example/new\"");
    let keys = discovered(None).0;
    let verdict = judge.judge_by(sign(&claims).as_bytes(), &ChangesIssuer(RefCell::new(Some(keys))));
    assert_eq!(verdict, Err(Error::TokenKeyUnknown(KeyUnknown::NotFound).into()));
    // With its own keys it is accepted.
    let own = discovered(Some("https://accounts.example/new"));
    assert_eq!(judge.judge_by(sign(&claims).as_bytes(), &own), Ok(()));
}

#[test]
fn keys_alone_name_no_issuer() {
    let judge = Judge::by(&json!({ "authority": "https://accounts.example", "clientId": CLIENT }));
    for issuer in ["", "xyzzy", "https://accounts.example", "https://accounts.example/"] {
        let claims = v2().without("tid").with("iss", &json!(issuer).to_string());
        let verdict = judge.judge(&sign(&claims)).map_err(|error| error.code());
        assert_eq!(verdict, Err("ERR_TOKEN_ISSUER"), "{issuer}");
    }
}

#[test]
fn a_domain_is_the_tenant_that_the_metadata_names() {
    let judge = Judge::by(&json!({ "tenantId": "contoso.com", "clientId": CLIENT }));
    let judge = |issuer, tenant| of(tenant).map(|claims| judge.judge_by(sign(claims).as_bytes(), &discovered(issuer)));
    let own = Some("https://login.microsoftonline.com/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/v2.0");
    let refused = Err(Error::TokenTenant(TenantProblem::NotAllowed).into());
    assert_eq!(judge(own, TENANT), [Ok(()), Ok(())]);
    assert_eq!(judge(own, OTHER), [refused.clone(), refused.clone()]);
    // Before it is known, and when the metadata names no tenant of this cloud.
    for issuer in [
        None,
        Some(""),
        Some("https://login.microsoftonline.com/{tenantid}/v2.0"),
        Some("https://login.microsoftonline.us/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/v2.0"),
        Some("https://sts.windows.net/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/"),
    ] {
        assert_eq!(judge(issuer, TENANT), [refused.clone(), refused.clone()], "{issuer:?}");
    }
}

#[test]
fn a_foreign_authority_is_the_issuer_of_its_metadata() {
    let judge = Judge::by(&json!({ "authority": "https://accounts.example", "clientId": CLIENT }));
    let claims = v2()
        .without("azp")
        .without("tid")
        .without("ver")
        .with("iss", "\"https://accounts.example/a\"");
    let judge = |issuer| judge.judge_by(sign(&claims).as_bytes(), &discovered(issuer));
    assert_eq!(judge(Some("https://accounts.example/a")), Ok(()));
    for issuer in [
        None,
        Some(""),
        Some("https://accounts.example"),
        Some("https://accounts.example/a/"),
    ] {
        let refused = Err(Error::TokenIssuer(IssuerProblem::Other).into());
        assert_eq!(judge(issuer), refused, "{issuer:?}");
    }
}
