//! An `issuer` that is written out as one of Entra's, as people bring it from libraries that compare text: it narrows to that
//! tenant and version, and never turns Entra's rules off.

use serde_json::json;

use crate::common::{CLIENT, Judge, sign};
use crate::table::{check, claims_of, set, value};

#[test]
fn an_issuer_of_entra_narrows_whatever_stands_beside_it() {
    check::<5>(
        "
        tenantId      | authorityHost                            | issuer                                            | ver | iss | verdict
        -             | -                                        | https://login.microsoftonline.com/<T>/v2.0        | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ok
        -             | -                                        | https://login.microsoftonline.com/<T>/v2.0        | 1.0 | https://sts.windows.net/<T>/ | ERR_TOKEN_ISSUER
        -             | -                                        | https://sts.windows.net/<T>/                      | 1.0 | https://sts.windows.net/<T>/ | ok
        <T>           | -                                        | https://sts.windows.net/<T>/                      | 1.0 | https://sts.windows.net/<T>/ | ok
        contoso.com   | -                                        | https://login.microsoftonline.com/<T>/v2.0        | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ok # known: nothing to resolve
        organizations | -                                        | https://login.microsoftonline.com/<T>/v2.0        | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ok
        common        | -                                        | https://sts.windows.net/<T>/                      | 1.0 | https://sts.windows.net/<T>/ | ok
        <T>           | -                                        | https://login.microsoftonline.us/<T>/v2.0         | 2.0 | https://login.microsoftonline.us/<T>/v2.0 | ok # it names the cloud
        -             | -                                        | https://login.partner.microsoftonline.cn/<T>/v2.0 | 2.0 | https://login.partner.microsoftonline.cn/<T>/v2.0 | ok
        -             | -                                        | https://login.sovcloud-identity.de/<T>/v2.0       | 2.0 | https://login.sovcloud-identity.de/<T>/v2.0 | ok
        -             | -                                        | https://<T>.ciamlogin.com/<T>/v2.0                | 2.0 | https://<T>.ciamlogin.com/<T>/v2.0 | ok # External ID
        -             | https://login.microsoftonline.us         | https://sts.windows.net/<T>/                      | 1.0 | https://sts.windows.net/<T>/ | ok # two clouds share it
        -             | http://127.0.0.1:8080                    | https://login.microsoftonline.com/<T>/v2.0        | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ok # keys through a server of one's own
        -             | http://127.0.0.1:8080                    | http://127.0.0.1:8080/<T>/v2.0                    | 2.0 | http://127.0.0.1:8080/<T>/v2.0 | ok
        <O>           | -                                        | https://login.microsoftonline.com/<T>/v2.0        | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ERR_CONFIG # two tenants
        <T>           | https://login.microsoftonline.com        | https://login.microsoftonline.us/<T>/v2.0         | 2.0 | https://login.microsoftonline.us/<T>/v2.0 | ERR_CONFIG # two clouds
        <T>           | -                                        | https://login.microsoftonline.com/<T>             | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ERR_CONFIG # no token has it
        <T>           | -                                        | https://login.microsoftonline.com/<T>/v2.0/       | 2.0 | https://login.microsoftonline.com/<T>/v2.0/ | ERR_CONFIG
        <T>           | -                                        | https://sts.windows.net/<T>                       | 1.0 | https://sts.windows.net/<T> | ERR_CONFIG
        organizations | -                                        | https://login.microsoftonline.com/{tenantid}/v2.0 | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ERR_CONFIG # a template is no issuer
        -             | -                                        | https://login.microsoftonline.com/common/v2.0     | 2.0 | https://login.microsoftonline.com/<T>/v2.0 | ERR_CONFIG
        -             | -                                        | https://contoso.ciamlogin.com/<T>/v2.0            | 2.0 | https://contoso.ciamlogin.com/<T>/v2.0 | ERR_CONFIG
        ",
        |[tenant, host, issuer, ver, iss]| {
            let options = json!({
                "tenantId": value(tenant), "authorityHost": value(host), "issuer": issuer, "audience": CLIENT,
            });
            let claims = |table_tenant: &str| set(set(claims_of(ver, table_tenant), "iss", iss), "aud", CLIENT);
            let judge = Judge::try_by(&options)?;
            let good = claims(crate::common::TENANT);
            // Entra's rules hold: an id token and a token without a tenant are refused.
            for (claim, code) in [("appid", "ERR_TOKEN_USE"), ("tid", "ERR_TOKEN_TENANT")] {
                let lacking = good.clone().without(claim).without(if claim == "appid" { "azp" } else { claim });
                if judge.judge(&sign(&good)).is_ok() {
                    assert_eq!(judge.judge(&sign(lacking)).unwrap_err().code(), code, "{issuer}");
                }
            }
            judge.judge(&sign(good))
        },
    );
}

#[test]
fn external_id_is_judged_by_entras_rules() {
    check::<4>(
        "
        option        | its value                                      | claims without | iss | verdict
        authorityHost | https://<T>.ciamlogin.com                      | -   | https://<T>.ciamlogin.com/<T>/v2.0         | ok
        authorityHost | https://contoso.ciamlogin.com                  | -   | https://<T>.ciamlogin.com/<T>/v2.0         | ok
        authority     | https://contoso.ciamlogin.com/<T>/v2.0         | -   | https://<T>.ciamlogin.com/<T>/v2.0         | ok
        authority     | https://<T>.ciamlogin.com/<T>                  | -   | https://<T>.ciamlogin.com/<T>/v2.0         | ok
        authority     | https://<T>.ciamlogin.com/                     | -   | https://<T>.ciamlogin.com/<T>/v2.0         | ok
        authority     | https://contoso.ciamlogin.com/<T>/v2.0/.well-known/openid-configuration | - | https://<T>.ciamlogin.com/<T>/v2.0 | ok
        authority     | https://contoso.ciamlogin.com/<T>/v2.0         | azp | https://<T>.ciamlogin.com/<T>/v2.0         | ERR_TOKEN_USE # an id token
        authority     | https://contoso.ciamlogin.com/<T>/v2.0         | tid | https://<T>.ciamlogin.com/<T>/v2.0         | ERR_TOKEN_TENANT
        authority     | https://contoso.ciamlogin.com/<T>/v2.0         | -   | https://contoso.ciamlogin.com/<T>/v2.0     | ERR_TOKEN_ISSUER
        authority     | https://contoso.ciamlogin.com/<T>/v2.0         | -   | https://<O>.ciamlogin.com/<T>/v2.0         | ERR_TOKEN_ISSUER
        authority     | https://contoso.ciamlogin.com/<T>/v2.0         | -   | https://<O>.ciamlogin.com/<O>/v2.0         | ERR_TOKEN_TENANT
        authority     | https://contoso.ciamlogin.com/<T>/v2.0         | -   | https://login.microsoftonline.com/<T>/v2.0 | ERR_TOKEN_ISSUER
        authority     | https://contoso.ciamlogin.com/<O>/v2.0         | -   | https://<T>.ciamlogin.com/<T>/v2.0         | ERR_TOKEN_TENANT
        authority     | https://contoso.ciamlogin.com/common           | -   | https://<T>.ciamlogin.com/<T>/v2.0         | ERR_CONFIG
        ",
        |[option, text, without, iss]| {
            let mut options = json!({ "clientId": CLIENT });
            options[option] = json!(text);
            if option == "authorityHost" {
                options["tenantId"] = json!(crate::common::TENANT);
            }
            Judge::try_by(&options)?.judge(&sign(set(crate::common::v2(), "iss", iss).without(without)))
        },
    );
}
