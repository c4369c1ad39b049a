//! JSON objects as text, so that a test can write what no serializer would: a member twice, `1e400`, `01`.

use std::fmt;

use entra_jwt_verify::Algorithm;

use super::judge::{CLIENT, NOW, TENANT};
use super::signer::Signer;

/// Members in order, each with the text of its value.
#[derive(Clone, Debug)]
pub struct Object(Vec<(String, String)>);

impl Object {
    pub fn new<const N: usize>(members: [(&str, String); N]) -> Self {
        Self(members.map(|(name, value)| (name.to_owned(), value)).to_vec())
    }

    /// Sets a member, in the place where it is or at the end.
    pub fn with(mut self, name: &str, json: &str) -> Self {
        match self.0.iter_mut().find(|(existing, _)| existing == name) {
            Some((_, value)) => json.clone_into(value),
            None => self.0.push((name.to_owned(), json.to_owned())),
        }
        self
    }

    /// Adds a member at the end, whether or not one of that name is there.
    pub fn and(mut self, name: &str, json: &str) -> Self {
        self.0.push((name.to_owned(), json.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(existing, _)| existing != name);
        self
    }
}

impl fmt::Display for Object {
    /// Names are written as they are, so that a test may spell one with escapes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        write!(f, "{{{}}}", members.join(","))
    }
}

/// The header that Entra writes, for this key.
pub fn header(signer: &Signer, algorithm: Algorithm) -> Object {
    Object::new([
        ("typ", quoted("JWT")),
        ("alg", quoted(algorithm.name())),
        ("kid", quoted(signer.kid)),
    ])
}

/// Claims of an app-only token of version 1, in the shape of the recorded ones.
pub fn v1() -> Object {
    Object::new([
        ("aud", quoted(&format!("api://{CLIENT}"))),
        ("iss", quoted(&format!("https://sts.windows.net/{TENANT}/"))),
        ("iat", (NOW - 300.0).to_string()),
        ("nbf", (NOW - 300.0).to_string()),
        ("exp", (NOW + 3600.0).to_string()),
        ("appid", quoted("9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b")),
        ("oid", quoted("0b6f3a52-77c1-4d0b-a6a5-30c1f6d2e901")),
        ("sub", quoted("0b6f3a52-77c1-4d0b-a6a5-30c1f6d2e901")),
        ("tid", quoted(TENANT)),
        ("ver", quoted("1.0")),
        ("roles", r#"["Task.Read"]"#.to_owned()),
    ])
}

/// The same of version 2.
pub fn v2() -> Object {
    v1().with("aud", &quoted(CLIENT))
        .with(
            "iss",
            &quoted(&format!("https://login.microsoftonline.com/{TENANT}/v2.0")),
        )
        .with("ver", &quoted("2.0"))
        .without("appid")
        .with("azp", &quoted("9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b"))
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
