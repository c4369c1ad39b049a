//! Objects in the plain form in which token endpoints write them: no escapes, no white space, no numbers but non-negative integers.
//! There a string ends at the next quote, which takes a third of the instructions of a parser for all of JSON.
//!
//! This reader only accepts. Any other text, valid or not, is left to `serde_json`, which also says what is wrong with it.

use std::borrow::Cow;

use super::names::Names;
use super::{MAX_DEPTH, Setter, Value};

/// Longest number that is read here: a double holds it exactly.
const MAX_DIGITS: usize = 15;

/// Reads an object, as [`read_object`](super::read_object) does; `None` where it has another form.
pub(super) fn read_object<'a, T: Default>(text: &'a str, select: impl Fn(&str) -> Option<Setter<'a, T>>) -> Option<T> {
    if any(text.as_bytes(), |byte| byte < b' ' || byte == b'\\') {
        return None;
    }
    let mut target = T::default();
    let mut reader = Reader { text, at: 0 };
    reader.members(0, |reader, name, depth| {
        match select(name) {
            Some(set) => set(&mut target, reader.value(depth)?),
            None => reader.skip(depth)?,
        }
        Some(())
    })?;
    (reader.at == text.len()).then_some(target)
}

/// Whether there is such a byte. All are looked at, many at once, which takes less time than to stop at the first.
fn any(bytes: &[u8], is_such: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(0, |found, &byte| found | u8::from(is_such(byte))) != 0
}

/// Reads a text without escapes and control characters from left to right.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, expected: u8) -> Option<()> {
        (self.next()? == expected).then_some(())
    }

    /// Reads an object at a depth, whose members `read` takes.
    fn members(&mut self, depth: usize, mut read: impl FnMut(&mut Self, &'a str, usize) -> Option<()>) -> Option<()> {
        let mut names = Names::default();
        self.list(b'{', b'}', depth, |reader, inner| {
            let name = reader.string()?;
            reader.expect(b':')?;
            read(reader, name, inner)?;
            (!names.add_or_find(Cow::Borrowed(name))).then_some(())
        })?;
        (!names.have_duplicates()).then_some(())
    }

    /// Reads what stands between two brackets, separated by commas.
    fn list(
        &mut self,
        open: u8,
        close: u8,
        depth: usize,
        mut read: impl FnMut(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        if depth == MAX_DEPTH {
            return None;
        }
        self.expect(open)?;
        if self.peek()? == close {
            return self.expect(close);
        }
        loop {
            read(self, depth + 1)?;
            match self.next()? {
                b',' => {}
                byte if byte == close => return Some(()),
                _ => return None,
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        Some(match self.peek()? {
            b'"' => Value::String(Cow::Borrowed(self.string()?)),
            b'[' => {
                let mut elements = Vec::new();
                self.list(b'[', b']', depth, |reader, inner| {
                    elements.push(reader.value(inner)?);
                    Some(())
                })?;
                Value::Array(elements)
            }
            b'{' => {
                self.members(depth, |reader, _, inner| reader.skip(inner))?;
                Value::Object
            }
            b'0'..=b'9' => Value::Number(self.number()?),
            b't' => self.word("true", Value::Bool)?,
            b'f' => self.word("false", Value::Bool)?,
            b'n' => self.word("null", Value::Null)?,
            _ => return None,
        })
    }

    /// Reads a value of which nothing is kept.
    fn skip(&mut self, depth: usize) -> Option<()> {
        if self.peek()? == b'[' {
            self.list(b'[', b']', depth, |reader, inner| {
                reader.skip_ids();
                reader.skip(inner)
            })
        } else {
            self.value(depth).map(drop)
        }
    }

    /// Skips elements of an array that are strings of the length of a GUID, up to the comma behind them: a token may list hundreds of
    /// groups, and each of them takes a few comparisons here.
    fn skip_ids(&mut self) {
        const LENGTH: usize = "'00000000-0000-0000-0000-000000000000',".len();
        while let Some(element @ [b'"', id @ .., b'"', b',']) = self.rest().first_chunk::<LENGTH>()
            && !any(id, |byte| byte == b'"')
        {
            self.at += element.len();
        }
    }

    fn string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let rest = self.text.get(self.at..)?;
        let (text, _) = rest.split_at_checked(memchr::memchr(b'"', rest.as_bytes())?)?;
        self.at += text.len() + 1;
        Some(text)
    }

    fn number(&mut self) -> Option<f64> {
        let rest = self.text.get(self.at..)?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let digits = rest.get(..length)?;
        if length > MAX_DIGITS || (length > 1 && digits.starts_with('0')) {
            return None;
        }
        self.at += length;
        digits.parse().ok()
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        let is_there = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is_there.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Segment, read_any_object};
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Read(Vec<String>);

    /// What a member `a` is read as, in words; all other members are skipped.
    fn select<'a>(name: &str) -> Option<Setter<'a, Read>> {
        let set: Setter<'a, Read> = |read, value| read.0.push(format!("{value:?}"));
        (name == "a").then_some(set)
    }

    fn read(text: &str) -> Option<String> {
        let read = read_object(text, select)?;
        assert_eq!(
            read_any_object(text, Segment::Payload, select).as_ref(),
            Ok(&read),
            "{text}"
        );
        Some(read.0.join(" "))
    }

    #[test]
    fn reads_what_token_endpoints_write() {
        for (text, value) in [
            ("{}", ""),
            (r#"{"a":"é~"}"#, r#"String("é~")"#),
            (r#"{"a":""}"#, r#"String("")"#),
            (r#"{"a":0}"#, "Number(0.0)"),
            (r#"{"a":999999999999999}"#, "Number(999999999999999.0)"),
            (r#"{"a":true,"b":false,"c":null}"#, "Bool"),
            (r#"{"a":null}"#, "Null"),
            (r#"{"a":[]}"#, "Array([])"),
            (
                r#"{"a":["x",1,[{}],{"a":1}]}"#,
                r#"Array([String("x"), Number(1.0), Array([Object]), Object])"#,
            ),
            (r#"{"b":["x",1,[{}],{"a":1}],"":"","a":false}"#, "Bool"),
        ] {
            assert_eq!(read(text).as_deref(), Some(value), "{text}");
        }
    }

    #[test]
    fn skips_ids_and_what_is_between_them() {
        let id = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
        let groups = |elements: &[&str]| read(&format!(r#"{{"b":[{}],"a":1}}"#, elements.join(",")));
        let quoted = format!("\"{id}\"");
        for other in [
            "\"\"",
            "\"short\"",
            "\"longer than an id, by some characters\"",
            "1",
            "null",
            "[]",
            "{}",
        ] {
            for elements in [
                &[&quoted, other] as &[&str],
                &[other, &quoted],
                &[&quoted, &quoted, other, &quoted, &quoted],
            ] {
                assert_eq!(groups(elements).as_deref(), Some("Number(1.0)"), "{elements:?}");
            }
        }
        // Quotes where an id would have none, and a comma with nothing behind it.
        let split = format!("\"{}\",\"{}\"", &id[..10], &id[13..]);
        assert_eq!(split.len(), quoted.len());
        assert_eq!(groups(&[&quoted, &split, &quoted]).as_deref(), Some("Number(1.0)"));
        let broken = split.replace(',', "x");
        assert_eq!(groups(&[&quoted, &broken, &quoted]), None);
        for wrong in [
            &[&quoted, ""] as &[&str],
            &["", &quoted],
            &[&quoted, "x", &quoted],
            &[&quoted, "\"x", &quoted],
        ] {
            assert_eq!(groups(wrong), None, "{wrong:?}");
        }
        assert_eq!(read(&format!(r#"{{"b":[{quoted},"#)), None);
        assert_eq!(read(&format!(r#"{{"b":[{quoted}"#)), None);
        assert_eq!(read(&format!(r#"{{"b":["{id},"{id}"]}}"#)), None);
    }

    #[test]
    fn leaves_every_other_form_to_serde_json() {
        for text in [
            // valid
            " {}",
            "{} ",
            "{ }",
            r#"{"a" :1}"#,
            r#"{"a": 1}"#,
            "{\"a\":\t1}",
            r#"{"a":[1, 2]}"#,
            r#"{"a":"\n"}"#,
            r#"{"\u0061":1}"#,
            r#"{"a":-1}"#,
            r#"{"a":1.5}"#,
            r#"{"a":1e3}"#,
            r#"{"a":1000000000000000}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
            assert!(read_any_object(text, Segment::Payload, select).is_ok(), "{text}");
        }
        for text in [
            // invalid
            "",
            "{",
            "}",
            "[]",
            "1",
            "{}{}",
            "{}x",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{"a":1"b":2}"#,
            "{a:1}",
            r#"{"a":1]"#,
            r#"{"a":[1}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[,1]}"#,
            r#"{"a":["x"#,
            r#"{"a":"x}"#,
            r#"{"a":01}"#,
            r#"{"a":00}"#,
            r#"{"a":tru}"#,
            r#"{"a":nulls}"#,
            r#"{"a":1x}"#,
            "{\"a\":\"\n\"}",
            // two members of one name
            r#"{"a":1,"a":1}"#,
            r#"{"b":{"x":1,"x":2}}"#,
            r#"{"b":[{"x":1,"x":2}]}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
            assert!(read_any_object(text, Segment::Payload, select).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        for member in ["a", "b"] {
            let nested =
                |levels: usize| format!("{{\"{member}\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
            assert!(read(&nested(MAX_DEPTH)).is_some());
            assert_eq!(read(&nested(MAX_DEPTH + 1)), None);
            assert_eq!(read(&nested(10_000)), None);
        }
    }
}
