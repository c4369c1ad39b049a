//! What an answer of the authority says that holds no keys: its status, how it is encoded, and whether it is a page.

use super::FetchCause;

/// A status that says by itself why there are no keys.
pub(crate) fn passing(status: u16) -> Option<FetchCause> {
    match status {
        429 => Some(FetchCause::Throttled),
        500..=599 => Some(FetchCause::ServerError(status)),
        300..=399 => Some(FetchCause::Redirect(status)),
        _ => None,
    }
}

/// Any other status than 200, with Entra's error where the body names one.
pub(crate) fn error(status: u16, body: &[u8]) -> FetchCause {
    FetchCause::Status {
        status,
        aadsts: aadsts(body),
    }
}

/// A body that its `Content-Encoding` says is compressed.
pub(crate) fn coded(content_encoding: Option<&str>) -> Option<FetchCause> {
    content_encoding.and_then(coding).map(FetchCause::Compressed)
}

/// A body that is compressed without saying so.
pub(crate) fn zipped(body: &[u8]) -> Option<FetchCause> {
    body.starts_with(&[0x1f, 0x8b])
        .then_some(FetchCause::Compressed("gzip"))
}

/// A body that is a page, of which nothing else was wanted.
pub(crate) fn page(content_type: Option<&str>, body: &[u8]) -> Option<FetchCause> {
    let text = String::from_utf8_lossy(body);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_called_html = content_type.is_some_and(|kind| kind.starts_with("text/html"));
    let is_html = is_called_html && start.starts_with('<') || starts_like_html(start);
    is_html.then(|| FetchCause::Html(title(&text)))
}

fn starts_like_html(text: &str) -> bool {
    ["<!doctype html", "<html"].iter().any(|start| {
        text.get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    })
}

/// The title of a page, fit for a line of a log: letters, digits and punctuation, no address, not much of it.
fn title(page: &str) -> Option<String> {
    const MAX: usize = 60;
    // ASCII, so that places are the same in both.
    let lower = page.to_ascii_lowercase();
    let (_, rest) = lower[lower.find("<title")?..].split_once('>')?;
    let (title, _) = rest.split_once("</title")?;
    let start = lower.len() - rest.len();
    let is_shown = |char: &char| {
        char.is_alphanumeric() || matches!(char, ' ' | '.' | ',' | ':' | '-' | '(' | ')' | '\'' | '!' | '?' | '/')
    };
    let words = page[start..start + title.len()]
        .split_whitespace()
        .map(|word| word.chars().filter(is_shown).collect::<String>());
    // Looked at as they will be shown: what was filtered out could have kept an address from being seen as one.
    let text: String = words
        .filter(|word| !word.is_empty() && !word.contains("//"))
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(MAX)
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The name of a content coding; `None` for none.
fn coding(value: &str) -> Option<&'static str> {
    const KNOWN: [&str; 6] = ["gzip", "br", "deflate", "zstd", "compress", "x-gzip"];
    if value.trim().is_empty() || value.trim().eq_ignore_ascii_case("identity") {
        return None;
    }
    let known = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(value.trim()));
    Some(known.copied().unwrap_or("a coding of another name"))
}

/// Entra's error code in the body of an error.
fn aadsts(body: &[u8]) -> Option<String> {
    const PREFIX: &str = "AADSTS";
    const MAX_DIGITS: usize = 8;
    let text = String::from_utf8_lossy(body);
    let digits = text.split(PREFIX).skip(1).map(|rest| {
        rest.bytes()
            .take(MAX_DIGITS)
            .take_while(u8::is_ascii_digit)
            .map(char::from)
            .collect::<String>()
    });
    let mut codes = digits.filter(|digits| !digits.is_empty());
    codes.next().map(|digits| format!("{PREFIX}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_statuses_say_by_themselves_why_there_are_no_keys() {
        for (status, expected) in [
            (200, None),
            (299, None),
            (300, Some(FetchCause::Redirect(300))),
            (399, Some(FetchCause::Redirect(399))),
            (400, None),
            (404, None),
            (428, None),
            (429, Some(FetchCause::Throttled)),
            (430, None),
            (499, None),
            (500, Some(FetchCause::ServerError(500))),
            (599, Some(FetchCause::ServerError(599))),
            (600, None),
        ] {
            assert_eq!(passing(status), expected, "{status}");
        }
    }

    #[test]
    fn any_other_status_is_told_with_the_error_of_entra() {
        for (body, aadsts) in [("AADSTS90002: not found", Some("AADSTS90002")), ("not found", None)] {
            let expected = FetchCause::Status {
                status: 404,
                aadsts: aadsts.map(str::to_owned),
            };
            assert_eq!(error(404, body.as_bytes()), expected);
        }
    }

    #[test]
    fn a_compressed_body_is_known_by_its_header_or_its_first_bytes() {
        assert_eq!(coded(Some("br")), Some(FetchCause::Compressed("br")));
        for none in [None, Some("identity")] {
            assert_eq!(coded(none), None, "{none:?}");
        }
        assert_eq!(zipped(b"\x1f\x8b\x08"), Some(FetchCause::Compressed("gzip")));
        for other in [&b"{\"keys\":[]}"[..], b"\x1f", b"\x8b\x1f", b""] {
            assert_eq!(zipped(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_page_is_known_by_its_beginning() {
        let html = |title: Option<&str>| Some(FetchCause::Html(title.map(str::to_owned)));
        for (content_type, body, expected) in [
            (None, "<html><title>Sign in</title>", html(Some("Sign in"))),
            (None, "\u{feff} \n<!DOCTYPE HTML>", html(None)),
            (Some("text/html; charset=utf-8"), "<p>blocked</p>", html(None)),
            (Some("text/html"), "{\"keys\":[]}", None),
            (Some("application/json"), "<p>blocked</p>", None),
            (None, "<p>blocked</p>", None),
            (None, "<htm", None),
            (None, "", None),
        ] {
            assert_eq!(page(content_type, body.as_bytes()), expected, "{content_type:?} {body}");
        }
    }

    #[test]
    fn the_title_of_a_page_is_one_harmless_line() {
        for (page, expected) in [
            ("<html><head><TITLE lang=en>Sign in</TITLE>", Some("Sign in")),
            (
                "<title>\n  Web   Filter:\r\n blocked </title>",
                Some("Web Filter: blocked"),
            ),
            ("<title>a\u{202e}b\u{1b}[31mc\u{0}</title>", Some("ab31mc")),
            (
                "<title>See https://proxy.example/x?token=1 now</title>",
                Some("See now"),
            ),
            (
                "<title>at https:/*/evil.example/x and h:/\u{200b}/b now</title>",
                Some("at and now"),
            ),
            ("<title></title>", None),
            ("<title>never closed", None),
            ("<html>", None),
            ("<titl", None),
        ] {
            assert_eq!(title(page).as_deref(), expected, "{page}");
        }
        assert_eq!(
            title(&format!("<title>{}</title>", "é".repeat(1000)))
                .unwrap()
                .chars()
                .count(),
            60
        );
    }

    #[test]
    fn an_error_of_entra_is_found_in_any_body() {
        for (body, expected) in [
            (
                r#"{"error_description":"AADSTS90002: Tenant 'x' not found."}"#,
                Some("AADSTS90002"),
            ),
            ("<html>AADSTS900023</html>", Some("AADSTS900023")),
            ("AADSTSx AADSTS7", Some("AADSTS7")),
            ("AADSTS", None),
            ("", None),
        ] {
            assert_eq!(aadsts(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert_eq!(aadsts(b"\xffAADSTS1234567890").as_deref(), Some("AADSTS12345678"));
    }

    #[test]
    fn only_a_coding_is_a_coding() {
        for (value, expected) in [
            ("identity", None),
            ("", None),
            ("GZIP", Some("gzip")),
            (" br ", Some("br")),
            ("gzip, br", Some("a coding of another name")),
        ] {
            assert_eq!(coding(value), expected, "{value}");
        }
    }
}
