//! External ID: tenants for customers. Their endpoints are at `https://<tenant name>.ciamlogin.com/<tenant id>/`, or
//! behind the customer's domain; their issuer always has the tenant's id twice.

use url::Url;

use super::Version;
use super::clouds::PUBLIC;

const SUFFIX: &str = ".ciamlogin.com";

/// The tenant's name or id before `.ciamlogin.com` in the host of a URL.
pub(crate) fn tenant_of_host(url: &Url) -> Option<&str> {
    let name = url.host_str()?.strip_suffix(SUFFIX)?;
    let is_one_label = !name.is_empty() && !name.contains('.');
    (is_one_label && url.scheme() == "https" && url.port().is_none()).then_some(name)
}

/// The tenant segment of an issuer of External ID, `https://<tenant id>.ciamlogin.com/<tenant id>/v2.0`.
pub(crate) fn tenant_segment(issuer: &str) -> Option<&str> {
    let names = issuer.strip_prefix("https://")?.strip_suffix("/v2.0")?;
    let (in_host, in_path) = names.split_once(SUFFIX)?;
    let in_path = in_path.strip_prefix('/')?;
    (in_host == in_path).then_some(in_path)
}

/// Whether a key with this `issuer` may sign the tenant's tokens, although it is not the tenant's own issuer: an External ID
/// tenant also has keys that it shares with its entry in the public cloud.
pub(crate) fn may_have_key_of(tenant: &str, issuer_of_key: &str) -> bool {
    PUBLIC
        .tenant_segment(issuer_of_key, Version::V2)
        .is_some_and(|segment| segment == "{tenantid}" || segment == tenant)
}

/// The issuer of a tenant.
pub(crate) fn issuer(tenant: &str) -> String {
    format!("{}{tenant}/v2.0", origin(tenant))
}

/// The origin of a tenant, with its id or its name.
pub(crate) fn origin(tenant: &str) -> String {
    format!("https://{tenant}{SUFFIX}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";

    #[test]
    fn an_issuer_names_its_tenant_twice() {
        assert_eq!(tenant_segment(&issuer(TENANT)), Some(TENANT));
        for other in [
            format!("https://contoso.ciamlogin.com/{TENANT}/v2.0"),
            format!("https://{TENANT}.ciamlogin.com/contoso/v2.0"),
            format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0/"),
            format!("https://{TENANT}.ciamlogin.com/{TENANT}"),
            format!("http://{TENANT}.ciamlogin.com/{TENANT}/v2.0"),
            format!("https://{TENANT}.ciamlogin.com.attacker.example/{TENANT}/v2.0"),
            format!("https://{TENANT}.ciamlogin.example/{TENANT}/v2.0"),
        ] {
            assert_eq!(tenant_segment(&other), None, "{other}");
        }
    }

    #[test]
    fn a_host_of_external_id_has_one_name_before_the_domain() {
        let of = |text: &str| tenant_of_host(&Url::parse(text).unwrap()).map(str::to_owned);
        assert_eq!(of("https://contoso.ciamlogin.com/x").as_deref(), Some("contoso"));
        for other in [
            "https://ciamlogin.com",
            "https://a.b.ciamlogin.com",
            "https://contoso.ciamlogin.com:8443",
            "http://contoso.ciamlogin.com",
            "https://contosociamlogin.com",
            "https://contoso.ciamlogin.com.attacker.example",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
