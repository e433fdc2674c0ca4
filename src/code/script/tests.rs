//! What holds of every program in every language. That it runs is `examples/scripts.rs`'s to say.

use super::*;
