//! Between [`Known`] and the file's TOML. What other accounts have there stays as it is.

use chrono::{DateTime, SecondsFormat, Utc};
use toml::{Table, Value};

use crate::model::trust::{EXTERNAL, Floor, Pin, Seen};
use crate::model::{BareJid, Exception, Fingerprint, Known};

/// The version written. 1 had one strongest login for both ladders and one `pin-only` for all pins; it is still read.
const VERSION: i64 = 2;

/// What the file says of an account.
///
/// # Errors
/// What in it is not understood.
pub fn read(table: &Table, account: &BareJid) -> Result<Known, String> {
    match table.get("version") {
        None if table.is_empty() => return Ok(Known::default()),
        Some(Value::Integer(1 | VERSION)) => {}
        Some(Value::Integer(version)) => return Err(format!("it is of version {version}")),
        _ => return Err("`version` is missing".to_owned()),
    }
    let accounts = optional(table, "account")?;
    let Some(of) = accounts.map(|accounts| optional(accounts, &account.to_string())).transpose()?.flatten() else {
        return Ok(Known::default());
    };
    let seen = optional(of, "seen")?.map(seen).transpose()?;
    let floor = optional(of, "floor")?.map(floor).transpose()?;
    let external = of.get("external").map(|_| time(of, "external")).transpose()?;
    let (external, floor) = match floor {
        Some(floor) if floor.mechanism == EXTERNAL => (external.or(Some(floor.since)), None),
        floor => (external, floor),
    };
    let pin_only = flag(of, "pin-only")?;
    let pins = list(of, "pins")?.iter().map(|value| pin(value, pin_only)).collect::<Result<Vec<_>, _>>()?;
    let exceptions = list(of, "exceptions")?
        .iter()
        .map(|value| value.as_table().ok_or_else(|| wrong("exceptions")).and_then(exception))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Known { seen, pins, exceptions, external, floor })
}

fn seen(table: &Table) -> Result<Seen, String> {
    Ok(Seen {
        certificate: print(value(table, "certificate")?)?,
        key: print(value(table, "key")?)?,
        first: time(table, "first")?,
        last: time(table, "last")?,
    })
}

fn floor(table: &Table) -> Result<Floor, String> {
    let binding = table.get("binding").map(|_| text(table, "binding")).transpose()?;
    let offer_proved = flag(table, "offer-proved")?;
    Ok(Floor { mechanism: text(table, "mechanism")?, binding, offer_proved, since: time(table, "since")? })
}

/// A key by itself is of version 1, where `pin-only` was said once.
fn pin(value: &Value, pin_only: bool) -> Result<Pin, String> {
    match value.as_table() {
        None => Ok(Pin { key: print(value)?, alone: pin_only }),
        Some(table) => Ok(Pin { key: print(self::value(table, "key")?)?, alone: flag(table, "alone")? }),
    }
}

fn exception(table: &Table) -> Result<Exception, String> {
    let faults = list(table, "faults")?.iter().map(|fault| fault.as_str().map(str::to_owned));
    Ok(Exception {
        key: print(value(table, "key")?)?,
        faults: faults.collect::<Option<_>>().ok_or_else(|| wrong("faults"))?,
        made: time(table, "made")?,
        until: time(table, "until")?,
        why: text(table, "why")?,
    })
}

fn wrong(key: &str) -> String {
    format!("`{key}` is not understood")
}

fn value<'a>(table: &'a Table, key: &str) -> Result<&'a Value, String> {
    table.get(key).ok_or_else(|| wrong(key))
}

fn flag(table: &Table, key: &str) -> Result<bool, String> {
    match table.get(key) {
        None => Ok(false),
        Some(value) => value.as_bool().ok_or_else(|| wrong(key)),
    }
}

fn text(table: &Table, key: &str) -> Result<String, String> {
    value(table, key)?.as_str().map(str::to_owned).ok_or_else(|| wrong(key))
}

fn time(table: &Table, key: &str) -> Result<DateTime<Utc>, String> {
    text(table, key)?.parse().map_err(|_| wrong(key))
}

fn print(value: &Value) -> Result<Fingerprint, String> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| "a fingerprint is not understood".to_owned())
}

fn optional<'a>(table: &'a Table, key: &str) -> Result<Option<&'a Table>, String> {
    match table.get(key) {
        None => Ok(None),
        Some(value) => value.as_table().map(Some).ok_or_else(|| wrong(key)),
    }
}

fn list<'a>(table: &'a Table, key: &str) -> Result<&'a [Value], String> {
    match table.get(key) {
        None => Ok(&[]),
        Some(value) => value.as_array().map(Vec::as_slice).ok_or_else(|| wrong(key)),
    }
}

/// Lays what is known of an account over the file's content.
pub fn write(table: &mut Table, account: &BareJid, known: &Known) {
    let _ = table.insert("version".to_owned(), Value::Integer(VERSION));
    let accounts = table.entry("account").or_insert_with(|| Value::Table(Table::new()));
    let Some(accounts) = accounts.as_table_mut() else { return };
    let mut of = Table::new();
    if let Some(seen) = &known.seen {
        let seen = [
            ("certificate", text_of(seen.certificate.token())),
            ("key", text_of(seen.key.token())),
            ("first", time_of(seen.first)),
            ("last", time_of(seen.last)),
        ];
        set(&mut of, "seen", table_of(seen));
    }
    if let Some(since) = known.external {
        set(&mut of, "external", time_of(since));
    }
    if let Some(floor) = &known.floor {
        let binding = floor.binding.clone().map(|binding| ("binding", text_of(binding)));
        let rest = [("mechanism", text_of(floor.mechanism.clone())), ("since", time_of(floor.since))];
        let proved = floor.offer_proved.then_some(("offer-proved", Value::Boolean(true)));
        set(&mut of, "floor", table_of(rest.into_iter().chain(binding).chain(proved)));
    }
    if !known.pins.is_empty() {
        set(&mut of, "pins", Value::Array(known.pins.iter().map(pin_of).collect()));
    }
    if !known.exceptions.is_empty() {
        set(&mut of, "exceptions", Value::Array(known.exceptions.iter().map(exception_of).collect()));
    }
    set(accounts, &account.to_string(), Value::Table(of));
}

fn pin_of(pin: &Pin) -> Value {
    let alone = pin.alone.then_some(("alone", Value::Boolean(true)));
    table_of([("key", text_of(pin.key.token()))].into_iter().chain(alone))
}

fn exception_of(exception: &Exception) -> Value {
    table_of([
        ("key", text_of(exception.key.token())),
        ("faults", Value::Array(exception.faults.iter().cloned().map(text_of).collect())),
        ("made", time_of(exception.made)),
        ("until", time_of(exception.until)),
        ("why", text_of(exception.why.clone())),
    ])
}

fn set(table: &mut Table, key: &str, value: Value) {
    let _ = table.insert(key.to_owned(), value);
}

fn text_of(text: String) -> Value {
    Value::String(text)
}

fn time_of(at: DateTime<Utc>) -> Value {
    Value::String(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn table_of(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
