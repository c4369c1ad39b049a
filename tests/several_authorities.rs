//! Several authorities in one verifier: static keys, through the public `Verifier`.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as loudly as a test")]

mod common;

use common::{CLIENT, NOW, OTHER_RSA, RSA, TENANT, policy, sign, time, v2};
use entra_jwt_verify::explain::FindingName;
use entra_jwt_verify::keys::{JwkSet, KeySet};
use entra_jwt_verify::token::Scratch;
use entra_jwt_verify::{Algorithm, ClaimProblem, Error, IssuerProblem, TenantProblem, Verdict, Verifier, VerifyError};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example";
const OTHER_TENANT: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";

fn one(options: &Value, key: &Value) -> Verifier {
    let keys: KeySet = JwkSet::parse(json!({ "keys": [key] }).to_string().as_bytes())
        .unwrap()
        .into();
    Verifier::new(policy(options).unwrap(), keys).unwrap()
}

/// A tenant, and an issuer that is not Entra's.
fn several() -> Verifier {
    let entra = one(&json!({ "tenantId": TENANT, "clientId": CLIENT }), &RSA.jwk());
    let other = one(&json!({ "issuer": ISSUER, "audience": "a" }), &OTHER_RSA.jwk());
    Verifier::of_several(vec![entra, other]).unwrap()
}

fn check(verifier: &Verifier, token: &str) -> Verdict {
    verifier.check(token.as_bytes(), time(NOW), None, &mut Scratch::default())
}

fn judge(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Valid {
            id: Some(id),
            authority,
        } => {
            assert_eq!(id.authority, *authority);
            *authority
        }
        other => panic!("{other:?}"),
    }
}

fn of_other() -> common::Object {
    v2().with("iss", &format!("\"{ISSUER}\"")).with("aud", "\"a\"")
}

#[test]
fn each_token_has_its_judge_at_each_sight() {
    let verifier = several();
    let (entra, other) = (sign(v2()), OTHER_RSA.sign(Algorithm::RS256, &of_other()));
    for _ in 0..2 {
        assert_eq!(judge(&check(&verifier, &entra)), 0);
        assert_eq!(judge(&check(&verifier, &other)), 1);
    }
    assert_eq!(verifier.token_cache().unwrap().counts(), (2, 2, 2));
    for (token, authority) in [(&entra, 0), (&other, 1)] {
        let explained = verifier.explain(token.as_bytes(), time(NOW), None, None, &mut Scratch::default());
        assert_eq!(explained.unwrap().authority, Some(authority));
    }
}

#[test]
fn a_token_is_judged_by_the_keys_of_the_issuer_that_it_names() {
    let verifier = several();
    for token in [sign(of_other()), OTHER_RSA.sign(Algorithm::RS256, &v2())] {
        assert!(
            matches!(check(&verifier, &token), Verdict::Rejected(Error::TokenKeyUnknown(_))),
            "{token}"
        );
    }
}

#[test]
fn a_token_of_no_authority_is_rejected_for_its_issuer() {
    let verifier = several();
    let with_iss = |iss: &str| sign(v2().with("iss", iss));
    let other_tenant = format!("\"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0\"");
    for (token, error) in [
        (
            with_iss("\"https://other.example\""),
            Error::TokenIssuer(IssuerProblem::Other),
        ),
        (
            with_iss("1"),
            Error::TokenClaim {
                claim: "iss",
                problem: ClaimProblem::IllTyped,
            },
        ),
        (sign(v2().without("iss")), Error::TokenIssuer(IssuerProblem::Missing)),
        (with_iss(&other_tenant), Error::TokenTenant(TenantProblem::NotAllowed)),
        (String::new(), Error::TokenMissing),
    ] {
        assert_eq!(check(&verifier, &token), Verdict::Rejected(error.clone()));
        let mut scratch = Scratch::default();
        let result = verifier.verify(token.as_bytes(), time(NOW), &mut scratch).map(drop);
        assert_eq!(result, Err(VerifyError::Rejected(error.clone())));
        let explanation = verifier
            .explain(token.as_bytes(), time(NOW), None, None, &mut scratch)
            .unwrap();
        assert_eq!(explanation.authority, None);
        assert_eq!(explanation.verdict, Err(error.clone()));
        let failed: Vec<_> = explanation.checks.iter().filter_map(|check| check.error()).collect();
        assert_eq!(failed, [&error], "and no rule of an authority that is not its own");
    }
}

#[test]
fn a_token_of_another_tenant_is_explained_by_the_authority_that_has_tenants() {
    let entra = || one(&json!({ "tenantId": TENANT, "clientId": CLIENT }), &RSA.jwk());
    let other = || one(&json!({ "issuer": ISSUER, "audience": "a" }), &OTHER_RSA.jwk());
    let iss = format!("\"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0\"");
    let token = sign(v2().with("iss", &iss).with("tid", &format!("\"{OTHER_TENANT}\"")));
    for verifiers in [vec![entra(), other()], vec![other(), entra()]] {
        let verifier = Verifier::of_several(verifiers).unwrap();
        let explained = verifier.explain(token.as_bytes(), time(NOW), None, None, &mut Scratch::default());
        let cause = explained.unwrap().cause().cloned().unwrap();
        assert_eq!(cause.name, FindingName::OtherTenant);
        assert!(
            cause.hint.contains(TENANT) && !cause.hint.contains(ISSUER),
            "{}",
            cause.hint
        );
    }
}

#[test]
fn what_nothing_could_tell_apart_is_a_mistake() {
    let tenant = || one(&json!({ "tenantId": TENANT, "audience": "a" }), &RSA.jwk());
    let other = || one(&json!({ "issuer": ISSUER, "audience": "a" }), &RSA.jwk());
    let flow_a = || one(&flow("B2C_1_a"), &RSA.jwk());
    let tolerant = one(
        &json!({ "issuer": ISSUER, "audience": "a", "clockTolerance": 1 }),
        &RSA.jwk(),
    );
    for verifiers in [
        vec![],
        vec![tenant(), other(), tenant()],
        vec![other(), other()],
        vec![flow_a(), one(&flow("b2c_1_A"), &RSA.jwk())],
        vec![flow_a(), other()],
        vec![tenant(), tolerant],
        (0..9).map(|_| tenant()).collect(),
    ] {
        let error = Verifier::of_several(verifiers).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Config {
                    option: "authorities",
                    ..
                }
            ),
            "{error}"
        );
    }
    assert!(Verifier::of_several(vec![tenant()]).is_ok());
}

/// A user flow of a B2C tenant, all of whose tokens have one issuer.
fn flow(name: &str) -> Value {
    let authority = format!("https://contoso.b2clogin.com/contoso.onmicrosoft.com/{name}/v2.0");
    json!({ "authority": authority, "issuer": ISSUER, "audience": "a" })
}

#[test]
fn a_token_of_a_user_flow_is_for_the_authority_of_that_flow() {
    let flows = vec![one(&flow("B2C_1_a"), &RSA.jwk()), one(&flow("B2C_1_b"), &RSA.jwk())];
    let verifier = Verifier::of_several(flows).unwrap();
    for claim in ["tfp", "acr"] {
        let naming = |name: &str| sign(of_other().with(claim, &format!("\"{name}\"")));
        for (name, authority) in [("B2C_1_a", 0), ("b2c_1_A", 0), ("B2C_1_b", 1), ("b2c_1_B", 1)] {
            assert_eq!(judge(&check(&verifier, &naming(name))), authority, "{claim} {name}");
        }
        let error = Error::TokenIssuer(IssuerProblem::Other);
        assert_eq!(check(&verifier, &naming("B2C_1_c")), Verdict::Rejected(error));
    }
}

#[test]
fn the_limit_of_length_comes_before_the_issuer() {
    let token = format!("{}.{}.a", "a".repeat(20_000), "b".repeat(10));
    assert!(matches!(
        check(&several(), &token),
        Verdict::Rejected(Error::TokenMalformed(_))
    ));
}

#[cfg(feature = "fetch")]
mod fetched {
    use entra_jwt_verify::keys::{KeyLocation, KeySourceConfig};
    use entra_jwt_verify::{given_keys, key_locations};
    use url::Url;

    use super::*;

    /// Keys at a URL that nobody fetches, because no roots are set.
    fn fetching(options: &Value, keys: Option<&str>) -> Verifier {
        let policy = policy(options).unwrap();
        let locations = key_locations(&policy, keys.map(|url| Url::parse(url).unwrap())).unwrap();
        Verifier::fetching(policy, locations.map(KeySourceConfig::new))
    }

    /// Keys that the application gives.
    fn given(options: &Value) -> Verifier {
        let policy = policy(options).unwrap();
        let locations = given_keys(&policy).unwrap();
        assert!(locations.iter().all(|location| *location == KeyLocation::Given));
        Verifier::fetching(policy, locations.map(KeySourceConfig::new))
    }

    fn given_of(tenant: &str) -> Verifier {
        given(&json!({ "tenantId": tenant, "clientId": CLIENT }))
    }

    #[test]
    fn each_token_waits_for_the_keys_of_its_authority() {
        let several_tenants = json!({
            "tenantId": "organizations", "clientId": CLIENT, "allowedTenants": [TENANT, OTHER_TENANT]
        });
        let verifier = Verifier::of_several(vec![
            fetching(&several_tenants, None),
            fetching(
                &json!({ "issuer": ISSUER, "audience": "a" }),
                Some("https://issuer.example/keys"),
            ),
            fetching(
                &json!({ "issuer": "https://last.example", "audience": "a" }),
                Some("https://last.example/keys"),
            ),
        ])
        .unwrap();
        let of_last = v2().with("iss", "\"https://last.example\"").with("aud", "\"a\"");
        for (token, source) in [
            // The first authority has two sources, keys for each version of tokens.
            (sign(v2()), 0),
            (OTHER_RSA.sign(Algorithm::RS256, &of_other()), 2),
            (OTHER_RSA.sign(Algorithm::RS256, &of_last), 3),
        ] {
            match check(&verifier, &token) {
                Verdict::KeysPending(tickets) => assert_eq!(tickets.source(), source),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn keys_that_are_given_have_to_name_their_authority() {
        let of_several = |tenant: &str| {
            given(&json!({ "tenantId": "organizations", "clientId": CLIENT, "allowedTenants": [tenant] }))
        };
        let error = Verifier::of_several(vec![of_several(TENANT), of_several(OTHER_TENANT)]).unwrap_err();
        assert!(error.to_string().contains("several have the URL"), "{error}");
        assert!(Verifier::of_several(vec![given_of(TENANT), given_of(OTHER_TENANT)]).is_ok());
    }

    fn set_of(key: &Value) -> JwkSet {
        JwkSet::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn keys_are_given_to_the_authority_that_is_named_and_exported_by_its_url() {
        let verifier = Verifier::of_several(vec![given_of(TENANT), given_of(OTHER_TENANT)]).unwrap();
        let urls: Vec<_> = verifier
            .policies()
            .map(|policy| policy.authority_url().clone())
            .collect();
        assert_eq!(verifier.sources().count(), 2);
        assert!(verifier.sources_by_authority().all(|sources| sources.count() == 1));
        assert_eq!((verifier.clock_ahead(), verifier.max_token_length()), (None, 16_384));
        assert_eq!(verifier.export_keys(), json!({ "keys": [], "authorities": {} }));

        for (named, said) in [(None, urls[1].as_str()), (Some("https://other.example"), &urls[0])] {
            let error = verifier.update_keys(set_of(&RSA.jwk()), named).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        let token = sign(v2());
        assert!(matches!(check(&verifier, &token), Verdict::Rejected(_)));
        verifier.update_keys(set_of(&RSA.jwk()), Some(&urls[1])).unwrap();
        assert!(
            matches!(check(&verifier, &token), Verdict::Rejected(_)),
            "the keys of another tenant"
        );
        verifier.update_keys(set_of(&OTHER_RSA.jwk()), Some(&urls[0])).unwrap();
        assert!(matches!(check(&verifier, &token), Verdict::Rejected(_)));
        verifier.update_keys(set_of(&RSA.jwk()), Some(&urls[0])).unwrap();
        assert_eq!(judge(&check(&verifier, &token)), 0);

        let exported = verifier.export_keys();
        let kids = |url: &String| exported["authorities"][url]["keys"].as_array().unwrap().len();
        assert_eq!((kids(&urls[0]), kids(&urls[1])), (2, 1));
    }

    #[test]
    fn authorities_of_one_url_are_named_by_it_if_their_keys_are_the_same() {
        let of = |tenant: &str| json!({ "tenantId": "organizations", "clientId": CLIENT, "allowedTenants": [tenant] });
        let verifier = |keys: [Option<&str>; 2]| {
            let [one, other] = keys;
            Verifier::of_several(vec![fetching(&of(TENANT), one), fetching(&of(OTHER_TENANT), other)]).unwrap()
        };
        let elsewhere = Some("https://keys.example/several");
        for (keys, is_clear) in [([None, None], true), ([None, elsewhere], false)] {
            let verifier = verifier(keys);
            let url = verifier.policies().next().unwrap().authority_url().clone();
            let updated = verifier.update_keys(set_of(&RSA.jwk()), Some(&url));
            assert_eq!(updated.is_ok(), is_clear, "{updated:?}");
            let exported = verifier.export_keys();
            assert_eq!(exported["authorities"].get(&url).is_some(), is_clear, "{exported}");
        }
    }

    #[test]
    fn a_token_waits_only_for_metadata_that_may_name_its_issuer() {
        let discovers = fetching(
            &json!({ "authority": "https://a.example/waits", "audience": "a" }),
            None,
        );
        let verifier = Verifier::of_several(vec![discovers, given_of(TENANT)]).unwrap();
        let of = |iss: &str| v2().with("iss", &format!("\"{iss}\"")).with("aud", "\"a\"");
        let verdict = |iss: &str| check(&verifier, &RSA.sign(Algorithm::RS256, &of(iss)));
        assert!(matches!(verdict("https://a.example/waits"), Verdict::KeysPending(_)));
        assert!(matches!(
            verdict("https://b.example/waits"),
            Verdict::Rejected(Error::TokenIssuer(_))
        ));
        // A token of Entra's is not made to wait for somebody else's metadata.
        assert!(matches!(check(&verifier, &sign(v2())), Verdict::Rejected(_)));
    }
}
