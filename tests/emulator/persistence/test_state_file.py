"""State on disk: whole and of these versions, or not read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from elasticache_kit.emulator.persistence.state_file import NAME, PREVIOUS, StateFile
from elasticache_kit.errors import EmulatorError

VERSIONS = {"elasticache-kit": "1", "moto": "5"}


@pytest.fixture
def file(tmp_path: Path) -> StateFile:
    """A file that has been written twice."""
    made = StateFile(tmp_path / "state", VERSIONS)
    made.write(b"first")
    made.write(b"second")
    return made


def test_the_newest_state_is_read(file: StateFile) -> None:
    """Nobody is told anything."""
    found = file.read()

    assert (found.payload, found.notes) == (b"second", ())


def test_nothing_is_read_where_nothing_was_written(tmp_path: Path) -> None:
    """That is no reason to tell anybody either."""
    found = StateFile(tmp_path / "state", VERSIONS).read()

    assert (found.payload, found.notes) == (None, ())


@pytest.mark.parametrize("kept", [0, 1, 64, 70, -1])
def test_a_torn_file_is_refused(file: StateFile, kept: int) -> None:
    """However much of it is there, the one before is read, and the user is told."""
    path = file.directory / NAME
    path.write_bytes(path.read_bytes()[:kept])

    found = file.read()

    assert found.payload == b"first"
    assert "torn" in found.notes[0]
    assert "The state before it was read" in found.notes[1]
    assert (file.directory / "state.refused").exists()


def test_every_flipped_bit_is_found(file: StateFile) -> None:
    """In the checksum, in the header and in the state."""
    path = file.directory / NAME
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])

        assert file.read().payload == b"first", place


def test_without_the_checksum_torn_state_would_be_read(file: StateFile) -> None:
    """That nothing else keeps it out shows that the two tests above look at the checksum."""
    path = file.directory / NAME
    torn = path.read_bytes().partition(b"\n")[2][:-3]
    path.write_bytes(hashlib.sha256(torn).hexdigest().encode() + b"\n" + torn)

    assert file.read().payload == b"second"[:-3]


def test_two_bad_files_are_an_empty_start(file: StateFile) -> None:
    """Both are put aside and named."""
    for name in (NAME, PREVIOUS):
        (file.directory / name).write_bytes(b"nonsense")

    found = file.read()

    assert found.payload is None
    assert [note.split(" was")[0] for note in found.notes[:2]] == [
        f"The state in {file.directory / NAME}",
        f"The state in {file.directory / PREVIOUS}",
    ]
    assert found.notes[2] == "The emulator starts empty."


def test_another_version_is_refused(file: StateFile) -> None:
    """The sentence has both versions."""
    found = StateFile(file.directory, {**VERSIONS, "moto": "6"}).read()

    assert found.payload is None
    assert "it was written by moto 5 where this is 6" in found.notes[0]


def test_killed_between_two_renames_the_last_acknowledged_state_is_read(file: StateFile) -> None:
    """The current file has made room for the next one, which nobody was told of."""
    (file.directory / NAME).replace(file.directory / PREVIOUS)
    (file.directory / "state.new").write_bytes(b"half of")

    found = file.read()

    assert (found.payload, found.notes) == (b"second", ())


def test_only_the_user_can_read_it(file: StateFile) -> None:
    """It holds secrets."""
    assert file.directory.stat().st_mode & 0o777 == 0o700
    assert (file.directory / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_directory_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """A pickle is code."""
    directory = tmp_path / "state"
    directory.mkdir()
    directory.chmod(mode)

    with pytest.raises(EmulatorError, match=rf"open to others \(mode {mode:o}\).*chmod 700"):
        StateFile(directory, VERSIONS)


def test_a_link_to_a_directory_is_refused(tmp_path: Path) -> None:
    """Somebody else may have laid it."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "state").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(EmulatorError, match="not a directory of yours"):
        StateFile(tmp_path / "state", VERSIONS)


def test_a_file_that_others_can_write_is_refused(file: StateFile) -> None:
    """The error says what to do."""
    (file.directory / NAME).chmod(0o666)

    with pytest.raises(EmulatorError, match="--fresh"):
        file.read()


def test_discarded_state_is_gone(file: StateFile) -> None:
    """The one before it as well."""
    file.discard()

    assert file.read().payload is None
