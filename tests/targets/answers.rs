//! Any bytes as headers and bodies of an answer that has no keys: dates, `Retry-After`, codings, pages, errors, a proxy's answer. What is
//! shown of them is one short line of harmless characters.

use std::time::Duration;

use entra_jwt_verify::keys::{FetchCause, fuzzing};

/// The last second of an HTTP date of four digits fits into more bits than this; no later one is believed.
const MAX_SECONDS: f64 = 4_294_967_295.0;

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(seconds) = fuzzing::http_date(&text) {
        assert!(
            (0.0..=MAX_SECONDS).contains(&seconds) && seconds.fract() == 0.0,
            "{text}"
        );
    }
    if let Some(delay) = fuzzing::retry_after(&text) {
        assert!(delay <= Duration::from_secs(u32::MAX.into()));
    }
    let status = bytes.first().map_or(0, |&byte| u16::from(byte) * 3);
    for cause in fuzzing::answer(status, &text, bytes) {
        assert!(!cause.to_string().chars().any(char::is_control), "{cause}");
        match cause {
            FetchCause::Html(Some(title)) => assert!(title.chars().count() <= 60 && !title.contains("//"), "{title}"),
            FetchCause::Status { aadsts: Some(code), .. } => {
                let digits = code.strip_prefix("AADSTS").expect("the prefix");
                assert!((1..=8).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()));
            }
            _ => {}
        }
    }
    for has_credentials in [false, true] {
        drop(fuzzing::proxy_answer(bytes, has_credentials));
    }
    assert!(fuzzing::percent_decoded(bytes).len() <= bytes.len());
}

pub fn examples() -> Vec<Vec<u8>> {
    super::texts(&[
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Thu, 29 Feb 2024 23:59:60 GMT",
        "120",
        "gzip, br",
        "<!doctype html><html><head><title lang=en>Sign in to\n your account</title></head></html>",
        r#"{"error":"invalid_request","error_description":"AADSTS90002: Tenant not found. Trace ID: 0"}"#,
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"a\"\r\nProxy-Authenticate: NTLM\r\n\r\n",
        "user%40corp:pass%2Fword%",
    ])
}
