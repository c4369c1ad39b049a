//! Why a text cannot be read as a signed token.

use std::fmt;

/// One of the three segments of the compact serialization (RFC 7515, section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The first segment, the JOSE header.
    Header,
    /// The second segment, the claims.
    Payload,
    /// The third segment.
    Signature,
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a text cannot be read as a signed token. The message is for the developer of the client and never quotes the
/// token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// Longer than the policy allows.
    #[error("the token is longer than {limit} bytes (option maxTokenLength)")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A byte outside ASCII, which base64url does not contain.
    #[error("the token has a character outside ASCII; it must arrive exactly as the token endpoint returned it")]
    NotAscii,
    /// Not three segments.
    #[error("a signed token has three segments separated by dots, this one has {found}")]
    Segments {
        /// How many there are.
        found: usize,
    },
    /// Five segments: JWE compact serialization (RFC 7516).
    #[error("it has five segments, the form of an encrypted token (JWE), and a signed one has three")]
    Encrypted,
    /// A segment without a character, such as the signature of a token with `alg` `none`.
    #[error("the {0} is empty")]
    Empty(Segment),
    /// Not base64url as RFC 7515, section 2, defines it.
    #[error("the {0} is not base64url without padding, white space or unused bits (RFC 7515, section 2)")]
    Base64(Segment),
    /// Not UTF-8.
    #[error("the {0} is not UTF-8")]
    Utf8(Segment),
    /// Not one JSON object.
    #[error("the {0} is not a JSON object")]
    Json(Segment),
    /// A member occurs twice (RFC 7515, section 4; RFC 7519, section 4).
    #[error("the {0} has a member twice; parsers disagree which one counts")]
    DuplicateMember(Segment),
    /// Nested deeper than any token needs.
    #[error("the {segment} is nested deeper than {limit} levels")]
    TooDeep {
        /// Where.
        segment: Segment,
        /// The limit in levels.
        limit: usize,
    },
    /// `crit` asks for an extension, and none is supported (RFC 7515, section 4.1.11).
    #[error("the header has the member crit, and no critical extension is supported")]
    Critical,
    /// `b64` (RFC 7797) is not for JWTs (RFC 7797, section 7).
    #[error("the header has the member b64, which a JWT must not use (RFC 7797, section 7)")]
    UnencodedPayload,
    /// `enc` or `zip`: members of an encrypted token (RFC 7516).
    #[error("the header has the member enc or zip, which belongs to encrypted tokens (RFC 7516)")]
    EncryptionMember,
    /// `kid`, or `x5t` without a `kid`, is not a string.
    #[error("the header's kid or x5t is not a string")]
    KeyReference,
}
