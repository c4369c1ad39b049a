//! What a token says of its origin before it is verified: only to choose by whom it is judged.

use std::borrow::Cow;

use super::claims::string;
use super::json::{Setter, Value, read_object};
use super::{Claim, Malformed, Segment};

/// The issuer and the user flow that a token names. Not verified.
#[derive(Debug, Default)]
pub(crate) struct ClaimedOrigin<'a> {
    /// `iss`.
    pub(crate) issuer: Claim<Cow<'a, str>>,
    /// `tfp`: the user flow of a B2C token.
    pub(crate) tfp: Option<Cow<'a, str>>,
    /// `acr`: the same in older B2C tokens; elsewhere the strength of a sign-in.
    pub(crate) acr: Option<Cow<'a, str>>,
}

impl<'a> ClaimedOrigin<'a> {
    /// Reads a decoded payload.
    ///
    /// # Errors
    ///
    /// Not a strict JSON object.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Malformed> {
        read_object(text, Segment::Payload, setter)
    }
}

/// What takes the value of a claim, if it says something of the origin.
fn setter<'a>(name: &str) -> Option<Setter<'a, ClaimedOrigin<'a>>> {
    let set: Setter<'a, ClaimedOrigin<'a>> = match name {
        "iss" => |origin, value| origin.issuer = string(value),
        "tfp" => |origin, value| origin.tfp = string_or_none(value),
        "acr" => |origin, value| origin.acr = string_or_none(value),
        _ => return None,
    };
    Some(set)
}

fn string_or_none(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_a_string() {
        let origin = ClaimedOrigin::parse(r#"{"iss":"i","tfp":"t","acr":"a","aud":"x"}"#).unwrap();
        assert_eq!(origin.issuer, Claim::Present("i".into()));
        assert_eq!((origin.tfp.as_deref(), origin.acr.as_deref()), (Some("t"), Some("a")));
        let origin = ClaimedOrigin::parse(r#"{"iss":["i"],"tfp":1,"acr":null}"#).unwrap();
        assert!(origin.issuer == Claim::IllTyped && origin.tfp.is_none() && origin.acr.is_none());
    }

    #[test]
    fn an_issuer_that_stands_twice_is_none_to_choose_by() {
        assert_eq!(
            ClaimedOrigin::parse(r#"{"iss":"a","iss":"b"}"#).unwrap_err(),
            Malformed::DuplicateMember(Segment::Payload)
        );
    }
}
