//! Claims are read exactly when they are an object without a member twice and not too deep; random trees say so of
//! themselves, and no parser is asked.

use entra_jwt_verify::token::{Claims, Header, Malformed, Segment};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Clone, Debug)]
enum Json {
    Scalar(&'static str),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(Name, Self)>),
}

/// A member name, which may be spelled with escapes and is the same name then (RFC 8259, section 8.3).
#[derive(Clone, Debug)]
struct Name {
    text: &'static str,
    escaped: bool,
}

impl Json {
    fn depth(&self) -> usize {
        match self {
            Self::Scalar(_) | Self::Text(_) => 0,
            Self::Array(elements) => 1 + elements.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
        }
    }

    fn has_a_member_twice(&self) -> bool {
        match self {
            Self::Scalar(_) | Self::Text(_) => false,
            Self::Array(elements) => elements.iter().any(Self::has_a_member_twice),
            Self::Object(members) => {
                let twice = |at: usize| members[..at].iter().any(|(name, _)| name.text == members[at].0.text);
                (0..members.len()).any(twice) || members.iter().any(|(_, value)| value.has_a_member_twice())
            }
        }
    }

    /// Without white space, as token endpoints write it, or with some, which another reader reads.
    fn write(&self, space: &str) -> String {
        match self {
            Self::Scalar(json) => (*json).to_owned(),
            Self::Text(text) => serde_json::to_string(text).unwrap(),
            Self::Array(elements) => {
                let elements: Vec<String> = elements.iter().map(|element| element.write(space)).collect();
                format!("[{}]", elements.join(&format!("{space},")))
            }
            Self::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{}:{space}{}", name.write(), value.write(space)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }
}

impl Name {
    fn write(&self) -> String {
        if self.escaped {
            let units: String = self
                .text
                .encode_utf16()
                .fold(String::new(), |escaped, unit| format!("{escaped}\\u{unit:04X}"));
            format!("\"{units}\"")
        } else {
            serde_json::to_string(self.text).unwrap()
        }
    }
}

fn name() -> impl Strategy<Value = Name> {
    const NAMES: &[&str] = &[
        "",
        "a",
        "A",
        "b",
        "é",
        "\u{1f511}",
        "exp",
        "aud",
        "iss",
        "\"",
        "\\",
        "__proto__",
        "kid",
        "typ",
    ];
    (prop::sample::select(NAMES), any::<bool>()).prop_map(|(text, escaped)| Name { text, escaped })
}

/// The name of a claim that is read, mostly.
fn claim() -> impl Strategy<Value = Name> {
    const NAMES: &[&str] = &[
        "aud", "iss", "exp", "nbf", "roles", "tid", "TID", "scp", "cnf", "groups", "name",
    ];
    prop::sample::select(NAMES).prop_map(|text| Name { text, escaped: false })
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        prop::sample::select(
            [
                "null",
                "true",
                "false",
                "0",
                "-1.5e-3",
                "1e300",
                "1767225600",
                "123456789012345",
                "1234567890123456",
                "12345678901234567890123"
            ]
            .as_slice()
        )
        .prop_map(Json::Scalar),
        any::<String>().prop_map(Json::Text),
        "[ -~é]{0,12}".prop_map(Json::Text),
    ];
    leaf.prop_recursive(24, 60, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::Array),
            vec((name(), inner), 0..4).prop_map(Json::Object),
        ]
    })
}

/// A tree inside as many arrays as it takes to come near the bound on depth.
fn deep_json() -> impl Strategy<Value = Json> {
    (json(), 0..18_usize).prop_map(|(json, levels)| (0..levels).fold(json, |inner, _| Json::Array(vec![inner])))
}

/// The bound, from the error that names it.
fn most_levels() -> usize {
    match Claims::parse(&format!("{{\"a\":{}", "[".repeat(1000))) {
        Err(Malformed::TooDeep { limit, .. }) => limit,
        other => panic!("{other:?}"),
    }
}

fn claims_verdict(object: &str) -> Result<(), Malformed> {
    Claims::parse(object).map(drop)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn an_object_is_read_unless_it_is_too_deep_or_has_a_member_twice(members in vec((name(), deep_json()), 0..5)) {
        let object = Json::Object(members);
        let verdict = claims_verdict(&object.write(""));
        prop_assert_eq!(&verdict, &claims_verdict(&object.write(" ")));
        match (object.depth() > most_levels(), object.has_a_member_twice()) {
            (false, false) => prop_assert_eq!(verdict, Ok(())),
            (false, true) => prop_assert_eq!(verdict, Err(Malformed::DuplicateMember(Segment::Payload))),
            (true, false) => {
                let limit = most_levels();
                prop_assert_eq!(verdict, Err(Malformed::TooDeep { segment: Segment::Payload, limit }));
            }
            (true, true) => prop_assert!(verdict.is_err()),
        }
    }

    #[test]
    fn what_is_read_does_not_depend_on_white_space(members in vec((claim(), json()), 0..8)) {
        let object = Json::Object(members);
        let (plain, spaced) = (object.write(""), object.write(" "));
        prop_assert_eq!(Claims::parse(&plain), Claims::parse(&spaced));
    }

    #[test]
    fn a_member_twice_is_found_among_any_number_of_others(
        // Names that are told apart by their length, their first and their last character, and some that are not.
        names in prop::collection::hash_set("[ab]{0,3}[0-9]{0,3}[ab]?", 1..200).prop_map(Vec::<String>::from_iter),
        twice in prop::option::of((any::<Index>(), any::<Index>(), any::<bool>())),
    ) {
        let written = |name: &str, escaped: bool| match name.chars().next() {
            Some(first) if escaped => format!("\"\\u{:04x}{}\":0", u32::from(first), &name[1..]),
            _ => format!("\"{name}\":0"),
        };
        let mut members: Vec<String> = names.iter().map(|name| written(name, false)).collect();
        if let Some((of, at, escaped)) = &twice {
            members.insert(at.index(members.len() + 1), written(&names[of.index(names.len())], *escaped));
        }
        let verdict = claims_verdict(&format!("{{{}}}", members.join(",")));
        let expected = twice.map_or(Ok(()), |_| Err(Malformed::DuplicateMember(Segment::Payload)));
        prop_assert_eq!(verdict, expected);
    }

    #[test]
    fn the_header_is_as_strict(members in vec((name(), json()), 0..4)) {
        let object = Json::Object(members);
        let refused = object.depth() > most_levels() || object.has_a_member_twice();
        match Header::parse(&object.write("")) {
            Ok(_) => prop_assert!(!refused),
            Err(Malformed::DuplicateMember(_) | Malformed::TooDeep { .. }) => prop_assert!(refused),
            // `kid` is one of the names, and not always a string.
            Err(other) => prop_assert_eq!(other, Malformed::KeyReference),
        }
    }

    #[test]
    fn what_is_no_object_is_no_claims(json in json(), tail in "[ -~]{1,8}") {
        let text = json.write("");
        if !matches!(json, Json::Object(_)) {
            prop_assert_eq!(claims_verdict(&text), Err(Malformed::Json(Segment::Payload)));
        }
        // One object and nothing after it but white space.
        prop_assert_eq!(claims_verdict(&format!("{{}}{tail}")).is_ok(), tail.trim_matches(' ').is_empty());
    }

    #[test]
    fn an_object_that_was_cut_short_is_no_object(members in vec((name(), json()), 1..4), at: Index) {
        let text = Json::Object(members).write("");
        let cut = text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        let end = cut[at.index(cut.len())];
        prop_assert!(claims_verdict(&text[..end]).is_err());
    }
}
