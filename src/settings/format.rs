//! Between [`Settings`] and the file's TOML. Keys this program does not know stay where they are.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml::{Table, Value};

use super::{Density, Profile, Renderer, Settings, Theme, VERSION};
use crate::model::{Proxy, ProxyKind, Revocation, Tls};

/// The version the file says it is of; a file without one is of the first.
pub fn version(table: &Table) -> Result<i64, String> {
    match table.get("version") {
        None => Ok(1),
        Some(Value::Integer(version)) if *version >= 1 => Ok(*version),
        Some(_) => Err("`version` is not a version".to_owned()),
    }
}

/// Reads what this program knows.
///
/// # Errors
/// Which key holds what it may not.
pub fn read(table: &Table) -> Result<Settings, String> {
    let mut settings = Settings::default();
    if let Some(ui) = section(table, "ui", "")? {
        let at = "ui.";
        settings.ui.theme = get(ui, at, "theme", Theme::from_token)?.unwrap_or_default();
        settings.ui.density = get(ui, at, "density", Density::from_token)?.unwrap_or_default();
        settings.ui.renderer = get(ui, at, "renderer", Renderer::from_token)?.unwrap_or_default();
        settings.ui.language = get(ui, at, "language", owned)?;
        settings.ui.columns = get(ui, at, "columns", owned)?;
        settings.ui.side = number(ui, at, "side", "a width")?;
        settings.ui.detail = number(ui, at, "detail", "a share")?;
        settings.ui.hold = number(ui, at, "hold", "a number of seconds")?;
    }
    for (name, value) in section(table, "profile", "")?.into_iter().flatten() {
        let Value::Table(table) = value else {
            return Err(format!("`profile.{name}` is not a table"));
        };
        let profile = read_profile(name, table)?;
        if !settings.put(profile) {
            return Err(format!("`{name}` cannot name a profile"));
        }
    }
    Ok(settings)
}

fn read_profile(name: &str, table: &Table) -> Result<Profile, String> {
    let at = format!("profile.{name}.");
    let jid = get(table, &at, "jid", parsed)?.ok_or_else(|| format!("`{at}jid` is missing"))?;
    Ok(Profile {
        host: get(table, &at, "host", owned)?,
        port: port(table, &at)?,
        tls: get(table, &at, "tls", Tls::from_token)?.unwrap_or_default(),
        ca_file: get(table, &at, "ca-file", path)?,
        platform_roots: flag(table, &at, "platform-roots")?,
        revocation: get(table, &at, "revocation", Revocation::from_token)?.unwrap_or_default(),
        crls: paths(table, &at, "crls")?,
        fetch_crls: flag(table, &at, "fetch-crls")?,
        certificate: get(table, &at, "certificate", path)?,
        proxy: proxy(table, &at)?,
        broker: get(table, &at, "broker", parsed)?,
        resource: get(table, &at, "resource", owned)?,
        ..Profile::new(name, jid)
    })
}

fn section<'a>(table: &'a Table, key: &str, at: &str) -> Result<Option<&'a Table>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::Table(table)) => Ok(Some(table)),
        Some(_) => Err(format!("`{at}{key}` is not a table")),
    }
}

fn get<T>(table: &Table, at: &str, key: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => match read(text) {
            Some(value) => Ok(Some(value)),
            None => Err(format!("`{at}{key}` is \"{}\"", text.escape_debug())),
        },
        Some(_) => Err(format!("`{at}{key}` is not a text")),
    }
}

fn owned(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

fn flag(table: &Table, at: &str, key: &str) -> Result<bool, String> {
    match table.get(key) {
        None => Ok(false),
        Some(Value::Boolean(flag)) => Ok(*flag),
        Some(_) => Err(format!("`{at}{key}` is neither true nor false")),
    }
}

fn paths(table: &Table, at: &str, key: &str) -> Result<Vec<PathBuf>, String> {
    let wrong = || format!("`{at}{key}` is not a list of paths");
    match table.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => list.iter().map(|value| value.as_str().and_then(path).ok_or_else(wrong)).collect(),
        Some(_) => Err(wrong()),
    }
}

fn proxy(table: &Table, at: &str) -> Result<Option<Proxy>, String> {
    let Some(table) = section(table, "proxy", at)? else { return Ok(None) };
    let at = format!("{at}proxy.");
    let missing = |key: &str| format!("`{at}{key}` is missing");
    Ok(Some(Proxy {
        kind: get(table, &at, "kind", ProxyKind::from_token)?.ok_or_else(|| missing("kind"))?,
        host: get(table, &at, "host", owned)?.ok_or_else(|| missing("host"))?,
        port: port(table, &at)?.ok_or_else(|| missing("port"))?,
        user: get(table, &at, "user", owned)?,
    }))
}

fn port(table: &Table, at: &str) -> Result<Option<u16>, String> {
    number(table, at, "port", "a port")
}

fn number(table: &Table, at: &str, key: &str, what: &str) -> Result<Option<u16>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(Value::Integer(number)) if (1..=65_535).contains(number) => Ok(u16::try_from(*number).ok()),
        Some(_) => Err(format!("`{at}{key}` is not {what}")),
    }
}

/// Lays `settings` over `table`: what this program knows is replaced, the rest stays.
pub fn write(settings: &Settings, table: &mut Table) {
    set(table, "version", Some(Value::Integer(VERSION)));
    let mut ui = taken(table, "ui");
    set(&mut ui, "theme", text(settings.ui.theme.token()));
    set(&mut ui, "density", text(settings.ui.density.token()));
    set(&mut ui, "renderer", text(settings.ui.renderer.token()));
    set(&mut ui, "language", settings.ui.language.as_deref().and_then(text));
    set(&mut ui, "columns", settings.ui.columns.as_deref().and_then(text));
    set(&mut ui, "side", settings.ui.side.map(|side| Value::Integer(side.into())));
    set(&mut ui, "detail", settings.ui.detail.map(|detail| Value::Integer(detail.into())));
    set(&mut ui, "hold", settings.ui.hold.map(|hold| Value::Integer(hold.into())));
    set(table, "ui", Some(Value::Table(ui)));
    let mut before = taken(table, "profile");
    let mut profiles = Table::new();
    for profile in &settings.profiles {
        let mut table = taken(&mut before, &profile.name);
        write_profile(profile, &mut table);
        set(&mut profiles, &profile.name, Some(Value::Table(table)));
    }
    set(table, "profile", (!profiles.is_empty()).then_some(Value::Table(profiles)));
}

fn write_profile(profile: &Profile, table: &mut Table) {
    set(table, "jid", text(&profile.jid.to_string()));
    set(table, "host", profile.host.as_deref().and_then(text));
    set(table, "port", profile.port.map(|port| Value::Integer(port.into())));
    set(table, "tls", text(profile.tls.token()));
    // A path that is not Unicode cannot stand in TOML; the window and the verbs refuse one before.
    set(table, "ca-file", profile.ca_file.as_deref().and_then(Path::to_str).and_then(text));
    set(table, "platform-roots", profile.platform_roots.then_some(Value::Boolean(true)));
    set(table, "revocation", text(profile.revocation.token()));
    let crls: Vec<Value> = profile.crls.iter().filter_map(|path| path.to_str().and_then(text)).collect();
    set(table, "crls", (!crls.is_empty()).then_some(Value::Array(crls)));
    set(table, "fetch-crls", profile.fetch_crls.then_some(Value::Boolean(true)));
    set(table, "certificate", profile.certificate.as_deref().and_then(Path::to_str).and_then(text));
    let proxy = profile.proxy.as_ref().map(|proxy| write_proxy(proxy, taken(table, "proxy")));
    set(table, "proxy", proxy.map(Value::Table));
    set(table, "broker", profile.broker.as_ref().and_then(|jid| text(&jid.to_string())));
    set(table, "resource", profile.resource.as_deref().and_then(text));
}

fn write_proxy(proxy: &Proxy, mut table: Table) -> Table {
    set(&mut table, "kind", text(proxy.kind.token()));
    set(&mut table, "host", text(&proxy.host));
    set(&mut table, "port", Some(Value::Integer(proxy.port.into())));
    set(&mut table, "user", proxy.user.as_deref().and_then(text));
    table
}

fn text(text: &str) -> Option<Value> {
    Some(Value::String(text.to_owned()))
}

fn taken(table: &mut Table, key: &str) -> Table {
    match table.remove(key) {
        Some(Value::Table(table)) => table,
        _ => Table::new(),
    }
}

fn set(table: &mut Table, key: &str, value: Option<Value>) {
    let _ = match value {
        Some(value) => table.insert(key.to_owned(), value),
        None => table.remove(key),
    };
}
