//! Access tokens and what is sent in their place: id tokens, tokens for Microsoft Graph.

use entra_jwt_verify::{Algorithm, ClaimProblem, Error, UseProblem};
use serde_json::json;

use crate::common::{CLIENT, Judge, Object, RSA, TENANT, header, judge, sign, v1, v2};

const NO_CLIENT: Result<(), Error> = Err(Error::TokenUse(UseProblem::NoClient));
const CONFUSED: Result<(), Error> = Err(Error::TokenClaim {
    claim: "idtyp",
    problem: ClaimProblem::Contradictory,
});

fn for_graph(claims: &Object) -> String {
    // Its nonce was hashed before signing, so its signature cannot be checked by anybody but Graph.
    RSA.token(
        Algorithm::RS256,
        header(&RSA, Algorithm::RS256).with("nonce", r#""0.AX""#),
        claims,
    )
}

#[test]
fn a_token_that_names_no_client_is_an_id_token() {
    assert_eq!(judge(&sign(v1().without("appid"))), NO_CLIENT);
    assert_eq!(judge(&sign(v2().without("azp"))), NO_CLIENT);
    // What id tokens have and access tokens have not does not make up for it.
    let id_token = v2()
        .without("azp")
        .with("nonce", r#""n""#)
        .with("preferred_username", r#""a@example.com""#);
    assert_eq!(judge(&sign(id_token)), NO_CLIENT);
}

#[test]
fn either_claim_names_the_client() {
    assert_eq!(judge(&sign(v1().without("appid").with("azp", "\"client\""))), Ok(()));
    assert_eq!(judge(&sign(v2().without("azp").with("appid", "\"client\""))), Ok(()));
}

#[test]
fn delegated_tokens_pass_as_app_only_ones_do() {
    for claims in [v1(), v2()] {
        assert_eq!(
            judge(&sign(claims.clone().with("scp", "\"Task.Read\"").without("roles"))),
            Ok(())
        );
        assert_eq!(
            judge(&sign(claims.clone().with("idtyp", "\"user\"").with("scp", "\"a b\""))),
            Ok(())
        );
        assert_eq!(judge(&sign(claims.with("idtyp", "\"app\""))), Ok(()));
    }
}

#[test]
fn an_app_only_token_with_scopes_was_made_to_confuse() {
    for claims in [v1(), v2()] {
        for scp in ["\"Task.Read\"", "\"\""] {
            let token = sign(claims.clone().with("idtyp", "\"app\"").with("scp", scp));
            assert_eq!(judge(&token), CONFUSED, "{scp}");
        }
    }
}

#[test]
fn a_nonce_in_the_header_marks_a_token_for_graph() {
    assert_eq!(judge(&for_graph(&v2())), Err(Error::TokenGraph));
    for nonce in ["null", "1", "\"\""] {
        let token = RSA.token(
            Algorithm::RS256,
            header(&RSA, Algorithm::RS256).with("nonce", nonce),
            v2(),
        );
        assert_eq!(judge(&token), Err(Error::TokenGraph), "{nonce}");
    }
    // In the claims it is what OpenID Connect made it, and says nothing.
    assert_eq!(judge(&sign(v2().with("nonce", "\"n\""))), Ok(()));
}

#[test]
fn a_token_for_graph_is_recognised_before_its_key_is_looked_for() {
    let unknown_key = header(&RSA, Algorithm::RS256)
        .with("nonce", "\"n\"")
        .with("kid", "\"unknown\"");
    assert_eq!(
        judge(&RSA.token(Algorithm::RS256, unknown_key, v2())),
        Err(Error::TokenGraph)
    );
}

#[test]
fn another_issuer_may_use_nonce_and_name_no_client() {
    let judge = Judge::by(&json!({ "issuer": "https://issuer.example", "audience": CLIENT }));
    let claims = v2().without("azp").with("iss", r#""https://issuer.example""#);
    assert_eq!(judge.judge(&for_graph(&claims)), Ok(()));
}

#[test]
fn the_tenant_is_judged_before_the_use() {
    let other = "8d1e6c2f-405b-4c1f-8b64-203070100b22";
    let claims = v2().without("azp").with("tid", &json!(other).to_string()).with(
        "iss",
        &json!(format!("https://login.microsoftonline.com/{other}/v2.0")).to_string(),
    );
    assert_eq!(judge(&sign(claims)).unwrap_err().code(), "ERR_TOKEN_TENANT");
    assert_ne!(other, TENANT);
}
