//! What the sound of a file is.

use crate::{
    Container, Error,
    codecs::{
        matroska::{ebml::Element, error::error},
        opus,
    },
    window::Window,
};

const TRACK_ENTRY: u32 = 0xAE;
const TRACK_NUMBER: u32 = 0xD7;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63A2;
const CODEC_DELAY: u32 = 0x56AA;
const CONTENT_ENCODINGS: u32 = 0x6D80;
const AUDIO: u32 = 0xE1;
const SAMPLING_FREQUENCY: u32 = 0xB5;
const CHANNELS: u32 = 0x9F;

const IS_SOUND: u64 = 2;

/// The codecs that WebM has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codecs) enum Codec {
    Opus,
    Vorbis,
}

/// A track of sound.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) number: u64,
    pub(super) codec: Codec,
    /// What the decoder has to be told first.
    pub(super) cookie: Box<[u8]>,
    pub(super) sample_rate_hz: u32,
    pub(super) channels: u16,
    /// How much the encoder put before the recording, in nanoseconds.
    pub(super) delay_ns: u64,
}

impl Track {
    /// Finds the first track of sound among all.
    pub(super) fn first_sound(window: &mut Window, tracks: &Element) -> Result<Track, Error> {
        for entry in tracks.children(window)? {
            if entry.id == TRACK_ENTRY {
                let fields = entry.children(window)?;
                let kind = fields.iter().find(|field| field.id == TRACK_TYPE);
                if kind.map(|kind| kind.number(window)).transpose()? == Some(IS_SOUND) {
                    return Track::of(window, &fields);
                }
            }
        }
        Err(error("there is no sound in it"))
    }

    fn of(window: &mut Window, fields: &[Element]) -> Result<Track, Error> {
        let (mut number, mut name, mut private) = (0, String::new(), Vec::new());
        // What the specification says of a track that says nothing.
        let (mut rate, mut channels, mut delay) = (8000.0, 1, 0);
        for field in fields {
            match field.id {
                TRACK_NUMBER => number = field.number(window)?,
                CODEC_ID => name = String::from_utf8_lossy(field.read(window)?).into_owned(),
                CODEC_PRIVATE => private = field.read(window)?.to_vec(),
                CODEC_DELAY => delay = field.number(window)?,
                CONTENT_ENCODINGS => return Err(unsupported("compressed or encrypted")),
                AUDIO => {
                    for field in field.children(window)? {
                        match field.id {
                            SAMPLING_FREQUENCY => rate = field.float(window)?,
                            CHANNELS => channels = field.number(window)?,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let channels = u16::try_from(channels).unwrap_or(u16::MAX);
        match name.trim_end_matches('\0') {
            "A_OPUS" => {
                let head = opus::Head::of(&private);
                // The codec's header and the track say the same, but for programs that leave one out, or count
                // the track's in samples of another rate (FFmpeg 5.1).
                let skipped_ns = head.map_or(0, |head| opus::nanoseconds(head.skipped));
                Ok(Track {
                    number,
                    codec: Codec::Opus,
                    cookie: private.into(),
                    // Opus gives that, whatever the track says that was recorded.
                    sample_rate_hz: opus::RATE_HZ,
                    channels: head.map_or(channels, |head| head.channels.into()),
                    delay_ns: skipped_ns.max(delay),
                })
            }
            "A_VORBIS" => {
                let cookie = vorbis_headers(&private)
                    .ok_or_else(|| error("it does not say how its Vorbis was coded"))?;
                let (codec, sample_rate_hz) = (Codec::Vorbis, rate as u32);
                Ok(Track { number, codec, cookie, sample_rate_hz, channels, delay_ns: delay })
            }
            other => Err(unsupported(other.strip_prefix("A_").unwrap_or(other))),
        }
    }
}

/// The first and the third header of Vorbis, one behind the other, of all three as the track has them: their
/// number less one, the sizes of all but the last in bytes that add up, and they.
fn vorbis_headers(private: &[u8]) -> Option<Box<[u8]>> {
    let (&2, mut rest) = private.split_first()? else { return None };
    let mut size = || {
        let mut size = 0;
        loop {
            let (&byte, behind) = rest.split_first()?;
            rest = behind;
            size += usize::from(byte);
            if byte < 255 {
                return Some(size);
            }
        }
    };
    let (first, second) = (size()?, size()?);
    Some([rest.get(..first)?, rest.get(first + second..)?].concat().into())
}

fn unsupported(what: &str) -> Error {
    Error::UnsupportedEncoding {
        container: Container::Other("Matroska"),
        encoding: what.to_owned(),
        advice: "convert it to WAVE first, for example with `ffmpeg -i IN OUT.wav`",
    }
}
