//! `iss` by the token's own `ver` (microsoft-cases, sections 1 and 2), for one tenant of the public cloud.

use crate::common::{judge, sign};
use crate::table::{check, claims, set};

#[test]
fn the_issuer_is_that_of_the_tokens_version() {
    check::<3>(
        "
        ver | iss                                                  | tid | verdict
        1.0 | https://sts.windows.net/<T>/                         | <T> | ok                 # row 1
        2.0 | https://login.microsoftonline.com/<T>/v2.0           | <T> | ok                 # rows 2 and 3
        2.0 | https://sts.windows.net/<T>/                         | <T> | ERR_TOKEN_ISSUER   # row 4: crossed
        1.0 | https://login.microsoftonline.com/<T>/v2.0           | <T> | ERR_TOKEN_ISSUER   # row 5: crossed
        1.0 | \"\"                                                 | <T> | ERR_TOKEN_ISSUER   # row 6
        2.0 | \"\"                                                 | <T> | ERR_TOKEN_ISSUER
        1.0 | -                                                    | <T> | ERR_TOKEN_ISSUER
        2.0 | -                                                    | <T> | ERR_TOKEN_ISSUER
        2.0 | https://login.microsoftonline.com/<T>                | <T> | ERR_TOKEN_ISSUER   # row 8, the other way round
        2.0 | https://login.windows-ppe.net/<T>/v2.0               | <T> | ERR_TOKEN_ISSUER   # row 10
        2.0 | https://login.microsoftonline.com/<T>/v2.0/          | <T> | ERR_TOKEN_ISSUER   # stricter: real tokens of 2015
        2.0 | https://login.microsoftonline.com/<T>/v1.1           | <T> | ERR_TOKEN_ISSUER   # stricter: no such tokens today
        1.1 | https://login.microsoftonline.com/<T>/v1.1           | <T> | ERR_TOKEN_ISSUER
        1.1 | https://sts.windows.net/<T>/                         | <T> | ERR_TOKEN_ISSUER   # there are two versions
        1.0 | https://login.microsoftonline.com/<T>/               | <T> | ERR_TOKEN_ISSUER
        -   | https://login.microsoftonline.com/<T>/v2.0           | <T> | ERR_TOKEN_ISSUER
        2   | https://login.microsoftonline.com/<T>/v2.0           | <T> | ERR_TOKEN_ISSUER
        2.0 | https://badissuer.example/<T>/v2.0                   | <T> | ERR_TOKEN_ISSUER   # another host
        1.0 | https://badissuer.example/<T>/                       | <T> | ERR_TOKEN_ISSUER
        2.0 | https://login.microsoftonline.us/<T>/v2.0            | <T> | ERR_TOKEN_ISSUER   # another cloud
        1.0 | https://sts.chinacloudapi.cn/<T>/                    | <T> | ERR_TOKEN_ISSUER
        2.0 | https://fabrikamb2c.b2clogin.com/<T>/v2.0/           | <T> | ERR_TOKEN_ISSUER   # B2C
        2.0 | https://<T>.ciamlogin.com/<T>/v2.0                   | <T> | ERR_TOKEN_ISSUER   # External ID
        2.0 | http://login.microsoftonline.com/<T>/v2.0            | <T> | ERR_TOKEN_ISSUER
        2.0 | https://login.microsoftonline.com:443/<T>/v2.0       | <T> | ERR_TOKEN_ISSUER
        2.0 | https://login.microsoftonline.com@evil.example/<T>/v2.0 | <T> | ERR_TOKEN_ISSUER
        2.0 | https://login.microsoftonline.com,https://sts.windows.net | <T> | ERR_TOKEN_CLAIM # an array
        ",
        |[ver, iss, tid]| judge(&sign(set(set(claims(ver), "iss", iss), "tid", tid))),
    );
}

#[test]
fn the_tenant_of_the_issuer_is_the_tid() {
    check::<3>(
        "
        ver | segment            | tid        | verdict
        1.0 | <T>                | <T>        | ok
        2.0 | <T>                | <T>        | ok
        1.0 | <T^>               | <T^>       | ok                 # a GUID has no case …
        2.0 | <T^>               | <T>        | ERR_TOKEN_TENANT   # … but Entra writes it one way in one token
        2.0 | <T>                | <T^>       | ERR_TOKEN_TENANT
        1.0 | <T>                | \"\"       | ERR_TOKEN_TENANT   # row 7: empty tid
        2.0 | <T>                | \"\"       | ERR_TOKEN_TENANT
        2.0 | <T>                | ' '        | ERR_TOKEN_TENANT
        1.0 | <T>                | -          | ERR_TOKEN_TENANT   # stricter: the tenant is not taken from iss
        2.0 | <T>                | -          | ERR_TOKEN_TENANT
        2.0 | <T>                | {tenantid} | ERR_TOKEN_TENANT
        2.0 | {tenantid}         | <T>        | ERR_TOKEN_TENANT   # row 9: literal template
        1.0 | {tenantid}         | <T>        | ERR_TOKEN_TENANT
        2.0 | {tenantid}         | {tenantid} | ERR_TOKEN_TENANT
        2.0 | <O>                | <T>        | ERR_TOKEN_TENANT   # IDX40004
        2.0 | <T>                | <O>        | ERR_TOKEN_TENANT
        2.0 | <O>                | <O>        | ERR_TOKEN_TENANT   # consistent, and not allowed
        1.0 | <O>                | <O>        | ERR_TOKEN_TENANT
        2.0 | <MSA>              | <MSA>      | ERR_TOKEN_TENANT
        2.0 | <O>/<T>            | <T>        | ERR_TOKEN_TENANT   # stricter: equal, not contained
        2.0 | <T>/<O>            | <T>        | ERR_TOKEN_TENANT
        2.0 | <T><O>             | <T>        | ERR_TOKEN_TENANT
        2.0 | tfp/<T>/b2c_1_susi | <T>        | ERR_TOKEN_TENANT   # IDX40002
        2.0 | common             | <T>        | ERR_TOKEN_TENANT
        2.0 | \"\"               | <T>        | ERR_TOKEN_TENANT
        ",
        |[ver, segment, tid]| {
            let iss = crate::table::issuer(ver, segment.trim_matches('"'));
            judge(&sign(set(set(claims(ver), "iss", &iss), "tid", tid)))
        },
    );
}
