//! Tokens that name Entra as their issuer, and that Entra did not make.

use super::advice::Advice;
use super::whose::Whose;
use super::{Facts, Finding, FindingName, describe};
use crate::error::{AlgorithmProblem, ClaimProblem, Error, IssuerProblem, KeyUnknown, TenantProblem};
use crate::explain::report::CheckName;
use crate::rules::version;

/// A token that ends where its signature would begin, and says so.
pub(super) fn unsigned(facts: &Facts<'_>) -> Finding {
    Finding::new(
        FindingName::UnsignedToken,
        &[CheckName::Form, CheckName::Header, CheckName::Claims],
        "a token that is not signed (alg none): anybody can make one, not made by Entra",
        format!("get the token from Entra: {}", Advice::of(facts).ask()),
    )
}

/// A token that names Entra as its issuer and is not as Entra makes them.
pub(super) fn recognise(facts: &Facts<'_>) -> Option<Finding> {
    if !facts.policy().issuer.is_entra() {
        return None;
    }
    let (name, why) = if facts.has_shared_secret() {
        (
            FindingName::SharedSecret,
            "it is signed with a shared secret, and Entra signs with RS256".to_owned(),
        )
    } else if facts.is_unsigned() {
        (FindingName::UnsignedToken, "it is not signed".to_owned())
    } else {
        (FindingName::NotEntra, unlike_entra(facts)?)
    };
    Some(Finding::new(
        name,
        &[
            CheckName::Algorithm,
            CheckName::Key,
            CheckName::Signature,
            CheckName::EntraClaims,
            CheckName::Issuer,
            CheckName::Tenant,
        ],
        format!("a token that names Entra as its issuer, and that Entra did not make: {why}"),
        format!("get the token from Entra: {}", Advice::of(facts).ask()),
    ))
}

/// An issuer of one version in a token of the other.
fn is_of_two_versions(facts: &Facts<'_>) -> bool {
    let of_token = facts.parts.claims.as_ref().and_then(version);
    match facts.whose {
        // Of this tenant or another, in a version that does not fit: else the issuer would not have failed.
        Whose::Ours => true,
        Whose::Entra(issuer) => of_token.is_some_and(|version| version != issuer.version),
        Whose::Foreign(_) | Whose::Unsaid => false,
    }
}

/// What Entra never does.
fn unlike_entra(facts: &Facts<'_>) -> Option<String> {
    let algorithm = || describe::text(facts.evidence.header("alg").unwrap_or_default());
    let of_header = match facts.failure(CheckName::Algorithm) {
        Some(Error::TokenAlgorithm(AlgorithmProblem::NotAllowed | AlgorithmProblem::Unsupported))
            if facts.evidence.header("alg") != Some("RS256") =>
        {
            Some(format!("it is signed with {}, and Entra signs with RS256", algorithm()))
        }
        _ => match facts.failure(CheckName::Key) {
            Some(Error::TokenKeyUnknown(KeyUnknown::NotNamed)) => {
                Some("its header has neither kid nor x5t, and Entra's have one".to_owned())
            }
            _ => None,
        },
    };
    let of_claims = || match facts.failure(CheckName::Issuer) {
        Some(Error::TokenIssuer(IssuerProblem::Version)) => Some("ver is neither 1.0 nor 2.0".to_owned()),
        Some(Error::TokenIssuer(IssuerProblem::Other)) if is_of_two_versions(facts) => {
            Some("iss and ver are of different versions".to_owned())
        }
        _ => match facts.failure(CheckName::Tenant) {
            Some(Error::TokenTenant(TenantProblem::Missing)) => Some("it has no tid".to_owned()),
            Some(Error::TokenTenant(TenantProblem::NotAGuid)) => Some("tid is not a GUID".to_owned()),
            Some(Error::TokenTenant(TenantProblem::Ambiguous)) => Some("tid is there in two spellings".to_owned()),
            Some(Error::TokenTenant(TenantProblem::Mismatch)) => Some("tid and iss name different tenants".to_owned()),
            _ => None,
        },
    };
    let of_types = || match facts.failure(CheckName::EntraClaims) {
        Some(Error::TokenClaim {
            claim,
            problem: ClaimProblem::IllTyped,
        }) => Some(format!("{claim} has a type that Entra does not give it")),
        _ => None,
    };
    of_header.or_else(of_claims).or_else(of_types)
}
