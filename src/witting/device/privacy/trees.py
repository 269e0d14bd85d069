"""UI trees: each node's name, value and key redacted, with the field's label as context. Secure values never pass.

Doesn't see pixels. Invariant: nodes keep their number, order, parents, boxes and states; `digest` names the redacted nodes.
"""

from collections.abc import Iterator

from witting.device.privacy.addresses import redact_address
from witting.device.privacy.labels import field_kind
from witting.device.privacy.panes import message_nodes
from witting.device.privacy.roles import KNOWN_ROLES, KNOWN_TAGS, LABEL_ROLES
from witting.device.privacy.split import is_field, split_values
from witting.device.privacy.texts import TextPipeline
from witting.terms.codec import tree_digest
from witting.terms.errors import RedactionError
from witting.terms.findings import Finding, FindingKind
from witting.terms.raw import RawNode, RawTree
from witting.terms.tree import UiNode, UiTree

_LABEL_REACH = 2
_MAX_LABEL = 60


def redact_tree(raw: RawTree, pipeline: TextPipeline) -> UiTree:
    """Return the redacted tree.

    Raises:
        RedactionError: the tree is from a private window.
    """
    if raw.is_private:
        raise RedactionError("a tree of a private window isn't kept", hint="nothing to do: private windows are never recorded")
    url, url_findings = redact_address(raw.url, pipeline)
    nodes: list[UiNode] = []
    found = list(url_findings)
    pieces = split_values(raw.nodes)
    messages = message_nodes(raw.nodes)
    for index, (node, label) in enumerate(labelled(raw.nodes)):
        is_message = index in messages
        name_kind, value_kind = pieces.get((index, "name")), pieces.get((index, "value")) or (field_kind(label) if label else None)
        redacted, findings = _redact_node(node, "message" if is_message else name_kind, value_kind=value_kind, pipeline=pipeline)
        nodes.append(redacted)
        found += findings
    kept = tuple(nodes)
    return UiTree(raw.timestamp_ns, tree_digest(kept), raw.source, raw.app, url, kept, tuple(found))


def labelled(nodes: tuple[RawNode, ...]) -> Iterator[tuple[RawNode, str]]:
    """Yield each node with what labels it: its name, its key, and for an unnamed field the text just before it."""
    last_text, distance = "", 0
    for node in nodes:
        distance += 1
        label = f"{node.name} {node.key}" if is_field(node) else ""
        if label and not node.name and distance <= _LABEL_REACH:
            label = f"{last_text} {label}"
        yield node, label
        if node.role in LABEL_ROLES and node.name.strip() and len(node.name) <= _MAX_LABEL:
            last_text, distance = node.name, 0


def _redact_node(
    node: RawNode, name_kind: FindingKind | None, *, value_kind: FindingKind | None, pipeline: TextPipeline
) -> tuple[UiNode, list[Finding]]:
    """Return a node as it may be kept, with what was found in it; a kind says that all of its name or value is to be masked."""
    name = pipeline.redact(node.name, name_kind)
    key = pipeline.redact(node.key)
    findings = [*name.findings, *key.findings]
    value = ""
    if "secure" in node.states:
        findings += [Finding("secure_field", 0, 0, 1.0, "secure_state")] if node.value else []
    elif node.value:
        redacted = pipeline.redact(node.value, value_kind)
        value = redacted.text
        findings += redacted.findings
    kept = UiNode(
        ref=node.ref,
        parent=node.parent,
        role=_author_word(node.role, pipeline),
        name=name.text,
        value=value,
        states=node.states,
        box=node.box,
        tag=node.tag if node.tag.lower() in KNOWN_TAGS else pipeline.redact(node.tag).text,
        key=key.text,
    )
    return kept, findings


def _author_word(role: str, pipeline: TextPipeline) -> str:
    """Return a role, or `unknown` where a page put anything else in its place."""
    return role if role in KNOWN_ROLES or not pipeline.redact(role).findings else "unknown"
