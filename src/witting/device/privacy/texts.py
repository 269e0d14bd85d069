"""The text pipeline: normalise → detectors → merge → placeholders. One object per session, because equal values get equal placeholders.

Doesn't know events, trees or pixels. Invariant: the output holds no character of a found span, and placeholder brackets in the output
were all put there by this session.
"""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence

import msgspec

from witting.device.privacy.detectors import NOTHING, Adds, Posture, detectors, find_known
from witting.device.privacy.labels import cover_field
from witting.device.privacy.lexicon import Lexicon, load_lexicon
from witting.device.privacy.merge import merge
from witting.device.privacy.normalise import Normalised, normalise
from witting.device.privacy.placeholders import Placeholders
from witting.device.privacy.sample import Sample, Word, make_sample
from witting.device.privacy.tagger import MODEL_RULE
from witting.device.privacy.wordlist import is_harmless, long_numbers, unlisted_words
from witting.terms.errors import RedactionError
from witting.terms.findings import Finding, FindingKind, RedactedText

MAX_CHARACTERS = 20_000
LONGEST_S = 2.0  # of this thread's own time, for one text; the slowest known takes a tenth of it
_CACHE_SIZE = 20_000
_REMEMBERED_KINDS = frozenset({"name", "username", "secret"})
_MIN_REMEMBERED = 3


class TextPipeline:
    """Redacts texts of one session; verdicts are cached by keyed digest."""

    def __init__(self, posture: Posture, *, adds: Adds = NOTHING, seed: bytes | None = None) -> None:
        self._lexicon: Lexicon = load_lexicon()
        self._placeholders = Placeholders(seed)
        self._detectors = detectors(posture, self._lexicon, placeholders=self._placeholders, adds=adds)
        self._verdicts: OrderedDict[bytes, RedactedText] = OrderedDict()

    def forget(self, placeholders: Collection[str]) -> None:
        """Forget every text seen, and which value stands behind a placeholder but for these."""
        self._verdicts.clear()
        self._placeholders.forget(placeholders)

    def redact(self, raw: str, kind: FindingKind | None = None) -> RedactedText:
        """Return `raw` with findings as placeholders; `kind` says that a field's label asks for all of it to be masked."""
        if not raw or raw.isspace():
            return RedactedText(raw and " ")
        key = self._placeholders.digest(f"{kind}\0{raw}")
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._redact(raw, kind)
            self._verdicts[key] = verdict
            if len(self._verdicts) > _CACHE_SIZE:
                self._verdicts.popitem(last=False)
        return verdict

    def unknown(self, raw: str) -> tuple[Finding, ...]:
        """Return the words and numbers that aren't known to be harmless, in whatever posture; offsets are into `raw`."""
        normalised = normalise(raw[:MAX_CHARACTERS])
        sample = make_sample(normalised.text)
        return _in_source(normalised, (*unlisted_words(sample, self._lexicon), *long_numbers(sample)))

    def _redact(self, raw: str, kind: FindingKind | None) -> RedactedText:
        """Run the pipeline once."""
        if len(raw) > MAX_CHARACTERS:
            finding = Finding(kind or "unlisted_word", 0, len(raw), 1.0, "too_long")
            return RedactedText(self._placeholders.stand_in(finding.kind, raw), (finding,))
        normalised = normalise(raw)
        sample = make_sample(normalised.text)
        findings = merge(self._find(sample, kind))
        if not findings:
            return RedactedText(sample.text)
        if self._remember(sample, findings):
            findings = merge([*findings, *find_known(sample, self._lexicon, placeholders=self._placeholders)])
        return RedactedText(self._render(sample.text, findings), _in_source(normalised, findings))

    def _find(self, sample: Sample, kind: FindingKind | None) -> Iterable[Finding]:
        """Yield what every detector finds, and the whole field where its label asks for it.

        Raises:
            RedactionError: they took too long for one text; nothing of it is kept.
        """
        began_s = time.thread_time()
        for detector in self._detectors:
            yield from detector(sample)
            if time.thread_time() - began_s > LONGEST_S:
                raise RedactionError(
                    "redaction took too long for one text", hint="the item was dropped and counted; nothing of it was kept"
                )
        if kind is not None:
            yield from cover_field(sample, kind)

    def _render(self, text: str, findings: Sequence[Finding]) -> str:
        """Return `text` with each finding replaced by its placeholder."""
        pieces: list[str] = []
        position = 0
        for finding in findings:
            pieces += [text[position : finding.start], self._placeholders.stand_in(finding.kind, text[finding.start : finding.end])]
            position = finding.end
        return "".join([*pieces, text[position:]])

    def _remember(self, sample: Sample, findings: Sequence[Finding]) -> bool:
        """Note personal words that the rules wouldn't find elsewhere, and return whether any is new; earlier verdicts are void then."""
        spans = {(found.start, found.end): found for found in findings if found.kind in _REMEMBERED_KINDS or found.detector == MODEL_RULE}
        is_new = False
        for word in sample.words if spans else ():
            finding = spans.get((word.start, word.end))
            if finding is None or len(word.text) < _MIN_REMEMBERED or self._lexicon.is_plain_name(word.folded):
                continue
            if not self._is_ordinary(word, finding) and not word.text.isdigit():
                is_new = self._placeholders.remember(finding.kind, word.text) or is_new
        if is_new:
            self._verdicts.clear()
        return is_new

    def _is_ordinary(self, word: Word, finding: Finding) -> bool:
        """Whether a word says too little by itself to be hunted for the rest of the session."""
        if finding.detector == MODEL_RULE:
            return word.folded in self._lexicon.harmless
        if finding.kind == "name":
            return word.folded in self._lexicon.common and not self._lexicon.is_name(word.folded)
        return is_harmless(word, self._lexicon) and not word.has_digit and not self._lexicon.is_name(word.folded)


def _in_source(normalised: Normalised, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings with offsets into the text as it came in."""
    if isinstance(normalised.starts, range):
        return tuple(findings)
    moved = []
    for finding in findings:
        start, end = normalised.source(finding.start, finding.end)
        moved.append(msgspec.structs.replace(finding, start=start, end=end))
    return tuple(moved)
