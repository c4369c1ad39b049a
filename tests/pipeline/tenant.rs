//! Issuer and tenant of a single-tenant policy: the version's issuer, and the whole tenant segment of it.

use entra_jwt_verify::{Error, IssuerProblem, TenantProblem};
use serde_json::json;

use crate::common::{Judge, Object, TENANT, judge, sign, v1, v2};

const OTHER_TENANT: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";

const OTHER_ISSUER: Result<(), Error> = Err(Error::TokenIssuer(IssuerProblem::Other));
const NO_VERSION: Result<(), Error> = Err(Error::TokenIssuer(IssuerProblem::Version));
const NO_TID: Result<(), Error> = Err(Error::TokenTenant(TenantProblem::Missing));
const NO_GUID: Result<(), Error> = Err(Error::TokenTenant(TenantProblem::NotAGuid));
const MISMATCH: Result<(), Error> = Err(Error::TokenTenant(TenantProblem::Mismatch));
const NOT_ALLOWED: Result<(), Error> = Err(Error::TokenTenant(TenantProblem::NotAllowed));

fn with_issuer(claims: Object, issuer: &str) -> Result<(), Error> {
    judge(&sign(claims.with("iss", &json!(issuer).to_string())))
}

fn with_tid(claims: Object, tid: &str) -> Object {
    claims.with("tid", &json!(tid).to_string())
}

fn of_tenant(tenant: &str) -> (Object, Object) {
    (
        with_tid(v1(), tenant).with("iss", &format!("\"https://sts.windows.net/{tenant}/\"")),
        with_tid(v2(), tenant).with("iss", &format!("\"https://login.microsoftonline.com/{tenant}/v2.0\"")),
    )
}

#[test]
fn accepts_both_versions_of_the_tenant() {
    assert_eq!(judge(&sign(v1())), Ok(()));
    assert_eq!(judge(&sign(v2())), Ok(()));
}

#[test]
fn refuses_a_token_of_another_tenant() {
    let (v1, v2) = of_tenant(OTHER_TENANT);
    assert_eq!(judge(&sign(v1)), NOT_ALLOWED);
    assert_eq!(judge(&sign(v2)), NOT_ALLOWED);
}

#[test]
fn refuses_microsoft_accounts() {
    // The tenant of all personal accounts, whose keys are in the v2 sets of multi-tenant authorities.
    let (_, v2) = of_tenant("9188040d-6c67-4c5b-b112-36a304b66dad");
    assert_eq!(judge(&sign(v2)), NOT_ALLOWED);
}

#[test]
fn the_version_decides_which_issuer_is_right() {
    // microsoft-cases, section 1, rows 4 and 5.
    assert_eq!(
        with_issuer(v2(), &format!("https://sts.windows.net/{TENANT}/")),
        OTHER_ISSUER
    );
    assert_eq!(
        with_issuer(v1(), &format!("https://login.microsoftonline.com/{TENANT}/v2.0")),
        OTHER_ISSUER
    );
}

#[test]
fn a_token_says_its_version_and_there_are_two() {
    for ver in [
        r#""""#,
        r#""1""#,
        r#""2""#,
        r#""1.1""#,
        r#""3.0""#,
        r#""2.0 ""#,
        r#""02.0""#,
    ] {
        assert_eq!(judge(&sign(v2().with("ver", ver))), NO_VERSION, "{ver}");
    }
    assert_eq!(judge(&sign(v2().without("ver"))), NO_VERSION);
    assert_eq!(judge(&sign(v1().without("ver"))), NO_VERSION);
}

#[test]
fn the_issuer_is_exact() {
    for issuer in [
        String::new(),
        format!("https://sts.windows.net/{TENANT}"),
        format!("https://sts.windows.net/{TENANT}//"),
        format!("https://sts.windows.net//{TENANT}/x"),
        format!("http://sts.windows.net/{TENANT}/"),
        format!("https://STS.windows.net/{TENANT}/"),
        format!("https://sts.windows.net:443/{TENANT}/"),
        format!("https://sts.windows.net.attacker.example/{TENANT}/"),
        format!("https://sts.chinacloudapi.cn/{TENANT}/"),
        format!(" https://sts.windows.net/{TENANT}/"),
        format!("https://sts.windows.net/{TENANT}/\0"),
    ] {
        let verdict = with_issuer(v1(), &issuer);
        assert!(verdict == OTHER_ISSUER || verdict == MISMATCH, "{issuer}: {verdict:?}");
    }
    for issuer in [
        String::new(),
        format!("https://login.microsoftonline.com/{TENANT}/"),
        // Real tokens of 2015 ended so; ours is stricter, and says so.
        format!("https://login.microsoftonline.com/{TENANT}/v2.0/"),
        format!("https://login.microsoftonline.com/{TENANT}/v1.1"),
        format!("https://login.microsoftonline.com/{TENANT}/v2.00"),
        format!("https://login.microsoftonline.com/{TENANT}/V2.0"),
        format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
        format!("https://login.windows.net/{TENANT}/v2.0"),
        format!("https://attacker@login.microsoftonline.com/{TENANT}/v2.0"),
        format!("https://login.microsoftonline.com:443/{TENANT}/v2.0"),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0?x"),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0#"),
        format!("https://login.microsoftonline.com@attacker.example/{TENANT}/v2.0"),
        format!("https://attacker.example/https://login.microsoftonline.com/{TENANT}/v2.0"),
    ] {
        assert_eq!(with_issuer(v2(), &issuer), OTHER_ISSUER, "{issuer}");
    }
    assert_eq!(
        judge(&sign(v2().without("iss"))),
        Err(Error::TokenIssuer(IssuerProblem::Missing))
    );
}

#[test]
fn the_tenant_segment_of_the_issuer_is_the_tid_and_not_merely_holds_it() {
    for segment in [
        OTHER_TENANT.to_owned(),
        format!("{OTHER_TENANT}/{TENANT}"),
        format!("{TENANT}/{OTHER_TENANT}"),
        format!("{TENANT}{OTHER_TENANT}"),
        format!("x{TENANT}"),
        format!("{TENANT}/"),
        format!("/{TENANT}"),
        format!("./{TENANT}"),
        format!("{OTHER_TENANT}/../{TENANT}"),
        "common".to_owned(),
        "{tenantid}".to_owned(),
        "{tid}".to_owned(),
        String::new(),
    ] {
        assert_eq!(
            with_issuer(v2(), &format!("https://login.microsoftonline.com/{segment}/v2.0")),
            MISMATCH,
            "{segment}"
        );
        assert_eq!(
            with_issuer(v1(), &format!("https://sts.windows.net/{segment}/")),
            MISMATCH,
            "{segment}"
        );
    }
}

#[test]
fn tid_is_a_guid_whatever_the_issuer_says() {
    for tid in [
        "",
        "common",
        "organizations",
        "contoso.onmicrosoft.com",
        "{tenantid}",
        "7c0d5b1e3f5a4b0e9a531f2f6f0c9a11",
        "{7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11}",
        "urn:uuid:7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11",
        "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1",
        "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1g",
        "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a1١",
        "7c0d5b1-e3f5a-4b0e-9a53-1f2f6f0c9a11",
        " 7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11",
    ] {
        let (v1, v2) = of_tenant(tid);
        assert_eq!(judge(&sign(v1)), NO_GUID, "{tid}");
        assert_eq!(judge(&sign(v2)), NO_GUID, "{tid}");
    }
    assert_eq!(judge(&sign(v1().without("tid"))), NO_TID);
}

#[test]
fn refuses_a_tid_in_another_spelling_with_or_without_the_right_one() {
    // microsoft-cases, section 3: a reader that ignores case would take one for the other.
    let ambiguous = Err(Error::TokenTenant(TenantProblem::Ambiguous));
    for name in ["TID", "Tid", "tId", r"\u0054id"] {
        for tenant in [TENANT, OTHER_TENANT] {
            let tid = json!(tenant).to_string();
            assert_eq!(judge(&sign(v2().with(name, &tid))), ambiguous, "{name}");
            assert_eq!(judge(&sign(v2().without("tid").with(name, &tid))), ambiguous, "{name}");
        }
    }
    // Other names that begin or end so are other claims.
    assert_eq!(
        judge(&sign(v2().with("xtid", "1").with("tid2", "1").with("t_id", "1"))),
        Ok(())
    );
}

#[test]
fn a_guid_is_the_same_in_either_case_as_long_as_the_token_agrees_with_itself() {
    let upper = TENANT.to_uppercase();
    let (v1, v2) = of_tenant(&upper);
    assert_eq!(judge(&sign(v1)), Ok(()));
    assert_eq!(judge(&sign(&v2)), Ok(()));
    assert_eq!(judge(&sign(with_tid(v2, TENANT))), MISMATCH);
    let configured_upper = Judge::with(json!({ "tenantId": upper }));
    assert_eq!(configured_upper.judge(&sign(crate::common::v2())), Ok(()));
}

/// Tokens of a cloud whose issuers begin so, judged by a policy of this authority.
fn in_cloud(authority: &str, before_v1: &str, before_v2: &str) -> [Result<(), Error>; 2] {
    let judge = Judge::with(json!({ "authorityHost": authority }));
    [
        judge.judge(&sign(v1().with("iss", &format!("\"{before_v1}/{TENANT}/\"")))),
        judge.judge(&sign(v2().with("iss", &format!("\"{before_v2}/{TENANT}/v2.0\"")))),
    ]
}

#[test]
fn each_cloud_has_its_issuers() {
    const PUBLIC: &str = "https://login.microsoftonline.com";
    const STS: &str = "https://sts.windows.net";
    for (authority, v1, v2) in [
        (PUBLIC, STS, PUBLIC),
        (
            "https://login.microsoftonline.us",
            STS,
            "https://login.microsoftonline.us",
        ),
        (
            "https://login.partner.microsoftonline.cn",
            "https://sts.chinacloudapi.cn",
            "https://login.partner.microsoftonline.cn",
        ),
        ("http://127.0.0.1:8443", STS, "http://127.0.0.1:8443"),
        ("https://entra.example:8443/", STS, "https://entra.example:8443"),
    ] {
        assert_eq!(in_cloud(authority, v1, v2), [Ok(()), Ok(())], "{authority}");
        if authority != PUBLIC {
            assert_eq!(in_cloud(authority, v1, PUBLIC)[1], OTHER_ISSUER, "{authority}");
            assert_eq!(in_cloud(PUBLIC, v1, v2)[1], OTHER_ISSUER, "{authority}");
        }
    }
    let china = in_cloud("https://login.partner.microsoftonline.cn", STS, STS);
    assert_eq!(china[0], OTHER_ISSUER);
}

#[test]
fn an_alias_of_a_cloud_has_the_issuers_of_that_cloud() {
    // `/common/discovery/instance` names them; a token names the cloud's first host whichever was asked.
    const PUBLIC: &str = "https://login.microsoftonline.com";
    const STS: &str = "https://sts.windows.net";
    for alias in ["https://login.windows.net", "https://login.microsoft.com", STS] {
        assert_eq!(in_cloud(alias, STS, PUBLIC), [Ok(()), Ok(())], "{alias}");
        assert_eq!(in_cloud(alias, STS, alias)[1], OTHER_ISSUER, "{alias}");
    }
    // On a port of its own it is another authority of that name.
    let elsewhere = "https://login.windows.net:8443";
    assert_eq!(in_cloud(elsewhere, STS, elsewhere), [Ok(()), Ok(())]);
    assert_eq!(in_cloud(elsewhere, STS, PUBLIC)[1], OTHER_ISSUER);
}
