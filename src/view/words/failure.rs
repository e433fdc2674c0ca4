//! What went wrong, in plain words: what happened, what Lanescope does about it, what you can do.

use crate::port::{Failure, FailureKind};
use crate::view::words::units::duration;

/// A card about a kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its heading.
    pub title: &'static str,
    /// What happened.
    pub happened: &'static str,
    /// What Lanescope does, and when.
    pub does: &'static str,
    /// What the user can do.
    pub you_can: &'static str,
}

/// The failure in half a sentence: what came back.
#[must_use]
pub fn in_short(failure: &Failure) -> String {
    let asked = failure.delay().map(|delay| format!(" and asked to wait {}", duration(delay))).unwrap_or_default();
    match (failure.status, failure.kind) {
        (_, FailureKind::StreamCut) => "The stream ended before the answer did".into(),
        (_, FailureKind::Network) => "No connection came about".into(),
        (_, FailureKind::AttemptTimeout) => "The attempt took longer than its timeout allows".into(),
        (_, FailureKind::Deadline) => failure.message.trim_end_matches('.').to_owned(),
        (_, FailureKind::Raised) => format!("It failed by itself: {}", failure.message),
        (_, FailureKind::Empty) => "The answer had no text".into(),
        (_, FailureKind::Truncated) => "The limit on output tokens left no text".into(),
        (_, FailureKind::BlockedPrompt) => "The prompt was blocked".into(),
        (_, FailureKind::BlockedOutput) => "The answer was blocked".into(),
        (Some(status), _) => format!("The server answered {status}{asked}"),
        (None, kind) => format!("It met {}", kind.name().replace('-', " ")),
    }
}

/// The card for a kind of failure.
#[must_use]
#[allow(clippy::too_many_lines)] // One entry a kind, to be read side by side.
pub fn card(kind: FailureKind) -> Card {
    let card = |title, happened, does, you_can| Card { title, happened, does, you_can };
    let retries = "If the lane allows another try, it waits and tries again.";
    let stops =
        "The lane stops at once, because every further call would fail the same way. What has finished is kept.";
    let gives_up = "It does not try again: the answer would be the same. The other requests go on.";
    match kind {
        FailureKind::Auth => card(
            "The key was not accepted",
            "Google could not make anything of the key.",
            stops,
            "Check that the whole key was pasted, and that it is not expired or deleted. New keys begin with AQ., older ones with AIza; both are welcome here.",
        ),
        FailureKind::BadRequest => card(
            "The request was not accepted",
            "The server found something in the request that it does not take.",
            gives_up,
            "Read its words below. A prompt may be too long, or a setting unknown to this model.",
        ),
        FailureKind::Billing => card(
            "The prepaid credit is used up",
            "Google answered 402: the account behind the key has no credit left.",
            stops,
            "Add credit in Google AI Studio, or use a key of another project.",
        ),
        FailureKind::Forbidden => card(
            "The key may not do this here",
            "The key is valid, but not for this page, this service or this country.",
            stops,
            "Look at the key's restrictions in the Google Cloud console: if it is limited to websites, this page's address must be among them.",
        ),
        FailureKind::NotFound => card(
            "There is no such model",
            "The server does not know the model, or it has been retired.",
            stops,
            "Choose another from the list that \"Check key\" loads.",
        ),
        FailureKind::RateLimit => card(
            "Too many requests for now",
            "The server answered 429: the project's requests or tokens of this minute are used up.",
            "If the lane allows another try, it first waits as long as the server asks for, plus a little of its own so that a crowd spreads.",
            "Send fewer at once, or give the lane more tries. Other programs on the same project use the same quota.",
        ),
        FailureKind::QuotaDay => card(
            "The day's quota is used up",
            "The server answered 429 for a quota counted by the day. The short delay that it names would not help.",
            stops,
            "It starts anew at midnight Pacific time. Another model, or a project with billing, has a quota of its own.",
        ),
        FailureKind::QuotaNone => card(
            "This model is not in your plan",
            "The server answered 429 with a limit of 0: the project may not use this model at all.",
            stops,
            "Choose another model, or switch on billing for the project.",
        ),
        FailureKind::Server => card(
            "A fault inside the server",
            "The server answered that something went wrong on its side.",
            retries,
            "If it goes on, try later or with a shorter prompt.",
        ),
        FailureKind::Gateway => card(
            "A gateway answered instead",
            "Something between this page and the model answered in its place.",
            retries,
            "If it goes on, look for a proxy or a filter on your network.",
        ),
        FailureKind::Overloaded => card(
            "The server has too much to do",
            "The server answered 503: more people are asking this model than it can serve.",
            retries,
            "Try later, or another model. It is mostly everybody's load and not yours; fewer at once helps only where it struck when many of yours were there.",
        ),
        FailureKind::ServerTimeout => card(
            "The server ran out of time",
            "The server answered 504: it did not finish within its own deadline.",
            retries,
            "A shorter prompt or a smaller limit on tokens gives it less to do.",
        ),
        FailureKind::StreamCut => card(
            "An answer was cut",
            "The stream ended before the answer did. What had arrived is not an answer and is not counted as one.",
            retries,
            "If it goes on, look at your connection. What was cut may still be billed.",
        ),
        FailureKind::BadBody => card(
            "An answer could not be read",
            "What came back was not what the protocol promises.",
            retries,
            "If it goes on, check that the base address is a Gemini server.",
        ),
        FailureKind::BlockedPrompt => card(
            "The prompt was blocked",
            "The server's filters did not let the prompt through.",
            gives_up,
            "Change the prompt.",
        ),
        FailureKind::BlockedOutput => card(
            "The answer was blocked",
            "The server's filters stopped the answer.",
            gives_up,
            "Change the prompt. A blocked answer may still be billed.",
        ),
        FailureKind::Truncated => card(
            "The limit left no text",
            "The answer used up its tokens, thinking included, before it said anything.",
            gives_up,
            "Raise the limit on output tokens under More. It was billed all the same.",
        ),
        FailureKind::Empty => card(
            "The answer was empty",
            "The server said that it was done, but sent no text.",
            "It tries three times at the most, because each try is billed.",
            "Change the prompt, or try another model.",
        ),
        FailureKind::Network => card(
            "Failed to fetch",
            "The browser got no answer that it may show. A page is not told why: you may be offline, the name may not resolve, the server may not allow this page (CORS), an extension or a firewall may block it, a proxy may have answered in its own words, it may have tried to send the key on to another address, or the address may be plain HTTP, which this page only uses on this computer.",
            retries,
            "Check the connection and the base address, and try without extensions.",
        ),
        FailureKind::AttemptTimeout => card(
            "An attempt took too long",
            "It ran past the lane's timeout for one attempt and was given up. It may still be billed.",
            retries,
            "Raise the timeout under More if answers are long.",
        ),
        FailureKind::Deadline => card(
            "A request ran out of time",
            "Its deadline passed, or would have passed during its next wait.",
            "It does not try again: there is no time left. The other requests go on.",
            "Raise the deadline under More, or let more requests run at once.",
        ),
        FailureKind::Raised => card(
            "A function failed",
            "A function of the program ended with an error of its own.",
            "What that does to the other tasks is the language's rule.",
            "Compare the lanes: each treats the error in another way.",
        ),
    }
}
