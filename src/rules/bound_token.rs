//! `cnf` (RFC 7800): a token that is bound to a key is not a bearer token.

use crate::error::{Error, UseProblem};
use crate::policy::{BoundTokens, Policy};
use crate::token::Claims;

/// A bound token is only accepted if the policy delegates the proof of the binding, or ignores the binding.
///
/// `xms_ds_cnf`, which ordinary tokens of Entra have, does not bind the token.
pub(crate) const fn check_bound_token(claims: &Claims<'_>, policy: &Policy) -> Result<(), Error> {
    match policy.bound_tokens {
        BoundTokens::Refuse if claims.has_cnf => Err(Error::TokenUse(UseProblem::Bound)),
        BoundTokens::Refuse | BoundTokens::Mtls | BoundTokens::Ignore => Ok(()),
    }
}
