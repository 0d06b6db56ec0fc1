//! Other crates' decoders, and reading alone.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::{FormatOptions, TrackType, probe::Hint};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::subject::{Decoded, Subject};

/// Of `Cargo.lock`.
pub(crate) const VERSIONS: &[&str] = &["symphonia 0.6", "claxon 0.4"];

/// Each crate's way to a recording that it reads.
pub(crate) fn decoding(recording: &Path) -> Vec<Subject> {
    let what = recording.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut subjects = Vec::new();
    if symphonia(recording).is_ok() {
        let path = recording.to_owned();
        let decode = Box::new(move || symphonia(&path));
        subjects.push(Subject { what: what.clone(), program: "symphonia", decode });
    }
    if recording.extension() == Some(OsStr::new("flac")) {
        let path = recording.to_owned();
        let decode = Box::new(move || claxon(&path));
        subjects.push(Subject { what: what.clone(), program: "claxon", decode });
    }
    if ["wav", "sph"].iter().any(|&it| recording.extension() == Some(OsStr::new(it))) {
        let (path, mut buffer) = (recording.to_owned(), vec![0; 1 << 16]);
        // Two bytes a sample, one channel.
        let decode = Box::new(move || {
            Ok(Decoded { num_frames: read(&path, &mut buffer)? / 2, channels: 1 })
        });
        subjects.push(Subject { what, program: "reading alone", decode });
    }
    subjects
}

/// The library's own loop, with verification on, into interleaved samples.
fn symphonia(path: &Path) -> Result<Decoded, Box<dyn Error>> {
    let bytes =
        MediaSourceStream::new(Box::new(File::open(path)?), MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe().probe(
        &Hint::new(),
        bytes,
        FormatOptions::default(),
        MetadataOptions::default(),
    )?;
    let track = format.default_track(TrackType::Audio).ok_or("no sound")?;
    let id = track.id;
    let parameters = track.codec_params.as_ref().and_then(|it| it.audio()).ok_or("no codec")?;
    let options = AudioDecoderOptions::default().verify(true);
    let mut decoder = symphonia::default::get_codecs().make_audio_decoder(parameters, &options)?;
    let (mut samples, mut decoded) = (Vec::<f32>::new(), Decoded { num_frames: 0, channels: 0 });
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(SymphoniaError::IoError(error))
                if error.kind() == std::io::ErrorKind::UnexpectedEof =>
            {
                break;
            }
            Err(error) => return Err(error.into()),
        };
        if packet.track_id != id {
            continue;
        }
        let buffer = decoder.decode(&packet)?;
        decoded.num_frames += buffer.frames();
        decoded.channels = buffer.spec().channels().count();
        buffer.copy_to_vec_interleaved(&mut samples);
        black_box(&samples);
    }
    if decoder.finalize().verify_ok == Some(false) {
        return Err("its checksum is another".into());
    }
    Ok(decoded)
}

/// claxon checks each frame's CRC, and not the MD5 of all samples.
fn claxon(path: &Path) -> Result<Decoded, Box<dyn Error>> {
    let mut reader = claxon::FlacReader::open(path)?;
    let channels = reader.streaminfo().channels as usize;
    let scale = 1.0 / (1_i64 << (reader.streaminfo().bits_per_sample - 1)) as f32;
    let (mut blocks, mut buffer, mut num_frames) = (reader.blocks(), Vec::new(), 0);
    let mut samples = Vec::new();
    while let Some(block) = blocks.read_next_or_eof(buffer)? {
        num_frames += block.duration() as usize;
        samples.clear();
        for channel in 0..block.channels() {
            samples.extend(block.channel(channel).iter().map(|&x| x as f32 * scale));
        }
        black_box(&samples);
        buffer = block.into_buffer();
    }
    Ok(Decoded { num_frames, channels })
}

fn read(path: &Path, buffer: &mut [u8]) -> Result<usize, Box<dyn Error>> {
    let (mut file, mut bytes) = (File::open(path)?, 0);
    loop {
        match file.read(buffer)? {
            0 => return Ok(bytes),
            count => bytes += count,
        }
        black_box(&*buffer);
    }
}
