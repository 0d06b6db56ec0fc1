//! The input that an utterance is made of: a recording, or events that stand for one.

use std::ops::Range;
use std::path::Path;

use ossicle_audio::events::{EventBounds, EventFile, EventFileError};
use ossicle_audio::{Channel, Media, OpenOptions, Recording};
use ossicle_corpus::{Archives, HeldBytes, HeldError, Utterance};
use ossicle_dataset::{Stage, Truncation};
use ossicle_dsp::LOUDEST;
use ossicle_files::{open_listed, open_source};

use crate::cause::Cause;
use crate::plan::job::Job;
use crate::rows::failure::Failure;
use ossicle_recipe::{ChannelChoice, Recipe};

/// The source of an utterance's samples or events, opened.
#[derive(Debug)]
pub(crate) enum Input {
    Recording(Recording),
    Events(EventFile),
}

/// A reason why an input cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error(transparent)]
    Recording(#[from] ossicle_audio::Error),
    #[error(transparent)]
    Held(#[from] HeldError),
    #[error(transparent)]
    Events(#[from] EventFileError),
}

impl Input {
    /// Opens what the job takes for a recording.
    ///
    /// - `root`: what the utterance's paths are relative to
    /// - `archives`: gets at recordings that have no file of their own
    /// - `should_stop`: is asked now and then where opening takes a while
    /// - `buffer`: an allocation to use
    pub(crate) fn open(
        recipe: &Recipe,
        root: &Path,
        archives: &Archives,
        utterance: &Utterance,
        should_stop: &dyn Fn() -> bool,
        buffer: Vec<u8>,
    ) -> Result<Input, OpenError> {
        if let Some(events) = recipe.event_files() {
            let path = &utterance.path(root);
            let bounds = EventBounds {
                // A recipe has at most 2^24 samples in a block, and 256 channels.
                block: events.block as u32,
                num_channels: events.num_channels as u32,
                loudest: LOUDEST,
            };
            return Ok(Input::Events(EventFile::open(path, bounds)?));
        }
        let media = media_of(root, archives, utterance, should_stop)?;
        Input::of_media(recipe, utterance, media, buffer)
    }

    /// Opens a recording of bytes that are to be had already.
    ///
    /// - `buffer`: an allocation to use
    pub(crate) fn of_media(
        recipe: &Recipe,
        utterance: &Utterance,
        media: Media,
        buffer: Vec<u8>,
    ) -> Result<Input, OpenError> {
        let (raw, channel) = (recipe.raw_format(), channel(recipe, utterance));
        let options = OpenOptions { raw, channel, truncated: recipe.audio().truncated };
        Ok(Input::Recording(Recording::from_media(media, options, buffer)?))
    }

    /// Finds out how long a recording is whose header does not say it.
    ///
    /// - `longest_s`: no more of it is decoded for that, in seconds
    pub(crate) fn count(&mut self, longest_s: f64) -> Result<(), Failure> {
        let Input::Recording(recording) = self else { return Ok(()) };
        if recording.info().length.exact().is_some() {
            return Ok(());
        }
        let most = (longest_s * f64::from(recording.info().sample_rate_hz)) as u64;
        match recording.count_up_to(most).map_err(|error| Failure::of_audio(&error))? {
            Some(_) => Ok(()),
            None => Err(Failure::new(
                Stage::Decode,
                Cause::TooLong,
                format!("it lasts longer than {longest_s} s, which audio.max_duration_s is"),
            )),
        }
    }

    /// Closes it and hands its allocation on, if it has one.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        match self {
            Input::Recording(recording) => recording.into_buffer(),
            Input::Events(_) => Vec::new(),
        }
    }

    /// Returns the sample rate in Hz that a recording says; none if it says none, as files of events.
    pub(crate) fn sample_rate_hz(&self) -> Option<u32> {
        match self {
            Input::Recording(recording) => Some(recording.info().sample_rate_hz),
            Input::Events(_) => None,
        }
    }

    /// Chooses the channel that an utterance is, and returns it.
    ///
    /// - `stretch`: the samples of the recording that it is
    pub(crate) fn choose(
        &mut self,
        recipe: &Recipe,
        utterance: &Utterance,
        stretch: Range<u64>,
    ) -> Result<Channel, Failure> {
        let told = channel(recipe, utterance);
        let Input::Recording(recording) = self else { return Ok(told) };
        let by_energy = recipe.audio().channel == ChannelChoice::Loudest;
        let choose = || {
            let chosen = match by_energy && utterance.channel().is_none() {
                true => Channel::Index(recording.loudest(stretch)?.channel),
                false => told,
            };
            recording.select(chosen)?;
            Ok(chosen)
        };
        choose().map_err(|error| Failure::of_audio(&error))
    }

    /// Returns the number of channels of a recording; none for files of events.
    pub(crate) fn channels(&self) -> Option<u16> {
        match self {
            Input::Recording(recording) => Some(recording.info().channels),
            Input::Events(_) => None,
        }
    }

    /// Returns how much is there of a recording that ends too early, and is kept.
    pub(crate) fn truncation(&self) -> Option<Truncation> {
        match self {
            Input::Recording(recording) => {
                let ossicle_audio::Truncation { promised, found } = recording.truncation()?;
                Some(Truncation { promised, found })
            }
            Input::Events(_) => None,
        }
    }

    /// Returns the sample rate in Hz, and how many samples there can be: of a recording that is counted just
    /// so many, of one that is not those that its header justifies, and 0 where that says nothing.
    pub(crate) fn extent(&self, job: &Job) -> (u32, u64) {
        match self {
            Input::Recording(recording) => {
                (recording.info().sample_rate_hz, recording.info().length.at_most().unwrap_or(0))
            }
            Input::Events(file) => (job.sample_rate_hz, file.most_samples()),
        }
    }

    /// Returns whether its number of samples is known, and not only the most that there can be.
    pub(crate) fn is_counted(&self) -> bool {
        match self {
            Input::Recording(recording) => recording.info().length.exact().is_some(),
            Input::Events(_) => false,
        }
    }
}

/// Opens the bytes of an utterance's recording. An object is not looked at before it is read: then it has to be the one
/// that was listed.
///
/// - `root`: what the utterance's paths are relative to
/// - `archives`: gets at recordings that have no file of their own
/// - `should_stop`: is asked now and then where opening takes a while
pub(crate) fn media_of(
    root: &Path,
    archives: &Archives,
    utterance: &Utterance,
    should_stop: &dyn Fn() -> bool,
) -> Result<Media, OpenError> {
    let path = &utterance.path(root);
    let Some(held) = utterance.held() else {
        let source = match utterance.is_there() {
            true => open_listed(path, utterance.size_bytes, utterance.modified()),
            false => open_source(path),
        };
        return Ok(Media::from(source.map_err(ossicle_audio::Error::from)?));
    };
    Ok(match archives.open(path, utterance, held, should_stop)? {
        HeldBytes::Stretch { source, range } => Media::from(source).stretch(range)?,
        HeldBytes::Spooled { file, range } => Media::spooled(file, range),
        HeldBytes::Memory(bytes) => Media::bytes(bytes),
    })
}

/// Returns whether one opened input serves both utterances: the same file, or the same place in it, as it
/// was when the corpus was listed. The channel is chosen anew.
pub(crate) fn are_read_alike(a: &Utterance, b: &Utterance) -> bool {
    let of = |utterance: &Utterance| (utterance.size_bytes, utterance.modified_ns);
    a.source == b.source && a.held() == b.held() && of(a) == of(b)
}

/// Returns the channel of its recording that an utterance is: what the corpus says, or else what the
/// recipe says.
pub(crate) fn channel(recipe: &Recipe, utterance: &Utterance) -> Channel {
    match (utterance.channel(), recipe.audio().channel) {
        (Some(told), _) => Channel::Index(told),
        (None, ChannelChoice::Of(channel)) => channel,
        // Which one is the loudest shows when all were heard, and each is told by the plan.
        (None, ChannelChoice::Loudest | ChannelChoice::Each) => Channel::First,
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Failure {
        match error {
            OpenError::Recording(error) => Failure::of_audio(&error),
            OpenError::Held(error) => Failure::of_held(&error),
            OpenError::Events(error) => error.into(),
        }
    }
}
