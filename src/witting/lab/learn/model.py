"""The network: an element scorer that reads the instruction, relates each candidate to it, and looks at all candidates together.

Knows arrays, not pages. Heads: which candidate (or stop), what kind of action on it, which key, which span of the instruction to type.
"""

from typing import cast

import torch
from torch import Tensor, nn

from witting.policy.decode import PolicyConfig
from witting.policy.features import ELEMENT_FEATURES, ELEMENT_WIDTH, PAIR_WIDTH, SPAN_WIDTH, TOKEN_WIDTH
from witting.policy.relations import PAIRS

_PAIR_HIDDEN = 24
_DROPPED = 0.3  # of features and hidden values while training: a hundred episodes are soon learnt by heart
_MASKED = -1e4
_NEAR, _MET = PAIRS.index("near"), ELEMENT_FEATURES.index("met")
_SHARPNESS, _ROUNDS = 14.0, 4
_POINTED = 2 * PAIR_WIDTH + 6
_MANY = 5.0
_COMMON, _RARE = -2.0, 4.0  # how telling a word is before anything is learnt: one of many instructions, one of only this


def _pooled(values: Tensor, mask: Tensor) -> Tensor:
    """Return maximum and mean over the last but one axis, where `mask` is 1: (…, n, d) to (…, 2d)."""
    masked = values + (1 - mask.unsqueeze(-1)) * _MASKED
    mean = (values * mask.unsqueeze(-1)).sum(-2) / mask.sum(-1, keepdim=True).clamp(min=1)
    return torch.cat([masked.amax(-2), mean], -1)


def _pointed(pairs: Tensor, rare: Tensor, *, element_mask: Tensor, met: Tensor) -> Tensor:
    """Return what the telling words of the instruction point to: (batch, candidates, _POINTED).

    Words that only this instruction has are telling from the start; which others are, in their neighbourhood, is learnt. Each has up to one
    unit to give, to the candidates near to it; no candidate takes more than one unit. `met` tells what has been
    dealt with, so that what is still to do shows.
    """
    related = pairs * rare[:, None, :, None]
    near = related[..., _NEAR]
    share = torch.exp(_SHARPNESS * near) * rare.unsqueeze(1) * element_mask.unsqueeze(2)
    for _ in range(_ROUNDS):
        share = share / share.sum(1, keepdim=True).clamp(min=1e-6)
        share = share / share.sum(2, keepdim=True).clamp(min=1)
    own = share.sum(2)
    still = own * (1 - met)
    left = (still.sum(1, keepdim=True) / _MANY).expand_as(own)
    got = torch.stack([own, share.amax(2), (share * near).amax(2), near.amax(2), still, left], -1)
    return torch.cat([related.amax(2), related.sum(2), got], -1)


class _Reader(nn.Module):
    """Instruction words in their neighbourhood: (batch, tokens) to (batch, tokens, width)."""

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.words = nn.Embedding(words + 1, width)
        self.told = nn.Linear(TOKEN_WIDTH, width)
        self.near = nn.Conv1d(width, width, 5, padding=2)
        self.wide = nn.Conv1d(width, width, 5, padding=2)

    def forward(self, ids: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        known = self.words(ids) + self.told(tokens)
        hidden = (known * mask.unsqueeze(-1)).transpose(1, 2)
        hidden = nn.functional.gelu(self.near(hidden)) * mask.unsqueeze(1)
        hidden = nn.functional.gelu(self.wide(hidden)) + hidden
        return cast("Tensor", (hidden.transpose(1, 2) + known) * mask.unsqueeze(-1))


class _Look(nn.Module):
    """One round of attention among the candidates, then a small mixing of each."""

    def __init__(self, width: int, heads: int = 4, *, dropout: float = _DROPPED) -> None:
        super().__init__()
        self.heads = heads
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mix = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width))
        self.drop = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        batch, count, width = hidden.shape
        parts = self.ask(self.before(hidden)).reshape(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = parts[0], parts[1], parts[2]
        weights = query @ key.transpose(2, 3) * (width // self.heads) ** -0.5 + ((1 - mask) * _MASKED)[:, None, None, :]
        mixed = (torch.softmax(weights, -1) @ value).transpose(1, 2).reshape(batch, count, width)
        hidden = hidden + self.drop(self.out(mixed))
        return cast("Tensor", hidden + self.drop(self.mix(self.after(hidden))))


class ElementScorer(nn.Module):
    """Scores every candidate, every kind of action on it, and every span to type into it."""

    def __init__(self, config: PolicyConfig) -> None:
        super().__init__()
        width = config.width
        self.reader = _Reader(len(config.words), width)
        self.hints = nn.Embedding(len(config.hints) + 1, width, padding_idx=0)
        self.from_pair, self.from_word = nn.Linear(PAIR_WIDTH, _PAIR_HIDDEN), nn.Linear(width, _PAIR_HIDDEN)
        self.joined = nn.Sequential(
            nn.Linear(ELEMENT_WIDTH + 2 * _PAIR_HIDDEN + _POINTED + 2 * width, 2 * width),
            nn.GELU(),
            nn.Dropout(0.1),
            nn.Linear(2 * width, width),
        )
        self.element_drop, self.hint_drop = nn.Dropout(_DROPPED), nn.Dropout(_DROPPED)
        self.looks = nn.ModuleList([_Look(width), _Look(width)])
        self.final = nn.LayerNorm(width)
        self.element = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1))
        self.can_stop = config.can_stop  # a score that nobody taught would stop episodes at random
        self.stop = nn.Linear(2 * width, 1)
        self.kind = nn.Linear(width, 3)
        self.telling = nn.Linear(width, 1)
        nn.init.zeros_(self.telling.weight)
        nn.init.constant_(self.telling.bias, _COMMON)
        self.key = nn.Linear(2 * width, max(1, len(config.keys)))
        self.span_own = nn.Linear(SPAN_WIDTH, _PAIR_HIDDEN)
        self.span_edge = nn.Linear(3 * width, _PAIR_HIDDEN)
        self.span_label = nn.Linear(1, _PAIR_HIDDEN)
        self.span_target = nn.Linear(width, _PAIR_HIDDEN)
        self.span_score = nn.Linear(_PAIR_HIDDEN, 1)

    def forward(self, inputs: tuple[Tensor, ...], masks: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the scores that `witting.policy.decode.OUTPUTS` names, of the inputs in the order of `INPUTS`.

        `masks` are 1 where tokens and candidates aren't padding: (batch, tokens), (batch, candidates).
        """
        token_ids, hint_ids, tokens, elements, pairs, *of_spans = inputs
        token_mask, element_mask = masks or (torch.ones_like(tokens[:, :, 0]), torch.ones_like(elements[:, :, 0]))
        read = self.reader(token_ids, tokens, token_mask)
        asked = _pooled(read, token_mask)
        related = nn.functional.gelu(self.from_pair(pairs) + self.from_word(read).unsqueeze(1))
        related = _pooled(related, token_mask.unsqueeze(1).expand(-1, elements.shape[1], -1))
        rare = torch.sigmoid(self.telling(read).squeeze(-1) + _RARE * (token_ids == 0)) * token_mask
        pointed = _pointed(pairs, rare, element_mask=element_mask, met=elements[..., _MET])
        hidden = self.joined(
            torch.cat([self.element_drop(elements), related, pointed, asked.unsqueeze(1).expand(-1, elements.shape[1], -1)], -1)
        )
        hidden = hidden + self.hint_drop(self.hints(hint_ids).sum(2))
        for look in self.looks:
            hidden = look(hidden, element_mask)
        hidden = self.final(hidden)
        page = _pooled(hidden, element_mask)
        scores = self.element(hidden).squeeze(-1) + (1 - element_mask) * _MASKED
        return (
            torch.cat([scores, self.stop(page) if self.can_stop else torch.full_like(page[:, :1], _MASKED)], -1),
            self.kind(hidden),
            self.key(page),
            self._span_scores(read, hidden, of_spans=of_spans),
        )

    def _span_scores(self, read: Tensor, hidden: Tensor, *, of_spans: list[Tensor]) -> Tensor:
        """Return (batch, candidates, spans)."""
        spans, edges, labels = of_spans
        padded = nn.functional.pad(read, (0, 0, 1, 1))
        width = read.shape[2]

        def at(places: Tensor) -> Tensor:
            return padded.gather(1, places.unsqueeze(-1).expand(-1, -1, width))

        around = torch.cat([at(edges[:, :, 0]), at(edges[:, :, 0] + 1), at(edges[:, :, 1] + 1)], -1)
        own = self.span_own(spans) + self.span_edge(around)
        both = own.unsqueeze(1) + self.span_target(hidden).unsqueeze(2) + self.span_label(labels.unsqueeze(-1))
        return cast("Tensor", self.span_score(nn.functional.gelu(both)).squeeze(-1))
