//! MP3, Vorbis, AAC, ALAC and Ogg FLAC, as symphonia decodes them: packets of a container, one after the other.

mod ahead;
mod decoder;
mod memory;
mod opening;

use symphonia::{
    core::{
        codecs::audio::AudioDecoder,
        errors::Error as SymphoniaError,
        formats::{FormatOptions, FormatReader, TrackType},
        packet::Packet,
    },
    default::formats::{AdtsReader, IsoMp4Reader, MpaReader, OggReader},
};

use self::{
    decoder::{decoder, error, guarded, is_of_the_end},
    memory::Memory,
};
use crate::{
    Container, Decode, Error, Info, Media, Truncated,
    codecs::{
        damaged::damaged,
        matroska::{Matroska, MatroskaPackets},
        source,
        table::{PacketTable, TablePackets},
    },
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
    Matroska(Matroska),
}

impl Origin {
    fn container(&self) -> Container {
        match self {
            Origin::Wrapped(_, wrapping) => wrapping.container(),
            Origin::Table(_) => Container::Caf,
            Origin::Matroska(sound) => sound.container,
        }
    }

    fn media(&self) -> &Media {
        match self {
            Origin::Wrapped(media, _) => media,
            Origin::Table(table) => &table.data,
            Origin::Matroska(sound) => &sound.media,
        }
    }
}

/// A reader of packets.
enum Reader {
    Format(Box<dyn FormatReader>),
    Table(TablePackets),
    Matroska(MatroskaPackets),
}

impl Reader {
    fn next(&mut self) -> Result<Option<Packet>, SymphoniaError> {
        match self {
            Reader::Format(reader) => reader.next_packet(),
            Reader::Table(packets) => packets.next(),
            Reader::Matroska(packets) => packets.next().map_err(|e| source::io_error(e).into()),
        }
    }
}

/// Decodes packets, from the first or on.
pub(crate) struct Packets {
    origin: Origin,
    info: Info,
    reader: Reader,
    decoder: Box<dyn AudioDecoder>,
    /// What every sample is multiplied by.
    gain: f32,
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

    /// Begins at the first sample of a sound of Matroska's.
    pub(crate) fn matroska(media: Media, truncated: Truncated) -> Result<Packets, Error> {
        Packets::begin(Origin::Matroska(Matroska::read(media, truncated)?), truncated)
    }

    /// Notes that the packets are known to be fewer than there were.
    pub(crate) fn cut_off_if(self, is_cut_off: bool) -> Packets {
        Packets { is_cut_off, ..self }
    }

    /// Begins at the first sample of ALAC packets whose sizes a table tells.
    pub(crate) fn alac(table: PacketTable, truncated: Truncated) -> Result<Packets, Error> {
        Packets::begin(Origin::Table(table), truncated)
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
        if self.gain != 1.0 {
            self.decoded.iter_mut().for_each(|sample| *sample *= self.gain);
        }
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
            Reader::Table(_) | Reader::Matroska(_) => None,
        };
        let parameters = track.and_then(|track| track.codec_params.as_ref()?.audio());
        let (Some(track), Some(parameters)) = (track, parameters) else {
            return Err(damaged(self.info.container, "a stream in it has no sound"));
        };
        let decoding = decoder(container, parameters, false)?;
        self.memory = Memory::of_track(decoding.codec, track, self.info.sample_rate_hz);
        self.track = track.id;
        (self.to_skip, self.gain) = (decoding.skipped, decoding.gain);
        (self.decoder, self.is_whole) = (decoding.decoder, false);
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
