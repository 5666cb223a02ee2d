"""Texts with mistakes, and the edits that mend them: what src/diffusion/mistakes.ts, edit-flow/align.ts and edit-flow/bridge.ts do, for many
texts at once. `test_edits.py` holds both to the same results."""
import re
from typing import Callable

import numpy as np
from tokenizers import Tokenizer

from data import CLS, held_out, read

KINDS = ('typos', 'drop', 'double', 'order')
NEAR = {
    'q': 'wa', 'w': 'qes', 'e': 'wrd', 'r': 'etf', 't': 'ryg', 'y': 'tuh', 'u': 'yij', 'i': 'uok', 'o': 'ipl', 'p': 'ol',
    'a': 'qsz', 's': 'awdx', 'd': 'sefc', 'f': 'drgv', 'g': 'fthb', 'h': 'gyjn', 'j': 'hukm', 'k': 'jil', 'l': 'kop',
    'z': 'asx', 'x': 'zsdc', 'c': 'xdfv', 'v': 'cfgb', 'b': 'vghn', 'n': 'bhjm', 'm': 'njk',
}  # fmt: skip
FEWEST_LETTERS = 3
Draw = Callable[[int, int], float]


def with_mistakes(text: str, kind: str, rate: float, draw: Draw) -> str:
    """The text in which each word has a mistake of this kind ('mixed': of any) with chance `rate`. draw(word, number) is uniform in (0, 1)."""
    parts = re.split(r'(\s+)', text)
    count = (len(parts) + 1) // 2
    word = lambda i: parts[2 * i] if 2 * i < len(parts) else ''
    gap = lambda i: parts[2 * i + 1] if 2 * i + 1 < len(parts) else ''
    out, i = [], -1
    while i + 1 < count:
        i += 1
        own = word(i)
        if own == '' or draw(i, 0) >= rate:
            out += [own, gap(i)]
            continue
        last = i + 1 >= count or word(i + 1) == ''
        which = KINDS[int(draw(i, 1) * len(KINDS))] if kind == 'mixed' else kind
        if which == 'typos':
            out += [slip(own, i, draw), gap(i)]
        elif which == 'drop':
            if last:
                out[-1:] = [gap(i)] if len(out) >= 2 else out[-1:] + [own, gap(i)]
        elif which == 'double':
            out += [own, ' ', own, gap(i)]
        elif last:
            out += [own, gap(i)]
        else:
            out += [word(i + 1), gap(i), own, gap(i + 1)]
            i += 1
    return ''.join(out)


def slip(own: str, place: int, draw: Draw) -> str:
    """Two letters in the wrong order, one left out, one twice, or one from the next key."""
    letters = [i for i, c in enumerate(own) if c.lower() in NEAR]
    if len(letters) < FEWEST_LETTERS or any(ord(c) > 0xFFFF for c in own):
        return own
    pick = lambda of, options: int(draw(place, of) * options)
    at = letters[pick(2, len(letters))]
    how = pick(3, 4)
    if how == 0:
        other = at if at + 1 in letters else at - 1
        if other in letters and own[other] != own[other + 1]:
            return own[:other] + own[other + 1] + own[other] + own[other + 2 :]
        return own[:at] + own[at + 1 :]
    if how == 1:
        return own[:at] + own[at + 1 :]
    if how == 2:
        return own[:at] + 2 * own[at] + own[at + 1 :]
    near = NEAR[own[at].lower()]
    wrong = near[pick(4, len(near))]
    return own[:at] + (wrong if own[at].islower() else wrong.upper()) + own[at + 1 :]


BLANK = -1


def align(before: list[list[int]], after: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Each pair of texts side by side, `[n, columns]`, with BLANK where one has nothing and after both (Needleman & Wunsch 1970; a substitution
    costs one and so does a gap; from the end, of equally good moves first the pair, then the removal)."""
    n, rows, columns = len(before), max(map(len, before)), max(map(len, after))
    a, b = np.full((n, rows), BLANK - 1), np.full((n, columns), BLANK - 2)
    for i in range(n):
        a[i, : len(before[i])], b[i, : len(after[i])] = before[i], after[i]
    steps = np.arange(columns + 1)
    above = np.broadcast_to(steps, (n, columns + 1))
    moves = np.full((n, rows + 1, columns + 1), 2, np.uint8)
    for i in range(1, rows + 1):
        paired = above[:, :-1] + (a[:, i - 1, None] != b)
        removed = above + 1
        best = removed.copy()
        best[:, 1:] = np.minimum(paired, removed[:, 1:])
        best = np.minimum.accumulate(best - steps, 1) + steps
        moves[:, i][best == removed] = 1
        moves[:, i, 1:][best[:, 1:] == paired] = 0
        above = best
    every = np.arange(n)
    i, j = np.array([len(x) for x in before]), np.array([len(x) for x in after])
    left, right = [], []
    while (open := (i > 0) | (j > 0)).any():
        move = moves[every, i, j]
        of_a, of_b = open & (move != 2), open & (move != 1)
        left.append(np.where(of_a, a[every, i - 1], BLANK))
        right.append(np.where(of_b, b[every, j - 1], BLANK))
        i, j = i - of_a, j - of_b
    # The ends stand together now: shift each pair to the left.
    z0, z1 = np.stack(left[::-1], 1), np.stack(right[::-1], 1)
    first = ((z0 != BLANK) | (z1 != BLANK)).argmax(1)
    order = (np.arange(z0.shape[1]) + first[:, None]) % z0.shape[1]
    return np.take_along_axis(z0, order, 1), np.take_along_axis(z1, order, 1)


SUBSTITUTE, REMOVE, INSERT = range(3)


def bridge(z0: np.ndarray, z1: np.ndarray, new: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each pair the text in which the columns `new` show what they become, and the edits that are left: [edits, (kind, slot, id)]."""
    zt = np.where(new, z1, z0)
    slot = (zt != BLANK).cumsum(1) - 1
    kind = np.select([(zt == BLANK) & (z1 != BLANK), (zt != BLANK) & (z1 == BLANK), zt != z1], [INSERT, REMOVE, SUBSTITUTE], -1)
    return [(t[t != BLANK], np.stack([k, s, np.maximum(i, 0)], 1)[k >= 0]) for t, k, s, i in zip(zt, kind, slot, z1)]


SENTENCES = re.compile(r'(?:(?<=[.!?])|(?<=[.!?]["”’]))\s+|\n+')


def cubic(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the times t: the chance that a column shows the new text, κ = 2t³ − 3t² + 2t, and the weight κ′/(1 − κ)."""
    kappa = ((2 * t - 3) * t + 2) * t
    return kappa, ((6 * t - 6) * t + 2) / (1 - kappa + 1e-6)


class Repairs:
    """Stretches of sentences with mistakes, at a moment between the text with and the text without them."""

    def __init__(self, tokenizer: Tokenizer, paths: list[str], longest: int):
        self.tokenizer, self.longest, self.learnt, self.hidden = tokenizer, longest, [], []
        for path in paths:
            for text in read(path):
                sentences = [s for s in SENTENCES.split(text) if s.strip() and len(s) <= longest]
                if sentences:
                    (self.hidden if held_out(text) else self.learnt).append(sentences)

    def stretch(self, rng: np.random.Generator, texts: list[list[str]], most: int) -> str:
        """Sentences that follow each other, together of at most so many characters."""
        sentences = texts[rng.integers(len(texts))]
        i = int(rng.integers(len(sentences)))
        out = sentences[i]
        for sentence in sentences[i + 1 :]:
            if len(out) + 1 + len(sentence) > most:
                break
            out += ' ' + sentence
        return out

    def pairs(self, rng: np.random.Generator, texts: list[list[str]], n: int, mean: float, alone: tuple[float, ...]) -> list[tuple[str, str]]:
        """With mistakes and without. Each text has its own share of mistakes, evenly from none to twice the mean: all of them of one kind in such
        shares of the texts as `alone` says for each of KINDS, of all kinds in the rest."""
        out = []
        for _ in range(n):
            right = self.stretch(rng, texts, int(rng.integers(30, self.longest + 1)))
            draws = rng.random((right.count(' ') + right.count('\n') + 2, 5))
            kind = (*KINDS, 'mixed')[np.searchsorted(np.cumsum(alone), rng.random(), 'right')]
            out.append((with_mistakes(right, kind, 2 * mean * rng.random(), lambda i, k: draws[i, k]), right))
        return out

    def encode(self, texts: list[str]) -> list[list[int]]:
        return [[CLS, *e.ids] for e in self.tokenizer.encode_batch(texts, add_special_tokens=False)]

    def moments(self, rng: np.random.Generator, pairs: list[tuple[str, str]], begin: float, most_weight: float):
        """(ids, edits, weight) of each pair. A share `begin` of them at time 0, the others at times spread evenly over 0 to 0.999."""
        n = len(pairs)
        right = self.encode([r for _, r in pairs])
        z0, z1 = align(self.encode([g for g, _ in pairs]), right)
        t = 0.999 * rng.permutation((rng.random() + np.arange(n)) / n % 1)
        t[rng.random(n) < begin] = 0
        kappa, weight = cubic(t)
        made = bridge(z0, z1, rng.random(z0.shape) < kappa[:, None])
        return [(ids, edits, min(w, most_weight) / len(r)) for (ids, edits), w, r in zip(made, weight, right)]

    def batches(self, rng: np.random.Generator, tokens: int, mean: float, alone: tuple[float, ...], begin: float, most_weight: float):
        """Without end: texts that are equally long, so that nothing is padding, of about so many tokens together."""
        waiting: dict[int, list] = {}
        while True:
            for moment in self.moments(rng, self.pairs(rng, self.learnt, 256, mean, alone), begin, most_weight):
                group = waiting.setdefault(len(moment[0]), [])
                group.append(moment)
                if len(group) * len(moment[0]) >= tokens:
                    del waiting[len(moment[0])]
                    yield question(group)


def question(moments: list) -> tuple[np.ndarray, ...]:
    """ids [n, length], edits as (kind, flat slot, id, weight), and what the rates of each text weigh [n]."""
    ids = np.stack([i for i, _, _ in moments])
    n, length = ids.shape
    weights = np.array([w / n for _, _, w in moments], np.float32)
    edits = np.concatenate([e + [0, b * length, 0] for b, (_, e, _) in enumerate(moments)])
    of = np.repeat(weights, [len(e) for _, e, _ in moments])
    return ids, edits, of, weights
