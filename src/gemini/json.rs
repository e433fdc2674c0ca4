//! Fields of a JSON value that may be missing, null or of another type: they count as missing then.

use serde_json::Value;

/// The text of a field.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// The elements of a field; none where it is no list.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The whole number of a field that fits; 0 where there is none.
pub(super) fn count(value: &Value, name: &str) -> u32 {
    value.get(name).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}
