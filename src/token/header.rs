//! The JOSE header (RFC 7515, section 4): which algorithm, which key, what kind of token.

use std::borrow::Cow;

use super::json::{Setter, Value, read_object};
use super::{CompactToken, Malformed, Segment};
use crate::algorithm::Algorithm;

/// How a token names its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyReference<'a> {
    /// `kid`, compared exactly.
    Kid(Cow<'a, str>),
    /// `x5t` without `kid`: Entra's tokens of 2013–15.
    X5t(Cow<'a, str>),
    /// Not at all: the one key that fits is meant.
    Unnamed,
}

impl KeyReference<'_> {
    /// The text that names the key.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Kid(text) | Self::X5t(text) => text,
            Self::Unnamed => "",
        }
    }

    fn into_owned(self) -> KeyReference<'static> {
        match self {
            Self::Kid(text) => KeyReference::Kid(text.into_owned().into()),
            Self::X5t(text) => KeyReference::X5t(text.into_owned().into()),
            Self::Unnamed => KeyReference::Unnamed,
        }
    }
}

/// What the pipeline needs from a header. Nothing in it is verified before the signature is.
///
/// `jku`, `jwk`, `x5u` and `x5c` are not read: a token must not bring its own key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header<'a> {
    /// `alg`; `None` when it is missing, no string, or none of the nine.
    pub algorithm: Option<Algorithm>,
    /// `kid` or `x5t`; `None` when the token names no key.
    pub key: Option<KeyReference<'a>>,
    /// Whether `typ` lets this be an access token: absent, `JWT` or `at+jwt` (RFC 9068, section 2.1), in any
    /// case, with or without `application/`.
    pub typ_is_access_token: bool,
    /// Whether there is a `nonce`: the mark of a Microsoft Graph token, whose signature only Graph can check.
    pub has_nonce: bool,
}

impl<'a> Header<'a> {
    /// Reads a decoded header.
    ///
    /// # Errors
    ///
    /// Not a strict JSON object; `crit`, `b64`, `enc` or `zip` present; `kid` no string.
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        let members = read_object(text, Segment::Header, setter)?;
        if let Some(refused) = members.refused {
            return Err(refused);
        }
        Ok(Self {
            algorithm: match members.alg {
                Some(Value::String(name)) => Algorithm::from_name(&name),
                _ => None,
            },
            key: match (members.kid, members.x5t) {
                (Some(Value::String(kid)), _) => Some(KeyReference::Kid(kid)),
                (None, Some(Value::String(x5t))) => Some(KeyReference::X5t(x5t)),
                (None, None) => None,
                _ => return Err(Malformed::KeyReference),
            },
            typ_is_access_token: match members.typ {
                Some(Value::String(typ)) => is_access_token(&typ),
                Some(_) => false,
                None => true,
            },
            has_nonce: members.has_nonce,
        })
    }

    fn into_owned(self) -> Header<'static> {
        Header {
            key: self.key.map(KeyReference::into_owned),
            ..self
        }
    }
}

/// The members that are read.
#[derive(Default)]
struct Members<'a> {
    alg: Option<Value<'a>>,
    typ: Option<Value<'a>>,
    kid: Option<Value<'a>>,
    x5t: Option<Value<'a>>,
    has_nonce: bool,
    /// Why a header with a member that is there is refused.
    refused: Option<Malformed>,
}

/// What takes the value of a member; `None` for a member that is not read.
fn setter<'a>(name: &str) -> Option<Setter<'a, Members<'a>>> {
    let set: Setter<'a, Members<'a>> = match name {
        "alg" => |members, value| members.alg = Some(value),
        "typ" => |members, value| members.typ = Some(value),
        "kid" => |members, value| members.kid = Some(value),
        "x5t" => |members, value| members.x5t = Some(value),
        "nonce" => |members, _| members.has_nonce = true,
        "crit" => |members, _| members.refused = Some(Malformed::Critical),
        "b64" => |members, _| members.refused = Some(Malformed::UnencodedPayload),
        "enc" | "zip" => |members, _| members.refused = Some(Malformed::EncryptionMember),
        _ => return None,
    };
    Some(set)
}

/// Keeps the last header that was read. All tokens signed with one key have the same header, byte by byte, so that it is
/// parsed once per key and not once per token.
#[derive(Debug, Default)]
pub struct HeaderCache {
    /// What `header` was read from; no token's header is empty.
    segment: Vec<u8>,
    header: Header<'static>,
    decoded: Vec<u8>,
}

impl HeaderCache {
    /// The header of a token.
    ///
    /// # Errors
    ///
    /// Not strict base64url, not UTF-8, and those of [`Header::parse`].
    pub fn read(&mut self, token: &CompactToken<'_>) -> Result<&Header<'static>, Malformed> {
        let segment = token.header_segment();
        if self.segment != segment {
            let header = Header::parse(token.decode_header(&mut self.decoded)?)?.into_owned();
            self.header = header;
            self.segment.clear();
            self.segment.extend_from_slice(segment);
        }
        Ok(&self.header)
    }
}

fn is_access_token(typ: &str) -> bool {
    // RFC 7515, section 4.1.9: "application/" may be left out, and media types compare without case.
    const PREFIX: &str = "application/";
    let subtype = match typ.get(..PREFIX.len()) {
        Some(start) if start.eq_ignore_ascii_case(PREFIX) => &typ[PREFIX.len()..],
        _ => typ,
    };
    subtype.eq_ignore_ascii_case("JWT") || subtype.eq_ignore_ascii_case("at+jwt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_entra_sends() {
        let header = Header::parse(r#"{"typ":"JWT","alg":"RS256","x5t":"t","kid":"k"}"#).unwrap();
        assert_eq!(header.algorithm, Some(Algorithm::RS256));
        assert_eq!(header.key, Some(KeyReference::Kid("k".into())));
        assert!(header.typ_is_access_token && !header.has_nonce);
    }

    #[test]
    fn x5t_names_the_key_only_without_kid() {
        assert_eq!(
            Header::parse(r#"{"x5t":"t"}"#).unwrap().key,
            Some(KeyReference::X5t("t".into()))
        );
        assert_eq!(Header::parse("{}").unwrap().key, None);
        for text in [
            r#"{"kid":1}"#,
            r#"{"kid":null,"x5t":"t"}"#,
            r#"{"kid":["k"]}"#,
            r#"{"x5t":1}"#,
        ] {
            assert_eq!(Header::parse(text), Err(Malformed::KeyReference), "{text}");
        }
    }

    #[test]
    fn an_algorithm_that_is_not_one_of_the_nine_is_none() {
        for text in [
            "{}",
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":["RS256"]}"#,
            r#"{"alg":0}"#,
        ] {
            assert_eq!(Header::parse(text).unwrap().algorithm, None, "{text}");
        }
    }

    #[test]
    fn typ_tells_access_tokens_from_others() {
        for typ in [
            "JWT",
            "jwt",
            "at+jwt",
            "AT+JWT",
            "application/at+jwt",
            "Application/JWT",
        ] {
            assert!(
                Header::parse(&format!(r#"{{"typ":"{typ}"}}"#))
                    .unwrap()
                    .typ_is_access_token,
                "{typ}"
            );
        }
        for typ in [
            r#""dpop+jwt""#,
            r#""JOSE""#,
            r#""""#,
            "1",
            "null",
            r#""application/""#,
            r#""applicationsJWT""#,
            r#""text/plain; JWT""#,
            r#""id_token+jwt""#,
        ] {
            assert!(
                !Header::parse(&format!(r#"{{"typ":{typ}}}"#))
                    .unwrap()
                    .typ_is_access_token,
                "{typ}"
            );
        }
    }

    #[test]
    fn refuses_extensions() {
        for (text, why) in [
            (r#"{"crit":["exp"]}"#, Malformed::Critical),
            (r#"{"crit":null}"#, Malformed::Critical),
            (r#"{"b64":true}"#, Malformed::UnencodedPayload),
            (r#"{"zip":"DEF"}"#, Malformed::EncryptionMember),
            (r#"{"enc":"A256GCM"}"#, Malformed::EncryptionMember),
        ] {
            assert_eq!(Header::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn keys_that_a_token_brings_are_ignored() {
        let text = r#"{"alg":"RS256","kid":"k","jku":"https://attacker.example/","jwk":{},"x5u":"u","x5c":["c"]}"#;
        assert_eq!(
            Header::parse(text).unwrap(),
            Header::parse(r#"{"alg":"RS256","kid":"k"}"#).unwrap()
        );
    }

    fn read(cache: &mut HeaderCache, header: &str) -> Result<Header<'static>, Malformed> {
        let token = format!("{}.e30.c2ln", base64_simd::URL_SAFE_NO_PAD.encode_to_string(header));
        cache
            .read(&CompactToken::parse(token.as_bytes(), 1000).unwrap())
            .cloned()
    }

    #[test]
    fn each_header_is_read_whatever_was_cached_before() {
        let headers = [
            r#"{"alg":"RS256","kid":"a"}"#,
            r#"{"alg":"RS256","kid":"b"}"#,
            r#"{"alg":"RS256","kid":"b","nonce":"n"}"#,
            r#"{"alg":"ES256","x5t":"b","typ":"id"}"#,
            r#"{"alg":"RS256","kid":"a","crit":[]}"#,
            r#"{"alg":"RS256","kid":1}"#,
            "no JSON",
        ];
        for first in headers {
            for second in headers {
                let mut cache = HeaderCache::default();
                for header in [first, second, second, first, second] {
                    assert_eq!(
                        read(&mut cache, header),
                        Header::parse(header),
                        "{header} after {first}"
                    );
                }
            }
        }
    }
}
