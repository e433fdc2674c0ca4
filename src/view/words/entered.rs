//! Several figures in one field: how they are written there, and what cannot be read.
//!
//! What is said of a list reads as the same list again.

use crate::experiment::server::Amount;
use crate::figure::plain;
use crate::policy::priority::Class;
use std::collections::BTreeMap;
use std::rc::Rc;

const CLASSES: [(&str, Class); 3] = [("high", Class::High), ("normal", Class::Normal), ("low", Class::Low)];

/// The lines that say something.
#[must_use]
pub fn lines(text: &str) -> Vec<Rc<str>> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Rc::from).collect()
}

/// Priorities, parted by spaces or commas.
///
/// # Errors
/// What to say of the first word that is none.
pub fn classes(text: &str) -> Result<Vec<Class>, String> {
    let class = |word: &str| {
        let known = CLASSES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        known.map(|(_, class)| *class).ok_or_else(|| format!("“{word}” is no priority: write high, normal or low"))
    };
    words(text).map(class).collect()
}

/// Priorities as they are written.
#[must_use]
pub fn classes_said(classes: &[Class]) -> String {
    let name = |class: &Class| CLASSES.iter().find(|(_, known)| known == class).map_or("", |(name, _)| *name);
    classes.iter().map(name).collect::<Vec<_>>().join(" ")
}

/// How many requests each tenant has, parted by spaces or commas.
///
/// # Errors
/// What to say of the first word that is no whole number.
pub fn tenants(text: &str) -> Result<Vec<u32>, String> {
    let count = |word: &str| word.parse::<u32>().map_err(|_| format!("“{word}” is no number of requests"));
    words(text).map(count).collect()
}

/// The requests of each tenant as they are written.
#[must_use]
pub fn tenants_said(tenants: &[u32]) -> String {
    tenants.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The seconds to the first byte of some models, one model a line.
///
/// # Errors
/// What to say of the first line that is no model with its seconds.
pub fn first_bytes(text: &str) -> Result<Vec<(String, Amount)>, String> {
    let model = |line: Rc<str>| {
        first_byte(&line).ok_or_else(|| format!("“{line}” is no model with its seconds, such as gemini-pro 1.5"))
    };
    lines(text).into_iter().map(model).collect()
}

/// The first bytes as they are written: those that are the same for every call.
#[must_use]
pub fn first_bytes_said(by_model: &BTreeMap<String, Amount>) -> String {
    let line = |(model, amount): (&String, &Amount)| {
        if let Amount::Constant(millis) = amount { Some(format!("{model} {}", plain(millis / 1_000.0))) } else { None }
    };
    by_model.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_ascii_whitespace() || c == ',').filter(|word| !word.is_empty())
}

fn first_byte(line: &str) -> Option<(String, Amount)> {
    let (model, secs) = line.rsplit_once(|c: char| c.is_ascii_whitespace())?;
    Some((model.trim_end().to_owned(), Amount::Constant(f64::from(micros(secs)?) / 1_000.0)))
}

/// Seconds of at most six places, in microseconds. The standard library's reader of decimals weighs too much.
fn micros(secs: &str) -> Option<u32> {
    let (whole, places) = secs.split_once('.').unwrap_or((secs, "0"));
    let fits = (1..=6).contains(&places.len()) && places.bytes().all(|digit| digit.is_ascii_digit());
    let micros: u32 = format!("{places:0<6}").parse().ok().filter(|_| fits)?;
    whole.parse::<u32>().ok()?.checked_mul(1_000_000)?.checked_add(micros)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_read_and_said_and_an_unknown_word_is_named() {
        let read = classes("low, high  NORMAL").expect("known");
        assert_eq!(read, [Class::Low, Class::High, Class::Normal]);
        assert_eq!(classes_said(&read), "low high normal");
        assert_eq!(classes(" \n"), Ok(Vec::new()));
        assert_eq!(classes("low urgent"), Err("“urgent” is no priority: write high, normal or low".into()));
    }

    #[test]
    fn tenants_are_read_and_said() {
        assert_eq!(tenants("100 5,0"), Ok(vec![100, 5, 0]));
        assert_eq!(tenants_said(&[100, 5, 0]), "100 5 0");
        assert_eq!(tenants("100 few"), Err("“few” is no number of requests".into()));
        assert!(tenants("-1").is_err() && tenants("1.5").is_err());
    }

    #[test]
    fn first_bytes_are_read_to_the_microsecond_and_said_again() {
        let read = first_bytes("fast 0.25\n\n  slow   12\nodd 1.000001").expect("sound");
        let millis = [("fast", 250.0), ("slow", 12_000.0), ("odd", 1_000.001)];
        let expected = millis.map(|(model, millis)| (model.to_owned(), Amount::Constant(millis)));
        assert_eq!(read, expected);
        let mut by_model: BTreeMap<_, _> = read.into_iter().collect();
        by_model.insert("varied".into(), Amount::Uniform { low: 1.0, high: 2.0 });
        assert_eq!(first_bytes_said(&by_model), "fast 0.25\nodd 1.000001\nslow 12");
    }

    #[test]
    fn a_line_that_is_no_model_with_its_seconds_is_named() {
        for line in ["fast", "fast soon", "fast 1.", "fast 1.2345678", "fast -1", "fast 1e3", "fast 4295"] {
            let said = format!("“{line}” is no model with its seconds, such as gemini-pro 1.5");
            assert_eq!(first_bytes(&format!("slow 2\n{line}")), Err(said));
        }
    }
}
