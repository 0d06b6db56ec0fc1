//! What was seen of a request's answers on their way: `object_store` tells the end alone, and as text.

use std::cell::RefCell;

/// The last that was seen of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "cloud"), expect(dead_code, reason = "memory gives no answers"))]
pub(crate) enum Seen {
    /// There was no request, as in memory.
    #[default]
    Nothing,
    /// The server has answered, with this status and, where it refuses, the code of its error.
    Answer { status: u16, code: Option<String> },
    /// There was no answer.
    NoAnswer { host: String, why: NoAnswer, reason: String },
}

/// Why there was no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "cloud"), expect(dead_code, reason = "memory gives no answers"))]
pub(crate) enum NoAnswer {
    /// Not even a connection.
    Unconnected,
    /// It ended too early, or came too late.
    Broken,
    /// Something else, which trying again does not mend.
    Other,
    /// There is no service that gives credentials to programs on this machine.
    NoIdentity,
}

tokio::task_local! {
    static SEEN: RefCell<Seen>;
}

/// Runs something and returns what was seen meanwhile.
pub(crate) async fn watched<T>(work: impl Future<Output = T>) -> (T, Seen) {
    let whole = async {
        let done = work.await;
        (done, SEEN.with(RefCell::take))
    };
    SEEN.scope(RefCell::default(), whole).await
}

/// Remembers what was seen last.
#[cfg_attr(not(feature = "cloud"), expect(dead_code, reason = "memory gives no answers"))]
pub(crate) fn see(seen: Seen) {
    // Nobody asked for it, where the request is none of ours.
    let _ = SEEN.try_with(|last| last.replace(seen));
}
