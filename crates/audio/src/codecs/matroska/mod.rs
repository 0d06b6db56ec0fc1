//! Matroska, and WebM, which is a part of it: sound in blocks, in clusters, in a segment.
//!
//! - [`ebml`]: the elements that a file is made of
//! - [`track`]: what the sound is
//! - [`blocks`]: where its packets lie
//! - [`packets`]: they, as a decoder takes them
//!
//! Source: S. Lhomme, M. Bunkus and D. Rice, *Matroska Media Container Format Specification*, RFC 9559 (2024).

mod blocks;
mod ebml;
mod error;
mod packets;
mod track;

use crate::{
    Container, Error, Media, Truncated,
    codecs::{
        matroska::{
            blocks::{Blocks, Elements},
            ebml::{EBML, Element},
            error::error,
            track::Track,
        },
        opus,
    },
    info::{check_channels, check_sample_rate},
    window::Window,
};

pub(super) use self::{packets::MatroskaPackets, track::Codec};

const DOC_TYPE: u32 = 0x4282;
const TRACKS: u32 = 0x1654_AE6B;

/// The sound of a file.
#[derive(Debug, Clone)]
pub(crate) struct Matroska {
    pub(super) media: Media,
    pub(super) container: Container,
    pub(super) codec: Codec,
    /// What the decoder has to be told first.
    pub(super) cookie: Box<[u8]>,
    pub(super) sample_rate_hz: u32,
    pub(super) channels: u16,
    /// The frames before the recording.
    pub(super) skipped: u64,
    /// The frames of the recording, where its packets say how many they hold.
    pub(super) frames: Option<u64>,
    /// Whether the file ends before its elements do.
    pub(super) is_cut_off: bool,
    track: u64,
}

impl Matroska {
    /// Finds the first sound of a file, and counts what its packets hold.
    ///
    /// # Errors
    /// There is no sound, or none that is read; the file is damaged; or it was cut off, unless that is kept.
    pub(crate) fn read(media: Media, truncated: Truncated) -> Result<Matroska, Error> {
        let (container, track) = headers(&media)?;
        let sample_rate_hz = check_sample_rate(track.sample_rate_hz.into())?;
        let channels = check_channels(track.channels.into())?;
        let mut sound = Matroska {
            media,
            container,
            codec: track.codec,
            cookie: track.cookie,
            sample_rate_hz,
            channels,
            skipped: 0,
            frames: None,
            is_cut_off: false,
            track: track.number,
        };
        sound.skipped = sound.frames_of(track.delay_ns.into()).max(0) as u64;
        sound.count()?;
        if sound.is_cut_off && !truncated.is_kept() {
            return Err(error("it ends within a cluster; copy or download it again"));
        }
        Ok(sound)
    }

    /// Begins with the first packet.
    fn blocks(&self) -> Result<Blocks, Error> {
        Blocks::new(self.media.clone(), self.track)
    }

    /// The frames of a time, to the nearest.
    fn frames_of(&self, nanoseconds: i128) -> i64 {
        const SECOND: i128 = 1_000_000_000;
        let twice = 2 * nanoseconds * i128::from(self.sample_rate_hz) + SECOND;
        i64::try_from(twice.div_euclid(2 * SECOND)).unwrap_or(i64::MAX)
    }

    /// Goes over all packets: are they there, and how long are they?
    fn count(&mut self) -> Result<(), Error> {
        let mut blocks = self.blocks()?;
        let mut frames = Some(0_u64);
        while let Some(packet) = blocks.next()? {
            let held = match self.codec {
                Codec::Opus => {
                    let head = blocks.bytes(&packet, opus::MOST_HEAD_BYTES)?;
                    let held = opus::frames(head);
                    Some(held.ok_or_else(|| error("a packet of Opus is longer than any"))?)
                }
                Codec::Vorbis => None,
            };
            let discarded = self.frames_of(packet.discarded_ns.into()).unsigned_abs();
            let kept = held.map(|held| u64::from(held).saturating_sub(discarded));
            frames = frames.zip(kept).map(|(all, kept)| all + kept);
        }
        self.is_cut_off = blocks.is_cut_off();
        self.frames = frames.map(|frames| frames.saturating_sub(self.skipped));
        if self.is_cut_off || self.codec == Codec::Vorbis {
            self.frames = None;
        }
        Ok(())
    }
}

/// Reads what comes before the first packet.
fn headers(media: &Media) -> Result<(Container, Track), Error> {
    let mut elements = Elements::new(Window::over(media.clone(), Vec::new())?);
    let mut container = Container::Other("Matroska");
    while let Some(element) = elements.next()? {
        let window = elements.window();
        match element.id {
            EBML => container = doc_type(window, &element)?,
            TRACKS => return Ok((container, Track::first_sound(window, &element)?)),
            _ => {}
        }
    }
    Err(error("it ends before it says what is in it"))
}

fn doc_type(window: &mut Window, header: &Element) -> Result<Container, Error> {
    for child in header.children(window)? {
        if child.id == DOC_TYPE && child.read(window)?.starts_with(b"webm") {
            return Ok(Container::Other("WebM"));
        }
    }
    Ok(Container::Other("Matroska"))
}
