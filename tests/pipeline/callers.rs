//! `allowedClients`, `requiredRoles`, `requiredScopes`: what a whole application asks of whoever calls it.

use entra_jwt_verify::{AudienceProblem, Error, PolicyProblem};
use serde_json::{Value, json};

use crate::common::{Judge, Object, sign, v1, v2};

const OWN: &str = "9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b";
const OTHER: &str = "1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9";

fn judge(options: Value, claims: impl std::fmt::Display) -> Result<(), Error> {
    Judge::with(options).judge(&sign(claims))
}

const fn lacks(problem: PolicyProblem) -> Result<(), Error> {
    Err(Error::TokenPolicy(problem))
}

/// The claims with the client's id in this claim.
fn from(claims: Object, claim: &str, id: &str) -> Object {
    claims.with(claim, &json!(id).to_string())
}

#[test]
fn any_client_role_and_scope_will_do_by_default() {
    assert_eq!(judge(json!({}), v2().without("roles")), Ok(()));
    let nothing = json!({ "allowedClients": null, "requiredRoles": null, "requiredScopes": null });
    assert_eq!(judge(nothing, v2().without("roles")), Ok(()));
}

#[test]
fn only_an_allowed_client_may_call() {
    for (claims, claim) in [(v1(), "appid"), (v2(), "azp")] {
        let only =
            |clients: Value, id: &str| judge(json!({ "allowedClients": clients }), from(claims.clone(), claim, id));
        assert_eq!(only(json!(OWN), OWN), Ok(()));
        assert_eq!(only(json!([OTHER, OWN]), OWN), Ok(()));
        assert_eq!(only(json!(OWN.to_uppercase()), OWN), Ok(()));
        assert_eq!(only(json!(OWN), &OWN.to_uppercase()), Ok(()));
        assert_eq!(only(json!(OWN), OTHER), lacks(PolicyProblem::Client));
        assert_eq!(only(json!([OWN, OTHER]), ""), lacks(PolicyProblem::Client));
        assert_eq!(only(json!(OWN), &OWN.replace('-', "")), lacks(PolicyProblem::Client));
        assert_eq!(only(json!(OWN), &format!("{OWN} ")), lacks(PolicyProblem::Client));
    }
}

#[test]
fn the_client_is_the_claim_of_the_tokens_version() {
    // An application could be made to ask for the other claim as an optional one; it proves nothing about the caller.
    let both = |claims: Object, appid: &str, azp: &str| from(from(claims, "appid", appid), "azp", azp);
    let only = |claims: Object| judge(json!({ "allowedClients": OWN }), claims);
    assert_eq!(only(both(v1(), OWN, OTHER)), Ok(()));
    assert_eq!(only(both(v1(), OTHER, OWN)), lacks(PolicyProblem::Client));
    assert_eq!(only(both(v2(), OTHER, OWN)), Ok(()));
    assert_eq!(only(both(v2(), OWN, OTHER)), lacks(PolicyProblem::Client));
    assert_eq!(
        only(from(v2().without("azp"), "appid", OWN)),
        lacks(PolicyProblem::Client)
    );
    assert_eq!(
        only(from(v1().without("appid"), "azp", OWN)),
        lacks(PolicyProblem::Client)
    );
}

#[test]
fn one_of_the_required_roles_is_enough_and_none_is_not() {
    let with = |roles: &str| {
        judge(
            json!({ "requiredRoles": ["Task.Read", "Task.Write"] }),
            v2().with("roles", roles),
        )
    };
    assert_eq!(with(r#"["Task.Write"]"#), Ok(()));
    assert_eq!(with(r#"["Else","Task.Read"]"#), Ok(()));
    for roles in [
        "[]",
        r#"["task.read"]"#,
        r#"["Task"]"#,
        r#"["Task.Read "]"#,
        r#"["Task.Read Task.Write"]"#,
        r#"["Task.Read\u0000"]"#,
        r#"["*"]"#,
        r#"[""]"#,
    ] {
        assert_eq!(with(roles), lacks(PolicyProblem::Role), "{roles}");
    }
    let without = v2().without("roles").with("scp", "\"Task.Read\"");
    assert_eq!(
        judge(json!({ "requiredRoles": "Task.Read" }), without),
        lacks(PolicyProblem::Role)
    );
}

#[test]
fn one_of_the_required_scopes_is_enough_and_none_is_not() {
    let with = |scp: &str| {
        judge(
            json!({ "requiredScopes": ["Task.Read", "Task.Write"] }),
            v2().with("scp", scp),
        )
    };
    assert_eq!(with(r#""Task.Read""#), Ok(()));
    assert_eq!(with(r#""Else Task.Write""#), Ok(()));
    for scp in [
        r#""""#,
        r#"" ""#,
        r#""task.read""#,
        r#""Task.ReadWrite""#,
        r#""Task.Read,Task.Write""#,
        // RFC 6749, section 3.3: scopes are separated by a space and by nothing else.
        r#""Else\tTask.Read""#,
        r#""Else\u00a0Task.Read""#,
        r#""api://x/Task.Read""#,
    ] {
        assert_eq!(with(scp), lacks(PolicyProblem::Scope), "{scp}");
    }
    let without = v2().with("roles", r#"["Task.Read"]"#);
    assert_eq!(
        judge(json!({ "requiredScopes": "Task.Read" }), without),
        lacks(PolicyProblem::Scope)
    );
}

#[test]
fn client_role_and_scope_are_all_asked_for_in_this_order() {
    let options = json!({ "allowedClients": OWN, "requiredRoles": "r", "requiredScopes": "s" });
    let good = from(v2(), "azp", OWN).with("roles", r#"["r"]"#).with("scp", "\"s\"");
    let with = |claims: &Object| judge(options.clone(), claims);
    assert_eq!(with(&good), Ok(()));
    let without_scope = good.without("scp");
    assert_eq!(with(&without_scope), lacks(PolicyProblem::Scope));
    let without_role = without_scope.without("roles");
    assert_eq!(with(&without_role), lacks(PolicyProblem::Role));
    let other_client = from(without_role, "azp", OTHER);
    assert_eq!(with(&other_client), lacks(PolicyProblem::Client));
    assert_eq!(
        with(&other_client.with("aud", "\"other\"")),
        Err(Error::TokenAudience(AudienceProblem::NotAccepted))
    );
}

#[test]
fn the_policy_holds_for_another_issuer() {
    let options = json!({ "issuer": "https://issuer.example", "allowedClients": OWN, "requiredScopes": "s" });
    let claims = |id: &str| {
        from(v2().without("ver"), "azp", id)
            .with("iss", "\"https://issuer.example\"")
            .with("scp", "\"s\"")
    };
    assert_eq!(judge(options.clone(), claims(OWN)), Ok(()));
    assert_eq!(judge(options.clone(), claims(OTHER)), lacks(PolicyProblem::Client));
    // Scopes as an array are another issuer's right, and not a scope that we know.
    assert_eq!(
        judge(options, claims(OWN).with("scp", r#"["s"]"#)),
        lacks(PolicyProblem::Scope)
    );
}
