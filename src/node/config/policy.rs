//! Options -> policy.

use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::node::options::Options;
use crate::policy::{AllowedTenants, BoundTokens, Policy};
use crate::time::ClockTolerance;

/// The policy that the options describe.
pub(in crate::node) fn policy(options: &Options) -> Result<Policy, Error> {
    let mut builder = Policy::builder();
    if let Some(text) = options.text("authority")? {
        builder = builder.authority(text);
    }
    if let Some(text) = options.text("authorityHost")? {
        builder = builder.authority_host(text);
    }
    if let Some(text) = options.text("tenantId")? {
        builder = builder.tenant_id(text);
    }
    if let Some(text) = options.text("issuer")? {
        builder = builder.issuer(text);
    }
    if let Some(texts) = options.texts("allowedTenants")? {
        let tenants = AllowedTenants::parse(&texts)
            .map_err(|text| Error::config_text("allowedTenants", text, "tenant ids (GUIDs), or only \"*\""))?;
        builder = builder.allowed_tenants(tenants);
    }
    if let Some(text) = options.text("clientId")? {
        builder = builder.client_id(text);
    }
    if let Some(texts) = options.texts("audience")? {
        builder = builder.audience(texts);
    }
    if let Some(texts) = options.texts("allowedClients")? {
        builder = builder.allowed_clients(texts);
    }
    if let Some(texts) = options.texts("requiredRoles")? {
        builder = builder.required_roles(texts);
    }
    if let Some(texts) = options.texts("requiredScopes")? {
        builder = builder.required_scopes(texts);
    }
    if let Some(algorithms) = algorithms(options)? {
        builder = builder.algorithms(algorithms);
    }
    if let Some(name) = options.text("boundTokens")? {
        let bound_tokens = BoundTokens::from_name(name)
            .ok_or_else(|| Error::config_text("boundTokens", name, "refuse, mtls or ignore"))?;
        builder = builder.bound_tokens(bound_tokens);
    }
    let longest = ClockTolerance::MAX.as_secs_f64();
    if let Some(tolerance) = options.duration("clockTolerance", 0.0, longest)? {
        builder = builder.clock_tolerance(tolerance);
    }
    let (least, most) = (Policy::MAX_TOKEN_LENGTH.start(), Policy::MAX_TOKEN_LENGTH.end());
    if let Some(bytes) = options.count("maxTokenLength", *least, *most, "bytes")? {
        builder = builder.max_token_length(bytes);
    }
    builder.build()
}

fn algorithms(options: &Options) -> Result<Option<Vec<Algorithm>>, Error> {
    let Some(names) = options.texts("algorithms")? else {
        return Ok(None);
    };
    let read = |name| {
        Algorithm::from_name(name).ok_or_else(|| {
            let all = Algorithm::ALL.map(Algorithm::name).join(", ");
            Error::config_text("algorithms", name, &format!("one of {all}"))
        })
    };
    names.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}
