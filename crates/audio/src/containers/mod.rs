//! Recognition of a file by its first bytes, and the place of its samples: a file for each
//! container.

mod aiff;
mod au;
mod caf;
mod gzip;
mod id3;
mod order;
pub(crate) mod raw;
mod riff;
mod sphere;
mod wave64;
mod wave_format;

use crate::{
    Error, Truncated,
    codecs::{
        flac::Flac,
        packets::{Packets, Wrapping},
    },
    containers::raw::RawFormat,
    contents::Contents,
    error::excerpt,
    pcm::layout::Layout,
    window::Window,
};

/// The number of a file's first bytes that recognising it takes.
pub const MAGIC_BYTES: usize = 40;

/// Finds out where the samples are, and what.
///
/// - `raw`: what a file is that begins with nothing known
/// - `truncated`: what becomes of a file that ends too early
pub(crate) fn contents(
    window: &mut Window,
    raw: Option<RawFormat>,
    truncated: Truncated,
) -> Result<Contents, Error> {
    let file_bytes = window.len();
    let head = window.bytes(0, MAGIC_BYTES)?;
    match (Magic::of(&head[..head.len().min(MAGIC_BYTES)]), raw) {
        (Magic::Known(Support::Read(layout)), _) => layout(window, truncated).map(Contents::Pcm),
        (Magic::Known(Support::Open(contents)), _) => contents(window, truncated),
        (Magic::Known(Support::Packets(wrapping)), _) | (Magic::Weak(wrapping), None) => {
            let decoder = Packets::open(window.media().clone(), wrapping, truncated)?;
            Ok(Contents::Coded(Box::new(decoder)))
        }
        (Magic::Known(Support::Named { name, advice }), _) => {
            Err(Error::UnsupportedContainer { container: name.to_owned(), advice })
        }
        (Magic::Weak(_) | Magic::Unknown, Some(raw)) => raw.layout(file_bytes).map(Contents::Pcm),
        (Magic::Unknown, None) => {
            Err(Error::NotAudio { beginning: excerpt(&head[..head.len().min(8)]) })
        }
    }
}

/// Opens a FLAC file, which has its own container.
fn flac_contents(window: &mut Window, truncated: Truncated) -> Result<Contents, Error> {
    Ok(Contents::Coded(Box::new(Flac::open(window.media().clone(), truncated)?)))
}

/// Opens a Matroska or WebM file.
fn matroska_contents(window: &mut Window, truncated: Truncated) -> Result<Contents, Error> {
    Ok(Contents::Coded(Box::new(Packets::matroska(window.media().clone(), truncated)?)))
}

/// The verdict about a file by its first bytes.
#[derive(Debug, Clone, Copy)]
enum Magic {
    /// A format of the table.
    Known(Support),
    /// An MPEG or AAC frame by its looks, which may as well be headerless samples: the eleven set
    /// bits are also those of a small negative number.
    Weak(Wrapping),
    /// A beginning that no known format has.
    Unknown,
}

/// The way a known format is treated.
#[derive(Debug, Clone, Copy)]
enum Support {
    /// Its header is read.
    Read(fn(&mut Window, Truncated) -> Result<Layout, Error>),
    /// Its header is read, and what is behind it may be coded.
    Open(fn(&mut Window, Truncated) -> Result<Contents, Error>),
    /// It holds the packets of a codec.
    Packets(Wrapping),
    /// The format is known by name only, and refused with this advice.
    Named { name: &'static str, advice: &'static str },
}

const SOX: &str = "convert it to WAVE first, for example with `sox IN OUT.wav`";
const FFMPEG: &str = "convert it to WAVE first, for example with `ffmpeg -i IN OUT.wav`";
const SPH2PIPE: &str = "convert it to WAVE first, for example with `sph2pipe -p -f wav IN OUT.wav`";
const LFS: &str = "fetch the recording itself with `git lfs pull`";

/// A format, and what its files begin with.
#[derive(Debug, Clone, Copy)]
struct Format {
    beginning: &'static [u8],
    /// An offset and the bytes that must stand there too; empty where nothing more is asked.
    further: (usize, &'static [u8]),
    support: Support,
    /// Makes a file that is too short for [`Format::further`] count as one that was cut off.
    may_be_cut_off: bool,
    /// Lets a file of any name be taken for a recording because of its [`Format::word`].
    marks_recordings: bool,
    /// Its files hold sound, and none of them anything else.
    only_sound: bool,
}

const fn format(beginning: &'static [u8], support: Support) -> Format {
    Format {
        beginning,
        further: (0, b""),
        support,
        may_be_cut_off: false,
        marks_recordings: false,
        only_sound: true,
    }
}

const fn named(beginning: &'static [u8], name: &'static str, advice: &'static str) -> Format {
    format(beginning, Support::Named { name, advice })
}

impl Format {
    const fn with(self, offset: usize, bytes: &'static [u8]) -> Self {
        Self { further: (offset, bytes), ..self }
    }

    const fn or_cut_off(self) -> Self {
        Self { may_be_cut_off: true, ..self }
    }

    const fn marking_recordings(self) -> Self {
        Self { marks_recordings: true, ..self }
    }

    const fn or_no_sound(self) -> Self {
        Self { only_sound: false, ..self }
    }

    /// Returns the word that all files of the format's family begin with, as `RIFF` or `OggS`.
    fn word(&self) -> &'static [u8] {
        &self.beginning[..self.beginning.len().min(4)]
    }

    fn is_at_the_beginning_of(&self, head: &[u8]) -> bool {
        let (offset, further) = self.further;
        let rest = head.get(offset..).unwrap_or_default();
        let is_cut_off = self.may_be_cut_off && head.len() < offset + further.len();
        head.starts_with(self.beginning) && (is_cut_off || rest.starts_with(further))
    }
}

/// The first that fits counts.
const FORMATS: &[Format] = &[
    format(b"NIST_1A", Support::Open(sphere::contents)),
    // A RIFF file too short to say what it holds is most likely a WAVE that was cut off.
    format(b"RIFF", Support::Open(riff::contents))
        .with(8, b"WAVE")
        .or_cut_off()
        .marking_recordings(),
    format(b"RIFX", Support::Open(riff::contents))
        .with(8, b"WAVE")
        .or_cut_off()
        .marking_recordings(),
    format(b"RF64", Support::Open(riff::contents))
        .with(8, b"WAVE")
        .or_cut_off()
        .marking_recordings(),
    format(b"BW64", Support::Open(riff::contents))
        .with(8, b"WAVE")
        .or_cut_off()
        .marking_recordings(),
    // The first four bytes of Wave64's GUID are "riff" in small letters.
    format(wave64::RIFF_GUID, Support::Open(wave64::contents)).marking_recordings(),
    named(b"RIFF", "an AVI video", FFMPEG).with(8, b"AVI ").or_no_sound(),
    named(b"RIFF", "a RIFF file, but no WAVE", FFMPEG).marking_recordings().or_no_sound(),
    format(b"fLaC", Support::Open(flac_contents)).marking_recordings(),
    #[cfg(not(feature = "opus"))]
    named(b"OggS", "an Ogg Opus file", FFMPEG).with(28, b"OpusHead"),
    format(b"OggS", Support::Packets(Wrapping::Ogg)).marking_recordings(),
    format(b"ID3", Support::Open(id3::contents)).marking_recordings(),
    // A list may be compressed as well, so that it marks nothing.
    format(gzip::MAGIC, Support::Open(gzip::contents)).or_no_sound(),
    format(b".snd", Support::Read(au::layout)).marking_recordings(),
    format(b"dns.", Support::Read(au::layout)),
    format(b"FORM", Support::Read(aiff::layout)).with(8, b"AIFF").marking_recordings(),
    format(b"FORM", Support::Read(aiff::layout)).with(8, b"AIFC"),
    format(b"caff", Support::Open(caf::contents)).marking_recordings(),
    // Of MP4's brands, these two are those of sound (an album, an audio book).
    format(b"", Support::Packets(Wrapping::Mp4)).with(4, b"ftypM4A"),
    format(b"", Support::Packets(Wrapping::Mp4)).with(4, b"ftypM4B"),
    format(b"", Support::Packets(Wrapping::Mp4)).with(4, b"ftyp").or_no_sound(),
    named(b"ajkg", "a shorten-compressed file", FFMPEG),
    named(b"wvpk", "a WavPack file", FFMPEG),
    named(b"Creative Voice File\x1A", "a Creative Voice file (VOC)", SOX),
    named(b"MAC ", "a Monkey's Audio file", FFMPEG),
    named(b"#!AMR", "an AMR file", FFMPEG),
    format(b"\x1A\x45\xDF\xA3", Support::Open(matroska_contents)).or_no_sound(),
    named(b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "a Windows Media file", FFMPEG).or_no_sound(),
    named(b"NIST_1", "a NIST SPHERE file of an unknown version", SPH2PIPE),
    // A corpus that was cloned without its large files.
    named(b"version https://git-lfs", "a Git LFS pointer", LFS).or_no_sound(),
];

impl Magic {
    /// Recognises a format by the first [`MAGIC_BYTES`] bytes, or fewer if there are no more.
    fn of(head: &[u8]) -> Self {
        if let Some(format) = FORMATS.iter().find(|format| format.is_at_the_beginning_of(head)) {
            return Self::Known(format.support);
        }
        match mpeg_frame(head) {
            Some(wrapping) => Self::Weak(wrapping),
            None => Self::Unknown,
        }
    }
}

/// Tells a recording from a text by its first bytes, whatever the file is called. Not every
/// recording is recognised: ask only where a text, such as a list of paths, may stand in its place.
///
/// A text may begin with a container's magic word too (`RIFFs/a.wav`), so a word alone is not enough:
/// text has no control characters, and what follows the word in a recording has some, or names a form of
/// it (`WAVE`).
///
/// - `head`: the file's first 12 bytes, or all of a shorter one; more are not looked at
///
/// ```
/// use ossicle_audio::looks_like_a_recording;
///
/// assert!(looks_like_a_recording(b"RIFF\x24\xC8\0\0WAVE"));
/// assert!(!looks_like_a_recording(b"RIFFs/a.wav\n"));
/// ```
pub fn looks_like_a_recording(head: &[u8]) -> bool {
    const FORMS: [&[u8]; 4] = [b"WAVE", b"AIFF", b"AIFC", b"AVI "];
    let head = &head[..head.len().min(12)];
    if begins_with_text_of_its_own(head) {
        return true;
    }
    FORMATS.iter().filter(|format| format.marks_recordings).any(|format| {
        head.strip_prefix(format.word()).is_some_and(|rest| {
            rest.is_empty() || !is_text(rest) || FORMS.iter().any(|form| rest.ends_with(form))
        })
    })
}

/// Tells whether a file of a name that says nothing is a recording, by its first bytes: those of a format
/// whose files hold sound and nothing else, or ID3 tags. Pictures, videos and archives are none, nor is a
/// stream of MPEG frames without a tag, whose beginning other files may have as well.
///
/// - `head`: the file's first [`MAGIC_BYTES`] bytes, or all of a shorter one
///
/// ```
/// use ossicle_audio::holds_sound;
///
/// assert!(holds_sound(b"RIFF\x24\xC8\0\0WAVEfmt \x10\0\0\0"));
/// assert!(!holds_sound(b"RIFF\x24\xC8\0\0WEBPVP8 "));
/// assert!(!holds_sound(b"dns.example.com\n"));
/// ```
pub fn holds_sound(head: &[u8]) -> bool {
    let head = &head[..head.len().min(MAGIC_BYTES)];
    let Some(format) = FORMATS.iter().find(|format| format.is_at_the_beginning_of(head)) else {
        return false;
    };
    let (_, further) = format.further;
    format.only_sound
        && (!further.is_empty() || begins_with_text_of_its_own(head) || !is_text(head))
}

/// Returns whether these are the first bytes of a format whose header is text.
fn begins_with_text_of_its_own(head: &[u8]) -> bool {
    head.starts_with(b"NIST_1A\n") || head.starts_with(b"#!AMR")
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\n' | b'\r'))
}

/// Tells the format of an MPEG audio frame header (ISO/IEC 11172-3, section 2.4.1.3) or an ADTS
/// header (ISO/IEC 13818-7, section 6.2) at the beginning.
fn mpeg_frame(head: &[u8]) -> Option<Wrapping> {
    let &[0xFF, second, third, ..] = head else { return None };
    let (sync, version, layer) = (second >> 5, (second >> 3) & 3, (second >> 1) & 3);
    let (bit_rate, sample_rate) = (third >> 4, (third >> 2) & 3);
    match (sync, version, layer) {
        (0b111, 2.., 0) => Some(Wrapping::Adts),
        // Version 1, bit rate 15 and sample rate 3 are reserved.
        (0b111, 0 | 2 | 3, 1..) if bit_rate != 15 && sample_rate != 3 => Some(Wrapping::Mpeg),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_bytes() {
        for Format { beginning, further: (offset, further), support, .. } in FORMATS.iter().copied()
        {
            let mut head = vec![0; MAGIC_BYTES];
            head[offset..][..further.len()].copy_from_slice(further);
            head[..beginning.len()].copy_from_slice(beginning);
            let Magic::Known(found) = Magic::of(&head) else { panic!("{beginning:?}") };
            assert_eq!(format!("{found:?}"), format!("{support:?}"));
        }
    }

    #[test]
    fn a_riff_file_that_ends_before_it_says_what_it_holds_is_a_wave() {
        for length in 4..=40 {
            let is_read = |word: &[u8]| {
                let mut head = [b"RIFF\x24\0\0\0", word, &[0; 28]].concat();
                head.truncate(length);
                matches!(Magic::of(&head), Magic::Known(Support::Open(_)))
            };
            assert!(is_read(b"WAVE"), "{length}");
            assert_eq!(is_read(b"AVI "), length < 12, "{length}");
        }
        // Of other formats a beginning is not enough.
        assert!(matches!(Magic::of(b"FORM\0\0"), Magic::Unknown));
    }

    #[test]
    fn only_frame_headers_without_reserved_values_look_like_mpeg() {
        assert_eq!(mpeg_frame(&[0xFF, 0xFB, 0x90]), Some(Wrapping::Mpeg));
        assert_eq!(mpeg_frame(&[0xFF, 0xF1, 0x50]), Some(Wrapping::Adts));
        for head in [&[0xFF, 0xFB, 0xF0][..], &[0xFF, 0xFB, 0x9C], &[0xFF, 0xEB, 0x90], &[0xFF]] {
            assert_eq!(mpeg_frame(head), None, "{head:x?}");
        }
    }

    #[test]
    fn any_few_bytes_are_looked_at_without_a_panic() {
        for beginning in FORMATS.iter().map(|format| format.beginning) {
            for length in 0..=beginning.len() {
                Magic::of(&beginning[..length]);
            }
        }
    }

    #[test]
    fn a_list_that_begins_with_a_magic_word_is_still_a_list() {
        for head in
            ["RIFF/a.wav\nb", "OggSongs/a.w", "ID3tags/a.wa", "NIST_1A/a.wa", "fLaC\na\nb\nc"]
        {
            assert!(!looks_like_a_recording(head.as_bytes()), "{head}");
        }
    }

    #[test]
    fn what_holds_other_things_than_sound_or_is_text_is_not_taken_for_sound() {
        let others: [&[u8]; 11] = [
            b"",
            b"RIFF\x24\0\0\0WEBPVP8 ",
            b"RIFF\x24\0\0\0AVI LIST",
            b"FORM\0\0\0\x24ILBM",
            b"\0\0\0\x20ftypisom",
            b"\x1F\x8B\x08\0",
            b"\x1A\x45\xDF\xA3\x01\0",
            b"caffeine\n",
            b"MAC addresses\n",
            b"\xFF\xFB\x90\0",
            b"version https://git-lfs.github.com/spec/v1\n",
        ];
        for head in others {
            assert!(!holds_sound(head), "{}", head.escape_ascii());
        }
        let sound: [&[u8]; 9] = [
            b"RIFF\x24\0\0\0WAVE",
            b"NIST_1A\n   1024\n",
            b"fLaC\0\0\0\x22",
            b"FORM\0\0\0\x24AIFC",
            b"\0\0\0\x20ftypM4A ",
            b"OggS\0\x02",
            b"ID3\x04\0",
            b"#!AMR-WB\n",
            b"Creative Voice File\x1A\x1A\0",
        ];
        for head in sound {
            assert!(holds_sound(head), "{}", head.escape_ascii());
        }
    }

    #[test]
    fn containers_are_known_by_their_first_bytes() {
        let heads: [&[u8]; 7] = [
            b"RIFF\x24\x00\x00\x00WAVE",
            b"RIFF    WAVE",
            b"NIST_1A\n   1",
            b"fLaC\0\0\0\x22\x10\0\x10\0",
            b"ID3\x04\0\0\0\0\0\0\0\0",
            b"OggS\0\x02\0\0\0\0\0\0",
            b"OggS",
        ];
        for head in heads {
            assert!(looks_like_a_recording(head), "{}", head.escape_ascii());
        }
    }
}
