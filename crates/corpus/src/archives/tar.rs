//! The tar format: headers read one after the other, members passed over.
//!
//! Headers are those of POSIX.1-1988 (`ustar`), with the extensions of POSIX.1-2001 (`pax`, records of
//! `x` and `g` headers) and of GNU tar (`L` and `K` for long names, numbers in base 256), as the manual of
//! GNU tar 1.35 describes them in "Basic Tar Format". What GNU tar stores as sparse is named.

use std::io::{self, Read};

/// The size of a header, of which that of everything is a multiple.
const BLOCK: u64 = 512;

/// The longest name, and the longest record of a `pax` header, in bytes.
const MOST_EXTENDED: u64 = 1 << 20;

/// What an archive is read from: from its beginning to its end, and never back.
pub(crate) trait Forward: Read {
    /// Passes over so many bytes, or over those that there are, and returns how many they were.
    ///
    /// # Errors
    /// Those of reading.
    fn skip(&mut self, bytes: u64) -> io::Result<u64>;
}

/// A member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name, as it is there.
    pub(crate) name: Vec<u8>,
    pub(crate) kind: MemberKind,
    /// Where its bytes begin.
    pub(crate) offset: u64,
    /// How many they are.
    pub(crate) bytes: u64,
}

/// The kinds of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// A file, with its bytes behind the header.
    File,
    Folder,
    /// What has no bytes of its own there, or not in one piece: with its article, for messages.
    Other(&'static str),
}

/// Why an archive cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TarError {
    #[error("{0}")]
    Read(#[from] io::Error),
    #[error("it has no header of a member at byte {at}, where one must be")]
    NoHeader { at: u64 },
    #[error("it ends within {what}")]
    Ends { what: String },
    #[error("the header at byte {at} says what cannot be: {what}")]
    Impossible { at: u64, what: &'static str },
}

/// Returns whether bytes begin as an archive does.
pub(crate) fn begins_like_tar(head: &[u8]) -> bool {
    head.first_chunk::<512>().is_some_and(|header| header[0] != 0 && has_checksum(header))
}

/// The members of an archive, in order.
pub(crate) struct Members<R> {
    input: R,
    /// Where it stands.
    at: u64,
    /// Where the bytes of the last member end, and its name.
    end: (u64, Vec<u8>),
    /// Where the next header is.
    next: u64,
    /// The records of a `g` header, which hold for all members behind it.
    global: Extended,
}

/// What stands in front of a member's own header.
#[derive(Debug, Clone, Default)]
struct Extended {
    name: Option<Vec<u8>>,
    bytes: Option<u64>,
    is_sparse: bool,
}

impl<R: Forward> Members<R> {
    /// Reads an archive that stands at its first byte.
    pub(crate) fn new(input: R) -> Members<R> {
        Members { input, at: 0, end: (0, Vec::new()), next: 0, global: Extended::default() }
    }

    /// Returns the next member; none at the end.
    pub(crate) fn next_member(&mut self) -> Result<Option<Member>, TarError> {
        let mut extended = self.global.clone();
        loop {
            if self.skip_to(self.end.0)? < self.end.0 {
                let name = String::from_utf8_lossy(&self.end.1);
                return Err(TarError::Ends { what: format!("the bytes of `{name}`") });
            }
            // What fills the last block may be missing.
            self.skip_to(self.next)?;
            let at = self.at;
            let Some(header) = self.header()? else { return Ok(None) };
            let impossible = |what| TarError::Impossible { at, what };
            let size = number(&header[124..136]).ok_or_else(|| impossible("its size"))?;
            let bytes = match header[156] {
                // These have a size of their own, whatever is in front of them.
                b'L' | b'K' | b'x' | b'g' | b'X' => size,
                _ => extended.bytes.unwrap_or(size),
            };
            let end =
                self.at.checked_add(bytes).and_then(|end| end.checked_next_multiple_of(BLOCK));
            self.next = end.ok_or_else(|| impossible("its size"))?;
            match header[156] {
                b'L' => extended.name = Some(until_nul(&self.extended(bytes, at)?).to_vec()),
                b'K' => {}
                b'x' | b'X' => extended.add_records(&self.extended(bytes, at)?),
                b'g' => {
                    let records = self.extended(bytes, at)?;
                    self.global.add_records(&records);
                    extended.add_records(&records);
                }
                flag => {
                    let name = extended.name.take().unwrap_or_else(|| name(&header));
                    let kind = kind(flag, &name, extended.is_sparse);
                    // A link's size is that of what it leads to, in some archives.
                    let has_bytes =
                        matches!(kind, MemberKind::File) || !matches!(flag, b'1'..=b'6');
                    if !has_bytes {
                        self.next = self.at;
                    }
                    self.end = (if has_bytes { self.at + bytes } else { self.at }, name.clone());
                    return Ok(Some(Member { name, kind, offset: self.at, bytes }));
                }
            }
        }
    }

    /// Reads the first bytes of the member that was returned last.
    pub(crate) fn read(&mut self, member: &Member, most: u64) -> Result<Vec<u8>, TarError> {
        let wanted = member.bytes.min(most);
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(wanted).read_to_end(&mut bytes)?;
        self.at += read as u64;
        if (read as u64) < wanted {
            let what = format!("the bytes of `{}`", String::from_utf8_lossy(&member.name));
            return Err(TarError::Ends { what });
        }
        Ok(bytes)
    }

    /// Reads a header; none at the end.
    fn header(&mut self) -> Result<Option<[u8; 512]>, TarError> {
        let mut header = Vec::with_capacity(BLOCK as usize);
        self.input.by_ref().take(BLOCK).read_to_end(&mut header)?;
        let at = self.at;
        self.at += header.len() as u64;
        match header.first_chunk::<512>() {
            // Archives may end without the two blocks of zeros that end them.
            None if header.iter().all(|&byte| byte == 0) => Ok(None),
            None => Err(TarError::Ends { what: "a header".to_owned() }),
            Some(header) if header.iter().all(|&byte| byte == 0) => Ok(None),
            Some(header) if has_checksum(header) => Ok(Some(*header)),
            Some(_) => Err(TarError::NoHeader { at }),
        }
    }

    /// Reads what a header has behind it about the next one.
    fn extended(&mut self, bytes: u64, at: u64) -> Result<Vec<u8>, TarError> {
        if bytes > MOST_EXTENDED {
            return Err(TarError::Impossible { at, what: "a name of more than a MiB" });
        }
        let mut records = Vec::new();
        let read = self.input.by_ref().take(bytes).read_to_end(&mut records)?;
        self.at += read as u64;
        match read as u64 == bytes {
            true => Ok(records),
            false => Err(TarError::Ends { what: "a name".to_owned() }),
        }
    }

    /// Passes over what is before a place, as far as there is something, and returns where it stands.
    fn skip_to(&mut self, to: u64) -> io::Result<u64> {
        if to > self.at {
            self.at += self.input.skip(to - self.at)?;
        }
        Ok(self.at)
    }
}

impl Extended {
    /// Adds the records of a `pax` header: `LENGTH KEY=VALUE\n`, where the length is the record's own.
    fn add_records(&mut self, mut records: &[u8]) {
        while let Some(blank) = records.iter().position(|&byte| byte == b' ') {
            let length = std::str::from_utf8(&records[..blank]).ok().and_then(|n| n.parse().ok());
            let Some((record, rest)) = length.and_then(|n: usize| records.split_at_checked(n))
            else {
                return;
            };
            records = rest;
            let record = record.get(blank + 1..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let Some(equals) = record.iter().position(|&byte| byte == b'=') else { continue };
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => self.name = (!value.is_empty()).then(|| value.to_vec()),
                b"size" => {
                    self.bytes = std::str::from_utf8(value).ok().and_then(|n| n.parse().ok());
                }
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
    }
}

fn kind(flag: u8, name: &[u8], is_sparse: bool) -> MemberKind {
    match flag {
        _ if is_sparse => MemberKind::Other("a sparse file"),
        // Before POSIX, a folder was told by its name alone.
        b'0' | 0 if name.ends_with(b"/") => MemberKind::Folder,
        b'0' | 0 | b'7' => MemberKind::File,
        b'1' => MemberKind::Other("a hard link"),
        b'2' => MemberKind::Other("a link"),
        b'3' | b'4' => MemberKind::Other("a device"),
        b'5' | b'D' => MemberKind::Folder,
        b'6' => MemberKind::Other("a FIFO"),
        b'S' => MemberKind::Other("a sparse file"),
        b'M' => MemberKind::Other("a part of a file of another volume"),
        b'V' => MemberKind::Folder,
        _ => MemberKind::Other("something of a kind that is not known"),
    }
}

/// The name that is in a header itself.
fn name(header: &[u8; 512]) -> Vec<u8> {
    let (name, prefix) = (until_nul(&header[..100]), until_nul(&header[345..500]));
    // GNU tar has other things where POSIX has the first part of a long name.
    match &header[257..263] == b"ustar\0" && !prefix.is_empty() {
        true => [prefix, b"/", name].concat(),
        false => name.to_vec(),
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// Reads a number: octal digits, or GNU tar's base 256, which its first bit marks.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((first @ 0x80.., rest)) = field.split_first() {
        // A negative number begins with 0xff.
        let digits = [&[first & 0x7f], rest].concat();
        let (high, low) = digits.split_last_chunk::<8>()?;
        return high.iter().all(|&byte| byte == 0).then_some(u64::from_be_bytes(*low));
    }
    let digits = field.split(|&byte| byte == 0).next()?.trim_ascii();
    let digits = std::str::from_utf8(digits).ok()?;
    match digits {
        "" => Some(0),
        digits => u64::from_str_radix(digits, 8).ok().filter(|_| !digits.starts_with('+')),
    }
}

/// Returns whether a header's checksum is that of its bytes, its own eight counted as blanks. Some old
/// programs took bytes as signed.
fn has_checksum(header: &[u8; 512]) -> bool {
    let Some(told) = number(&header[148..156]) else { return false };
    let counted = |at: usize| if (148..156).contains(&at) { b' ' } else { header[at] };
    let unsigned: u64 = (0..512).map(|at| u64::from(counted(at))).sum();
    let signed: i64 = (0..512).map(|at| i64::from(counted(at) as i8)).sum();
    told == unsigned || i64::try_from(told) == Ok(signed)
}

impl<R: Forward + ?Sized> Forward for Box<R> {
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        (**self).skip(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Forward for &[u8] {
        fn skip(&mut self, bytes: u64) -> io::Result<u64> {
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.len());
            *self = &self[bytes..];
            Ok(bytes as u64)
        }
    }

    /// A header of `ustar`, from the standard's table of fields.
    fn header(name: &[u8], flag: u8, size: &[u8]) -> [u8; 512] {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name);
        header[124..124 + size.len()].copy_from_slice(size);
        header[156] = flag;
        header[257..265].copy_from_slice(b"ustar\x0000");
        sealed(header)
    }

    fn sealed(mut header: [u8; 512]) -> [u8; 512] {
        header[148..156].copy_from_slice(b"        ");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        header
    }

    fn padded(bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }

    fn file(name: &[u8], bytes: &[u8]) -> Vec<u8> {
        let size = format!("{:011o}\0", bytes.len());
        [&header(name, b'0', size.as_bytes())[..], &padded(bytes)].concat()
    }

    fn all(archive: &[u8]) -> Result<Vec<Member>, TarError> {
        let mut members = Members::new(archive);
        let mut all = Vec::new();
        while let Some(member) = members.next_member()? {
            all.push(member);
        }
        Ok(all)
    }

    fn member(name: &str, offset: u64, bytes: u64) -> Member {
        Member { name: name.as_bytes().to_vec(), kind: MemberKind::File, offset, bytes }
    }

    #[test]
    fn long_names_of_both_kinds_and_large_numbers_are_read() {
        let long = "d/".repeat(200) + "a.wav";
        let record = |key: &str, value: &str| {
            let rest = format!(" {key}={value}\n");
            let length = (1..).find(|n: &usize| n.to_string().len() + rest.len() == *n).unwrap();
            format!("{length}{rest}")
        };
        let pax = record("mtime", "1.5") + &record("path", "p/é.wav") + &record("size", "3");
        let mut split = header(b"b.wav", b'0', b"00000000001\0");
        split[345..350].copy_from_slice(b"x/y/z");
        let mut base_256 = [0; 12];
        (base_256[0], base_256[11]) = (0x80, 2);
        let archive = [
            file(b"none", b""),
            file(b"plain.wav", b"12345"),
            [
                &header(b"././@LongLink", b'L', b"00000000626\0")[..],
                &padded(&[long.as_bytes(), b"\0"].concat()),
            ]
            .concat(),
            file(b"cut", b"1"),
            [
                &header(b"pax", b'x', format!("{:011o}\0", pax.len()).as_bytes())[..],
                &padded(pax.as_bytes()),
            ]
            .concat(),
            // Whose own size is another.
            [&header(b"short", b'0', b"00000000000\0")[..], &padded(b"abc")].concat(),
            [&sealed(split)[..], &padded(b"z")].concat(),
            [&header(b"base", b'0', &base_256)[..], &padded(b"no")].concat(),
            vec![0; 1024],
            file(b"behind the end", b""),
        ]
        .concat();
        let expected = [
            member("none", 512, 0),
            member("plain.wav", 1024, 5),
            member(&long, 1536 + 512 + 512 + 512, 1),
            member("p/é.wav", 3584 + 512 * 3, 3),
            member("x/y/z/b.wav", 5632 + 512, 1),
            member("base", 6656 + 512, 2),
        ];
        assert_eq!(all(&archive).unwrap(), expected);
        // Without its end it has the same members.
        assert_eq!(all(&archive[..7680]).unwrap(), expected);
        assert!(begins_like_tar(&archive) && !begins_like_tar(&archive[512 + 512..]));
    }

    #[test]
    fn what_has_no_bytes_of_its_own_is_named() {
        for (flag, what) in [
            (b'1', "a hard link"),
            (b'2', "a link"),
            (b'3', "a device"),
            (b'6', "a FIFO"),
            (b'S', "a sparse file"),
            (b'?', "something of a kind that is not known"),
        ] {
            let archive = [&header(b"a", flag, b"00000000000\0")[..], &file(b"b", b"1")].concat();
            let members = all(&archive).unwrap();
            assert_eq!(members[0].kind, MemberKind::Other(what));
            assert_eq!(members[1], member("b", 1024, 1));
        }
        let sparse = b"22 GNU.sparse.major=1\n";
        let size = format!("{:011o}\0", sparse.len());
        let archive = [
            &header(b"x", b'x', size.as_bytes())[..],
            &padded(sparse),
            &file(b"a", b"1"),
            &file(b"b", b"1"),
        ]
        .concat();
        let kinds: Vec<_> = all(&archive).unwrap().into_iter().map(|member| member.kind).collect();
        assert_eq!(kinds, [MemberKind::Other("a sparse file"), MemberKind::File]);
    }

    #[test]
    fn what_is_cut_or_is_no_header_is_an_error_that_says_where() {
        let archive = [file(b"a.wav", b"12345"), file(b"b.wav", b"1")].concat();
        let message = |bytes: &[u8]| all(bytes).unwrap_err().to_string();
        assert_eq!(message(&archive[..1100]), "it ends within a header");
        let mut other = archive.clone();
        other[1024] ^= 1;
        assert_eq!(message(&other), "it has no header of a member at byte 1024, where one must be");
        let huge = header(b"a", b'0', b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
        assert_eq!(message(&huge), "the header at byte 0 says what cannot be: its size");
        let name = header(b"a", b'L', b"77777777777\0");
        assert!(message(&name).ends_with("a name of more than a MiB"));
        let mut members = Members::new(&archive[..514]);
        let first = members.next_member().unwrap().unwrap();
        let error = members.read(&first, 9).unwrap_err().to_string();
        assert_eq!(error, "it ends within the bytes of `a.wav`");
    }

    #[test]
    fn no_bytes_make_it_panic_or_go_on_for_ever() {
        let whole = [file(b"a.wav", b"12345"), file(b"b.txt", b"1"), vec![0; 1024]].concat();
        let mut random = 9_u64;
        for _ in 0..5000 {
            let mut bytes = whole.clone();
            for _ in 0..3 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = (random >> 33) as usize % bytes.len();
                bytes[at] = (random >> 25) as u8;
            }
            for block in [0, 1024] {
                // A header that is one again, whatever it says.
                let header = *bytes[block..].first_chunk::<512>().unwrap();
                bytes[block..block + 512].copy_from_slice(&sealed(header));
            }
            let _ = all(&bytes);
        }
    }
}
