//! MP3, Vorbis, AAC, ALAC and Ogg FLAC, as symphonia decodes them: packets of a container, one after the other.

mod ahead;
mod decoder;
mod memory;

use symphonia::{
    core::{
        audio::Channels,
        codecs::audio::{AudioCodecParameters, AudioDecoder, well_known::CODEC_ID_ALAC},
        errors::Error as SymphoniaError,
        formats::{FormatOptions, FormatReader, Track, TrackType},
        packet::Packet,
        units::TimeBase,
    },
    default::formats::{AdtsReader, IsoMp4Reader, MpaReader, OggReader},
};

use self::{
    decoder::{decoder, error, guarded, is_of_the_end, unsupported},
    memory::Memory,
};
use crate::{
    Container, Decode, Error, Info, Length, Media, Truncated,
    codecs::{
        damaged::damaged,
        edits, ogg, source,
        table::{PacketTable, TablePackets},
    },
    info::{Encoding, check_channels, check_sample_rate},
};

/// The container that packets are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapping {
    /// MPEG audio of layers I to III, frame after frame.
    Mpeg,
    /// AAC with ADTS headers, frame after frame.
    Adts,
    Ogg,
    Mp4,
}

impl Wrapping {
    fn container(self) -> Container {
        Container::Other(match self {
            Wrapping::Mpeg => "MP3",
            Wrapping::Adts => "ADTS",
            Wrapping::Ogg => "Ogg",
            Wrapping::Mp4 => "MP4",
        })
    }

    /// Opens the container and reads its headers.
    fn read(self, media: Media) -> Result<Box<dyn FormatReader>, SymphoniaError> {
        let (mut bytes, options) = (source::stream(media), FormatOptions::default());
        Ok(match self {
            Wrapping::Mpeg => Box::new(MpaReader::try_new(bytes, options)?),
            Wrapping::Adts => Box::new(AdtsReader::try_new(bytes, options)?),
            Wrapping::Ogg => Box::new(OggReader::try_new(bytes, options)?),
            Wrapping::Mp4 => {
                // It goes back over the size of the first box.
                use symphonia::core::io::ReadBytes;
                bytes.ignore_bytes(4)?;
                Box::new(IsoMp4Reader::try_new(bytes, options)?)
            }
        })
    }
}

/// Where packets come from, so that they can be had again.
#[derive(Clone)]
enum Origin {
    Wrapped(Media, Wrapping),
    Table(PacketTable),
}

impl Origin {
    fn container(&self) -> Container {
        match self {
            Origin::Wrapped(_, wrapping) => wrapping.container(),
            Origin::Table(_) => Container::Caf,
        }
    }

    fn media(&self) -> &Media {
        match self {
            Origin::Wrapped(media, _) => media,
            Origin::Table(table) => &table.data,
        }
    }
}

/// A reader of packets.
enum Reader {
    Format(Box<dyn FormatReader>),
    Table(TablePackets),
}

impl Reader {
    fn next(&mut self) -> Result<Option<Packet>, SymphoniaError> {
        match self {
            Reader::Format(reader) => reader.next_packet(),
            Reader::Table(packets) => packets.next(),
        }
    }
}

/// Decodes packets, from the first or on.
pub(crate) struct Packets {
    origin: Origin,
    info: Info,
    reader: Reader,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// How much the decoder remembers; all where packets do not say how many frames they hold.
    memory: Memory,
    /// The samples of the packet that was decoded last, the channels alternating, and how many of them
    /// were handed out.
    decoded: Vec<f32>,
    given: usize,
    /// Frames that were decoded before those that are the recording, and are still to be thrown away.
    to_skip: u64,
    /// The frame that comes next.
    position: u64,
    /// Whether one decoder had all packets.
    is_whole: bool,
    truncated: Truncated,
    /// Whether the bytes ended before the packets.
    is_cut_off: bool,
    /// Whether an error left the decoder nobody knows where.
    is_lost: bool,
}

impl Packets {
    /// Reads headers, and begins at the first sample.
    pub(crate) fn open(
        media: Media,
        wrapping: Wrapping,
        truncated: Truncated,
    ) -> Result<Packets, Error> {
        Packets::begin(Origin::Wrapped(media, wrapping), truncated)
    }

    /// Notes that the packets are known to be fewer than there were.
    pub(crate) fn cut_off_if(self, is_cut_off: bool) -> Packets {
        Packets { is_cut_off, ..self }
    }

    /// Begins at the first sample of ALAC packets whose sizes a table tells.
    pub(crate) fn alac(table: PacketTable, truncated: Truncated) -> Result<Packets, Error> {
        Packets::begin(Origin::Table(table), truncated)
    }

    fn begin(origin: Origin, truncated: Truncated) -> Result<Packets, Error> {
        let container = origin.container();
        let packets = guarded(container, || match &origin {
            Origin::Wrapped(media, wrapping) => {
                Packets::wrapped(media.clone(), *wrapping, truncated)
            }
            Origin::Table(table) => Packets::of_table(table.clone()),
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
        let (decoder, name) = decoder(container, &parameters, false)?;
        let info = Info {
            container,
            encoding: Encoding::Coded(name),
            sample_rate_hz: table.sample_rate_hz,
            channels: table.channels,
            length: Length::Exact(table.frames),
        };
        let (reader, to_skip) = (Reader::Table(TablePackets::new(table.clone())), table.skipped);
        Ok(Packets::at_the_first(Origin::Table(table), info, reader, decoder, 0, to_skip))
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
        let (decoder, name) = decoder(container, parameters, true)?;
        let parameters = decoder.codec_params();
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
                (None, 0)
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
            encoding: Encoding::Coded(name),
            sample_rate_hz: check_sample_rate(rate.into())?,
            channels: check_channels(channels.count() as u64)?,
            length: length.map_or(Length::Unknown, Length::Exact),
        };
        let memory = memory(name, track, rate);
        let (track, origin) = (track.id, Origin::Wrapped(media, wrapping));
        let reader = Reader::Format(reader);
        let packets = Packets::at_the_first(origin, info, reader, decoder, track, to_skip);
        Ok(Packets { memory, is_cut_off, ..packets })
    }

    fn at_the_first(
        origin: Origin,
        info: Info,
        reader: Reader,
        decoder: Box<dyn AudioDecoder>,
        track: u32,
        to_skip: u64,
    ) -> Packets {
        let (decoded, given, position) = (Vec::new(), 0, 0);
        let is_whole = true;
        Packets {
            origin,
            info,
            reader,
            decoder,
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

    /// Decodes the next packet that has samples; false at the end.
    fn next_packet(&mut self) -> Result<bool, Error> {
        let container = self.info.container;
        loop {
            (self.given, self.decoded) = (0, std::mem::take(&mut self.decoded));
            self.decoded.clear();
            let packet = match self.reader.next() {
                Ok(Some(packet)) => packet,
                Ok(None) => return self.end(),
                Err(SymphoniaError::ResetRequired) => {
                    self.begin_next_stream()?;
                    continue;
                }
                Err(other) if self.truncated.is_kept() && is_of_the_end(&other) => {
                    self.is_cut_off = true;
                    return Ok(false);
                }
                Err(other) => return Err(error(self.info.container, other)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let failure = self.decoder.decode(&packet).err();
            if let Some(failure) = failure {
                // A part of a packet, and the last there is, is what a cut leaves.
                if self.truncated.is_kept() && self.is_last() {
                    self.is_cut_off = true;
                    return Ok(false);
                }
                return Err(error(container, failure));
            }
            self.take_decoded()?;
            if self.given < self.decoded.len() {
                return Ok(true);
            }
        }
    }

    /// Takes the samples of the packet that was decoded last, if it has any, but for those to be thrown away.
    fn take_decoded(&mut self) -> Result<(), Error> {
        let (buffer, channels) = (self.decoder.last_decoded(), usize::from(self.info.channels));
        if buffer.frames() == 0 {
            return Ok(());
        }
        let spec = buffer.spec();
        if spec.rate() != self.info.sample_rate_hz || spec.channels().count() != channels {
            let why = "the sample rate or the number of channels changes within it";
            return Err(damaged(self.info.container, why));
        }
        buffer.copy_to_vec_interleaved(&mut self.decoded);
        let skipped = self.to_skip.min(buffer.frames() as u64);
        self.to_skip -= skipped;
        self.given = skipped as usize * channels;
        Ok(())
    }

    /// Returns whether no packet follows.
    fn is_last(&mut self) -> bool {
        loop {
            match self.reader.next() {
                Ok(Some(packet)) if packet.track_id == self.track => return false,
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(other) => return is_of_the_end(&other),
            }
        }
    }

    /// Goes on with the stream behind one that has ended: Ogg files may be one behind the other.
    fn begin_next_stream(&mut self) -> Result<(), Error> {
        let container = self.info.container;
        let track = match &self.reader {
            Reader::Format(reader) => reader.default_track(TrackType::Audio),
            Reader::Table(_) => None,
        };
        let parameters = track.and_then(|track| track.codec_params.as_ref()?.audio());
        let (Some(track), Some(parameters)) = (track, parameters) else {
            return Err(damaged(self.info.container, "a stream in it has no sound"));
        };
        let (decoder, name) = decoder(container, parameters, false)?;
        self.memory = memory(name, track, self.info.sample_rate_hz);
        self.track = track.id;
        (self.decoder, self.is_whole) = (decoder, false);
        Ok(())
    }

    /// Checks what can be checked once everything was decoded.
    fn end(&mut self) -> Result<bool, Error> {
        // Of a part there is no sum.
        let is_part = self.is_cut_off
            || self.truncated.is_kept() && self.info.length.exact() > Some(self.position);
        if self.is_whole && !is_part && self.decoder.finalize().verify_ok == Some(false) {
            let why = "its samples are not those that its MD5 is of; copy or download it again";
            return Err(damaged(self.info.container, why));
        }
        Ok(false)
    }

    /// Reads what is left of the last packet, or else the next.
    fn read_some(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        let channels = usize::from(self.info.channels);
        if self.given == self.decoded.len() && !self.next_packet()? {
            return Ok(0);
        }
        let left = &self.decoded[self.given..];
        let count = left.len().min(interleaved.len()) / channels;
        interleaved[..count * channels].copy_from_slice(&left[..count * channels]);
        self.given += count * channels;
        self.position += count as u64;
        Ok(count)
    }

    /// Begins again.
    fn rewind(&mut self) -> Result<u64, Error> {
        let fresh = Packets::begin(self.origin.clone(), self.truncated)?;
        let is_cut_off = self.is_cut_off;
        *self = Packets { decoded: std::mem::take(&mut self.decoded), is_cut_off, ..fresh };
        self.decoded.clear();
        Ok(0)
    }
}

impl Decode for Packets {
    fn info(&self) -> &Info {
        &self.info
    }

    fn seek(&mut self, frame: u64) -> Result<u64, Error> {
        if self.is_lost || frame < self.position {
            self.rewind()?;
        }
        if frame < self.position + self.left_of_packet() || self.memory == Memory::All {
            return Ok(self.position);
        }
        match guarded(self.info.container, || self.go_ahead(frame)) {
            Ok(_) => Ok(self.position),
            // Whoever decodes from the beginning is told what is wrong, and where.
            Err(_) => self.rewind(),
        }
    }

    fn count(&mut self, most: u64) -> Result<Option<u64>, Error> {
        // What is there of a recording that was cut off shows when it is decoded.
        if self.memory == Memory::All || self.truncated.is_kept() {
            return Ok(None);
        }
        if self.is_lost || self.position > 0 {
            self.rewind()?;
        }
        match guarded(self.info.container, || self.go_ahead(most)) {
            Ok(false) => Ok(Some(self.position)),
            Ok(true) => Ok(Some(most.saturating_add(1))),
            Err(_) => self.rewind().map(|_| None),
        }
    }

    fn read(&mut self, interleaved: &mut [f32]) -> Result<usize, Error> {
        let read = guarded(self.info.container, || self.read_some(interleaved));
        self.is_lost |= read.is_err();
        read
    }

    fn is_cut_off(&self) -> bool {
        self.is_cut_off
    }

    fn check_unchanged(&self) -> Result<(), Error> {
        self.origin.media().check_unchanged()
    }
}

/// How much a codec remembers, if the clock of its packets is that of its samples.
fn memory(codec: &str, track: &Track, sample_rate_hz: u32) -> Memory {
    let is_of_samples =
        |base: TimeBase| base.numer.get() == 1 && base.denom.get() == sample_rate_hz;
    match track.time_base.is_some_and(is_of_samples) {
        true => Memory::of(codec),
        false => Memory::All,
    }
}
