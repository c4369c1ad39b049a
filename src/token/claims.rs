//! The claims that are checked (RFC 7519, section 4; Entra's access token claims).

use std::borrow::Cow;

use super::json::{Setter, Value, read_object};
use super::{Malformed, Segment};
use crate::time::NumericDate;

/// A claim as it was found. A wrong type is an error of the rule about the claim, so that the order of the checks is the
/// pipeline's and not the token's.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Claim<T> {
    /// Not in the token.
    #[default]
    Absent,
    /// Present, of the right type.
    Present(T),
    /// Present, of a type that it must not have.
    IllTyped,
}

impl<T> Claim<T> {
    /// The value, if it is present and of the right type.
    pub const fn present(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::IllTyped => None,
        }
    }

    /// Whether the claim is present and of a wrong type.
    pub const fn is_ill_typed(&self) -> bool {
        matches!(self, Self::IllTyped)
    }
}

/// `aud`: a string or an array of strings (RFC 7519, section 4.1.3).
pub type AudienceClaim<'a> = Vec<Cow<'a, str>>;

/// The registered claims and those of Entra that a rule depends on. All others are only checked for well-formedness.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Claims<'a> {
    /// Issuer.
    pub iss: Claim<Cow<'a, str>>,
    /// Subject.
    pub sub: Claim<Cow<'a, str>>,
    /// Audience.
    pub aud: Claim<AudienceClaim<'a>>,
    /// Expiration time.
    pub exp: Claim<NumericDate>,
    /// Not before.
    pub nbf: Claim<NumericDate>,
    /// Issued at.
    pub iat: Claim<NumericDate>,
    /// JWT ID.
    pub jti: Claim<Cow<'a, str>>,
    /// Version of the token, `1.0` or `2.0`.
    pub ver: Claim<Cow<'a, str>>,
    /// Tenant.
    pub tid: Claim<Cow<'a, str>>,
    /// Whether there is a `TID`, `Tid` …: a reader that ignores case would take it for `tid`.
    pub has_other_tid: bool,
    /// Object id of the user or service principal.
    pub oid: Claim<Cow<'a, str>>,
    /// Client of a v1 token.
    pub appid: Claim<Cow<'a, str>>,
    /// Client of a v2 token.
    pub azp: Claim<Cow<'a, str>>,
    /// Client, by RFC 9068; Entra's tokens have none.
    pub client_id: Claim<Cow<'a, str>>,
    /// How the client of a v1 token proved itself: `0` not at all, `1` secret, `2` certificate.
    pub appidacr: Claim<Cow<'a, str>>,
    /// The same of a v2 token.
    pub azpacr: Claim<Cow<'a, str>>,
    /// `app` in app-only tokens of APIs that ask for this optional claim.
    pub idtyp: Claim<Cow<'a, str>>,
    /// Delegated permissions, separated by spaces.
    pub scp: Claim<Cow<'a, str>>,
    /// Scopes, by RFC 9068; Entra's tokens have none.
    pub scope: Claim<Cow<'a, str>>,
    /// App roles.
    pub roles: Claim<Vec<Cow<'a, str>>>,
    /// Whether there is a `cnf` (RFC 7800): the token is bound to a key.
    pub has_cnf: bool,
}

impl<'a> Claims<'a> {
    /// Reads a decoded payload.
    ///
    /// # Errors
    ///
    /// Not a strict JSON object.
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        read_object(text, Segment::Payload, setter)
    }

    /// The first claim that RFC 7519 registers and that has another type here, if there is one.
    #[must_use]
    pub fn ill_typed(&self) -> Option<&'static str> {
        first_ill_typed([
            ("exp", self.exp.is_ill_typed()),
            ("nbf", self.nbf.is_ill_typed()),
            ("iat", self.iat.is_ill_typed()),
            ("iss", self.iss.is_ill_typed()),
            ("aud", self.aud.is_ill_typed()),
            ("sub", self.sub.is_ill_typed()),
            ("jti", self.jti.is_ill_typed()),
        ])
    }

    /// The same for the claims of Entra; other issuers may give these names other types.
    #[must_use]
    pub fn ill_typed_entra(&self) -> Option<&'static str> {
        first_ill_typed([
            ("ver", self.ver.is_ill_typed()),
            ("tid", self.tid.is_ill_typed()),
            ("oid", self.oid.is_ill_typed()),
            ("appid", self.appid.is_ill_typed()),
            ("azp", self.azp.is_ill_typed()),
            ("appidacr", self.appidacr.is_ill_typed()),
            ("azpacr", self.azpacr.is_ill_typed()),
            ("idtyp", self.idtyp.is_ill_typed()),
            ("scp", self.scp.is_ill_typed()),
            ("roles", self.roles.is_ill_typed()),
        ])
    }
}

/// What takes the value of a claim; `None` for a claim that no rule and no explanation looks at.
fn setter<'a>(name: &str) -> Option<Setter<'a, Claims<'a>>> {
    let set: Setter<'a, Claims<'a>> = match name {
        "iss" => |claims, value| claims.iss = string(value),
        "sub" => |claims, value| claims.sub = string(value),
        "aud" => |claims, value| claims.aud = string_or_strings(value),
        "exp" => |claims, value| claims.exp = date(&value),
        "nbf" => |claims, value| claims.nbf = date(&value),
        "iat" => |claims, value| claims.iat = date(&value),
        "jti" => |claims, value| claims.jti = string(value),
        "ver" => |claims, value| claims.ver = string(value),
        "tid" => |claims, value| claims.tid = string(value),
        "oid" => |claims, value| claims.oid = string(value),
        "appid" => |claims, value| claims.appid = string(value),
        "azp" => |claims, value| claims.azp = string(value),
        "client_id" => |claims, value| claims.client_id = string(value),
        "appidacr" => |claims, value| claims.appidacr = string(value),
        "azpacr" => |claims, value| claims.azpacr = string(value),
        "idtyp" => |claims, value| claims.idtyp = string(value),
        "scp" => |claims, value| claims.scp = string(value),
        "scope" => |claims, value| claims.scope = string(value),
        "roles" => |claims, value| claims.roles = strings(value),
        "cnf" => |claims, _| claims.has_cnf = true,
        other if other.eq_ignore_ascii_case("tid") => |claims, _| claims.has_other_tid = true,
        _ => return None,
    };
    Some(set)
}

fn first_ill_typed<const N: usize>(claims: [(&'static str, bool); N]) -> Option<&'static str> {
    claims
        .into_iter()
        .find_map(|(name, ill_typed)| ill_typed.then_some(name))
}

pub(super) fn string(value: Value<'_>) -> Claim<Cow<'_, str>> {
    match value {
        Value::String(text) => Claim::Present(text),
        _ => Claim::IllTyped,
    }
}

fn date(value: &Value<'_>) -> Claim<NumericDate> {
    match value {
        // JSON has no NaN, and `serde_json` refuses what a double cannot hold; the type does not depend on that.
        Value::Number(seconds) => NumericDate::new(*seconds).map_or(Claim::IllTyped, Claim::Present),
        _ => Claim::IllTyped,
    }
}

fn strings(value: Value<'_>) -> Claim<Vec<Cow<'_, str>>> {
    let Value::Array(elements) = value else {
        return Claim::IllTyped;
    };
    elements
        .into_iter()
        .map(|element| match element {
            Value::String(text) => Some(text),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()
        .map_or(Claim::IllTyped, Claim::Present)
}

fn string_or_strings(value: Value<'_>) -> Claim<Vec<Cow<'_, str>>> {
    match value {
        Value::String(text) => Claim::Present(vec![text]),
        other => strings(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_types_that_claims_have() {
        let claims =
            Claims::parse(r#"{"exp":1.5,"nbf":-1,"iat":18446744073709551615,"aud":"a","roles":["r"],"scp":"x y"}"#)
                .unwrap();
        let date = |seconds| Claim::Present(NumericDate::new(seconds).unwrap());
        assert_eq!(claims.exp, date(1.5));
        assert_eq!(claims.nbf, date(-1.0));
        assert_eq!(claims.aud, Claim::Present(vec!["a".into()]));
        assert_eq!(claims.roles, Claim::Present(vec!["r".into()]));
        assert_eq!(claims.iss, Claim::Absent);
        assert_eq!((claims.ill_typed(), claims.ill_typed_entra()), (None, None));
    }

    #[test]
    fn a_date_that_is_not_finite_is_ill_typed() {
        for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(date(&Value::Number(seconds)), Claim::IllTyped);
        }
    }

    #[test]
    fn names_a_claim_of_the_wrong_type() {
        for (claim, values) in [
            ("exp", &["\"1\"", "true", "null", "{}", "[1]"] as &[_]),
            ("nbf", &["\"1\"", "false", "null"]),
            ("iat", &["\"1\"", "null", "{}"]),
            ("iss", &["1", "null", "[\"a\"]"]),
            ("aud", &["1", "null", "true", "{}", "[1]", "[\"a\",null]", "[[\"a\"]]"]),
            ("sub", &["1", "null"]),
            ("jti", &["1"]),
            ("ver", &["2.0"]),
            ("tid", &["[\"a\"]", "null"]),
            ("oid", &["1"]),
            ("appid", &["1"]),
            ("azp", &["null"]),
            ("appidacr", &["1"]),
            ("azpacr", &["null"]),
            ("idtyp", &["1"]),
            ("scp", &["[\"a\"]"]),
            ("roles", &["\"a\"", "[1]", "null"]),
        ] {
            for value in values {
                let text = format!(r#"{{"{claim}":{value}}}"#);
                let claims = Claims::parse(&text).unwrap();
                assert_eq!(claims.ill_typed().or(claims.ill_typed_entra()), Some(claim), "{text}");
            }
        }
    }

    #[test]
    fn claims_of_entra_are_not_registered_for_others() {
        let claims = Claims::parse(r#"{"scp":["a"],"roles":"b"}"#).unwrap();
        assert_eq!((claims.ill_typed(), claims.ill_typed_entra()), (None, Some("scp")));
    }
}
