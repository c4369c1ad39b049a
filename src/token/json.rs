//! Strict JSON for headers and claims: one object, no member twice, bounded depth.
//!
//! `serde_json` reads the text; what it leaves open (duplicate members, nesting) is decided here, at every
//! level, because two parsers that disagree about a token are a way past one of them.

mod names;
mod plain;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Malformed, Segment};
use names::Names;

/// Recorded Entra tokens nest three levels.
pub(super) const MAX_DEPTH: usize = 16;

/// A JSON value. Members of nested objects are checked for duplicates and depth, and not kept: no rule needs them.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Null,
    Bool,
    Number(f64),
    String(Cow<'a, str>),
    Array(Vec<Self>),
    Object,
}

/// Takes the value of a member.
pub(super) type Setter<'a, T> = fn(&mut T, Value<'a>);

/// Reads one object. `select` says what takes the value of a member of this name. The other members are checked, and nothing of
/// them is kept: a token may list hundreds of groups.
pub(super) fn read_object<'a, T: Default>(
    text: &'a str,
    segment: Segment,
    select: impl Fn(&str) -> Option<Setter<'a, T>>,
) -> Result<T, Malformed> {
    match plain::read_object(text, &select) {
        Some(read) => Ok(read),
        None => read_any_object(text, segment, select),
    }
}

/// Reads one object of any form.
fn read_any_object<'a, T: Default>(
    text: &'a str,
    segment: Segment,
    select: impl Fn(&str) -> Option<Setter<'a, T>>,
) -> Result<T, Malformed> {
    let mut target = T::default();
    let violation = Cell::new(None);
    let mut json = serde_json::Deserializer::from_str(text);
    let object = ObjectSeed {
        level: Level {
            depth: 0,
            violation: &violation,
        },
        select,
        target: &mut target,
    };
    let read = object.deserialize(&mut json).and_then(|()| json.end());
    read.map_err(|_| match violation.get() {
        Some(Violation::Duplicate) => Malformed::DuplicateMember(segment),
        Some(Violation::Depth) => Malformed::TooDeep {
            segment,
            limit: MAX_DEPTH,
        },
        None => Malformed::Json(segment),
    })?;
    Ok(target)
}

/// What we refuse and `serde_json` would not; kept aside, since its error type carries only text.
#[derive(Clone, Copy)]
enum Violation {
    Duplicate,
    Depth,
}

#[derive(Clone, Copy)]
struct Level<'v> {
    depth: usize,
    violation: &'v Cell<Option<Violation>>,
}

impl Level<'_> {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(self.refuse(Violation::Depth));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    fn refuse<E: de::Error>(self, violation: Violation) -> E {
        self.violation.set(Some(violation));
        E::custom("refused")
    }
}

/// Walks the members of an object, whose values `read` takes, and fails when a name occurs twice.
fn walk_members<'de, 'v, A: MapAccess<'de>>(
    mut map: A,
    level: Level<'v>,
    mut read: impl FnMut(&str, &mut A, Level<'v>) -> Result<(), A::Error>,
) -> Result<(), A::Error> {
    let inner = level.deeper()?;
    let mut names = Names::default();
    while let Some(name) = map.next_key_seed(NameSeed)? {
        read(&name, &mut map, inner)?;
        if names.add_or_find(name) {
            return Err(level.refuse(Violation::Duplicate));
        }
    }
    if names.have_duplicates() {
        return Err(level.refuse(Violation::Duplicate));
    }
    Ok(())
}

/// Walks the members of an object of which nothing is kept.
fn skip_members<'de, A: MapAccess<'de>>(map: A, level: Level<'_>) -> Result<(), A::Error> {
    walk_members(map, level, |_, map, inner| map.next_value_seed(SkipSeed(inner)))
}

struct ObjectSeed<'v, 't, T, S> {
    level: Level<'v>,
    select: S,
    target: &'t mut T,
}

impl<'de, T, S: Fn(&str) -> Option<Setter<'de, T>>> DeserializeSeed<'de> for ObjectSeed<'_, '_, T, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T, S: Fn(&str) -> Option<Setter<'de, T>>> Visitor<'de> for ObjectSeed<'_, '_, T, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        walk_members(map, self.level, |name, map, inner| match (self.select)(name) {
            Some(set) => {
                set(self.target, map.next_value_seed(ValueSeed(inner))?);
                Ok(())
            }
            None => map.next_value_seed(SkipSeed(inner)),
        })
    }
}

struct ValueSeed<'v>(Level<'v>);

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number))
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "a NumericDate is a JSON number; 2^53 seconds are enough"
    )]
    fn visit_i64<E>(self, number: i64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "a NumericDate is a JSON number; 2^53 seconds are enough"
    )]
    fn visit_u64<E>(self, number: u64) -> Result<Value<'de>, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
        let inner = self.0.deeper()?;
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(ValueSeed(inner))? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value<'de>, A::Error> {
        skip_members(map, self.0)?;
        Ok(Value::Object)
    }
}

/// A value of which nothing is kept.
struct SkipSeed<'v>(Level<'v>);

impl<'de> DeserializeSeed<'de> for SkipSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for SkipSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.0.deeper()?;
        while seq.next_element_seed(SkipSeed(inner))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        skip_members(map, self.0)
    }
}

/// A member name, borrowed from the text unless it has escapes.
struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn names_by<'t>(text: &'t str, set: Option<Setter<'t, ()>>) -> Result<Vec<String>, Malformed> {
        let names = RefCell::new(Vec::new());
        let select = |name: &str| {
            names.borrow_mut().push(name.to_owned());
            set
        };
        let read = read_any_object(text, Segment::Payload, select);
        assert_eq!(read_object(text, Segment::Payload, |_| set), read, "{text:.80}");
        read.map(|()| names.into_inner())
    }

    fn names(text: &str) -> Result<Vec<String>, Malformed> {
        let (skipped, read) = (names_by(text, None), names_by(text, Some(|(), _| ())));
        assert_eq!(skipped, read, "what is not read is checked alike: {text:.80}");
        read
    }

    #[test]
    fn reads_members_in_order() {
        assert_eq!(
            names(r#" {"b":1,"a":[{"x":null}],"\u0063":"\n"} "#).unwrap(),
            ["b", "a", "c"]
        );
        assert_eq!(names("{}").unwrap(), [""; 0]);
    }

    #[test]
    fn refuses_what_is_not_one_object() {
        for text in [
            "",
            "null",
            "[]",
            "\"a\"",
            "1",
            "{",
            "{}x",
            "{}{}",
            "{'a':1}",
            "{a:1}",
            "{\"a\":01}",
            "\u{feff}{}",
        ] {
            assert_eq!(names(text), Err(Malformed::Json(Segment::Payload)), "{text}");
        }
        // a lone surrogate is no text, and 1e400 no number that a double holds
        assert_eq!(names(r#"{"a":"\ud800"}"#), Err(Malformed::Json(Segment::Payload)));
        assert_eq!(names(r#"{"a":1e400}"#), Err(Malformed::Json(Segment::Payload)));
    }

    #[test]
    fn refuses_a_member_twice_at_any_level_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"\u0061":3}"#,
            r#"{"a":{"x":1,"x":2}}"#,
            r#"{"a":[{"x":1,"x":2}]}"#,
        ] {
            assert_eq!(names(text), Err(Malformed::DuplicateMember(Segment::Payload)), "{text}");
        }
        assert!(names(r#"{"a":1,"A":1,"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn refuses_a_member_twice_however_many_there_are_and_wherever_the_two_are() {
        for count in [2, 3, 30, 63, 64, 65, 66, 200] {
            let distinct: Vec<_> = (0..count).map(|n| format!("\"m{n}\":0")).collect();
            assert_eq!(names(&format!("{{{}}}", distinct.join(","))).unwrap().len(), count);
            for (one, other) in [(0, 1), (0, count - 1), (count / 2, count - 1), (count - 2, count - 1)] {
                if one == other {
                    continue;
                }
                let mut members = distinct.clone();
                members[other].clone_from(&distinct[one]);
                let text = format!("{{{}}}", members.join(","));
                assert_eq!(
                    names(&text),
                    Err(Malformed::DuplicateMember(Segment::Payload)),
                    "{one} {other} of {count}"
                );
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(names(&nested(MAX_DEPTH)).is_ok());
        let refused = Err(Malformed::TooDeep {
            segment: Segment::Payload,
            limit: MAX_DEPTH,
        });
        assert_eq!(names(&nested(MAX_DEPTH + 1)), refused);
        assert_eq!(names(&nested(10_000)), refused);
    }
}
