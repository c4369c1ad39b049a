//! What outlives a token.

use super::HeaderCache;

/// What one thread keeps from token to token: buffers, so that decoding allocates nothing once they have grown, and
/// the last header.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) header: HeaderCache,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}
