//! `exp` and `nbf` (RFC 7519, sections 4.1.4 and 4.1.5).

use crate::error::Error;
use crate::policy::Policy;
use crate::token::{Claims, NumericDate};

/// There is an `exp`, and it lies in the future: `exp` itself is the first instant at which a token is rejected.
pub(crate) fn check_expiry(claims: &Claims<'_>, policy: &Policy, now: NumericDate) -> Result<(), Error> {
    let exp = claims.exp.present().ok_or(Error::TokenExpired { missing: true })?;
    if now >= exp + policy.clock_tolerance {
        return Err(Error::TokenExpired { missing: false });
    }
    Ok(())
}

/// `nbf`, where there is one, does not lie in the future: `nbf` itself is the first instant at which a token is valid.
pub(crate) fn check_not_before(claims: &Claims<'_>, policy: &Policy, now: NumericDate) -> Result<(), Error> {
    let is_early = |nbf: &NumericDate| now + policy.clock_tolerance < *nbf;
    if claims.nbf.present().is_some_and(is_early) {
        return Err(Error::TokenNotActive);
    }
    Ok(())
}
