//! Work on a thread of its own, while the thread that has the interpreter hears of it, and of Ctrl-C.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ossicle_cli::Program;
use ossicle_engine::Stop;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyIterator;

use crate::cluster::{Answer, PythonCluster, order_dict};
use crate::door::CallDoor;
use crate::errors::{of_verb, wrong};
use crate::json::to_python;
use crate::message::{Message, Question};

/// The time from one look for a signal to the next.
const A_MOMENT: Duration = Duration::from_millis(50);

/// The time that work has to end after Ctrl-C, before it is left to itself: tables of a second and more are computed
/// without a look at the clock.
const PATIENCE: Duration = Duration::from_millis(600);

/// What is told and not yet heard, at the most; whoever tells more waits.
const UNHEARD: usize = 4096;

/// A call of Python.
#[derive(Default)]
pub(crate) struct Call<'py> {
    /// The command line that says the same.
    pub(crate) words: Vec<OsString>,
    /// The words that start this program again.
    pub(crate) again: Vec<OsString>,
    /// Is called with each line that people are shown.
    pub(crate) say: Option<Bound<'py, PyAny>>,
    /// Is called with each event, a dict.
    pub(crate) hear: Option<Bound<'py, PyAny>>,
    /// Whether the command's bar is drawn on standard error; lines go there then, and not to `say`.
    pub(crate) bar: bool,
    /// Computes parts, as [`cluster`](crate::cluster) says.
    pub(crate) cluster: Option<Bound<'py, PyAny>>,
}

impl<'py> Call<'py> {
    /// Does work without the interpreter's lock.
    ///
    /// # Errors
    /// That of the work; or what a signal's handler raises, as that of Ctrl-C, or whoever is told: the work is asked to
    /// stop then, and left to itself where it does not soon. Where the work failed since the cluster did, what that
    /// raised.
    pub(crate) fn run<T: Send + 'static>(
        self,
        py: Python<'py>,
        work: impl FnOnce(&CallDoor) -> anyhow::Result<T> + Send + 'static,
    ) -> PyResult<T> {
        let (tell, told) = sync_channel(UNHEARD);
        let (answer, answers) = channel();
        let stop = Stop::default();
        let cluster = PythonCluster { ask: tell.clone(), answers: Mutex::new(answers) };
        let door = CallDoor {
            program: Program { words: self.words.clone(), again: self.again.clone() },
            stop: stop.clone(),
            tell: tell.clone(),
            has_bar: self.bar,
            is_heard: self.hear.is_some(),
            cluster: self.cluster.is_some().then_some(cluster),
        };
        let outcome = std::sync::Arc::new(Mutex::new(None));
        let theirs = std::sync::Arc::clone(&outcome);
        let all = move || {
            let panicked = |_| Err(anyhow::Error::msg("it made ossicle panic, which is a bug"));
            let done = catch_unwind(AssertUnwindSafe(|| work(&door))).unwrap_or_else(panicked);
            *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            let _ = tell.send(Message::Ended);
        };
        let started = thread::Builder::new().name("ossicle".to_owned()).spawn(all);
        started.map_err(|error| wrong(format!("cannot start a thread: {error}"), None))?;
        let (told, process) = (Mutex::new(told), std::process::id());
        let mut listener =
            Listener { told, call: self, process, answer, parts: None, raised: None };
        if let Err(error) = listener.listen(py) {
            listener.give_up(py, &stop);
            return Err(error);
        }
        let done = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        let raised = listener.raised.take();
        let done = done.ok_or_else(|| listener.lost())?;
        done.map_err(|error| raised.unwrap_or_else(|| of_verb(&error)))
    }
}

/// Whoever has the interpreter, and hears what is told.
struct Listener<'py> {
    told: Mutex<Receiver<Message>>,
    call: Call<'py>,
    /// The process that began it.
    process: u32,
    /// Takes what the cluster answers.
    answer: Sender<Answer>,
    /// The parts that the cluster is at.
    parts: Option<Bound<'py, PyIterator>>,
    /// What the cluster raised.
    raised: Option<PyErr>,
}

impl<'py> Listener<'py> {
    /// Hears all that is told, until the work has ended.
    fn listen(&mut self, py: Python<'py>) -> PyResult<()> {
        let mut looked = Instant::now();
        loop {
            let told = &self.told;
            let message = py.detach(|| wait(told, A_MOMENT));
            // The threads that compute are in the process that was forked.
            if self.is_fork() {
                return Err(self.lost());
            }
            match message {
                Ok(Message::Ended) => return Ok(()),
                Ok(Message::Line(line)) => {
                    if let Some(say) = &self.call.say {
                        say.call1((line,))?;
                    }
                }
                Ok(Message::Event(event)) => {
                    if let Some(hear) = &self.call.hear {
                        hear.call1((to_python(py, &event)?,))?;
                    }
                }
                Ok(Message::Cluster(question)) => self.answer(py, &question),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.lost()),
            }
            if self.is_fork() {
                return Err(self.lost());
            }
            if looked.elapsed() >= A_MOMENT {
                py.check_signals()?;
                looked = Instant::now();
            }
        }
    }

    /// Asks the cluster, and answers for it.
    fn answer(&mut self, py: Python<'py>, question: &Question) {
        let answer = self.asked(py, question).unwrap_or_else(|raised| {
            let advice = raised.value(py).getattr(intern!(py, "advice"));
            let advice: Option<String> = advice.and_then(|advice| advice.extract()).unwrap_or(None);
            let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
            let reason = format!("{}{advice}", raised.value(py));
            self.raised = Some(raised);
            Answer::Failed(reason)
        });
        // The run may have ended meanwhile.
        let _ = self.answer.send(answer);
    }

    fn asked(&mut self, py: Python<'py>, question: &Question) -> PyResult<Answer> {
        let Some(cluster) = &self.call.cluster else { return Ok(Answer::Done) };
        match question {
            Question::Begin(order) => {
                let begun = cluster.call_method1("begin", (order_dict(py, order)?,))?;
                return Ok(Answer::Begun(begun.extract()?));
            }
            Question::Run(order) => {
                let parts = cluster.call_method1("run", (order_dict(py, order)?,))?;
                self.parts = Some(parts.try_iter()?);
            }
            Question::Next => {}
        }
        let next = self.parts.as_mut().and_then(Iterator::next).transpose()?;
        Ok(match next {
            Some(part) => Answer::Part(part.extract()?),
            None => Answer::Done,
        })
    }

    /// Asks the work to stop, and waits a while until it has.
    fn give_up(&self, py: Python<'_>, stop: &Stop) {
        /// That of Ctrl-C.
        const SIGNAL: usize = 2;
        if self.is_fork() {
            return;
        }
        stop.flag().store(SIGNAL, Ordering::Relaxed);
        let (told, end) = (&self.told, Instant::now() + PATIENCE);
        py.detach(|| {
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                if let Ok(Message::Ended) | Err(_) = wait(told, left) {
                    return;
                }
            }
        });
    }

    fn is_fork(&self) -> bool {
        std::process::id() != self.process
    }

    fn lost(&self) -> PyErr {
        match self.is_fork() {
            false => wrong("the thread that computes has ended", None),
            true => wrong(
                "this process is a fork of the one that computes, which goes on",
                Some("end it by os._exit, or start it by multiprocessing's spawn"),
            ),
        }
    }
}

/// Waits for what is told next, but no longer than for a time.
fn wait(told: &Mutex<Receiver<Message>>, time: Duration) -> Result<Message, RecvTimeoutError> {
    told.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(time)
}
