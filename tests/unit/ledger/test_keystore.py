"""The key store works on any desktop, says what protects it, and destroys one key without touching another."""

import errno
import os
import shutil
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.seals import KeyStore, open_object, seal_object, system_keyring
from witting.ledger.seals import keystore as keystore_module
from witting.terms.errors import SealError, StoreLockedError


class PaperKeyring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service_name: str, username: str) -> str | None:
        """Return what is kept."""
        return self.secrets.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        """Keep it."""
        self.secrets[service_name, username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        """Delete it."""
        del self.secrets[service_name, username]


@pytest.fixture(autouse=True)
def _cheap_stretching(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Argon2id cost little in tests."""
    monkeypatch.setattr(keystore_module, "_OPERATIONS", 1)
    monkeypatch.setattr(keystore_module, "_MEMORY_BYTES", 2**13)


def all_bytes(folder: Path) -> bytes:
    """Return the bytes of all files of a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()))


def test_store_without_keyring_or_passphrase_works_and_says_so(tmp_path: Path) -> None:
    """A bare Debian desktop gets a store whose protection is called what it is: a file only its owner reads."""
    store = KeyStore(tmp_path / "keys")
    key = store.new_key("session-1")
    assert store.protection == "file"
    assert KeyStore(tmp_path / "keys").key("session-1") == key
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in (tmp_path / "keys").iterdir())


@pytest.mark.promise("P11")
def test_passphrase_store_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    """Without the passphrase nothing opens, and no key lies in the clear."""
    store = KeyStore(tmp_path, passphrase="correct horse")
    key = store.new_key("s")
    assert store.protection == "passphrase"
    assert KeyStore(tmp_path, passphrase="correct horse").key("s") == key
    assert key not in all_bytes(tmp_path)
    for wrong in ("Correct horse", "", None):
        with pytest.raises(StoreLockedError) as caught:
            KeyStore(tmp_path, passphrase=wrong)
        assert caught.value.hint


def test_keyring_store_opens_with_its_keyring_only(tmp_path: Path) -> None:
    """The desktop's keyring holds what opens the store; another user's doesn't."""
    keyring = PaperKeyring()
    store = KeyStore(tmp_path, keyring=keyring)
    key = store.new_key("s")
    assert store.protection == "keyring"
    assert KeyStore(tmp_path, keyring=keyring).key("s") == key
    for other in (PaperKeyring(), None):
        with pytest.raises(StoreLockedError):
            KeyStore(tmp_path, keyring=other)
    keyring.secrets = dict.fromkeys(keyring.secrets, "AAAA" * 10 + "AAA=")
    with pytest.raises(StoreLockedError):
        KeyStore(tmp_path, keyring=keyring)


def test_default_argon2id_cost_is_not_the_cheap_one() -> None:
    """Outside tests a guess at the passphrase costs 256 MiB."""
    from nacl.pwhash import argon2id

    assert argon2id.MEMLIMIT_MODERATE == 256 * 2**20
    source = Path(keystore_module.__file__).read_text(encoding="utf-8")
    assert "_MEMORY_BYTES = pwhash.argon2id.MEMLIMIT_MODERATE" in source


@pytest.mark.promise("P13")
def test_destroyed_key_is_gone_and_others_stay(tmp_path: Path) -> None:
    """Destroying one session's key makes that session unreadable and no other."""
    store = KeyStore(tmp_path)
    gone, stays = store.new_key("gone"), store.new_key("stays")
    sealed = seal_object(gone, b"data", name=b"n")
    wrapped = (tmp_path / "gone.key").read_bytes()
    assert store.destroy("gone")
    assert not store.destroy("gone")
    assert store.names() == ("stays",)
    assert not store.has("gone")
    assert store.key("stays") == stays
    assert wrapped not in all_bytes(tmp_path)
    with pytest.raises(SealError):
        store.key("gone")
    with pytest.raises(SealError):
        open_object(stays, sealed, name=b"n")


def test_destroying_overwrites_before_it_unlinks(tmp_path: Path) -> None:
    """Whoever still has the file open sees random bytes, not the wrapped key."""
    store = KeyStore(tmp_path)
    store.new_key("s")
    with (tmp_path / "s.key").open("rb") as held:
        before = held.read()
        store.destroy("s")
        held.seek(0)
        after = held.read()
    assert len(after) == len(before)
    assert after != before


def test_key_is_never_replaced(tmp_path: Path) -> None:
    """A key that sealed something can't be overwritten by a new one of the same name."""
    store = KeyStore(tmp_path)
    key = store.new_key("s")
    with pytest.raises(FileExistsError):
        store.new_key("s")
    assert store.key("s") == key
    assert {file.name for file in tmp_path.iterdir()} == {"device.json", "s.key"}


def test_shared_store_has_the_same_keys(tmp_path: Path) -> None:
    """A shared store opens alike, outlives the first, and a key destroyed in either is destroyed in both."""
    first = KeyStore(tmp_path / "first", passphrase="correct horse")
    gone, stays = first.new_key("gone"), first.new_key("stays")
    first.share(tmp_path / "second")
    second = KeyStore(tmp_path / "second", passphrase="correct horse")
    assert (second.key("gone"), second.protection) == (gone, "passphrase")
    first.destroy("gone")
    with pytest.raises(SealError):
        second.key("gone")
    shutil.rmtree(tmp_path / "first")
    assert KeyStore(tmp_path / "second", passphrase="correct horse").key("stays") == stays


def test_store_shared_with_another_file_system_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files can't be linked, each store has its own."""
    first = KeyStore(tmp_path / "first")
    key = first.new_key("s")

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", refuse)
        first.share(tmp_path / "second")
    first.destroy("s")
    assert KeyStore(tmp_path / "second").key("s") == key


def test_key_file_under_another_name_is_refused(tmp_path: Path) -> None:
    """Key files can't be swapped or changed."""
    store = KeyStore(tmp_path)
    store.new_key("a")
    store.new_key("b")
    (tmp_path / "a.key").write_bytes((tmp_path / "b.key").read_bytes())
    with pytest.raises(SealError):
        store.key("a")


@given(name=st.text(max_size=90))
def test_names_cannot_leave_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """No name reaches a file outside the store."""
    store = KeyStore(tmp_path_factory.mktemp("keys"))
    try:
        file = store._file(name)
    except ValueError:
        return
    assert file.parent == store._path
    assert file.name == f"{name}.key"


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".hidden", "a\0b", "x" * 81])
def test_impossible_names_are_refused(tmp_path: Path, name: str) -> None:
    """A name with a slash, a leading dot or no letters isn't taken."""
    with pytest.raises(ValueError, match="name"):
        KeyStore(tmp_path).new_key(name)


@pytest.mark.parametrize("content", [b"", b"{", b'{"version":2}', b'{"version":1,"protection":"none","store_id":"x","key":""}'])
def test_unreadable_device_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """A damaged device file isn't silently replaced: that would lose every key."""
    (tmp_path / "device.json").write_bytes(content)
    with pytest.raises(SealError):
        KeyStore(tmp_path)
    assert (tmp_path / "device.json").read_bytes() == content


def test_two_first_users_agree_on_one_device_key(tmp_path: Path) -> None:
    """Two processes that make the store at once end with the same one."""
    stores: list[KeyStore] = []
    threads = [threading.Thread(target=lambda: stores.append(KeyStore(tmp_path / "k"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    key = stores[0].new_key("s")
    assert [store.key("s") for store in stores] == [key] * 8


def test_first_user_that_comes_late_takes_the_other_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that appears between looking and making is taken, not replaced."""
    key = KeyStore(tmp_path).new_key("s")
    real, answers = keystore_module._read_device, [None]
    monkeypatch.setattr(keystore_module, "_read_device", lambda file: answers.pop() if answers else real(file))
    late = KeyStore(tmp_path)
    assert late.key("s") == key


def test_no_usable_keyring_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop without a keyring is told from one with."""
    import keyring
    from keyring.backends import fail, null

    class Usable(PaperKeyring):
        """A keyring that ranks as recommended."""

        priority = 5

    for backend, expected in ((fail.Keyring(), None), (null.Keyring(), None), (usable := Usable(), usable)):
        monkeypatch.setattr(keyring, "get_keyring", lambda backend=backend: backend)
        assert system_keyring() is expected


def test_missing_keyring_package_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package there is simply no keyring."""
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    assert system_keyring() is None


@pytest.mark.promise("P30")
def test_removing_a_store_leaves_no_key_anywhere(tmp_path: Path) -> None:
    """After `remove` neither folder nor keyring holds anything of the store."""
    paper = PaperKeyring()
    store = KeyStore(tmp_path / "keys", keyring=paper)
    store.new_key("one")
    store.new_key("two")
    assert store.remove() == 2
    assert paper.secrets == {}
    assert list((tmp_path / "keys").iterdir()) == []
