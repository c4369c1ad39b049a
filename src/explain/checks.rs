//! The pipeline without its stops.

use std::sync::Arc;

use super::date::date;
use super::report::{CheckName, Report};
use super::{Question, Remembering};
use super::{describe, found};
use crate::algorithm::Algorithm;
use crate::error::VerifyError;
use crate::keys::VerifyingKey;
use crate::policy::{BoundTokens, IssuerKind, IssuerRule, Policy, Tenants};
use crate::rules::{
    Keys, check_algorithm, check_audience, check_bound_token, check_client, check_entra_types, check_expiry,
    check_form, check_issuer, check_key_issuer, check_nonce, check_not_before, check_registered_types, check_roles,
    check_scopes, check_signature, check_tenant, check_token_use, check_typ, discovered_issuer, find_key, read_claims,
    read_header,
};
use crate::time::ClockTolerance;
use crate::token::{Claims, CompactToken, Header, HeaderCache};

const OF_TOKEN: [CheckName; 3] = [CheckName::Header, CheckName::Signature, CheckName::Claims];

const OF_HEADER: [CheckName; 4] = [CheckName::Algorithm, CheckName::Type, CheckName::Nonce, CheckName::Key];

const OF_CLAIMS: [CheckName; 10] = [
    CheckName::Expiry,
    CheckName::NotBefore,
    CheckName::EntraClaims,
    CheckName::Issuer,
    CheckName::Tenant,
    CheckName::Use,
    CheckName::Audience,
    CheckName::Client,
    CheckName::Role,
    CheckName::Scope,
];

/// What could be read of a token.
#[derive(Default)]
pub(super) struct Parts<'s> {
    pub(super) header: Option<&'s Header<'static>>,
    pub(super) claims: Option<Claims<'s>>,
}

/// The buffers that the parts of a token are decoded into.
pub(super) struct Buffers<'s> {
    pub(super) header: &'s mut HeaderCache,
    pub(super) payload: &'s mut Vec<u8>,
    pub(super) signature: &'s mut Vec<u8>,
}

/// Makes every check that can be made. `None`: the key is being fetched.
pub(super) fn run<'s, K: Keys>(
    token: &[u8],
    question: Question<'_>,
    keys: &Remembering<'_, K>,
    Buffers {
        header,
        payload,
        signature,
    }: Buffers<'s>,
) -> Option<(Report, Parts<'s>)> {
    let policy = question.policy;
    let mut report = Report::default();
    let mut parts = Parts::default();
    let expected = format!(
        "three segments, none of them empty, {} bytes at most",
        policy.max_token_length
    );
    let Some(compact) = report.made(
        CheckName::Form,
        check_form(token, policy),
        expected,
        Some(found::form(token)),
    ) else {
        for names in [&OF_TOKEN as &[_], &OF_HEADER, &OF_CLAIMS] {
            report.not_reached(&asked(policy, names), "this is no signed token");
        }
        report.0.sort_by_key(|check| check.name);
        return Some((report, parts));
    };

    let expected = "a JSON object, no member twice, without crit, b64, enc and zip";
    let read = read_header(&compact, header);
    parts.header = report.made(CheckName::Header, read, expected, None);
    let signer = if let Some(header) = &parts.header {
        explain_header(&compact, header, question, keys, &mut report, payload)?
    } else {
        report.not_reached(&asked(policy, &OF_HEADER), "the header cannot be read");
        None
    };
    if let Some((algorithm, key)) = &signer {
        let result = check_signature(&compact, key, *algorithm, signature);
        let expected = "made with that key, over this header and these claims";
        let _ = report.made(CheckName::Signature, result, expected, None);
    } else {
        report.not_reached(&[CheckName::Signature], "there is no key to verify it with");
    }

    let expected = "a JSON object, no member twice, its registered claims (RFC 7519) of their types";
    match read_claims(&compact, payload) {
        Ok(claims) => {
            let _ = report.made(CheckName::Claims, check_registered_types(&claims), expected, None);
            let key = signer.as_ref().map(|(_, key)| key.as_ref());
            explain_claims(&claims, key, question, keys, &mut report);
            parts.claims = Some(claims);
        }
        Err(error) => {
            let _ = report.made(CheckName::Claims, Err::<(), _>(error), expected, None);
            report.not_reached(&asked(policy, &OF_CLAIMS), "the claims cannot be read");
        }
    }
    Some((report, parts))
}

/// The checks that the policy asks for.
fn asked(policy: &Policy, names: &[CheckName]) -> Vec<CheckName> {
    let is_asked = |name: &CheckName| match name {
        CheckName::Nonce | CheckName::EntraClaims | CheckName::Tenant | CheckName::Use => policy.issuer.is_entra(),
        CheckName::Client => !policy.callers.clients.is_empty(),
        CheckName::Role => !policy.callers.roles.is_empty(),
        CheckName::Scope => !policy.callers.scopes.is_empty(),
        _ => true,
    };
    names.iter().copied().filter(is_asked).collect()
}

/// Everything about the header, and the key that it names. `None`: the key is being fetched.
#[allow(clippy::option_option, reason = "the outer one is for `?`: nothing can be said yet")]
fn explain_header<K: Keys>(
    token: &CompactToken<'_>,
    header: &Header<'_>,
    question: Question<'_>,
    keys: &Remembering<'_, K>,
    report: &mut Report,
    buffer: &mut Vec<u8>,
) -> Option<Option<(Algorithm, Arc<VerifyingKey>)>> {
    let policy = question.policy;
    let mut text = Vec::new();
    let text = token.decode_header(&mut text).unwrap_or_default();
    let algorithm = report.made(
        CheckName::Algorithm,
        check_algorithm(header, policy),
        describe::algorithms(policy),
        Some(found::header_member(text, "alg")),
    );
    let typ = found::header_member(text, "typ");
    report.made(
        CheckName::Type,
        check_typ(header),
        "JWT or at+jwt, or no typ",
        Some(typ),
    );
    if policy.issuer.is_entra() {
        let found = if header.has_nonce { "a nonce" } else { "no nonce" };
        let result = check_nonce(header, policy);
        report.made(
            CheckName::Nonce,
            result,
            "no nonce in the header",
            Some(found.to_owned()),
        );
    }
    let Some(algorithm) = algorithm else {
        report.not_reached(&[CheckName::Key], "the algorithm is not one that is accepted");
        return Some(None);
    };
    let key = match find_key(token, header, algorithm, policy, keys, buffer) {
        Err(VerifyError::KeysPending) => return None,
        Err(VerifyError::Rejected(error)) => Err(error),
        Ok(key) => Ok(key),
    };
    let expected = describe::keys(policy);
    let key = report.made(CheckName::Key, key, expected, Some(found::key(header, keys.answer())));
    Some(key.map(|key| (algorithm, key)))
}

fn explain_claims<K: Keys>(
    claims: &Claims<'_>,
    key: Option<&VerifyingKey>,
    question: Question<'_>,
    keys: &Remembering<'_, K>,
    report: &mut Report,
) {
    let policy = question.policy;
    let kind = policy.issuer.kind(discovered_issuer(policy, keys).as_deref());
    let is_entra = kind == IssuerKind::Entra;
    explain_times(claims, question, report);
    if is_entra {
        let result = check_entra_types(claims, kind);
        let expected = "ver, tid, oid, appid, azp, appidacr, azpacr, idtyp and scp strings, roles strings in an array";
        report.made(CheckName::EntraClaims, result, expected, None);
    }
    explain_issuer(claims, key.is_some(), policy, keys, report);
    if is_entra {
        let expected = "a client (azp or appid), and no scp where idtyp is app";
        report.made(
            CheckName::Use,
            check_token_use(claims, kind),
            expected,
            Some(found::named_client(claims)),
        );
    }
    if claims.has_cnf {
        let expected = match policy.bound_tokens {
            BoundTokens::Refuse => "no cnf: a bearer token",
            BoundTokens::Mtls => "cnf, which the TLS client certificate of a request has to match",
            BoundTokens::Ignore => "cnf or none",
        };
        let result = check_bound_token(claims, policy);
        report.made(
            CheckName::BoundToken,
            result,
            expected,
            Some("cnf, a key of the client's".to_owned()),
        );
    }
    if let Some(key) = key
        && let Some(of_key) = key.issuer()
    {
        let expected = format!("the issuer of the key, {}", describe::text(of_key));
        let result = check_key_issuer(key, claims, &policy.issuer);
        report.made(
            CheckName::KeyIssuer,
            result,
            expected,
            Some(found::string("iss", &claims.iss)),
        );
    }
    let audience = found::strings("aud", &claims.aud);
    let expected = describe::audiences(&policy.audiences);
    report.made(
        CheckName::Audience,
        check_audience(claims, policy, kind),
        expected,
        Some(audience),
    );
    explain_callers(claims, policy, kind, report);
}

fn explain_times(claims: &Claims<'_>, question: Question<'_>, report: &mut Report) {
    let Question { policy, now, .. } = question;
    let tolerance = match policy.clock_tolerance {
        ClockTolerance::ZERO => String::new(),
        tolerance => format!(", with clockTolerance {} s", tolerance.as_secs_f64()),
    };
    let expected = format!("after {} (now){tolerance}", date(now.date()));
    let result = check_expiry(claims, policy, now);
    report.made(
        CheckName::Expiry,
        result,
        expected,
        Some(found::instant("exp", &claims.exp, now)),
    );
    let expected = format!("at or before {} (now){tolerance}", date(now.date()));
    let result = check_not_before(claims, policy, now);
    report.made(
        CheckName::NotBefore,
        result,
        expected,
        Some(found::instant("nbf", &claims.nbf, now)),
    );
}

fn explain_issuer<K: Keys>(
    claims: &Claims<'_>,
    has_key: bool,
    policy: &Policy,
    keys: &Remembering<'_, K>,
    report: &mut Report,
) {
    let discovered = discovered_issuer(policy, keys);
    let discovered = discovered.as_deref();
    if policy.issuer.needs_discovery() && discovered.is_none() && !has_key {
        let names = asked(policy, &[CheckName::Issuer, CheckName::Tenant]);
        return report.not_reached(&names, "the metadata of the authority was not read");
    }
    let found = match &policy.issuer {
        IssuerRule::Entra { .. } => {
            let (iss, ver) = (found::string("iss", &claims.iss), found::labelled("ver", &claims.ver));
            format!("{iss}, {ver}")
        }
        IssuerRule::Exact(_) | IssuerRule::Discovered => found::string("iss", &claims.iss),
    };
    let expected = describe::any_of(&describe::issuers(policy, discovered));
    let result = check_issuer(claims, &policy.issuer, discovered);
    let segment = report.made(CheckName::Issuer, result, expected, Some(found));
    let expected = match &policy.issuer {
        IssuerRule::Entra { tenants, .. } => describe::tenants(tenants, discovered),
        IssuerRule::Discovered if policy.issuer.kind(discovered) == IssuerKind::Entra => {
            describe::tenants(&Tenants::OfDomain, discovered)
        }
        IssuerRule::Exact(_) | IssuerRule::Discovered => return,
    };
    match segment {
        Some(segment) => {
            let result = check_tenant(claims, &policy.issuer, segment, discovered);
            report.made(
                CheckName::Tenant,
                result,
                expected,
                Some(found::string("tid", &claims.tid)),
            );
        }
        None => report.not_reached(&[CheckName::Tenant], "it is compared with the tenant in iss"),
    }
}

fn explain_callers(claims: &Claims<'_>, policy: &Policy, kind: IssuerKind, report: &mut Report) {
    let callers = &policy.callers;
    if !callers.clients.is_empty() {
        let expected = describe::any_of(&callers.clients);
        report.made(
            CheckName::Client,
            check_client(claims, callers, kind),
            expected,
            Some(found::client(claims, kind)),
        );
    }
    if !callers.roles.is_empty() {
        let found = found::strings("roles", &claims.roles);
        let expected = describe::any_of(&callers.roles);
        report.made(CheckName::Role, check_roles(claims, callers), expected, Some(found));
    }
    if !callers.scopes.is_empty() {
        let expected = describe::any_of(&callers.scopes);
        let found = found::scopes(claims, kind);
        report.made(
            CheckName::Scope,
            check_scopes(claims, callers, kind),
            expected,
            Some(found),
        );
    }
}
