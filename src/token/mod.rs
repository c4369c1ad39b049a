//! What a token is: compact form, header, claims. Nothing here knows which token is acceptable.

mod claims;
mod compact;
mod header;
mod json;
mod malformed;
mod origin;
mod scratch;

pub use claims::{AudienceClaim, Claim, Claims};
pub use compact::CompactToken;
pub use header::{Header, HeaderCache, KeyReference};
pub use malformed::{Malformed, Segment};
pub(crate) use origin::ClaimedOrigin;
pub use scratch::Scratch;
