//! What looks like a secret in a place where none belongs: it is shown by its first characters and its length.

use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// Characters from which on a text of letters and digits in both cases is taken for a secret.
const MIN_LENGTH: usize = 24;

/// Characters of a secret that are shown: enough to find it again, as the portal shows as many.
const SHOWN: usize = 3;

/// Whether a text has the form of the client secrets that Entra makes: `Q~` at the fifth place, 40 characters or so.
pub(crate) fn is_client_secret(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 34
        && bytes.get(3).is_some_and(u8::is_ascii_digit)
        && bytes.get(4..6) == Some(b"Q~")
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"~._-".contains(byte))
}

/// A text that looks like a secret, cut; `None` for any other.
pub(crate) fn cut(text: &str) -> Option<String> {
    (is_client_secret(text) || is_random(text) || has_credentials(text)).then(|| {
        let start: String = text.chars().take(SHOWN).collect();
        format!("{start}…, {} characters", text.chars().count())
    })
}

/// A value of the configuration as it may be shown, so that it is found again and nobody can use it; `None` if it may be shown whole.
/// A long name made of words with a number in it, such as a role, is no secret here, nor is a scope after an id.
pub(crate) fn masked(text: &str) -> Option<String> {
    let is_id = |part: &str| part.len() == Hyphenated::LENGTH && Uuid::try_parse(part).is_ok();
    let has_id = || text.split('/').any(is_id);
    let is_name = !is_client_secret(text) && !has_credentials(text) && (is_of_words(text) || has_id());
    cut(text)
        .filter(|_| !is_name)
        .map(|cut| format!("what looks like a secret ({cut})"))
}

/// Whether a text is made of words: `Tasks.ReadWrite.Region1`. In a random text, the kind of the characters changes at about every
/// second one.
fn is_of_words(text: &str) -> bool {
    const MEAN_LENGTH: usize = 3;
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let bytes = text.as_bytes();
    // A capital letter begins a word, and the small letters after it belong to it.
    let words = bytes
        .windows(2)
        .filter(|pair| match pair {
            [first, second] => kind(*first) != kind(*second) && !(kind(*first) == 1 && kind(*second) == 0),
            _ => false,
        })
        .count()
        + 1;
    words * MEAN_LENGTH <= bytes.len()
}

/// A URL with a user name, and perhaps a password: what has an `@` in it, wherever, since a password may have a slash.
fn has_credentials(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'))
}

/// Long, without a break, of letters in both cases and digits: a password, a key, a token. No id, domain, URL or name.
fn is_random(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
    text.len() >= MIN_LENGTH
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !text.contains("://")
        && !text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"~._-+/=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form of a client secret; invented.
    const CLIENT_SECRET: &str = "Q7x8Q~inVenTed.n0t-Real_s3cretZZZZZZZZZ0aB";

    #[test]
    fn secrets_are_cut() {
        for (text, shown) in [
            (CLIENT_SECRET, "Q7x…, 42 characters"),
            ("br+8R9XC+97p24aP8iSZaIgl16CKOxUjpcVlG41WXnM=", "br+…, 44 characters"),
            ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA", "eyJ…, 41 characters"),
            ("https://user:hunter2@login.example/x", "htt…, 36 characters"),
            ("https://user:hunt/er2@login.example", "htt…, 35 characters"),
        ] {
            assert_eq!(cut(text).as_deref(), Some(shown));
        }
        assert!(is_client_secret(CLIENT_SECRET));
        assert!(!is_client_secret(&CLIENT_SECRET.replace("Q~", "Q-")));
        assert!(!is_client_secret(&CLIENT_SECRET[..20]));
    }

    #[test]
    fn a_name_made_of_words_is_shown_and_a_secret_is_not() {
        for name in [
            "Tasks.ReadWrite.Department1",
            "Contoso.TaskService.V2.ReadWrite",
            "TheTaskServiceOfContoso2024",
            "api://9c2f61d8-7e04-4ab3-8d5b-1f6A3e90c7b2",
            "9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2/Task.Read",
        ] {
            assert_eq!(masked(name), None, "{name}");
        }
        for secret in [
            CLIENT_SECRET,
            "br+8R9XC+97p24aP8iSZaIgl16CKOxUjpcVlG41WXnM=",
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA",
            "https://user:hunter2@login.example/x",
            // Client secrets as they were before 2021.
            "kP5xR8vN2mQ7wT4yB9cF3hJ6",
            // Its first part is as long as a GUID.
            "aB3dE5fA1bC2dF4eB6cD8aE0fB1cD3eA5bF7/zQ",
        ] {
            let shown = masked(secret).unwrap();
            assert!(!shown.contains(&secret[3..]), "{shown}");
        }
    }

    #[test]
    fn what_belongs_into_options_is_not() {
        for text in [
            "",
            "9C2F61D8-7E04-4AB3-8D5B-1F6A3E90C7B2",
            "9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2",
            "9C2F61D8-7E04-4ab3-8d5b-1f6a3e90c7b2",
            "api://9c2f61d8-7e04-4ab3-8d5b-1f6A3e90c7b2",
            "https://login.microsoftonline.com/Contoso1/v2.0",
            "bob@contoso.example",
            "contoso.onmicrosoft.com",
            "organizations",
            "RS256",
            "the text of Somebody, 1, 2, 3 and more",
        ] {
            assert_eq!(cut(text), None, "{text}");
        }
    }
}
