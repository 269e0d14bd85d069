"""What looks drawn and names a thing: left as it is in the balanced posture, unless a telling word stands before it."""

import pytest

from witting.device.privacy import Redactor
from witting.device.privacy.digests import is_name_of_code, longest_segments

COMMIT = "083cc7165afe0213f841b209b22ec69c7fc323bd"
THINGS = (
    "656412a9-b8a1-4bcd-9a69-16c74da4f9fc",
    COMMIT,
    COMMIT + "083cc7165afe0213f841b209",
    "sha384-Kd954YJVKrUjLJjRXuj62IkYvkTHW91LkGzvH/traZUHh1b9/gRGUSBKfz0iVe6r",
    "data:image/png;base64,iVBORw0KGgoy3S6WC1TTSVtCNTVgNnwJSuDLG34fS5ea6eCNDA4U93mPL",
    "/usr/lib/mHYVWmJjSwfK/18q0v0lx0c.so.4",
    "UserFactoryV2HttpHandlerAccount",
)


def _kinds(text: str, posture: str = "balanced") -> set[str]:
    """Return the kinds of what was found."""
    return {finding.kind for finding in Redactor(posture, seed=b"k").text(text).findings}  # type: ignore[arg-type]


@pytest.mark.parametrize("thing", THINGS)
def test_digests_and_names_of_code_are_no_secrets(thing: str) -> None:
    """A commit, a UUID, an embedded picture, a path or a long name of code isn't taken for a secret or somebody's number."""
    assert not {"secret", "number", "phone"} & _kinds(f"see {thing} there")


@pytest.mark.promise("P7")
@pytest.mark.parametrize("thing", THINGS[:3])
def test_after_a_telling_word_they_are_secrets(thing: str) -> None:
    """What a word before it calls a token or key is one, whatever it looks like; and strict masks it anyway."""
    assert "secret" in _kinds(f"api key: {thing}")
    assert "secret" in _kinds(f"the token that you want, {thing}")
    assert thing not in Redactor("strict").text(f"see {thing}").text


@pytest.mark.parametrize("secret", ["g7Hk2Lq9ZxW4vBn8TyR3mP6sD1fJ5cAe", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYz8qkwX12Ab"])
def test_drawn_strings_are_secrets_still(secret: str) -> None:
    """A string of random letters and digits is masked without any word before it."""
    assert "secret" in _kinds(f"see {secret} there")


def test_a_secret_inside_a_path_is_found() -> None:
    """Of a path only the parts that are long are judged, and they are."""
    assert longest_segments("/usr/lib/x") == []
    assert "secret" in _kinds("open /srv/g7Hk2Lq9ZxW4vBn8TyR3mP6sD1fJ5cAe/x")


@pytest.mark.parametrize(("text", "verdict"), [("getUserAccountV2ById", True), ("g7Hk2Lq9ZxW4vBn8", False), ("", False), ("AbCdEf", False)])
def test_names_of_code(text: str, verdict: bool) -> None:  # noqa: FBT001 - a table of verdicts
    """A name of code is mostly words grown together."""
    assert is_name_of_code(text) is verdict


@pytest.mark.promise("P7")
@pytest.mark.parametrize(
    ("text", "value"),
    [("mysql -u root -pHunter22 shop", "Hunter22"), ("sshpass -pK4tze!! ssh x", "K4tze!!"), ("cd /home%2Fqwanna%2Fx", "qwanna")],
)
def test_what_hides_in_options_and_escapes(text: str, value: str) -> None:
    """A password grown onto its option and a user's folder in an escaped path are masked in the balanced posture too."""
    assert value not in Redactor("balanced", seed=b"k").text(text).text
    assert Redactor("balanced", seed=b"k").text("mkdir -p folder/shared").text == "mkdir -p folder/shared"
