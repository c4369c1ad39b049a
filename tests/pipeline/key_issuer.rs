//! A key's `issuer` member: whose tokens the key may sign, as an issuer or as a template of one. Only the v2 sets of
//! Entra have it; they hold the keys of personal accounts beside those of organizations.

use entra_jwt_verify::{Error, IssuerProblem};
use serde_json::json;

use crate::common::{CLIENT, Judge, OTHER_RSA, RSA, TENANT, header, sign, v1, v2};

const OF_ANOTHER: Result<(), Error> = Err(Error::TokenIssuer(IssuerProblem::OfKey));
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const PERSONAL: &str = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

fn with_key_of(issuer: &str) -> Judge {
    Judge::with(json!({})).keys([RSA.jwk_with(&json!({ "issuer": issuer }))])
}

#[test]
fn a_key_of_the_tokens_issuer_verifies() {
    assert_eq!(with_key_of(TEMPLATE).judge(&sign(v2())), Ok(()));
    let concrete = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    assert_eq!(with_key_of(&concrete).judge(&sign(v2())), Ok(()));
    // The keys of a v2 set say the v2 issuer, and sign v1 tokens as well.
    assert_eq!(with_key_of(&concrete).judge(&sign(v1())), Ok(()));
    assert_eq!(with_key_of(TEMPLATE).judge(&sign(v1())), Ok(()));
    assert_eq!(
        with_key_of("https://sts.windows.net/{tenantid}/").judge(&sign(v1())),
        Ok(())
    );
}

#[test]
fn a_key_of_another_issuer_does_not() {
    // microsoft-cases, sections 1 and 3.
    for issuer in [
        PERSONAL,
        "https://login.microsoftonline.us/{tenantid}/v2.0",
        "https://login.microsoftonline.com/{tenantid}/v2.0/",
        "https://login.microsoftonline.com/{tenantid}",
        "https://login.microsoftonline.com/{tid}/v2.0",
        "https://login.microsoftonline.com/{TenantId}/v2.0",
        "https://sts.windows.net/{tenantid}/",
        "{tenantid}",
        "https://attacker.example/{tenantid}/v2.0",
        "else",
    ] {
        assert_eq!(with_key_of(issuer).judge(&sign(v2())), OF_ANOTHER, "{issuer}");
    }
    // The personal accounts' key signs for no organization, whatever the version.
    assert_eq!(with_key_of(PERSONAL).judge(&sign(v1())), OF_ANOTHER);
}

#[test]
fn a_key_without_issuer_or_with_white_space_for_one_is_of_any() {
    assert_eq!(Judge::with(json!({})).keys([RSA.jwk()]).judge(&sign(v2())), Ok(()));
    assert_eq!(with_key_of("  ").judge(&sign(v2())), Ok(()));
}

#[test]
fn the_key_that_signed_is_the_one_that_is_asked() {
    // A personal account's key beside the organizations' changes nothing for tokens of the latter.
    let judge = Judge::with(json!({})).keys([
        OTHER_RSA.jwk_with(&json!({ "issuer": PERSONAL })),
        RSA.jwk_with(&json!({ "issuer": TEMPLATE })),
    ]);
    assert_eq!(judge.judge(&sign(v2())), Ok(()));
    let algorithm = entra_jwt_verify::Algorithm::RS256;
    let by_personal = OTHER_RSA.token(algorithm, header(&OTHER_RSA, algorithm), v2());
    assert_eq!(judge.judge(&by_personal), OF_ANOTHER);
}

#[test]
fn it_counts_for_another_issuer_too() {
    let judge = |issuer: &str| {
        Judge::by(&json!({ "issuer": "https://issuer.example", "audience": CLIENT }))
            .keys([RSA.jwk_with(&json!({ "issuer": issuer }))])
            .judge(&sign(v2().with("iss", "\"https://issuer.example\"")))
    };
    assert_eq!(judge("https://issuer.example"), Ok(()));
    assert_eq!(judge(TEMPLATE), OF_ANOTHER);
}

#[test]
fn the_tenant_is_judged_first_and_the_audience_after() {
    let wrong_audience = v2().with("aud", "\"other\"");
    assert_eq!(with_key_of(PERSONAL).judge(&sign(&wrong_audience)), OF_ANOTHER);
    let wrong_tenant = wrong_audience.with("tid", "\"8d1e6c2f-405b-4c1f-8b64-203070100b22\"");
    assert_eq!(
        with_key_of(PERSONAL).judge(&sign(wrong_tenant)).unwrap_err().code(),
        "ERR_TOKEN_TENANT"
    );
}
