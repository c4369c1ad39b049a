//! What of a certificate decides which part it may play (RFC 5280, sections 4.1 and 4.2.1). webpki asks a trust anchor for
//! its name and its key only: whether a trusted certificate may sign others, and still may, is decided here.

use super::calendar::days_since_1970;

/// A trusted certificate's own restrictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Restrictions {
    /// Seconds since 1970.
    not_before: i64,
    not_after: i64,
    /// `basicConstraints` says CA:TRUE, or the certificate is of version 1 and can say nothing.
    is_authority: bool,
    is_self_issued: bool,
    /// The first eight bits of `keyUsage`, where it is there.
    key_usage: Option<u8>,
    /// No `extKeyUsage`, or one that includes TLS servers.
    is_for_servers: bool,
}

/// Why a certificate is not valid at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutOfTime {
    NotYet,
    Expired,
}

const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_ENCIPHERMENT: u8 = 0x20;
const KEY_AGREEMENT: u8 = 0x08;
const KEY_CERT_SIGN: u8 = 0x04;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BOOLEAN: u8 = 0x01;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const SERVER_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];

impl Restrictions {
    /// Reads a certificate, DER; `None` if it cannot be read.
    pub(super) fn read(certificate: &[u8]) -> Option<Self> {
        let mut outer = Der(Der(certificate).expect(SEQUENCE)?);
        let mut certificate = Der(outer.expect(SEQUENCE)?);
        let has_version = certificate.optional(VERSION).is_some();
        certificate.expect(INTEGER)?; // serialNumber
        certificate.expect(SEQUENCE)?; // signature
        let issuer = certificate.expect(SEQUENCE)?;
        let mut validity = Der(certificate.expect(SEQUENCE)?);
        let subject = certificate.expect(SEQUENCE)?;
        certificate.expect(SEQUENCE)?; // subjectPublicKeyInfo
        let mut restrictions = Self {
            not_before: instant(validity.next()?)?,
            not_after: instant(validity.next()?)?,
            is_authority: !has_version,
            is_self_issued: issuer == subject,
            key_usage: None,
            is_for_servers: true,
        };
        while let Some((tag, content)) = certificate.next() {
            if tag == EXTENSIONS {
                restrictions.read_extensions(Der(Der(content).expect(SEQUENCE)?))?;
            }
        }
        Some(restrictions)
    }

    fn read_extensions(&mut self, mut extensions: Der<'_>) -> Option<()> {
        while !extensions.0.is_empty() {
            let mut extension = Der(extensions.expect(SEQUENCE)?);
            let name = extension.expect(OBJECT_IDENTIFIER)?;
            extension.optional(BOOLEAN); // critical
            let mut value = Der(extension.expect(OCTET_STRING)?);
            match name {
                BASIC_CONSTRAINTS => {
                    let is_authority = Der(value.expect(SEQUENCE)?).optional(BOOLEAN);
                    self.is_authority = is_authority.is_some_and(|boolean| boolean != [0]);
                }
                KEY_USAGE => self.key_usage = Some(value.expect(BIT_STRING)?.get(1).copied().unwrap_or(0)),
                EXTENDED_KEY_USAGE => {
                    let mut usages = Der(value.expect(SEQUENCE)?);
                    self.is_for_servers = false;
                    while !usages.0.is_empty() {
                        let usage = usages.expect(OBJECT_IDENTIFIER)?;
                        self.is_for_servers |= usage == SERVER_AUTHENTICATION;
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    /// Whether the certificate may sign those of servers, at an instant in seconds since 1970.
    pub(super) fn may_sign_servers(&self, now: i64) -> bool {
        let may_sign = self.key_usage.is_none_or(|usage| usage & KEY_CERT_SIGN != 0);
        self.is_authority && may_sign && self.is_for_servers && self.out_of_time(now).is_none()
    }

    /// Whether the certificate may be a server's own, whatever the time is.
    pub(super) fn may_be_a_server(&self) -> bool {
        const OF_SERVERS: u8 = DIGITAL_SIGNATURE | KEY_ENCIPHERMENT | KEY_AGREEMENT;
        let may_serve = self.key_usage.is_none_or(|usage| usage & OF_SERVERS != 0);
        self.is_self_issued && may_serve && self.is_for_servers
    }

    /// Why it is not valid at an instant in seconds since 1970.
    pub(super) fn out_of_time(&self, now: i64) -> Option<OutOfTime> {
        match now {
            _ if now < self.not_before => Some(OutOfTime::NotYet),
            _ if now > self.not_after => Some(OutOfTime::Expired),
            _ => None,
        }
    }
}

/// What is left of a DER encoding (X.690): elements of a tag of one byte and a definite length.
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The next element: its tag and content.
    fn next(&mut self) -> Option<(u8, &'d [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if bytes.is_empty() || bytes.len() > 3 {
                return None;
            }
            (
                bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)),
                rest,
            )
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next element, which has to have this tag.
    fn expect(&mut self, tag: u8) -> Option<&'d [u8]> {
        self.next()
            .filter(|&(found, _)| found == tag)
            .map(|(_, content)| content)
    }

    /// The content of the next element if it has this tag.
    fn optional(&mut self, tag: u8) -> Option<&'d [u8]> {
        if self.0.first() == Some(&tag) {
            self.expect(tag)
        } else {
            None
        }
    }
}

/// `UTCTime` or `GeneralizedTime` in the forms of RFC 5280, section 4.1.2.5: seconds since 1970.
fn instant((tag, text): (u8, &[u8])) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    let number = |at: usize, length: usize| -> Option<i64> {
        let part = digits.get(at..at + length)?;
        part.iter().all(u8::is_ascii_digit).then(|| {
            part.iter()
                .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, rest) = match (tag, digits.len()) {
        (UTC_TIME, 12) => match number(0, 2)? {
            year @ ..50 => (2000 + year, 2),
            year => (1900 + year, 2),
        },
        (GENERALIZED_TIME, 14) => (number(0, 4)?, 4),
        _ => return None,
    };
    let part = |index: usize| number(rest + 2 * index, 2);
    let (month, day) = (part(0)?, part(1)?);
    let days = days_since_1970(year, month, day);
    Some(days * 86_400 + part(2)? * 3600 + part(3)? * 60 + part(4)?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[test]
    fn instants() {
        for (tag, text, seconds) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, "500101000000Z", Some(-631_152_000)),
            (GENERALIZED_TIME, "20000229000000Z", Some(951_782_400)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, "20260131120000+01", None),
            (UTC_TIME, "7001010000Z", None),
            (UTC_TIME, "7001010000x0Z", None),
            (SEQUENCE, "700101000000Z", None),
        ] {
            assert_eq!(instant((tag, text.as_bytes())), seconds, "{text}");
        }
    }

    /// Self-signed by a P-256 key that nobody has any more: version 1, without extensions.
    const OF_VERSION_1: &str = "MIIBJTCBywIUcPQEA+c8BNw6I/Pbst0hyHkXe1IwCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKdjEuZXhhbXBsZTAeFw0yNjEx\
         MjcwMzU3NDlaFw0zNjExMjQwMzU3NDlaMBUxEzARBgNVBAMMCnYxLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\
         AAQGUDZscdRj+kN3RBU4sRhGttptOd80pjXOVRCIzZEdScxpO+LqmitLWB7v5fcbbgjVwbI/9MWBOhZddmtdvg0yMAoGCCqG\
         SM49BAMCA0kAMEYCIQDgRm4kajcdvidrqrFaBiqSmQJnQ6iwXx8mgagpzing8AIhAJULustlW3TiG49/8udW3N/FNhqitMUJ\
         P5rDBhbDw9xk";

    #[test]
    fn a_certificate_of_version_1_may_sign_others_in_its_time() {
        let der = base64_simd::STANDARD.decode_to_vec(OF_VERSION_1).unwrap();
        let read = Restrictions::read(&der).unwrap();
        let times = (1_795_751_869, 2_111_111_869);
        assert_eq!((read.not_before, read.not_after), times);
        assert!(read.is_authority && read.is_self_issued && read.may_sign_servers(times.0));
    }

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    }

    fn extension(name: &[u8], value: &[u8]) -> Vec<u8> {
        let content = [
            der(OBJECT_IDENTIFIER, name),
            der(BOOLEAN, &[0xff]),
            der(OCTET_STRING, value),
        ]
        .concat();
        der(SEQUENCE, &content)
    }

    /// A certificate of version 3, of one name for issuer and subject.
    fn of_version_3(extensions: &[Vec<u8>]) -> Vec<u8> {
        let name = der(SEQUENCE, b"name");
        let validity = [der(UTC_TIME, b"700101000000Z"), der(UTC_TIME, b"700102000000Z")].concat();
        let to_be_signed = [
            der(VERSION, &der(INTEGER, &[2])),
            der(INTEGER, &[1]),
            der(SEQUENCE, &[]),
            name.clone(),
            der(SEQUENCE, &validity),
            name,
            der(SEQUENCE, b"key"),
            der(EXTENSIONS, &der(SEQUENCE, &extensions.concat())),
        ]
        .concat();
        der(SEQUENCE, &der(SEQUENCE, &to_be_signed))
    }

    const CLIENT_AUTHENTICATION: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

    fn extended_key_usage(names: &[&[u8]]) -> Vec<u8> {
        let names: Vec<_> = names.iter().map(|name| der(OBJECT_IDENTIFIER, name)).collect();
        extension(EXTENDED_KEY_USAGE, &der(SEQUENCE, &names.concat()))
    }

    /// A certificate that only names a TLS client, of the first day of 1970.
    pub(in super::super) fn of_a_client() -> Vec<u8> {
        of_version_3(&[extended_key_usage(&[CLIENT_AUTHENTICATION])])
    }

    #[test]
    fn the_extensions_of_version_3_restrict() {
        const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
        let none = Restrictions {
            not_before: 0,
            not_after: 86_400,
            is_authority: false,
            is_self_issued: true,
            key_usage: None,
            is_for_servers: true,
        };
        let authority = Restrictions {
            is_authority: true,
            ..none
        };
        let with_usage = |usage| Restrictions {
            key_usage: Some(usage),
            ..none
        };
        let not_for_servers = Restrictions {
            is_for_servers: false,
            ..none
        };
        let constraints = |content: &[u8]| extension(BASIC_CONSTRAINTS, &der(SEQUENCE, content));
        let usage = |content: &[u8]| extension(KEY_USAGE, &der(BIT_STRING, content));
        for (extensions, expected) in [
            (vec![], none),
            (vec![constraints(&der(BOOLEAN, &[0xff]))], authority),
            (vec![constraints(&der(BOOLEAN, &[0]))], none),
            (vec![constraints(&[])], none),
            (vec![usage(&[1, 0x86])], with_usage(0x86)),
            (vec![usage(&[0])], with_usage(0)),
            (vec![extended_key_usage(&[SERVER_AUTHENTICATION])], none),
            (
                vec![extended_key_usage(&[SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION])],
                none,
            ),
            (
                vec![extended_key_usage(&[CLIENT_AUTHENTICATION, SERVER_AUTHENTICATION])],
                none,
            ),
            (vec![extended_key_usage(&[CLIENT_AUTHENTICATION])], not_for_servers),
            (vec![extended_key_usage(&[])], not_for_servers),
            (
                vec![
                    extension(SUBJECT_KEY_IDENTIFIER, b"id"),
                    constraints(&der(BOOLEAN, &[0xff])),
                ],
                authority,
            ),
        ] {
            assert_eq!(
                Restrictions::read(&of_version_3(&extensions)),
                Some(expected),
                "{extensions:02x?}"
            );
        }
        for unreadable in [
            b"no DER".to_vec(),
            usage(&[1, 0x86])[..10].to_vec(),
            extended_key_usage(&[&[0; 300]])[..50].to_vec(),
        ] {
            assert_eq!(Restrictions::read(&of_version_3(&[unreadable])), None);
        }
    }

    #[test]
    fn lengths_are_definite_and_of_three_bytes_at_most() {
        let content = vec![7; 0x1_0001];
        for (head, length) in [
            (&[SEQUENCE, 0x7f][..], Some(0x7f)),
            (&[SEQUENCE, 0x80], None),
            (&[SEQUENCE, 0x81, 0x80], Some(0x80)),
            (&[SEQUENCE, 0x82, 1, 1], Some(0x101)),
            (&[SEQUENCE, 0x83, 1, 0, 1], Some(0x1_0001)),
            (&[SEQUENCE, 0x84, 0, 0, 0, 1], None),
            (&[SEQUENCE, 0xff], None),
        ] {
            let text = [head, &content].concat();
            let mut rest = Der(&text);
            assert_eq!(rest.next().map(|(_, content)| content.len()), length, "{head:02x?}");
            if let Some(length) = length {
                assert_eq!(rest.0.len(), content.len() - length);
            }
        }
    }

    #[test]
    fn what_is_cut_or_no_certificate_is_not_read() {
        let element = [SEQUENCE, 0x82, 0x01];
        for text in [
            &[][..],
            &[SEQUENCE],
            &element,
            &[SEQUENCE, 0x80],
            &[SEQUENCE, 0x84, 0, 0, 0, 1, 0],
            &[0xff; 64],
        ] {
            assert_eq!(Restrictions::read(text), None);
        }
    }

    #[test]
    fn each_restriction_counts() {
        let free = Restrictions {
            not_before: 10,
            not_after: 20,
            is_authority: true,
            is_self_issued: true,
            key_usage: None,
            is_for_servers: true,
        };
        let with_usage = |usage| Restrictions {
            key_usage: Some(usage),
            ..free
        };
        assert!(free.may_sign_servers(10) && free.may_sign_servers(20) && free.may_be_a_server());
        assert!(!free.may_sign_servers(9) && !free.may_sign_servers(21));
        assert_eq!(free.out_of_time(9), Some(OutOfTime::NotYet));
        assert_eq!(free.out_of_time(21), Some(OutOfTime::Expired));
        assert!(with_usage(KEY_CERT_SIGN).may_sign_servers(15) && !with_usage(KEY_CERT_SIGN).may_be_a_server());
        for usage in [DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, KEY_AGREEMENT] {
            assert!(!with_usage(usage).may_sign_servers(15) && with_usage(usage).may_be_a_server());
        }
        let no_authority = Restrictions {
            is_authority: false,
            ..free
        };
        assert!(!no_authority.may_sign_servers(15) && no_authority.may_be_a_server());
        let for_clients = Restrictions {
            is_for_servers: false,
            ..free
        };
        assert!(!for_clients.may_sign_servers(15) && !for_clients.may_be_a_server());
        let signed_by_another = Restrictions {
            is_self_issued: false,
            ..free
        };
        assert!(!signed_by_another.may_be_a_server());
    }
}
