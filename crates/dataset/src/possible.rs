//! The figures of a card, which may be anybody's: whether a dataset can have them.

use crate::card::{Card, FrameCard};

/// Ten million years; and a sum of many such is a number still.
const MOST_SECONDS: f64 = 3e14;

/// JSON's own readers keep whole numbers up to here.
const MOST: u64 = 1 << 53;

/// Refuses figures that no dataset has, so that whoever adds or shows them need not look.
///
/// # Errors
/// Says which, in words.
pub(crate) fn check(card: &Card) -> Result<(), String> {
    for split in &card.splits {
        let name = &split.name;
        if !(0.0..=MOST_SECONDS).contains(&split.duration_s) {
            return Err(format!("duration_s of {name:?} is {}", split.duration_s));
        }
        let counts = [split.utterances, split.frames, split.failures, split.left_out, split.shards];
        if counts.iter().any(|&count| count > MOST / 1024) {
            return Err(format!("a count of {name:?} is larger than any dataset's"));
        }
    }
    sum(card.splits.iter().map(|split| split.frames), "frames")?;
    sum(card.splits.iter().map(|split| split.utterances), "utterances")?;
    sum(card.files.iter().map(|file| file.bytes), "bytes of files")?;
    sum(card.corpus.left_out_because.iter().map(|of| of.count), "recordings left out")?;
    for (name, array) in &card.arrays {
        let names = array.column_names.len();
        if array.columns > 1 << 24 || (names != 0 && array.columns != 0 && names != array.columns) {
            return Err(format!("{name:?} has {} columns, and {names} names", array.columns));
        }
    }
    for (name, of) in &card.normalization {
        let is_possible = of.count <= MOST
            && of.mean.len() == of.standard_deviation.len()
            && of.mean.iter().all(|mean| mean.is_finite())
            && of.standard_deviation.iter().all(|std| std.is_finite() && *std >= 0.0);
        if !is_possible {
            return Err(format!("the statistics of {name:?} are none"));
        }
    }
    let own = card.arrays.values().filter_map(|array| array.frame.as_ref());
    own.chain([&card.frame]).try_for_each(is_possible_frame)
}

fn is_possible_frame(frame: &FrameCard) -> Result<(), String> {
    let first_centre = frame.first_centre.map(i64::unsigned_abs);
    let samples = [frame.length, frame.shift, first_centre].into_iter().flatten();
    if samples.chain(frame.sample_rate_hz.map(u64::from)).any(|n| n > u64::from(u32::MAX)) {
        return Err("its frames are longer than any".to_owned());
    }
    Ok(())
}

fn sum(counts: impl Iterator<Item = u64>, what: &str) -> Result<(), String> {
    let sum = counts.fold(0_u64, u64::saturating_add);
    if sum > MOST { Err(format!("it has {sum} {what}")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::empty_card;
    use crate::card::{FileCard, SplitCard};

    fn split() -> SplitCard {
        SplitCard {
            name: "train".into(),
            utterances: 1,
            frames: 1,
            duration_s: 1.0,
            failures: 0,
            left_out: 0,
            shards: 1,
        }
    }

    fn file(bytes: u64) -> FileCard {
        FileCard { path: "train/index.npy".into(), bytes, blake3: "0".into() }
    }

    #[test]
    fn an_honest_card_is_possible() {
        let mut card = empty_card();
        card.splits = vec![split(), split()];
        card.files = vec![file(1 << 40)];
        assert_eq!(check(&card), Ok(()));
    }

    #[test]
    fn what_no_dataset_has_is_refused() {
        let cases: [fn(&mut Card); 9] = [
            |card| card.splits[0].duration_s = -1.0,
            |card| card.splits[0].duration_s = 1e300,
            |card| card.splits[0].duration_s = f64::NAN,
            |card| card.splits[0].frames = u64::MAX,
            |card| card.splits[0].shards = 1 << 53,
            |card| card.files = vec![file(u64::MAX), file(2)],
            |card| card.frame.length = Some(u64::MAX),
            |card| card.normalization.values_mut().for_each(|of| of.mean.clear()),
            |card| {
                card.normalization.values_mut().for_each(|of| of.standard_deviation[0] = -1.0);
            },
        ];
        for (number, forge) in cases.into_iter().enumerate() {
            let mut card = empty_card();
            card.splits = vec![split()];
            forge(&mut card);
            assert!(check(&card).is_err(), "case {number}");
        }
    }
}
