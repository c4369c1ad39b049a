//! `aud` (RFC 7519, section 4.1.3).

use super::version;
use crate::error::{AudienceProblem, Error};
use crate::policy::{IssuerKind, Policy, Version};
use crate::token::Claims;

/// One of the token's audiences is accepted.
pub(crate) fn check_audience(claims: &Claims<'_>, policy: &Policy, kind: IssuerKind) -> Result<(), Error> {
    let is_v1 = kind == IssuerKind::Entra && version(claims) == Some(Version::V1);
    let audience = claims
        .aud
        .present()
        .ok_or(Error::TokenAudience(AudienceProblem::Missing))?;
    if audience.iter().any(|audience| policy.audiences.accept(audience, is_v1)) {
        Ok(())
    } else {
        Err(Error::TokenAudience(AudienceProblem::NotAccepted))
    }
}
