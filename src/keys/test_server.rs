//! For tests: a server on loopback that gives one prepared answer to each connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use url::Url;

/// Long enough for a client to read what came before.
const PAUSE: Duration = Duration::from_millis(30);

/// What a connection gets.
pub(super) enum Answer {
    /// These bytes, and its end.
    Bytes(Vec<u8>),
    /// Each of these after the client has sent something, and its end.
    InTurn(Vec<Vec<u8>>),
    /// These one after the other, and its end.
    Slowly(Vec<Vec<u8>>),
    /// Its end, whatever the client sends.
    Nothing,
    /// Nothing, until the client goes away.
    Silence,
}

/// The server. With its last answer it stops listening.
pub(super) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the address of a listener");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for answer in answers {
                let (mut socket, _) = listener.accept().expect("a connection");
                let mut request = [0; 4096];
                let reads = !matches!(answer, Answer::Nothing);
                let length = if reads {
                    socket.read(&mut request).unwrap_or(0)
                } else {
                    0
                };
                seen.lock()
                    .expect("nobody panics with the list")
                    .push(String::from_utf8_lossy(&request[..length]).into_owned());
                match answer {
                    // A client that has read enough is gone before the end.
                    Answer::Nothing => {}
                    Answer::Bytes(bytes) => drop(socket.write_all(&bytes)),
                    Answer::InTurn(parts) => {
                        for part in parts {
                            let _ = socket.write_all(&part);
                            let _ = socket.read(&mut request);
                        }
                    }
                    Answer::Slowly(parts) => {
                        for part in parts {
                            let _ = socket.write_all(&part);
                            thread::sleep(PAUSE);
                        }
                    }
                    Answer::Silence => drop(socket.read(&mut request)),
                }
            }
        });
        Self { address, requests }
    }

    /// A server with one answer.
    pub(super) fn with(answer: impl Into<Vec<u8>>) -> Self {
        Self::start(vec![Answer::Bytes(answer.into())])
    }

    /// A URL of the server: `http`, or `https`, which it does not speak.
    pub(super) fn url(&self, scheme: &str, path: &str) -> Url {
        Url::parse(&format!("{scheme}://{}/{path}", self.address)).expect("a URL")
    }

    /// The heads of the requests so far.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("nobody panics with the list").clone()
    }
}

/// A 200 with these headers, each with its line break.
pub(super) fn ok(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    answer("200 OK", headers, body)
}

/// An answer with this status.
pub(super) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// A key set with a key of this `kid`: the point of RFC 7517, appendix A.1.
pub(super) fn key_set(kid: &str) -> String {
    format!(
        r#"{{"keys":[{{"kty":"EC","crv":"P-256","use":"sig","kid":"{kid}","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}}]}}"#
    )
}
