//! Any text as the rules of `NO_PROXY`, as JavaScript hands them over, and any other as a URL (a line each): a list excludes what one
//! of its rules excludes, and plain HTTP never goes through the proxy.

use entra_jwt_verify::keys::{Proxy, ProxyException};
use url::Url;

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (rules, url) = text
        .split_once('\n')
        .unwrap_or((text, "https://keys.corp.example:8443/"));
    let (Some(rules), Ok(url)) = (ProxyException::list_from_json(rules), Url::parse(url)) else {
        return;
    };
    let is_for = |except: &[ProxyException]| {
        let mut proxy = Proxy::new("http://proxy.example:8080");
        proxy.except = except.to_vec();
        proxy.is_for(&url)
    };
    let by_each = rules.iter().all(|rule| is_for(std::slice::from_ref(rule)));
    assert_eq!(is_for(&rules), by_each && url.scheme() == "https", "{url}");
}

pub fn examples() -> Vec<Vec<u8>> {
    super::texts(&[
        "[[\"domain\",\"corp.example\",null,null]]\nhttps://keys.corp.example/",
        "[[\"subdomains\",\"corp.example\",null,8443],[\"network\",\"10.0.0.0\",8,null]]\nhttps://10.1.2.3:8443",
        "[[\"network\",\"fe80::\",10,null],[\"range\",\"10.0.0.5\",\"10.0.0.9\",443]]\nhttps://[fe80::1]/",
        "[]\nhttp://127.0.0.1/",
    ])
}
