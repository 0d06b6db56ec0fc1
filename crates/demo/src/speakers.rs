//! Speakers: their names, their dialect regions and what they are used for.
//!
//! The 24 core-test and 50 development speakers have the names of TIMIT's standard lists, so that
//! a program that knows these lists finds them. All others have made-up names of the same shape.
//! Nothing here depends on the seed: the folder is laid out alike for every seed.

use crate::random::Random;

/// The largest scale: ten times TIMIT.
pub const MAX_SCALE: f64 = 10.0;

/// The purpose of a speaker's recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Training: in `TRAIN`.
    Train,
    /// Development: in `TEST`, one of the 50 speakers of the standard development set.
    Development,
    /// Test: in `TEST`, one of the 24 speakers of the core test set.
    CoreTest,
    /// None of these: in `TEST`, and in neither set.
    OtherTest,
}

/// One who speaks ten sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Speaker {
    /// Sex (`F` or `M`), three letters, a digit.
    pub(crate) name: String,
    /// The dialect region, 1 to 8.
    pub(crate) region: u8,
    pub(crate) usage: Usage,
}

impl Speaker {
    /// The numbers of this speaker's five SX and three SI sentences.
    ///
    /// As in TIMIT, where most speakers have SX sentences 90 apart and SI sentences 630 apart.
    pub(crate) fn sentence_numbers(&self) -> ([u16; 5], [u16; 3]) {
        let mut random = Random::keyed(0, "sentences", &self.name);
        let first_sx = 1 + random.below(90) as u16;
        let first_si = 451 + random.below(630) as u16;
        (
            [0, 1, 2, 3, 4].map(|step| first_sx + 90 * step),
            [0, 1, 2].map(|step| first_si + 630 * step),
        )
    }
}

/// The speakers of a corpus of this `scale`, at least one of each [`Usage`].
///
/// Past scale 1 the standard lists end; the speakers they cannot name become
/// [`Usage::OtherTest`]. A smaller roster is part of every larger one.
pub(crate) fn roster(scale: f64) -> Vec<Speaker> {
    let scaled = |full: usize| ((full as f64 * scale).round() as usize).max(1);
    let core = scaled(CORE_TEST.len());
    let development = scaled(DEVELOPMENT.len());
    let unnamed =
        core.saturating_sub(CORE_TEST.len()) + development.saturating_sub(DEVELOPMENT.len());

    let training = (0..scaled(TRAINING)).map(|index| made_up(index, index, Usage::Train));
    // Names of training speakers at the largest scale come first, so that a name never changes
    // sides between scales.
    let others = (0..scaled(OTHERS) + unnamed)
        .map(|index| made_up(TRAINING * MAX_SCALE as usize + index, index, Usage::OtherTest));
    // Steps of 7 through 24 and of 21 through 50 visit everyone, and the first few come from
    // different regions and sexes.
    let core = (0..core.min(CORE_TEST.len())).map(|index| {
        let place = index * 7 % CORE_TEST.len();
        standard(CORE_TEST[place], 1 + (place / 3) as u8, Usage::CoreTest)
    });
    let development = (0..development.min(DEVELOPMENT.len())).map(|index| {
        let place = index * 21 % DEVELOPMENT.len();
        standard(DEVELOPMENT[place], region(index * 289), Usage::Development)
    });
    training.chain(core).chain(development).chain(others).collect()
}

fn standard(name: &str, region: u8, usage: Usage) -> Speaker {
    Speaker { name: name.to_owned(), region, usage }
}

/// The speaker with the `name_index`-th made-up name; the first 462 `index`es have TIMIT's shares
/// of regions and sexes.
fn made_up(name_index: usize, index: usize, usage: Usage) -> Speaker {
    // 289 and 179 share no factor with 462, so 462 steps visit every place once; the steps are
    // long, so a few speakers are already mixed.
    let sex = if index * 179 % TRAINING < WOMEN { 'F' } else { 'M' };
    let letters = letters(name_index);
    let is_standard = CORE_TEST.iter().chain(&DEVELOPMENT).any(|name| name[1..4] == letters);
    // The standard lists use the digits 0 and 1.
    let digit = if is_standard { 2 } else { 0 };
    Speaker { name: format!("{sex}{letters}{digit}"), region: region(index * 289), usage }
}

/// The dialect region that holds this place among TIMIT's 462 training speakers, counted round.
fn region(place: usize) -> u8 {
    let mut left = place % TRAINING;
    let mut region = 1;
    for size in REGION_SIZES {
        if left < size {
            break;
        }
        left -= size;
        region += 1;
    }
    region
}

/// Three letters, different for every index below 26³.
fn letters(index: usize) -> String {
    // 10863 is odd and no multiple of 13, so the walk meets all 26³ combinations before it repeats;
    // it is near 26³ / 1.618, so neighbours look unlike each other.
    let code = index * 10_863 % 17_576;
    [code / 676, code / 26 % 26, code % 26]
        .map(|letter| char::from(b'A' + letter as u8))
        .iter()
        .collect()
}

/// Training speakers in TIMIT, women among them, and speakers of each dialect region.
const TRAINING: usize = 462;
const WOMEN: usize = 136;
const REGION_SIZES: [usize; 8] = [38, 76, 76, 68, 70, 35, 77, 22];

/// Speakers of TIMIT's complete test set that are in neither standard list.
const OTHERS: usize = 94;

/// TIMIT's core test set: two men and a woman of each region, in the order of the regions.
const CORE_TEST: [&str; 24] = [
    "MDAB0", "MWBT0", "FELC0", "MTAS1", "MWEW0", "FPAS0", "MJMP0", "MLNT0", "FPKT0", "MLLL0",
    "MTLS0", "FJLM0", "MBPM0", "MKLT0", "FNLP0", "MCMJ0", "MJDH0", "FMGD0", "MGRT0", "MNJM0",
    "FDHC0", "MJLN0", "MPAM0", "FMLD0",
];

/// The standard 50-speaker development set. The regions given to it here are made up.
const DEVELOPMENT: [&str; 50] = [
    "FCMH0", "FCMH1", "FDAC1", "FDRW0", "FJEM0", "FJSJ0", "FKMS0", "FLNH0", "FMAH0", "FRAM1",
    "FRNG0", "FSEM0", "FSLB1", "FSXA0", "FTLH0", "FUTB0", "MABW0", "MAHH0", "MAJC0", "MBDG0",
    "MBJK0", "MBNS0", "MBWM0", "MCCS0", "MCEM0", "MCHH0", "MCMB0", "MCRC0", "MCSH0", "MCTT0",
    "MCTW0", "MDAW1", "MDLF0", "MDLS0", "MDRM0", "MDSC0", "MDVC0", "MERS0", "MESD0", "MGMM0",
    "MJFC0", "MJSW0", "MJTC0", "MJTH0", "MPAM1", "MREB0", "MRJO0", "MSJS1", "MTEB0", "MWVW0",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_timit_shaped_and_never_collide_even_at_the_largest_scale() {
        let mut names = BTreeSet::new();
        for speaker in roster(MAX_SCALE) {
            let bytes = speaker.name.as_bytes();
            assert_eq!(bytes.len(), 5, "{}", speaker.name);
            assert!(matches!(bytes[0], b'F' | b'M') && bytes[4].is_ascii_digit());
            assert!(bytes[1..4].iter().all(u8::is_ascii_uppercase), "{}", speaker.name);
            assert!(names.insert(speaker.name.clone()), "{} occurs twice", speaker.name);
        }
        assert_eq!(names.len(), 6300);
    }

    #[test]
    fn regions_and_sexes_have_timits_shares() {
        let roster = roster(1.0);
        let training: Vec<_> = roster.iter().filter(|s| s.usage == Usage::Train).collect();
        for (region, size) in (1..).zip(REGION_SIZES) {
            let members: Vec<_> = training.iter().filter(|s| s.region == region).collect();
            assert_eq!(members.len(), size);
            let women = members.iter().filter(|s| s.name.starts_with('F')).count();
            assert!(0 < women && women < size, "{women} women of {size} in DR{region}");
        }
        assert_eq!(training.iter().filter(|s| s.name.starts_with('F')).count(), WOMEN);
    }

    #[test]
    fn the_core_test_has_two_men_and_a_woman_of_each_region() {
        let roster = roster(1.0);
        for region in 1..=8 {
            let members: Vec<_> = roster
                .iter()
                .filter(|s| s.usage == Usage::CoreTest && s.region == region)
                .map(|s| s.name.as_bytes()[0])
                .collect();
            assert_eq!(members.len(), 3, "DR{region}");
            assert_eq!(members.iter().filter(|&&sex| sex == b'F').count(), 1, "DR{region}");
        }
        assert!(roster.iter().any(|s| s.name == "FDHC0" && s.region == 7));
    }

    #[test]
    fn a_smaller_roster_is_part_of_a_larger_one() {
        let scales = [0.001, 0.02, 0.3, 1.0, 2.5, 10.0];
        for pair in scales.windows(2) {
            let larger = roster(pair[1]);
            assert!(roster(pair[0]).iter().all(|speaker| larger.contains(speaker)), "{pair:?}");
        }
    }

    #[test]
    fn every_usage_has_a_speaker_at_any_scale() {
        let counts = |scale| {
            [Usage::Train, Usage::Development, Usage::CoreTest, Usage::OtherTest]
                .map(|usage| roster(scale).iter().filter(|s| s.usage == usage).count())
        };
        assert_eq!(counts(1e-9), [1, 1, 1, 1]);
        assert_eq!(counts(0.02), [9, 1, 1, 2]);
        assert_eq!(counts(1.0), [462, 50, 24, 94]);
        assert_eq!(counts(10.0), [4620, 50, 24, 1606]);
    }
}
