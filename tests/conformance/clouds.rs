//! The clouds (ARCHITECTURE.md, "What is verified"): each has its hosts, its issuers and its keys.

use entra_jwt_verify::{Algorithm, Error};
use serde_json::{Value, json};

use crate::common::{CLIENT, Judge, Object, RSA, TENANT, header, read, shared, sign};
use crate::table::{check, claims, set, value};

#[test]
fn a_cloud_has_its_issuers_whichever_of_its_hosts_is_named() {
    check::<3>(
        "
        authorityHost                            | ver | iss                                               | verdict
        https://login.microsoftonline.com        | 1.0 | https://sts.windows.net/<T>/                      | ok
        https://login.microsoftonline.com        | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ok
        https://login.windows.net                | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ok # aliases of one cloud …
        https://login.microsoft.com              | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ok # … are one cloud
        https://sts.windows.net                  | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ok
        https://LOGIN.microsoftonline.com:443/   | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ok
        https://login.windows.net                | 2.0 | https://login.windows.net/<T>/v2.0                | ERR_TOKEN_ISSUER
        https://login.microsoftonline.us         | 1.0 | https://sts.windows.net/<T>/                      | ok
        https://login.microsoftonline.us         | 2.0 | https://login.microsoftonline.us/<T>/v2.0         | ok
        https://login.usgovcloudapi.net          | 2.0 | https://login.microsoftonline.us/<T>/v2.0         | ok
        https://login.microsoftonline.us         | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com        | 2.0 | https://login.microsoftonline.us/<T>/v2.0         | ERR_TOKEN_ISSUER
        https://login.partner.microsoftonline.cn | 1.0 | https://sts.chinacloudapi.cn/<T>/                 | ok
        https://login.partner.microsoftonline.cn | 2.0 | https://login.partner.microsoftonline.cn/<T>/v2.0 | ok
        https://login.chinacloudapi.cn           | 2.0 | https://login.partner.microsoftonline.cn/<T>/v2.0 | ok
        https://login.partner.microsoftonline.cn | 1.0 | https://sts.windows.net/<T>/                      | ERR_TOKEN_ISSUER
        https://login.partner.microsoftonline.cn | 2.0 | https://login.chinacloudapi.cn/<T>/v2.0           | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com        | 1.0 | https://sts.chinacloudapi.cn/<T>/                 | ERR_TOKEN_ISSUER
        https://login.microsoftonline.de         | 1.0 | https://sts.microsoftonline.de/<T>/               | ok
        https://login.microsoftonline.de         | 2.0 | https://login.microsoftonline.de/<T>/v2.0         | ok
        https://login-us.microsoftonline.com     | 2.0 | https://login-us.microsoftonline.com/<T>/v2.0     | ok
        https://login.sovcloud-identity.fr       | 2.0 | https://login.sovcloud-identity.fr/<T>/v2.0       | ok
        https://login.sovcloud-identity.de       | 2.0 | https://login.sovcloud-identity.de/<T>/v2.0       | ok
        https://login.sovcloud-identity.sg       | 2.0 | https://login.sovcloud-identity.sg/<T>/v2.0       | ok
        https://login.sovcloud-identity.fr       | 1.0 | https://sts.windows.net/<T>/                      | ERR_TOKEN_ISSUER # its v1 issuer is not known
        https://login.sovcloud-identity.fr       | 2.0 | https://login.sovcloud-identity.de/<T>/v2.0       | ERR_TOKEN_ISSUER
        https://login.windows-ppe.net            | 1.0 | https://sts.windows.net/<T>/                      | ok # any other host: its own v2 issuer
        https://login.windows-ppe.net            | 2.0 | https://login.windows-ppe.net/<T>/v2.0            | ok
        https://login.windows-ppe.net            | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ERR_TOKEN_ISSUER
        https://login.microsoftonline.com:8443   | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ERR_TOKEN_ISSUER # another port is another host
        http://127.0.0.1:8080                    | 2.0 | http://127.0.0.1:8080/<T>/v2.0                    | ok
        http://login.microsoftonline.com         | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ERR_CONFIG
        https://login.microsoftonline.com/<T>    | 2.0 | https://login.microsoftonline.com/<T>/v2.0        | ERR_CONFIG # an origin, not an authority
        ",
        |[host, ver, iss]| {
            let options = json!({ "tenantId": TENANT, "clientId": CLIENT, "authorityHost": host });
            Judge::try_by(&options)?.judge(&sign(set(claims(ver), "iss", iss)))
        },
    );
}

#[test]
fn a_key_is_of_the_cloud_or_of_none() {
    check::<3>(
        "
        authorityHost                            | iss                                               | key's cloud_instance_name  | verdict
        https://login.microsoftonline.com        | https://login.microsoftonline.com/<T>/v2.0        | microsoftonline.com        | ok
        https://login.microsoftonline.com        | https://login.microsoftonline.com/<T>/v2.0        | -                          | ok # keys of before 2025
        https://login.microsoftonline.com        | https://login.microsoftonline.com/<T>/v2.0        | microsoftonline.us         | ERR_TOKEN_KEY_UNKNOWN # IDX40012
        https://login.windows.net                | https://login.microsoftonline.com/<T>/v2.0        | microsoftonline.us         | ERR_TOKEN_KEY_UNKNOWN
        https://login.microsoftonline.us         | https://login.microsoftonline.us/<T>/v2.0         | microsoftonline.us         | ok
        https://login.microsoftonline.us         | https://login.microsoftonline.us/<T>/v2.0         | microsoftonline.com        | ERR_TOKEN_KEY_UNKNOWN
        https://login.partner.microsoftonline.cn | https://login.partner.microsoftonline.cn/<T>/v2.0 | partner.microsoftonline.cn | ok
        https://login.partner.microsoftonline.cn | https://login.partner.microsoftonline.cn/<T>/v2.0 | microsoftonline.com        | ERR_TOKEN_KEY_UNKNOWN
        https://login.sovcloud-identity.fr       | https://login.sovcloud-identity.fr/<T>/v2.0       | sovcloud-identity.fr       | ok
        https://login.sovcloud-identity.fr       | https://login.sovcloud-identity.fr/<T>/v2.0       | microsoftonline.com        | ERR_TOKEN_KEY_UNKNOWN
        https://entra.example                    | https://entra.example/<T>/v2.0                    | microsoftonline.us         | ok # not a cloud that is known
        ",
        |[host, iss, cloud]| {
            let options = json!({ "tenantId": TENANT, "clientId": CLIENT, "authorityHost": host });
            let keys = [RSA.jwk_with(&json!({ "cloud_instance_name": value(cloud) }))];
            Judge::try_by(&options)?.keys(keys).judge(&sign(set(claims("2.0"), "iss", iss)))
        },
    );
}

#[test]
#[ignore = "needs the shared vectors"]
fn the_aliases_of_instance_discovery_are_the_hosts_of_the_clouds() {
    let folder = shared();
    let discovery = read(&folder.join("data/metadata/2025-03-01-common-discovery-instance.json"));
    let mut clouds = 0;
    for cloud in discovery["metadata"].as_array().unwrap() {
        let network = cloud["preferred_network"].as_str().unwrap();
        for alias in cloud["aliases"].as_array().unwrap() {
            let host = format!("https://{}", alias.as_str().unwrap());
            let options = json!({ "tenantId": TENANT, "clientId": CLIENT, "authorityHost": host });
            let iss = format!("https://{network}/{TENANT}/v2.0");
            let verdict = Judge::by(&options).judge(&sign(set(claims("2.0"), "iss", &iss)));
            assert_eq!(verdict, Ok(()), "{host} {iss}");
        }
        clouds += 1;
    }
    assert_eq!(clouds, 5);
}

#[test]
#[ignore = "needs the shared vectors"]
fn recorded_key_sets_hold_keys_of_the_other_cloud_which_are_not_used() {
    let folder = shared();
    let mut seen = (0, 0);
    for (host, own, files) in [
        (
            "https://login.microsoftonline.com",
            "microsoftonline.com",
            ["2025-04-20-public-v1.json", "2026-07-06-public-v1.json"],
        ),
        (
            "https://login.microsoftonline.us",
            "microsoftonline.us",
            ["2025-04-22-usgov-v1.json", "2026-07-09-usgov-v1.json"],
        ),
    ] {
        let judge = Judge::by(&json!({ "tenantId": TENANT, "clientId": CLIENT, "authorityHost": host }));
        for file in files {
            let document = read(&folder.join("data/jwks").join(file));
            for key in keys_of(&document) {
                // Nobody here can sign with them: a token that gets as far as the signature was let use the key.
                let verdict = judge.judge_by_document(
                    &forged(key["kid"].as_str().unwrap()),
                    &json!({ "keys": keys_of(&document) }).to_string(),
                );
                if key["cloud_instance_name"] == own {
                    assert_eq!(verdict, Err(Error::TokenSignature), "{file} {key}");
                    seen.0 += 1;
                } else {
                    assert_eq!(verdict.unwrap_err().code(), "ERR_TOKEN_KEY_UNKNOWN", "{file} {key}");
                    seen.1 += 1;
                }
            }
        }
    }
    assert_eq!(seen, (14, 7));
}

/// Some recordings are the document, some the array in it.
fn keys_of(document: &Value) -> &Vec<Value> {
    document.get("keys").unwrap_or(document).as_array().unwrap()
}

/// A token that names this key and is signed with another.
fn forged(kid: &str) -> String {
    let claims: Object = claims("1.0");
    RSA.token(
        Algorithm::RS256,
        header(&RSA, Algorithm::RS256).with("kid", &json!(kid).to_string()),
        claims,
    )
}
