//! Microsoft's own services: the only table of them, by application id, by every audience that their tokens can have, and
//! by name. A customer's API never accepts such a token.

mod table;

use uuid::Uuid;

use crate::policy::{AcceptedAudiences, Version, guid};
use crate::rules::version;
use crate::token::Claims;

use table::{GRAPH, RESOURCE_MANAGER, RESOURCES, TOKEN_EXCHANGE};

/// A service of Microsoft's.
#[derive(Debug)]
pub(super) struct Resource {
    /// As people call it.
    pub(super) name: &'static str,
    application: Option<Uuid>,
    uris: &'static [&'static str],
}

impl Resource {
    const fn new(name: &'static str, application: Uuid, uris: &'static [&'static str]) -> Self {
        Self {
            name,
            application: Some(application),
            uris,
        }
    }

    const fn by_uri(name: &'static str, uris: &'static [&'static str]) -> Self {
        Self {
            name,
            application: None,
            uris,
        }
    }

    /// Whether this is Microsoft Graph, in whatever cloud.
    pub(super) fn is_graph(&self) -> bool {
        self.name == GRAPH
    }

    /// Whether tokens for it are exchanged for others: assertions of workloads.
    pub(super) fn is_token_exchange(&self) -> bool {
        self.name == TOKEN_EXCHANGE
    }

    /// Whether this is Azure Resource Manager.
    pub(super) fn is_resource_manager(&self) -> bool {
        self.name == RESOURCE_MANAGER
    }
}

/// Domains under which each customer of a service has a name of its own.
static DOMAINS: &[(&str, &str)] = &[
    ("core.windows.net", "Azure Storage"),
    ("vault.azure.net", "Azure Key Vault"),
    ("database.windows.net", "Azure SQL Database"),
    ("documents.azure.com", "Azure Cosmos DB"),
    ("servicebus.windows.net", "Azure Service Bus or Event Hubs"),
    ("kusto.windows.net", "Azure Data Explorer"),
    ("kusto.fabric.microsoft.com", "Microsoft Fabric"),
    ("azconfig.io", "Azure App Configuration"),
    ("search.windows.net", "Azure AI Search"),
    ("cognitiveservices.azure.com", "Azure AI services"),
    ("openai.azure.com", "Azure OpenAI"),
    ("azuresynapse.net", "Azure Synapse"),
    ("azurecr.io", "Azure Container Registry"),
    ("azuredatabricks.net", "Azure Databricks"),
    ("fhir.azurehealthcareapis.com", "Azure Health Data Services"),
    ("sharepoint.com", "SharePoint Online"),
    ("sharepoint.us", "SharePoint Online"),
    ("sharepoint.cn", "SharePoint Online"),
    ("dynamics.com", "Dynamics 365"),
    ("azure-devices.net", "Azure IoT Hub"),
    ("digitaltwins.azure.net", "Azure Digital Twins"),
];

/// Domains of Microsoft's own services. Customers have names in other ones (`azurewebsites.net`, `azure-api.net`), or in those
/// below (`OF_CUSTOMERS`).
static OWN_DOMAINS: &[&str] = &[
    "azure.com",
    "azure.net",
    "azure.us",
    "azure.cn",
    "windows.net",
    "microsoft.com",
    "microsoftonline.com",
    "office.com",
    "office.net",
    "office365.com",
    "powerbi.com",
    "powerplatform.com",
    "visualstudio.com",
    "skype.com",
    "usgovcloudapi.net",
    "chinacloudapi.cn",
];

/// Domains below those in which customers have names for what they run: machines, sites.
static OF_CUSTOMERS: &[&str] = &[
    "cloudapp.azure.com",
    "cloudapp.azure.us",
    "cloudapp.azure.cn",
    "cloudapp.usgovcloudapi.net",
    "cloudapp.chinacloudapi.cn",
    "web.core.windows.net",
    "web.core.usgovcloudapi.net",
    "web.core.chinacloudapi.cn",
];

/// A service of Microsoft's that a token is for: its name, and its row of the table, if it has one.
pub(super) fn of_token(claims: &Claims<'_>) -> Option<(&'static str, Option<&'static Resource>)> {
    let is_v1 = version(claims) == Some(Version::V1);
    let audiences = claims.aud.present()?;
    audiences.iter().find_map(|audience| of_audience(audience, is_v1))
}

/// A service of Microsoft's that an audience is of.
pub(super) fn of_audience(audience: &str, is_v1: bool) -> Option<(&'static str, Option<&'static Resource>)> {
    let of_table = RESOURCES.iter().find(|resource| {
        let application = resource.application.map(|id| id.to_string());
        let names = resource.uris.iter().copied().chain(application.as_deref());
        // Scopes with two slashes are common: https://management.azure.com//.default.
        AcceptedAudiences::new(names).accept(audience.trim_end_matches('/'), is_v1)
    });
    if let Some(resource) = of_table {
        return Some((resource.name, Some(resource)));
    }
    if guid::parse(audience).is_some_and(is_of_microsoft) {
        return Some(("a service of Microsoft's own", None));
    }
    let url = url::Url::parse(audience).ok().filter(|url| url.scheme() == "https")?;
    let host = url.host_str()?;
    let is_under = |domain: &str| {
        host.strip_suffix(domain)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    if OF_CUSTOMERS.iter().any(|domain| is_under(domain)) {
        return None;
    }
    let of_domain = DOMAINS
        .iter()
        .find(|(domain, _)| is_under(domain))
        .map(|&(_, name)| name);
    let name = of_domain.or_else(|| {
        OWN_DOMAINS
            .iter()
            .any(|domain| is_under(domain))
            .then_some("a service of Microsoft's own")
    })?;
    Some((name, None))
}

/// The ids of Microsoft's first services, which cannot be registered: `0000000n-0000-0000-c000-000000000000` and
/// `0000000n-0000-0ff1-ce00-000000000000`.
fn is_of_microsoft(id: Uuid) -> bool {
    let text = id.to_string();
    text.starts_with("000000")
        && (text.ends_with("-0000-0000-c000-000000000000") || text.ends_with("-0000-0ff1-ce00-000000000000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(audience: &str) -> Option<&'static str> {
        of_audience(audience, true).map(|(name, _)| name)
    }

    #[test]
    fn a_service_is_known_by_each_of_its_names() {
        for resource in RESOURCES {
            for uri in resource.uris {
                assert_eq!(name(uri), Some(resource.name));
                assert_eq!(name(&format!("{uri}/")), Some(resource.name));
                assert_eq!(name(&format!("{uri}//")), Some(resource.name));
            }
            if let Some(id) = resource.application {
                assert_eq!(name(&id.to_string()), Some(resource.name));
                assert_eq!(name(&format!("spn:{id}")), Some(resource.name));
            }
        }
    }

    #[test]
    fn a_service_stands_in_the_table_once() {
        let applications: Vec<_> = RESOURCES.iter().filter_map(|resource| resource.application).collect();
        let uris: Vec<_> = RESOURCES.iter().flat_map(|resource| resource.uris).collect();
        for (index, id) in applications.iter().enumerate() {
            assert!(!applications[..index].contains(id), "{id}");
        }
        for (index, uri) in uris.iter().enumerate() {
            assert!(!uris[..index].contains(uri), "{uri}");
        }
    }

    #[test]
    fn names_of_customers_and_other_services() {
        for (audience, expected) in [
            ("https://contoso.sharepoint.com", Some("SharePoint Online")),
            ("https://contoso.blob.core.windows.net", Some("Azure Storage")),
            ("https://org.crm4.dynamics.com/", Some("Dynamics 365")),
            ("https://new-service.azure.com", Some("a service of Microsoft's own")),
            (
                "00000013-0000-0000-c000-000000000000",
                Some("a service of Microsoft's own"),
            ),
            ("https://tasks.westeurope.cloudapp.azure.com", None),
            ("https://contoso.azurewebsites.net", None),
            ("https://contoso.z6.web.core.windows.net", None),
            ("https://contoso.z2.web.core.usgovcloudapi.net", None),
            ("https://tasks.usgovvirginia.cloudapp.usgovcloudapi.net", None),
            ("https://tasks.chinaeast2.cloudapp.chinacloudapi.cn", None),
            ("https://contoso.azure-api.net", None),
            ("https://management.usgovcloudapi.net", Some("Azure Resource Manager")),
            ("acca5fbb-b7e4-4009-81f1-37e38fd66d78", Some("Azure Cache for Redis")),
            ("https://notazure.com", None),
            ("https://graph.microsoft.com.attacker.example", None),
            (
                "api://contoso.sharepoint.com/4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e",
                None,
            ),
            ("4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e", None),
        ] {
            assert_eq!(name(audience), expected, "{audience}");
        }
    }
}
