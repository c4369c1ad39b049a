//! The caller: its client, roles and scopes, as far as a rule holds for the whole application.

use std::borrow::Cow;

use super::version;
use crate::error::{Error, PolicyProblem};
use crate::policy::{Callers, IssuerKind, Version, guid};
use crate::token::{Claim, Claims};

/// The client is one of `allowedClients`.
pub(crate) fn check_client(claims: &Claims<'_>, callers: &Callers, kind: IssuerKind) -> Result<(), Error> {
    let client = client(claims, kind).unwrap_or_default();
    let id = guid::parse(client);
    // GUIDs compare without case, all other texts exactly.
    let is_same = |allowed: &String| allowed == client || (id.is_some() && guid::parse(allowed) == id);
    require(
        callers.clients.is_empty() || callers.clients.iter().any(is_same),
        PolicyProblem::Client,
    )
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
pub(crate) fn check_scopes(claims: &Claims<'_>, callers: &Callers, kind: IssuerKind) -> Result<(), Error> {
    let scopes = scopes(claims, kind);
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

/// The client that asked for the token. Entra writes it into `appid` of v1 and `azp` of v2 tokens; the other of the two
/// says nothing. Elsewhere it is in `azp` (B2C, whatever `ver` says), `appid`, or `client_id` (RFC 9068, section 2.2).
pub(crate) fn client<'c>(claims: &'c Claims<'_>, kind: IssuerKind) -> Option<&'c str> {
    let (azp, appid) = (claims.azp.present(), claims.appid.present());
    match (kind, version(claims)) {
        (IssuerKind::Entra, Some(Version::V1)) => appid,
        (IssuerKind::Entra, Some(Version::V2)) => azp,
        (IssuerKind::Entra, None) => None,
        (IssuerKind::Foreign, _) => azp.or(appid).or(claims.client_id.present()),
    }
    .map(AsRef::as_ref)
}

/// The delegated permissions, separated by spaces: `scp`, elsewhere also `scope` (RFC 9068, section 2.2.3).
pub(crate) fn scopes<'c>(claims: &'c Claims<'_>, kind: IssuerKind) -> &'c str {
    let scope = match kind {
        IssuerKind::Entra => None,
        IssuerKind::Foreign => claims.scope.present(),
    };
    claims.scp.present().or(scope).map_or("", AsRef::as_ref)
}

/// Whether an application acts for itself. `idtyp` decides where it is there. Without it: Entra's service principals are
/// their own subject. That is Entra's rule alone; B2C and others write the user into both `oid` and `sub`, and there the
/// client has to have proven itself (`azpacr`, `appidacr`) and the token to have no scope.
pub(crate) fn is_app_only(claims: &Claims<'_>, kind: IssuerKind) -> bool {
    if claims.idtyp != Claim::Absent {
        return claims.idtyp.present().is_some_and(|idtyp| idtyp == "app");
    }
    let proven = |method: &Claim<Cow<'_, str>>| method.present().is_some_and(|it| it == "1" || it == "2");
    match kind {
        IssuerKind::Entra => claims.oid != Claim::Absent && claims.oid == claims.sub && claims.scp == Claim::Absent,
        IssuerKind::Foreign => {
            let has_no_scope = claims.scp == Claim::Absent && claims.scope == Claim::Absent;
            has_no_scope && (proven(&claims.azpacr) || proven(&claims.appidacr))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(callers: &Callers, claims: &str) -> Option<PolicyProblem> {
        let claims = Claims::parse(claims).unwrap();
        let kind = IssuerKind::Entra;
        match check_client(&claims, callers, kind)
            .and_then(|()| check_roles(&claims, callers))
            .and_then(|()| check_scopes(&claims, callers, kind))
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
