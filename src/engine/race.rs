//! Two futures, the first of which has the last word.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Which of two was first.
pub(crate) enum First<L, R> {
    Left(L),
    Right(R),
}

/// Waits for whichever ends first. When both can, it is the left one: an answer that has come beats
/// the timeout that is due at the same moment. (`futures::select!` would draw lots.)
pub(crate) async fn race<L: Future, R: Future>(
    mut left: Pin<&mut L>,
    mut right: Pin<&mut R>,
) -> First<L::Output, R::Output> {
    poll_fn(|cx| {
        if let Poll::Ready(output) = left.as_mut().poll(cx) {
            return Poll::Ready(First::Left(output));
        }
        right.as_mut().poll(cx).map(First::Right)
    })
    .await
}
