//! The beginnings of recordings in packets: what headers say, and what is cut off in front and behind.

use symphonia::core::{
    audio::Channels,
    codecs::audio::{
        AudioCodecParameters,
        well_known::{CODEC_ID_ALAC, CODEC_ID_OPUS, CODEC_ID_VORBIS},
    },
    formats::TrackType,
};

use super::{
    Origin, Packets, Reader, Wrapping,
    decoder::{Decoding, decoder, error, guarded, unsupported},
    memory::Memory,
};
use crate::{
    Container, Error, Info, Length, Media, Truncated,
    codecs::{
        damaged::damaged,
        edits,
        matroska::{Codec, Matroska, MatroskaPackets},
        ogg,
        table::{PacketTable, TablePackets},
    },
    info::{Encoding, check_channels, check_sample_rate},
};

impl Packets {
    pub(super) fn begin(origin: Origin, truncated: Truncated) -> Result<Packets, Error> {
        let container = origin.container();
        let packets = guarded(container, || match &origin {
            Origin::Wrapped(media, wrapping) => {
                Packets::wrapped(media.clone(), *wrapping, truncated)
            }
            Origin::Table(table) => Packets::of_table(table.clone()),
            Origin::Matroska(sound) => Packets::of_matroska(sound.clone()),
        })?;
        Ok(Packets { truncated, ..packets })
    }

    fn of_table(table: PacketTable) -> Result<Packets, Error> {
        let container = Container::Caf;
        let channels = Channels::Discrete(table.channels);
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(CODEC_ID_ALAC)
            .with_sample_rate(table.sample_rate_hz)
            .with_channels(channels)
            .with_extra_data(table.cookie.clone());
        let decoding = decoder(container, &parameters, false)?;
        let info = Info {
            container,
            encoding: Encoding::Coded(decoding.codec),
            sample_rate_hz: table.sample_rate_hz,
            channels: table.channels,
            length: Length::Exact(table.frames),
        };
        let (reader, to_skip) = (Reader::Table(TablePackets::new(table.clone())), table.skipped);
        Ok(Packets::at_the_first(Origin::Table(table), info, reader, decoding, 0, to_skip))
    }

    fn of_matroska(sound: Matroska) -> Result<Packets, Error> {
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(match sound.codec {
                Codec::Opus => CODEC_ID_OPUS,
                Codec::Vorbis => CODEC_ID_VORBIS,
            })
            .with_sample_rate(sound.sample_rate_hz)
            .with_channels(Channels::Discrete(sound.channels));
        if !sound.cookie.is_empty() {
            parameters.with_extra_data(sound.cookie.clone());
        }
        let decoding = decoder(sound.container, &parameters, false)?;
        let info = Info {
            container: sound.container,
            encoding: Encoding::Coded(decoding.codec),
            sample_rate_hz: sound.sample_rate_hz,
            channels: sound.channels,
            length: sound.frames.map_or(Length::Unknown, Length::Exact),
        };
        let (is_cut_off, to_skip) = (sound.is_cut_off, sound.skipped);
        let reader = Reader::Matroska(MatroskaPackets::of(&sound)?);
        let origin = Origin::Matroska(sound);
        let packets = Packets::at_the_first(origin, info, reader, decoding, 0, to_skip);
        Ok(packets.cut_off_if(is_cut_off))
    }

    fn wrapped(media: Media, wrapping: Wrapping, truncated: Truncated) -> Result<Packets, Error> {
        let container = wrapping.container();
        let mut is_cut_off = false;
        let media = match wrapping {
            // The end of each of its streams shows when it is there.
            Wrapping::Ogg => match ogg::check_end(&media) {
                Err(Error::Decode { .. }) if truncated.is_kept() => {
                    is_cut_off = true;
                    ogg::whole_pages(&media)?
                }
                _ => media,
            },
            _ => media,
        };
        let reader = wrapping.read(media.clone()).map_err(|e| error(container, e))?;
        let Some(track) = reader.default_track(TrackType::Audio) else {
            return Err(damaged(container, "there is no sound in it"));
        };
        let Some(parameters) = track.codec_params.as_ref().and_then(|p| p.audio()) else {
            return Err(unsupported(container, "a codec"));
        };
        let decoding = decoder(container, parameters, true)?;
        let parameters = decoding.decoder.codec_params();
        let (Some(rate), Some(channels)) = (parameters.sample_rate, parameters.channels.as_ref())
        else {
            return Err(damaged(container, "its header says no sample rate or channels"));
        };
        let num_frames = track.num_frames.filter(|&frames| frames > 0);
        let (length, to_skip) = match wrapping {
            // An estimate by the size, unless a header tells how much an encoder added.
            Wrapping::Mpeg => (num_frames.filter(|_| track.delay.is_some()), 0),
            Wrapping::Adts => (None, 0),
            Wrapping::Ogg => {
                if !is_cut_off {
                    ogg::check_end(&media)?;
                }
                (None, decoding.skipped)
            }
            Wrapping::Mp4 => match edits::played(&media, track.id, rate)? {
                Some(edits::Played { skipped, frames, tick }) => {
                    let there = num_frames.map_or(frames, |all| all.saturating_sub(skipped));
                    // An edit's clock is often one of milliseconds; packets count samples.
                    let is_all = there.abs_diff(frames) <= tick;
                    (Some(if is_all { there } else { frames.min(there) }), skipped)
                }
                None => (num_frames, 0),
            },
        };
        let info = Info {
            container,
            encoding: Encoding::Coded(decoding.codec),
            sample_rate_hz: check_sample_rate(rate.into())?,
            channels: check_channels(channels.count() as u64)?,
            length: length.map_or(Length::Unknown, Length::Exact),
        };
        let memory = Memory::of_track(decoding.codec, track, rate);
        let (track, origin) = (track.id, Origin::Wrapped(media, wrapping));
        let reader = Reader::Format(reader);
        let packets = Packets::at_the_first(origin, info, reader, decoding, track, to_skip);
        Ok(Packets { memory, is_cut_off, ..packets })
    }

    fn at_the_first(
        origin: Origin,
        info: Info,
        reader: Reader,
        decoding: Decoding,
        track: u32,
        to_skip: u64,
    ) -> Packets {
        let (decoded, given, position) = (Vec::new(), 0, 0);
        let is_whole = true;
        let Decoding { decoder, gain, .. } = decoding;
        Packets {
            origin,
            info,
            reader,
            decoder,
            gain,
            track,
            memory: Memory::All,
            decoded,
            given,
            to_skip,
            position,
            is_whole,
            truncated: Truncated::Error,
            is_cut_off: false,
            is_lost: false,
        }
    }
}
