//! The samples of a shard: its members, put together by their keys.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use ossicle_audio::looks_like_a_recording;
use ossicle_files::{percent_escaped, printable};

use super::{
    said::Said,
    tallies::{Tallies, at},
};
use crate::{
    alignment_source::{AlignmentMember, AlignmentSource},
    archives::{GZIP, Member, MemberKind, Shard, TarError},
    extra::Columns,
    held::Held,
    labels::{Alignment, MAX_FILE_BYTES, Of, parse_alignment},
    names::shown,
    readers::{faults::Faults, reader::Wanted},
    recording::{has_extension, has_recording_name},
    tiers_sought::TiersSought,
};

/// A recording of a shard with what is said of it.
pub(super) struct Sample {
    pub(super) speaker: Option<Box<str>>,
    pub(super) columns: Columns,
    pub(super) held: Held,
    /// Its members that are alignments; their archive is the shard, as it was given.
    pub(super) alignment: Option<AlignmentSource>,
}

/// The samples of a shard by their keys.
pub(super) struct Samples {
    /// The shard's path.
    path: PathBuf,
    by_key: HashMap<String, Group>,
}

/// The members of one key.
#[derive(Default)]
struct Group {
    /// The recordings, each with what is behind the key's dot.
    recordings: Vec<(String, Held)>,
    said: Said,
    /// Alignments that are read where they are.
    alignments: Vec<AlignmentMember>,
    /// One that was read, as it is in a compressed archive.
    read: Option<Box<Alignment>>,
}

impl Samples {
    /// Reads a shard. What is wrong with it is told to `faults`.
    pub(super) fn read(
        path: &Path,
        mut shard: Shard,
        wanted: &Wanted,
        tallies: &mut Tallies,
        faults: &mut Faults,
    ) -> Samples {
        let file = printable(path);
        let mut samples = Samples { path: path.to_path_buf(), by_key: HashMap::new() };
        loop {
            let member = match shard.members.next_member() {
                Ok(Some(member)) => member,
                Ok(None) => return samples,
                Err(error) => {
                    faults.add(at(&file), "archives that cannot be read", || error.to_string());
                    return samples;
                }
            };
            if let Err(error) = samples.add(&file, &mut shard, member, wanted, tallies, faults) {
                faults.add(at(&file), "archives that cannot be read", || error.to_string());
                return samples;
            }
        }
    }

    /// Adds a member to the sample that it is of.
    fn add(
        &mut self,
        file: &str,
        shard: &mut Shard,
        member: Member,
        wanted: &Wanted,
        tallies: &mut Tallies,
        faults: &mut Faults,
    ) -> Result<(), TarError> {
        let name = simple(&member.name);
        if !check(file, &name, member.kind, faults) {
            return Ok(());
        }
        let Some((key, extension)) = split_name(&name) else {
            tallies.ignored.add(Path::new(&name));
            return Ok(());
        };
        let base = base(&name).as_ref();
        if wanted.tiers.may_be_in(base) && !TiersSought::is_often_another(base) {
            let group = self.by_key.entry(key.to_owned()).or_default();
            return group.align(file, &name, shard, &member, faults);
        }
        let is_recording = match has_recording_name(base, wanted.sought) {
            true => true,
            false if Said::is_read(extension) => false,
            // Whatever it is called, it is a recording if it begins like one. What is compressed may be
            // anything.
            false => {
                let head = shard.members.read(&member, 12)?;
                !head.starts_with(GZIP) && looks_like_a_recording(&head)
            }
        };
        if is_recording {
            let held = Held::Member {
                name: name.as_str().into(),
                offset: member.offset,
                bytes: member.bytes,
                is_packed: shard.is_packed,
            };
            let recordings = &mut self.by_key.entry(key.to_owned()).or_default().recordings;
            match recordings.iter_mut().find(|(other, _)| other == extension) {
                Some(other) => {
                    tallies.twice.add(&self.path.join(&name), "");
                    other.1 = held;
                }
                None => recordings.push((extension.to_owned(), held)),
            }
        } else if Said::is_read(extension) {
            let most = Said::most_bytes(extension);
            if member.bytes > most {
                faults.add(at(file), "members that are too large", || {
                    let bytes = member.bytes;
                    format!("`{}` has {bytes} bytes, and at most {most} are read", shown(&name))
                });
                return Ok(());
            }
            let text = shard.members.read(&member, most)?;
            let said = &mut self.by_key.entry(key.to_owned()).or_default().said;
            match said.add(extension, &text) {
                Ok(false) => {}
                Ok(true) => tallies.twice.add(&self.path.join(&name), ""),
                Err(wrong) => faults.add(at(file), "members that say nothing", || {
                    format!("`{}`: {wrong}", shown(&name))
                }),
            }
        } else {
            tallies.ignored.add(Path::new(&name));
        }
        Ok(())
    }

    /// Calls `each` with every recording and its id.
    pub(super) fn each(self, tallies: &mut Tallies, mut each: impl FnMut(String, Sample)) {
        for (key, Group { recordings, said, mut alignments, read }) in self.by_key {
            let place = self.path.join(&key);
            alignments.sort_by_key(|it| (TiersSought::rank(it.name.as_ref().as_ref()), it.offset));
            let alignment = match read {
                Some(read) => Some(AlignmentSource::Said(read)),
                None => AlignmentSource::members(&self.path, alignments),
            };
            let is_said = !said.is_empty() || alignment.is_some();
            match (recordings.len(), is_said) {
                (0, _) => tallies.without_recording.add(&place, ""),
                (_, false) => tallies.without_partner.add(&place, ""),
                (_, true) => tallies.with_partner += 1,
            }
            if recordings.len() > 1 {
                tallies.several.add(&place, "");
            }
            let (speaker, columns) = said.into_columns();
            let is_alone = recordings.len() == 1;
            for (extension, held) in recordings {
                let id = match is_alone {
                    true => key.clone(),
                    false => format!("{key}.{extension}"),
                };
                let (speaker, columns) = (speaker.clone(), columns.clone());
                each(id, Sample { speaker, columns, held, alignment: alignment.clone() });
            }
        }
    }
}

impl Group {
    /// Adds a member that is an alignment. In a compressed archive it is read at once: later its bytes would
    /// be had for unpacking all of them.
    fn align(
        &mut self,
        file: &str,
        name: &str,
        shard: &mut Shard,
        member: &Member,
        faults: &mut Faults,
    ) -> Result<(), TarError> {
        if !shard.is_packed {
            let (offset, bytes) = (member.offset, member.bytes);
            self.alignments.push(AlignmentMember { name: name.into(), offset, bytes });
            return Ok(());
        }
        let bytes = shard.members.read(member, MAX_FILE_BYTES)?;
        match parse_alignment(name.as_ref(), &bytes, Of::default()) {
            Ok(alignment) => self.read = self.read.take().or(Some(Box::new(alignment))),
            Err(error) => faults.add(at(file), "alignments that cannot be read", || {
                format!("`{}`: {error}", shown(name))
            }),
        }
        Ok(())
    }
}

/// The name of a member spelled as ids are, without `.` in front.
fn simple(name: &[u8]) -> String {
    let mut name = name;
    while let Some(rest) = name.strip_prefix(b"./") {
        name = rest;
    }
    percent_escaped(name)
}

/// The part of a name behind its folders.
fn base(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// The key and the extension of a name: what is before the first dot of the base name and what is behind;
/// none where there is nothing before it, or no dot.
fn split_name(name: &str) -> Option<(&str, &str)> {
    let folder = name.len() - base(name).len();
    let dot = base(name).find('.').filter(|&dot| dot > 0)?;
    let (key, extension) = name.split_at(folder + dot);
    Some((key, &extension[1..]))
}

/// Refuses a member that is none of a shard's, and returns whether it is a file that is one.
fn check(file: &str, name: &str, kind: MemberKind, faults: &mut Faults) -> bool {
    if let MemberKind::Other(what) = kind {
        faults.add(at(file), "members that are no files", || {
            format!("`{}` is {what}, which is not followed", shown(name))
        });
        return false;
    }
    if name.starts_with('/') {
        faults.add(at(file), "members with absolute names", || {
            format!("`{}` has an absolute name", shown(name))
        });
        return false;
    }
    if name.split('/').any(|part| part == "..") {
        faults.add(at(file), "members that lead out of the archive", || {
            format!("`{}` leads out of the archive", shown(name))
        });
        return false;
    }
    let is_file = kind == MemberKind::File;
    let nested = ["tar", "tgz", "zip", "7z", "rar"];
    if is_file
        && (has_extension(name.as_ref(), &nested) || name.to_ascii_lowercase().ends_with(".tar.gz"))
    {
        faults.add(at(file), "archives in archives", || {
            format!("`{}` is an archive in an archive, which is not looked into", shown(name))
        });
        return false;
    }
    is_file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_at_the_first_dot_of_the_base_name() {
        let split = |name: &str| {
            split_name(&simple(name.as_bytes())).map(|(a, b)| (a.to_owned(), b.to_owned()))
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(split("./a.wav"), pair("a", "wav"));
        assert_eq!(split("dir.with.dots/a.seg.wav"), pair("dir.with.dots/a", "seg.wav"));
        assert_eq!(split("a.wav"), pair("a", "wav"));
        assert_eq!(split("caf\u{e9}/b\n.txt"), pair("caf\u{e9}/b%0A", "txt"));
        for none in ["a", "d.x/a", ".hidden", "d/.wav"] {
            assert_eq!(split(none), None, "{none}");
        }
    }
}
