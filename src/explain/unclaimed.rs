//! A token that is none of several authorities' to judge.

use super::checks::{self, Buffers};
use super::recognise::{Facts, is_of, recognise};
use super::report::{Check, CheckName, Outcome};
use super::{Explanation, Question, Remembering, describe, found};
use crate::algorithm::Algorithm;
use crate::error::{Error, KeyUnknown};
use crate::keys::KeyLookup;
use crate::policy::{Policy, Version};
use crate::rules::Keys;
use crate::time::UnixTime;
use crate::token::{KeyReference, Scratch};

/// In place of an issuer of metadata: whatever it is, the token's is another.
const NONE_OF_THEIRS: &str = "";

/// No authority is chosen, so that there are no keys to ask for.
struct NoKeys;

impl Keys for NoKeys {
    fn look_up(&self, _: &KeyReference<'_>, _: Algorithm, _: Option<Version>) -> KeyLookup {
        KeyLookup::Rejected(Error::TokenKeyUnknown(KeyUnknown::NotFound))
    }
}

/// Explains a token that no policy is for. `error` says why: its form or its claims cannot be read, or the issuer that it names
/// is none of theirs.
pub(crate) fn explain_unclaimed(
    token: &[u8],
    policies: &[&Policy],
    error: Error,
    now: UnixTime,
    clock_ahead: Option<f64>,
    scratch: &mut Scratch,
) -> Explanation {
    let Some(&policy) = policies.first() else {
        return Explanation::rejected(error);
    };
    // Of the first policy come only the checks that are the same for all.
    let question = Question {
        policy,
        now,
        clock_ahead,
    };
    let buffers = Buffers {
        header: &mut scratch.header,
        payload: &mut scratch.payload,
        signature: &mut scratch.signature,
    };
    let Some((mut report, parts)) = checks::run(token, question, &Remembering::of(&NoKeys), buffers) else {
        return Explanation::rejected(error);
    };
    let failing = match &error {
        Error::TokenIssuer(_) => CheckName::Issuer,
        Error::TokenTenant(_) => CheckName::Tenant,
        Error::TokenMissing | Error::TokenMalformed(_) if parts.header.is_none() => CheckName::Form,
        _ => CheckName::Claims,
    };
    let is_of_origin = matches!(failing, CheckName::Issuer | CheckName::Tenant);
    report.0.retain(|check| check.name != failing);
    for check in &mut report.0 {
        let is_read = matches!(check.name, CheckName::Form | CheckName::Claims) && check.outcome == Outcome::Passed;
        if !is_read {
            *check = not_reached(check.name);
        }
    }
    let (expected, found) = if is_of_origin {
        let issuers: Vec<_> = policies
            .iter()
            .flat_map(|policy| describe::issuers(policy, None))
            .collect();
        let claims = parts.claims.as_ref();
        (
            describe::any_of(&issuers),
            claims.map(|claims| found::string("iss", &claims.iss)),
        )
    } else {
        (String::from("a token whose claims can be read"), None)
    };
    let _ = report.made(failing, Err::<(), _>(error.clone()), expected, found);
    report.0.sort_by_key(|check| check.name);
    // It is recognised by the options of the authority whose kind of issuer it names, if there is one: another tenant's token by
    // those that name a tenant.
    let claims = parts.claims.as_ref();
    let names_its_kind = |policy: &&&Policy| claims.is_some_and(|claims| is_of(claims, policy, NONE_OF_THEIRS));
    let question = Question {
        policy: policies.iter().find(names_its_kind).copied().unwrap_or(policy),
        ..question
    };
    let facts = Facts::new(token, &parts, question, &report, false, None, Some(NONE_OF_THEIRS));
    let mut findings = recognise(&facts);
    findings.retain(|finding| finding.checks.contains(&failing));
    let mut checks = report.0;
    for check in &mut checks {
        if let Some(finding) = findings.iter().find(|finding| finding.explains(check)) {
            check.hint = Some(finding.hint.clone());
        }
    }
    Explanation {
        verdict: Err(error),
        checks,
        findings,
        authority: None,
    }
}

fn not_reached(name: CheckName) -> Check {
    Check {
        name,
        outcome: Outcome::NotReached,
        expected: None,
        found: None,
        hint: Some("none of the authorities is this token's".to_owned()),
    }
}
