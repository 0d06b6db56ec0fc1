//! Decoders of symphonia's, and their errors in our words.

use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::{
    core::{
        codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known::*},
        errors::Error as SymphoniaError,
    },
    default::codecs::{AacDecoder, AlacDecoder, FlacDecoder, MpaDecoder, VorbisDecoder},
};

use crate::{
    Container, Error,
    codecs::{damaged::damaged, opus, source},
};

/// More samples of a channel in a packet than any encoder makes; what a header says decides how much
/// memory a decoder takes.
pub(super) const MOST_FRAMES_PER_PACKET: u64 = 1 << 17;

/// A decoder, and what is to be done with what it gives.
pub(super) struct Decoding {
    pub(super) decoder: Box<dyn AudioDecoder>,
    /// The name of the codec.
    pub(super) codec: &'static str,
    /// The frames before the recording that a header of the codec's own tells of.
    pub(super) skipped: u64,
    /// What every sample is multiplied by.
    pub(super) gain: f32,
}

/// Makes a decoder.
pub(super) fn decoder(
    container: Container,
    parameters: &AudioCodecParameters,
    verify: bool,
) -> Result<Decoding, Error> {
    if parameters.max_frames_per_packet.is_some_and(|frames| frames > MOST_FRAMES_PER_PACKET) {
        return Err(damaged(container, "its packets are longer than any"));
    }
    let options = AudioDecoderOptions::default().verify(verify);
    let head = parameters.extra_data.as_deref().and_then(opus::Head::of);
    let head = head.filter(|_| parameters.codec == CODEC_ID_OPUS);
    let made: Result<(Box<dyn AudioDecoder>, _), SymphoniaError> = match parameters.codec {
        CODEC_ID_FLAC => {
            FlacDecoder::try_new(parameters, &options).map(|it| (Box::new(it) as _, "FLAC"))
        }
        CODEC_ID_MP1 | CODEC_ID_MP2 => {
            MpaDecoder::try_new(parameters, &options).map(|it| (Box::new(it) as _, "MPEG"))
        }
        CODEC_ID_MP3 => {
            MpaDecoder::try_new(parameters, &options).map(|it| (Box::new(it) as _, "MP3"))
        }
        CODEC_ID_VORBIS => {
            VorbisDecoder::try_new(parameters, &options).map(|it| (Box::new(it) as _, "Vorbis"))
        }
        CODEC_ID_AAC => {
            AacDecoder::try_new(parameters, &options).map(|it| (Box::new(it) as _, "AAC"))
        }
        CODEC_ID_ALAC => {
            AlacDecoder::try_new(parameters, &options).map(|it| (Box::new(it) as _, "ALAC"))
        }
        #[cfg(feature = "opus")]
        CODEC_ID_OPUS => {
            use symphonia::core::codecs::registry::RegisterableAudioDecoder;
            use symphonia_adapter_libopus::OpusDecoder;
            // With a header, version 0.3.0 leaves out what is to be skipped of the first packet alone, and
            // applies no gain.
            let parameters = AudioCodecParameters { extra_data: None, ..parameters.clone() };
            OpusDecoder::try_registry_new(&parameters, &options).map(|it| (it as _, "Opus"))
        }
        #[cfg(not(feature = "opus"))]
        CODEC_ID_OPUS => return Err(unsupported(container, "Opus")),
        other => return Err(unsupported(container, &format!("codec {other}"))),
    };
    let (decoder, codec) = made.map_err(|e| error(container, e))?;
    let skipped = head.map_or(0, |head| head.skipped.into());
    Ok(Decoding { decoder, codec, skipped, gain: head.map_or(1.0, |head| head.gain()) })
}

/// Runs what is not ours: a panic of it is a recording that cannot be decoded.
pub(super) fn guarded<T>(
    container: Container,
    run: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    // After a panic nothing of what it left is used again: the recording is given up.
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(damaged(container, "the decoder gave up on it")))
}

pub(super) fn unsupported(container: Container, encoding: &str) -> Error {
    Error::UnsupportedEncoding {
        container,
        encoding: encoding.to_owned(),
        advice: "convert it to WAVE first, for example with `ffmpeg -i IN OUT.wav`",
    }
}

/// Returns whether an error is that of bytes that end too early.
pub(super) fn is_of_the_end(error: &SymphoniaError) -> bool {
    matches!(error, SymphoniaError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof)
}

/// Tells an error of symphonia in our words.
pub(super) fn error(container: Container, error: SymphoniaError) -> Error {
    match error {
        SymphoniaError::IoError(error) => match source::of_bytes(error) {
            Ok(error) => error,
            Err(_) => damaged(container, "it ends within a packet or a header"),
        },
        SymphoniaError::DecodeError(why) | SymphoniaError::LimitError(why) => {
            damaged(container, why)
        }
        SymphoniaError::Unsupported(what) => unsupported(container, what),
        other => damaged(container, &other.to_string()),
    }
}
