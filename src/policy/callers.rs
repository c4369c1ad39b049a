//! Who may call, for a whole application.

/// Allowed clients, required roles and required scopes. One match in each list is enough; an empty list allows every
/// caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Callers {
    /// Application ids, compared with `appid` of v1 and `azp` of v2 tokens.
    pub(crate) clients: Vec<String>,
    /// App roles, compared with `roles`.
    pub(crate) roles: Vec<String>,
    /// Delegated permissions, compared with `scp`.
    pub(crate) scopes: Vec<String>,
}
