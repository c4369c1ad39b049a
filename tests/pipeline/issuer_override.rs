//! The option `issuer`: exactly that issuer and no rule of Entra's, unless it is one of the tenant's own.

use entra_jwt_verify::{AudienceProblem, Error, IssuerProblem, TenantProblem, UseProblem};
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, Object, TENANT, sign, v1, v2};

const OTHER_ISSUER: Result<(), Error> = Err(Error::TokenIssuer(IssuerProblem::Other));
const OTHER_VERSION: Result<(), Error> = Err(Error::TokenIssuer(IssuerProblem::OtherVersion));
const ISSUER: &str = "https://issuer.example/a";

fn foreign(issuer: &str) -> Object {
    Object::new([
        ("iss", json!(issuer).to_string()),
        ("aud", json!(CLIENT).to_string()),
        ("exp", "1767229200".to_owned()),
    ])
}

fn options(issuer: &str) -> Value {
    json!({ "issuer": issuer, "audience": CLIENT })
}

#[test]
fn another_issuer_is_matched_exactly() {
    let judge = Judge::by(&options(ISSUER));
    assert_eq!(judge.judge(&sign(foreign(ISSUER))), Ok(()));
    for issuer in [
        "",
        "https://issuer.example/a/",
        "https://issuer.example/A",
        "https://ISSUER.example/a",
        "https://issuer.example:443/a",
        "http://issuer.example/a",
        "https://issuer.example/a\0",
        "https://issuer.example",
    ] {
        assert_eq!(judge.judge(&sign(foreign(issuer))), OTHER_ISSUER, "{issuer:?}");
    }
    assert_eq!(
        judge.judge(&sign(foreign(ISSUER).without("iss"))),
        Err(Error::TokenIssuer(IssuerProblem::Missing))
    );
}

#[test]
fn the_rules_of_entra_are_off_for_another_issuer() {
    let judge = Judge::by(&options(ISSUER));
    for claims in [
        foreign(ISSUER).with("tid", "\"common\""),
        foreign(ISSUER).with("ver", "\"3.0\""),
        foreign(ISSUER).with("idtyp", "\"app\"").with("scp", "\"read\""),
    ] {
        assert_eq!(judge.judge(&sign(claims)), Ok(()));
    }
}

#[test]
fn time_and_audience_are_judged_for_any_issuer() {
    let judge = Judge::by(&options(ISSUER));
    assert_eq!(
        judge.judge(&sign(foreign(ISSUER).with("exp", "1"))),
        Err(Error::TokenExpired { missing: false })
    );
    assert_eq!(
        judge.judge(&sign(foreign(ISSUER).with("aud", "\"other\""))),
        Err(Error::TokenAudience(AudienceProblem::NotAccepted))
    );
}

#[test]
fn another_issuer_beside_a_tenant_replaces_the_tenants_issuers() {
    let judge = Judge::with(json!({ "issuer": ISSUER }));
    assert_eq!(judge.judge(&sign(foreign(ISSUER))), Ok(()));
    assert_eq!(judge.judge(&sign(v1())), OTHER_ISSUER);
    assert_eq!(judge.judge(&sign(v2())), OTHER_ISSUER);
}

#[test]
fn an_issuer_of_the_tenant_narrows_to_its_version() {
    let only_v1 = Judge::with(json!({ "issuer": format!("https://sts.windows.net/{TENANT}/") }));
    assert_eq!(only_v1.judge(&sign(v1())), Ok(()));
    assert_eq!(only_v1.judge(&sign(v2())), OTHER_VERSION);
    let only_v2 = Judge::with(json!({ "issuer": format!("https://login.microsoftonline.com/{TENANT}/v2.0") }));
    assert_eq!(only_v2.judge(&sign(v2())), Ok(()));
    assert_eq!(only_v2.judge(&sign(v1())), OTHER_VERSION);
}

#[test]
fn narrowing_keeps_the_rules_of_entra() {
    let only_v2 = Judge::with(json!({ "issuer": format!("https://login.microsoftonline.com/{TENANT}/v2.0") }));
    for (claims, error) in [
        (v2().without("azp"), Error::TokenUse(UseProblem::NoClient)),
        (v2().without("tid"), Error::TokenTenant(TenantProblem::Missing)),
        (
            v2().with("ver", "\"1.0\""),
            Error::TokenIssuer(IssuerProblem::OtherVersion),
        ),
        (v2().without("ver"), Error::TokenIssuer(IssuerProblem::Version)),
    ] {
        assert_eq!(only_v2.judge(&sign(&claims)), Err(error), "{claims}");
    }
}

#[test]
fn an_issuer_of_entra_without_the_tenant_names_the_tenant() {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let judge = Judge::by(&options(&issuer));
    assert_eq!(judge.judge(&sign(v2())), Ok(()));
    assert_eq!(judge.judge(&sign(v1())), OTHER_VERSION);
    for (claims, error) in [
        (v2().without("azp"), Error::TokenUse(UseProblem::NoClient)),
        (v2().without("tid"), Error::TokenTenant(TenantProblem::Missing)),
    ] {
        assert_eq!(judge.judge(&sign(&claims)), Err(error), "{claims}");
    }
}
