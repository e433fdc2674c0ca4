//! What is looked through for what is entered: the same for the search and for the table.

use crate::scene::search::Hay;
use crate::time::Instant;
use crate::view::picture::Picture;
use crate::view::results::said;

/// Reads the lanes of a picture as far as `now`, to look through them.
pub(crate) fn lanes_of<T>(picture: &Picture, now: Instant, read: impl FnOnce(&[Hay<'_>]) -> T) -> T {
    let logs: Vec<_> = (0..picture.len()).map_while(|lane| picture.log(lane)).collect();
    let words: Vec<_> = (0..logs.len()).map(|lane| move |item| said(picture, lane, item, now)).collect();
    let folds = (0..picture.len()).map_while(|lane| picture.fold(lane));
    let hay = |((fold, log), said)| Hay { fold, log, said };
    let lanes: Vec<Hay<'_>> =
        folds.zip(logs.iter().map(|log| &**log)).zip(words.iter().map(|said| said as _)).map(hay).collect();
    read(&lanes)
}
