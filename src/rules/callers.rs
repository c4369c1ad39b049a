//! The caller: its client, roles and scopes, as far as a rule holds for the whole application.

use super::version;
use crate::error::{Error, PolicyProblem};
use crate::policy::{Callers, Version, guid};
use crate::token::Claims;

/// The client is one of `allowedClients`.
pub(crate) fn check_client(claims: &Claims<'_>, callers: &Callers) -> Result<(), Error> {
    let client = client(claims).unwrap_or_default();
    let is_allowed = callers.clients.is_empty() || callers.clients.iter().any(|allowed| same_id(allowed, client));
    require(is_allowed, PolicyProblem::Client)
}

/// The token has one of `requiredRoles`.
pub(crate) fn check_roles(claims: &Claims<'_>, callers: &Callers) -> Result<(), Error> {
    let roles = claims.roles.present().map_or(&[] as &[_], Vec::as_slice);
    let has = |required: &String| roles.iter().any(|role| role == required);
    require(
        callers.roles.is_empty() || callers.roles.iter().any(has),
        PolicyProblem::Role,
    )
}

/// The token has one of `requiredScopes`.
pub(crate) fn check_scopes(claims: &Claims<'_>, callers: &Callers) -> Result<(), Error> {
    let scopes = claims.scp.present().map_or("", |scp| scp);
    let has = |required: &String| scopes.split(' ').any(|scope| scope == required);
    require(
        callers.scopes.is_empty() || callers.scopes.iter().any(has),
        PolicyProblem::Scope,
    )
}

const fn require(passes: bool, problem: PolicyProblem) -> Result<(), Error> {
    if passes {
        Ok(())
    } else {
        Err(Error::TokenPolicy(problem))
    }
}

/// The client: `azp` of a v2 token, `appid` of a v1 token; of a token of neither version, whichever is present.
fn client<'c>(claims: &'c Claims<'_>) -> Option<&'c str> {
    let (azp, appid) = (claims.azp.present(), claims.appid.present());
    match version(claims) {
        Some(Version::V1) => appid,
        Some(Version::V2) => azp,
        None => azp.or(appid),
    }
    .map(AsRef::as_ref)
}

/// GUIDs compare without case, all other texts exactly.
fn same_id(allowed: &str, found: &str) -> bool {
    match (guid::parse(allowed), guid::parse(found)) {
        (Some(allowed), Some(found)) => allowed == found,
        _ => allowed == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(callers: &Callers, claims: &str) -> Option<PolicyProblem> {
        let claims = Claims::parse(claims).unwrap();
        match check_client(&claims, callers)
            .and_then(|()| check_roles(&claims, callers))
            .and_then(|()| check_scopes(&claims, callers))
        {
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
