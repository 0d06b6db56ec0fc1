"""The main job from Python: the command's bytes, its options as arguments, and how it ends."""

from __future__ import annotations

import inspect
import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import corpus_and, dataset_files
from conftest import ossicle as command

import ossicle
from ossicle import _ossicle, _verbs
from ossicle._corpora import Selection


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus in TIMIT's layout, as the command makes it."""
    folder = tmp_path_factory.mktemp("demo")
    done = command("demo", folder, "--corpus-only", "--scale", "0.05")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("verb", "function"),
    [
        ("extract", ossicle.extract),
        ("plan", ossicle.plan),
        ("verify", ossicle.verify),
        ("info", ossicle.info),
        ("compare", ossicle.compare),
        ("show", ossicle.show),
    ],
)
def test_every_option_of_the_command_is_an_argument(verb: str, function: Any) -> None:
    arguments = set(inspect.signature(function).parameters)
    if "selection" in arguments:
        assert set(_verbs.SELECTION) == set(Selection.__annotations__)
        arguments |= set(_verbs.SELECTION)
    options = {option.replace("-", "_") for option in _ossicle.options_of(verb)}
    assert {"what", "dataset", "out", "a"} & options
    # What it prints is what is returned.
    options -= {"json"}
    assert options <= arguments
    documented = inspect.getdoc(function) or ""
    assert all(option in documented for option in options - set(_verbs.SELECTION))


def test_the_bytes_are_those_of_the_command(demo: Path, tmp_path: Path) -> None:
    words = ("--preset", "timit-mfcc", "--set", "feature.num_ceps=13", "--set", "audio.levels=false")
    assert command("extract", demo, "--out", tmp_path / "c", *words).returncode == 0
    settings: dict[str, Any] = {"num_ceps": 13, "audio": {"levels": False}}
    made = ossicle.extract(demo, tmp_path / "p", preset="timit-mfcc", jobs=1, **settings)
    assert made.ok and made.path == tmp_path / "p" and made.utterances == len(made.open()["train"]) + 32
    ossicle.extract([demo], tmp_path / "q", preset="timit-mfcc", isolation="processes", jobs=2, **settings)
    text = ossicle.Extractor("timit-mfcc", num_ceps=13, normalize=None).recipe
    normalized = {"normalize": {"stats_from": "train"}}
    ossicle.extract(demo, tmp_path / "r", recipe=text, audio={"levels": False}, **normalized)
    expected = dataset_files(tmp_path / "c")
    assert dataset_files(tmp_path / "p") == expected and dataset_files(tmp_path / "q") == expected
    arrays = {name: of for name, of in dataset_files(tmp_path / "r").items() if "features" in name}
    assert arrays == {name: of for name, of in expected.items() if "features" in name}
    # The dataset remembers a command line that makes it.
    words_of_it = json.loads((tmp_path / "p" / "run.json").read_text())["command"]
    assert command(*words_of_it[1:], "--json").returncode == 0


def test_a_corpus_is_a_path_or_several_or_those_of_splits(corpus: Path, tmp_path: Path) -> None:
    by_split = {"train": corpus / "r0.wav", "test": str(corpus / "r1.wav")}
    made = ossicle.extract(by_split, tmp_path / "a", preset="kaldi-fbank", split_speakers=None)
    assert {split["name"]: split["utterances"] for split in made.splits} == {"train": 1, "test": 1}
    several = ossicle.extract([corpus / "r0.wav", corpus / "r2.wav"], tmp_path / "c", preset="kaldi-fbank")
    assert several.utterances == 2
    shares = ossicle.extract(
        str(corpus), tmp_path / "b", preset="kaldi-fbank", speaker=r"(r\d)", split_speakers={"a": 0.5, "b": 0.5}
    )
    assert {split["name"] for split in shares.splits} == {"a", "b"}


def test_an_outcome_in_an_object_store_has_an_address_and_no_folder() -> None:
    made = ossicle.Outcome({"utterances": 1}, "s3://speech/out", True)
    assert made.address == "s3://speech/out"
    with pytest.raises(ossicle.Error, match="s3://speech/out is in an object store, and no folder"):
        _ = made.path


def test_an_outcome_tells_failures_by_their_cause(corpus: Path, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "corpus").mkdir()
    events: list[dict[str, Any]] = []
    bad = corpus_and(tmp_path / "corpus", corpus)
    made = ossicle.extract(bad, tmp_path / "out", preset="kaldi-fbank", on_event=events.append)
    assert (made.utterances, made.failures, made.ok, made.already_complete) == (3, 1, False, False)
    assert [(of["cause"], of["count"], of["first"]) for of in made.causes] == [("bad-header", 1, "bad")]
    assert [row["id"] for row in made.failed()] == ["bad"]
    assert made.frames == sum(split["frames"] for split in made.splits) > 0 and made.seconds > 0
    for text in (repr(made), made._repr_html_()):
        assert "1 failed" in text and "bad-header" in text
    assert json.loads(made.to_json()) == made.to_dict() == dict(made)
    again = pickle.loads(pickle.dumps(made))
    assert (again.to_dict(), again.path, again.ok) == (made.to_dict(), made.path, made.ok)
    assert made.address == str(made.path) == str(tmp_path / "out")
    kinds = [event["event"] for event in events]
    assert kinds[0] == "start" and kinds[-1] == "finishing" and kinds.count("utterance") == 3
    assert [(e["id"], e["cause"]) for e in events if e["event"] == "failure"] == [("bad", "bad-header")]
    assert "bad: " in capsys.readouterr().err
    same = ossicle.extract(bad, tmp_path / "out", preset="kaldi-fbank", allow_failures=1, progress=False)
    assert same.already_complete and same.ok and same.failures == 1
    assert capsys.readouterr().err == ""
    with pytest.raises(ossicle.Error, match="1 utterance failed, and 0 may"):
        ossicle.extract(bad, tmp_path / "none", preset="kaldi-fbank", max_failures=0, progress=False)


def test_a_dry_run_makes_nothing(demo: Path, tmp_path: Path) -> None:
    for how in (True, "quick"):
        seen = ossicle.extract(demo, tmp_path / "out", preset="timit-mfcc", dry_run=how)  # type: ignore[call-overload]
        assert seen.ok and seen["splits"]["valid"]["utterances"] == 24 and "valid" in repr(seen)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"jobs": 0}, ossicle.Error, "jobs is 0; it must be at least 1"),
        ({"max_failures": "many"}, ossicle.Error, "max_failures is many; "),
        ({"isolation": "x"}, ossicle.Error, "isolation is x; it must be one of threads, processes"),
        ({"overwrite": True, "retry_failed": True}, ossicle.Error, "overwrite and retry_failed exclude each other|.*"),
        ({"timeout_per_utterance": 1}, ossicle.Error, "timeout_per_utterance needs isolation"),
        ({"num_mel_bin": 3}, ossicle.Error, "did you mean num_mel_bins"),
        ({"preset": None}, ossicle.Error, "nothing says what to compute"),
        ({"preset": "kaldi-fbang"}, ossicle.Error, "no preset"),
        ({"recipe": "x.toml"}, ossicle.Error, "preset and recipe exclude each other"),
        ({"preset": None, "recipe": "x.toml"}, FileNotFoundError, "x.toml"),
        ({"splits": "x.txt"}, FileNotFoundError, "x.txt"),
        ({"corpus_format": "x"}, ossicle.CorpusError, "no format"),
        ({"progress": "x"}, ossicle.Error, "progress is 'x'"),
        ({"on_event": 3}, ossicle.Error, "on_event is 3"),
        ({"log_file": "."}, ossicle.Error, "log_file . is a folder"),
        ({"max_memory": 1}, ossicle.Error, "memory is limited"),
    ],
)
def test_what_is_wrong_is_said_of_arguments(
    corpus: Path, tmp_path: Path, arguments: dict[str, Any], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text) as raised:
        ossicle.extract(corpus, tmp_path / "out", **{"preset": "kaldi-fbank", "progress": False, **arguments})
    assert "--" not in str(raised.value) + str(getattr(raised.value, "advice", ""))


def test_another_job_is_refused_and_overwritten_if_asked(corpus: Path, tmp_path: Path) -> None:
    ossicle.extract(corpus, tmp_path / "out", preset="kaldi-fbank")
    with pytest.raises(ossicle.DatasetError, match="another job") as raised:
        ossicle.extract(corpus, tmp_path / "out", preset="kaldi-mfcc")
    assert raised.value.advice == "overwrite=True replaces it"
    assert ossicle.extract(corpus, tmp_path / "out", preset="kaldi-mfcc", overwrite=True).ok
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    with pytest.raises(ossicle.Error, match="holds other files"):
        ossicle.extract(corpus, tmp_path / "mine", preset="kaldi-mfcc")


class Enough(Exception):
    """What a test raises."""


# It takes a second or some, so that there is something to stop.
SPIKES: dict[str, Any] = {"preset": "timit-spikegram", "set": ["feature.snr_db=12"]}
LONG: dict[str, Any] = {**SPIKES, "jobs": 2, "progress": False}


def stop_after(count: int) -> Any:
    """What raises once so many utterances are done."""
    seen = iter(range(count))

    def hear(event: dict[str, Any]) -> None:
        if event["event"] == "utterance" and next(seen, None) is None:
            raise Enough

    return hear


def test_an_exception_of_who_hears_stops_the_run_which_can_be_gone_on_with(demo: Path, tmp_path: Path) -> None:
    with pytest.raises(Enough):
        ossicle.extract(demo, tmp_path / "out", on_event=stop_after(70), **LONG)
    assert (tmp_path / "out" / ".ossicle").is_dir() and not (tmp_path / "out" / "dataset.json").exists()
    assert ossicle.info(tmp_path / "out")["unfinished"]["parts_done"] > 0
    made = ossicle.extract(demo, tmp_path / "out", **LONG)
    assert made["resumed_parts"] > 0
    ossicle.extract(demo, tmp_path / "other", **LONG)
    assert dataset_files(tmp_path / "out") == dataset_files(tmp_path / "other")


@pytest.mark.parametrize("isolation", ["threads", "processes"])
def test_ctrl_c_raises_within_a_second_and_what_was_done_is_kept(demo: Path, tmp_path: Path, isolation: str) -> None:
    pressed: list[float] = []

    def press(event: dict[str, Any]) -> None:
        if event["event"] == "utterance" and event["number"] > 60 and not pressed:
            pressed.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        ossicle.extract(demo, tmp_path / "out", on_event=press, isolation=isolation, **LONG)  # type: ignore[call-overload]
    assert time.monotonic() - pressed[0] < 1
    made = ossicle.extract(demo, tmp_path / "out", **LONG)
    assert made["resumed_parts"] > 0 and ossicle.verify(tmp_path / "out")


def test_ctrl_c_ends_it_where_nobody_hears(demo: Path, tmp_path: Path) -> None:
    def press() -> None:
        while not (tmp_path / "out" / ".ossicle").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        ossicle.extract(demo, tmp_path / "out", **LONG)
    thread.join()


def test_the_interpreters_lock_is_free_meanwhile(demo: Path, tmp_path: Path) -> None:
    ended = threading.Event()

    def run() -> None:
        ossicle.extract(demo, tmp_path / "out", **{**LONG, "jobs": 1})
        ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    turns = 0
    while not ended.wait(0.002):
        turns += 1
    thread.join()
    assert turns > 50


def test_a_second_writer_gets_the_locks_error(demo: Path, tmp_path: Path) -> None:
    refused: list[ossicle.DatasetError] = []
    code = (
        "import ossicle, sys\n"
        "try: ossicle.extract(sys.argv[1], sys.argv[2], preset='timit-spikegram', progress=False)\n"
        "except ossicle.DatasetError as error: print(error, error.advice)\n"
    )

    def hear(event: dict[str, Any]) -> None:
        if event["event"] != "start":
            return
        with pytest.raises(ossicle.DatasetError) as raised:
            ossicle.extract(demo, tmp_path / "out", **LONG)
        refused.append(raised.value)
        words = [sys.executable, "-c", code, str(demo), str(tmp_path / "out")]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        assert "another run" in said and "write to another folder" in said
        raise Enough

    with pytest.raises(Enough):
        ossicle.extract(demo, tmp_path / "out", on_event=hear, **LONG)
    assert "wait for it to end" in str(refused[0].advice)


def in_process(corpus: Path, out: Path, isolation: str) -> None:
    made = ossicle.extract(corpus, out, preset="timit-mfcc", isolation=isolation, jobs=2)  # type: ignore[call-overload]
    sys.exit(0 if made.ok else 1)


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
@pytest.mark.parametrize("isolation", ["threads", "processes"])
def test_it_works_in_processes_of_multiprocessing(demo: Path, tmp_path: Path, method: str, isolation: str) -> None:
    # What the parent has already used is used by the child anew.
    ossicle.fbank([0.0] * 4000)
    context = multiprocessing.get_context(method)
    process = context.Process(target=in_process, args=(demo, tmp_path / "out", isolation))  # type: ignore[attr-defined]
    process.start()
    process.join(120)
    assert process.exitcode == 0
    assert ossicle.verify(tmp_path / "out")


def forked(work: Any) -> int:
    """Fork, let the child do work, and return its number; its exit status is 0 where all went well."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_fork_while_threads_compute_is_a_working_process(demo: Path, tmp_path: Path) -> None:
    children: list[int] = []
    begun = threading.Event()

    def child() -> None:
        assert ossicle.extract(demo, tmp_path / "child", preset="timit-mfcc", progress=False).ok
        time.sleep(1)

    def fork() -> None:
        begun.wait()
        children.append(forked(child))

    thread = threading.Thread(target=fork)
    thread.start()
    made = ossicle.extract(demo, tmp_path / "out", on_event=lambda _: begun.set(), **LONG)
    thread.join()
    # The lock is not kept by the child, which has the file open.
    assert made.ok and ossicle.extract(demo, tmp_path / "out", preset="timit-mfcc", overwrite=True, progress=False).ok
    assert os.waitpid(children[0], 0)[1] == 0
    assert ossicle.verify(tmp_path / "child")


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_fork_of_who_hears_is_told_that_the_parent_goes_on(demo: Path, tmp_path: Path) -> None:
    children: list[int] = []

    def hear(event: dict[str, Any]) -> None:
        if event["event"] == "start":
            children.append(os.fork())

    try:
        made = ossicle.extract(demo, tmp_path / "out", preset="timit-mfcc", progress=False, on_event=hear)
    except ossicle.Error as error:
        os._exit(7 if "fork" in str(error) else 1)
    except BaseException:  # noqa: BLE001
        os._exit(2)
    assert made.ok and os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 7


def test_lines_go_where_python_writes(demo: Path, tmp_path: Path, capsys: Any) -> None:
    ossicle.extract(demo, tmp_path / "a", preset="timit-mfcc", log_file=tmp_path / "log", jobs=2)
    said = capsys.readouterr()
    assert "train: 184 utterances, time = " in said.err and said.out == ""
    assert "train: 184 utterances" in (tmp_path / "log").read_text()
    ossicle.extract(demo, tmp_path / "b", preset="timit-mfcc", verbose=True)
    assert capsys.readouterr().err.count(" frames  ") == 216
    ossicle.extract(demo, tmp_path / "c", preset="timit-mfcc", quiet=True)
    ossicle.extract(demo, tmp_path / "d", preset="timit-mfcc", progress=False)
    assert capsys.readouterr().err == ""


@pytest.fixture
def tqdm(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What a bar of tqdm is told."""
    told: list[Any] = []

    class Bar:
        def __init__(self, **_: Any) -> None: ...

        def __getattr__(self, name: str) -> Any:
            return lambda *values, **_: told.append((name, *values))

    module = types.ModuleType("tqdm.auto")
    module.tqdm = Bar  # type: ignore[attr-defined]
    package = types.ModuleType("tqdm")
    package.auto = module  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm", package)
    monkeypatch.setitem(sys.modules, "tqdm.auto", module)
    yield told


def test_a_notebook_has_tqdms_bar(demo: Path, tmp_path: Path, tqdm: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = types.ModuleType("IPython")
    notebook.get_ipython = lambda: types.SimpleNamespace(kernel=1)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    ossicle.extract(demo, tmp_path / "a", preset="timit-mfcc")
    assert ("reset", 216) in tqdm and tqdm.count(("update", 1)) == 216 and tqdm[-1] == ("close",)
    assert any(told[0] == "write" and "train: " in told[1] for told in tqdm)


def test_a_terminal_has_the_commands_bar(demo: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    code = f"import ossicle, sys; print(ossicle.extract(sys.argv[1], sys.argv[2], **{SPIKES}))"
    words = [sys.executable, "-c", code, str(demo), str(tmp_path / "out")]
    process = subprocess.Popen(words, stderr=theirs, stdout=subprocess.PIPE, text=True)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.communicate()[0].startswith("<Outcome") and process.returncode == 0
    assert b"/216, " in shown and b" left" in shown and b"train: 184 utterances" in shown


def test_verify_finds_and_mends_what_is_damaged(corpus: Path, tmp_path: Path) -> None:
    out = ossicle.extract(corpus, tmp_path / "out", preset="kaldi-fbank").path
    sound = ossicle.verify(out, corpus=corpus, deep=True)
    assert sound and sound.sound and sound["utterances_computed_again"] == 3 and "sound" in repr(sound)
    file = next(out.rglob("features-*.npy"))
    good = file.read_bytes()
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    found = ossicle.verify(out)
    assert not found and [of["file"] for of in found.findings] == ["all/features-00000.npy"]
    assert "damaged" in repr(found)
    with pytest.raises(ossicle.DatasetError, match="is damaged: all/features"):
        ossicle.verify(out, check=True)
    assert ossicle.verify(out, corpus=corpus, repair=True).repaired == ["all/features-00000.npy"]
    assert file.read_bytes() == good
    with pytest.raises(ossicle.Error, match="deep and repair need the recordings: give corpus"):
        ossicle.verify(out, deep=True)
    with pytest.raises(TypeError, match="no argument 'corpse'"):
        ossicle.verify(out, corpse=corpus)  # type: ignore[call-arg]


def test_info_is_what_the_command_prints(corpus: Path, tmp_path: Path) -> None:
    out = ossicle.extract(corpus, tmp_path / "out", preset="kaldi-fbank").path
    for what in (out, corpus):
        told = ossicle.info(what)
        assert json.loads(command("info", what, "--json").stdout) == told.to_dict() == dict(told)
        assert pickle.loads(pickle.dumps(told)) == told
        assert "all" in repr(told) and "<td>3</td>" in told._repr_html_()
    assert "RIFF/WAVE" in repr(ossicle.info(corpus)) and "a dataset" in repr(ossicle.info(out))
    with pytest.raises(ossicle.CorpusError, match="no such file or folder"):
        ossicle.info(tmp_path / "nothing")
