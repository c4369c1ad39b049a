use std::net::TcpListener;

use super::super::test_server::{Answer, Server, answer, key_set, ok};
use super::super::{JwkSetError, MetadataAuthority, MetadataError, Proxy, TlsProblem};
use super::*;

/// One fetch, and the clock that its answers told.
fn fetched(
    config: &KeySourceConfig,
    roots: &Roots,
    first: bool,
) -> (Result<Fetched, FetchFailure>, Option<ClockOffset>) {
    let clock = Cell::new(None);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let pause = Duration::from_millis(10);
    let result = runtime.block_on(fetch(config, roots, FetchRequest { first }, pause, &clock));
    runtime.shutdown_background();
    (result, clock.get())
}

fn config(location: KeyLocation, timeout: u64) -> KeySourceConfig {
    let mut config = KeySourceConfig::new(location);
    config.timeout = Duration::from_millis(timeout);
    config
}

fn key_set_at(url: Url) -> KeySourceConfig {
    config(KeyLocation::JwkSet(url), 10_000)
}

/// Why keys at a URL cannot be fetched by one try.
fn failure(config: &KeySourceConfig) -> FetchFailure {
    fetched(config, &Roots::default(), false).0.unwrap_err()
}

/// Why the one answer of a server has no keys.
fn cause_of(answer: impl Into<Vec<u8>>) -> FetchCause {
    failure(&key_set_at(Server::with(answer).url("http", "keys"))).cause
}

fn metadata(server: &Server, keys: Option<Url>) -> KeyLocation {
    KeyLocation::Discovery(Discovery {
        metadata: server.url("http", "metadata"),
        authority: MetadataAuthority::Oidc {
            asked: server.url("http", "tenant"),
            issuer: Some("https://issuer.example".to_owned()),
        },
        keys,
        app_id: None,
    })
}

#[test]
fn a_key_set_is_asked_for_without_compression() {
    let server = Server::with(ok("", key_set("a")));
    let fetched = fetched(&key_set_at(server.url("http", "keys")), &Roots::default(), false).0;
    let Fetched { keys, issuer } = fetched.unwrap();
    assert_eq!((keys.keys.len(), issuer), (1, None));
    let [request] = server.requests().try_into().unwrap();
    let request = request.to_ascii_lowercase();
    assert!(request.starts_with("get /keys http/1.1\r\n"), "{request}");
    for header in [
        "accept: application/json\r\n",
        "accept-encoding: identity\r\n",
        "user-agent: entra-jwt-verify/",
    ] {
        assert!(request.contains(header), "{request}");
    }
}

#[test]
fn an_answer_without_keys_says_why() {
    let key_set = key_set("a");
    for (answer, expected) in [
        (answer("301 Moved", "Location: /\r\n", ""), FetchCause::Redirect(301)),
        (answer("429 Slow down", "", ""), FetchCause::Throttled),
        (answer("503 Busy", "", ""), FetchCause::ServerError(503)),
        (
            answer(
                "404 Not Found",
                "",
                "{\"error_description\":\"AADSTS90002: no tenant\"}",
            ),
            FetchCause::Status {
                status: 404,
                aadsts: Some("AADSTS90002".to_owned()),
            },
        ),
        (
            answer("201 Created", "", &key_set),
            FetchCause::Status {
                status: 201,
                aadsts: None,
            },
        ),
        (ok("Content-Encoding: br\r\n", &key_set), FetchCause::Compressed("br")),
        (ok("", b"\x1f\x8b\x08"), FetchCause::Compressed("gzip")),
        (
            ok("Content-Type: text/html\r\n", "<title>Sign in</title>"),
            FetchCause::Html(Some("Sign in".to_owned())),
        ),
        (ok("", "<html></html>"), FetchCause::Html(None)),
        (ok("", "{"), FetchCause::KeySet(JwkSetError::NotJson)),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec(), FetchCause::NotHttp),
        (Vec::new(), FetchCause::ConnectionClosed),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{".to_vec(),
            FetchCause::ConnectionClosed,
        ),
    ] {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(cause_of(answer), expected, "{shown}");
    }
}

#[test]
fn an_answer_is_read_up_to_the_limit_with_and_without_a_length() {
    let padded = |length: usize| {
        let mut body = key_set("a").into_bytes();
        body.resize(length, b' ');
        body
    };
    let chunked = |body: &[u8]| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
            body.len()
        );
        [head.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
    };
    let (most, more) = (padded(MAX_BYTES), padded(MAX_BYTES + 1));
    for answer in [ok("", &most), chunked(&most)] {
        let url = Server::with(answer).url("http", "keys");
        assert!(fetched(&key_set_at(url), &Roots::default(), false).0.is_ok());
    }
    for answer in [ok("", &more), chunked(&more)] {
        assert_eq!(cause_of(answer), FetchCause::TooLarge(MAX_BYTES));
    }
    // A length that is not believed before it is there.
    let announced = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", MAX_BYTES + 1);
    assert_eq!(cause_of(announced), FetchCause::TooLarge(MAX_BYTES));
}

#[test]
fn a_failure_that_may_pass_is_tried_again_once_where_requests_wait() {
    let busy = || Answer::Bytes(answer("503 Busy", "", ""));
    let good = || Answer::Bytes(ok("", key_set("a")));
    let later = || Answer::Bytes(answer("503 Busy", "Retry-After: 7\r\n", ""));
    let unknown = || Answer::Bytes(answer("404 Not Found", "", ""));
    let not_found = FetchCause::Status {
        status: 404,
        aadsts: None,
    };
    for (answers, first, expected, requests) in [
        (vec![busy(), good()], true, Ok(()), 2),
        (vec![busy(), good()], false, Err(FetchCause::ServerError(503)), 1),
        (vec![busy(), unknown()], true, Err(not_found.clone()), 2),
        (vec![unknown(), good()], true, Err(not_found), 1),
        (vec![later(), good()], true, Err(FetchCause::ServerError(503)), 1),
        // What the first try found says more than that there was no time for another.
        (
            vec![busy(), Answer::Silence],
            true,
            Err(FetchCause::ServerError(503)),
            2,
        ),
    ] {
        let server = Server::start(answers);
        let config = config(KeyLocation::JwkSet(server.url("http", "keys")), 700);
        let result = fetched(&config, &Roots::default(), first).0;
        assert_eq!(result.map(|_| ()).map_err(|failure| failure.cause), expected);
        assert_eq!(server.requests().len(), requests);
    }
    let server = Server::start(vec![later()]);
    let failure = failure(&key_set_at(server.url("http", "keys")));
    assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
}

#[test]
fn both_tries_together_have_the_time_of_a_fetch() {
    let server = Server::start(vec![Answer::Silence, Answer::Bytes(ok("", key_set("a")))]);
    let config = config(KeyLocation::JwkSet(server.url("http", "keys")), 200);
    let start = StdInstant::now();
    let failure = fetched(&config, &Roots::default(), true).0.unwrap_err();
    assert_eq!(failure.cause, FetchCause::Timeout(config.timeout));
    assert!(start.elapsed() >= config.timeout);
}

#[test]
fn what_cannot_be_reached_is_not_fetched() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = |scheme: &str| Url::parse(&format!("{scheme}://{free}/keys")).unwrap();
    assert_eq!(
        failure(&key_set_at(url("http"))).cause,
        FetchCause::ConnectionRefused(None)
    );
    assert_eq!(failure(&key_set_at(url("https"))).cause, FetchCause::NoRoots);
    assert_eq!(failure(&config(KeyLocation::Given, 5000)).cause, FetchCause::NotGiven);
    let mut unusable = key_set_at(url("http"));
    unusable.ca = vec!["-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----".to_owned()];
    assert!(matches!(failure(&unusable).cause, FetchCause::Setup(_)));
}

#[test]
fn the_clock_is_read_from_any_answer_that_is_no_copy() {
    const DATE: &str = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let with = |headers: String| ok(&headers, key_set("a"));
    for (answer, is_known) in [
        (with(DATE.to_owned()), true),
        (with(format!("{DATE}Age: 0\r\n")), true),
        (with(format!("{DATE}Age: 5\r\n")), false),
        (with(String::new()), false),
        (with("Date: yesterday\r\n".to_owned()), false),
        (answer("503 Busy", DATE, ""), true),
    ] {
        let url = Server::with(answer).url("http", "keys");
        let clock = fetched(&key_set_at(url), &Roots::default(), false).1;
        assert_eq!(clock.is_some(), is_known);
    }
}

#[test]
fn the_second_url_is_for_a_server_that_does_not_know_the_first() {
    let good = || Answer::Bytes(ok("", key_set("a")));
    for (status, is_found, requests) in [("404 Not Found", true, 2), ("410 Gone", false, 1), ("500 No", false, 1)] {
        let server = Server::start(vec![Answer::Bytes(answer(status, "", "")), good()]);
        let location = KeyLocation::EitherJwkSet {
            first: server.url("http", "first"),
            second: server.url("http", "second"),
        };
        let result = fetched(&config(location, 5000), &Roots::default(), false).0;
        assert_eq!(result.is_ok(), is_found, "{status}");
        let asked = server.requests();
        assert_eq!(asked.len(), requests);
        assert!(asked[0].starts_with("GET /first "));
        assert!(asked.get(1).is_none_or(|second| second.starts_with("GET /second ")));
    }
}

#[test]
fn metadata_says_where_the_keys_are_and_who_issues() {
    let keys = Server::with(ok("", key_set("a")));
    let document = |issuer: &str| {
        let jwks_uri = keys.url("http", "keys");
        Answer::Bytes(ok("", format!(r#"{{"issuer":"{issuer}","jwks_uri":"{jwks_uri}"}}"#)))
    };
    let found = |location: KeyLocation| fetched(&config(location, 5000), &Roots::default(), false).0;
    let server = Server::start(vec![
        document("https://issuer.example"),
        document("https://issuer.example"),
        document("https://other.example"),
        Answer::Bytes(ok("", "<html><title>Sign in</title>")),
    ]);
    let fetched = found(metadata(&server, None)).unwrap();
    assert_eq!(fetched.issuer.as_deref(), Some("https://issuer.example"));
    assert_eq!(fetched.keys.keys.len(), 1);
    assert_eq!(keys.requests().len(), 1);
    // Keys of another place; the issuer is still that of the metadata.
    let elsewhere = Server::with(ok("", key_set("b")));
    let fetched = found(metadata(&server, Some(elsewhere.url("http", "own")))).unwrap();
    assert_eq!(fetched.issuer.as_deref(), Some("https://issuer.example"));
    assert_eq!(fetched.keys.keys[0].kid(), Some("b"));
    for expected in [
        FetchCause::Metadata(MetadataError::Issuer),
        FetchCause::Html(Some("Sign in".to_owned())),
    ] {
        assert_eq!(found(metadata(&server, None)).unwrap_err().cause, expected);
    }
}

/// With a certificate that is trusted, so that TLS is tried.
fn roots() -> Roots {
    Roots(vec![trust::OWN_CERTIFICATE.to_owned()])
}

#[test]
fn what_is_not_tls_is_no_server() {
    let cause = |server: &Server, timeout: u64| {
        let config = config(KeyLocation::JwkSet(server.url("https", "keys")), timeout);
        fetched(&config, &roots(), false).0.unwrap_err().cause
    };
    let plain = Server::with(answer("400 Bad Request", "", ""));
    assert_eq!(cause(&plain, 5000), FetchCause::Tls(TlsProblem::NotTls));
    // An alert that no protocol of ALPN is spoken (RFC 7301, section 3.2).
    let http2_only = Server::with([21, 3, 3, 0, 2, 2, 120]);
    assert_eq!(cause(&http2_only, 5000), FetchCause::Http2Only);
    let silent = Server::start(vec![Answer::Silence]);
    assert_eq!(
        cause(&silent, 500),
        FetchCause::ConnectTimeout(Duration::from_millis(200))
    );
}

#[test]
fn a_proxy_that_does_not_connect_is_asked_why() {
    let forbidden = || Answer::Bytes(answer("403 Forbidden", "", ""));
    let through = |answers: Vec<Answer>, timeout: u64| {
        let server = Server::start(answers);
        let target = Url::parse("https://login.example/keys").unwrap();
        let mut config = config(KeyLocation::JwkSet(target), timeout);
        config.proxy = Some(Proxy::new(server.url("http", "")));
        (fetched(&config, &roots(), false).0.unwrap_err().cause, server)
    };
    let (cause, server) = through(vec![forbidden(), forbidden()], 5000);
    assert_eq!(cause, FetchCause::Proxy(ProxyProblem::Refused(403)));
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.starts_with("CONNECT login.example:443 "))
    );
    // It has nothing against a second connection.
    let connected = Answer::Bytes(b"HTTP/1.1 200 Connected\r\n\r\n".to_vec());
    let (cause, _) = through(vec![forbidden(), connected], 5000);
    assert_eq!(cause, FetchCause::Proxy(ProxyProblem::Unknown));
    let (cause, _) = through(vec![Answer::Silence], 500);
    assert_eq!(
        cause,
        FetchCause::Proxy(ProxyProblem::Timeout(Duration::from_millis(200)))
    );
    // What is behind it is not the proxy's fault.
    let nonsense = vec![
        b"HTTP/1.1 200 Connected\r\n\r\n".to_vec(),
        b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(),
    ];
    let (cause, _) = through(vec![Answer::InTurn(nonsense)], 5000);
    assert_eq!(cause, FetchCause::Tls(TlsProblem::NotTls));
}

#[test]
fn without_its_proxy_a_host_is_reached_directly() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = key_set_at(Url::parse(&format!("https://{free}/keys")).unwrap());
    let mut proxy = Proxy::new(format!("http://{free}"));
    proxy.except = vec![super::super::ProxyException {
        hosts: super::super::ProxyExceptionHosts::Network(free.ip(), 32),
        port: None,
    }];
    config.proxy = Some(proxy);
    let failure = fetched(&config, &roots(), false).0.unwrap_err();
    assert_eq!(failure.cause, FetchCause::ConnectionRefused(None));
    config.proxy = Some(Proxy::new("no URL"));
    assert!(matches!(
        fetched(&config, &roots(), false).0.unwrap_err().cause,
        FetchCause::Setup(_)
    ));
}

#[test]
fn only_a_host_of_entra_is_named() {
    for (url, expected) in [
        (
            "https://login.microsoftonline.com/common",
            Some("login.microsoftonline.com"),
        ),
        ("https://login.microsoftonline.us/", Some("login.microsoftonline.us")),
        ("https://login.microsoftonline.com:8443/", None),
        ("https://login.example/", None),
        ("http://127.0.0.1:8080/", None),
    ] {
        assert_eq!(host_of_entra(&Url::parse(url).unwrap()), expected, "{url}");
    }
}

#[test]
fn each_error_of_the_system_has_its_cause() {
    let host = Some("login.microsoftonline.com");
    for (kind, expected) in [
        (io::ErrorKind::ConnectionRefused, FetchCause::ConnectionRefused(host)),
        (io::ErrorKind::PermissionDenied, FetchCause::NotPermitted),
        (io::ErrorKind::ConnectionReset, FetchCause::ConnectionClosed),
        (io::ErrorKind::ConnectionAborted, FetchCause::ConnectionClosed),
        (io::ErrorKind::BrokenPipe, FetchCause::ConnectionClosed),
        (io::ErrorKind::UnexpectedEof, FetchCause::ConnectionClosed),
        (io::ErrorKind::HostUnreachable, FetchCause::Unreachable),
        (io::ErrorKind::NetworkUnreachable, FetchCause::Unreachable),
        (io::ErrorKind::NetworkDown, FetchCause::Unreachable),
        (io::ErrorKind::AddrNotAvailable, FetchCause::Unreachable),
        (io::ErrorKind::TimedOut, FetchCause::Unreachable),
    ] {
        // Whatever else is known.
        for (is_incomplete, is_connecting) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_eq!(
                connection_problem(Some(kind), is_incomplete, is_connecting, host),
                expected,
                "{kind:?}"
            );
        }
    }
    for kind in [None, Some(io::ErrorKind::Other)] {
        let problem = |is_incomplete, is_connecting| connection_problem(kind, is_incomplete, is_connecting, host);
        assert_eq!(problem(true, true), FetchCause::ConnectionClosed);
        assert_eq!(problem(true, false), FetchCause::ConnectionClosed);
        assert_eq!(problem(false, true), FetchCause::Name(host));
        assert_eq!(problem(false, false), FetchCause::NotHttp);
    }
}

#[test]
fn a_connection_that_is_closed_at_once_is_called_that() {
    for _ in 0..20 {
        let server = Server::start(vec![Answer::Nothing]);
        let failure = failure(&key_set_at(server.url("http", "keys")));
        assert_eq!(failure.cause, FetchCause::ConnectionClosed);
    }
}

#[test]
fn seconds_to_wait() {
    for (text, expected) in [
        ("7", Some(7)),
        (" 120 ", Some(120)),
        ("-1", None),
        ("1.5", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT", None),
    ] {
        assert_eq!(delay_seconds(text), expected.map(Duration::from_secs), "{text}");
    }
}
