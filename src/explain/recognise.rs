//! Recognises the usual mistakes, on positive evidence. Each is a finding whose hint replaces those of the checks that it
//! explains. Nothing here decides whether a token is valid.

mod advice;
mod audience;
mod b2c;
mod caller;
mod client;
mod damaged;
mod entra;
mod evidence;
mod foreign;
mod ids;
mod imitation;
mod issuers;
mod keys;
mod kind;
mod lifetime;
mod permissions;
mod resources;
mod text;
mod warnings;
mod whose;

use super::checks::Parts;
use super::finding::{Finding, FindingName};
use super::report::{CheckName, Report};
use super::{Question, date, describe};
use crate::error::Error;
use crate::keys::{KeyLookup, VerifyingKey};
use crate::policy::{IssuerKind, Policy};
use crate::token::Claims;

use caller::Caller;
use evidence::Evidence;
use whose::Whose;

/// What there is to recognise a token by.
pub(super) struct Facts<'f> {
    token: &'f [u8],
    parts: &'f Parts<'f>,
    question: Question<'f>,
    report: &'f Report,
    is_valid: bool,
    /// By whose rules the token is judged.
    kind: IssuerKind,
    /// What the token's key was found to be, if it was asked for.
    key: Option<KeyLookup>,
    evidence: Evidence,
    whose: Whose<'f>,
}

impl<'f> Facts<'f> {
    /// `discovered` is the issuer of the authority's metadata, where that is known.
    pub(super) fn new(
        token: &'f [u8],
        parts: &'f Parts<'f>,
        question: Question<'f>,
        report: &'f Report,
        is_valid: bool,
        key: Option<KeyLookup>,
        discovered: Option<&str>,
    ) -> Self {
        let whose = parts
            .claims
            .as_ref()
            .map_or(Whose::Unsaid, |claims| Whose::of(claims, question.policy, discovered));
        Self {
            token,
            parts,
            question,
            report,
            is_valid,
            kind: question.policy.issuer.kind(discovered),
            key,
            evidence: Evidence::of(token),
            whose,
        }
    }

    fn policy(&self) -> &'f Policy {
        self.question.policy
    }

    fn failure(&self, name: CheckName) -> Option<&Error> {
        self.report.failure(name)
    }

    /// The key that the token names, if there is one.
    fn found_key(&self) -> Option<&VerifyingKey> {
        match &self.key {
            Some(KeyLookup::Found(key)) => Some(key),
            Some(KeyLookup::Pending | KeyLookup::Rejected(_)) | None => None,
        }
    }

    /// Who asked for the token.
    fn caller(&self) -> Caller {
        match &self.parts.claims {
            Some(claims) => Caller::of(claims, self.kind, &self.evidence),
            None => Caller::Unknown,
        }
    }

    /// Whether the token is signed with a secret that two parties share (HMAC).
    fn has_shared_secret(&self) -> bool {
        self.evidence.header("alg").is_some_and(|name| name.starts_with("HS"))
    }

    /// Whether the token says that it is not signed.
    fn is_unsigned(&self) -> bool {
        self.evidence
            .header("alg")
            .is_some_and(|name| name.eq_ignore_ascii_case("none"))
    }
}

/// Whether a token names an issuer of the form that a policy's authority has, whatever its tenant. `discovered` is the issuer of the
/// authority's metadata.
pub(super) fn is_of(claims: &Claims<'_>, policy: &Policy, discovered: &str) -> bool {
    matches!(Whose::of(claims, policy, Some(discovered)), Whose::Ours)
}

/// The service of Microsoft's that an audience is of, by any of its names.
#[cfg(feature = "node")]
pub(crate) fn service_of_microsoft(audience: &str) -> Option<&'static str> {
    resources::of_audience(audience, true).map(|(name, _)| name)
}

/// What a token is recognised as, the true cause first: what it is, whose it is, for whom, and only then the rest. The first
/// finding for a check is the best.
pub(super) fn recognise(facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(damaged::recognise(facts).or_else(|| text::recognise(facts)));
    let Some(claims) = &facts.parts.claims else {
        if facts.is_unsigned() {
            return vec![imitation::unsigned(facts)];
        }
        if findings.is_empty() && facts.failure(CheckName::Nonce).is_some() {
            findings.push(audience::graph(facts));
        }
        return findings;
    };
    let is_explained = |findings: &[Finding], check| findings.iter().any(|finding| finding.checks.contains(&check));
    let other_type = kind::other_type(facts);
    let is_other_type = other_type.is_some();
    findings.extend(other_type);
    if is_other_type {
        return findings;
    }
    let foreign = entra::two_hosts(facts).or_else(|| foreign::recognise(facts, claims));
    // Whose token it is comes first, also where it is damaged.
    findings.splice(0..0, foreign);
    if !is_explained(&findings, CheckName::Issuer) {
        findings.extend(ids::recognise(facts, claims).or_else(|| entra::recognise(facts, claims)));
    }
    findings.extend(b2c::other_user_flow(facts));
    if !is_explained(&findings, CheckName::Audience) {
        findings.extend(kind::id_token(facts, claims));
        findings.extend(audience::microsoft(facts, claims));
    }
    findings.extend(kind::bound(facts, claims));
    if !is_explained(&findings, CheckName::Key) {
        findings.extend(keys::recognise(facts, claims));
    }
    // A token of the wrong kind has a wrong audience for that reason.
    if !is_explained(&findings, CheckName::Audience) {
        findings.extend(audience::recognise(facts, claims));
    }
    if !is_explained(&findings, CheckName::Signature) {
        findings.extend(damaged::changed(facts));
    }
    if !is_explained(&findings, CheckName::Expiry) {
        findings.extend(lifetime::recognise(facts, claims));
    }
    findings.extend(permissions::recognise(facts, claims));
    findings.extend(warnings::recognise(facts, claims));
    findings
}
