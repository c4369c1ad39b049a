//! Who may call, as far as that holds for a whole application.

use super::issuer::version;
use super::{Version, guid};
use crate::error::{Error, PolicyProblem};
use crate::token::Claims;

/// Clients, roles and scopes of which a token has to have one; an empty list asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callers {
    /// Accepted `appid` or `azp`.
    pub clients: Vec<String>,
    /// Any of these `roles`.
    pub roles: Vec<String>,
    /// Any of these in `scp`.
    pub scopes: Vec<String>,
}

impl Callers {
    /// Judges the client, then roles, then scopes.
    ///
    /// # Errors
    ///
    /// [`Error::TokenPolicy`] with what is lacking.
    pub fn check(&self, claims: &Claims<'_>) -> Result<(), Error> {
        self.check_client(claims)?;
        self.check_roles(claims)?;
        self.check_scopes(claims)
    }

    pub(crate) fn check_client(&self, claims: &Claims<'_>) -> Result<(), Error> {
        let client = client(claims).unwrap_or_default();
        let passes = self.clients.is_empty() || self.clients.iter().any(|accepted| same_id(accepted, client));
        refuse_unless(passes, PolicyProblem::Client)
    }

    pub(crate) fn check_roles(&self, claims: &Claims<'_>) -> Result<(), Error> {
        let roles = claims.roles.present().map_or(&[] as &[_], Vec::as_slice);
        let has = |accepted: &String| roles.iter().any(|role| role == accepted);
        refuse_unless(self.roles.is_empty() || self.roles.iter().any(has), PolicyProblem::Role)
    }

    pub(crate) fn check_scopes(&self, claims: &Claims<'_>) -> Result<(), Error> {
        let scopes = claims.scp.present().map_or("", |scp| scp);
        let has = |accepted: &String| scopes.split(' ').any(|scope| scope == accepted);
        refuse_unless(
            self.scopes.is_empty() || self.scopes.iter().any(has),
            PolicyProblem::Scope,
        )
    }
}

const fn refuse_unless(passes: bool, problem: PolicyProblem) -> Result<(), Error> {
    if passes {
        Ok(())
    } else {
        Err(Error::TokenPolicy(problem))
    }
}

/// `azp` of a v2 token, `appid` of a v1 token; of a token of neither version, whichever is there.
pub(crate) fn client<'c>(claims: &'c Claims<'_>) -> Option<&'c str> {
    let (azp, appid) = (claims.azp.present(), claims.appid.present());
    match version(claims) {
        Some(Version::V1) => appid,
        Some(Version::V2) => azp,
        None => azp.or(appid),
    }
    .map(AsRef::as_ref)
}

fn same_id(accepted: &str, found: &str) -> bool {
    match (guid::parse(accepted), guid::parse(found)) {
        (Some(accepted), Some(found)) => accepted == found,
        _ => accepted == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(callers: &Callers, claims: &str) -> Option<PolicyProblem> {
        match callers.check(&Claims::parse(claims).unwrap()) {
            Ok(()) => None,
            Err(Error::TokenPolicy(problem)) => Some(problem),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn nothing_is_asked_for_by_default() {
        assert_eq!(check(&Callers::default(), "{}"), None);
    }

    #[test]
    fn the_client_is_that_of_the_tokens_version() {
        let id = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";
        let callers = Callers {
            clients: list(&[id]),
            ..Callers::default()
        };
        assert_eq!(check(&callers, &format!(r#"{{"ver":"1.0","appid":"{id}"}}"#)), None);
        assert_eq!(
            check(&callers, &format!(r#"{{"ver":"2.0","azp":"{}"}}"#, id.to_uppercase())),
            None
        );
        assert_eq!(
            check(&callers, &format!(r#"{{"ver":"2.0","appid":"{id}"}}"#)),
            Some(PolicyProblem::Client)
        );
        assert_eq!(
            check(&callers, &format!(r#"{{"ver":"1.0","azp":"{id}"}}"#)),
            Some(PolicyProblem::Client)
        );
        assert_eq!(
            check(&callers, r#"{"ver":"2.0","azp":"other"}"#),
            Some(PolicyProblem::Client)
        );
        assert_eq!(check(&callers, "{}"), Some(PolicyProblem::Client));
    }

    #[test]
    fn any_of_the_roles_will_do() {
        let callers = Callers {
            roles: list(&["Task.Read", "Task.Write"]),
            ..Callers::default()
        };
        assert_eq!(check(&callers, r#"{"roles":["Other","Task.Write"]}"#), None);
        for claims in [
            "{}",
            r#"{"roles":[]}"#,
            r#"{"roles":["task.read"]}"#,
            r#"{"scp":"Task.Read"}"#,
        ] {
            assert_eq!(check(&callers, claims), Some(PolicyProblem::Role), "{claims}");
        }
    }

    #[test]
    fn any_of_the_scopes_will_do() {
        let callers = Callers {
            scopes: list(&["Task.Read"]),
            ..Callers::default()
        };
        assert_eq!(check(&callers, r#"{"scp":"User.Read Task.Read"}"#), None);
        for claims in [
            "{}",
            r#"{"scp":""}"#,
            r#"{"scp":"Task.ReadWrite"}"#,
            r#"{"roles":["Task.Read"]}"#,
        ] {
            assert_eq!(check(&callers, claims), Some(PolicyProblem::Scope), "{claims}");
        }
    }

    #[test]
    fn roles_and_scopes_are_both_asked_for() {
        let callers = Callers {
            roles: list(&["r"]),
            scopes: list(&["s"]),
            ..Callers::default()
        };
        assert_eq!(check(&callers, r#"{"roles":["r"],"scp":"s"}"#), None);
        assert_eq!(check(&callers, r#"{"scp":"s"}"#), Some(PolicyProblem::Role));
        assert_eq!(check(&callers, r#"{"roles":["r"]}"#), Some(PolicyProblem::Scope));
    }
}
