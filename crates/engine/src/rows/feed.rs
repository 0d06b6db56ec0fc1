//! An utterance fed to a stream: samples or events in, rows and events into its part.
//!
//! Where rows depend on all of a recording, on its largest value or its mean energy, a long one is read
//! and computed again rather than held or written down: computing is faster than most disks.

use std::ops::Range;

use ossicle_audio::events::{self, EventFile};
use ossicle_dataset::Stage;
use ossicle_dsp::{Event, Feature, Next, RowStream, Sink, Start};

use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::error::Error;
use crate::part::PartWriter;
use crate::rows::buffers::Buffers;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::samples::{Chunk, Samples};
use crate::rows::sink::{RowSink, RowSummary, SinkScratch, SpeechSink};
use crate::rows::tables::Tables;

/// The feature that an utterance is fed to, and the place of its samples and frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Feed<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) stop: &'a Stop,
    pub(crate) feature: &'a dyn Feature,
    /// The key of the utterance, which its noise depends on.
    pub(crate) key: u64,
    /// The sample of the recording that is fed first.
    pub(crate) fed_from: u64,
    /// The sample, of those that are fed, from which frames are laid out.
    pub(crate) origin: u64,
    /// The number of rows that the utterance has.
    pub(crate) num_frames: usize,
}

impl Feed<'_> {
    /// Appends the rows of samples, and the events that are in them.
    pub(crate) fn samples(
        self,
        samples: &mut Samples<'_>,
        buffers: &mut Buffers,
        writer: &mut PartWriter,
    ) -> Result<RowSummary, UtteranceError> {
        let Buffers { scratch, made, sink, .. } = buffers;
        let mut rows = Some(self.rows(writer, sink));
        let mut stream = self.feature.begin(self.start(), scratch);
        let mut gathered = None;
        self.until_done(&mut *stream, samples, made, |made, is_last| {
            match rows.take_if(|_| is_last) {
                Some(rows) => gathered = Some(rows.take_last(made)?),
                None => rows.iter_mut().try_for_each(|rows| rows.take(made))?,
            }
            Ok(())
        })?;
        drop(stream);
        let Some(mut gathered) = gathered else { unreachable!("the last rows were taken") };

        if let Some(speech) = gathered.speech.take() {
            let mut stream = self.feature.begin(self.start(), scratch);
            let mut mask = SpeechSink::new(self.tables, self.num_frames, speech, writer);
            self.until_done(&mut *stream, samples, made, |made, is_last| mask.take(made, is_last))?;
        }
        Ok(gathered)
    }

    /// Feeds samples as often as that is wanted, and hands out what is made of them.
    fn until_done(
        self,
        stream: &mut dyn RowStream,
        samples: &mut Samples<'_>,
        made: &mut Sink,
        mut take: impl FnMut(&Sink, bool) -> Result<(), Error>,
    ) -> Result<(), UtteranceError> {
        let at_once = self.feature.most_at_once();
        samples.rewind();
        loop {
            self.stop.check()?;
            made.clear();
            let Chunk { samples: chunk, is_last } = samples.read(at_once)?;
            if !is_last {
                stream.push(chunk, made).map_err(unfit)?;
                take(made, false)?;
                continue;
            }
            match stream.finish(chunk, made).map_err(unfit)? {
                Next::Done => return Ok(take(made, true)?),
                Next::Again => samples.rewind(),
            }
        }
    }

    /// Appends the rows of events that another program found, and those events.
    ///
    /// - `stretch`: the samples of the recording that the utterance is; events elsewhere are not its own
    pub(crate) fn events(
        self,
        file: &mut EventFile,
        stretch: &Range<u64>,
        buffers: &mut Buffers,
        writer: &mut PartWriter,
    ) -> Result<RowSummary, UtteranceError> {
        let Buffers { events, made, sink, .. } = buffers;
        let Some(mut stream) = self.feature.begin_events(self.start()) else {
            unreachable!("events are read where rows are made of them")
        };
        let mut rows = self.rows(writer, sink);
        let mut num_samples = 0;
        // It may have been read for the segment before.
        file.rewind().map_err(Failure::from)?;
        loop {
            self.stop.check()?;
            events.clear();
            made.clear();
            let Some(before) = file
                .read(|event| {
                    events.extend(stretch.contains(&event.sample).then(|| of_file(event)));
                })
                .map_err(Failure::from)?
            else {
                break;
            };
            stream.push(events, before, made).map_err(unfit)?;
            rows.take(made)?;
            num_samples = before;
        }
        let _done = stream.finish(num_samples, made).map_err(unfit)?;
        Ok(rows.take_last(made)?)
    }

    /// Makes the sink of the utterance's rows.
    fn rows<'r>(&'r self, writer: &'r mut PartWriter, scratch: &'r mut SinkScratch) -> RowSink<'r> {
        RowSink::new(self.tables, self.num_frames, writer, scratch).fed_from(self.fed_from)
    }

    /// Says how a stream begins.
    fn start(&self) -> Start {
        let most_held = self.feature.most_at_once();
        Start { key: self.key, origin: self.origin, most_held, ..Start::default() }
    }
}

/// Makes the failure of samples that cannot be computed with.
fn unfit(error: ossicle_dsp::Error) -> Failure {
    Failure::new(Stage::Features, Cause::TooLoud, error.to_string())
}

fn of_file(event: events::Event) -> Event {
    let events::Event { channel, sample, amplitude } = event;
    Event { channel, sample, amplitude }
}
