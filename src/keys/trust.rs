//! Which servers are trusted: those that Node would trust, and those named by the option `ca`.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::certificate::{OutOfTime, Restrictions};
use super::{KeySourceConfig, TlsProblem};

/// The certificates that Node trusts, PEM.
#[derive(Clone, Debug, Default)]
pub struct Roots(pub Vec<String>);

/// How TLS is spoken.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    pub(super) tls: ClientConfig,
    /// Whether no certificate is trusted at all, so that TLS is not worth trying.
    pub(super) is_empty: bool,
}

/// Trusts what Node trusts, and the option `ca`. As for Node, a trusted certificate that may not sign others, or that has
/// expired, is good for its own server at most, not as an authority.
pub(super) fn trust(config: &KeySourceConfig, roots: &Roots) -> Result<Trust, String> {
    let now = seconds(UnixTime::now());
    let (mut store, mut trusted) = (RootCertStore::empty(), Vec::new());
    let mut add = |certificate: CertificateDer<'static>| -> Option<()> {
        let restrictions = Restrictions::read(&certificate)?;
        if restrictions.may_sign_servers(now) {
            store.add(certificate.clone()).ok()?;
        }
        trusted.push(certificate);
        Some(())
    };
    for pem in &roots.0 {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()).flatten() {
            // One that Node accepts and rustls does not is left out: the others are not worse for it.
            let _ = add(certificate);
        }
    }
    for pem in &config.ca {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| "a certificate in the option ca is not PEM".to_owned())?;
            add(certificate).ok_or_else(|| "a certificate in the option ca cannot be used".to_owned())?;
        }
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let is_empty = trusted.is_empty();
    let verifier = Verifier {
        roots: store,
        trusted,
        algorithms: provider.signature_verification_algorithms,
    };
    let mut tls = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| "TLS cannot be set up".to_owned())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // As Node does; a server that only speaks HTTP/2 then says so.
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Trust { tls, is_empty })
}

/// What the verifier of rustls does, by its own functions, with one addition: a self-signed certificate that is itself
/// trusted may be the server's own, as for Node. It is no authority, so that rustls knows no issuer for it, or has
/// `CA:TRUE`, which tools give such certificates and rustls takes for a sign that it is no server's.
#[derive(Debug)]
struct Verifier {
    roots: RootCertStore,
    trusted: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    /// The verdict on a certificate to which rustls objects: whether it is one that is trusted, byte by byte, for servers,
    /// and valid now.
    fn is_itself_trusted(
        &self,
        certificate: &CertificateDer<'_>,
        objection: Error,
        now: UnixTime,
    ) -> Result<(), Error> {
        let is_about_the_issuer = match &objection {
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
            Error::InvalidCertificate(CertificateError::Other(OtherError(cause))) => {
                matches!(cause.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
            }
            _ => false,
        };
        if !is_about_the_issuer || !self.trusted.contains(certificate) {
            return Err(objection);
        }
        let Some(restrictions) = Restrictions::read(certificate) else {
            return Err(objection);
        };
        match restrictions.out_of_time(seconds(now)) {
            Some(OutOfTime::NotYet) => Err(CertificateError::NotValidYet.into()),
            Some(OutOfTime::Expired) => Err(CertificateError::Expired.into()),
            None if !restrictions.may_be_a_server() => Err(CertificateError::InvalidPurpose.into()),
            None => Ok(()),
        }
    }
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&certificate, &self.roots, intermediates, now, algorithms)
            .or_else(|objection| self.is_itself_trusted(end_entity, objection, now))?;
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What went wrong with TLS.
pub(super) fn problem(error: &Error) -> TlsProblem {
    match error {
        Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer => TlsProblem::UnknownIssuer,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsProblem::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsProblem::NotValidYet,
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => TlsProblem::NoName,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsProblem::OtherName
            }
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                TlsProblem::UnsupportedAlgorithm
            }
            CertificateError::BadSignature => TlsProblem::BadSignature,
            CertificateError::Other(OtherError(other)) => match other.downcast_ref() {
                Some(webpki::Error::CaUsedAsEndEntity) => TlsProblem::CertificateAuthority,
                Some(webpki::Error::UnsupportedCertVersion) => TlsProblem::CertificateVersion,
                _ => TlsProblem::Certificate,
            },
            _ => TlsProblem::Certificate,
        },
        Error::AlertReceived(
            AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity
            | AlertDescription::ProtocolVersion,
        )
        | Error::PeerIncompatible(_) => TlsProblem::NothingInCommon,
        Error::AlertReceived(_) => TlsProblem::Refused,
        Error::InvalidMessage(_) => TlsProblem::NotTls,
        _ => TlsProblem::Other,
    }
}

/// For tests: of `own.example`, self-signed by a P-256 key that nobody has any more, no authority.
#[cfg(test)]
pub(super) const OWN_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBljCCATygAwIBAgIUJ7BF5UBG6eRsR4vjsQ0yapWkd08wCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLb3duLmV4YW1wbGUwHhcNMjYxMTI3MTg0NDQ4WhcNMzYxMTI0
MTg0NDQ4WjAWMRQwEgYDVQQDDAtvd24uZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABBNf8wj6f+AM24HJyCaGwXvO3tbwp2BLx45XgVGaLJyOQIc7dicq
y8FoLO7gjY/pv7y8IWon01ismMO2e05GJUSjaDBmMB0GA1UdDgQWBBRFicl79NrT
KPQ1GY8T/WFYaDoh7jAfBgNVHSMEGDAWgBRFicl79NrTKPQ1GY8T/WFYaDoh7jAW
BgNVHREEDzANggtvd24uZXhhbXBsZTAMBgNVHRMBAf8EAjAAMAoGCCqGSM49BAMC
A0gAMEUCIH2ew4v8FV6lM4YEXvBaTjnbwXgc1fuA/oM7CTRG/KhjAiEA7OkcuZMN
w1Mtv0l9TV9mPpK9nMIqxz4bwXGuCJ3wUkc=
-----END CERTIFICATE-----
";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::KeyLocation;
    use super::*;

    /// When `OWN_CERTIFICATE` is valid.
    const THEN: UnixTime = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));

    fn pem(base64: &str) -> String {
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    }

    fn certificate() -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(OWN_CERTIFICATE.as_bytes()).unwrap()
    }

    #[test]
    fn certificates_of_node_that_cannot_be_used_are_left_out_and_those_of_ca_are_an_error() {
        let trust_in = |roots: &[&str], ca: &[&str]| {
            let mut config = KeySourceConfig::new(KeyLocation::Given);
            config.ca = ca.iter().map(|&pem| pem.to_owned()).collect();
            let roots = Roots(roots.iter().map(|&pem| pem.to_owned()).collect());
            trust(&config, &roots).map(|trust| trust.is_empty)
        };
        let (good, no_certificate, no_base64) = (OWN_CERTIFICATE, pem("AAAA"), pem("!"));
        assert_eq!(trust_in(&[], &[]), Ok(true));
        assert_eq!(trust_in(&[good], &[]), Ok(false));
        assert_eq!(trust_in(&[], &[good]), Ok(false));
        assert_eq!(trust_in(&[&no_certificate, &no_base64], &[]), Ok(true));
        assert_eq!(trust_in(&[&no_certificate, good], &[]), Ok(false));
        assert!(
            trust_in(&[good], &[&no_certificate])
                .unwrap_err()
                .contains("cannot be used")
        );
        assert!(trust_in(&[good], &[&no_base64]).unwrap_err().contains("not PEM"));
    }

    #[test]
    fn only_http_1_is_offered() {
        let trust = trust(&KeySourceConfig::new(KeyLocation::Given), &Roots::default()).unwrap();
        assert_eq!(trust.tls.alpn_protocols, [b"http/1.1"]);
    }

    fn verifier(trusted: Vec<CertificateDer<'static>>) -> Verifier {
        Verifier {
            roots: RootCertStore::empty(),
            trusted,
            algorithms: rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms,
        }
    }

    fn used_as_a_server() -> Error {
        let cause = OtherError(Arc::new(webpki::Error::CaUsedAsEndEntity));
        Error::InvalidCertificate(CertificateError::Other(cause))
    }

    #[test]
    fn a_trusted_certificate_is_its_own_server_s_in_its_time() {
        let verdict = |trusted: Vec<CertificateDer<'static>>, objection: Error, at: UnixTime| {
            verifier(trusted).is_itself_trusted(&certificate(), objection, at)
        };
        let unknown = || Error::from(CertificateError::UnknownIssuer);
        let at = |seconds: u64| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        assert_eq!(verdict(vec![certificate()], unknown(), THEN), Ok(()));
        assert_eq!(verdict(vec![certificate()], used_as_a_server(), THEN), Ok(()));
        assert_eq!(verdict(vec![], unknown(), THEN), Err(unknown()));
        for other in [
            CertificateError::BadSignature.into(),
            CertificateError::Other(OtherError(Arc::new(webpki::Error::BadDer))).into(),
            Error::DecryptError,
        ] {
            let verdict = verdict(vec![certificate()], other.clone(), THEN).unwrap_err();
            // An `OtherError` is equal to none.
            assert_eq!(format!("{verdict:?}"), format!("{other:?}"));
        }
        assert_eq!(
            verdict(vec![certificate()], unknown(), at(1_795_805_087)),
            Err(CertificateError::NotValidYet.into())
        );
        assert_eq!(
            verdict(vec![certificate()], unknown(), at(2_111_165_089)),
            Err(CertificateError::Expired.into())
        );
    }

    #[test]
    fn a_trusted_certificate_that_is_for_no_server_is_none() {
        let of_a_client = CertificateDer::from(super::super::certificate::tests::of_a_client());
        let objection = CertificateError::UnknownIssuer.into();
        let on_its_day = UnixTime::since_unix_epoch(Duration::from_secs(3600));
        let verifier = verifier(vec![of_a_client.clone()]);
        assert_eq!(
            verifier.is_itself_trusted(&of_a_client, objection, on_its_day),
            Err(CertificateError::InvalidPurpose.into())
        );
    }

    #[test]
    fn signatures_of_today_are_offered() {
        let schemes = verifier(vec![]).supported_verify_schemes();
        for scheme in [SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::RSA_PSS_SHA256] {
            assert!(schemes.contains(&scheme), "{scheme:?}");
        }
        assert!(!schemes.contains(&SignatureScheme::RSA_PKCS1_SHA1));
    }

    #[test]
    fn a_server_has_to_have_the_name_that_was_asked_and_a_certificate_that_is_trusted() {
        let verdict = |trusted: Vec<CertificateDer<'static>>, name: &'static str| {
            let name = ServerName::try_from(name).unwrap();
            verifier(trusted)
                .verify_server_cert(&certificate(), &[], &name, &[], THEN)
                .map_err(|error| problem(&error))
        };
        assert!(verdict(vec![certificate()], "own.example").is_ok());
        let other_name = verdict(vec![certificate()], "other.example").unwrap_err();
        assert_eq!(other_name, TlsProblem::OtherName);
        let unknown = verdict(vec![], "own.example").unwrap_err();
        assert_eq!(unknown, TlsProblem::UnknownIssuer);
    }

    #[test]
    fn each_error_of_tls_has_its_problem() {
        let name = || ServerName::try_from("asked.example").unwrap().to_owned();
        let other = |error: webpki::Error| CertificateError::Other(OtherError(Arc::new(error)));
        for (error, expected) in [
            (CertificateError::UnknownIssuer, TlsProblem::UnknownIssuer),
            (CertificateError::Expired, TlsProblem::Expired),
            (
                CertificateError::ExpiredContext {
                    time: THEN,
                    not_after: THEN,
                },
                TlsProblem::Expired,
            ),
            (CertificateError::NotValidYet, TlsProblem::NotValidYet),
            (
                CertificateError::NotValidYetContext {
                    time: THEN,
                    not_before: THEN,
                },
                TlsProblem::NotValidYet,
            ),
            (
                CertificateError::NotValidForNameContext {
                    expected: name(),
                    presented: vec![],
                },
                TlsProblem::NoName,
            ),
            (
                CertificateError::NotValidForNameContext {
                    expected: name(),
                    presented: vec!["other.example".to_owned()],
                },
                TlsProblem::OtherName,
            ),
            (CertificateError::NotValidForName, TlsProblem::OtherName),
            (
                CertificateError::UnsupportedSignatureAlgorithmContext {
                    signature_algorithm_id: vec![],
                    supported_algorithms: vec![],
                },
                TlsProblem::UnsupportedAlgorithm,
            ),
            (
                CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                    signature_algorithm_id: vec![],
                    public_key_algorithm_id: vec![],
                },
                TlsProblem::UnsupportedAlgorithm,
            ),
            (CertificateError::BadSignature, TlsProblem::BadSignature),
            (
                other(webpki::Error::CaUsedAsEndEntity),
                TlsProblem::CertificateAuthority,
            ),
            (
                other(webpki::Error::UnsupportedCertVersion),
                TlsProblem::CertificateVersion,
            ),
            (other(webpki::Error::BadDer), TlsProblem::Certificate),
            (CertificateError::Revoked, TlsProblem::Certificate),
        ] {
            assert_eq!(problem(&error.clone().into()), expected, "{error:?}");
        }
        for (error, expected) in [
            (
                Error::AlertReceived(AlertDescription::HandshakeFailure),
                TlsProblem::NothingInCommon,
            ),
            (
                Error::AlertReceived(AlertDescription::ProtocolVersion),
                TlsProblem::NothingInCommon,
            ),
            (
                Error::PeerIncompatible(rustls::PeerIncompatible::NoCipherSuitesInCommon),
                TlsProblem::NothingInCommon,
            ),
            (
                Error::AlertReceived(AlertDescription::AccessDenied),
                TlsProblem::Refused,
            ),
            (
                Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
                TlsProblem::NotTls,
            ),
            (Error::DecryptError, TlsProblem::Other),
        ] {
            assert_eq!(problem(&error), expected, "{error:?}");
        }
    }
}
