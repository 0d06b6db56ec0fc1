//! An utterance fed to the streams of its recipe: samples or events in, rows and events into its part.
//!
//! It is decoded once for all of them. Where rows depend on all of a recording, on its largest value or its
//! mean energy, a long one is read and computed again rather than held or written down: computing is faster
//! than most disks.

use std::ops::Range;
use std::time::Instant;

use ossicle_audio::events::{self, EventFile};
use ossicle_dataset::Stage;
use ossicle_dsp::{
    Event, Feature, Next, ResampleFilter, Resampler, RowStream, Scratch, Sink, Start,
};

use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::error::Error;
use crate::part::PartWriter;
use crate::rows::buffers::{Buffers, StreamBuffers};
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::samples::{Chunk, Samples};
use crate::rows::sink::{RowSink, RowSummary, SinkScratch, SpeechSink};
use crate::rows::tables::Tables;
use crate::work::Spent;

/// What an utterance is fed to, and the place of its samples and frames.
#[derive(Debug, Clone)]
pub(crate) struct Feed<'a> {
    pub(crate) tables: &'a Tables,
    pub(crate) stop: &'a Stop,
    /// The stream, by its place.
    pub(crate) stream: usize,
    pub(crate) feature: &'a dyn Feature,
    /// What samples are resampled by; none where they stay as they are.
    pub(crate) filter: Option<&'a ResampleFilter>,
    /// The key of the utterance, which its noise depends on.
    pub(crate) key: u64,
    /// The samples of the recording that are fed.
    pub(crate) range: Range<u64>,
    /// The one of them at which the first frame is laid out.
    pub(crate) first: u64,
    /// The number of frames that the utterance has.
    pub(crate) num_frames: usize,
}

/// Appends the rows of samples in all streams, and the events that are in them.
pub(crate) fn feed_samples(
    feeds: &[Feed<'_>],
    samples: &mut Samples<'_>,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<RowSummary, UtteranceError> {
    let Buffers { streams, made, resampled, spent, .. } = buffers;
    let mut room = Room { made, resampled, spent };
    streams.resize_with(feeds.len().max(streams.len()), StreamBuffers::default);
    let (mut fed, mut sinks) = (Vec::new(), Vec::new());
    for (feed, StreamBuffers { scratch, sink }) in feeds.iter().zip(&mut *streams) {
        fed.push(Fed::new(feed, scratch));
        sinks.push(Some(feed.rows(sink)));
    }
    let mut gathered = RowSummary::default();
    until_done(&mut fed, samples, &mut room, |stream, made, is_last| {
        match sinks[stream].take_if(|_| is_last) {
            Some(rows) => gathered.merge(rows.take_last(made, writer)?),
            None => sinks[stream].iter_mut().try_for_each(|rows| rows.take(made, writer))?,
        }
        Ok(())
    })?;
    drop(fed);

    if let (Some(speech), Some(feed)) = (gathered.speech.take(), feeds.first()) {
        let mut mask = SpeechSink::new(feed.tables, feed.num_frames, speech, writer);
        let again = &mut [Fed::new(feed, &mut streams[0].scratch)];
        until_done(again, samples, &mut room, |_, made, is_last| mask.take(made, is_last))?;
    }
    Ok(gathered)
}

/// What samples are on the way to rows in, and what their time goes to.
struct Room<'a> {
    made: &'a mut Sink,
    resampled: &'a mut Vec<f32>,
    spent: &'a mut Spent,
}

/// Feeds samples as often as that is wanted, and hands out what is made of them: the stream's place, its rows,
/// and whether they are the last.
fn until_done(
    streams: &mut [Fed<'_>],
    samples: &mut Samples<'_>,
    Room { made, resampled, spent }: &mut Room<'_>,
    mut take: impl FnMut(usize, &Sink, bool) -> Result<(), Error>,
) -> Result<(), UtteranceError> {
    while streams.iter().any(|stream| stream.state != State::Done) {
        samples.rewind();
        streams.iter_mut().for_each(Fed::rewind);
        loop {
            let takes = streams.iter_mut().enumerate().filter(|(_, of)| of.state == State::Takes);
            let Some(at_once) = takes.map(|(_, stream)| stream.at_once()).min() else { break };
            let begin = Instant::now();
            let chunk = samples.read(at_once)?;
            let mut now = Instant::now();
            spent.decoding += now - begin;
            let takes = streams.iter_mut().enumerate().filter(|(_, of)| of.state == State::Takes);
            for (place, stream) in takes {
                stream.feed.stop.check()?;
                made.clear();
                stream.take(chunk, made, resampled)?;
                let computed = Instant::now();
                spent.features += computed - now;
                if stream.state != State::Again {
                    take(place, made, stream.state == State::Done)?;
                }
                now = Instant::now();
            }
        }
    }
    Ok(())
}

/// A stream on its way through samples.
struct Fed<'a> {
    feed: &'a Feed<'a>,
    stream: Box<dyn RowStream + 'a>,
    resampler: Option<Resampler<'a>>,
    state: State,
}

/// What a stream does with the next samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It takes them.
    Takes,
    /// It waits for them to come once more from the first on.
    Again,
    /// It has had all, and made all rows.
    Done,
}

impl<'a> Fed<'a> {
    fn new(feed: &'a Feed<'a>, scratch: &'a mut Scratch) -> Fed<'a> {
        // The first frame begins at the very time of a sample of the recording.
        let resampler = feed.filter.map(|filter| filter.begin(feed.first - feed.range.start));
        Fed {
            feed,
            stream: feed.feature.begin(feed.start(feed.origin()), scratch),
            resampler,
            state: State::Again,
        }
    }

    /// Begins again, unless it is done.
    fn rewind(&mut self) {
        if self.state == State::Again {
            self.state = State::Takes;
            self.resampler.iter_mut().for_each(Resampler::rewind);
        }
    }

    /// Returns how many samples of the recording it takes at a time.
    fn at_once(&self) -> usize {
        let own = self.feed.feature.most_at_once();
        self.resampler.as_ref().map_or(own, |resampler| resampler.samples_for(own))
    }

    /// Takes what is its own of samples.
    fn take(
        &mut self,
        chunk: Chunk<'_>,
        made: &mut Sink,
        resampled: &mut Vec<f32>,
    ) -> Result<(), UtteranceError> {
        let range = &self.feed.range;
        let end = chunk.first + chunk.samples.len() as u64;
        let place = |sample: u64| (sample.clamp(chunk.first, end) - chunk.first) as usize;
        let own = &chunk.samples[place(range.start)..place(range.end)];
        let is_last = end >= range.end;
        let own = match &mut self.resampler {
            None => own,
            Some(resampler) => {
                resampled.clear();
                resampler.push(own, resampled);
                if is_last {
                    resampler.finish(resampled);
                }
                &**resampled
            }
        };
        if !is_last {
            return Ok(self.stream.push(own, made).map_err(unfit)?);
        }
        self.state = match self.stream.finish(own, made).map_err(unfit)? {
            Next::Done => State::Done,
            Next::Again => State::Again,
        };
        Ok(())
    }
}

impl Feed<'_> {
    /// Appends the rows of events that another program found, and those events. Events outside of the range
    /// are not the utterance's.
    pub(crate) fn events(
        &self,
        file: &mut EventFile,
        buffers: &mut Buffers,
        writer: &mut PartWriter,
    ) -> Result<RowSummary, UtteranceError> {
        let Buffers { events, made, streams, .. } = buffers;
        streams.resize_with(streams.len().max(1), StreamBuffers::default);
        let Some(mut stream) = self.feature.begin_events(self.start(self.first)) else {
            unreachable!("events are read where rows are made of them")
        };
        // Those of files are counted from the recording's first sample.
        let mut rows = self.rows(&mut streams[0].sink).fed_from(0);
        let mut num_samples = 0;
        // It may have been read for the segment before.
        file.rewind().map_err(Failure::from)?;
        loop {
            self.stop.check()?;
            events.clear();
            made.clear();
            let Some(before) = file
                .read(|event| {
                    events.extend(self.range.contains(&event.sample).then(|| of_file(event)));
                })
                .map_err(Failure::from)?
            else {
                break;
            };
            stream.push(events, before, made).map_err(unfit)?;
            rows.take(made, writer)?;
            num_samples = before;
        }
        let _done = stream.finish(num_samples, made).map_err(unfit)?;
        Ok(rows.take_last(made, writer)?)
    }

    /// Makes the sink of the utterance's rows.
    fn rows<'r>(&'r self, scratch: &'r mut SinkScratch) -> RowSink<'r> {
        let rows = RowSink::new(self.tables, self.stream, self.num_frames, scratch);
        rows.fed_from(self.range.start)
    }

    /// Returns the sample, of those that the stream gets, from which frames are laid out.
    fn origin(&self) -> u64 {
        let before = self.first - self.range.start;
        self.filter.map_or(before, |filter| filter.num_before(before))
    }

    /// Says how a stream begins.
    fn start(&self, origin: u64) -> Start {
        let most_held = self.feature.most_at_once();
        Start { key: self.key, origin, most_held, ..Start::default() }
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
