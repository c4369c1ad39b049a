//! Tables as text, so that a row is one line that a reader can hold against the rule.

#![allow(unreachable_pub, reason = "a helper of tests is public to the file that declares it")]

use entra_jwt_verify::Error;
use serde_json::{Value, json};

use crate::common::{CLIENT, Object, TENANT};

/// A tenant that no policy here names unless its row does.
pub const OTHER_TENANT: &str = "8d1e6c2f-405b-4c1f-8b64-203070100b22";

/// The tenant of personal Microsoft accounts.
pub const MICROSOFT_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Judges every row of a table: a line of headings, then rows of cells between `|`, the last of them the verdict, `ok`
/// or a code. What follows ` #` is a remark.
///
/// # Panics
///
/// With every row whose verdict is another; also when a table shows only one side of its rule.
pub fn check<const N: usize>(table: &str, judge: impl Fn([&str; N]) -> Result<(), Error>) {
    let mut accepted = 0;
    let mut wrong = Vec::new();
    let rows = rows(table);
    for (line, cells) in &rows {
        let (expected, cells) = cells.split_last().unwrap();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let verdict = judge(
            cells
                .try_into()
                .unwrap_or_else(|_| panic!("not {N} cells and a verdict: {line}")),
        )
        .map_or_else(|error| error.code(), |()| "ok");
        if verdict != expected {
            wrong.push(format!("{line}\n    was {verdict}"));
        }
        accepted += usize::from(expected == "ok");
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(
        0 < accepted && accepted < rows.len(),
        "{accepted} of {} rows pass",
        rows.len()
    );
}

/// The rows of a table, each with its cells.
pub fn rows(table: &str) -> Vec<(&str, Vec<String>)> {
    table
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .skip(1)
        .map(|line| {
            let text = line.split_once(" #").map_or(line, |(text, _)| text);
            (line, text.split('|').map(|cell| expand(cell.trim())).collect())
        })
        .collect()
}

/// `<T>` is the tenant, `<O>` another, `<MSA>` that of personal accounts, `<API>` the API; `^` behind a name: upper case.
fn expand(cell: &str) -> String {
    [
        ("T", TENANT),
        ("O", OTHER_TENANT),
        ("MSA", MICROSOFT_ACCOUNTS),
        ("API", CLIENT),
    ]
    .iter()
    .fold(cell.to_owned(), |cell, (name, value)| {
        cell.replace(&format!("<{name}>"), value)
            .replace(&format!("<{name}^>"), &value.to_uppercase())
    })
}

/// A cell as a value: `-` is absent, `""` empty, `' '` a space; several texts are separated by commas.
pub fn value(cell: &str) -> Value {
    match cell {
        "-" => Value::Null,
        "\"\"" => json!(""),
        "' '" => json!(" "),
        several if several.contains(',') => several.split(',').map(str::trim).collect(),
        one => json!(one),
    }
}

/// The claims with one claim set to a cell, or taken away.
pub fn set(claims: Object, name: &str, cell: &str) -> Object {
    match value(cell) {
        Value::Null => claims.without(name),
        value => claims.with(name, &value.to_string()),
    }
}

/// The claims of a version; of one that does not exist, those of version 2 that say so.
pub fn claims(ver: &str) -> Object {
    match ver {
        "1.0" => crate::common::v1(),
        _ => set(crate::common::v2(), "ver", ver),
    }
}

/// The issuer that Entra's public cloud writes.
pub fn issuer(ver: &str, tenant: &str) -> String {
    match ver {
        "1.0" => format!("https://sts.windows.net/{tenant}/"),
        _ => format!("https://login.microsoftonline.com/{tenant}/v2.0"),
    }
}

/// Consistent claims of a version and a tenant.
pub fn claims_of(ver: &str, tenant: &str) -> Object {
    set(set(claims(ver), "tid", tenant), "iss", &issuer(ver, tenant))
}
