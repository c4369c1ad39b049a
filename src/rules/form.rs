//! The form of a token: length, ASCII, three segments (RFC 7515, section 7.1).

use crate::error::Error;
use crate::policy::Policy;
use crate::token::CompactToken;

/// Splits a token into its segments.
pub(crate) fn check_form<'t>(token: &'t [u8], policy: &Policy) -> Result<CompactToken<'t>, Error> {
    if token.is_empty() {
        return Err(Error::TokenMissing);
    }
    Ok(CompactToken::parse(token, policy.max_token_length)?)
}
