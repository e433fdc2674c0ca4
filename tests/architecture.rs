//! A room knows only the rooms that its row in `src/lib.rs` allows.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Open to all.
const OPEN: [&str; 4] = ["time", "rng", "id", "figure"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The room of a file: its folder below `src`, or its own name.
fn room(file: &Path) -> String {
    let below = file.strip_prefix(src()).expect("below src");
    let first = below.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The table of `src/lib.rs`: which rooms each room may use.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let map = fs::read_to_string(src().join("lib.rs")).expect("the map of the house");
    let rows = map.lines().filter_map(|line| line.strip_prefix("//! | ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        let name = cells[0].trim_matches(['[', ']', '`']).to_owned();
        let uses = cells[2].split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        (name, uses)
    })
    .collect()
}

/// The code of a file without its comments and without its own tests; of a file of tests, nothing.
fn code(file: &Path) -> String {
    if file.file_name().is_some_and(|name| name == "tests.rs") {
        return String::new();
    }
    let text = fs::read_to_string(file).expect("a file");
    let shipped = text.split("\nmod tests {").next().unwrap_or_default();
    shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names after `crate::`, a group in braces taken apart.
fn named(code: &str) -> BTreeSet<String> {
    let first_word =
        |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("").to_owned();
    let mut rooms = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => {
                let end = group.find('}').unwrap_or(group.len());
                rooms.extend(group[..end].split(',').map(|part| first_word(part.trim())));
            }
            None => {
                rooms.insert(first_word(after));
            }
        }
    }
    rooms
}

#[test]
fn no_arrow_is_forbidden() {
    let allowed = allowed();
    assert!(allowed.len() > 10, "the table was read: {allowed:?}");
    let mut wrong = Vec::new();
    for file in sources(&src()) {
        let room = room(&file);
        if ["lib", "main", "bin"].contains(&&*room) || OPEN.contains(&&*room) {
            continue;
        }
        let may = allowed.get(&room).unwrap_or_else(|| panic!("room {room} has no row in src/lib.rs"));
        for other in named(&code(&file)) {
            let known = allowed.contains_key(&other) || OPEN.contains(&&*other);
            if known && other != room && !OPEN.contains(&&*other) && !may.contains(&other) {
                wrong.push(format!("{}: {room} may not use {other}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_browser_and_leptos_are_known_where_they_belong() {
    let mut wrong = Vec::new();
    for file in sources(&src()) {
        let (room, code) = (room(&file), code(&file));
        let browser = ["web_sys", "js_sys", "gloo_timers"].iter().any(|name| code.contains(name));
        if browser && !["browser", "view", "script"].contains(&&*room) {
            wrong.push(format!("{} knows the browser", file.display()));
        }
        if code.contains("leptos") && !["view", "main"].contains(&&*room) {
            wrong.push(format!("{} knows Leptos", file.display()));
        }
        let words = file.components().any(|part| part.as_os_str() == "words");
        if words && (browser || code.contains("leptos")) {
            wrong.push(format!("{} is to be plain", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn colours_stand_among_the_tokens_and_nowhere_else() {
    let style = Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
    for entry in fs::read_dir(style).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_css = path.extension().is_some_and(|ending| ending == "css");
        if !is_css || path.ends_with("tokens.css") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a file");
        let hex = text.split('#').skip(1).any(|after| after.chars().take(3).all(|c| c.is_ascii_hexdigit()));
        assert!(!hex && !text.contains("rgb(") && !text.contains("hsl("), "{} names a colour", path.display());
    }
}
