//! A maker of descriptions for each reader.

use std::{
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use ossicle_files::printable;

use super::{BYTES, Specimen};
#[cfg(feature = "arrow")]
use crate::readers::parquet;
use crate::readers::{
    fairseq, filelist, folder, htk, json, kaldi, layouts, lhotse, list, nemo, recording, shards,
    table, timit,
};

pub(super) const TIMIT: Specimen = Specimen {
    reader: &timit::Timit,
    folder: "TRAIN/DR1/FCJF0",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, _| root.to_path_buf(),
};

pub(super) const RECORDING: Specimen = Specimen {
    reader: &recording::Recording,
    folder: "",
    most: 1,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| root.join(&recordings[0]),
};

pub(super) const FOLDER: Specimen = Specimen {
    reader: &folder::Folder,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, _| root.to_path_buf(),
};

pub(super) const LIST: Specimen = Specimen {
    reader: &list::List,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let lines = recordings.iter().map(|path| [path.as_os_str().as_bytes(), b"\n"].concat());
        fs::write(root.join("list"), lines.collect::<Vec<_>>().concat()).unwrap();
        root.join("list")
    },
};

pub(super) const KALDI: Specimen = Specimen {
    reader: &kaldi::Kaldi,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let line = |path: &PathBuf| {
            let id = id_of(path).replace(char::is_whitespace, "_");
            [id.as_bytes(), b" ", path.as_os_str().as_bytes(), b"\n"].concat()
        };
        fs::write(root.join("wav.scp"), recordings.iter().flat_map(line).collect::<Vec<_>>())
            .unwrap();
        root.to_path_buf()
    },
};

pub(super) const TABLE: Specimen = Specimen {
    reader: &table::Table,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let quoted = |path: &PathBuf| {
            let line = [b"\"", path.as_os_str().as_bytes(), b"\",\"a \"\"b\"\"\nc\"\r\n"];
            line.concat()
        };
        let lines: Vec<u8> = recordings.iter().flat_map(quoted).collect();
        fs::write(root.join("a table"), [b"path,text\n", &*lines].concat()).unwrap();
        root.join("a table")
    },
};

pub(super) const NEMO: Specimen = Specimen {
    reader: &nemo::Nemo,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: false,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let line = |path: &PathBuf| {
            let name = path.to_str().unwrap();
            let object = serde_json::json!({ "audio_filepath": name, "text": "x" });
            format!("{object}\n")
        };
        let lines: String = recordings.iter().map(line).collect();
        fs::write(root.join("manifest"), lines).unwrap();
        root.join("manifest")
    },
};

pub(super) const FAIRSEQ: Specimen = Specimen {
    reader: &fairseq::Fairseq,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let line = |path: &PathBuf| [path.as_os_str().as_bytes(), b"\t16000\n"].concat();
        let lines: Vec<u8> = recordings.iter().flat_map(line).collect();
        fs::write(root.join("train.tsv"), [b".\n", &*lines].concat()).unwrap();
        root.join("train.tsv")
    },
};

pub(super) const LHOTSE: Specimen = Specimen {
    reader: &lhotse::Lhotse,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: false,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let line = |path: &PathBuf| {
            let source = serde_json::json!({"type": "file", "channels": [0], "source": path.to_str().unwrap()});
            let id = id_of(path).replace(char::is_whitespace, "_");
            let recording = serde_json::json!({"id": id, "sources": [source], "sampling_rate": 16000, "duration": 1.0});
            let cut = serde_json::json!({"id": id, "start": 0, "duration": 1.0, "channel": 0, "recording": recording});
            format!("{cut}\n")
        };
        let lines: String = recordings.iter().map(line).collect();
        fs::write(root.join("some cuts"), lines).unwrap();
        root.join("some cuts")
    },
};

pub(super) const FILELIST: Specimen = Specimen {
    reader: &filelist::Filelist,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        // A bar in a name would be one between fields.
        let line = |path: &PathBuf| [path.as_os_str().as_bytes(), b"|who|\"a\" b\n"].concat();
        let lines: Vec<u8> = recordings.iter().flat_map(line).collect();
        fs::write(root.join("files.txt"), lines).unwrap();
        root.join("files.txt")
    },
};

pub(super) const HTK: Specimen = Specimen {
    reader: &htk::Htk,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let line = |path: &PathBuf| [b"\"", path.as_os_str().as_bytes(), b"\"\n"].concat();
        fs::write(root.join("train.scp"), recordings.iter().flat_map(line).collect::<Vec<_>>())
            .unwrap();
        root.join("train.scp")
    },
};

pub(super) const JSON: Specimen = Specimen {
    reader: &json::Json,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: false,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let object = |path: &PathBuf| {
            let value = serde_json::json!({ "wav": path.to_str().unwrap(), "words": ["a", {}] });
            (path.to_str().unwrap().to_owned(), value)
        };
        let document: serde_json::Map<_, _> = recordings.iter().map(object).collect();
        let text = serde_json::to_string_pretty(&document).unwrap();
        fs::write(root.join("train.json"), text).unwrap();
        root.join("train.json")
    },
};

pub(super) const LIBRISPEECH: Specimen = Specimen {
    reader: &layouts::Libri,
    folder: "train-clean-100/84/121123",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, _| {
        let texts = root.join("train-clean-100/84/121123/84-121123.trans.txt");
        fs::write(texts, b"SX1 GO DO YOU HEAR\n").unwrap();
        root.to_path_buf()
    },
};

pub(super) const VCTK: Specimen = Specimen {
    reader: &layouts::Vctk,
    folder: "wav48/p225",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, _| {
        fs::create_dir(root.join("txt")).unwrap();
        root.to_path_buf()
    },
};

pub(super) const LJSPEECH: Specimen = Specimen {
    reader: &layouts::LjSpeech,
    folder: "wavs",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let line = |path: &PathBuf| {
            let stem = path.file_stem().unwrap();
            [stem.as_bytes(), b"|a \"b|c\n"].concat()
        };
        let lines: Vec<u8> = recordings.iter().flat_map(line).collect();
        fs::write(root.join("metadata.csv"), lines).unwrap();
        root.to_path_buf()
    },
};

pub(super) const COMMON_VOICE: Specimen = Specimen {
    reader: &layouts::CommonVoice,
    folder: "clips",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let line = |path: &PathBuf| {
            [b"c0\t", path.file_name().unwrap().as_bytes(), b"\tSay \"a\".\n"].concat()
        };
        let lines: Vec<u8> = recordings.iter().flat_map(line).collect();
        let table = [b"client_id\tpath\tsentence\n", &*lines].concat();
        fs::write(root.join("train.tsv"), table).unwrap();
        root.to_path_buf()
    },
};

pub(super) const SPEECH_COMMANDS: Specimen = Specimen {
    reader: &layouts::SpeechCommands,
    folder: "bed",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, _| {
        fs::write(root.join("validation_list.txt"), b"").unwrap();
        fs::write(root.join("testing_list.txt"), b"bed/1_nohash_0.wav\n").unwrap();
        root.to_path_buf()
    },
};

pub(super) const BUCKEYE: Specimen = Specimen {
    reader: &layouts::Buckeye,
    folder: "s01",
    most: usize::MAX,
    names_bytes: true,
    holds: false,
    in_store: false,
    describe: |root, _| {
        fs::write(root.join("s01/s0101a.words"), b"").unwrap();
        root.to_path_buf()
    },
};

/// The stem of a path, spelled as ids are.
fn id_of(path: &Path) -> String {
    printable(Path::new(path.file_stem().unwrap()))
}

pub(super) const SHARDS: Specimen = Specimen {
    reader: &shards::Shards,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: true,
    in_store: false,
    describe: |root, recordings| {
        let shard: Vec<u8> = recordings.iter().flat_map(|path| tar_member(path)).collect();
        fs::write(root.join("a shard"), shard).unwrap();
        root.join("a shard")
    },
};

pub(super) const SHARD_FOLDER: Specimen = Specimen {
    reader: &shards::ShardFolder,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: true,
    in_store: false,
    describe: |root, recordings| {
        fs::create_dir(root.join("shards")).unwrap();
        for (number, half) in recordings.chunks(recordings.len().div_ceil(2).max(1)).enumerate() {
            let shard: Vec<u8> = half.iter().flat_map(|path| tar_member(path)).collect();
            fs::write(root.join(format!("shards/{number}.tar")), shard).unwrap();
        }
        root.join("shards")
    },
};

#[cfg(feature = "arrow")]
pub(super) const PARQUET: Specimen = Specimen {
    reader: &parquet::Parquet,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: false,
    holds: false,
    in_store: false,
    describe: |root, recordings| {
        let paths = recordings.iter().map(|path| path.to_str().unwrap().as_bytes().to_vec());
        let message = "message m { required binary path (UTF8); }";
        write_parquet(&root.join("a.parquet"), message, [paths.collect()]);
        root.join("a.parquet")
    },
};

#[cfg(feature = "arrow")]
pub(super) const PARQUET_FOLDER: Specimen = Specimen {
    reader: &parquet::ParquetFolder,
    folder: "some/where",
    most: usize::MAX,
    names_bytes: true,
    holds: true,
    in_store: false,
    describe: |root, recordings| {
        fs::create_dir(root.join("tables")).unwrap();
        let message = "message m { required binary name (UTF8); required binary audio; \
                       required binary utt_id (UTF8); }";
        for (number, half) in recordings.chunks(recordings.len().div_ceil(2).max(1)).enumerate() {
            let names = half.iter().map(|path| printable(path).into_bytes()).collect();
            let bytes = vec![BYTES.to_vec(); half.len()];
            let ids = half.iter().map(|path| id_of(path).into_bytes()).collect();
            let file = root.join(format!("tables/{number}.parquet"));
            write_parquet(&file, message, [names, bytes, ids]);
        }
        root.join("tables")
    },
};

/// Writes a Parquet file of a row group.
#[cfg(feature = "arrow")]
fn write_parquet<const N: usize>(path: &Path, message: &str, columns: [Vec<Vec<u8>>; N]) {
    use ::parquet::{
        data_type::{ByteArray, ByteArrayType},
        file::writer::SerializedFileWriter,
        schema::parser::parse_message_type,
    };
    let schema = parse_message_type(message).unwrap();
    let file = fs::File::create(path).unwrap();
    let mut writer =
        SerializedFileWriter::new(file, schema.into(), std::sync::Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for values in columns {
        let values: Vec<ByteArray> = values.into_iter().map(ByteArray::from).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

/// A member of a tar archive with five bytes, from POSIX' table of fields.
fn tar_member(path: &Path) -> Vec<u8> {
    let mut header = [0_u8; 512];
    let name = path.as_os_str().as_bytes();
    header[..name.len()].copy_from_slice(name);
    header[124..136].copy_from_slice(b"00000000005\0");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut member = [&header[..], BYTES].concat();
    member.resize(1024, 0);
    member
}
