//! What help and manual pages say of a verb besides its options: examples, and what exit codes mean.

/// What is said of a verb.
struct Notes {
    verb: &'static str,
    /// Commands that can be typed, each with what it does.
    examples: &'static [(&'static str, &'static str)],
    /// What the codes below 128 mean to this verb.
    exit: &'static [(u8, &'static str)],
}

const DID: (u8, &str) = (0, "It did what was asked.");
const DID_NOT: (u8, &str) = (2, "It could not: standard error says why.");

/// Every verb that people type.
const ALL: [Notes; 14] = [
    Notes {
        verb: "extract",
        examples: &[
            (
                "ossicle extract CORPUS --out DATASET --preset kaldi-fbank",
                "makes a dataset; typed again, it goes on from where it was",
            ),
            (
                "ossicle extract train=train.csv test=test.csv --out DATASET --preset whisper-80",
                "makes one of two splits, each with a list",
            ),
            (
                "ossicle extract CORPUS --out DATASET --preset kaldi-fbank --dry-run",
                "says what that would come to",
            ),
            (
                "ossicle extract CORPUS --out DATASET --preset kaldi-fbank --update",
                "brings it up to a corpus that changed",
            ),
            (
                "ossicle extract CORPUS --out DATASET --preset kaldi-fbank --share 3/7",
                "computes the third of seven shares of the job",
            ),
        ],
        exit: &[
            (0, "All utterances are stored, or no more failed than --allow-failures says."),
            (
                1,
                "The dataset is made, and utterances failed: failures.jsonl in it lists them. Of --share none: parts are missing.",
            ),
            (
                2,
                "The dataset could not be made, or a dry run says that it could not: standard error says why.",
            ),
        ],
    },
    Notes {
        verb: "speed",
        examples: &[
            (
                "ossicle speed CORPUS --preset kaldi-fbank --jobs 1,2,4",
                "compares one worker with two and four",
            ),
            (
                "ossicle speed CORPUS --preset kaldi-fbank --against 'python3 extract.py {corpus} {out}'",
                "times another program beside them",
            ),
        ],
        exit: &[
            (0, "All runs wrote the same bytes."),
            (1, "They wrote different bytes, which is a bug."),
            DID_NOT,
        ],
    },
    Notes {
        verb: "limits",
        examples: &[
            (
                "ossicle limits --jobs 64",
                "says whether 64 workers fit into the limit of open files, and how to raise it",
            ),
            (
                "ossicle limits --json > here.json",
                "keeps the limits, for the next on another machine",
            ),
            ("ossicle limits --against here.json", "shows which limits differ there"),
        ],
        exit: &[(0, "A run fits."), (1, "Not even one worker fits."), DID_NOT],
    },
    Notes {
        verb: "demo",
        examples: &[
            ("ossicle demo", "makes a corpus like TIMIT, extracts it, and compares speeds"),
            ("ossicle demo corpus --corpus-only", "makes the corpus alone"),
        ],
        exit: &[DID, DID_NOT],
    },
    Notes {
        verb: "verify",
        examples: &[
            ("ossicle verify DATASET", "compares every byte with the checksums in the card"),
            (
                "ossicle verify DATASET --corpus CORPUS --deep",
                "also computes a hundred utterances again",
            ),
            ("ossicle verify DATASET --corpus CORPUS --repair", "makes damaged files again"),
        ],
        exit: &[(0, "The dataset is sound, or was mended."), (1, "It is damaged."), DID_NOT],
    },
    Notes {
        verb: "info",
        examples: &[
            ("ossicle info DATASET", "shows splits, arrays and how the dataset was made"),
            ("ossicle info CORPUS", "shows what would be extracted"),
        ],
        exit: &[DID, DID_NOT],
    },
    Notes {
        verb: "compare",
        examples: &[
            (
                "ossicle compare DATASET feats.scp",
                "compares a dataset with Kaldi's features, and says why they differ",
            ),
            (
                "ossicle compare DATASET#UTTERANCE other.npy -o difference.png",
                "compares one utterance, and draws both",
            ),
        ],
        exit: &[
            (0, "Both agree."),
            (1, "They differ."),
            (2, "They could not be compared: standard error says why."),
        ],
    },
    Notes {
        verb: "spikes",
        examples: &[
            (
                "ossicle spikes sentence.wav --plot sentence.png",
                "draws the spikegram of a recording",
            ),
            (
                "ossicle spikes sentence.wav --snr 10,20,30",
                "tells how many spikes three ratios take",
            ),
        ],
        exit: &[DID, DID_NOT],
    },
    Notes {
        verb: "show",
        examples: &[
            ("ossicle show DATASET UTTERANCE", "draws an utterance here, as text"),
            ("ossicle show DATASET UTTERANCE -o sentence.png", "draws it into a file"),
            ("ossicle show speech.flac --preset whisper-80", "computes and draws a recording"),
            (
                "ossicle show DATASET UTTERANCE --against OTHER#UTTERANCE",
                "draws two and their difference",
            ),
        ],
        exit: &[
            DID,
            (2, "It could not, or what it would show is damaged: standard error says why."),
        ],
    },
    Notes {
        verb: "report",
        examples: &[("ossicle report DATASET -o report.html", "writes the page")],
        exit: &[DID, (2, "It could not, or the dataset is damaged: standard error says why.")],
    },
    Notes {
        verb: "presets",
        examples: &[
            ("ossicle presets", "lists the presets"),
            ("ossicle presets kaldi-fbank > recipe.toml", "writes one as a recipe, to be changed"),
            ("ossicle presets --keys mel", "tells what can be set of a kind of feature"),
        ],
        exit: &[DID, DID_NOT],
    },
    Notes {
        verb: "plan",
        examples: &[(
            "ossicle plan CORPUS --out DATASET --preset kaldi-fbank",
            "stores a plan, of which other machines compute shares",
        )],
        exit: &[DID, DID_NOT],
    },
    Notes {
        verb: "completions",
        examples: &[(
            "ossicle completions bash > ~/.local/share/bash-completion/completions/ossicle",
            "completes words in bash",
        )],
        exit: &[DID, DID_NOT],
    },
    Notes {
        verb: "man",
        examples: &[
            ("ossicle man extract | man -l -", "shows the page of a verb"),
            ("ossicle man > ~/.local/share/man/man1/ossicle.1", "keeps the page of ossicle"),
        ],
        exit: &[DID, DID_NOT],
    },
];

/// A signal ends a verb with this and its number, as a shell shows it.
const SIGNAL: &str =
    "128 and the signal's number (130 for Ctrl-C): it was stopped, and what is done is kept.";

/// The examples of a verb, as its long help ends with them.
pub(crate) fn examples(verb: &str) -> String {
    let example = |(command, what): &(&str, &str)| format!("  {command}\n      {what}");
    let examples = of(verb).into_iter().flat_map(|notes| notes.examples).map(example);
    format!("Examples:\n{}", examples.collect::<Vec<_>>().join("\n"))
}

/// The sections of a verb's manual page that say the same and what exit codes mean, in the language of man(7).
pub(crate) fn sections(verb: &str) -> String {
    let Some(notes) = of(verb) else { return String::new() };
    let mut text = ".SH EXAMPLES\n".to_owned();
    for (command, what) in notes.examples {
        text.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", escaped(command), escaped(what)));
    }
    text.push_str(".SH \"EXIT STATUS\"\n");
    for (code, what) in notes.exit {
        text.push_str(&format!(".TP\n\\fB{code}\\fR\n{}\n", escaped(what)));
    }
    text.push_str(&format!(".PP\n{}\n", escaped(SIGNAL)));
    text
}

fn of(verb: &str) -> Option<&'static Notes> {
    ALL.iter().find(|notes| notes.verb == verb)
}

/// A line of text as roff reads it: its own signs, hyphens that can be copied, and a line that begins as a request does.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::CommandLine;
    use clap::{CommandFactory, Parser};

    #[test]
    fn every_verb_has_notes_and_every_example_can_be_typed() {
        let all = CommandLine::command();
        let verbs = all.get_subcommands().filter(|verb| !verb.is_hide_set());
        for verb in verbs.map(clap::Command::get_name) {
            let notes = of(verb).unwrap_or_else(|| panic!("{verb} has no notes"));
            assert!(notes.examples.iter().all(|(_, what)| !what.is_empty()), "{verb}");
            assert!(notes.exit.iter().map(|(code, _)| code).is_sorted(), "{verb}");
            for (command, _) in notes.examples {
                let command = command.split(" > ").next().unwrap().split(" | ").next().unwrap();
                let quoted: Vec<&str> = command.split('\'').collect();
                let words = quoted.iter().enumerate().flat_map(|(at, text)| match at % 2 {
                    0 => text.split_whitespace().collect::<Vec<_>>(),
                    _ => vec![*text],
                });
                let parsed = CommandLine::try_parse_from(words);
                assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn signs_of_roff_are_text() {
        assert_eq!(escaped("--out a\\b"), "\\-\\-out a\\eb");
        assert_eq!(escaped(".x"), "\\&.x");
    }
}
