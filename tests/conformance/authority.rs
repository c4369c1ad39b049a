//! The option `authority`: Entra's own is read as tenant and host, whatever version its path names; any other is what its
//! metadata says (microsoft-cases, section 2).

use entra_jwt_verify::{Error, IssuerProblem};
use serde_json::json;

use crate::common::{CLIENT, Judge, sign, v2};
use crate::discovered::{self, Discovered};
use crate::table::{check, claims_of, set};

#[test]
fn the_version_of_an_authority_of_entra_says_nothing_about_tokens() {
    check::<3>(
        "
        authority                                        | ver | token's tenant | verdict
        https://login.microsoftonline.com/<T>            | 1.0 | <T> | ok
        https://login.microsoftonline.com/<T>            | 2.0 | <T> | ok
        https://login.microsoftonline.com/<T>/           | 2.0 | <T> | ok
        https://login.microsoftonline.com/<T>/v2.0       | 1.0 | <T> | ok
        https://login.microsoftonline.com/<T>/v2.0       | 2.0 | <T> | ok
        https://login.microsoftonline.com/<T>/v2.0/      | 1.0 | <T> | ok
        https://login.windows.net/<T>/v2.0               | 2.0 | <T> | ok                # an alias of the cloud
        https://sts.windows.net/<T>                      | 1.0 | <T> | ok
        https://login.microsoftonline.com/<T>            | 1.1 | <T> | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/<T>            | 1.0 | <O> | ERR_TOKEN_TENANT
        https://login.microsoftonline.com/<T>/v2.0       | 2.0 | <O> | ERR_TOKEN_TENANT
        https://login.microsoftonline.us/<T>/v2.0        | 2.0 | <T> | ERR_TOKEN_ISSUER  # the token is of the public cloud
        https://login.microsoftonline.com/organizations  | 2.0 | <T> | ERR_CONFIG        # never guessed
        https://login.microsoftonline.com                | 2.0 | <T> | ERR_CONFIG
        https://login.microsoftonline.com/<T>/v1.1       | 2.0 | <T> | ERR_CONFIG        # stricter
        https://login.microsoftonline.com/tfp/<T>/b2c_1_susi/v2.0 | 2.0 | <T> | ERR_CONFIG
        http://login.microsoftonline.com/<T>             | 2.0 | <T> | ERR_CONFIG
        ",
        |[authority, ver, tenant]| {
            Judge::try_by(&json!({ "authority": authority, "audience": CLIENT }))?
                .judge(&sign(set(claims_of(ver, tenant), "aud", CLIENT)))
        },
    );
}

#[test]
fn the_issuer_of_a_foreign_authority_is_exactly_that_of_its_metadata() {
    check::<3>(
        "
        authority                                            | its metadata's issuer                         | iss | verdict
        https://fabrikamb2c.b2clogin.com/<T>/b2c_1_susi/v2.0 | https://fabrikamb2c.b2clogin.com/<T>/v2.0/    | https://fabrikamb2c.b2clogin.com/<T>/v2.0/ | ok
        https://fabrikamb2c.b2clogin.com/<T>/b2c_1_susi/v2.0 | https://fabrikamb2c.b2clogin.com/<T>/v2.0/    | https://fabrikamb2c.b2clogin.com/<T>/v2.0  | ERR_TOKEN_ISSUER
        https://fabrikamb2c.b2clogin.com/<T>/b2c_1_susi/v2.0 | https://fabrikamb2c.b2clogin.com/<T>/v2.0/    | https://catb2c.b2clogin.com/<T>/v2.0/      | ERR_TOKEN_ISSUER
        https://fabrikamb2c.b2clogin.com/<T>/b2c_1_susi/v2.0 | https://fabrikamb2c.b2clogin.com/<T>/v2.0/    | https://fabrikamb2c.b2clogin.com/<O>/v2.0/ | ERR_TOKEN_ISSUER
        https://fabrikamb2c.b2clogin.com/<T>/b2c_1_susi/v2.0 | https://fabrikamb2c.b2clogin.com/<T>/v2.0/    | https://fabrikamb2c.b2clogin.com/tfp/<T>/b2c_1_susi/v2.0/ | ERR_TOKEN_ISSUER
        https://fabrikamb2c.b2clogin.com/<T>/b2c_1_susi/v2.0 | https://fabrikamb2c.b2clogin.com/<T>/v2.0/    | https://login.microsoftonline.com/<T>/v2.0 | ERR_TOKEN_ISSUER
        https://fabrikamb2c.b2clogin.com/<T>/b2c_1_susi/v2.0 | https://catb2c.b2clogin.com/<T>/v2.0/         | https://catb2c.b2clogin.com/<T>/v2.0/      | ERR_KEYS_UNAVAILABLE # not believed
        https://public.msidlabb2c.com/contoso.onmicrosoft.com/v2.0 | https://public.msidlabb2c.com/<T>/v2.0/ | https://public.msidlabb2c.com/<T>/v2.0/    | ok # a custom domain
        https://contoso.b2clogin.com/<T>/b2c_1_susi/v2.0     | https://<O>.ciamlogin.com/<O>/v2.0            | https://<O>.ciamlogin.com/<O>/v2.0         | ERR_KEYS_UNAVAILABLE
        https://accounts.example.com                         | https://accounts.example.com                  | https://accounts.example.com               | ok
        https://accounts.example.com                         | https://accounts.example.com                  | https://accounts.example.com/              | ERR_TOKEN_ISSUER
        https://accounts.example.com                         | https://accounts.example.com                  | https://ACCOUNTS.example.com               | ERR_TOKEN_ISSUER
        https://accounts.example.com                         | https://accounts.example.com                  | -                                          | ERR_TOKEN_ISSUER
        https://accounts.example.com                         | https://accounts.example.com/{tenantid}       | https://accounts.example.com/<T>           | ERR_KEYS_UNAVAILABLE # a template is everybody's
        https://accounts.example.com                         | hxxp://brokenissuer/{tenantid}                | https://accounts.example.com               | ERR_KEYS_UNAVAILABLE
        ",
        |[authority, metadata, iss]| {
            let keys = Discovered::new(authority, metadata)?;
            let judge = Judge::by(&json!({ "authority": authority, "audience": CLIENT }));
            // No rule of Entra's: neither the client nor the version is asked for.
            let claims = set(v2().without("azp").without("ver").without("tid"), "iss", iss);
            discovered::judge(&judge, &sign(claims), &keys)
        },
    );
}

#[test]
fn external_id_behind_a_domain_of_its_own_is_judged_by_entras_rules() {
    check::<3>(
        "
        authority                          | its metadata's issuer              | claims without | verdict
        https://login.contoso.com/<T>/v2.0 | https://<T>.ciamlogin.com/<T>/v2.0 | -   | ok
        https://login.contoso.com/<T>      | https://<T>.ciamlogin.com/<T>/v2.0 | -   | ok
        https://login.contoso.com/<T>/v2.0 | https://<T>.ciamlogin.com/<T>/v2.0 | azp | ERR_TOKEN_USE    # an id token
        https://login.contoso.com/<T>/v2.0 | https://<T>.ciamlogin.com/<T>/v2.0 | tid | ERR_TOKEN_TENANT
        https://login.contoso.com/<T>/v2.0 | https://<T>.ciamlogin.com/<T>/v2.0 | ver | ERR_TOKEN_ISSUER
        https://login.contoso.com/<T>/v2.0 | https://<O>.ciamlogin.com/<O>/v2.0 | -   | ERR_KEYS_UNAVAILABLE # another tenant
        https://login.contoso.com/x/v2.0   | https://<T>.ciamlogin.com/<T>/v2.0 | -   | ERR_KEYS_UNAVAILABLE # whose is it?
        ",
        |[authority, issuer, without]| {
            let keys = Discovered::new(authority, issuer)?;
            let judge = Judge::by(&json!({ "authority": authority, "audience": CLIENT }));
            let token = sign(set(v2(), "iss", issuer).without(without));
            discovered::judge(&judge, &token, &keys)
        },
    );
}

#[test]
fn what_portals_show_is_an_authority() {
    check::<1>(
        "
        authority | verdict
        https://login.microsoftonline.com/<T>/v2.0/.well-known/openid-configuration | ok
        https://login.microsoftonline.com/<T>/.well-known/openid-configuration | ok
        https://login.sovcloud-identity.fr/<T>/v2.0 | ERR_TOKEN_ISSUER # another cloud, by Entra's rules
        https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=B2C_1_susi | ERR_TOKEN_ISSUER
        https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=B2C_1_susi&a=b | ERR_CONFIG
        https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration | ERR_CONFIG # no policy
        https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0?p=a/b | ERR_CONFIG
        https://accounts.example.com/?q=a | ERR_CONFIG
        ",
        |[authority]| {
            Judge::try_by(&json!({ "authority": authority, "audience": CLIENT }))?.judge(&sign(v2()))
        },
    );
    let metadata = |authority: &str| {
        let policy = crate::common::policy(&json!({ "authority": authority, "audience": "a" })).unwrap();
        entra_jwt_verify::authority_metadata(&policy).unwrap().to_string()
    };
    let expected =
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0/.well-known/openid-configuration";
    for authority in [
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration?p=B2C_1_susi",
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0/.well-known/openid-configuration",
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/?p=B2C_1_susi",
        "https://contoso.b2clogin.com/tfp/contoso.onmicrosoft.com/B2C_1_susi",
        "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi",
    ] {
        assert_eq!(metadata(authority), expected, "{authority}");
    }
}

#[test]
fn without_metadata_no_issuer_is_right() {
    let judge = Judge::by(&json!({ "authority": "https://accounts.example.com", "audience": CLIENT }));
    for iss in ["https://accounts.example.com", "\"\""] {
        assert_eq!(
            judge.judge(&sign(set(v2(), "iss", iss))),
            Err(Error::TokenIssuer(IssuerProblem::Other)),
            "{iss}"
        );
    }
}
