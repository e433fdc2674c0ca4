//! The text of simulated answers: the same for the same prompt, and plainly not a model's.

const SENTENCES: &[&str] = &[
    "No model wrote this text; it stands in for an answer so that you can see one arrive.",
    "Its length was drawn from the server's figures, and its words come at the pace they set.",
    "A real answer would come over the network, piece by piece, just as these words do.",
    "While it streams, the request holds its place, and the next one in line has to wait for it.",
    "Nothing here was sent anywhere, and nothing was billed.",
    "Change the seed, and the server's luck changes with it; keep the seed, and every run is the same.",
];

/// Words make about this many tokens each, so an answer of 60 tokens has 45 words.
const WORDS_PER_TOKEN: f64 = 0.75;

/// An answer of about `tokens` tokens, in `pieces` pieces that join without anything between.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A token count, not negative.
pub fn answer(prompt: &str, tokens: u32, pieces: usize) -> impl ExactSizeIterator<Item = String> + use<> {
    let count = (libm::ceil(f64::from(tokens) * WORDS_PER_TOKEN) as usize).max(1);
    // Not in `usize`: it has another width in a browser, and the sum would wrap elsewhere.
    let start = prompt.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let sentences = SENTENCES.iter().cycle().skip(start as usize % SENTENCES.len());
    let mut words = ["Simulated", "answer."].into_iter().chain(sentences.flat_map(|sentence| sentence.split(' ')));
    let pieces = pieces.clamp(1, count);
    (0..pieces).map(move |piece| {
        let mut text = String::new();
        for (place, word) in (piece * count / pieces..(piece + 1) * count / pieces).zip(words.by_ref()) {
            text.push_str(if place == 0 { "" } else { " " });
            text.push_str(word);
        }
        text
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_same_text_however_many() {
        let whole: String = answer("Why?", 80, 1).collect();
        assert_eq!(answer("Why?", 80, 7).collect::<String>(), whole);
        assert_eq!(whole.split(' ').count(), 60);
        assert!(whole.starts_with("Simulated answer."));
    }
}
