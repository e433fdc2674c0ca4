//! Figures as decimal text, by whole-number arithmetic, and as whole numbers.
//!
//! The standard library's printer of floating-point numbers brings tables that weigh more than the
//! page's own sentences; a handful of places is all that is shown anywhere.

/// The nearest whole number that fits; 0 for what is no number.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
pub fn whole(value: f64) -> u32 {
    libm::round(value) as u32
}

/// `value` to so many places, rounded to the nearest. What is no number shows as 0.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The cast saturates, and that is meant.
pub fn fixed(value: f64, places: u32) -> String {
    let scale = 10_u64.pow(places);
    let sign = if value < 0.0 { "-" } else { "" };
    #[allow(clippy::cast_precision_loss)] // A small power of ten.
    let scaled = libm::round(libm::fabs(value) * scale as f64) as u64;
    if places == 0 {
        return format!("{sign}{scaled}");
    }
    format!("{sign}{}.{:0width$}", scaled / scale, scaled % scale, width = places as usize)
}

/// `value` with as many places as it needs, six at the most.
#[must_use]
pub fn plain(value: f64) -> String {
    // A number this large has no places to show, and scaled by them it would not fit.
    if libm::fabs(value) >= 1e12 {
        return fixed(value, 0);
    }
    fixed(value, 6).trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_are_rounded_to_the_nearest() {
        assert_eq!(fixed(6.449, 1), "6.4");
        assert_eq!(fixed(0.05, 1), "0.1");
        assert_eq!(fixed(88.0, 0), "88");
        assert_eq!(fixed(3.004, 2), "3.00");
        assert_eq!(fixed(-1.5, 1), "-1.5");
        assert_eq!(fixed(f64::NAN, 1), "0.0");
        assert_eq!(plain(99_999_999_999_999.0), "99999999999999");
    }

    #[test]
    fn a_plain_figure_has_no_more_places_than_it_needs() {
        assert_eq!([0.7, 1.0, 30.0, 0.25, 0.0].map(plain), ["0.7", "1", "30", "0.25", "0"]);
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_standard_library_away_from_ties(value in 0.0f64..1e9) {
            let tie = (value * 10.0).fract() - 0.5;
            prop_assume!(tie.abs() > 1e-6);
            prop_assert_eq!(fixed(value, 1), format!("{value:.1}"));
        }
    }
}
