"""What is read from a knowledge folder, and how a fault in it is told."""

import time
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.schema import Knowledge
from bot.model.codes import Code
from bot.model.target import Security
from bot.upkeep.errors import KnowledgeError, did_you_mean
from bot.upkeep.loader import find_knowledge, load_knowledge

Break = Callable[[str, str, str], Path]
DATA = Path(__file__).parent / "loader_faults.toml"
FAULTS: list[dict[str, str]] = tomllib.loads(DATA.read_text(encoding="utf-8"))["fault"]


def fault_of(folder: Path) -> KnowledgeError:
    """The fault that loading `folder` ends with."""
    with pytest.raises(KnowledgeError) as raised:
        load_knowledge(folder)
    assert "\n" not in str(raised.value)
    return raised.value


def test_every_kind_of_file_is_read(folder: Path) -> None:
    """Each folder fills its part of the knowledge, under the ids that the files give."""
    knowledge = load_knowledge(folder)

    assert list(knowledge.trees) == ["cannot-send", "other"]
    assert knowledge.trees["cannot-send"].node["look"].go[0].when == ("tls.*",)
    assert knowledge.questions["port"].choices[0].means == {Code.SETTINGS_WRONG_SECURITY: 0.2}
    assert knowledge.rules[0].when.answer == {"port": ("wrong",)}
    assert knowledge.rules[0].checked_on == date(2026, 11, 1)
    assert knowledge.decoders[0].reply == "535"
    assert knowledge.advice["set-port"].sources[0].checked_on == "2026-11-01"
    assert knowledge.clients["mailer"].actions["open-settings"][0] == "Open the settings."
    assert knowledge.providers["example-mail"].outgoing[0].security is Security.STARTTLS
    assert knowledge.faq[0].id == "what-is-smtp"
    assert knowledge.texts["talk.person"] == "A colleague takes over."
    assert knowledge.texts["verdict.tls.handshake_failed.1"] == "{host} breaks off."


def test_lexicon_files_are_merged(folder: Path) -> None:
    """Words that two files give for one key are put one behind the other."""
    lexicon = load_knowledge(folder).lexicon

    assert lexicon.about_mail == ("outbox", "mail")
    assert lexicon.security[Security.TLS] == ("smtps", "ssl")
    assert lexicon.security[Security.STARTTLS] == ("starttls",)


def test_version_changes_with_every_byte(folder: Path) -> None:
    """The fingerprint stays as long as the files do, and a comment already changes it."""
    before = load_knowledge(folder).version
    again = load_knowledge(folder).version
    path = folder / "faq/all.toml"
    path.write_text(path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")

    assert before == again != load_knowledge(folder).version


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["said"][:60])
def test_fault_names_file_key_and_cure(broken: Break, fault: dict[str, str]) -> None:
    """A fault is one line that says where it is and what to write instead."""
    error = fault_of(broken(fault["file"], fault["old"], fault["new"]))

    assert str(error).startswith(f"{fault['file']}: {fault['said']}")
    assert error.file == fault["file"]


def test_same_id_twice_is_refused(folder: Path) -> None:
    """Of two rules of one id nobody could say which one decided."""
    text = (folder / "rules/live.toml").read_text(encoding="utf-8")
    (folder / "rules/second.toml").write_text(text, encoding="utf-8")

    error = fault_of(folder)

    assert error.file == "rules/second.toml"
    assert error.key == "rule.closed-port"


def test_same_text_twice_is_refused(folder: Path) -> None:
    """Two sentences of one id are a mistake of copying."""
    (folder / "texts/zz.toml").write_text('[talk]\nperson = "Again."\n', encoding="utf-8")

    assert fault_of(folder).key == "talk.person"


def test_bytes_that_are_no_text_are_named_by_line(folder: Path) -> None:
    """A file in another encoding is told with its line."""
    (folder / "faq/all.toml").write_bytes(b"# one\n# tw\xe4\n")

    assert str(fault_of(folder)) == "faq/all.toml: line 2: is not UTF-8 (save the file as UTF-8)"


def test_file_that_nobody_would_read_is_refused(folder: Path) -> None:
    """A folder with a slip in its name would be left out in silence."""
    (folder / "advise").mkdir()
    (folder / "advise/new.toml").write_text("", encoding="utf-8")

    said = 'advise/new.toml: lies in a folder that is never read (did you mean "advice"?)'
    assert str(fault_of(folder)) == said


def test_missing_and_empty_folders_are_told(tmp_path: Path) -> None:
    """A folder that is not there, and one with nothing in it, are two different faults."""
    assert "there is no such folder" in str(fault_of(tmp_path / "nowhere"))
    assert "holds no knowledge" in str(fault_of(tmp_path))


def test_a_directory_in_place_of_a_file_is_told(folder: Path) -> None:
    """What cannot be read is named, and no traceback follows."""
    (folder / "faq/broken.toml").mkdir()

    assert fault_of(folder).file == "faq/broken.toml"


def test_setting_is_taken_at_its_word(tmp_path: Path) -> None:
    """Where a folder is set, no other one is looked for."""
    assert find_knowledge(str(tmp_path / "mine")) == tmp_path / "mine"


def test_checkout_brings_its_own_knowledge() -> None:
    """Without a setting, a checkout reads the folder beside the package."""
    found = find_knowledge(None)

    assert found.name in {"knowledge", "_knowledge"}
    assert (found / "trees").is_dir()


def test_shipped_knowledge_loads_fast(knowledge: Knowledge) -> None:
    """Start must not wait for knowledge: all of it is read well below a second."""
    folder = find_knowledge(None)
    started = time.perf_counter()
    again = load_knowledge(folder)

    assert again == knowledge
    assert time.perf_counter() - started < 1.0


def test_far_words_get_no_suggestion() -> None:
    """A guess that is far off helps nobody."""
    assert did_you_mean("xyzzy", ["check", "ask"], "one of: ask, check") == "one of: ask, check"
