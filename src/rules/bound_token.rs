//! `cnf` (RFC 7800): a token that is bound to a key is no bearer token.

use crate::error::{Error, UseProblem};
use crate::policy::{BoundTokens, Policy};
use crate::token::Claims;

/// A bound token is only accepted where the policy says who proves the binding, or that nobody has to.
///
/// `xms_ds_cnf`, which ordinary tokens of Entra's carry, binds nothing.
pub(crate) const fn check_bound_token(claims: &Claims<'_>, policy: &Policy) -> Result<(), Error> {
    match policy.bound_tokens {
        BoundTokens::Refuse if claims.has_cnf => Err(Error::TokenUse(UseProblem::Bound)),
        BoundTokens::Refuse | BoundTokens::Mtls | BoundTokens::Ignore => Ok(()),
    }
}
