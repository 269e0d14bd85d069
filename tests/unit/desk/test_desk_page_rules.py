"""What the desk's pages show and do: all that leaves is on a page, marks work, choices start empty, leaving is no harder than joining."""

import html
import io
import re
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from PIL import Image

from witting.device.desk.door import HEADERS, Door
from witting.device.desk.routes_joining import split_notice
from witting.device.enrolment import Enrolment, offered_grants, start_join
from witting.device.leaving import KeptReceipt
from witting.device.marking import MASK_RGB
from witting.device.review import preview, summarise
from witting.terms.clock import rfc3339
from witting.terms.errors import UsageError
from witting.terms.events import Gap, TextInput
from witting.terms.session import Record, SessionEnd
from witting.testing.memory_hub import MemoryHub
from witting.testing.participant import LINK, SESSION, Participant
from witting.testing.sample_session import sample_header, sample_pixels

HOST = "http://127.0.0.1:9000"
PAGE = f"/sessions/{SESSION}"
Post = Callable[..., Any]
Browser = TestClient[Any]


@pytest.fixture
def enrolment(person: Participant) -> Enrolment:
    """Return a participant who joined and recorded."""
    made = person.join()
    person.record(made, frames=4)
    return made


def _text(page: str) -> str:
    """Return a page's text without its tags; a placeholder reads as in the record, without brackets."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def _plain(text: str) -> str:
    """Return recorded text as a page writes it: placeholders in lower case, without brackets and underline."""
    return " ".join(re.sub(r"⟨([A-Z]+)_(\d+)⟩", lambda found: f"{found[1].lower()} {found[2]}", text).split())


def _leaving(enrolment: Enrolment) -> list[Record]:
    """Return what would leave of the session now."""
    spool = enrolment.open_spool()
    return list(preview(spool, SESSION, marks=spool.marks(SESSION)))


def _strings(value: object) -> set[str]:
    """Return every string of at least two letters anywhere in a record."""
    if isinstance(value, str):
        return {value} if len(value) > 1 else set()
    if isinstance(value, dict):
        return set().union(*map(_strings, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(_strings, value))
    return set()


@pytest.mark.promise("P9")
def test_every_text_that_leaves_stands_on_a_page(browser: Browser, enrolment: Enrolment) -> None:
    """Each text, title, address, key, task and node that would be sent is to be read on the session's pages."""
    shown = _text(browser.get(PAGE).text) + "".join(_text(browser.get(f"{PAGE}/said/{number}").text) for number in range(4))
    content = {"text", "title", "url", "key", "instruction", "name", "value", "app"}
    said: set[str] = set()
    for record in _leaving(enrolment):
        fields = msgspec.to_builtins(record)
        said |= _strings({name: value for name, value in fields.items() if name in content})
        said |= _strings([{name: node[name] for name in content & node.keys()} for node in fields.get("nodes", [])])
    assert len(said) > 10
    assert not [text for text in said if _plain(text) not in shown]


@pytest.mark.promise("P9")
def test_the_fingerprint_on_the_page_is_that_of_what_arrives(
    browser: Browser, post: Post, person: Participant, enrolment: Enrolment
) -> None:
    """The digest that the pages print is the digest of the bytes that the hub got."""
    post(f"{PAGE}/mask", picture=1, x=80, y=110, width=300, height=60, **{"while": "all"})
    printed = re.findall(r"shown here: <span[^>]*>([0-9a-f]{64})<", browser.get(PAGE).text)
    asked = browser.get(f"{PAGE}/send").text
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', asked)
    assert digest is not None
    post(f"{PAGE}/send", digest=digest[1])
    parcel, _ = person.hub.parcels[SESSION]
    assert printed == [digest[1]] == [parcel.content_digest]
    assert summarise(person.hub.read(SESSION)).content_digest == digest[1]


@pytest.mark.promise("P9")
def test_a_page_that_is_out_of_date_sends_nothing(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """If a mark was set after the summary was shown, its button sends nothing and says so."""
    digest = summarise(_leaving(enrolment)).content_digest
    post(f"{PAGE}/drop", **{"from": "0:00", "to": "0:02"})
    answer = post(f"{PAGE}/send", digest=digest)
    assert answer.status_code == 400
    assert "nothing was sent" in _text(answer.text)
    assert person.hub.parcels == {}


def test_sending_twice_from_the_page_is_harmless(post: Post, person: Participant, enrolment: Enrolment) -> None:
    """The button pressed twice, or the page sent again by going back, ends in one parcel and no error."""
    digest = summarise(_leaving(enrolment)).content_digest
    assert [post(f"{PAGE}/send", digest=digest).status_code for _ in range(2)] == [200, 200]
    assert len(person.hub.log_of("upload_stored")) == 1


def test_a_hub_that_is_down_keeps_the_parcel_and_says_so(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """When the hub can't be reached, the page says that everything is kept, and pressing again sends it."""
    person.down = {"PUT"}
    digest = summarise(_leaving(enrolment)).content_digest
    answer = post(f"{PAGE}/send", digest=digest)
    assert answer.status_code == 503
    assert "kept" in _text(answer.text)
    assert "on its way" in _text(browser.get("/sessions").text)
    person.down = set()
    assert post(f"{PAGE}/send", digest=digest).status_code == 200
    assert SESSION in person.hub.parcels


def test_the_pictures_are_those_that_would_leave(browser: Browser, post: Post, enrolment: Enrolment) -> None:
    """A picture's pixels are the recorded ones, and after masking the region shows the fill, in full size and as thumbnail."""
    before = np.asarray(Image.open(io.BytesIO(browser.get(f"{PAGE}/full/1").content)))
    assert (before == sample_pixels(1)).all()
    post(f"{PAGE}/mask", picture=1, x=64, y=96, width=320, height=64, **{"while": "this"})
    after = np.asarray(Image.open(io.BytesIO(browser.get(f"{PAGE}/full/1").content)))
    assert (after[96:160, 64:384] == MASK_RGB).all()
    thumb = np.asarray(Image.open(io.BytesIO(browser.get(f"{PAGE}/thumbs/1").content)))
    assert thumb.shape == (200, 320, 3)
    assert (thumb[28:36, 24:90] == MASK_RGB).all()
    for other in (0, 2):
        still = np.asarray(Image.open(io.BytesIO(browser.get(f"{PAGE}/full/{other}").content)))
        assert (still == sample_pixels(other)).all()


@pytest.mark.parametrize(("how_long", "masked"), [("this", [1]), ("on", [1, 2, 3]), ("all", [0, 1, 2, 3])])
def test_a_mask_holds_as_long_as_it_says(browser: Browser, post: Post, enrolment: Enrolment, how_long: str, masked: list[int]) -> None:
    """A mask covers the chosen pictures, and the trees of that time say nothing there."""
    post(f"{PAGE}/mask", picture=1, x=80, y=120, width=300, height=40, **{"while": how_long})
    pictures = [np.asarray(Image.open(io.BytesIO(browser.get(f"{PAGE}/full/{number}").content))) for number in range(4)]
    assert [number for number, picture in enumerate(pictures) if (picture[120:160, 80:380] == MASK_RGB).all()] == masked
    heads = [number for number in range(4) if "<td>heading <span" in browser.get(f"{PAGE}/said/{number}").text]
    assert heads == [0, 1, 2, 3]
    silent = [number for number in range(4) if "<td>Contacts</td>" not in browser.get(f"{PAGE}/said/{number}").text]
    assert silent == masked


def test_a_row_can_be_taken_out_and_put_back(browser: Browser, post: Post, enrolment: Enrolment) -> None:
    """Taking out the first typed text leaves a note in its place; undoing the mark brings the text back."""
    typed = next(record for record in _leaving(enrolment) if isinstance(record, TextInput))
    post(f"{PAGE}/drop", from_ns=typed.timestamp_ns, to_ns=typed.end_ns)
    left = _leaving(enrolment)
    assert sum(isinstance(record, TextInput) for record in left) == 3
    assert any(isinstance(record, Gap) and record.reason == "participant_removed" and record.stream == "keys" for record in left)
    assert "you took it out" in _text(browser.get(PAGE).text)
    (mark,) = enrolment.open_spool().marks(SESSION)
    post(f"{PAGE}/undo", mark=mark.mark_id)
    assert sum(isinstance(record, TextInput) for record in _leaving(enrolment)) == 4


def test_deleting_a_session_leaves_neither_key_nor_bytes(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """The session is gone from list, key store and disk, and its pages and pictures answer no more."""
    browser.get(f"{PAGE}/thumbs/0")
    assert "deleted" in _text(post(f"{PAGE}/delete").text)
    assert not enrolment.keystore.has(SESSION)
    assert list((person.data_dir / "spool").iterdir()) == []
    assert browser.get(PAGE).status_code == 400
    assert browser.get(f"{PAGE}/thumbs/0").status_code == 400


@pytest.mark.parametrize(
    ("deed", "fields"),
    [
        ("mask", {"picture": 0, "x": 0, "y": 0, "width": 0, "height": 5}),
        ("mask", {"picture": 99, "x": 0, "y": 0, "width": 5, "height": 5}),
        ("mask", {"picture": 0, "x": "-1", "y": 0, "width": 5, "height": 5}),
        ("mask", {"picture": 0}),
        ("drop", {"from": "0:09", "to": "0:01"}),
        ("drop", {"from": "now", "to": "later"}),
        ("drop", {"from_ns": "1e9", "to_ns": "nan"}),
        ("drop", {}),
    ],
)
def test_a_form_filled_in_wrongly_changes_nothing(post: Post, enrolment: Enrolment, deed: str, fields: dict[str, object]) -> None:
    """Nonsense in a form gets a page that says what to do, and no mark."""
    answer = post(f"{PAGE}/{deed}", **fields)
    assert answer.status_code == 400
    assert "That didn't work" in _text(answer.text)
    assert enrolment.open_spool().marks(SESSION) == ()


def test_a_sent_session_is_no_longer_changed_but_can_be_taken_back(
    browser: Browser, post: Post, person: Participant, enrolment: Enrolment
) -> None:
    """After sending, marks and deletion are refused; taking it back erases it here and at the hub."""
    post(f"{PAGE}/send", digest=summarise(_leaving(enrolment)).content_digest)
    for deed, fields in (("drop", {"from": "0:00", "to": "0:01"}), ("delete", {})):
        assert post(f"{PAGE}/{deed}", **fields).status_code == 400
    assert "Take it back" in _text(browser.get(PAGE).text)
    assert "erased here and at the hub" in _text(post(f"{PAGE}/withdraw").text)
    assert person.hub.parcels == {}
    assert enrolment.open_spool().sessions() == []
    assert enrolment.status == "given"


def test_no_box_is_ticked_and_both_buttons_weigh_the_same(browser: Browser, person: Participant) -> None:
    """Every purpose, stream and app has its own empty box; opting in and saying no are the same kind of button."""
    start_join(LINK, person.data_dir, hub=person.hub.client())
    page = browser.get("/notice").text
    boxes = re.findall(r'<input type="checkbox"[^>]*>', page)
    assert len(boxes) == len(offered_grants(person.hub.programme))
    assert not [box for box in boxes if "checked" in box]
    buttons = re.findall(r"<button[^>]*>[^<]*(?:Opt in|No, thanks)[^<]*</button>", page)
    assert [re.sub(r' form="choices"|>.*', "", button) for button in buttons] == ["<button", "<button"]


def test_the_notice_comes_before_the_choice_and_ten_lines_first(browser: Browser, person: Participant) -> None:
    """The page shows the ten lines, then the choice, then the whole text, byte for byte that of the notice's digest."""
    start_join(LINK, person.data_dir, hub=person.hub.client())
    page = _text(browser.get("/notice").text)
    notice = person.hub.offer().notice_markdown
    short, full = split_notice(notice)
    assert f"{short}\n{full}\n" == notice
    assert len(re.findall(r"^\d+\. ", short, re.MULTILINE)) == 10
    assert page.index("In ten lines") < page.index("Opt in to what I ticked") < page.index("What is recorded, kind by kind")
    assert person.hub.offer().notice_digest in page


@pytest.mark.promise("P4")
def test_opting_in_lends_exactly_what_was_ticked(browser: Browser, post: Post, person: Participant) -> None:
    """Two ticked boxes become two grants in a receipt that is shown, checked and can be saved; nothing ticked is refused."""
    enrolment = start_join(LINK, person.data_dir, hub=person.hub.client())
    refused = post("/consent")
    assert refused.status_code == 400
    assert enrolment.status == "requested"
    assert post("/consent", grant=["train|payroll|chromium"]).status_code == 400
    answer = post("/consent", grant=["train|pointer|chromium", "train|keys|mousepad"], keys_level="rhythm")
    assert "You opted in" in _text(answer.text)
    receipt = Enrolment(person.data_dir).receipt
    assert [(grant.purpose, grant.stream, grant.app) for grant in receipt.grants] == [
        ("train", "keys", "mousepad"),
        ("train", "pointer", "chromium"),
    ]
    assert receipt.keys_level == "rhythm"
    assert "how many letters, digits" in _text(answer.text)
    assert receipt.notice_digest == person.hub.offer().notice_digest
    assert browser.get("/receipts/0/dpv").json()["@type"] == "dpv:ConsentReceipt"
    assert browser.get("/receipts/0/signed").json()["receipt"]["kind"] == "receipt"


@pytest.mark.promise("P4")
def test_how_much_of_typing_is_one_choice_that_begins_with_off(browser: Browser, person: Participant) -> None:
    """The page offers off and what the programme asks, no more, one of them at a time, and off stands first and chosen."""
    person.hub.programme = msgspec.structs.replace(person.hub.programme, keys_level="rhythm")
    start_join(LINK, person.data_dir, hub=person.hub.client())
    page = browser.get("/notice").text
    radios = re.findall(r'<input type="radio" name="keys_level" value="(\w+)"( checked)?>', page)
    assert radios == [("off", " checked"), ("shortcuts", ""), ("rhythm", "")]
    assert "This programme asks for no more than that." in _text(page)


@pytest.mark.promise("P1")
def test_boxes_of_typing_count_for_nothing_without_a_level(post: Post, person: Participant) -> None:
    """Typing that was ticked while the level is off isn't lent; with nothing else ticked that is no consent."""
    enrolment = start_join(LINK, person.data_dir, hub=person.hub.client())
    assert post("/consent", grant=["train|keys|mousepad"]).status_code == 400
    assert post("/consent", grant=["train|keys|mousepad"], keys_level="everything").status_code == 400
    assert enrolment.status == "requested"
    post("/consent", grant=["train|pointer|chromium", "train|keys|mousepad"])
    assert [grant.stream for grant in Enrolment(person.data_dir).receipt.grants] == ["pointer"]


def test_more_of_typing_than_is_asked_can_not_be_given(post: Post, person: Participant) -> None:
    """A form that asks for more than the programme does is refused."""
    person.hub.programme = msgspec.structs.replace(person.hub.programme, keys_level="shortcuts")
    enrolment = start_join(LINK, person.data_dir, hub=person.hub.client())
    assert post("/consent", grant=["train|keys|mousepad"], keys_level="text").status_code == 400
    assert enrolment.status == "requested"


@pytest.mark.promise("P1")
def test_the_pace_of_typing_is_a_choice_of_its_own(browser: Browser, post: Post, person: Participant) -> None:
    """It stands outside the tables with its own words, is off, isn't among "everything", and is lent only when it was ticked itself."""
    asked = msgspec.structs.replace(person.hub.programme.purposes[0], streams=(*person.hub.programme.purposes[0].streams, "cadence"))
    person.hub.programme = msgspec.structs.replace(person.hub.programme, purposes=(asked, *person.hub.programme.purposes[1:]))
    enrolment = start_join(LINK, person.data_dir, hub=person.hub.client())
    page = browser.get("/notice").text
    tables = "".join(re.findall(r"<table.*?</table>", page.partition("The whole notice")[0], re.DOTALL))
    assert "|cadence|" not in tables
    boxes = re.findall(r'<input type="checkbox"[^>]*cadence[^>]*>', page)
    assert len(boxes) == len(enrolment.programme.apps)
    assert not [box for box in boxes if "checked" in box]
    assert "How people type can tell who they are" in _text(page)
    assert "cadence" not in {grant.stream for grant in offered_grants(enrolment.programme)}
    post("/consent", grant=["train|pointer|chromium", "train|cadence|mousepad"])
    assert {grant.stream for grant in Enrolment(person.data_dir).receipt.grants} == {"pointer", "cadence"}


@pytest.mark.promise("P20")
def test_saying_no_on_the_page_leaves_nothing(post: Post, person: Participant) -> None:
    """After No, thanks the data directory is gone and the hub was told nothing."""
    start_join(LINK, person.data_dir, hub=person.hub.client())
    assert "nobody was told" in _text(post("/refuse").text)
    assert not person.data_dir.exists()
    assert person.hub.requests == [("GET", "/v1/offer/inv-1")]


def test_a_tampered_receipt_is_not_shown_as_sound(browser: Browser, person: Participant, enrolment: Enrolment) -> None:
    """A receipt whose grants were changed on disk gets an error page, not a receipt."""
    path = person.data_dir / "enrolment.json"
    kept = msgspec.json.decode(path.read_bytes())
    kept["receipts"][0]["payload"] = kept["receipts"][0]["payload"].replace("A", "B", 1)
    path.write_bytes(msgspec.json.encode(kept))
    answer = browser.get("/receipts")
    assert answer.status_code == 422
    assert "proven" not in answer.text


@pytest.mark.promise("P2")
def test_withdrawing_is_one_click_on_one_page(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """The page says what happens and has one button and no other field; pressing it erases everything and shows the verified receipt."""
    post(f"{PAGE}/send", digest=summarise(_leaving(enrolment)).content_digest)
    page = browser.get("/withdraw").text
    main = page[page.index("<main") :]
    assert re.findall(r"<(?:input|select|textarea)[^>]*>", re.sub(r'<input type="hidden"[^>]*>', "", main)) == []
    assert len(re.findall(r"<button", main)) == 1
    answer = post("/withdraw")
    assert "Deletion receipt" in _text(answer.text)
    assert person.hub.parcels == {}
    saved = msgspec.json.decode(browser.get("/deletion-receipt").content, type=KeptReceipt)
    assert saved.open().sessions == (SESSION,)
    assert [path.name for path in person.data_dir.iterdir()] == ["deletion-receipt.json"]
    assert "Nothing is left" in _text(post("/finish").text)
    assert not person.data_dir.exists()


@pytest.mark.promise("P2")
def test_a_part_is_taken_back_with_one_click_on_the_receipts(browser: Browser, post: Post, enrolment: Enrolment) -> None:
    """Each kind lent has its one button; after the click the newest receipt lends the rest, and the old one says that it was replaced."""
    page = browser.get("/receipts").text
    assert page.count('name="stream"') == len({grant.stream for grant in enrolment.receipt.grants})
    answer = _text(post("/withdraw/part", stream="screen").text)
    assert "Taken back" in answer
    assert "Replaced by a newer one" in answer
    assert "screen" not in {grant.stream for grant in Enrolment(enrolment.data_dir).receipt.grants}
    assert 'value="screen"' not in browser.get("/receipts").text
    for wrong in ({"stream": "thoughts"}, {"purpose": "sell"}, {"stream": "keys", "purpose": "train"}, {}):
        assert post("/withdraw/part", **wrong).status_code == 400
    assert len(Enrolment(enrolment.data_dir).receipts) == 2


def test_withdrawing_with_the_hub_down_offers_to_try_again(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """Everything here goes at once; the page says that the hub isn't told yet and has the button for it, after a restart too."""
    person.down = {"POST /v1/withdrawals"}
    answer = post("/withdraw")
    assert answer.status_code == 503
    assert "Tell the hub now" in _text(answer.text)
    assert not (person.data_dir / "spool").exists()
    person.down = set()
    assert "Tell the hub now" in _text(browser.get("/").text)
    assert "Deletion receipt" in _text(post("/withdraw").text)


@pytest.mark.promise("P15")
def test_what_the_hub_did_is_shown_and_checked(post: Post, person: Participant, enrolment: Enrolment) -> None:
    """Every deed of the hub is listed with its proven log entry; a deed that differs from the log is refused as a whole."""
    post(f"{PAGE}/send", digest=summarise(_leaving(enrolment)).content_digest)
    page = _text(post("/used/now").text)
    assert page.index("A recording of yours was stored") < page.index("Your consent was recorded")
    assert page.count("Save proof of entry") == 2
    whom, deed = person.hub.deeds[1]
    person.hub.deeds[1] = (whom, msgspec.structs.replace(deed, session_id="0f" * 16))
    assert post("/used/now").status_code == 422


def test_many_pictures_are_shown_in_pages(browser: Browser, person: Participant) -> None:
    """65 pictures make two pages of thirty and one of five; a page beyond the last shows the last, one before the first the first."""
    person.record(person.join(), frames=65)
    numbers = [re.findall(rf'href="{PAGE}/pictures/(\d+)"><img', browser.get(f"{PAGE}?pictures={page}").text) for page in (1, 3, 4, 0)]
    assert [len(found) for found in numbers] == [30, 5, 5, 30]
    assert (numbers[1][0], numbers[2], numbers[3]) == ("60", numbers[1], numbers[0])


def test_what_was_recorded_cannot_write_into_the_page(browser: Browser, person: Participant) -> None:
    """Markup in a title, a tree or a programme is shown as text."""
    evil = "<script>alert(1)</script>"
    person.hub = MemoryHub(msgspec.structs.replace(person.hub.programme, title=evil))
    enrolment = person.join()
    person.record(enrolment, frames=1)
    for path in ("/", "/notice", "/receipts"):
        page = browser.get(path).text
        assert evil not in page, path
        assert html.escape("alert(1)") in page


def test_where_there_is_no_programme_the_desk_says_so(browser: Browser) -> None:
    """Without an enrolment the first page tells how one begins, and no other page fails unexplained."""
    assert "witting join LINK" in _text(browser.get("/").text)
    for path in ("/notice", "/sessions", "/receipts", "/used"):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "in no programme" in _text(answer.text)


def test_kept_long_enough_is_erased_unasked(person: Participant) -> None:
    """A session older than the programme's days on this machine is gone, key and bytes, the next time the spool is opened."""
    from witting.testing.clock import FakeClock

    enrolment = person.join()
    enrolment.clock = clock = FakeClock()
    person.record(enrolment)
    clock.advance(days=person.hub.programme.retention.spool_days - 1)
    assert len(enrolment.open_spool().sessions()) == 1
    clock.advance(days=1, seconds=3600)
    assert enrolment.open_spool().sessions() == []
    assert list((person.data_dir / "spool").iterdir()) == []


def test_a_session_still_being_recorded_is_listed_but_not_shown(browser: Browser, post: Post, person: Participant) -> None:
    """While it grows it has no page, can't be sent or marked, and the list says that it is being recorded."""
    enrolment = person.join()
    header = sample_header(SESSION, receipt_id=enrolment.receipt.receipt_id)
    writer = enrolment.open_spool().open_session(msgspec.structs.replace(header, recorded_at=rfc3339(enrolment.clock.now())))
    assert "being recorded" in _text(browser.get("/sessions").text)
    for path in (PAGE, f"{PAGE}/send", f"{PAGE}/pictures/0"):
        assert "still being recorded" in _text(browser.get(path).text)
    assert post(f"{PAGE}/send", digest="0" * 64).status_code == 400
    writer.flush()


def test_a_session_still_being_recorded_is_not_deleted_under_the_recorder(post: Post, person: Participant) -> None:
    """Deleting what grows is refused and changes nothing; once the recorder has closed it, it can be deleted."""
    enrolment = person.join()
    header = sample_header(SESSION, receipt_id=enrolment.receipt.receipt_id)
    writer = enrolment.open_spool().open_session(msgspec.structs.replace(header, recorded_at=rfc3339(enrolment.clock.now())))
    answer = post(f"{PAGE}/delete")
    assert answer.status_code == 400
    assert "still being recorded" in _text(answer.text)
    assert "witting stop" in _text(answer.text)
    assert enrolment.keystore.has(SESSION)
    writer.close(SessionEnd(timestamp_ns=header.started_ns, reason="stopped", produced={}, kept={}, gapped={}))
    assert post(f"{PAGE}/delete").status_code == 200
    assert not enrolment.keystore.has(SESSION)


def test_an_error_that_nobody_foresaw_is_a_page_without_its_message(
    desk: Litestar, door: Door, enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke is named by type and place on a page that says that nothing was sent; its message, which may hold content, isn't."""
    secret = "Ottoline Vantongeren"

    def fail(*_: object) -> None:
        raise FileNotFoundError(secret)

    monkeypatch.setattr("witting.device.spool.Spool.prune", fail)
    with TestClient(desk, base_url=HOST, raise_server_exceptions=False) as client:
        client.get("/static/style.css", params={"token": door.token})
        path = f"{PAGE}/delete"
        answer = client.post(path, data={"_form": door.form_token(path)}, headers={"origin": HOST})
    assert answer.status_code == 500
    assert "FileNotFoundError at test_desk_page_rules.py:" in _text(answer.text)
    assert "Nothing was sent" in _text(answer.text)
    assert secret not in answer.text
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_pages_about_errors_are_guarded_as_all_others(browser: Browser, enrolment: Enrolment) -> None:
    """An answer that says what went wrong may be stored, framed or given scripts as little as any other."""
    for path in ("/", PAGE, "/sessions/none", f"{PAGE}/pictures/99", "/nowhere"):
        answer = browser.get(path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path


def test_a_damaged_session_is_named_and_can_be_deleted(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """A session that can't be read stands in the list as damaged, beside the others, and its button deletes it."""
    other = "0f" * 16
    person.record(enrolment, other)
    (person.data_dir / "spool" / f"{other}.session").write_bytes(b"x" * 400)
    page = browser.get("/sessions").text
    assert f'href="{PAGE}"' in page
    assert f'action="/sessions/{other}/delete"' in page
    assert post(f"/sessions/{other}/delete").status_code == 200
    assert "Damaged" not in browser.get("/sessions").text


def test_a_session_damaged_in_the_middle_hides_no_other(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """A session whose header is sound and whose middle isn't stands in the list as damaged; so does one whose marks were changed."""
    broken, marked = "0f" * 16, "0e" * 16
    for session_id in (broken, marked):
        person.record(enrolment, session_id)
    file = person.data_dir / "spool" / f"{broken}.session"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    (person.data_dir / "spool" / f"{marked}.marks").write_bytes(b"x" * 90)
    page = browser.get("/sessions")
    assert page.status_code == 200
    assert f'href="{PAGE}"' in page.text
    for session_id in (broken, marked):
        assert f'href="/sessions/{session_id}"' not in page.text
        assert post(f"/sessions/{session_id}/delete").status_code == 200
    assert "Damaged" not in browser.get("/sessions").text


@pytest.mark.parametrize("error", [UsageError("there is no session"), FileNotFoundError("gone")], ids=["forgotten", "pruned"])
def test_a_session_deleted_while_the_list_is_made_is_left_out(
    error: Exception, browser: Browser, enrolment: Enrolment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is made of what is there; what goes meanwhile is no error."""

    def gone(*_: object) -> None:
        raise error

    monkeypatch.setattr("witting.device.spool.Spool.marks", gone)
    page = browser.get("/sessions")
    assert (page.status_code, PAGE in page.text) == (200, False)


def test_choices_of_two_notices_make_two_receipts(browser: Browser, post: Post, person: Participant, enrolment: Enrolment) -> None:
    """After a changed notice was answered, both receipts are shown, the newer first, the older as replaced."""
    person.hub.programme = msgspec.structs.replace(person.hub.programme, version=2)
    start_join(LINK, person.data_dir, hub=person.hub.client())
    assert browser.get("/", follow_redirects=False).headers["location"] == "/notice"
    page = _text(post("/consent", grant=["train|keys|mousepad"], keys_level="text").text)
    assert page.index("version 2") < page.index("version 1")
    assert "Replaced by a newer one" in page
    assert browser.get("/receipts/1/dpv").status_code == 200
    assert browser.get("/receipts/2/dpv").status_code == 400


def test_saying_no_to_a_changed_notice_ends_the_old_consent_too(post: Post, person: Participant, enrolment: Enrolment) -> None:
    """After a no to the new notice nothing is in force, and withdrawing erases what was lent under the old one, with a receipt."""
    person.hub.programme = msgspec.structs.replace(person.hub.programme, version=2)
    start_join(LINK, person.data_dir, hub=person.hub.client())
    assert "You said no" in _text(post("/refuse").text)
    assert enrolment.status == "refused"
    assert "Deletion receipt" in _text(post("/withdraw").text)
    assert [path.name for path in person.data_dir.iterdir()] == ["deletion-receipt.json"]


@pytest.mark.parametrize("path", ["/deletion-receipt", "/sessions/none", f"{PAGE}/said/9", f"{PAGE}/full/9", "/static/x.css", "/finish"])
def test_what_is_not_there_is_said(browser: Browser, post: Post, enrolment: Enrolment, path: str) -> None:
    """An address that leads nowhere gets a refusal, not an error of the program."""
    answer = post(path) if path == "/finish" else browser.get(path)
    assert answer.status_code in {400, 404}


def test_withdrawing_where_there_is_nothing_is_said(browser: Browser, post: Post) -> None:
    """Without an enrolment the page leads to the first one, and the button says that there is nothing."""
    assert browser.get("/withdraw", follow_redirects=False).headers["location"] == "/"
    assert "nothing to withdraw" in _text(post("/withdraw").text)


def test_an_entry_without_its_opening_is_refused(post: Post, person: Participant, enrolment: Enrolment) -> None:
    """A deed that the hub won't open isn't shown as if it were checked."""
    whom, deed = person.hub.deeds[0]
    person.hub.deeds[0] = (whom, msgspec.structs.replace(deed, proof=msgspec.structs.replace(deed.proof, opening=b"")))
    assert post("/used/now").status_code == 422
