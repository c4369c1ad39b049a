//! The services: name, application id, the audiences by URI.

use uuid::uuid;

use super::Resource;

pub(super) const GRAPH: &str = "Microsoft Graph";
pub(super) const RESOURCE_MANAGER: &str = "Azure Resource Manager";
pub(super) const TOKEN_EXCHANGE: &str = "the exchange of federated credentials";

/// The table.
pub(super) static RESOURCES: &[Resource] = &[
    Resource::new(
        GRAPH,
        uuid!("00000003-0000-0000-c000-000000000000"),
        &[
            "https://graph.microsoft.com",
            "https://graph.microsoft.us",
            "https://dod-graph.microsoft.us",
            "https://microsoftgraph.chinacloudapi.cn",
        ],
    ),
    Resource::new(
        RESOURCE_MANAGER,
        uuid!("797f4846-ba00-4fd7-ba43-dac1f8f63013"),
        &[
            "https://management.azure.com",
            "https://management.core.windows.net",
            "https://management.usgovcloudapi.net",
            "https://management.core.usgovcloudapi.net",
            "https://management.chinacloudapi.cn",
            "https://management.core.chinacloudapi.cn",
        ],
    ),
    Resource::new(
        "Azure AD Graph",
        uuid!("00000002-0000-0000-c000-000000000000"),
        &["https://graph.windows.net"],
    ),
    Resource::new(
        "Azure Key Vault",
        uuid!("cfa8b339-82a2-471a-a3c9-0fc0be7a4093"),
        &[
            "https://vault.azure.net",
            "https://vault.usgovcloudapi.net",
            "https://vault.azure.cn",
        ],
    ),
    Resource::new(
        "Azure Key Vault Managed HSM",
        uuid!("589d5083-6f11-4d30-a62a-a4b316a14abf"),
        &["https://managedhsm.azure.net"],
    ),
    Resource::new(
        "Azure Storage",
        uuid!("e406a681-f3d4-42a8-90b6-c2b029497af1"),
        &["https://storage.azure.com"],
    ),
    Resource::new(
        "Azure SQL Database",
        uuid!("022907d3-0f1b-48f7-badc-1ba6abab6d66"),
        &[
            "https://database.windows.net",
            "https://database.usgovcloudapi.net",
            "https://database.chinacloudapi.cn",
        ],
    ),
    Resource::new(
        "Azure Database for PostgreSQL and MySQL",
        uuid!("123cd850-d9df-40bd-94d5-c9f07b7fa203"),
        &[
            "https://ossrdbms-aad.database.windows.net",
            "https://ossrdbms-aad.database.usgovcloudapi.net",
        ],
    ),
    Resource::new(
        "Azure Cache for Redis",
        uuid!("acca5fbb-b7e4-4009-81f1-37e38fd66d78"),
        &["https://redis.azure.com"],
    ),
    Resource::new(
        "Azure Cosmos DB",
        uuid!("a232010e-820c-4083-83bb-3ace5fc29d0b"),
        &["https://cosmos.azure.com"],
    ),
    Resource::new(
        "Azure DevOps",
        uuid!("499b84ac-1321-427f-aa17-267ca6975798"),
        &["https://app.vssps.visualstudio.com", "https://dev.azure.com"],
    ),
    Resource::new("SharePoint Online", uuid!("00000003-0000-0ff1-ce00-000000000000"), &[]),
    Resource::new(
        "Exchange Online",
        uuid!("00000002-0000-0ff1-ce00-000000000000"),
        &[
            "https://outlook.office365.com",
            "https://outlook.office.com",
            "https://outlook.office365.us",
        ],
    ),
    Resource::new(
        "Power BI",
        uuid!("00000009-0000-0000-c000-000000000000"),
        &[
            "https://analysis.windows.net/powerbi/api",
            "https://api.powerbi.com",
            "https://analysis.usgovcloudapi.net/powerbi/api",
        ],
    ),
    Resource::by_uri("Microsoft Fabric", &["https://api.fabric.microsoft.com"]),
    Resource::new(
        "Azure Service Bus",
        uuid!("80a10ef9-8168-493d-abf9-3297c4ef6e3c"),
        &["https://servicebus.azure.net"],
    ),
    Resource::by_uri("Azure Relay", &["https://relay.azure.net"]),
    Resource::new(
        "Azure Event Hubs",
        uuid!("80369ed6-5f11-4dd9-bef3-692475845e77"),
        &["https://eventhubs.azure.net"],
    ),
    Resource::new(
        "Azure Event Grid",
        uuid!("4962773b-9cdb-44cf-a8bf-237846a00ab7"),
        &["https://eventgrid.azure.net"],
    ),
    Resource::new(
        "Azure AI services (Cognitive Services, Azure OpenAI)",
        uuid!("7d312290-28c8-473c-a0ed-8e53749b6d6d"),
        &[
            "https://cognitiveservices.azure.com",
            "https://cognitiveservices.azure.us",
            "https://ai.azure.com",
        ],
    ),
    Resource::new(
        "Azure AI Search",
        uuid!("880da380-985e-4198-81b9-e05b1cc53158"),
        &["https://search.azure.com"],
    ),
    Resource::new(
        "Azure Machine Learning",
        uuid!("0736f41a-0425-4b46-bdb5-1563eff02385"),
        &["https://ml.azure.com"],
    ),
    Resource::new("Azure Databricks", uuid!("2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"), &[]),
    Resource::new(
        "Log Analytics",
        uuid!("ca7f3f0b-7d91-482c-8e09-c5d840d0eac5"),
        &["https://api.loganalytics.io", "https://api.loganalytics.azure.com"],
    ),
    Resource::new(
        "Application Insights",
        uuid!("f5c26e74-f226-4ae8-85f0-b4af0080ac9e"),
        &["https://api.applicationinsights.io"],
    ),
    Resource::by_uri(
        "Azure Monitor",
        &[
            "https://monitor.azure.com",
            "https://prometheus.monitor.azure.com",
            "https://metrics.monitor.azure.com",
        ],
    ),
    Resource::new(
        "Azure Container Registry",
        uuid!("6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26"),
        &["https://containerregistry.azure.net"],
    ),
    Resource::new(
        "Azure Kubernetes Service",
        uuid!("6dae42f8-4368-4678-94ff-3960e28e3630"),
        &[],
    ),
    Resource::new(
        "Azure Batch",
        uuid!("ddbf3205-c6bd-46ae-8127-60eb93363864"),
        &["https://batch.core.windows.net"],
    ),
    Resource::by_uri(
        "Azure Synapse",
        &["https://dev.azuresynapse.net", "https://sql.azuresynapse.net"],
    ),
    Resource::new(
        "Azure Data Explorer",
        uuid!("2746ea77-4702-4b45-80ca-3c97e680e8b7"),
        &["https://kusto.kusto.windows.net"],
    ),
    Resource::new(
        "Azure Data Lake",
        uuid!("e9f49c6b-5ce5-44c8-925d-015017e9f7ad"),
        &["https://datalake.azure.net"],
    ),
    Resource::new(
        "Azure Digital Twins",
        uuid!("0b07f429-9f4b-4714-9392-cc5e8e80c8b0"),
        &["https://digitaltwins.azure.net"],
    ),
    Resource::new(
        "Azure IoT Hub",
        uuid!("89d10474-74af-4874-99a7-c23c2f643083"),
        &["https://iothubs.azure.net"],
    ),
    Resource::by_uri(
        "Azure App Configuration",
        &["https://azconfig.io", "https://appconfig.azure.com"],
    ),
    Resource::new(
        "Azure Maps",
        uuid!("ba1ea022-5807-41d5-bbeb-292c7e1cf5f6"),
        &["https://atlas.microsoft.com"],
    ),
    Resource::new(
        "Azure Communication Services",
        uuid!("1fd5118e-2576-4263-8130-9503064c837a"),
        &["https://communication.azure.com"],
    ),
    Resource::by_uri(
        "Azure SignalR Service",
        &["https://signalr.azure.com", "https://webpubsub.azure.com"],
    ),
    Resource::new(
        "Microsoft Purview",
        uuid!("73c2949e-da2d-457a-9607-fcc665198967"),
        &["https://purview.azure.net"],
    ),
    Resource::new(
        "Azure Virtual Desktop",
        uuid!("9cdead84-a844-4324-93f2-b2e6bb768d07"),
        &["https://www.wvd.microsoft.com"],
    ),
    Resource::new(
        "Azure Health Data Services",
        uuid!("4f6778d8-5aef-43dc-a1ff-b073724b9495"),
        &["https://azurehealthcareapis.com"],
    ),
    Resource::by_uri("Azure Attestation", &["https://attest.azure.net"]),
    Resource::by_uri("Azure Media Services", &["https://rest.media.azure.net"]),
    Resource::new(
        "Dataverse (Dynamics 365)",
        uuid!("00000007-0000-0000-c000-000000000000"),
        &[],
    ),
    Resource::new(
        "Dynamics 365 Finance and Operations",
        uuid!("00000015-0000-0000-c000-000000000000"),
        &["https://erp.dynamics.com"],
    ),
    Resource::new(
        "Dynamics 365 Business Central",
        uuid!("996def3d-b36c-4153-8607-a6fd3c01b89f"),
        &["https://api.businesscentral.dynamics.com"],
    ),
    Resource::new(
        "Power Apps",
        uuid!("475226c6-020e-4fb2-8a90-7a972cbfc1d4"),
        &["https://service.powerapps.com"],
    ),
    Resource::new(
        "Power Automate",
        uuid!("7df0a125-d3be-4c96-aa54-591f83ff541c"),
        &["https://service.flow.microsoft.com"],
    ),
    Resource::new(
        "Power Platform",
        uuid!("8578e004-a5c6-46e7-913e-12f58912df43"),
        &["https://api.powerplatform.com"],
    ),
    Resource::new(
        "Microsoft Intune",
        uuid!("c161e42e-d4df-4a3d-9b42-e7a3c31f59d4"),
        &["https://api.manage.microsoft.com"],
    ),
    Resource::new(
        "Microsoft Teams",
        uuid!("cc15fd57-2c6c-4117-a88c-83b1d56b4bbe"),
        &["https://api.spaces.skype.com"],
    ),
    Resource::new(
        "Skype for Business Online",
        uuid!("00000004-0000-0ff1-ce00-000000000000"),
        &[],
    ),
    Resource::new(
        "the administration of Microsoft Teams",
        uuid!("48ac35b8-9aa8-4d74-927d-1f4a14a0b239"),
        &[],
    ),
    Resource::new(
        "Viva Engage (Yammer)",
        uuid!("00000005-0000-0ff1-ce00-000000000000"),
        &["https://www.yammer.com", "https://api.yammer.com"],
    ),
    Resource::by_uri(
        "the UserInfo endpoint of personal accounts",
        &["urn:microsoft:userinfo"],
    ),
    Resource::new(
        "OneNote",
        uuid!("2d4d3d8e-2be3-4bef-9f87-7875a61c29de"),
        &["https://onenote.com"],
    ),
    Resource::new(
        "the Office 365 Management APIs",
        uuid!("c5393580-f805-4401-95e8-94b7a6ef2fc2"),
        &["https://manage.office.com"],
    ),
    Resource::new(
        "Microsoft Defender for Endpoint",
        uuid!("fc780465-2017-40d4-a0c5-307022471b92"),
        &["https://api.securitycenter.microsoft.com"],
    ),
    Resource::new(
        "Microsoft Defender XDR",
        uuid!("8ee8fdad-f234-4243-8f3b-15c294843740"),
        &["https://api.security.microsoft.com"],
    ),
    Resource::new(
        "Microsoft Defender for Cloud Apps",
        uuid!("05a65629-4c1b-48c1-a78b-804c4abdd4af"),
        &[],
    ),
    Resource::new(
        "Microsoft Information Protection",
        uuid!("870c4f2e-85b6-4d43-bdda-6ed9a579b725"),
        &["https://syncservice.o365syncservice.com"],
    ),
    Resource::new(
        "Microsoft Rights Management",
        uuid!("00000012-0000-0000-c000-000000000000"),
        &["https://aadrm.com"],
    ),
    Resource::new(
        "the Bot Connector",
        uuid!("5a807f24-c9de-44ee-a3a7-329e88a00ffc"),
        &["https://api.botframework.com"],
    ),
    Resource::new(
        TOKEN_EXCHANGE,
        uuid!("fb60f99c-7a34-4190-8149-302f77469936"),
        &["api://AzureADTokenExchange"],
    ),
];
