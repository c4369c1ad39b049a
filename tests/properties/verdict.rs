//! The verdict on claims against a second description of the rules: for each claim, values that are right and values
//! that are wrong with the code of what is wrong. The first wrong thing in the order of the pipeline is what is told.

use entra_jwt_verify::Algorithm;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::common::{Judge, OTHER_RSA, Object, P256, Signer, header};

/// The steps of the pipeline after the header, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Signature,
    Registered,
    Expired,
    NotActive,
    Entra,
    Issuer,
    Tenant,
    Use,
    Confused,
    Audience,
}

impl Step {
    const fn code(self) -> &'static str {
        match self {
            Self::Signature => "ERR_TOKEN_SIGNATURE",
            Self::Registered | Self::Entra | Self::Confused => "ERR_TOKEN_CLAIM",
            Self::Expired => "ERR_TOKEN_EXPIRED",
            Self::NotActive => "ERR_TOKEN_NOT_ACTIVE",
            Self::Issuer => "ERR_TOKEN_ISSUER",
            Self::Tenant => "ERR_TOKEN_TENANT",
            Self::Use => "ERR_TOKEN_USE",
            Self::Audience => "ERR_TOKEN_AUDIENCE",
        }
    }
}

/// Some members, and the step at which they are refused.
type Choice = (&'static [(&'static str, &'static str)], Option<Step>);

const RIGHT: Option<Step> = None;

macro_rules! tenant {
    () => {
        "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11"
    };
}
macro_rules! other {
    () => {
        "8d1e6c2f-405b-4c1f-8b64-203070100b22"
    };
}
macro_rules! client {
    () => {
        "4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e"
    };
}

const TID: (&str, &str) = ("tid", concat!("\"", tenant!(), "\""));
const V1: (&str, &str) = ("ver", "\"1.0\"");
const V2: (&str, &str) = ("ver", "\"2.0\"");
const ISS_V1: (&str, &str) = ("iss", concat!("\"https://sts.windows.net/", tenant!(), "/\""));
const ISS_V2: (&str, &str) = (
    "iss",
    concat!("\"https://login.microsoftonline.com/", tenant!(), "/v2.0\""),
);

const EXP: &[Choice] = &[
    (&[("exp", "1767225601")], RIGHT),
    (&[("exp", "1767225600.001")], RIGHT),
    (&[("exp", "1e12")], RIGHT),
    (&[], Some(Step::Expired)),
    (&[("exp", "1767225600")], Some(Step::Expired)),
    (&[("exp", "-1")], Some(Step::Expired)),
    (&[("exp", "\"1767225601\"")], Some(Step::Registered)),
    (&[("exp", "null")], Some(Step::Registered)),
];

const NBF: &[Choice] = &[
    (&[], RIGHT),
    (&[("nbf", "1767225600")], RIGHT),
    (&[("nbf", "0")], RIGHT),
    (&[("nbf", "1767225600.001")], Some(Step::NotActive)),
    (&[("nbf", "1e300")], Some(Step::NotActive)),
    (&[("nbf", "true")], Some(Step::Registered)),
];

const OTHER_REGISTERED: &[Choice] = &[
    (&[], RIGHT),
    (&[("iat", "1767225300"), ("sub", "\"a\""), ("jti", "\"b\"")], RIGHT),
    (&[("iat", "1e12")], RIGHT),
    (&[("iat", "\"1767225300\"")], Some(Step::Registered)),
    (&[("sub", "1")], Some(Step::Registered)),
    (&[("jti", "[]")], Some(Step::Registered)),
];

const IDENTITY: &[Choice] = &[
    (&[V1, ISS_V1, TID], RIGHT),
    (&[TID, ISS_V2, V2], RIGHT),
    (&[V1, ISS_V2, TID], Some(Step::Issuer)),
    (&[V2, ISS_V1, TID], Some(Step::Issuer)),
    (&[ISS_V2, TID], Some(Step::Issuer)),
    (&[V2, TID], Some(Step::Issuer)),
    (&[("ver", "\"2\""), ISS_V2, TID], Some(Step::Issuer)),
    (
        &[V2, ("iss", "\"https://login.microsoftonline.com/\""), TID],
        Some(Step::Issuer),
    ),
    (&[V2, ISS_V2], Some(Step::Tenant)),
    (&[V2, ISS_V2, ("tid", "\"common\"")], Some(Step::Tenant)),
    (
        &[V2, ISS_V2, ("tid", concat!("\"", other!(), "\""))],
        Some(Step::Tenant),
    ),
    (
        &[
            V1,
            ("iss", concat!("\"https://sts.windows.net/", other!(), "/\"")),
            ("tid", concat!("\"", other!(), "\"")),
        ],
        Some(Step::Tenant),
    ),
    (&[V2, ("iss", "1"), TID], Some(Step::Registered)),
    (&[("ver", "2.0"), ISS_V2, TID], Some(Step::Entra)),
    (&[V2, ISS_V2, ("tid", "[]")], Some(Step::Entra)),
];

const PARTY: &[Choice] = &[
    (&[("azp", "\"a\"")], RIGHT),
    (&[("appid", "\"a\"")], RIGHT),
    (&[("appid", "\"a\""), ("azp", "\"b\"")], RIGHT),
    (&[], Some(Step::Use)),
    (&[("azp", "1")], Some(Step::Entra)),
    (&[("appid", "\"a\""), ("azp", "null")], Some(Step::Entra)),
];

const PERMISSION: &[Choice] = &[
    (&[], RIGHT),
    (&[("roles", "[\"a\",\"b\"]")], RIGHT),
    (&[("scp", "\"a b\"")], RIGHT),
    (&[("idtyp", "\"app\""), ("roles", "[]")], RIGHT),
    (&[("idtyp", "\"user\""), ("scp", "\"a\"")], RIGHT),
    (&[("scp", "\"\""), ("idtyp", "\"app\"")], Some(Step::Confused)),
    (&[("idtyp", "true")], Some(Step::Entra)),
    (&[("scp", "[\"a\"]")], Some(Step::Entra)),
    (&[("roles", "\"a\"")], Some(Step::Entra)),
    (&[("oid", "{}")], Some(Step::Entra)),
];

const AUD: &[Choice] = &[
    (&[("aud", concat!("\"", client!(), "\""))], RIGHT),
    (&[("aud", concat!("\"api://", client!(), "\""))], RIGHT),
    (&[("aud", concat!("[\"other\",\"api://", client!(), "/\"]"))], RIGHT),
    (&[], Some(Step::Audience)),
    (&[("aud", "[]")], Some(Step::Audience)),
    (&[("aud", "\"other\"")], Some(Step::Audience)),
    (&[("aud", concat!("\"", client!(), "/\""))], Some(Step::Audience)),
    (&[("aud", concat!("[\"", client!(), "\",1]"))], Some(Step::Registered)),
    (&[("aud", "null")], Some(Step::Registered)),
];

/// Mostly right, so that often no more than one or two things are wrong.
fn choice(choices: &'static [Choice]) -> impl Strategy<Value = Choice> {
    let right: Vec<Choice> = choices.iter().copied().filter(|(_, step)| step.is_none()).collect();
    let wrong: Vec<Choice> = choices.iter().copied().filter(|(_, step)| step.is_some()).collect();
    prop_oneof![6 => select(right), 1 => select(wrong)]
}

fn all_choices() -> impl Strategy<Value = Vec<Choice>> {
    [EXP, NBF, OTHER_REGISTERED, IDENTITY, PARTY, PERMISSION, AUD]
        .map(|choices| choice(choices).boxed())
        .to_vec()
        .prop_shuffle()
}

/// Signed as its header says, or by a key of another kind.
fn token(claims: &Object, forged: bool) -> String {
    let (algorithm, head) = (Algorithm::ES256, header(&P256, Algorithm::ES256));
    if forged {
        let real = P256.token(algorithm, head, claims);
        let signing_input = real.rsplit_once('.').unwrap().0;
        let signature = OTHER_RSA.signature(Algorithm::RS256, signing_input.as_bytes());
        return format!("{signing_input}.{}", crate::common::base64url(&signature[..64]));
    }
    Signer::of(algorithm).token(algorithm, head, claims)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn the_first_thing_that_is_wrong_is_what_is_told(choices in all_choices(), forged in prop::bool::weighted(0.05)) {
        let members = choices.iter().flat_map(|(members, _)| members.iter());
        let claims = members.fold(Object::new([]), |claims, (name, json)| claims.and(name, json));
        let wrong = choices.iter().filter_map(|(_, step)| *step).chain(forged.then_some(Step::Signature)).min();
        let judge = Judge::with(json!({ "algorithms": "ES256" }));
        let verdict = judge.judge(&token(&claims, forged)).map_err(|error| error.code());
        prop_assert_eq!(verdict, wrong.map_or(Ok(()), |step| Err(step.code())), "{}", claims);
    }
}
