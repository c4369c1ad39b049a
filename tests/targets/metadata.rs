//! Any bytes as an authority's metadata: what is believed is an issuer of the authority, with keys at a secure URL.

use entra_jwt_verify::keys::{Discovery, MetadataAuthority};
use url::Url;

use crate::common::{CLIENT, TENANT};

fn discoveries() -> [Discovery; 3] {
    let url = |text: &str| Url::parse(text).expect("a URL");
    let discovery = |metadata: &str, authority| Discovery {
        metadata: url(metadata),
        authority,
        keys: None,
        app_id: Some(CLIENT.to_owned()),
    };
    [
        discovery(
            "https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration",
            MetadataAuthority::Entra {
                issuer_prefix: "https://login.microsoftonline.com/".to_owned(),
            },
        ),
        discovery(
            "https://contoso.ciamlogin.com/.well-known/openid-configuration",
            MetadataAuthority::ExternalId,
        ),
        discovery(
            "https://issuer.example/.well-known/openid-configuration",
            MetadataAuthority::Oidc {
                asked: url("https://issuer.example/"),
                issuer: None,
            },
        ),
    ]
}

pub fn run(document: &[u8]) {
    for discovery in discoveries() {
        let Ok(metadata) = discovery.read(document) else {
            continue;
        };
        let issuer = Url::parse(&metadata.issuer).expect("an issuer is a URL");
        match discovery.authority {
            MetadataAuthority::Entra { issuer_prefix } => assert!(metadata.issuer.starts_with(&issuer_prefix)),
            MetadataAuthority::ExternalId => {
                assert!(
                    issuer.host_str().expect("a host").ends_with(".ciamlogin.com"),
                    "{issuer}"
                );
            }
            MetadataAuthority::Oidc { asked, .. } => assert_eq!(issuer.origin(), asked.origin()),
        }
        let keys = &metadata.jwks_uri;
        let is_loopback = matches!(keys.host_str(), Some("localhost" | "[::1]"))
            || keys
                .host_str()
                .is_some_and(|host| host.starts_with("127.") || host.ends_with(".localhost"));
        assert!(keys.scheme() == "https" || is_loopback, "{keys}");
        assert!(keys.username().is_empty() && keys.password().is_none(), "{keys}");
    }
}

pub fn examples() -> Vec<Vec<u8>> {
    let of = |issuer: &str, keys: &str| format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys}"}}"#);
    super::texts(&[
        &of(
            &format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            "https://login.microsoftonline.com/common/discovery/v2.0/keys",
        ),
        &of(
            &format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"),
            "https://contoso.ciamlogin.com/keys?appid=x",
        ),
        &of("https://issuer.example/a", "http://127.0.0.1:8080/keys"),
        &of("https://issuer.example/", "https://user:password@issuer.example/keys"),
        "{\"issuer\":{},\"jwks_uri\":null}",
    ])
}
