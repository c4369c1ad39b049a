//! Issuers whose tokens are sent instead of Entra's: the only table of them.

/// Who issues such tokens, and what can be done with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IssuerType {
    /// Signs users in; one issuer for all customers.
    SharedProvider,
    /// Signs users in; each customer has its own issuer, for which an API can be configured.
    OwnProvider,
    /// Identifies a workload: a federated credential, to be exchanged for a token of Entra.
    Workload,
    /// The platform of a site of App Service, Functions or Static Web Apps.
    AppService,
    /// The Bot Framework.
    Bot,
    /// Issues tokens for other Microsoft services.
    Microsoft,
}

use IssuerType::{AppService, Bot, Microsoft, OwnProvider, SharedProvider, Workload};

/// How an issuer is known.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// By the whole text.
    Text(&'static str),
    /// By its host or a subdomain of it.
    Host(&'static str),
    /// By a part of its path.
    Path(&'static str),
}

use Mark::{Host, Path, Text};

/// The table; the first that fits counts, so that paths come last.
static ISSUERS: &[(Mark, &str, IssuerType)] = &[
    (Host("api.botframework.com"), "the Bot Framework", Bot),
    (Host("api.botframework.us"), "the Bot Framework", Bot),
    (Host("azurewebsites.net"), "App Service", AppService),
    (Host("azurewebsites.us"), "App Service", AppService),
    (Host("chinacloudsites.cn"), "App Service", AppService),
    (Host("azurestaticapps.net"), "Static Web Apps", AppService),
    // Workloads.
    (Text("kubernetes/serviceaccount"), "Kubernetes", Workload),
    (Host("kubernetes.default"), "Kubernetes", Workload),
    (Host("kubernetes.default.svc"), "Kubernetes", Workload),
    (Host("kubernetes.default.svc.cluster.local"), "Kubernetes", Workload),
    (Host("oic.prod-aks.azure.com"), "Azure Kubernetes Service", Workload),
    (Host("oic.prod-arc.azure.com"), "Azure Arc", Workload),
    (Host("container.googleapis.com"), "Google Kubernetes Engine", Workload),
    (Host("token.actions.githubusercontent.com"), "GitHub Actions", Workload),
    (Host("vstoken.dev.azure.com"), "Azure DevOps", Workload),
    (Text("app.vstoken.visualstudio.com"), "Azure DevOps", Workload),
    (Host("app.vstoken.visualstudio.com"), "Azure DevOps", Workload),
    (Host("gitlab.com"), "GitLab", Workload),
    (Host("api.bitbucket.org"), "Bitbucket Pipelines", Workload),
    (Host("ghe.com"), "GitHub Actions", Workload),
    (Host("oidc.circleci.com"), "CircleCI", Workload),
    (Host("oidc.codefresh.io"), "Codefresh", Workload),
    (Host("app.harness.io"), "Harness", Workload),
    (Host("semaphoreci.com"), "Semaphore", Workload),
    (Host("tokens.sts.global.api.aws"), "AWS", Workload),
    (Host("agent.buildkite.com"), "Buildkite", Workload),
    (Host("app.terraform.io"), "Terraform Cloud", Workload),
    (Host("api.pulumi.com"), "Pulumi", Workload),
    (Host("app.spacelift.io"), "Spacelift", Workload),
    (Host("oidc.vercel.com"), "Vercel", Workload),
    (Host("oidc.fly.io"), "Fly.io", Workload),
    // Providers with one issuer for all customers.
    (Text("accounts.google.com"), "Google", SharedProvider),
    (Host("accounts.google.com"), "Google", SharedProvider),
    (Host("cloud.google.com"), "Google Identity-Aware Proxy", SharedProvider),
    (Host("appleid.apple.com"), "Apple", SharedProvider),
    (Host("facebook.com"), "Facebook", SharedProvider),
    (Host("linkedin.com"), "LinkedIn", SharedProvider),
    (Host("slack.com"), "Slack", SharedProvider),
    (Host("id.twitch.tv"), "Twitch", SharedProvider),
    (Host("github.com"), "GitHub", SharedProvider),
    (Host("paypal.com"), "PayPal", SharedProvider),
    (Host("login.salesforce.com"), "Salesforce", SharedProvider),
    (Host("sso.services.box.net"), "Box", SharedProvider),
    // Providers of which each customer has one.
    (Host("securetoken.google.com"), "Firebase", OwnProvider),
    (Host("session.firebase.google.com"), "Firebase", OwnProvider),
    (Host("auth0.com"), "Auth0", OwnProvider),
    (Host("okta.com"), "Okta", OwnProvider),
    (Host("oktapreview.com"), "Okta", OwnProvider),
    (Host("okta-emea.com"), "Okta", OwnProvider),
    (Host("okta-gov.com"), "Okta", OwnProvider),
    (Host("okta.mil"), "Okta", OwnProvider),
    (Host("amazonaws.com"), "AWS", OwnProvider),
    (Host("amazoncognito.com"), "Amazon Cognito", OwnProvider),
    (Host("onelogin.com"), "OneLogin", OwnProvider),
    (Host("pingone.com"), "PingOne", OwnProvider),
    (Host("pingone.eu"), "PingOne", OwnProvider),
    (Host("pingone.ca"), "PingOne", OwnProvider),
    (Host("pingone.asia"), "PingOne", OwnProvider),
    (Host("pingone.com.au"), "PingOne", OwnProvider),
    (Host("pingone.sg"), "PingOne", OwnProvider),
    (Host("my.salesforce.com"), "Salesforce", OwnProvider),
    (Host("accounts.ondemand.com"), "SAP Cloud Identity", OwnProvider),
    (Host("hana.ondemand.com"), "SAP", OwnProvider),
    (Host("identity.oraclecloud.com"), "Oracle Identity", OwnProvider),
    (Host("appdomain.cloud"), "IBM App ID", OwnProvider),
    (Host("appid.cloud.ibm.com"), "IBM App ID", OwnProvider),
    (Host("verify.ibm.com"), "IBM Verify", OwnProvider),
    (Host("asgardeo.io"), "Asgardeo", OwnProvider),
    (Host("oryapis.com"), "Ory", OwnProvider),
    (Host("oauth.id.jumpcloud.com"), "JumpCloud", OwnProvider),
    (Host("clerk.accounts.dev"), "Clerk", OwnProvider),
    (Host("supabase.co"), "Supabase", OwnProvider),
    (Host("cloudflareaccess.com"), "Cloudflare Access", OwnProvider),
    (Host("zitadel.cloud"), "ZITADEL", OwnProvider),
    (Host("fusionauth.io"), "FusionAuth", OwnProvider),
    (Host("kinde.com"), "Kinde", OwnProvider),
    (Host("logto.app"), "Logto", OwnProvider),
    (Host("descope.com"), "Descope", OwnProvider),
    (Host("stytch.com"), "Stytch", OwnProvider),
    (Host("workos.com"), "WorkOS", OwnProvider),
    (Host("duendesoftware.com"), "Duende IdentityServer", OwnProvider),
    // Other services of Microsoft's.
    (Host("service.signalr.net"), "Azure SignalR", Microsoft),
    (Host("webpubsub.azure.com"), "Azure Web PubSub", Microsoft),
    (Host("attest.azure.net"), "Azure Attestation", Microsoft),
    (Text("Azure Container Registry"), "Azure Container Registry", Microsoft),
    (
        Host("accesscontrol.windows.net"),
        "Azure Access Control Service",
        Microsoft,
    ),
    (Host("xsts.auth.xboxlive.com"), "Xbox Live", Microsoft),
    (Host("login.live.com"), "Microsoft's account service", Microsoft),
    (Host("skype.com"), "Skype", Microsoft),
    // Software that customers run under names of their own.
    (Path("/realms/"), "Keycloak", OwnProvider),
    (Path("/adfs"), "AD FS", OwnProvider),
    (Path("/application/o/"), "authentik", OwnProvider),
    (Path("/_services/token"), "GitHub Actions", Workload),
    (Path("/v1/identity/oidc"), "HashiCorp Vault", OwnProvider),
];

/// A row of the table that an issuer has.
pub(super) fn known(iss: &str) -> Option<(&'static str, IssuerType)> {
    let url = url::Url::parse(iss).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let path = url.as_ref().map_or("", |url| url.path());
    let is_at = |of_table: &str| {
        host.strip_suffix(of_table)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    ISSUERS
        .iter()
        .find(|(mark, ..)| match mark {
            Text(text) => *text == iss,
            Host(of_table) => is_at(of_table),
            Path(part) => path.contains(part),
        })
        .map(|&(_, name, kind)| match name {
            // The first label identifies the user pool or the cluster.
            "AWS" if host.starts_with("cognito-idp.") => ("Amazon Cognito", OwnProvider),
            "AWS" if host.starts_with("oidc.eks.") => ("Amazon EKS", Workload),
            _ => (name, kind),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_known_by_its_whole_host() {
        for (iss, expected) in [
            ("https://accounts.google.com", Some("Google")),
            ("accounts.google.com", Some("Google")),
            ("https://contoso.eu.auth0.com/", Some("Auth0")),
            ("https://contoso.okta.com/oauth2/default", Some("Okta")),
            (
                "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
                Some("Amazon Cognito"),
            ),
            ("https://oidc.eks.eu-west-1.amazonaws.com/id/A", Some("Amazon EKS")),
            ("https://sso.contoso.example/realms/main", Some("Keycloak")),
            ("https://sts.contoso.example/adfs", Some("AD FS")),
            ("http://sts.contoso.example/adfs/services/trust", Some("AD FS")),
            (
                "https://token.actions.githubusercontent.com/contoso",
                Some("GitHub Actions"),
            ),
            (
                "https://westeurope.oic.prod-aks.azure.com/t/c/",
                Some("Azure Kubernetes Service"),
            ),
            ("https://token.actions.contoso.ghe.com", Some("GitHub Actions")),
            ("https://auth.pingone.asia/x/as", Some("PingOne")),
            (
                "https://11111111-2222-4333-8444-555555555555.tokens.sts.global.api.aws",
                Some("AWS"),
            ),
            (
                "https://vault.contoso.example/v1/identity/oidc",
                Some("HashiCorp Vault"),
            ),
            ("https://evilauth0.com/", None),
            ("https://notghe.com/", None),
            ("https://auth0.com.attacker.example/", None),
            ("https://login.contoso.example/", None),
            ("auth0.com", None),
            ("", None),
        ] {
            assert_eq!(known(iss).map(|(name, _)| name), expected, "{iss}");
        }
    }
}
