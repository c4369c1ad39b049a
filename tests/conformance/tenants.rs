//! Which tenants' tokens pass, by `tenantId` and `allowedTenants` (docs/options.md).

use serde_json::json;

use crate::common::{CLIENT, Judge, TENANT, sign};
use crate::table::{check, claims_of, value};

#[test]
fn the_tenants_that_are_allowed_and_no_others() {
    check::<3>(
        "
        tenantId      | allowedTenants | token's tenant | verdict
        <T>           | -              | <T>            | ok
        <T^>          | -              | <T>            | ok
        <T>           | -              | <O>            | ERR_TOKEN_TENANT
        <T>           | -              | <MSA>          | ERR_TOKEN_TENANT
        <T>           | <T>,<O>        | <O>            | ok
        <T>           | <O>            | <T>            | ERR_TOKEN_TENANT   # the list is the whole list
        <T>           | *              | <O>            | ok
        <T>           | *              | <MSA>          | ERR_TOKEN_TENANT
        organizations | <T>            | <T>            | ok
        organizations | <T^>           | <T>            | ok
        organizations | <T>            | <O>            | ERR_TOKEN_TENANT
        organizations | <T>,<O>        | <O>            | ok
        organizations | *              | <O>            | ok
        organizations | *              | <MSA>          | ERR_TOKEN_TENANT   # organizations are not personal accounts
        organizations | <MSA>          | <MSA>          | ok                 # named, so allowed
        common        | <T>            | <T>            | ok
        common        | <T>            | <MSA>          | ERR_TOKEN_TENANT
        common        | <T>,<MSA>      | <MSA>          | ok
        common        | *              | <O>            | ok
        common        | *              | <MSA>          | ok
        consumers     | *              | <MSA>          | ok
        consumers     | *              | <T>            | ERR_TOKEN_TENANT   # every consumer, no organization
        consumers     | <MSA>          | <MSA>          | ok
        consumers     | <MSA>          | <T>            | ERR_TOKEN_TENANT
        contoso.com   | <T>            | <T>            | ok                 # known beforehand: nothing to resolve
        contoso.com   | <T>            | <O>            | ERR_TOKEN_TENANT
        organizations | -              | <T>            | ERR_CONFIG         # never guessed
        common        | -              | <T>            | ERR_CONFIG
        consumers     | -              | <MSA>          | ERR_CONFIG
        organizations | \"\"           | <T>            | ERR_CONFIG
        organizations | *,<T>          | <T>            | ERR_CONFIG         # \"*\" alone
        organizations | **             | <T>            | ERR_CONFIG
        organizations | contoso.com    | <T>            | ERR_CONFIG         # a domain would have to be resolved
        organizations | organizations  | <T>            | ERR_CONFIG
        organizations | {<T>}          | <T>            | ERR_CONFIG
        Organizations | *              | <T>            | ERR_CONFIG
        ",
        |[tenant, allowed, of_token]| {
            let options = json!({ "tenantId": tenant, "allowedTenants": value(allowed), "clientId": CLIENT });
            let judge = Judge::try_by(&options)?;
            judge.judge(&sign(claims_of("1.0", of_token)))?;
            judge.judge(&sign(claims_of("2.0", of_token)))
        },
    );
}

#[test]
fn allowed_tenants_are_never_ignored() {
    // Where a rule asks for no tenant, a list of tenants would be a wish that nobody heeds.
    check::<2>(
        "
        issuer                                     | allowedTenants | verdict
        -                                          | <T>            | ok
        https://issuer.example/                    | -              | ok
        https://issuer.example/                    | <O>            | ERR_CONFIG
        https://login.microsoftonline.com/<T>/v2.0 | <O>            | ERR_CONFIG
        ",
        |[issuer, allowed]| {
            let (issuer, allowed) = (value(issuer), value(allowed));
            let options =
                json!({ "tenantId": TENANT, "issuer": issuer, "allowedTenants": allowed, "audience": CLIENT });
            let claims = claims_of("2.0", TENANT);
            let claims = if issuer.is_null() {
                claims
            } else {
                claims.with("iss", &issuer.to_string())
            };
            Judge::try_by(&options)?.judge(&sign(claims))
        },
    );
}
