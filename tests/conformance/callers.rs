//! `allowedClients`, `requiredRoles`, `requiredScopes`: any of each list, all three lists (docs/options.md).

use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, Object, TENANT, sign};
use crate::table::{check, claims, set, value};

fn judge(options: &Value, claims: Object) -> Result<(), entra_jwt_verify::Error> {
    let mut all = json!({ "tenantId": TENANT, "clientId": CLIENT });
    for (name, value) in options.as_object().unwrap() {
        all[name] = value.clone();
    }
    Judge::try_by(&all)?.judge(&sign(claims))
}

#[test]
fn the_client_is_azp_in_v2_and_appid_in_v1() {
    check::<4>(
        "
        allowedClients | ver | appid | azp   | verdict
        -              | 1.0 | <O>   | -     | ok
        <O>            | 1.0 | <O>   | -     | ok
        <O>            | 2.0 | -     | <O>   | ok
        <O>            | 1.0 | <T>   | -     | ERR_TOKEN_POLICY
        <O>            | 2.0 | -     | <T>   | ERR_TOKEN_POLICY
        <T>,<O>        | 2.0 | -     | <O>   | ok               # any of them
        <T>,<O>        | 1.0 | <O>   | -     | ok
        <O>            | 2.0 | -     | <O^>  | ok               # a GUID has no case
        <O^>           | 1.0 | <O>   | -     | ok
        client         | 2.0 | -     | client | ERR_CONFIG       # no GUID: Entra has no such client
        <O>            | 1.0 | <T>   | <O>   | ERR_TOKEN_POLICY # the other version's claim says nothing
        <O>            | 2.0 | <O>   | <T>   | ERR_TOKEN_POLICY
        <O>            | 2.0 | <O>   | -     | ERR_TOKEN_POLICY
        <O>            | 1.0 | -     | <O>   | ERR_TOKEN_POLICY
        <O>            | 1.0 | -     | -     | ERR_TOKEN_USE    # before the policy
        \"\"           | 2.0 | -     | \"\"  | ERR_CONFIG       # a list that asks for nothing
        ",
        |[allowed, ver, appid, azp]| {
            let claims = set(set(claims(ver), "appid", appid), "azp", azp);
            judge(&json!({ "allowedClients": value(allowed) }), claims)
        },
    );
}

#[test]
fn any_of_the_roles_and_any_of_the_scopes() {
    check::<4>(
        "
        requiredRoles        | requiredScopes | roles                 | scp                   | verdict
        -                    | -              | -                     | -                     | ok
        Task.Read            | -              | Task.Read,            | -                     | ok
        Task.Read,Task.Write | -              | Other,Task.Write      | -                     | ok               # any of them
        Task.Read            | -              | -                     | -                     | ERR_TOKEN_POLICY
        Task.Read            | -              | Task.ReadWrite,       | -                     | ERR_TOKEN_POLICY # whole
        Task.Read            | -              | task.read,            | -                     | ERR_TOKEN_POLICY # with case
        Task.Read            | -              | -                     | Task.Read             | ERR_TOKEN_POLICY # a scope is no role
        Task.Read            | -              | Task.Read             | -                     | ERR_TOKEN_CLAIM  # text is no list of roles
        -                    | b,a            | -                     | b c                   | ok               # microsoft-identity-web, RequiredScope
        -                    | a              | -                     | -                     | ERR_TOKEN_POLICY
        -                    | a              | -                     | \"\"                  | ERR_TOKEN_POLICY
        -                    | a              | -                     | ab a.b A              | ERR_TOKEN_POLICY
        -                    | a              | -                     | b  a                  | ok               # two spaces are one
        -                    | a              | a,                    | -                     | ERR_TOKEN_POLICY # a role is no scope
        r                    | s              | r,                    | s                     | ok
        r                    | s              | r,                    | -                     | ERR_TOKEN_POLICY # both lists
        r                    | s              | -                     | s                     | ERR_TOKEN_POLICY
        -                    | a b            | -                     | a b                   | ERR_CONFIG       # no scope has a space
        \"\"                 | -              | -                     | -                     | ERR_CONFIG
        ",
        |[roles, scopes, of_token, scp]| {
            let claims = set(set(claims("2.0"), "roles", of_token), "scp", scp);
            judge(&json!({ "requiredRoles": value(roles), "requiredScopes": value(scopes) }), claims)
        },
    );
}

#[test]
fn ids_of_applications_are_guids_where_entra_is_known_to_write_them() {
    check::<3>(
        "
        authorityHost                      | clientId | allowedClients | verdict
        https://login.microsoftonline.com  | <API>    | <O>            | ERR_TOKEN_POLICY
        https://login.microsoftonline.com  | tasks    | -              | ERR_CONFIG
        https://login.microsoftonline.com  | <API>    | <O>,web        | ERR_CONFIG
        https://contoso.ciamlogin.com      | tasks    | -              | ERR_CONFIG
        https://login.sovcloud-identity.fr | {<API>}  | -              | ERR_CONFIG
        http://127.0.0.1:8080              | tasks    | web            | ok         # a test authority
        ",
        |[host, client, allowed]| {
            let options = json!({
                "tenantId": TENANT, "authorityHost": host, "clientId": client, "allowedClients": value(allowed),
            });
            let judge = Judge::try_by(&options)?;
            let iss = format!("{host}/{TENANT}/v2.0");
            judge.judge(&sign(set(
                set(set(claims("2.0"), "iss", &iss), "aud", client),
                "azp",
                "web",
            )))
        },
    );
}
