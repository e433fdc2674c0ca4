//! Text in a link: `<version><deflate, base64url>`, at most 8 kB.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The longest value a link may hold, in characters.
pub const LONGEST: usize = 8_192;

/// The most an opened link may unfold to, so that a small link can't fill the memory.
const MOST_UNFOLDED: usize = 1 << 20;

/// Why a text was not packed or not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Too much for a link.
    #[error("this is too large for a link")]
    TooLarge,
    /// Not what a link holds: cut or changed on its way.
    #[error("the link is damaged")]
    Damaged,
    /// Made by a later version of Lanescope.
    #[error("the link was made by a newer version of Lanescope")]
    Newer,
}

/// `text` as the value of a link. `version` is a digit from 1: how the value begins.
///
/// # Errors
/// [`PackError::TooLarge`] past 8 kB.
pub fn pack(version: char, text: &str) -> Result<String, PackError> {
    let value = format!("{version}{}", BASE64URL.encode(compress_to_vec(text.as_bytes(), 9)));
    if value.len() > LONGEST { Err(PackError::TooLarge) } else { Ok(value) }
}

/// The text that a link's value of this version holds.
///
/// # Errors
/// [`PackError`] when it is damaged, or begins with a later version.
pub fn unpack(version: char, value: &str) -> Result<String, PackError> {
    let mut characters = value.chars();
    match characters.next() {
        Some(first) if first == version => {}
        Some(first) if first.is_ascii_digit() && first > version => return Err(PackError::Newer),
        _ => return Err(PackError::Damaged),
    }
    let packed = BASE64URL.decode(characters.as_str()).map_err(|_| PackError::Damaged)?;
    let text = decompress_to_vec_with_limit(&packed, MOST_UNFOLDED).map_err(|_| PackError::Damaged)?;
    String::from_utf8(text).map_err(|_| PackError::Damaged)
}

/// The version that a saved experiment, run or assignment names, whatever else it holds: one of a later version
/// may hold what this one can't read.
#[must_use]
pub fn version_of(json: &str) -> Option<u32> {
    #[derive(serde::Deserialize)]
    struct Version {
        version: u32,
    }
    serde_json::from_str(json).ok().map(|Version { version }| version)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_version_that_is_later_is_newer_and_one_that_never_was_is_damaged() {
        assert_eq!(unpack('2', "3AAAA"), Err(PackError::Newer));
        assert_eq!(unpack('2', "1AAAA"), Err(PackError::Damaged));
        assert_eq!(unpack('2', "xAAAA"), Err(PackError::Damaged));
    }

    #[test]
    fn a_small_link_can_not_fill_the_memory() {
        let bomb = pack('1', &" ".repeat(2 * MOST_UNFOLDED)).expect("it shrinks");
        assert_eq!(unpack('1', &bomb), Err(PackError::Damaged));
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(text in "\\PC{0,400}") {
            prop_assert_eq!(unpack('1', &pack('1', &text).expect("short")), Ok(text));
        }
    }
}
