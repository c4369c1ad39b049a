//! Why a forward proxy does not connect. The HTTP client knows that it does not; this asks once more, and reads the answer.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use url::{Host, Url};

use super::ProxyProblem;
use crate::secure_url::has_no_credentials;

/// Bytes of the longest head of an answer that is read.
const MAX_HEAD: usize = 8192;

/// Schemes of `Proxy-Authenticate` that are repeated in a message; what else a proxy says is not.
const SCHEMES: [&str; 6] = ["Basic", "Digest", "NTLM", "Negotiate", "Kerberos", "Bearer"];

/// Why an `http` proxy does not connect to a URL; `None` where it does, or nothing is found, or TLS is spoken with it: that
/// would take another TLS client than the asynchronous one. Blocks until `deadline` at most, but for the look-up of the
/// proxy's name.
pub(super) fn obstacle(proxy: &Url, target: &Url, deadline: Instant) -> Option<ProxyProblem> {
    if proxy.scheme() != "http" {
        return None;
    }
    let answer = connect(proxy, deadline).and_then(|socket| ask(socket, proxy, target));
    let head = match answer {
        Ok(head) => head,
        Err(error) => return unreachable(&error),
    };
    let Some(status) = status(&head) else {
        return Some(ProxyProblem::NotHttp);
    };
    (status != 200).then(|| refusal(status, &challenges(&head), !has_no_credentials(proxy)))
}

/// What an answer other than 200 to CONNECT means. `challenges` are the values of `Proxy-Authenticate`.
pub(crate) fn refusal(status: u16, challenges: &[String], has_credentials: bool) -> ProxyProblem {
    let offered: Vec<&str> = SCHEMES
        .into_iter()
        .filter(|scheme| challenges.iter().any(|challenge| names(challenge, scheme)))
        .collect();
    match status {
        407 if !offered.is_empty() && !offered.contains(&"Basic") => ProxyProblem::UnsupportedSchemes(offered),
        407 if has_credentials => ProxyProblem::CredentialsRejected,
        407 => ProxyProblem::CredentialsMissing,
        401 | 403 => ProxyProblem::Refused(status),
        // squid answers 500 or 503 where a name is unknown, tinyproxy 500 where nothing listens.
        500..=599 => ProxyProblem::CannotConnect(status),
        _ => ProxyProblem::Status(status),
    }
}

/// Whether a challenge, or a list of them, has this scheme: the first word, or one after a comma.
fn names(challenge: &str, scheme: &str) -> bool {
    challenge
        .split(',')
        .filter_map(|part| part.split_whitespace().next())
        .any(|word| word.eq_ignore_ascii_case(scheme))
}

fn unreachable(error: &io::Error) -> Option<ProxyProblem> {
    Some(match error.kind() {
        io::ErrorKind::NotFound => ProxyProblem::Name,
        io::ErrorKind::ConnectionRefused => ProxyProblem::ConnectionRefused,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => ProxyProblem::Unreachable,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ProxyProblem::NoAnswer,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            ProxyProblem::Closed
        }
        _ => return None,
    })
}

fn connect(proxy: &Url, deadline: Instant) -> io::Result<TcpStream> {
    let (Some(host), Some(port)) = (proxy.host(), proxy.port_or_known_default()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let addresses = match host {
        Host::Ipv4(address) => vec![SocketAddr::from((address, port))],
        Host::Ipv6(address) => vec![SocketAddr::from((address, port))],
        Host::Domain(name) => (name, port)
            .to_socket_addrs()
            .map_err(|_| io::Error::from(io::ErrorKind::NotFound))?
            .collect(),
    };
    let mut last = io::ErrorKind::NotFound.into();
    for address in addresses {
        let Some(left) = left(deadline) else {
            return Err(io::ErrorKind::TimedOut.into());
        };
        match TcpStream::connect_timeout(&address, left) {
            Ok(socket) => {
                socket.set_read_timeout(Some(left))?;
                socket.set_write_timeout(Some(left))?;
                return Ok(socket);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn left(deadline: Instant) -> Option<Duration> {
    deadline
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
}

/// Sends CONNECT, and reads the head of the answer.
fn ask(mut socket: TcpStream, proxy: &Url, target: &Url) -> io::Result<Vec<u8>> {
    let host = target.host_str().unwrap_or_default();
    let port = target.port_or_known_default().unwrap_or(443);
    let credentials = credentials(proxy);
    // At once: of several pieces, a proxy may answer the first.
    let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{credentials}\r\n");
    socket.write_all(request.as_bytes())?;
    let (mut head, mut chunk) = (Vec::new(), [0; 1024]);
    while head.len() < MAX_HEAD && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match socket.read(&mut chunk)? {
            0 if head.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
            0 => break,
            read => head.extend_from_slice(chunk.get(..read).unwrap_or_default()),
        }
    }
    Ok(head)
}

fn credentials(proxy: &Url) -> String {
    if has_no_credentials(proxy) {
        return String::new();
    }
    let decoded = |text: &str| percent_decoded(text.as_bytes());
    let mut pair = decoded(proxy.username());
    pair.push(b':');
    pair.extend(decoded(proxy.password().unwrap_or_default()));
    let encoded = base64_simd::STANDARD.encode_to_string(&pair);
    format!("Proxy-Authorization: Basic {encoded}\r\n")
}

/// A `%` that begins no encoded byte means itself.
pub(super) fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(&byte) = text.get(at) {
        let encoded = digit(text.get(at + 1)).zip(digit(text.get(at + 2)));
        match encoded.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(one) if byte == b'%' => {
                decoded.push(one);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

pub(super) fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let digits = rest.get(2..5)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

pub(super) fn challenges(head: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(head)
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"))
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::super::test_server::{Answer, Server};
    use super::*;

    fn refused(status: u16, challenges: &[&str], has_credentials: bool) -> String {
        let challenges: Vec<_> = challenges.iter().map(|&text| text.to_owned()).collect();
        refusal(status, &challenges, has_credentials).to_string()
    }

    #[test]
    fn each_refusal_has_its_own_words() {
        for (status, challenges, has_credentials, said) in [
            (407, &["Basic realm=\"x\""][..], false, "wants a user name"),
            (407, &["Negotiate, Basic realm=\"x\""], false, "wants a user name"),
            (407, &["basic realm=\"x\""], true, "does not accept"),
            (407, &[], false, "wants a user name"),
            (
                407,
                &["Negotiate", "NTLM"],
                true,
                "NTLM or Negotiate (407), which is not supported",
            ),
            (407, &["\u{1b}[2J evil"], false, "wants a user name"),
            (403, &[], false, "refuses the authority's host (403)"),
            (502, &[], false, "could not connect to the authority's host (502)"),
            (500, &[], false, "could not connect to the authority's host (500)"),
            (204, &[], false, "answered 204"),
        ] {
            let text = refused(status, challenges, has_credentials);
            assert!(text.contains(said), "{status} {challenges:?}: {text}");
        }
    }

    #[test]
    fn the_head_of_an_answer() {
        assert_eq!(status(b"HTTP/1.1 407 Proxy Authentication Required\r\n"), Some(407));
        for head in [
            &b""[..],
            b"SSH-2.0-OpenSSH",
            b"HTTP/1.1 4",
            b"HTTP/1.1 abc",
            b"HTTP/2 200",
        ] {
            assert_eq!(status(head), None);
        }
        let head = b"HTTP/1.1 407 No\r\nproxy-authenticate: NTLM\r\nX: y\r\nProxy-Authenticate: Basic\r\n\r\n";
        assert_eq!(challenges(head), [" NTLM", " Basic"]);
    }

    /// What is found of a proxy that gives this answer to CONNECT.
    fn found(answer: Answer, credentials: &str) -> Option<ProxyProblem> {
        let is_silent = matches!(answer, Answer::Silence);
        let server = Server::start(vec![answer]);
        let mut proxy = server.url("http", "");
        if let Some((user, password)) = credentials.split_once(':') {
            proxy.set_username(user).unwrap();
            proxy.set_password(Some(password)).unwrap();
        }
        let target = Url::parse("https://login.example/keys").unwrap();
        let time = Duration::from_millis(if is_silent { 100 } else { 5000 });
        let found = obstacle(&proxy, &target, Instant::now() + time);
        let [request] = server.requests().try_into().unwrap();
        assert!(
            request.starts_with("CONNECT login.example:443 HTTP/1.1\r\nHost: login.example:443\r\n"),
            "{request}"
        );
        assert_eq!(request.contains("Proxy-Authorization: Basic "), !credentials.is_empty());
        found
    }

    #[test]
    fn a_proxy_is_asked_and_its_answer_read() {
        let waiting = |text: &str| Answer::InTurn(vec![text.into()]);
        // As much as is read, and no end.
        let mut endless = b"HTTP/1.1 503 Busy\r\nX: ".to_vec();
        endless.resize(MAX_HEAD, b'x');
        for (answer, expected) in [
            (waiting("HTTP/1.1 200 Connection established\r\n\r\n"), None),
            (
                waiting("HTTP/1.1 403 Forbidden\r\n\r\n"),
                Some(ProxyProblem::Refused(403)),
            ),
            (
                Answer::Slowly(vec!["HTTP/1.".into(), "1 401 No\r\n\r\n".into()]),
                Some(ProxyProblem::Refused(401)),
            ),
            (
                Answer::Bytes("HTTP/1.1 502 Bad".into()),
                Some(ProxyProblem::CannotConnect(502)),
            ),
            (Answer::InTurn(vec![endless]), Some(ProxyProblem::CannotConnect(503))),
            (waiting("SSH-2.0-OpenSSH_9.9\r\n\r\n"), Some(ProxyProblem::NotHttp)),
            (Answer::Bytes(vec![]), Some(ProxyProblem::Closed)),
            (Answer::Silence, Some(ProxyProblem::NoAnswer)),
        ] {
            assert_eq!(found(answer, ""), expected);
        }
        for (credentials, expected) in [
            ("", ProxyProblem::CredentialsMissing),
            ("user:password", ProxyProblem::CredentialsRejected),
        ] {
            let wants_some = waiting("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n");
            assert_eq!(found(wants_some, credentials), Some(expected));
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_asked() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let target = Url::parse("https://login.example/keys").unwrap();
        let found = |scheme: &str, left: u64| {
            let proxy = Url::parse(&format!("{scheme}://{free}")).unwrap();
            obstacle(&proxy, &target, Instant::now() + Duration::from_secs(left))
        };
        assert_eq!(found("http", 5), Some(ProxyProblem::ConnectionRefused));
        assert_eq!(found("http", 0), Some(ProxyProblem::NoAnswer), "there is no time left");
        assert_eq!(found("https", 5), None, "TLS is spoken with it");
    }

    #[test]
    fn each_error_of_a_connection_has_its_problem() {
        for (kind, expected) in [
            (io::ErrorKind::NotFound, Some(ProxyProblem::Name)),
            (io::ErrorKind::ConnectionRefused, Some(ProxyProblem::ConnectionRefused)),
            (io::ErrorKind::HostUnreachable, Some(ProxyProblem::Unreachable)),
            (io::ErrorKind::NetworkUnreachable, Some(ProxyProblem::Unreachable)),
            (io::ErrorKind::TimedOut, Some(ProxyProblem::NoAnswer)),
            (io::ErrorKind::WouldBlock, Some(ProxyProblem::NoAnswer)),
            (io::ErrorKind::UnexpectedEof, Some(ProxyProblem::Closed)),
            (io::ErrorKind::ConnectionReset, Some(ProxyProblem::Closed)),
            (io::ErrorKind::ConnectionAborted, Some(ProxyProblem::Closed)),
            (io::ErrorKind::PermissionDenied, None),
        ] {
            assert_eq!(unreachable(&kind.into()), expected, "{kind:?}");
        }
    }

    #[test]
    fn credentials_are_decoded_before_they_are_encoded() {
        let proxy = |text: &str| credentials(&Url::parse(text).unwrap());
        assert_eq!(proxy("http://proxy.example"), "");
        assert_eq!(
            proxy("http://user:p%40ss%2fword@proxy.example"),
            "Proxy-Authorization: Basic dXNlcjpwQHNzL3dvcmQ=\r\n"
        );
        assert_eq!(percent_decoded(b"100%"), b"100%");
        assert_eq!(percent_decoded(b"%4"), b"%4");
    }
}
