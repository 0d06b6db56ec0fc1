//! Alignments as tables of text: a header with columns of starts, ends and labels.
//!
//! There is no standard; the names of columns are those that the Montreal Forced Aligner (`Begin`, `End`,
//! `Label`, `Type`), Praat's "Down to Table" (`tmin`, `tmax`, `text`, `tier`) and many scripts write.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    labels::{
        alignment::{Alignment, Mark, Tier},
        alignment_error::AlignmentError,
        time_unit::TimeUnit,
    },
    names::shown,
    readers::{
        records::{Field, Record, Records},
        seconds::nanoseconds,
    },
};

/// What a column says, with the names it goes by, in any case. The first name that a table has counts.
const NAMES: [(Role, &[&str]); 6] = [
    (Role::Start, &["start", "begin", "onset", "tmin", "xmin", "start_time", "begin_time"]),
    (Role::End, &["end", "stop", "offset", "tmax", "xmax", "end_time"]),
    (Role::Duration, &["duration", "dur"]),
    (Role::Label, &["label", "text", "phone", "phoneme", "word", "mark", "annotation"]),
    (Role::Tier, &["tier", "type", "tier_name"]),
    (
        Role::Recording,
        &["file", "filename", "file_name", "recording", "audio", "path", "utterance", "utt", "id"],
    ),
];

/// What a column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Start,
    End,
    Duration,
    Label,
    Tier,
    Recording,
}

/// The units that the name of a column of times may end with, each with its nanoseconds.
const UNITS: [(&str, Option<u64>); 7] = [
    ("_samples", None),
    ("_sample", None),
    ("_ms", Some(1_000_000)),
    ("_seconds", Some(1_000_000_000)),
    ("_secs", Some(1_000_000_000)),
    ("_sec", Some(1_000_000_000)),
    ("_s", Some(1_000_000_000)),
];

/// The columns of a table of labels.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CsvColumns {
    separator: u8,
    count: usize,
    start: usize,
    end: Option<usize>,
    duration: Option<usize>,
    label: usize,
    tier: Option<usize>,
    recording: Option<usize>,
    /// The nanoseconds of a unit of time; none for samples.
    unit_ns: Option<u64>,
}

impl CsvColumns {
    /// Finds the columns in a header; none where it is no header of a table of labels.
    pub(crate) fn of(header: &str) -> Option<CsvColumns> {
        let count = |separator: &u8| header.bytes().filter(|byte| byte == separator).count();
        // Of two that are as frequent, the last counts.
        let separator = *b";,\t".iter().max_by_key(|separator| count(separator))?;
        let name = |name: &str| name.trim().trim_matches('"').to_ascii_lowercase();
        let names: Vec<String> = header.split(char::from(separator)).map(name).collect();
        let split = |name: &str| {
            let unit = UNITS.iter().find_map(|&(end, unit)| Some((name.strip_suffix(end)?, unit)));
            let (bare, unit) = unit.unwrap_or((name, Some(1_000_000_000)));
            (bare.to_owned(), unit)
        };
        let place = |role: Role| {
            let known = NAMES.iter().find(|it| it.0 == role).map_or(&[][..], |it| it.1);
            let is_time = matches!(role, Role::Start | Role::End | Role::Duration);
            known.iter().find_map(|known| {
                names.iter().position(|name| match is_time {
                    true => name == known || split(name).0 == *known,
                    false => name == known,
                })
            })
        };
        let (start, label) = (place(Role::Start)?, place(Role::Label)?);
        let (end, duration) = (place(Role::End), place(Role::Duration));
        let unit = |at: usize| match &*names[at] {
            "start_time" | "begin_time" | "end_time" => Some(1_000_000_000),
            name => split(name).1,
        };
        let last = end.or(duration)?;
        // `start_sample` beside an `end` in seconds is no table that can be meant.
        if unit(start) != unit(last) {
            return None;
        }
        Some(CsvColumns {
            separator,
            count: names.len(),
            start,
            end,
            duration,
            label,
            tier: place(Role::Tier),
            recording: place(Role::Recording),
            unit_ns: unit(start),
        })
    }
}

/// Reads the labels of one recording.
///
/// - `names`: what the recording may be called, with folders or without; where there is none, the table
///   may have one recording only
pub(super) fn parse(text: &str, names: &[&str]) -> Result<Alignment, AlignmentError> {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let Some(columns) = CsvColumns::of(header) else {
        let expected = "columns of starts, ends and labels (start, end, label)";
        let found = format!("`{}`", shown(header));
        return Err(AlignmentError::Expected { line: 1, column: 1, expected, found });
    };
    let mut bytes = text.as_bytes();
    let mut records = Records::new(&mut bytes, "the table", columns.separator, true);
    let table = |source: crate::Error| AlignmentError::Table { source: Box::new(source) };
    records.next_record().map_err(table)?;
    let (mut tiers, mut recordings) = (BTreeMap::new(), Vec::new());
    let mut order: Vec<String> = Vec::new();
    while let Some(record) = records.next_record().map_err(table)? {
        let (recording, tier, mark) = columns.row(&record)?;
        if let Some(recording) = &recording
            && recordings.last() != Some(recording)
        {
            recordings.push(recording.clone());
        }
        let is_own = match &recording {
            Some(recording) if !names.is_empty() => names.iter().any(|it| is_called(recording, it)),
            _ => true,
        };
        if is_own {
            if !tiers.contains_key(&tier) {
                order.push(tier.clone());
            }
            tiers.entry(tier).or_insert_with(Vec::new).push(mark);
        }
    }
    recordings.sort_unstable();
    recordings.dedup();
    match (names, recordings.len()) {
        ([], 2..) => {
            return Err(AlignmentError::NotRead {
                kind: "a table of several recordings".into(),
                remedy: "say which of them is meant",
            });
        }
        ([name, ..], 1..) if order.is_empty() => {
            return Err(AlignmentError::NoRecording { recording: (*name).to_owned() });
        }
        _ => {}
    }
    let tier = |name: String| {
        let marks = tiers.remove(&name).unwrap_or_default();
        Tier::of_intervals(name, marks)
    };
    let unit = match columns.unit_ns {
        Some(_) => TimeUnit::Nanoseconds,
        None => TimeUnit::Samples,
    };
    Ok(Alignment::new(unit, order.into_iter().map(tier).collect()))
}

/// Returns whether a table calls a recording so: by its name or path, with an extension or without.
pub(super) fn is_called(written: &str, name: &str) -> bool {
    let own = written.rsplit(['/', '\\']).next().unwrap_or(written);
    let stem = |name: &str| name.rsplit_once('.').map_or(name.to_owned(), |it| it.0.to_owned());
    written == name || stem(written) == name || own == name || stem(own) == name
}

impl CsvColumns {
    /// Returns whether a column names recordings.
    pub(crate) fn has_recordings(&self) -> bool {
        self.recording.is_some()
    }

    /// Returns the recording of a row; none where it has none.
    pub(crate) fn recording(&self, line: &str) -> Option<String> {
        let mut bytes = line.as_bytes();
        let record = Records::new(&mut bytes, "", self.separator, true).next_record().ok()??;
        let name = String::from_utf8_lossy(&record.fields.get(self.recording?)?.text).into_owned();
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// Reads a row: its recording, tier and label.
    fn row(&self, record: &Record) -> Result<(Option<String>, String, Mark), AlignmentError> {
        let (line, unit_ns) = (record.line, self.unit_ns);
        if record.fields.len() != self.count {
            let found = format!("{} fields", record.fields.len());
            let expected = "as many fields as the header has";
            return Err(AlignmentError::Expected { line, column: 1, expected, found });
        }
        let field = |at: usize| &record.fields[at];
        let text = |at: usize| String::from_utf8_lossy(&field(at).text);
        let wrong = |at: usize, expected: &'static str| {
            let Field { line, column, .. } = *field(at);
            let found = format!("`{}`", shown(&text(at)));
            AlignmentError::Expected { line, column, expected, found }
        };
        let time = |at: usize| {
            let word: Cow<'_, str> = text(at);
            let word = word.trim();
            match unit_ns {
                None => word.parse().map_err(|_| wrong(at, "a whole number of samples")),
                Some(1_000_000_000) => nanoseconds(word).ok_or_else(|| wrong(at, "seconds")),
                // Nanoseconds of a number of seconds are a thousandth of those of milliseconds.
                Some(unit) => nanoseconds(&format!("{word}e{}", exponent(unit)))
                    .ok_or_else(|| wrong(at, "milliseconds")),
            }
        };
        let start = time(self.start)?;
        let end = match (self.end, self.duration) {
            (Some(end), _) => time(end)?,
            (None, Some(at)) => {
                start.checked_add(time(at)?).ok_or_else(|| wrong(at, "a duration"))?
            }
            (None, None) => unreachable!("one of them is there"),
        };
        if end < start {
            let unit = unit_ns.map_or(TimeUnit::Samples, |_| TimeUnit::Nanoseconds);
            return Err(AlignmentError::Backwards { line, unit, start, end });
        }
        let trimmed = |at: Option<usize>| at.map(|at| text(at).trim().to_owned());
        let label = text(self.label).trim().into();
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let tier = trimmed(self.tier).unwrap_or_default();
        Ok((trimmed(self.recording), tier, Mark { start, end, label, line }))
    }
}

/// The power of ten that seconds are of a unit of so many nanoseconds.
fn exponent(unit_ns: u64) -> i32 {
    unit_ns.ilog10() as i32 - 9
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of tiers, and labels with their times.
    type Tiers = Vec<(String, Vec<(String, u64, u64)>)>;

    fn marks(text: &str, names: &[&str]) -> Result<Tiers, String> {
        let found = parse(text, names).map_err(|error| error.to_string())?;
        let of = |mark: &Mark| (mark.label.to_string(), mark.start, mark.end);
        let tiers = found.tiers.iter();
        Ok(tiers.map(|tier| (tier.name.clone(), tier.marks.iter().map(of).collect())).collect())
    }

    #[test]
    fn columns_are_known_by_many_names_and_units() {
        let ms = 1_000_000;
        let one = |start, end| Ok(vec![(String::new(), vec![("a, b".to_owned(), start, end)])]);
        assert_eq!(marks("start,end,label\n0.5,1,\"a, b\"\n", &[]), one(500 * ms, 1000 * ms));
        assert_eq!(marks("start_ms,end_ms,text\r\n0.5,1,\"a, b\"\r\n", &[]), one(ms / 2, ms));
        assert_eq!(marks("Onset\tDuration\tWord\n1\t0.5\ta, b\n", &[]), one(1000 * ms, 1500 * ms));
        assert_eq!(marks("start_sample;end_sample;phone\n5;9;a, b\n", &[]), one(5, 9));
        assert!(parse("start_sample,end,label\n", &[]).is_err());
        assert!(parse("start,label\n0,a\n", &[]).is_err());
    }

    #[test]
    fn rows_are_those_of_the_recording_and_tiers_come_in_their_order() {
        let text =
            "file,Begin,End,Label,Type\nd/a.wav,0,1,x,words\nd/a.wav,0,1,y,phones\nb,2,3,z,words\n";
        let found = marks(text, &["a"]).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["words", "phones"]);
        assert_eq!(marks(text, &["none", "b"]).unwrap().len(), 1);
        assert_eq!(marks(text, &["c"]).unwrap_err(), "has no labels of `c`");
        assert!(marks(text, &[]).unwrap_err().contains("several recordings"));
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        for (text, expected) in [
            ("start,end,label\n0,x,a\n", "line 2, column 3: expected seconds, found `x`"),
            (
                "start,end,label\n\n0,1\n",
                "line 3, column 1: expected as many fields as the header has, found 2 fields",
            ),
            (
                "start,end,label\n1,0,a\n",
                "line 2: the interval ends at 0 s, not after its start, 1 s",
            ),
            (
                "start,end,label\n0,1,\"a\n",
                "the table, line 2, column 5: the quote that begins here is not closed",
            ),
            (
                "a,b\n",
                "line 1, column 1: expected columns of starts, ends and labels (start, end, \
                 label), found `a,b`",
            ),
        ] {
            assert_eq!(marks(text, &[]).unwrap_err(), expected);
        }
    }
}
