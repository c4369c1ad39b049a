//! A key's `issuer`: whose tokens it may sign (microsoft-cases, section 3; ARCHITECTURE.md, step 6).

use serde_json::json;

use crate::common::{CLIENT, Judge, Object, RSA, TENANT, sign, v2};
use crate::discovered::{self, Discovered};
use crate::table::{check, claims_of, set, value};

#[test]
fn a_key_is_used_for_the_tokens_of_its_issuer_only() {
    check::<3>(
        "
        key's issuer                                       | ver | token's tenant | verdict
        -                                                  | 1.0 | <T>   | ok                # the v1 sets have none
        -                                                  | 2.0 | <T>   | ok
        \"\"                                               | 2.0 | <T>   | ok
        ' '                                                | 2.0 | <T>   | ok                # white space is none
        https://login.microsoftonline.com/{tenantid}/v2.0  | 2.0 | <T>   | ok                # a template …
        https://login.microsoftonline.com/{tenantid}/v2.0  | 2.0 | <O>   | ok                # … is for every tenant …
        https://login.microsoftonline.com/{tenantid}/v2.0  | 2.0 | <MSA> | ok
        https://login.microsoftonline.com/{tenantid}/v2.0  | 1.0 | <T>   | ok                # … and stands for both versions of it
        https://sts.windows.net/{tenantid}/                | 1.0 | <T>   | ok
        https://sts.windows.net/{tenantid}/                | 2.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/<T>/v2.0         | 2.0 | <T>   | ok                # exact
        https://login.microsoftonline.com/<T>/v2.0         | 2.0 | <O>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/<T>/v2.0         | 1.0 | <T>   | ok
        https://login.microsoftonline.com/<T>/v2.0         | 1.0 | <O>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/<MSA>/v2.0       | 1.0 | <T>   | ERR_TOKEN_ISSUER  # personal accounts' keys sign for them alone
        https://login.microsoftonline.us/{tenantid}/v2.0   | 1.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/{tenantid}/v2.0/ | 1.0 | <T>   | ERR_TOKEN_ISSUER
        {tenantid}                                         | 1.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/<MSA>/v2.0       | 2.0 | <MSA> | ok                # personal accounts' keys
        https://login.microsoftonline.com/<MSA>/v2.0       | 2.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.us/{tenantid}/v2.0   | 2.0 | <T>   | ERR_TOKEN_ISSUER  # IDX40005: another cloud
        https://login.microsoftonline.com/{tenantid}/v2.0/ | 2.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/{tid}/v2.0       | 2.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/*/v2.0           | 2.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/                 | 2.0 | <T>   | ERR_TOKEN_ISSUER  # equal, not a prefix
        {tenantid}                                         | 2.0 | <T>   | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/{tenantid}/v2.0  | 2.0 | -     | ERR_TOKEN_TENANT  # IDX40009
        ",
        |[key, ver, tenant]| {
            let options = json!({ "tenantId": "common", "allowedTenants": "*", "clientId": CLIENT });
            let keys = [RSA.jwk_with(&json!({ "issuer": value(key) }))];
            Judge::by(&options).keys(keys).judge(&sign(claims_of(ver, tenant)))
        },
    );
}

#[test]
fn a_key_of_another_issuer_is_refused_for_any_kind_of_policy() {
    check::<3>(
        "
        policy's issuer                            | key's issuer                                      | tid | verdict
        -                                          | https://login.microsoftonline.com/<T>/v2.0        | <T> | ok
        -                                          | https://login.microsoftonline.com/<O>/v2.0        | <T> | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com/<T>/v2.0 | https://login.microsoftonline.com/{tenantid}/v2.0 | <T> | ok
        https://login.microsoftonline.com/<T>/v2.0 | https://login.microsoftonline.com/<O>/v2.0        | <T> | ERR_TOKEN_ISSUER
        https://issuer.example/<T>                 | -                                                 | -   | ok
        https://issuer.example/<T>                 | https://issuer.example/{tenantid}                 | <T> | ok
        https://issuer.example/<T>                 | https://issuer.example/{tenantid}                 | <O> | ERR_TOKEN_ISSUER
        https://issuer.example/<T>                 | https://issuer.example/{tenantid}                 | -   | ERR_TOKEN_ISSUER
        https://issuer.example/<T>                 | https://issuer.example/<T>                        | -   | ok
        https://issuer.example/<T>                 | https://issuer.example/                           | -   | ERR_TOKEN_ISSUER
        ",
        |[issuer, key, tid]| {
            let claims: Object = match issuer {
                "-" => v2(),
                issuer => set(v2(), "iss", issuer),
            };
            Judge::with(json!({ "issuer": value(issuer) }))
                .keys([RSA.jwk_with(&json!({ "issuer": value(key) }))])
                .judge(&sign(set(claims, "tid", tid)))
        },
    );
}

#[test]
fn a_key_of_external_id_is_of_the_tenant_there_or_in_the_public_cloud() {
    check::<1>(
        "
        key's issuer                                            | verdict
        -                                                       | ok
        https://<T>.ciamlogin.com/<T>/v2.0                      | ok
        https://{tenantid}.ciamlogin.com/{tenantid}/v2.0        | ok
        https://login.microsoftonline.com/{tenantid}/v2.0       | ok
        https://login.microsoftonline.com/<T>/v2.0              | ok
        https://login.microsoftonline.com/<MSA>/v2.0            | ERR_TOKEN_ISSUER
        https://<O>.ciamlogin.com/<O>/v2.0                      | ERR_TOKEN_ISSUER
        https://login.microsoftonline.us/{tenantid}/v2.0        | ERR_TOKEN_ISSUER
        ",
        |[key]| {
            let options = json!({ "authority": format!("https://contoso.ciamlogin.com/{TENANT}"), "clientId": CLIENT });
            let iss = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
            Judge::by(&options)
                .keys([RSA.jwk_with(&json!({ "issuer": value(key) }))])
                .judge(&sign(set(v2(), "iss", &iss)))
        },
    );
}

#[test]
fn a_key_of_external_id_behind_a_domain_of_its_own_is_as_well() {
    check::<3>(
        "
        authority                     | its metadata's issuer              | key's issuer                                      | verdict
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | -                                                 | ok
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://<T>.ciamlogin.com/<T>/v2.0                | ok
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://{tenantid}.ciamlogin.com/{tenantid}/v2.0  | ok
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://login.microsoftonline.com/{tenantid}/v2.0 | ok
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://login.microsoftonline.com/<T>/v2.0        | ok
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://login.microsoftonline.com/<MSA>/v2.0      | ERR_TOKEN_ISSUER
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://<O>.ciamlogin.com/<O>/v2.0                | ERR_TOKEN_ISSUER
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://login.microsoftonline.us/{tenantid}/v2.0  | ERR_TOKEN_ISSUER
        https://login.contoso.com/<T> | https://<T>.ciamlogin.com/<T>/v2.0 | https://login.contoso.com/<T>                     | ERR_TOKEN_ISSUER
        https://accounts.example.com  | https://accounts.example.com       | https://accounts.example.com                      | ok
        https://accounts.example.com  | https://accounts.example.com       | https://login.microsoftonline.com/{tenantid}/v2.0 | ERR_TOKEN_ISSUER # it has a tid, and is not of External ID
        https://accounts.example.com  | https://accounts.example.com       | https://login.microsoftonline.com/<T>/v2.0        | ERR_TOKEN_ISSUER
        ",
        |[authority, issuer, key]| {
            let keys = Discovered::with_key(authority, issuer, &RSA.jwk_with(&json!({ "issuer": value(key) })))?;
            let judge = Judge::by(&json!({ "authority": authority, "audience": CLIENT }));
            discovered::judge(&judge, &sign(set(v2(), "iss", issuer)), &keys)
        },
    );
}
