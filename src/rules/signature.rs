//! The signature (RFC 7515, section 5.2).

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::keys::VerifyingKey;
use crate::token::CompactToken;

/// The signature is the key's, over header and payload as they were sent.
pub(crate) fn check_signature(
    token: &CompactToken<'_>,
    key: &VerifyingKey,
    algorithm: Algorithm,
    buffer: &mut Vec<u8>,
) -> Result<(), Error> {
    let signature = token.decode_signature(buffer)?;
    if key.verify(algorithm, token.signing_input(), signature) {
        Ok(())
    } else {
        Err(Error::TokenSignature)
    }
}
