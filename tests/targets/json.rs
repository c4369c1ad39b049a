//! Any text as header or claims: read exactly if it is one object without a member twice and not too deep. The reference keeps
//! every member and looks for pairs afterwards.

use std::fmt;

use entra_jwt_verify::token::{Claims, Header, Malformed};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// ARCHITECTURE.md, "What is verified".
const MAX_LEVELS: usize = 16;

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let expected = serde_json::from_str::<Tree>(text)
        .is_ok_and(|tree| matches!(tree, Tree::Object(_)) && tree.levels() <= MAX_LEVELS && !tree.has_a_member_twice());
    let claims = Claims::parse(text);
    assert_eq!(claims.is_ok(), expected, "claims");
    // White space means nothing, and has another reader read the text.
    assert_eq!(claims, Claims::parse(&format!(" {text}")), "claims after a space");
    // The header has rules of its own about its members.
    let header = Header::parse(text);
    let is_of_json = matches!(
        header,
        Err(Malformed::Json(_) | Malformed::DuplicateMember(_) | Malformed::TooDeep { .. })
    );
    assert!(expected || header.is_err(), "header");
    assert!(!(expected && is_of_json), "header");
}

pub fn examples() -> Vec<Vec<u8>> {
    let nested = format!("{{\"a\":{}{}}}", "[".repeat(15), "]".repeat(15));
    super::texts(&[
        "{}",
        "[]",
        r#"{"a":1,"b":{"c":[true,null,-1.5e3,"\u00e9\n"]},"a ":{}}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"m0":0,"m1":0,"m2":0,"m3":0,"m4":0,"m5":0,"m6":0,"m7":0,"m8":0,"m9":0}"#,
        r#"{"kid":"a","alg":"RS256","typ":"JWT"}"#,
        " {\"exp\" : 1767225600 } ",
        r#"{"aud":["a","b"],"exp":1767225600,"groups":["x","y","é"],"roles":[],"cnf":{"a":null},"tid":true}"#,
        &nested,
    ])
}

enum Tree {
    Leaf,
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Tree {
    fn children(&self) -> Vec<&Self> {
        match self {
            Self::Leaf => Vec::new(),
            Self::Array(elements) => elements.iter().collect(),
            Self::Object(members) => members.iter().map(|(_, value)| value).collect(),
        }
    }

    fn levels(&self) -> usize {
        let below = self.children().into_iter().map(Self::levels).max().unwrap_or(0);
        below + usize::from(!matches!(self, Self::Leaf))
    }

    fn has_a_member_twice(&self) -> bool {
        let twice = |members: &[(String, Self)]| {
            members
                .iter()
                .enumerate()
                .any(|(at, (name, _))| members[..at].iter().any(|(other, _)| other == name))
        };
        matches!(self, Self::Object(members) if twice(members))
            || self.children().into_iter().any(Self::has_a_member_twice)
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Leaf)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Leaf)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Leaf)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Leaf)
    }

    fn visit_str<E>(self, _: &str) -> Result<Tree, E> {
        Ok(Tree::Leaf)
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Tree::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(member) = members.next_entry()? {
            list.push(member);
        }
        Ok(Tree::Object(list))
    }
}
