//! Buffers that are reused from token to token.

use super::HeaderCache;

/// Buffers of one thread, so that decoding allocates nothing once they have grown, and the last header.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) header: HeaderCache,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}
