//! How far a run is, counted by all of its workers.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::words::{duration, times};

/// How far a run is.
#[derive(Debug, Default)]
pub(super) struct HowFar {
    /// When work began.
    began: OnceLock<Instant>,
    utterances: AtomicU64,
    done: AtomicU64,
    failed: AtomicU64,
    audio_ms: AtomicU64,
    source_bytes: AtomicU64,
    done_bytes: AtomicU64,
    /// What an earlier run has done, by utterances and by bytes.
    resumed: AtomicU64,
    resumed_bytes: AtomicU64,
}

/// A moment of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moment {
    pub(super) utterances: u64,
    pub(super) done: u64,
    pub(super) failed: u64,
    pub(super) audio_s: f64,
    pub(super) elapsed_s: f64,
    /// What is left, in seconds; none before anything is done.
    pub(super) left_s: Option<f64>,
}

impl HowFar {
    pub(super) fn begin(
        &self,
        (utterances, resumed): (u64, u64),
        (bytes, resumed_bytes): (u64, u64),
    ) {
        let _ = self.began.set(Instant::now());
        self.utterances.store(utterances, Ordering::Relaxed);
        self.done.store(resumed, Ordering::Relaxed);
        self.resumed.store(resumed, Ordering::Relaxed);
        self.source_bytes.store(bytes, Ordering::Relaxed);
        self.done_bytes.store(resumed_bytes, Ordering::Relaxed);
        self.resumed_bytes.store(resumed_bytes, Ordering::Relaxed);
    }

    pub(super) fn stored(&self, audio: Duration, source_bytes: u64) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.audio_ms.fetch_add(audio.as_millis() as u64, Ordering::Relaxed);
        self.done_bytes.fetch_add(source_bytes, Ordering::Relaxed);
    }

    pub(super) fn failed(&self, source_bytes: u64) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.done_bytes.fetch_add(source_bytes, Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Moment {
        let elapsed = self.began.get().map_or(Duration::ZERO, Instant::elapsed);
        self.after(elapsed.as_secs_f64())
    }

    fn after(&self, elapsed_s: f64) -> Moment {
        let [utterances, done, failed, audio_ms] =
            [&self.utterances, &self.done, &self.failed, &self.audio_ms].map(loaded);
        // Sound is not counted before it is decoded. Sizes stand for it: files tell nothing, where some are long.
        let [all, so_far, before] = match loaded(&self.source_bytes) {
            0 => [utterances, done, loaded(&self.resumed)],
            bytes => [bytes, loaded(&self.done_bytes), loaded(&self.resumed_bytes)],
        };
        let here = so_far.saturating_sub(before);
        let left = all.saturating_sub(so_far);
        let left_s = (here > 0).then(|| elapsed_s * left as f64 / here as f64);
        let audio_s = audio_ms as f64 / 1000.0;
        Moment { utterances, done, failed, audio_s, elapsed_s, left_s }
    }
}

fn loaded(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

impl Moment {
    /// `3.20 hours, 551 × real time, 2 failed, 1.3 minutes left`.
    pub(super) fn words(&self) -> String {
        let fast = times(self.audio_s / self.elapsed_s.max(1e-3));
        let mut words = format!("{}, {fast} × real time", duration(self.audio_s));
        if self.failed > 0 {
            words += &format!(", {} failed", self.failed);
        }
        if let Some(left_s) = self.left_s {
            words += &format!(", {} left", duration(left_s));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_goes_by_the_size_of_recordings_and_not_by_their_number() {
        let how_far = HowFar::default();
        // Nine short recordings were done by an earlier run; of ten more, one is as long as the nine others.
        how_far.begin((19, 9), (190, 10));
        assert_eq!(how_far.after(1.0).left_s, None);
        for _ in 0..9 {
            how_far.stored(Duration::from_secs(10), 10);
        }
        let moment = how_far.after(3.0);
        assert_eq!((moment.done, moment.utterances), (18, 19));
        assert_eq!(moment.left_s, Some(3.0));
        assert_eq!(moment.words(), "90.0 s, 30 × real time, 3.0 s left");
        how_far.failed(90);
        assert_eq!(how_far.after(6.0).words(), "90.0 s, 15 × real time, 1 failed, 0.0 s left");
    }

    #[test]
    fn where_sizes_are_unknown_the_number_counts() {
        let how_far = HowFar::default();
        how_far.begin((4, 0), (0, 0));
        how_far.stored(Duration::from_secs(1), 0);
        assert_eq!(how_far.after(2.0).left_s, Some(6.0));
    }
}
