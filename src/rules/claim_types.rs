//! The payload is strict JSON, and its claims have their types.

use crate::error::{ClaimProblem, Error};
use crate::policy::IssuerKind;
use crate::token::{Claims, CompactToken};

/// Reads the claims.
pub(crate) fn read_claims<'b>(token: &CompactToken<'_>, buffer: &'b mut Vec<u8>) -> Result<Claims<'b>, Error> {
    Ok(Claims::parse(token.decode_payload(buffer)?)?)
}

/// Claims that RFC 7519 registers have the types of its section 4.1.
pub(crate) fn check_registered_types(claims: &Claims<'_>) -> Result<(), Error> {
    claims.ill_typed().map_or(Ok(()), |claim| Err(ill_typed(claim)))
}

/// Entra's claims have their types, under Entra's rules. Other issuers may give the same names other types.
pub(crate) fn check_entra_types(claims: &Claims<'_>, kind: IssuerKind) -> Result<(), Error> {
    match claims.ill_typed_entra() {
        Some(claim) if kind == IssuerKind::Entra => Err(ill_typed(claim)),
        _ => Ok(()),
    }
}

const fn ill_typed(claim: &'static str) -> Error {
    Error::TokenClaim {
        claim,
        problem: ClaimProblem::IllTyped,
    }
}
