"""Scripts → Playwright programs: the web steps of an automation, for whoever runs them elsewhere.

Pure. Invariant: every text of a script reaches the program as a Python literal, so no text can become code; secrets are asked for by
getpass.
"""

from collections.abc import Iterator
from string import Formatter

from jinja2 import Environment

from witting.device.assist.script import Script, ScriptStep, Target
from witting.terms.errors import UsageError

_ROLES = {
    "button", "link", "checkbox", "radio", "textbox", "combobox", "option", "tab", "menuitem", "slider", "switch", "searchbox", "heading",
    "treeitem", "spinbutton", "cell", "row", "listitem", "img",
}  # fmt: skip
_KEYS = {
    "Return": "Enter",
    "KP_Enter": "Enter",
    "BackSpace": "Backspace",
    "ctrl": "Control",
    "shift": "Shift",
    "alt": "Alt",
    "super": "Meta",
}
_PROGRAM = '''"""{{ title }}. Written by witting from a routine; asks before what can't be taken back."""

from getpass import getpass

from playwright.sync_api import sync_playwright


def main() -> None:
{% for input in inputs %}
    {{ input.name }} = {{ "getpass" if input.secret else "input" }}({{ (input.label or input.name) | python }} + ": ")
{% endfor %}
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(headless=False).new_page()
        page.goto({{ start | python }})
{% for line in lines %}
        {{ line }}
{% endfor %}


if __name__ == "__main__":
    main()
'''


def to_playwright(script: Script, start_url: str) -> str:
    """Return a Python program that does the script's steps in a browser, beginning at `start_url`.

    Raises:
        UsageError: a step isn't done on a page.
    """
    apart = [number for number, step in enumerate(script.steps, 1) if not step.place]
    if apart:
        message = f"step {apart[0]} isn't done on a page, so Playwright can't do it"
        raise UsageError(message, hint="export it as yaml: that form holds steps in any app")
    environment = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701 # Python, not HTML: texts pass `python`
    environment.filters["python"] = repr
    lines = [line for step in script.steps for line in _lines(step)]
    title = "".join(char for char in script.title if char.isprintable() and char not in '\\"')
    return environment.from_string(_PROGRAM).render(title=title, inputs=script.inputs, start=start_url, lines=lines)


def _lines(step: ScriptStep) -> Iterator[str]:
    if step.asks:
        question = "'Go on with ' + " + (_text(step.on.name) if step.on else repr(step.key)) + " + '? [y/N] '"
        yield f"if input({question}).strip().lower() != 'y':"
        yield "    return"
    if step.do == "press":
        yield f"page.keyboard.press({'+'.join(_KEYS.get(part, part) for part in step.key.split('+'))!r})"
        return
    spot = _spot(step)
    if step.may_be_missing:
        yield f"if {spot}.count():"
    indent = "    " if step.may_be_missing else ""
    if step.do == "fill":
        yield f"{indent}{spot}.fill({_text(step.text)})"
    else:
        deed = {"click": "click()", "double_click": "dblclick()", "right_click": 'click(button="right")'}[step.do]
        yield f"{indent}{spot}.{deed}"


def _spot(step: ScriptStep) -> str:
    target = step.on or Target(role="")
    if target.role in _ROLES and target.name:
        return f"page.get_by_role({target.role!r}, name={_text(target.name)})"
    identifier = next((part for part in target.hint.split() if part.isidentifier()), "")
    if identifier:
        return f"page.locator({'#' + identifier!r})"
    return f"page.get_by_text({_text(target.name)})"


def _text(text: str) -> str:
    """Return a text as Python: what is written out as literals, inputs by their names."""
    pieces: list[str] = []
    for written, name, _, _ in Formatter().parse(text):
        pieces += [repr(written)] if written else []
        pieces += [name] if name else []
    return " + ".join(pieces) or "''"
