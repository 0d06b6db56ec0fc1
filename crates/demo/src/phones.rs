//! TIMIT's 61 phones: their symbols, how long they last and how they sound.
//!
//! The numbers are those of a man; a [`Voice`](crate::voice::Voice) scales them. Formants of the
//! plain vowels are the averages of Peterson and Barney, "Control methods used in a study of the
//! vowels", JASA 24 (1952), table II. Those of diphthongs and consonants are based on Klatt,
//! "Software for a cascade/parallel formant synthesizer", JASA 67 (1980), tables II and III.
//! Reduced vowels lie between their neighbours. Durations are round numbers for read American
//! English.

/// A phone in a recording, as a line of a `.PHN` file says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone {
    /// The first sample.
    pub start: u32,
    /// The sample after the last.
    pub end: u32,
    /// One of [`SYMBOLS`].
    pub symbol: &'static str,
}

macro_rules! symbols {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A phone symbol of TIMIT.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Symbol { $($name),* }

        /// The 61 phone symbols of TIMIT, all of which occur in a corpus of the default size.
        pub const SYMBOLS: [&str; 61] = [$($text),*];

        impl Symbol {
            /// Returns the symbol as it stands in a `.PHN` file.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            #[cfg(test)]
            pub(crate) const ALL: [Self; 61] = [$(Self::$name),*];
        }
    };
}

symbols! {
    Iy "iy", Ih "ih", Eh "eh", Ey "ey", Ae "ae", Aa "aa", Aw "aw", Ay "ay", Ah "ah", Ao "ao",
    Oy "oy", Ow "ow", Uh "uh", Uw "uw", Ux "ux", Er "er", Ax "ax", Ix "ix", Axr "axr", AxH "ax-h",
    L "l", R "r", W "w", Y "y", Hh "hh", Hv "hv", El "el",
    M "m", N "n", Ng "ng", Em "em", En "en", Eng "eng", Nx "nx",
    S "s", Sh "sh", Z "z", Zh "zh", F "f", Th "th", V "v", Dh "dh", Jh "jh", Ch "ch",
    B "b", D "d", G "g", P "p", T "t", K "k", Dx "dx", Q "q",
    Bcl "bcl", Dcl "dcl", Gcl "gcl", Pcl "pcl", Tcl "tcl", Kcl "kcl",
    Pau "pau", Epi "epi", H "h#",
}

/// The manner in which a phone is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Manner {
    /// `h#`, `pau`, `epi`: the room alone.
    Silence,
    /// `q`: a few slow pulses.
    Glottal,
    /// The voice through an open tract, and some breath for `hh`, `hv` and `ax-h`.
    Vowel {
        /// The voice's amplitude; 1 is that of a stressed vowel.
        voicing: f32,
        /// The amplitude of the noise at the glottis.
        breath: f32,
    },
    /// A murmur: the voice through a tract with strong losses.
    Nasal {
        /// As for a vowel.
        voicing: f32,
    },
    /// Noise at a narrow place, and the voice below it where it is voiced.
    Fricative {
        /// The noise.
        noise: Noise,
        /// As for a vowel.
        voicing: f32,
    },
    /// Nothing, or the low hum of a voiced stop.
    Closure {
        /// As for a vowel.
        voicing: f32,
    },
    /// The release of a stop: a burst, then breath or voice.
    Burst {
        /// The burst.
        noise: Noise,
        /// True if voice rather than breath follows the burst.
        voiced: bool,
    },
}

/// A band of noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Noise {
    pub(crate) centre_hz: f32,
    pub(crate) width_hz: f32,
    /// Root mean square; 1 is about that of a stressed vowel.
    pub(crate) level: f32,
}

/// The sound of a phone: its length, its manner and its formants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sound {
    pub(crate) mean_ms: f32,
    pub(crate) manner: Manner,
    /// F1, F2 and F3 in Hz, early and late in the phone. `None`: the tract is on its way from the
    /// phone before to the one after.
    pub(crate) formants: Option<[[f32; 3]; 2]>,
}

impl Symbol {
    pub(crate) fn sound(self) -> Sound {
        match self {
            // Peterson and Barney.
            Self::Iy => vowel(95.0, [270.0, 2290.0, 3010.0]),
            Self::Ih => vowel(78.0, [390.0, 1990.0, 2550.0]),
            Self::Eh => vowel(92.0, [530.0, 1840.0, 2480.0]),
            Self::Ae => vowel(136.0, [660.0, 1720.0, 2410.0]),
            Self::Aa => vowel(123.0, [730.0, 1090.0, 2440.0]),
            Self::Ao => vowel(123.0, [570.0, 840.0, 2410.0]),
            Self::Uh => vowel(76.0, [440.0, 1020.0, 2240.0]),
            Self::Uw => vowel(105.0, [300.0, 870.0, 2240.0]),
            Self::Ah => vowel(88.0, [640.0, 1190.0, 2390.0]),
            Self::Er => vowel(115.0, [490.0, 1350.0, 1690.0]),
            // Klatt, table II.
            Self::Ey => diphthong(127.0, [480.0, 1720.0, 2520.0], [330.0, 2020.0, 2600.0]),
            Self::Ay => diphthong(155.0, [660.0, 1200.0, 2550.0], [400.0, 1880.0, 2500.0]),
            Self::Oy => diphthong(168.0, [550.0, 960.0, 2400.0], [360.0, 1820.0, 2450.0]),
            Self::Aw => diphthong(160.0, [640.0, 1230.0, 2550.0], [420.0, 940.0, 2350.0]),
            Self::Ow => diphthong(127.0, [540.0, 1100.0, 2300.0], [450.0, 900.0, 2300.0]),
            // Reduced and fronted.
            Self::Ux => vowel(100.0, [320.0, 1650.0, 2300.0]),
            Self::Ax => vowel(48.0, [500.0, 1400.0, 2400.0]),
            Self::Ix => vowel(51.0, [420.0, 1750.0, 2500.0]),
            Self::Axr => vowel(80.0, [480.0, 1350.0, 1700.0]),
            Self::AxH => breathy(30.0, 0.12, Some([500.0, 1400.0, 2400.0])),
            // Klatt, table III, from here on.
            Self::L => glide(62.0, [310.0, 1050.0, 2880.0]),
            Self::R => glide(57.0, [310.0, 1060.0, 1380.0]),
            Self::W => glide(59.0, [290.0, 610.0, 2150.0]),
            Self::Y => glide(55.0, [260.0, 2070.0, 3020.0]),
            Self::El => glide(90.0, [400.0, 900.0, 2700.0]),
            Self::Dx => glide(28.0, [300.0, 1600.0, 2600.0]).voiced(0.3),
            Self::Hh => breathy(66.0, 0.0, None),
            Self::Hv => breathy(63.0, 0.3, None),
            // Klatt's F1 of 480 Hz belongs with a nasal zero beside it; without one, the pole of
            // the nose at 270 Hz is what is left to hear.
            Self::M => nasal(64.0, [270.0, 1270.0, 2130.0]),
            Self::N => nasal(54.0, [270.0, 1340.0, 2470.0]),
            Self::Ng => nasal(62.0, [270.0, 2000.0, 2900.0]),
            Self::Em => nasal(87.0, [270.0, 1270.0, 2130.0]),
            Self::En => nasal(83.0, [270.0, 1340.0, 2470.0]),
            Self::Eng => nasal(85.0, [270.0, 2000.0, 2900.0]),
            Self::Nx => nasal(27.0, [270.0, 1340.0, 2470.0]),
            Self::S => fricative(112.0, ALVEOLAR, 0.0, [320.0, 1390.0, 2530.0]),
            Self::Z => fricative(84.0, ALVEOLAR.at(0.6), 0.25, [240.0, 1390.0, 2530.0]),
            Self::Sh => fricative(118.0, PALATAL, 0.0, [300.0, 1840.0, 2750.0]),
            Self::Zh => fricative(80.0, PALATAL.at(0.6), 0.25, [300.0, 1840.0, 2750.0]),
            Self::Ch => fricative(86.0, PALATAL, 0.0, [350.0, 1800.0, 2820.0]),
            Self::Jh => fricative(61.0, PALATAL.at(0.7), 0.15, [260.0, 1800.0, 2820.0]),
            Self::F => fricative(104.0, LABIODENTAL, 0.0, [340.0, 1100.0, 2080.0]),
            Self::V => fricative(59.0, LABIODENTAL.at(0.5), 0.35, [220.0, 1100.0, 2080.0]),
            Self::Th => fricative(92.0, DENTAL, 0.0, [320.0, 1290.0, 2540.0]),
            Self::Dh => fricative(37.0, DENTAL.at(0.5), 0.35, [270.0, 1290.0, 2540.0]),
            Self::B => burst(17.0, LABIAL_BURST.at(0.7), true, [200.0, 1100.0, 2150.0]),
            Self::D => burst(24.0, ALVEOLAR_BURST.at(0.7), true, [200.0, 1600.0, 2600.0]),
            Self::G => burst(28.0, VELAR_BURST.at(0.7), true, [200.0, 1990.0, 2850.0]),
            Self::P => burst(44.0, LABIAL_BURST, false, [400.0, 1100.0, 2150.0]),
            Self::T => burst(50.0, ALVEOLAR_BURST, false, [400.0, 1600.0, 2600.0]),
            Self::K => burst(52.0, VELAR_BURST, false, [300.0, 1990.0, 2850.0]),
            Self::Bcl => closure(65.0, 0.12, [200.0, 1100.0, 2150.0]),
            Self::Dcl => closure(55.0, 0.12, [200.0, 1600.0, 2600.0]),
            Self::Gcl => closure(55.0, 0.12, [200.0, 1990.0, 2850.0]),
            Self::Pcl => closure(68.0, 0.0, [300.0, 1100.0, 2150.0]),
            Self::Tcl => closure(58.0, 0.0, [300.0, 1600.0, 2600.0]),
            Self::Kcl => closure(61.0, 0.0, [300.0, 1990.0, 2850.0]),
            Self::Q => Sound { mean_ms: 62.0, manner: Manner::Glottal, formants: None },
            Self::Pau => silence(130.0),
            Self::Epi => silence(42.0),
            Self::H => silence(170.0),
        }
    }

    /// Returns whether it is the middle of a syllable.
    pub(crate) fn is_syllabic(self) -> bool {
        let plain = matches!(self.sound().manner, Manner::Vowel { .. })
            && !matches!(
                self,
                Self::L | Self::R | Self::W | Self::Y | Self::Hh | Self::Hv | Self::Dx
            );
        plain || matches!(self, Self::El | Self::Em | Self::En | Self::Eng)
    }

    /// Returns whether the vocal folds are at work in it.
    pub(crate) fn is_voiced(self) -> bool {
        match self.sound().manner {
            Manner::Vowel { voicing, .. }
            | Manner::Nasal { voicing }
            | Manner::Fricative { voicing, .. }
            | Manner::Closure { voicing } => voicing > 0.0,
            Manner::Burst { voiced, .. } => voiced,
            Manner::Glottal | Manner::Silence => false,
        }
    }

    /// The closure that comes before this stop or affricate.
    pub(crate) fn closure(self) -> Option<Self> {
        Some(match self {
            Self::B => Self::Bcl,
            Self::D | Self::Jh => Self::Dcl,
            Self::G => Self::Gcl,
            Self::P => Self::Pcl,
            Self::T | Self::Ch => Self::Tcl,
            Self::K => Self::Kcl,
            _ => return None,
        })
    }
}

impl Noise {
    const fn new(centre_hz: f32, width_hz: f32, level: f32) -> Self {
        Self { centre_hz, width_hz, level }
    }

    /// The same noise, so much weaker.
    fn at(self, factor: f32) -> Self {
        Self { level: self.level * factor, ..self }
    }
}

// Klatt shapes frication by the amplitudes of five parallel formants; one band each is enough to
// tell the places apart. Sibilants are strong, `f` and `th` weak and flat, as in his table III.
const ALVEOLAR: Noise = Noise::new(5500.0, 2200.0, 0.35);
const PALATAL: Noise = Noise::new(3000.0, 1500.0, 0.40);
const LABIODENTAL: Noise = Noise::new(4500.0, 6000.0, 0.07);
const DENTAL: Noise = Noise::new(5500.0, 5000.0, 0.06);
const LABIAL_BURST: Noise = Noise::new(900.0, 1400.0, 0.30);
const ALVEOLAR_BURST: Noise = Noise::new(4200.0, 2500.0, 0.50);
const VELAR_BURST: Noise = Noise::new(2000.0, 900.0, 0.50);

fn vowel(mean_ms: f32, formants: [f32; 3]) -> Sound {
    diphthong(mean_ms, formants, formants)
}

fn diphthong(mean_ms: f32, early: [f32; 3], late: [f32; 3]) -> Sound {
    let manner = Manner::Vowel { voicing: 1.0, breath: 0.0 };
    Sound { mean_ms, manner, formants: Some([early, late]) }
}

fn glide(mean_ms: f32, formants: [f32; 3]) -> Sound {
    vowel(mean_ms, formants).voiced(0.6)
}

fn breathy(mean_ms: f32, voicing: f32, formants: Option<[f32; 3]>) -> Sound {
    let manner = Manner::Vowel { voicing, breath: 0.15 };
    Sound { mean_ms, manner, formants: formants.map(|formants| [formants, formants]) }
}

fn nasal(mean_ms: f32, formants: [f32; 3]) -> Sound {
    Sound { manner: Manner::Nasal { voicing: 0.4 }, ..vowel(mean_ms, formants) }
}

fn fricative(mean_ms: f32, noise: Noise, voicing: f32, formants: [f32; 3]) -> Sound {
    Sound { manner: Manner::Fricative { noise, voicing }, ..vowel(mean_ms, formants) }
}

fn closure(mean_ms: f32, voicing: f32, formants: [f32; 3]) -> Sound {
    Sound { manner: Manner::Closure { voicing }, ..vowel(mean_ms, formants) }
}

fn burst(mean_ms: f32, noise: Noise, voiced: bool, formants: [f32; 3]) -> Sound {
    Sound { manner: Manner::Burst { noise, voiced }, ..vowel(mean_ms, formants) }
}

fn silence(mean_ms: f32) -> Sound {
    Sound { mean_ms, manner: Manner::Silence, formants: None }
}

impl Sound {
    /// The same vowel or glide with another voice amplitude.
    fn voiced(self, voicing: f32) -> Self {
        Self { manner: Manner::Vowel { voicing, breath: 0.0 }, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_its_own_text() {
        for (index, symbol) in Symbol::ALL.into_iter().enumerate() {
            assert_eq!(symbol.text(), SYMBOLS[index]);
            assert!(!SYMBOLS[..index].contains(&symbol.text()), "{symbol:?} occurs twice");
        }
    }

    #[test]
    fn formants_rise_and_stay_in_the_band() {
        for symbol in Symbol::ALL {
            for [f1, f2, f3] in symbol.sound().formants.into_iter().flatten() {
                assert!(150.0 < f1 && f1 < f2 && f2 < f3 && f3 < 3200.0, "{symbol:?}");
            }
        }
    }

    #[test]
    fn there_are_24_syllabic_phones() {
        // TIMIT's 20 vowels and the four syllabic consonants.
        assert_eq!(Symbol::ALL.into_iter().filter(|symbol| symbol.is_syllabic()).count(), 24);
    }

    #[test]
    fn a_closure_is_voiced_as_its_stop_is() {
        for symbol in Symbol::ALL {
            if let Some(closure) = symbol.closure() {
                assert_eq!(symbol.is_voiced(), closure.is_voiced(), "{symbol:?}");
            }
        }
    }
}
