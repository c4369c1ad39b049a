//! Options as tests state them, JSON -> a policy. The npm package has its own reader of JSON, which the tests of
//! `src/node/` are about; this one only moves values into the builder.

use std::time::Duration;

use entra_jwt_verify::policy::{AllowedTenants, BoundTokens, Policy};
use entra_jwt_verify::{Algorithm, Error};
use serde_json::Value;

/// The policy of these options; `null` is an option that is not given.
pub fn policy(options: &Value) -> Result<Policy, Error> {
    let mut builder = Policy::builder();
    for (name, value) in options.as_object().expect("options are an object") {
        if value.is_null() {
            continue;
        }
        builder = match name.as_str() {
            "tenantId" => builder.tenant_id(text(value)),
            "clientId" => builder.client_id(text(value)),
            "authorityHost" => builder.authority_host(text(value)),
            "authority" => builder.authority(text(value)),
            "issuer" => builder.issuer(text(value)),
            "audience" => builder.audience(texts(value)),
            "allowedClients" => builder.allowed_clients(texts(value)),
            "requiredRoles" => builder.required_roles(texts(value)),
            "requiredScopes" => builder.required_scopes(texts(value)),
            "allowedTenants" => {
                let tenants = AllowedTenants::parse(&texts(value)).map_err(|_| refused("allowedTenants"))?;
                builder.allowed_tenants(tenants)
            }
            "algorithms" => {
                let algorithms: Option<Vec<_>> = texts(value).into_iter().map(Algorithm::from_name).collect();
                builder.algorithms(algorithms.ok_or_else(|| refused("algorithms"))?)
            }
            "boundTokens" => {
                builder.bound_tokens(BoundTokens::from_name(text(value)).ok_or_else(|| refused("boundTokens"))?)
            }
            "clockTolerance" => {
                let seconds = value.as_f64().expect("seconds");
                let tolerance = Duration::try_from_secs_f64(seconds).map_err(|_| refused("clockTolerance"))?;
                builder.clock_tolerance(tolerance)
            }
            "maxTokenLength" => {
                let bytes = value.as_u64().expect("bytes");
                builder.max_token_length(usize::try_from(bytes).expect("bytes"))
            }
            other => panic!("{other} is not an option of a policy"),
        };
    }
    builder.build()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// One text, or several.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(elements) => elements.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

fn refused(option: &'static str) -> Error {
    Error::Config {
        option,
        problem: "a test gave what cannot be used".to_owned(),
        advice: None,
    }
}
