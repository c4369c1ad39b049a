//! Who asked for a token. It decides what to do about it: each kind of caller gets tokens and permissions in its own way.

use uuid::{Uuid, uuid};

use super::evidence::Evidence;
use crate::policy::{IssuerKind, guid};
use crate::rules::{client, is_app_only};
use crate::token::{Claim, Claims};

/// Application id of the Azure CLI.
const AZURE_CLI: Uuid = uuid!("04b07795-8ddb-461a-bbee-02f9e1bf7b46");

/// Application id of Azure PowerShell.
const AZURE_POWERSHELL: Uuid = uuid!("1950a258-227b-4e31-a9cf-717495945fc2");

/// Who asked for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// A managed identity, which names the resource that has it.
    ManagedIdentity,
    /// A user, through the Azure CLI.
    AzureCli,
    /// A user, through Azure PowerShell.
    AzurePowerShell,
    /// An application that acts for itself, with client credentials.
    Application,
    /// An application that acts for a user.
    User,
    /// The token does not say it.
    Unknown,
}

impl Caller {
    /// The application id of a tool of Azure's that a user asks with.
    pub(super) const fn tool(self) -> Option<Uuid> {
        match self {
            Self::AzureCli => Some(AZURE_CLI),
            Self::AzurePowerShell => Some(AZURE_POWERSHELL),
            Self::ManagedIdentity | Self::Application | Self::User | Self::Unknown => None,
        }
    }

    /// By the claims of a token.
    pub(super) fn of(claims: &Claims<'_>, kind: IssuerKind, evidence: &Evidence) -> Self {
        let is_client = |id: Uuid| client(claims, kind).and_then(guid::parse) == Some(id);
        let acts_for_itself = is_app_only(claims, kind);
        if evidence.has("xms_mirid") {
            Self::ManagedIdentity
        } else if is_client(AZURE_CLI) {
            Self::AzureCli
        } else if is_client(AZURE_POWERSHELL) {
            Self::AzurePowerShell
        } else if acts_for_itself {
            Self::Application
        } else if claims.scp.present().is_some_and(|scp| !scp.is_empty())
            || claims.scope != Claim::Absent
            || claims.idtyp.present().is_some_and(|idtyp| idtyp == "user")
            || evidence.has_any(&["upn", "unique_name", "preferred_username", "name", "amr"])
        {
            Self::User
        } else {
            Self::Unknown
        }
    }
}
