//! Code that comes when it is first wanted.
//!
//! A visitor sees a simulated race first, and may never open a dialog, a file or a link. With the
//! feature `split`, each function of `later!` becomes a wasm file of its own, together with all that it
//! alone needs, and is fetched at its first call; `tools/split.sh` cuts the program up. Without the
//! feature it is an async function like any other, so that tests need no such cut.

/// A part of the program could not be fetched. The next call tries again.
#[derive(Debug, thiserror::Error)]
#[error("A part of the page could not be fetched. Check the connection and try again.")]
pub struct NotFetched;

impl From<NotFetched> for String {
    fn from(problem: NotFetched) -> Self {
        problem.to_string()
    }
}

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for NotFetched {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

/// Makes a function whose code comes later, in the file of the part that is named first.
macro_rules! later {
    ($part:ident: $(#[$about:meta])* $see:vis fn $name:ident($($given:ident: $kind:ty),*) -> $made:ty $body:block) => {
        $(#[$about])*
        #[cfg(feature = "split")]
        #[wasm_split_helpers::wasm_split($part, fallible)]
        $see fn $name($($given: $kind),*) -> Result<$made, $crate::browser::later::NotFetched> {
            Ok($body)
        }

        $(#[$about])*
        #[cfg(not(feature = "split"))]
        #[allow(clippy::unused_async, reason = "what it stands for is fetched")]
        $see async fn $name($($given: $kind),*) -> Result<$made, $crate::browser::later::NotFetched> {
            Ok($body)
        }
    };
}
pub(crate) use later;
