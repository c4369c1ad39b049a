//! Settings -> [`Policy`].

use std::time::Duration;

use super::{
    AcceptedAudiences, AllowedTenants, BoundTokens, Callers, IssuerRule, MICROSOFT_ACCOUNTS, Policy, TenantName,
    Tenants, TokenAuthority, guid,
};
use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::error::Error;
use crate::policy::authority::NamedIssuer;
use crate::secret;
use crate::time::ClockTolerance;

/// Bytes. Entra's tokens with 200 groups have about 12 000; Node rejects headers of more than 16 384 in all.
const DEFAULT_MAX_TOKEN_LENGTH: usize = 16_384;

/// Collects the settings of a [`Policy`]. [`Policy::builder`] starts one, [`PolicyBuilder::build`] ends it.
///
/// At least an issuer (`tenant_id`, `authority` or `issuer`) and an audience (`audience` or `client_id`) are required.
/// Everything else has the strictest default.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PolicyBuilder {
    pub(super) tenant_id: Option<String>,
    pub(super) authority_host: Option<String>,
    pub(super) authority: Option<String>,
    pub(super) issuer: Option<String>,
    client_id: Option<String>,
    audience: Option<Vec<String>>,
    allowed_tenants: Option<AllowedTenants>,
    allowed_clients: Option<Vec<String>>,
    required_roles: Option<Vec<String>>,
    required_scopes: Option<Vec<String>>,
    algorithms: AlgorithmSet,
    clock_tolerance: Duration,
    max_token_length: usize,
    bound_tokens: BoundTokens,
}

impl PolicyBuilder {
    pub(super) fn new() -> Self {
        Self {
            tenant_id: None,
            authority_host: None,
            authority: None,
            issuer: None,
            client_id: None,
            audience: None,
            allowed_tenants: None,
            allowed_clients: None,
            required_roles: None,
            required_scopes: None,
            algorithms: [Algorithm::RS256].into_iter().collect(),
            clock_tolerance: Duration::ZERO,
            max_token_length: DEFAULT_MAX_TOKEN_LENGTH,
            bound_tokens: BoundTokens::Refuse,
        }
    }

    /// The accepted tenant: its id (a GUID), a verified domain, or `common`, `organizations`,
    /// `consumers`, which need [`allowed_tenants`](Self::allowed_tenants).
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = Some(tenant_id.into());
        self
    }

    /// The API's own application id; a GUID for Entra. Without [`audience`](Self::audience), this id and `api://<client id>`
    /// are the accepted audiences.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// The origin of the cloud, such as `https://login.microsoftonline.us`; the public cloud by default.
    pub fn authority_host(mut self, origin: impl Into<String>) -> Self {
        self.authority_host = Some(origin.into());
        self
    }

    /// A complete authority URL instead of tenant and host: one of Entra, or any `OpenID` provider with discovery.
    pub fn authority(mut self, url: impl Into<String>) -> Self {
        self.authority = Some(url.into());
        self
    }

    /// The accepted issuer. An issuer of Entra (any cloud) accepts only tokens of that tenant and version; any other is
    /// matched exactly and disables the Entra-specific checks.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// The accepted audiences, instead of those derived from the client id. One match suffices.
    pub fn audience<T: Into<String>>(mut self, audiences: impl IntoIterator<Item = T>) -> Self {
        self.audience = Some(texts(audiences));
        self
    }

    /// The accepted tenants, if there are several.
    pub fn allowed_tenants(mut self, tenants: AllowedTenants) -> Self {
        self.allowed_tenants = Some(tenants);
        self
    }

    /// The application ids of the clients that may call; every client by default.
    pub fn allowed_clients<T: Into<String>>(mut self, clients: impl IntoIterator<Item = T>) -> Self {
        self.allowed_clients = Some(texts(clients));
        self
    }

    /// App roles of which a token must have one; none by default.
    pub fn required_roles<T: Into<String>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.required_roles = Some(texts(roles));
        self
    }

    /// Delegated permissions (`scp`) of which a token must have one; none by default.
    pub fn required_scopes<T: Into<String>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.required_scopes = Some(texts(scopes));
        self
    }

    /// The accepted algorithms; RS256 by default, the algorithm that Entra uses.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// The clock skew allowed for `exp` and `nbf`; zero by default, at most [`ClockTolerance::MAX`].
    pub fn clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }

    /// The longest accepted token in bytes; 16 384 by default. Longer ones are rejected unparsed.
    pub fn max_token_length(mut self, bytes: usize) -> Self {
        self.max_token_length = bytes;
        self
    }

    /// How tokens that are bound to a key (`cnf`) are treated; rejected by default.
    pub fn bound_tokens(mut self, bound_tokens: BoundTokens) -> Self {
        self.bound_tokens = bound_tokens;
        self
    }

    /// Builds the policy.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a setting is invalid, or if the issuer or the audience is missing. An empty list is an
    /// error, because it could mean everything or nothing.
    pub fn build(self) -> Result<Policy, Error> {
        self.refuse_client_secrets()?;
        let client_id = not_empty("clientId", self.client_id.as_deref())?
            .map(|text| guid::parse(text).map_or_else(|| text.to_owned(), |id| id.to_string()));
        if not_empty("issuer", self.issuer.as_deref())?.is_some_and(names_an_absolute_host) {
            let problem = "expected an issuer in the form of the claim iss, got a host with a trailing dot";
            return Err(Error::config("issuer", problem));
        }
        let (authority, named) = TokenAuthority::new(&self)?;
        let issuer = self.issuer_rule(&authority, named)?;
        if issuer.is_known_to_be_entra() {
            application_ids(client_id.as_deref(), self.allowed_clients.as_deref())?;
            self.refuse_secret_audience()?;
        }
        Ok(Policy {
            issuer,
            named_issuer: self.issuer.clone(),
            authority,
            audiences: self.audiences(client_id.as_deref())?,
            client_id,
            callers: Callers {
                clients: list("allowedClients", self.allowed_clients)?,
                roles: list("requiredRoles", self.required_roles)?,
                scopes: scopes(self.required_scopes)?,
            },
            algorithms: algorithms(self.algorithms)?,
            clock_tolerance: clock_tolerance(self.clock_tolerance)?,
            max_token_length: max_token_length(self.max_token_length)?,
            bound_tokens: self.bound_tokens,
        })
    }

    /// Errors, log lines and explanations show what is accepted, so a secret in place of an id is refused before they can.
    fn refuse_client_secrets(&self) -> Result<(), Error> {
        let texts = |texts: &Option<Vec<String>>| texts.clone().unwrap_or_default();
        for (option, texts) in [
            ("clientId", self.client_id.iter().cloned().collect()),
            ("audience", texts(&self.audience)),
            ("allowedClients", texts(&self.allowed_clients)),
            ("requiredRoles", texts(&self.required_roles)),
            ("requiredScopes", texts(&self.required_scopes)),
        ] {
            let found = texts.iter().find(|text| secret::is_client_secret(text));
            if let Some(cut) = found.and_then(|text| secret::cut(text)) {
                return Err(holds_secret(option, "a client secret", &cut));
            }
        }
        Ok(())
    }

    /// The same for any other secret or a token. An audience of Entra is a GUID or a URI, and no URI is without a colon.
    fn refuse_secret_audience(&self) -> Result<(), Error> {
        let mut audiences = self.audience.iter().flatten();
        let found = audiences.find(|text| !text.contains(':') && secret::masked(text).is_some());
        match found.and_then(|text| secret::cut(text)) {
            Some(cut) => Err(holds_secret("audience", "a secret or a token", &cut)),
            None => Ok(()),
        }
    }

    fn issuer_rule(&self, authority: &TokenAuthority, named: Option<NamedIssuer>) -> Result<IssuerRule, Error> {
        let rule = match (authority, &self.issuer, named) {
            (TokenAuthority::Entra { host, tenant }, None, _) => {
                return Ok(IssuerRule::Entra {
                    tenants: self.tenants(tenant)?,
                    authority: host.clone(),
                    only: None,
                });
            }
            (TokenAuthority::Oidc(_), None, _) => IssuerRule::Discovered,
            // `TokenAuthority::new` only returns it where there is an issuer.
            (TokenAuthority::IssuerOnly, None, _) => return Err(Error::Internal),
            // The tenant rules check more than the issuer: one of Entra's narrows them and does not replace them.
            (_, Some(_), Some(named)) => IssuerRule::Entra {
                tenants: Tenants::One(named.tenant),
                authority: named.host,
                only: Some(named.version),
            },
            (_, Some(issuer), None) => IssuerRule::Exact(issuer.clone()),
        };
        if self.allowed_tenants.is_some() {
            let problem = "expected no allowedTenants with issuer or with an authority other than Entra: their tokens have one issuer";
            return Err(Error::config("allowedTenants", problem));
        }
        Ok(rule)
    }

    fn tenants(&self, name: &TenantName) -> Result<Tenants, Error> {
        match (&self.allowed_tenants, name) {
            (None, TenantName::Id(id)) => Ok(Tenants::One(*id)),
            (None, TenantName::Domain(_)) => Ok(Tenants::OfDomain),
            (None, TenantName::Several(name)) => {
                let expected = "the ids (GUIDs) of the accepted tenants, or \"*\" for every tenant";
                let problem = format!("not set, but tenantId is {name}; expected {expected}");
                Err(Error::config("allowedTenants", problem).with_advice(
                    "set ENTRA_TENANT_ID (option tenantId) to the id of the accepted tenant; for several tenants, set the option \
                     allowedTenants in the code to an array of their ids",
                ))
            }
            (Some(AllowedTenants::Any), TenantName::Several("consumers")) => Ok(Tenants::One(MICROSOFT_ACCOUNTS)),
            (Some(AllowedTenants::Any), name) => Ok(Tenants::Any {
                microsoft_accounts: *name == TenantName::Several("common"),
            }),
            (Some(AllowedTenants::Only(ids)), name) => match (name, ids.as_slice()) {
                (_, []) => Err(empty("allowedTenants")),
                (TenantName::Id(id), [only]) if id == only => Ok(Tenants::One(*id)),
                _ => Ok(Tenants::Of(ids.clone())),
            },
        }
    }

    fn audiences(&self, client_id: Option<&str>) -> Result<AcceptedAudiences, Error> {
        match (&self.audience, client_id) {
            (Some(audiences), _) if audiences.is_empty() || audiences.iter().any(String::is_empty) => {
                Err(empty("audience"))
            }
            (Some(audiences), _) => Ok(AcceptedAudiences::new(audiences.iter().map(String::as_str))),
            (None, Some(id)) => Ok(AcceptedAudiences::new([id, format!("api://{id}").as_str()])),
            (None, None) => Err(Error::config(
                "audience",
                "neither audience nor clientId is set; set ENTRA_CLIENT_ID or ENTRA_AUDIENCE, or the option clientId or \
                 audience",
            )),
        }
    }
}

fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}

/// The error for a secret in an option. `cut` is what may be shown of it.
fn holds_secret(option: &'static str, what: &str, cut: &str) -> Error {
    let (setting, belongs) = match option {
        "clientId" => (
            "ENTRA_CLIENT_ID (option clientId)",
            "the Application (client) ID of the API",
        ),
        "audience" => (
            "ENTRA_AUDIENCE (option audience)",
            "the App ID URI of the API, or its client id",
        ),
        "allowedClients" => (
            "the option allowedClients",
            "the Application (client) IDs of the clients",
        ),
        "requiredRoles" => ("the option requiredRoles", "the values of app roles"),
        _ => ("the option requiredScopes", "names of scopes, such as Task.Read"),
    };
    Error::config(option, format!("expected {belongs}, got what looks like {what} ({cut})")).with_advice(format!(
        "set {setting} to {belongs}: it holds what looks like {what}, and verifying tokens needs none; replace it if others may \
         have seen it"
    ))
}

/// Application ids in Entra's tokens are GUIDs, so another value would never match. The value is not repeated: it may be a
/// secret that was mistaken for an id.
fn application_ids(client_id: Option<&str>, allowed_clients: Option<&[String]>) -> Result<(), Error> {
    let all = [
        ("clientId", client_id.into_iter().collect::<Vec<_>>()),
        (
            "allowedClients",
            allowed_clients.unwrap_or_default().iter().map(String::as_str).collect(),
        ),
    ];
    for (option, ids) in all {
        if let Some(other) = ids.into_iter().find(|id| !id.is_empty() && guid::parse(id).is_none()) {
            let expected = "the Application (client) ID from the Entra admin center, a GUID";
            return Err(Error::config(
                option,
                format!("expected {expected}, got {}", no_application_id(other)),
            ));
        }
    }
    Ok(())
}

/// What a text is that is no application id, without repeating it.
fn no_application_id(text: &str) -> String {
    if text.starts_with("api://") {
        let has_id = text.split('/').any(|part| guid::parse(part).is_some());
        let rest = if has_id { ": the id is the GUID in it" } else { "" };
        return format!("an App ID URI{rest}");
    }
    let length = text.chars().count();
    match guid::slip(text) {
        Some(slip) => format!("a GUID with {slip}"),
        None => format!("a string of {length} characters that is not a GUID"),
    }
}

/// Whether the host of a URL ends with a dot: the same host in DNS, but a different string in every comparison.
fn names_an_absolute_host(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.domain().is_some_and(|domain| domain.ends_with('.')))
}

fn not_empty<'t>(option: &'static str, text: Option<&'t str>) -> Result<Option<&'t str>, Error> {
    match text {
        Some("") => Err(empty(option)),
        text => Ok(text),
    }
}

/// A list that restricts callers, if it is set.
fn list(option: &'static str, texts: Option<Vec<String>>) -> Result<Vec<String>, Error> {
    match texts {
        None => Ok(Vec::new()),
        Some(texts) if texts.is_empty() || texts.iter().any(String::is_empty) => Err(empty(option)),
        Some(texts) => Ok(texts),
    }
}

fn scopes(texts: Option<Vec<String>>) -> Result<Vec<String>, Error> {
    let scopes = list("requiredScopes", texts)?;
    for scope in &scopes {
        if scope.contains(' ') {
            let expected = "one scope per string, without spaces";
            return Err(Error::config_text("requiredScopes", scope, expected));
        }
        // Clients ask for api://…/Task.Read, and the token says Task.Read.
        let (resource, name) = scope.rsplit_once('/').unwrap_or(("", scope));
        if resource.contains("://") || guid::parse(resource).is_some() || name == ".default" {
            let expected = if name == ".default" || name.is_empty() {
                "a scope that the API exposes, such as Task.Read (clients request .default, but it is never in a token)"
                    .to_owned()
            } else {
                format!("{name:?}, the form in scp, without {resource}/")
            };
            return Err(Error::config_text("requiredScopes", scope, &expected));
        }
    }
    Ok(scopes)
}

fn algorithms(algorithms: AlgorithmSet) -> Result<AlgorithmSet, Error> {
    if algorithms.is_empty() {
        Err(empty("algorithms"))
    } else {
        Ok(algorithms)
    }
}

fn clock_tolerance(tolerance: Duration) -> Result<ClockTolerance, Error> {
    ClockTolerance::new(tolerance).ok_or_else(|| {
        let (given, most) = (tolerance.as_secs_f64(), ClockTolerance::MAX.as_secs());
        let problem = format!("expected a number of seconds from 0 to {most}, got {given}");
        Error::config("clockTolerance", problem)
    })
}

fn max_token_length(bytes: usize) -> Result<usize, Error> {
    let (least, most) = (Policy::MAX_TOKEN_LENGTH.start(), Policy::MAX_TOKEN_LENGTH.end());
    if Policy::MAX_TOKEN_LENGTH.contains(&bytes) {
        Ok(bytes)
    } else {
        let problem = format!("expected a number of bytes from {least} to {most}, got {bytes}");
        Err(Error::config("maxTokenLength", problem))
    }
}

fn empty(option: &'static str) -> Error {
    Error::config(
        option,
        "expected a non-empty string or a non-empty array of them, got an empty one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Version;

    const TENANT: &str = "7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11";
    const CLIENT: &str = "4F0C2D36-9C1B-4E5E-8F7A-6A1D2B3C4D5E";

    /// A tenant and an audience, to which a test adds what it is about.
    fn builder() -> PolicyBuilder {
        Policy::builder().tenant_id(TENANT).audience(["a"])
    }

    #[test]
    fn without_a_list_of_tenants_the_hint_says_how_to_accept_one_or_several() {
        let of = |tenant: &str| Policy::builder().tenant_id(tenant).audience(["a"]).build().unwrap_err();
        let hint = of("common").hint();
        assert!(
            hint.starts_with("set ENTRA_TENANT_ID (option tenantId) to the id of"),
            "{hint}"
        );
        assert!(hint.contains("option allowedTenants in the code"), "{hint}");
        let error = of(&format!("{TENANT}, {CLIENT}"));
        assert!(error.to_string().contains("expected one tenant, got 2 ids"), "{error}");
        assert!(error.hint().contains("allowedTenants"), "{}", error.hint());
        assert!(of("contoso fabrikam").hint().starts_with("correct the option tenantId"));
    }

    fn refused_option(builder: PolicyBuilder) -> &'static str {
        match builder.build().unwrap_err() {
            Error::Config { option, .. } => option,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_issuer_whose_host_ends_with_a_dot_is_refused() {
        let of = |issuer: &str| Policy::builder().issuer(issuer).audience(["a"]);
        assert_eq!(refused_option(of("https://issuer.example./t")), "issuer");
        for issuer in ["https://issuer.example/t", "https://issuer.example/t.", "issuer."] {
            assert!(of(issuer).build().is_ok(), "{issuer}");
        }
    }

    #[test]
    fn the_defaults_are_safe() {
        let policy = Policy::builder().tenant_id(TENANT).client_id(CLIENT).build().unwrap();
        assert_eq!(policy.algorithms, [Algorithm::RS256].into_iter().collect());
        assert!(policy.clock_tolerance == ClockTolerance::ZERO && policy.max_token_length == 16_384);
        assert!(matches!(policy.issuer, IssuerRule::Entra { only: None, .. }));
        assert_eq!(policy.callers, Callers::default());
        assert_eq!(policy.max_token_length(), 16_384);
        let lower = CLIENT.to_lowercase();
        assert_eq!(policy.client_id.as_ref(), Some(&lower));
        assert!(policy.audiences.accept(&lower, false) && policy.audiences.accept(&format!("api://{lower}"), false));
        assert!(!policy.audiences.accept(&format!("api://{lower}/other"), false));
    }

    #[test]
    fn a_secret_is_refused_and_not_shown() {
        const SECRET: &str = "Q7x8Q~inVenTed.n0t-Real_s3cretZZZZZZZZZ0aB";
        let foreign = || Policy::builder().issuer("https://issuer.example/").audience(["a"]);
        for builder in [builder, foreign] {
            for (builder, option) in [
                (builder().client_id(SECRET), "clientId"),
                (builder().audience(["a", SECRET]), "audience"),
                (builder().allowed_clients([CLIENT, SECRET]), "allowedClients"),
                (builder().required_roles([SECRET]), "requiredRoles"),
                (builder().required_scopes([SECRET]), "requiredScopes"),
            ] {
                let error = builder.build().unwrap_err();
                let (message, hint) = (error.to_string(), error.hint());
                assert!(message.starts_with(&format!("option {option}: ")), "{message}");
                assert!(
                    message.contains("what looks like a client secret (Q7x…, 42 characters)"),
                    "{message}"
                );
                assert!(
                    hint.contains("looks like a client secret") && hint.contains(option),
                    "{hint}"
                );
                assert!(!format!("{message}{hint}").contains(&SECRET[4..]));
            }
        }
        // A token, or a secret of another form: no audience of Entra, but perhaps one of another issuer.
        for other in ["eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AAAA", "kP5xR8vN2mQ7wT4yB9cF3hJ6"] {
            assert_eq!(refused_option(builder().audience([other])), "audience");
            assert!(foreign().audience([other]).build().is_ok());
        }
    }

    #[test]
    fn ids_uris_and_names_are_no_secrets() {
        let id = "9C2F61D8-7E04-4ab3-8d5b-1f6a3E90c7b2";
        for audience in [
            id,
            "api://9c2f61d8-7e04-4ab3-8d5b-1f6A3e90c7b2",
            "https://Contoso1.example/Tasks/v2",
            "urn:Contoso:tasks:2:Production1",
            "spn:9c2f61d8-7e04-4ab3-8d5b-1f6A3e90c7b2",
            "TheTaskServiceOfContoso2024",
        ] {
            assert!(builder().audience([audience]).build().is_ok(), "{audience}");
        }
        for name in [
            "Tasks.ReadWrite.Department1",
            id,
            "Tasks~ReadWrite~All.2024-Production-Region1",
        ] {
            let names = [name];
            let of_names = builder().required_roles(names).required_scopes(names);
            assert!(of_names.build().is_ok(), "{name}");
        }
    }

    #[test]
    fn issuer_and_audience_are_required() {
        assert_eq!(refused_option(Policy::builder()), "tenantId");
        assert_eq!(refused_option(Policy::builder().client_id(CLIENT)), "tenantId");
        assert_eq!(refused_option(Policy::builder().tenant_id(TENANT)), "audience");
        assert_eq!(
            refused_option(Policy::builder().tenant_id("contoso").audience(["a"])),
            "tenantId"
        );
        assert!(
            Policy::builder()
                .tenant_id("contoso.onmicrosoft.com")
                .audience(["a"])
                .build()
                .is_ok()
        );
    }

    #[test]
    fn what_is_empty_is_an_error_and_never_a_restriction_less() {
        let none: [&str; 0] = [];
        for (builder, option) in [
            (builder().tenant_id(""), "tenantId"),
            (builder().client_id(""), "clientId"),
            (builder().issuer(""), "issuer"),
            (builder().authority_host(""), "authorityHost"),
            (Policy::builder().authority("").audience(["a"]), "authority"),
            (builder().audience(none), "audience"),
            (builder().audience(["a", ""]), "audience"),
            (builder().allowed_clients(none), "allowedClients"),
            (builder().allowed_clients(["a", ""]), "allowedClients"),
            (builder().required_roles(none), "requiredRoles"),
            (builder().required_roles([""]), "requiredRoles"),
            (builder().required_scopes(none), "requiredScopes"),
            (builder().required_scopes([""]), "requiredScopes"),
            (
                builder().allowed_tenants(AllowedTenants::Only(Vec::new())),
                "allowedTenants",
            ),
            (builder().algorithms([]), "algorithms"),
        ] {
            assert_eq!(refused_option(builder), option);
        }
    }

    #[test]
    fn a_scope_as_clients_ask_for_it_is_refused_with_the_form_in_scp() {
        for (scope, expected) in [
            ("api://id/Task.Read", "\"Task.Read\", the form in scp"),
            ("https://api.example/Task.Read", "\"Task.Read\", the form in scp"),
            ("api://id/.default", "a scope that the API exposes"),
            ("api://id/", "a scope that the API exposes"),
            (".default", "a scope that the API exposes"),
            ("/.default", "a scope that the API exposes"),
            (
                "4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e/Task.Read",
                "\"Task.Read\", the form in scp",
            ),
            ("Task.Read Task.Write", "one scope per string"),
        ] {
            let error = builder().required_scopes([scope]).build().unwrap_err();
            assert!(
                matches!(
                    &error,
                    Error::Config {
                        option: "requiredScopes",
                        ..
                    }
                ),
                "{error}"
            );
            assert!(error.to_string().contains(expected), "{error}");
        }
        assert!(builder().required_scopes(["Task/Read", "Task.Read"]).build().is_ok());
    }

    #[test]
    fn bounds() {
        let second = Duration::from_secs(1);
        for (builder, option) in [
            (
                builder().clock_tolerance(ClockTolerance::MAX + second),
                "clockTolerance",
            ),
            (builder().clock_tolerance(Duration::MAX), "clockTolerance"),
            (builder().max_token_length(0), "maxTokenLength"),
            (builder().max_token_length(255), "maxTokenLength"),
            (builder().max_token_length(1_048_577), "maxTokenLength"),
        ] {
            assert_eq!(refused_option(builder), option);
        }
        let widest = builder()
            .clock_tolerance(ClockTolerance::MAX)
            .max_token_length(1_048_576)
            .build()
            .unwrap();
        assert!(widest.clock_tolerance.as_secs_f64() > 299.0 && widest.max_token_length == 1_048_576);
        assert!(builder().max_token_length(256).build().is_ok());
    }

    #[test]
    fn a_scope_is_one_scope() {
        assert_eq!(
            refused_option(builder().required_scopes(["a", "b c"])),
            "requiredScopes"
        );
    }

    #[test]
    fn several_tenants_are_never_guessed() {
        let rule = |tenant: &str, allowed: AllowedTenants| {
            let policy = builder().tenant_id(tenant).allowed_tenants(allowed).build().unwrap();
            match policy.issuer {
                IssuerRule::Entra { tenants, .. } => tenants,
                other => panic!("{other:?}"),
            }
        };
        for tenant in ["common", "organizations", "consumers"] {
            assert_eq!(refused_option(builder().tenant_id(tenant)), "allowedTenants");
        }
        let any = |microsoft_accounts| Tenants::Any { microsoft_accounts };
        assert_eq!(rule("common", AllowedTenants::Any), any(true));
        assert_eq!(rule("organizations", AllowedTenants::Any), any(false));
        assert_eq!(rule(TENANT, AllowedTenants::Any), any(false));
        assert_eq!(rule("consumers", AllowedTenants::Any), Tenants::One(MICROSOFT_ACCOUNTS));
        let id = guid::parse(TENANT).unwrap();
        let only = || AllowedTenants::Only(vec![id]);
        assert_eq!(rule("organizations", only()), Tenants::Of(vec![id]));
        assert_eq!(rule(TENANT, only()), Tenants::One(id));
        assert_eq!(
            rule(TENANT, AllowedTenants::Only(vec![MICROSOFT_ACCOUNTS])),
            Tenants::Of(vec![MICROSOFT_ACCOUNTS])
        );
    }

    #[test]
    fn allowed_tenants_have_no_meaning_beside_one_issuer() {
        for builder in [
            builder().issuer("https://issuer.example"),
            builder().issuer(format!("https://sts.windows.net/{TENANT}/")),
            Policy::builder()
                .authority("https://accounts.example.com")
                .audience(["a"]),
        ] {
            assert_eq!(
                refused_option(builder.allowed_tenants(AllowedTenants::Any)),
                "allowedTenants"
            );
        }
    }

    #[test]
    fn a_foreign_authority_is_its_metadata() {
        let policy = Policy::builder()
            .authority("https://accounts.example.com")
            .audience(["a"])
            .build()
            .unwrap();
        assert_eq!(policy.issuer, IssuerRule::Discovered);
    }

    #[test]
    fn an_audience_replaces_the_derived_ones() {
        let policy = builder().client_id(CLIENT).build().unwrap();
        assert!(policy.audiences.accept("a", false) && !policy.audiences.accept(CLIENT, false));
    }

    #[test]
    fn an_issuer_of_the_tenant_narrows_and_another_replaces() {
        let rule = |issuer: &str| builder().issuer(issuer).build().unwrap().issuer;
        let only = |rule| match rule {
            IssuerRule::Entra { only, .. } => only,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            only(rule(&format!("https://sts.windows.net/{TENANT}/"))),
            Some(Version::V1)
        );
        assert_eq!(
            only(rule(&format!("https://login.microsoftonline.com/{TENANT}/v2.0"))),
            Some(Version::V2)
        );
        let other = "https://issuer.example";
        assert_eq!(rule(other), IssuerRule::Exact(other.to_owned()));
        let alone = Policy::builder().issuer("https://issuer.example").audience(["a"]);
        assert!(alone.build().is_ok());
    }
}
