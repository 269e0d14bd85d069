"""What fields hold is taken out of trees for a participant who doesn't lend the text they type.

Otherwise a window's own words would tell what the keys may not. Doesn't decide who lends what. Invariant: of a closed tree no field has a
value, nothing inside a field has a name, and pictures mask the whole field, empty or not.
"""

from dataclasses import replace

from witting.terms.raw import RawNode, RawTree

_FIELD_ROLES = frozenset({"textbox", "searchbox", "spinbutton", "spin button", "entry", "text field", "password text", "passwordtext"})


def close_fields(raw: RawTree) -> RawTree:
    """Return the tree without what its fields hold."""
    is_inside: list[bool] = []
    nodes: list[RawNode] = []
    for node in raw.nodes:
        by_parent = 0 <= node.parent < len(is_inside) and is_inside[node.parent]
        is_field = "editable" in node.states or node.role in _FIELD_ROLES
        is_inside.append(by_parent or is_field)
        nodes.append(_closed(node, keeps_name=not by_parent) if is_inside[-1] else node)
    return replace(raw, nodes=tuple(nodes))


def _closed(node: RawNode, *, keeps_name: bool) -> RawNode:
    states = node.states if "opaque" in node.states else (*node.states, "opaque")
    return replace(node, name=node.name if keeps_name and node.name != node.value else "", value="", states=states)
