//! Claims of issuers that are not Entra's: the client (`azp`, `appid`, `client_id`), the scopes (`scp`, `scope`), and the key of
//! a token that names none.

use entra_jwt_verify::keys::JwkSet;
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{Algorithm, Verifier};
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, OTHER_RSA, Object, P256, RSA, header, sign, v2};
use crate::table::{check, set, value};

const ISSUER: &str = "https://issuer.example";

fn foreign() -> Object {
    v2().with("iss", &json!(ISSUER).to_string())
        .without("azp")
        .without("tid")
        .without("ver")
        .without("scp")
        .without("oid")
        .without("azpacr")
}

fn options(more: &Value) -> Value {
    let mut options = json!({ "issuer": ISSUER, "audience": CLIENT });
    for (name, value) in more.as_object().unwrap() {
        options[name] = value.clone();
    }
    options
}

#[test]
fn the_client_is_azp_or_appid_or_client_id() {
    check::<5>(
        "
        ver | azp | appid | client_id | allowedClients | verdict
        1.0 | <O> | -     | -         | <O>            | ok               # B2C
        -   | <O> | -     | -         | <O>            | ok
        -   | -   | <O>   | -         | <O>            | ok               # AD FS
        -   | -   | -     | <O>       | <O>            | ok               # RFC 9068
        -   | -   | -     | web       | web            | ok               # elsewhere ids are any text
        -   | <T> | <O>   | <O>       | <O>            | ERR_TOKEN_POLICY # the first of them counts
        -   | -   | <T>   | <O>       | <O>            | ERR_TOKEN_POLICY
        -   | -   | -     | web       | Web            | ERR_TOKEN_POLICY
        -   | -   | -     | -         | <O>            | ERR_TOKEN_POLICY
        2.0 | -   | -     | <O>       | <O>            | ok               # ver says nothing
        ",
        |[ver, azp, appid, client_id, allowed]| {
            let claims = [("ver", ver), ("azp", azp), ("appid", appid), ("client_id", client_id)];
            let claims = claims
                .iter()
                .fold(foreign(), |claims, (name, cell)| set(claims, name, cell));
            Judge::by(&options(&json!({ "allowedClients": value(allowed) }))).judge(&sign(claims))
        },
    );
}

#[test]
fn the_scopes_are_scp_or_scope() {
    check::<3>(
        "
        scp  | scope    | requiredScopes | verdict
        read | -        | read           | ok
        -    | read     | read           | ok               # RFC 9068
        -    | a read b | read           | ok
        -    | reader   | read           | ERR_TOKEN_POLICY
        a    | read     | read           | ERR_TOKEN_POLICY # scp is there, and counts
        -    | -        | read           | ERR_TOKEN_POLICY
        ",
        |[scp, scope, required]| {
            let claims = set(set(foreign(), "scp", scp), "scope", scope);
            Judge::by(&options(&json!({ "requiredScopes": value(required) }))).judge(&sign(claims))
        },
    );
    // Entra writes scp and nothing else.
    let entra = Judge::with(json!({ "requiredScopes": "read" }));
    let claims = v2().without("scp").with("scope", "\"read\"");
    assert_eq!(entra.judge(&sign(claims)).unwrap_err().code(), "ERR_TOKEN_POLICY");
}

#[test]
fn a_scope_is_written_as_tokens_have_it() {
    check::<1>(
        "
        requiredScopes               | verdict
        Task.Read                    | ok
        https:read                   | ERR_TOKEN_POLICY
        a/Task.Read                  | ERR_TOKEN_POLICY
        api://<API>/Task.Read        | ERR_CONFIG
        api://<API>/.default         | ERR_CONFIG
        https://api.example/x        | ERR_CONFIG
        ",
        |[scope]| {
            let options = json!({ "tenantId": crate::common::TENANT, "clientId": CLIENT, "requiredScopes": scope });
            Judge::try_by(&options)?.judge(&sign(v2().with("scp", "\"Task.Read\"")))
        },
    );
}

#[test]
fn a_token_that_names_no_key_means_the_only_one_that_fits() {
    let token = |claims: Object| RSA.token(Algorithm::RS256, header(&RSA, Algorithm::RS256).without("kid"), claims);
    let by = |keys: Vec<Value>| Judge::by(&options(&json!({}))).keys(keys).judge(&token(foreign()));
    assert_eq!(by(vec![RSA.jwk()]), Ok(()));
    assert_eq!(
        by(vec![P256.jwk(), RSA.jwk()]),
        Ok(()),
        "a key of another type does not fit"
    );
    assert_eq!(
        by(vec![RSA.jwk(), OTHER_RSA.jwk()]).unwrap_err().reason(),
        Some("missing")
    );
    assert_eq!(by(vec![P256.jwk()]).unwrap_err().reason(), Some("unknown-key"));
    assert_eq!(by(vec![OTHER_RSA.jwk()]).unwrap_err().code(), "ERR_TOKEN_SIGNATURE");
    // Entra's tokens name their key.
    let entra = Judge::with(json!({})).keys([RSA.jwk()]).judge(&token(v2()));
    assert_eq!(entra.unwrap_err().reason(), Some("missing"));
}

#[test]
fn who_calls_is_read_by_the_rules_that_the_token_was_judged_by() {
    let user = || foreign().with("oid", "\"one\"").with("sub", "\"one\"");
    for (what, options, claims, expected) in [
        (
            "B2C writes the user into both",
            options(&json!({})),
            user(),
            (None, "", false),
        ),
        (
            "its client proved itself",
            options(&json!({})),
            user().with("azpacr", "\"1\""),
            (None, "", true),
        ),
        (
            "or did not",
            options(&json!({})),
            user().with("azpacr", "\"0\""),
            (None, "", false),
        ),
        (
            "and acts for a user",
            options(&json!({})),
            user().with("azpacr", "\"1\"").with("scp", "\"r\""),
            (None, "r", false),
        ),
        (
            "or says so",
            options(&json!({})),
            user().with("appidacr", "\"2\"").with("scope", "\"r\""),
            (None, "r", false),
        ),
        (
            "RFC 9068",
            options(&json!({})),
            foreign().with("client_id", "\"web\""),
            (Some("web"), "", false),
        ),
        (
            "idtyp decides",
            options(&json!({})),
            foreign().with("idtyp", "\"app\""),
            (None, "", true),
        ),
        (
            "Entra's service principals are their own subject",
            json!({ "tenantId": crate::common::TENANT, "clientId": CLIENT }),
            v2().with("oid", "\"one\"")
                .with("sub", "\"one\"")
                .with("azp", "\"c\"")
                .without("scp")
                .without("idtyp"),
            (Some("c"), "", true),
        ),
        (
            "a v1 token's azp says nothing",
            json!({ "tenantId": crate::common::TENANT, "clientId": CLIENT }),
            crate::common::v1()
                .with("azp", "\"c\"")
                .with("appid", "\"a\"")
                .with("scp", "\"r\"")
                .without("idtyp"),
            (Some("a"), "r", false),
        ),
    ] {
        let keys = JwkSet::parse(json!({ "keys": [RSA.jwk()] }).to_string().as_bytes()).unwrap();
        let verifier = Verifier::new(crate::common::policy(&options).unwrap(), keys.into()).unwrap();
        let caller = verifier
            .caller(sign(claims).as_bytes(), 0, &mut Scratch::default())
            .unwrap();
        assert_eq!(
            (caller.client.as_deref(), caller.scopes.as_str(), caller.is_app_only),
            expected,
            "{what}"
        );
    }
}
