//! `cnf`: a token that is bound to a key is no bearer token (option `boundTokens`).

use serde_json::json;

use crate::common::{CLIENT, Judge, TENANT, sign, v1, v2};
use crate::table::{check, value};

#[test]
fn a_bound_token_is_refused_unless_the_policy_says_otherwise() {
    check::<3>(
        "
        boundTokens | claim      | its value            | verdict
        -           | cnf        | -                    | ok
        -           | cnf        | {\"x5t#S256\":\"a\"} | ERR_TOKEN_USE
        -           | cnf        | {\"kid\":\"a\"}      | ERR_TOKEN_USE  # Entra's proof of possession
        -           | cnf        | {\"jkt\":\"a\"}      | ERR_TOKEN_USE  # DPoP
        -           | cnf        | {}                   | ERR_TOKEN_USE
        -           | cnf        | null                 | ERR_TOKEN_USE
        -           | cnf        | \"a\"                | ERR_TOKEN_USE
        -           | xms_ds_cnf | \"a\"                | ok             # ordinary tokens of Entra's have it
        -           | xms_cnf    | {\"kid\":\"a\"}      | ok
        refuse      | cnf        | {\"x5t#S256\":\"a\"} | ERR_TOKEN_USE
        mtls        | cnf        | {\"x5t#S256\":\"a\"} | ok             # who knows the connection compares
        ignore      | cnf        | {\"kid\":\"a\"}      | ok
        other       | cnf        | -                    | ERR_CONFIG
        ",
        |[bound, claim, json]| {
            let options = json!({ "tenantId": TENANT, "clientId": CLIENT, "boundTokens": value(bound) });
            let judge = Judge::try_by(&options)?;
            for claims in [v1(), v2()] {
                let claims = if json == "-" { claims } else { claims.with(claim, json) };
                judge.judge(&sign(claims))?;
            }
            Ok(())
        },
    );
    let bound = Judge::with(json!({})).judge(&sign(v2().with("cnf", "{}"))).unwrap_err();
    assert_eq!((bound.reason(), bound.claim()), (Some("bound"), Some("cnf")));
}
