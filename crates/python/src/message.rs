//! What travels from whoever computes to the thread that has the interpreter.

use ossicle_engine::ClusterOrder;
use serde_json::Value;

/// What a verb tells the thread that has the interpreter.
pub(crate) enum Message {
    /// A line for people.
    Line(String),
    /// An event.
    Event(Value),
    /// What is asked of a cluster.
    Cluster(Question),
    /// The work has ended.
    Ended,
}

/// What is asked of a cluster.
pub(crate) enum Question {
    /// Whether it can begin.
    Begin(ClusterOrder),
    /// To have parts computed.
    Run(ClusterOrder),
    /// The next part: the last was heard of.
    Next,
}
