//! The plan of a corpus: who says what, and where it goes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::phones::Phone;
use crate::pronunciation::{TimedPhone, pronounce};
use crate::random::Random;
use crate::sentence::Sentence;
use crate::speakers::{MAX_SCALE, Speaker, Usage, roster};
use crate::sphere::{phn_text, sphere_bytes};
use crate::synth::synthesize;
use crate::voice::Voice;

/// The size and the seed of a corpus to make.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoConfig {
    /// Another seed gives other words and voices; names and paths stay.
    pub seed: u64,
    /// The number of speakers relative to TIMIT's 630, above 0 and at most [`MAX_SCALE`].
    pub scale: f64,
}

impl Default for DemoConfig {
    /// 130 recordings of 13 speakers.
    fn default() -> Self {
        Self { seed: 1, scale: 0.02 }
    }
}

/// A corpus before it is made.
#[derive(Debug, Clone)]
pub struct Demo {
    recordings: Vec<DemoRecording>,
}

impl Demo {
    /// Plans the corpus: 10 recordings for each speaker, of whom there are `462 * scale` to train,
    /// `50 * scale` for development, `24 * scale` in the core test and `94 * scale` others, each
    /// rounded and at least 1.
    ///
    /// Past scale 1 the two standard lists of names are used up, and speakers beyond them become
    /// [`Usage::OtherTest`].
    ///
    /// # Errors
    /// [`Error::Scale`] unless `scale` is above 0 and at most [`MAX_SCALE`].
    pub fn new(config: &DemoConfig) -> Result<Self, Error> {
        let scale = config.scale;
        // Written so that NaN is refused, too.
        if !(scale > 0.0 && scale <= MAX_SCALE) {
            return Err(Error::Scale { scale });
        }
        let mut recordings = Vec::new();
        for speaker in roster(scale) {
            let (sx, si) = speaker.sentence_numbers();
            let sentences = [Sentence::Sa(1), Sentence::Sa(2)]
                .into_iter()
                .chain(sx.map(Sentence::Sx))
                .chain(si.map(Sentence::Si));
            recordings.extend(
                sentences.map(|sentence| DemoRecording::new(config.seed, &speaker, sentence)),
            );
        }
        recordings.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { recordings })
    }

    /// All recordings, sorted by path.
    pub fn recordings(&self) -> &[DemoRecording] {
        &self.recordings
    }
}

/// One recording of the plan. Its content depends on the seed and its id alone, so recordings can
/// be made in any order and by anyone.
#[derive(Debug, Clone)]
pub struct DemoRecording {
    id: String,
    path: PathBuf,
    seed: u64,
    speaker: String,
    sentence: Sentence,
    usage: Usage,
}

/// A recording in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Mono, at [`SAMPLE_RATE_HZ`](crate::SAMPLE_RATE_HZ).
    pub samples: Vec<i16>,
    /// Contiguous; the first starts at 0, the last ends with the samples, and both are `h#`.
    pub phones: Vec<Phone>,
}

impl DemoRecording {
    fn new(seed: u64, speaker: &Speaker, sentence: Sentence) -> Self {
        let Speaker { name, region, usage } = speaker;
        let part = if *usage == Usage::Train { "TRAIN" } else { "TEST" };
        let folder = Path::new(part).join(format!("DR{region}")).join(name);
        Self {
            id: format!("{name}_{sentence}"),
            path: folder.join(format!("{sentence}.WAV")),
            seed,
            speaker: name.clone(),
            sentence,
            usage: *usage,
        }
    }

    /// Speaker and sentence: `FDHC0_SX104`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The place of the SPHERE file in the corpus: `TEST/DR7/FDHC0/SX104.WAV`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The speaker: `FDHC0`.
    pub fn speaker(&self) -> &str {
        &self.speaker
    }

    /// The purpose of the recording: training, development, test or none.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// Returns whether it is one of the two sentences that everybody says, which are left out of training
    /// and tests because they would be known beforehand.
    pub fn is_sa(&self) -> bool {
        matches!(self.sentence, Sentence::Sa(_))
    }

    /// The phones and their boundaries, without making a sound: some microseconds.
    pub fn phones(&self) -> Vec<Phone> {
        self.timed_phones(&self.voice()).into_iter().map(Phone::from).collect()
    }

    /// Makes samples and phones.
    ///
    /// ```
    /// use ossicle_demo::{Demo, DemoConfig};
    ///
    /// let demo = Demo::new(&DemoConfig::default())?;
    /// let utterance = demo.recordings()[0].synthesize();
    /// let last = utterance.phones.last().expect("a recording has phones");
    /// assert_eq!(last.end as usize, utterance.samples.len());
    /// # Ok::<(), ossicle_demo::Error>(())
    /// ```
    pub fn synthesize(&self) -> Utterance {
        let voice = self.voice();
        let phones = self.timed_phones(&voice);
        let samples = synthesize(&phones, &voice, Random::keyed(self.seed, "sound", &self.id));
        Utterance { samples, phones: phones.into_iter().map(Phone::from).collect() }
    }

    /// Writes the SPHERE file, and the `.PHN` file beside it, below `root`. Folders are created.
    ///
    /// # Errors
    /// [`Error::CreateFolder`] and [`Error::Write`], which name what could not be written.
    pub fn write_into(&self, root: &Path) -> Result<(), Error> {
        self.write(&self.synthesize(), root)
    }

    /// Writes what was already made.
    pub(crate) fn write(&self, utterance: &Utterance, root: &Path) -> Result<(), Error> {
        let path = root.join(&self.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|source| Error::CreateFolder { path: folder.to_owned(), source })?;
        }
        let write = |path: PathBuf, bytes: &[u8]| {
            fs::write(&path, bytes).map_err(|source| Error::Write { path, source })
        };
        write(path.with_extension("PHN"), phn_text(&utterance.phones).as_bytes())?;
        write(path, &sphere_bytes(&self.id, &utterance.samples))
    }

    fn voice(&self) -> Voice {
        Voice::of(self.seed, &self.speaker)
    }

    fn timed_phones(&self, voice: &Voice) -> Vec<TimedPhone> {
        let mut random = Random::keyed(self.seed, "pronunciation", &self.id);
        pronounce(&self.sentence.words(self.seed), voice.pace, &mut random)
    }
}
