//! One side of a map: a setting and the values it is given, as they are entered and read.
//!
//! `1, 5, 10` are three values; `1 to 20` are all whole numbers between, or as many as an axis likes, evenly
//! spread; `none` is the value of a setting that is off.

use crate::figure::plain;
use crate::study::{Setting, StudyError};
use serde::{Deserialize, Serialize};

/// A setting and its values, in ascending order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// What is set.
    pub setting: Setting,
    /// To what, 1 to 30 values.
    pub values: Vec<f64>,
}

impl Axis {
    /// The most values of an axis.
    pub const MOST: usize = 30;
    /// How many values a range is spread to, where it has more whole numbers.
    const SPREAD: u32 = 20;

    /// The usual values of a setting.
    #[must_use]
    pub fn usual(setting: Setting) -> Self {
        Self::read(setting, setting.usual()).unwrap_or(Self { setting, values: Vec::new() })
    }

    /// The values that `text` names.
    ///
    /// # Errors
    /// The first word that is no value of this setting, or too many of them.
    pub fn read(setting: Setting, text: &str) -> Result<Self, StudyError> {
        let mut values: Vec<f64> = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let read = match part.split_once(" to ") {
                Some((from, to)) => setting_range(setting, from, to),
                None => number(setting, part).map(|value| vec![value]),
            };
            for value in read.ok_or_else(|| StudyError::NoValue { said: part.to_owned() })? {
                let rank = setting.rank(value);
                let place = values.iter().position(|&other| setting.rank(other) >= rank).unwrap_or(values.len());
                if values.get(place).is_none_or(|&other| setting.rank(other) > rank) {
                    values.insert(place, value);
                }
            }
        }
        let axis = Self { setting, values };
        axis.validate()?;
        Ok(axis)
    }

    /// The values as they are entered.
    #[must_use]
    pub fn text(&self) -> String {
        let said = |&value: &f64| if self.is_off(value) { "none".to_owned() } else { plain(value) };
        self.values.iter().map(said).collect::<Vec<_>>().join(", ")
    }

    /// Whether the setting is off at this value.
    #[must_use]
    pub fn is_off(&self, value: f64) -> bool {
        self.setting.rank(value).is_infinite()
    }

    /// # Errors
    /// No or too many values, or one that the setting can't have, or one out of order.
    pub fn validate(&self) -> Result<(), StudyError> {
        if !(1..=Self::MOST).contains(&self.values.len()) {
            return Err(StudyError::BadCount);
        }
        let ascends = self.values.is_sorted_by(|&one, &next| self.setting.rank(one) < self.setting.rank(next));
        match self.values.iter().find(|&&value| !self.setting.takes(value)) {
            Some(&value) => Err(StudyError::NoValue { said: plain(value) }),
            None if !ascends => Err(StudyError::BadCount),
            None => Ok(()),
        }
    }
}

/// The value that a word names, if it is one that the setting can have.
fn number(setting: Setting, word: &str) -> Option<f64> {
    let value = if word.eq_ignore_ascii_case("none") && setting.bounds().can_be_off { 0.0 } else { decimal(word)? };
    setting.takes(value).then_some(value)
}

/// A number without a sign or an exponent. (The library's reader of such is larger than all of this file.)
fn decimal(word: &str) -> Option<f64> {
    let (whole, part) = word.split_once('.').unwrap_or((word, ""));
    let digits = |text: &str| text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let read = |text: &str| text.bytes().fold(0_u32, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    let scale = part.bytes().fold(1.0, |scale, _| scale * 10.0);
    Some(f64::from(read(whole)) + f64::from(read(part)) / scale)
}

fn setting_range(setting: Setting, from: &str, to: &str) -> Option<Vec<f64>> {
    let (from, to) = (number(setting, from.trim())?, number(setting, to.trim())?);
    // Between none and a number lies nothing.
    if from >= to || setting.rank(from).is_infinite() {
        return None;
    }
    let is_whole = setting.bounds().whole;
    let few = f64::from(Axis::SPREAD);
    if is_whole && to - from < few {
        let mut values = vec![from];
        while let Some(&last) = values.last().filter(|&&last| last < to) {
            values.push(last + 1.0);
        }
        return Some(values);
    }
    let step = (to - from) / (few - 1.0);
    let at = |place: u32| from + step * f64::from(place);
    // As many places as can be told apart, so that a step reads as it is.
    let rounded = |value: f64| if is_whole { libm::round(value) } else { libm::round(value * 1e3) / 1e3 };
    Some((0..Axis::SPREAD).map(|place| rounded(at(place))).collect())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn values(setting: Setting, text: &str) -> Vec<String> {
        let axis = Axis::read(setting, text).expect(text);
        axis.values.iter().map(|&value| plain(value)).collect()
    }

    #[test]
    fn lists_and_ranges_are_read_in_order_and_once() {
        assert_eq!(values(Setting::InFlight, "25, 1, 10 , 5, 10"), ["1", "5", "10", "25"]);
        assert_eq!(values(Setting::InFlight, "1 to 4, 8"), ["1", "2", "3", "4", "8"]);
        assert_eq!(values(Setting::Rate, "none, 60"), ["60", "0"]);
        assert_eq!(values(Setting::FirstDelay, "0.25, 1.5"), ["0.25", "1.5"]);
        assert_eq!(values(Setting::Requests, "50 to 1000").len(), 20);
        assert_eq!(values(Setting::Faults, "0 to 9.5")[1], "0.5");
    }

    #[test]
    fn what_is_said_of_values_reads_as_the_same_values() {
        for setting in Setting::ALL {
            let axis = Axis::usual(setting);
            assert_eq!(Axis::read(setting, &axis.text()), Ok(axis));
        }
    }

    #[test]
    fn what_is_no_value_is_named() {
        let wrong = |setting, text: &str| Axis::read(setting, text).expect_err(text);
        for (setting, text, said) in [
            (Setting::InFlight, "1, x", "x"),
            (Setting::InFlight, "0", "0"),
            (Setting::InFlight, "none", "none"),
            (Setting::Tries, "1 to 21", "1 to 21"),
            (Setting::Tries, "3 to 2", "3 to 2"),
            (Setting::Rate, "0 to 60", "0 to 60"),
            (Setting::Rate, "none to 60", "none to 60"),
            (Setting::Rate, "60 to none", "60 to none"),
            (Setting::Hedge, "10, 0 to 1", "0 to 1"),
            (Setting::Faults, "1e2", "1e2"),
            (Setting::FirstDelay, "-1", "-1"),
        ] {
            assert_eq!(wrong(setting, text), StudyError::NoValue { said: said.into() });
        }
        assert_eq!(wrong(Setting::Tries, " "), StudyError::BadCount);
        assert_eq!(wrong(Setting::Requests, "1 to 20, 30 to 49"), StudyError::BadCount);
    }
}
