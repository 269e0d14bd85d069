"""A policy's bundle: what loads is what was signed, by whom it must be; what isn't is refused by the name of its file."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.keys import SigningKey
from witting.policy.bundle import BUNDLE_FILE, KIND, Bundle, open_bundle, sign_bundle, signer_of
from witting.policy.decode import CONFIG_FILE, PolicyConfig, save_config
from witting.policy.onnx_policy import POLICY_FILE, OnnxPolicy
from witting.terms.errors import IntegrityError, SignatureError
from witting.terms.session import Signed

KEY = SigningKey.from_seed(b"k" * 32)
FILES = {"card.json": b"{}", "policy.onnx": b"network", "weights.safetensors": b"weights"}


def signed(folder: Path, *, key: SigningKey = KEY) -> Path:
    """Write a signed policy into a folder."""
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    sign_bundle(folder, "policy-1", files=tuple(FILES), key=key)
    return folder


def test_what_was_signed_opens(tmp_path: Path) -> None:
    """Untouched it opens, for anybody and for who knows the key, and says whose it is."""
    folder = signed(tmp_path)
    bundle = open_bundle(folder, needs=("policy.onnx",), signer=KEY.public)
    assert bundle == open_bundle(folder, needs=())
    assert (bundle.model_id, set(bundle.files)) == ("policy-1", set(FILES))
    assert signer_of(folder) == KEY.public


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["one bit", "longer", "cut", "gone", "a folder", "another's"])
def test_a_changed_file_is_refused_by_name(tmp_path: Path, name: str, harm: str) -> None:
    """Whatever happened to whichever file: the refusal names the file and says what to do."""
    path, data = signed(tmp_path) / name, FILES[name]
    path.unlink()
    if harm == "a folder":
        path.mkdir()
    elif harm != "gone":
        changed = {"one bit": bytes([data[0] ^ 1]) + data[1:], "longer": data + b" ", "cut": data[:-1], "another's": b"other"}
        path.write_bytes(changed[harm])
    with pytest.raises(IntegrityError, match=name.replace(".", r"\.")) as caught:
        open_bundle(tmp_path, needs=())
    assert caught.value.exit_code == 14
    assert caught.value.hint


def test_what_nobody_signed_is_refused(tmp_path: Path) -> None:
    """A file that a policy needs and that the signature doesn't cover isn't loaded from beside it."""
    signed(tmp_path)
    (tmp_path / "config.json").write_bytes(b"{}")
    with pytest.raises(IntegrityError, match=r"config\.json isn't among"):
        open_bundle(tmp_path, needs=("config.json",))


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"null", b'{"kind": 1}', b"\xff"])
def test_a_policy_without_a_signature_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """No bundle, or nothing that is one: refused by its name, for reading who signed too."""
    signed(tmp_path)
    (tmp_path / BUNDLE_FILE).unlink()
    if content is not None:
        (tmp_path / BUNDLE_FILE).write_bytes(content)
    for ask in (lambda: open_bundle(tmp_path, needs=()), lambda: signer_of(tmp_path)):
        with pytest.raises(IntegrityError, match=r"bundle\.json"):
            ask()


def test_another_signer_is_refused_where_the_signer_is_known(tmp_path: Path) -> None:
    """A policy that somebody else changed and signed anew is whole, and still not the one that was asked for."""
    signed(tmp_path, key=SigningKey.generate())
    open_bundle(tmp_path, needs=())
    with pytest.raises(SignatureError, match="another key"):
        open_bundle(tmp_path, needs=(), signer=KEY.public)


def test_a_statement_of_another_kind_is_no_bundle(tmp_path: Path) -> None:
    """What a key signed as something else can't be passed off as a policy's signature."""
    folder = signed(tmp_path)
    other = KEY.sign("receipt", Bundle(model_id="policy-1", files={}))
    (folder / BUNDLE_FILE).write_bytes(msgspec.json.encode(other))
    with pytest.raises(SignatureError, match="another kind"):
        open_bundle(folder, needs=())


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "inner/file"])
def test_a_bundle_speaks_of_its_own_folder_only(tmp_path: Path, name: str) -> None:
    """A name that leads elsewhere is refused, whatever lies there."""
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / BUNDLE_FILE).write_bytes(msgspec.json.encode(KEY.sign(KIND, Bundle(model_id="m", files={name: ""}))))
    with pytest.raises(IntegrityError, match="isn't the file that was signed"):
        open_bundle(folder, needs=())


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_the_statement_can_be_changed(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    """Whichever bit of payload, key or signature flips, the bundle doesn't open as another one."""
    folder = signed(tmp_path_factory.mktemp("bundle"))
    told = msgspec.json.decode((folder / BUNDLE_FILE).read_bytes(), type=Signed)
    whole = bytearray(told.payload + told.key + told.signature)
    whole[place % len(whole)] ^= 1 << bit
    first, second = len(told.payload), len(told.payload) + len(told.key)
    changed = Signed(kind=told.kind, payload=bytes(whole[:first]), key=bytes(whole[first:second]), signature=bytes(whole[second:]))
    (folder / BUNDLE_FILE).write_bytes(msgspec.json.encode(changed))
    with pytest.raises(SignatureError):
        open_bundle(folder, needs=())


def test_an_unsigned_network_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature is checked before the first byte of the network is read by anything that could be made to run it."""
    import onnxruntime

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("the network was opened")

    monkeypatch.setattr(onnxruntime, "InferenceSession", opened)
    save_config(PolicyConfig(), tmp_path)
    (tmp_path / POLICY_FILE).write_bytes(b"network")
    with pytest.raises(IntegrityError, match="nobody signed"):
        OnnxPolicy.load(tmp_path)
    sign_bundle(tmp_path, "m", files=(CONFIG_FILE, POLICY_FILE), key=KEY)
    with pytest.raises(AssertionError, match="was opened"):
        OnnxPolicy.load(tmp_path)
