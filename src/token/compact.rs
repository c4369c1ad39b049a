//! The JWS compact serialization: three base64url segments (RFC 7515, section 7.1).

use super::{Malformed, Segment};

/// The three segments of a token, not yet decoded.
#[derive(Clone, Copy, Debug)]
pub struct CompactToken<'t> {
    header: &'t [u8],
    payload: &'t [u8],
    signature: &'t [u8],
    signing_input: &'t [u8],
}

impl<'t> CompactToken<'t> {
    /// Splits a token of at most `max_length` bytes.
    ///
    /// # Errors
    ///
    /// Too long, not ASCII, or not three non-empty segments. The length comes first, before any work.
    pub fn parse(token: &'t [u8], max_length: usize) -> Result<Self, Malformed> {
        if token.len() > max_length {
            return Err(Malformed::TooLong { limit: max_length });
        }
        if !token.is_ascii() {
            return Err(Malformed::NotAscii);
        }
        let mut dots = memchr::memchr_iter(b'.', token);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(match memchr::memchr_iter(b'.', token).count() + 1 {
                5 => Malformed::Encrypted,
                found => Malformed::Segments { found },
            });
        };
        let (header, payload, signature) = (&token[..first], &token[first + 1..second], &token[second + 1..]);
        for (segment, text) in [
            (Segment::Header, header),
            (Segment::Payload, payload),
            (Segment::Signature, signature),
        ] {
            if text.is_empty() {
                return Err(Malformed::Empty(segment));
            }
        }
        // The bytes that were signed: everything before the second dot (RFC 7515, section 5.2, step 8).
        Ok(Self {
            header,
            payload,
            signature,
            signing_input: &token[..second],
        })
    }

    /// What the signature is over: header, dot, payload, as they were sent.
    #[must_use]
    pub const fn signing_input(&self) -> &'t [u8] {
        self.signing_input
    }

    /// The header segment, not decoded.
    #[must_use]
    pub const fn header_segment(&self) -> &'t [u8] {
        self.header
    }

    /// Decodes the header segment into `buffer`.
    ///
    /// # Errors
    ///
    /// Not strict base64url, or not UTF-8.
    pub fn decode_header<'b>(&self, buffer: &'b mut Vec<u8>) -> Result<&'b str, Malformed> {
        utf8(decode(self.header, buffer, Segment::Header)?, Segment::Header)
    }

    /// Decodes the payload segment into `buffer`.
    ///
    /// # Errors
    ///
    /// Not strict base64url, or not UTF-8.
    pub fn decode_payload<'b>(&self, buffer: &'b mut Vec<u8>) -> Result<&'b str, Malformed> {
        utf8(decode(self.payload, buffer, Segment::Payload)?, Segment::Payload)
    }

    /// Decodes the signature segment into `buffer`.
    ///
    /// # Errors
    ///
    /// Not strict base64url.
    pub fn decode_signature<'b>(&self, buffer: &'b mut Vec<u8>) -> Result<&'b Vec<u8>, Malformed> {
        decode(self.signature, buffer, Segment::Signature)
    }
}

fn decode<'b>(text: &[u8], buffer: &'b mut Vec<u8>, segment: Segment) -> Result<&'b Vec<u8>, Malformed> {
    buffer.clear();
    base64_simd::URL_SAFE_NO_PAD
        .decode_append(text, buffer)
        .map_err(|_| Malformed::Base64(segment))?;
    Ok(buffer)
}

fn utf8(bytes: &[u8], segment: Segment) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed::Utf8(segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 100;

    fn payload_of(token: &str) -> Result<String, Malformed> {
        let mut buffer = Vec::new();
        CompactToken::parse(token.as_bytes(), LIMIT)?
            .decode_payload(&mut buffer)
            .map(str::to_owned)
    }

    #[test]
    fn splits_three_segments() {
        let token = CompactToken::parse(b"aGk.eW91.c2ln", LIMIT).unwrap();
        let mut buffer = Vec::new();
        assert_eq!(token.decode_header(&mut buffer), Ok("hi"));
        assert_eq!(token.decode_payload(&mut buffer), Ok("you"));
        assert_eq!(token.decode_signature(&mut buffer).unwrap(), b"sig");
        assert_eq!(token.signing_input(), b"aGk.eW91");
    }

    #[test]
    fn length_is_checked_first_and_inclusive() {
        let at_limit = "a".repeat(LIMIT);
        assert_eq!(payload_of(&at_limit), Err(Malformed::Segments { found: 1 }));
        assert_eq!(payload_of(&"é".repeat(LIMIT)), Err(Malformed::TooLong { limit: LIMIT }));
    }

    #[test]
    fn refuses_other_numbers_of_segments() {
        for (token, found) in [("", 1), ("a", 1), ("a.b", 2), ("a.b.c.d", 4), ("a.b.c.d.e.f", 6)] {
            assert_eq!(payload_of(token), Err(Malformed::Segments { found }), "{token}");
        }
        assert_eq!(payload_of("a.b.c.d.e"), Err(Malformed::Encrypted));
    }

    #[test]
    fn refuses_empty_segments() {
        assert_eq!(payload_of(".eW91.c2ln"), Err(Malformed::Empty(Segment::Header)));
        assert_eq!(payload_of("aGk..c2ln"), Err(Malformed::Empty(Segment::Payload)));
        assert_eq!(payload_of("aGk.eW91."), Err(Malformed::Empty(Segment::Signature)));
    }

    #[test]
    fn base64url_is_strict() {
        assert_eq!(payload_of("aGk.aGk.c2ln"), Ok("hi".to_owned()));
        // padding, white space, the other alphabet, a lone character, and unused bits that are not zero
        for payload in ["aGk=", "aG k", "aGk\n", "a+/k", "aGkaa", "aGl"] {
            let token = format!("aGk.{payload}.c2ln");
            assert_eq!(
                payload_of(&token),
                Err(Malformed::Base64(Segment::Payload)),
                "{payload:?}"
            );
        }
    }

    #[test]
    fn refuses_what_is_not_ascii_or_not_utf8() {
        assert_eq!(payload_of("aGk.é.c2ln"), Err(Malformed::NotAscii));
        assert_eq!(payload_of("aGk.__8.c2ln"), Err(Malformed::Utf8(Segment::Payload)));
    }
}
