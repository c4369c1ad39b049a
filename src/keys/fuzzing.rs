//! Readers of foreign text that are no part of the API, for fuzz targets and property tests (feature `fuzz`).

#![allow(missing_docs, reason = "named like the functions that they call")]

use std::time::Duration;

use super::certificate::Restrictions;
use super::{FetchCause, ProxyProblem, answer, clock, fetch, proxy_answer};

#[must_use]
pub fn http_date(text: &str) -> Option<f64> {
    clock::parse(text)
}

#[must_use]
pub fn retry_after(text: &str) -> Option<Duration> {
    fetch::delay_seconds(text)
}

/// What a status, a `Content-Encoding` and a body say where there are no keys.
#[must_use]
pub fn answer(status: u16, text: &str, body: &[u8]) -> Vec<FetchCause> {
    let causes = [
        answer::passing(status),
        answer::coded(Some(text)),
        answer::zipped(body),
        answer::page(Some(text), body),
        answer::page(Some("text/html"), body),
        Some(answer::error(status, body)),
    ];
    causes.into_iter().flatten().collect()
}

/// What a proxy's answer means; `None` without a status.
#[must_use]
pub fn proxy_answer(head: &[u8], has_credentials: bool) -> Option<ProxyProblem> {
    let challenges = proxy_answer::challenges(head);
    proxy_answer::status(head).map(|status| proxy_answer::refusal(status, &challenges, has_credentials))
}

#[must_use]
pub fn percent_decoded(text: &[u8]) -> Vec<u8> {
    proxy_answer::percent_decoded(text)
}

/// Whether a certificate may sign those of servers at a time, and whether it may be a server's itself; `None` for what is no
/// certificate.
#[must_use]
pub fn certificate(der: &[u8], now: i64) -> Option<(bool, bool)> {
    Restrictions::read(der).map(|it| (it.may_sign_servers(now), it.may_be_a_server()))
}
