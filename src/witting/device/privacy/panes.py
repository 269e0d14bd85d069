"""Which nodes of a tree are other people's messages: texts inside a pane that its role, name or key says is a chat or a mailbox.

Doesn't know who somebody is: nobody but the participant is known on this machine, so everybody else's message is masked whole; what the
participant wrote, under `You` or `Ich`, goes through the pipeline as any text. Invariant: a control or field in a pane is no message.
"""

import re
from collections.abc import Sequence

from witting.device.privacy.roles import CONTROL_ROLES, TEXT_ROLES
from witting.device.privacy.sample import fold, word_set
from witting.device.privacy.split import is_field
from witting.terms.raw import RawNode


def _phrases(written: str) -> tuple[str, ...]:
    """Return the phrases of a list written as text."""
    return tuple(phrase.strip() for phrase in written.split("|"))


_LOG_ROLES = frozenset({"log", "feed"})  # ARIA: a chat's history; articles that come in
_PANE_ROLES = word_set("group list listbox grid table tree region main article document section panel generic log feed none rowgroup") | {
    "scroll pane", "document web", "document text", "list box", "tree table",
}  # fmt: skip
_CONTROLS = CONTROL_ROLES | word_set("tab menu menuitem menuitemcheckbox menuitemradio option combobox columnheader heading label") | {
    "menu item", "page tab", "combo box", "table column header", "menu bar",
}  # fmt: skip
_PHRASES = _phrases(
    """messages|message list|message body|message thread|message content|message history|conversation|conversations|chat|chat history
    |chat messages|chat log|chat window|direct messages|thread|inbox|mailbox|reading pane|mail body|mail content|email body|email content
    |nachrichten|nachrichtenverlauf|nachrichtenliste|nachrichteninhalt|nachrichtentext|unterhaltung|unterhaltungen|chatverlauf|posteingang
    |lesebereich|mailinhalt|liste des messages|fil de discussion|discussion|discussions|boite de reception|volet de lecture
    |corps du message|messagerie|mensajes|lista de mensajes|conversacion|conversaciones|bandeja de entrada|panel de lectura
    |cuerpo del mensaje""",
)
_KEY_PHRASES = _phrases(
    "messages|message list|message body|message thread|message history|msg list|conversation|chat history|chat messages|chat log|"
    "chat window",
)
_ITEM_ROLES = word_set("listitem article row treeitem group cell gridcell") | {"list item", "table row"}
_OWN = word_set("you me i ich du sie moi vous toi je yo tu usted mi")
_OWN_START = re.compile(
    r"(?i)^\s*(you|me|ich|du|sie|moi|vous|toi|yo|tú|usted)"
    r"(?: (?:said|wrote|schrieb(?:en|st)?|avez écrit|a écrit|escribió|dijiste))?\s*[:,]",
)
_LONGEST = 200
_MOST_OF_OWN = 3  # texts of a message among which its author stands
_PARTS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def message_nodes(nodes: Sequence[RawNode]) -> frozenset[int]:
    """Return the places of the nodes whose text is somebody else's message, or the name, date or subject that stands with it."""
    pane_of: list[bool] = []
    item_of: list[int] = []
    texts: dict[int, list[int]] = {}
    for index, node in enumerate(nodes):
        inside = 0 <= node.parent < index and pane_of[node.parent]
        pane_of.append(inside or _is_pane(node))
        above = item_of[node.parent] if inside else -1
        item_of.append(index if inside and above < 0 and node.role in _ITEM_ROLES else above)
        if inside and _is_message(node):
            texts.setdefault(item_of[index] if item_of[index] >= 0 else -index - 2, []).append(index)
    return frozenset(index for item, places in texts.items() if not _is_own(nodes, item, places=places) for index in places)


def _is_pane(node: RawNode) -> bool:
    """Whether a node holds messages."""
    if node.role in _LOG_ROLES:
        return True
    return node.role in _PANE_ROLES and (_says(node.name, _PHRASES, is_whole=True) or _says(node.key, _KEY_PHRASES, is_whole=False))


def _says(text: str, phrases: Sequence[str], *, is_whole: bool) -> bool:
    """Whether a name begins with one of the phrases, as whole words, and says little more; or a key has one anywhere."""
    if not text or len(text) > _LONGEST:
        return False
    said = " ".join(fold(part) for part in _PARTS.findall(_CAMEL.sub(" ", text)))
    if is_whole:
        return any(said == phrase or said.startswith(f"{phrase} ") for phrase in phrases)
    return any(f" {phrase} " in f" {said} " for phrase in phrases)


def _is_message(node: RawNode) -> bool:
    """Whether a node in a pane says something that isn't a control's."""
    says = node.role in TEXT_ROLES or node.role in _ITEM_ROLES
    return says and bool(node.name.strip()) and node.role not in _CONTROLS and not is_field(node)


def _is_own(nodes: Sequence[RawNode], item: int, *, places: Sequence[int]) -> bool:
    """Whether a message's author is the participant, by its item's name or the first texts in it."""
    named = [nodes[item].name] if item >= 0 else []
    first = [nodes[index].name for index in places[:_MOST_OF_OWN]]
    return any(_OWN_START.match(text) for text in (*named, *first)) or any(fold(text.strip(" :")) in _OWN for text in first)
