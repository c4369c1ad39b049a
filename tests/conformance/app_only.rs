//! Tokens of applications and of users (ARCHITECTURE.md, "What is verified"): what the core refuses. Which of the two a
//! token is, is for `lib/core/verified-token.js` to say; `__test__/core/callers.test.mjs` has that table.

use crate::common::{judge, sign};
use crate::table::{check, claims, set};

#[test]
fn an_app_only_token_has_no_delegated_permissions() {
    check::<3>(
        "
        ver | idtyp | scp                  | verdict
        1.0 | -     | -                    | ok               # an application, as recorded 2013 to 2024
        2.0 | -     | -                    | ok
        1.0 | -     | user_impersonation   | ok               # a user
        2.0 | -     | Task.Read Task.Write | ok
        2.0 | app   | -                    | ok
        1.0 | app   | -                    | ok
        2.0 | user  | Task.Read            | ok
        2.0 | app   | Task.Read            | ERR_TOKEN_CLAIM  # made to confuse
        1.0 | app   | Task.Read            | ERR_TOKEN_CLAIM
        2.0 | app   | \"\"                 | ERR_TOKEN_CLAIM  # there, though empty
        2.0 | APP   | Task.Read            | ok               # not what Entra writes: says nothing
        2.0 | app   | Task.Read,Task.Write | ERR_TOKEN_CLAIM  # an array is no scp at all
        2.0 | -     | Task.Read,Task.Write | ERR_TOKEN_CLAIM
        2.0 | app,user | -                 | ERR_TOKEN_CLAIM
        ",
        |[ver, idtyp, scp]| judge(&sign(set(set(claims(ver), "idtyp", idtyp), "scp", scp))),
    );
}

#[test]
fn an_access_token_names_its_client() {
    check::<3>(
        "
        ver | appid  | azp    | verdict
        1.0 | client | -      | ok
        2.0 | -      | client | ok
        1.0 | -      | -      | ERR_TOKEN_USE    # an id token
        2.0 | -      | -      | ERR_TOKEN_USE
        1.0 | client | client | ok
        2.0 | client | -      | ok               # a client is named
        ",
        |[ver, appid, azp]| judge(&sign(set(set(claims(ver), "appid", appid), "azp", azp))),
    );
}
