//! The metadata of an authority (OpenID Connect Discovery 1.0, section 3), and which of its values are trusted.

use serde_json::Value;
use url::Url;

use super::without_byte_order_mark;
use crate::policy::{external_id, guid};
use crate::secure_url::{has_no_credentials, is_secure};

/// How an authority's metadata is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Discovery {
    /// Where the metadata is.
    pub metadata: Url,
    /// Which issuers the metadata may have.
    pub authority: MetadataAuthority,
    /// The URL of the keys, if not that of the metadata.
    pub keys: Option<Url>,
    /// The API's own id: keys are requested with it (`?appid=`), so that an application with its own signing keys gets
    /// them.
    pub app_id: Option<String>,
}

/// Which issuers an authority's metadata may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MetadataAuthority {
    /// A verified domain of Entra: the issuer is this, a tenant, and `/v2.0`.
    Entra {
        /// What comes before the tenant.
        issuer_prefix: String,
    },
    /// A tenant of External ID, requested at its own host: the issuer has any tenant id, twice.
    ExternalId,
    /// Any other.
    Oidc {
        /// The URL that was configured.
        asked: Url,
        /// The configured issuer, which is trusted on any host.
        issuer: Option<String>,
    },
}

/// Metadata whose issuer belongs to the authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// `issuer`.
    pub issuer: String,
    /// `jwks_uri`.
    pub jwks_uri: Url,
}

/// Why metadata is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Not JSON, or without `issuer` or `jwks_uri`.
    #[error("the metadata is not an object with issuer and jwks_uri")]
    NotMetadata,
    /// `issuer` is not one that this authority may use.
    #[error("the metadata's issuer is not the authority's")]
    Issuer,
    /// `jwks_uri` is not an HTTPS URL.
    #[error("the metadata's jwks_uri is not an https URL")]
    JwksUri,
}

impl Discovery {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Why the document is rejected.
    pub fn read(&self, document: &[u8]) -> Result<Metadata, MetadataError> {
        let document = without_byte_order_mark(document);
        let document: Value = serde_json::from_slice(document).map_err(|_| MetadataError::NotMetadata)?;
        let text = |name: &str| {
            document
                .get(name)
                .and_then(Value::as_str)
                .ok_or(MetadataError::NotMetadata)
        };
        let issuer = text("issuer")?;
        if !self.authority.may_speak_for(issuer) {
            return Err(MetadataError::Issuer);
        }
        let jwks_uri = Url::parse(text("jwks_uri")?).map_err(|_| MetadataError::JwksUri)?;
        if !is_secure(&jwks_uri) || !has_no_credentials(&jwks_uri) {
            return Err(MetadataError::JwksUri);
        }
        Ok(Metadata {
            issuer: issuer.to_owned(),
            jwks_uri: self.with_app_id(jwks_uri),
        })
    }
}

impl Discovery {
    /// Entra's metadata repeats the `appid` of the request; a server in between may not. The id is only sent to the host of the
    /// metadata and to External ID.
    fn with_app_id(&self, mut jwks_uri: Url) -> Url {
        let is_told = |uri: &Url| uri.origin() == self.metadata.origin() || external_id::tenant_of_host(uri).is_some();
        if let Some(id) = &self.app_id
            && is_told(&jwks_uri)
            && jwks_uri.query_pairs().all(|(name, _)| name != "appid")
        {
            jwks_uri.query_pairs_mut().append_pair("appid", id);
        }
        jwks_uri
    }
}

impl MetadataAuthority {
    /// Discovery wants the issuer to be the URL that was asked (section 4.3). Microsoft's authorities for customers
    /// deviate: B2C and custom domains answer with another path of the same origin; External ID with an issuer whose host
    /// has the tenant's id in place of its name, also where it was asked at a domain of the customer's.
    pub(crate) fn may_speak_for(&self, issuer: &str) -> bool {
        match self {
            Self::Entra { issuer_prefix } => {
                let tenant = issuer
                    .strip_prefix(issuer_prefix.as_str())
                    .and_then(|rest| rest.strip_suffix("/v2.0"));
                tenant.and_then(guid::parse).is_some()
            }
            Self::ExternalId => external_id::tenant_segment(issuer).and_then(guid::parse).is_some(),
            Self::Oidc { asked, issuer: given } => {
                given.as_deref() == Some(issuer) || is_of_origin(issuer, asked) || is_external_id_of(issuer, asked)
            }
        }
    }
}

fn is_of_origin(issuer: &str, asked: &Url) -> bool {
    let Ok(url) = Url::parse(issuer) else { return false };
    is_secure(&url)
        && has_no_credentials(&url)
        && url.query().is_none()
        && url.fragment().is_none()
        && url.origin() == asked.origin()
        // A template is an issuer for every tenant, which is for Entra's own rules to check.
        && !issuer.contains('{')
}

/// External ID behind a domain of the customer's: the path that was asked names the tenant's id.
fn is_external_id_of(issuer: &str, asked: &Url) -> bool {
    let of_path = asked
        .path_segments()
        .and_then(|mut segments| segments.next())
        .and_then(guid::parse);
    of_path.is_some() && external_id::tenant_segment(issuer).and_then(guid::parse) == of_path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(authority: MetadataAuthority, issuer: &str, jwks_uri: &str) -> Result<Metadata, MetadataError> {
        let metadata = Url::parse("https://asked.example/.well-known/openid-configuration").unwrap();
        let document = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{jwks_uri}"}}"#);
        Discovery {
            metadata,
            authority,
            keys: None,
            app_id: None,
        }
        .read(document.as_bytes())
    }

    fn oidc(asked: &str, issuer: Option<&str>) -> MetadataAuthority {
        MetadataAuthority::Oidc {
            asked: Url::parse(asked).unwrap(),
            issuer: issuer.map(str::to_owned),
        }
    }

    fn foreign(authority: &str, issuer: &str) -> bool {
        match read(oidc(authority, None), issuer, "https://keys.example/") {
            Ok(metadata) => metadata.issuer == issuer,
            Err(error) => {
                assert_eq!(error, MetadataError::Issuer);
                false
            }
        }
    }

    #[test]
    fn a_foreign_authority_speaks_for_its_own_origin() {
        for (authority, issuer) in [
            ("https://accounts.example.com", "https://accounts.example.com"),
            ("https://accounts.example.com/", "https://accounts.example.com"),
            (
                "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_susi/v2.0",
                "https://contoso.b2clogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0/",
            ),
            (
                "https://login.contoso.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
                "https://775527ff-9a37-4307-8b3d-cc311f58d925.ciamlogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
            ),
            ("http://127.0.0.1:8080/tenant", "http://127.0.0.1:8080/tenant/v2.0"),
        ] {
            assert!(foreign(authority, issuer), "{authority} {issuer}");
        }
    }

    #[test]
    fn and_for_nobody_else() {
        for (authority, issuer) in [
            ("https://accounts.example.com", "https://accounts.example.org"),
            ("https://accounts.example.com", "http://accounts.example.com"),
            ("https://accounts.example.com", "https://accounts.example.com:8443"),
            ("https://accounts.example.com", "https://accounts.example.com?x"),
            ("https://accounts.example.com", "https://accounts.example.com?"),
            ("https://accounts.example.com", "https://accounts.example.com#x"),
            ("https://accounts.example.com", "https://accounts.example.com/a#"),
            ("https://accounts.example.com", "https://user@accounts.example.com"),
            (
                "https://accounts.example.com",
                "https://accounts.example.com/{tenantid}",
            ),
            ("https://accounts.example.com", "accounts.example.com"),
            (
                "https://login.contoso.com/8d1e6c2f-405b-4c1f-8b64-203070100b22/v2.0",
                "https://775527ff-9a37-4307-8b3d-cc311f58d925.ciamlogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
            ),
            // The name of a tenant does not say which id is its own.
            (
                "https://login.contoso.com/contoso.onmicrosoft.com/v2.0",
                "https://775527ff-9a37-4307-8b3d-cc311f58d925.ciamlogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
            ),
            (
                "https://login.contoso.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
                "https://contoso.ciamlogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
            ),
            (
                "https://login.contoso.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
                "https://login.microsoftonline.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
            ),
            ("https://contoso.b2clogin.com/a", "https://fabrikam.b2clogin.com/a"),
        ] {
            assert!(!foreign(authority, issuer), "{authority} {issuer}");
        }
    }

    #[test]
    fn an_issuer_that_was_configured_is_believed_whatever_its_host() {
        let (asked, issuer) = ("https://login.contoso.com/contoso/v2.0", "https://issuer.example/a");
        let keys = "https://keys.example/";
        assert!(read(oidc(asked, Some(issuer)), issuer, keys).is_ok());
        assert_eq!(read(oidc(asked, None), issuer, keys), Err(MetadataError::Issuer));
        let other = "https://issuer.example/b";
        assert_eq!(read(oidc(asked, Some(issuer)), other, keys), Err(MetadataError::Issuer));
    }

    #[test]
    fn the_api_s_id_goes_to_the_keys_of_the_same_origin_once() {
        let keys_with = |metadata: &str, jwks_uri: &str| {
            let metadata = Url::parse(metadata).unwrap();
            let discovery = Discovery {
                authority: oidc("https://asked.example/", None),
                metadata,
                keys: None,
                app_id: Some("id".to_owned()),
            };
            let document = format!(r#"{{"issuer":"https://asked.example/","jwks_uri":"{jwks_uri}"}}"#);
            discovery.read(document.as_bytes()).unwrap().jwks_uri.to_string()
        };
        for (jwks_uri, expected) in [
            ("https://asked.example/keys", "https://asked.example/keys?appid=id"),
            (
                "https://asked.example/keys?a=b",
                "https://asked.example/keys?a=b&appid=id",
            ),
            (
                "https://asked.example/keys?appid=x",
                "https://asked.example/keys?appid=x",
            ),
            ("https://keys.example/keys", "https://keys.example/keys"),
            ("https://a.ciamlogin.com/keys", "https://a.ciamlogin.com/keys?appid=id"),
        ] {
            assert_eq!(keys_with("https://asked.example/m", jwks_uri), expected);
        }
    }

    #[test]
    fn a_domain_of_entra_resolves_to_a_tenant() {
        let authority = || MetadataAuthority::Entra {
            issuer_prefix: "https://login.microsoftonline.com/".to_owned(),
        };
        let keys = "https://keys.example/";
        assert!(
            read(
                authority(),
                "https://login.microsoftonline.com/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/v2.0",
                keys
            )
            .is_ok()
        );
        for issuer in [
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/contoso/v2.0",
            // Other spellings of a GUID, which the `uuid` crate would read.
            "https://login.microsoftonline.com/7c0d5b1e3f5a4b0e9a531f2f6f0c9a11/v2.0",
            "https://login.microsoftonline.com/{7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11}/v2.0",
            "https://login.microsoftonline.com/urn:uuid:7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/v2.0",
            "https://login.microsoftonline.com/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/v2.0",
            "https://login.microsoftonline.com/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11",
            "https://login.microsoftonline.com//v2.0",
            "https://login.microsoftonline.us/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/v2.0",
            "https://sts.windows.net/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/",
        ] {
            assert_eq!(read(authority(), issuer, keys), Err(MetadataError::Issuer), "{issuer}");
        }
    }

    #[test]
    fn the_keys_must_be_at_a_secure_url() {
        let authority = || oidc("https://accounts.example.com", None);
        for uri in [
            "http://keys.example/",
            "https://user:secret@keys.example/",
            "keys",
            "file:///keys",
        ] {
            assert_eq!(
                read(authority(), "https://accounts.example.com", uri),
                Err(MetadataError::JwksUri),
                "{uri}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let metadata = Url::parse("https://asked.example/").unwrap();
        let discovery = Discovery {
            authority: oidc(metadata.as_str(), None),
            metadata,
            keys: None,
            app_id: None,
        };
        let document = r#"{"issuer":"https://asked.example/","jwks_uri":"https://asked.example/keys"}"#;
        let read = |document: &str| discovery.read(document.as_bytes());
        assert!(read(document).is_ok());
        assert_eq!(read(&format!("\u{feff}{document}")), read(document));
        assert!(read(&format!("\u{feff}\u{feff}{document}")).is_err());
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        let metadata = Url::parse("https://asked.example/").unwrap();
        let discovery = Discovery {
            authority: oidc(metadata.as_str(), None),
            metadata,
            keys: None,
            app_id: None,
        };
        for document in [
            "",
            "[]",
            "{}",
            r#"{"issuer":1,"jwks_uri":"https://asked.example/"}"#,
            r#"{"issuer":"https://asked.example/"}"#,
        ] {
            assert_eq!(
                discovery.read(document.as_bytes()),
                Err(MetadataError::NotMetadata),
                "{document}"
            );
        }
    }
}
