"""Texts to windows: what is learnt, what is held out, and how a batch is masked."""
import hashlib
import re

import numpy as np
from tokenizers import Tokenizer

PAD, UNK, CLS, SEP, MASK = range(5)  # the first ids of the tokenizer, in this order


def held_out(text: str, one_in: int = 47) -> bool:
    """Whether a text is never learnt: decided by its letters alone, so that copies with other capitals or spaces fall on the same side."""
    letters = ''.join(re.findall('[a-z]+', text.lower()))
    return int(hashlib.sha256(letters.encode()).hexdigest()[:8], 16) % one_in == 0


def read(path: str) -> list[str]:
    """The texts of a file, divided by <|endoftext|> or, where it has none, by empty lines."""
    whole = open(path, encoding='utf-8').read()
    mark = '<|endoftext|>' if '<|endoftext|>' in whole else '\n\n'
    return [t.strip() for t in whole.split(mark) if t.strip()]


def shares(rng: np.random.Generator, n: int) -> np.ndarray:
    """What share of each of n rows is masked: spread evenly over 0.02 to 1."""
    return 0.02 + 0.98 * ((rng.random() + rng.permutation(n)) / n % 1)


def mask(rng: np.random.Generator, rows: np.ndarray, share: np.ndarray, may: np.ndarray, tilt: float = 0) -> tuple[np.ndarray, ...]:
    """Masks of each row its share of the slots that `may` be. Returns ids, flat index of the masked slots, their targets and weights.
    Padding after an end counts a tenth, so that endings are learnt and do not drown the rest. A slot of a row counts share^-tilt: with a tilt
    of 1 this is MDLM's bound, with 0 every masked slot counts alike."""
    masked = (rng.random(rows.shape) < share[:, None]) & may
    index = np.flatnonzero(masked)
    target = rows.ravel()[index]
    weight = (np.where(target == PAD, 0.1, 1.0) * share[index // rows.shape[1]] ** -tilt).astype(np.float32)
    return np.where(masked, MASK, rows), index, target, weight / weight.sum()


class Texts:
    """Texts as ids, each ended by [SEP]. `sources` are (file, share): how often its tokens are drawn, in comparison with the others."""

    def __init__(self, tokenizer: Tokenizer, sources: list[tuple[str, float]], tilt: float = 0):
        self.tilt = tilt
        self.tokenizer = tokenizer
        self.learnt, self.hidden, weight = [], [], []
        for path, share in sources:
            texts = read(path)
            ids = [np.array(e.ids + [SEP]) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
            hidden = [held_out(t) for t in texts]
            learnt = [i for i, h in zip(ids, hidden) if not h]
            self.learnt += learnt
            weight += [share * len(i) for i in learnt]
            self.hidden.append([i for i, h in zip(ids, hidden) if h])
            print(f'{path}: {len(learnt):,} texts, {sum(map(len, learnt)):,} tokens; {sum(hidden)} held out', flush=True)
        self.cumulative = np.cumsum(weight) / sum(weight)
        # Texts of about one length, for rows that are texts from end to end.
        self.alike, chance = [], []
        for length in range(32, 449, 32):
            of = [i for i, ids in enumerate(self.learnt) if length - 32 < len(ids) <= length]
            if of:
                each = np.array([weight[i] for i in of])
                self.alike.append((length, of, np.cumsum(each) / each.sum()))
                chance.append(each.sum())
        self.chance = np.cumsum(chance) / sum(chance)
        ends = {'.', '!', '?', '."', '!"', '?"', 'Ċ', '.Ċ', 'ĊĊ'}
        self.ends = np.zeros(tokenizer.get_vocab_size(), bool)
        self.ends[[i for piece, i in tokenizer.get_vocab().items() if piece in ends]] = True

    def window(self, rng: np.random.Generator, length: int) -> np.ndarray:
        """One row: half of the time the beginning of a text, else from the start of one of its sentences. The end of a text is padded, by no
        more than an eighth of the row, but for one row in ten, which may be as empty as it comes: padding teaches little and costs as much."""
        most = length if rng.random() < 0.1 else length // 8
        for _ in range(16):
            ids = self.learnt[np.searchsorted(self.cumulative, rng.random())]
            if len(ids) >= length - most:
                break
        start = 0
        if rng.random() < 0.5:
            after = np.nonzero(self.ends[ids[: max(0, len(ids) - length + most)]])[0] + 1
            if len(after):
                start = int(rng.choice(after))
        row = np.full(length, PAD)
        row[: len(ids[start : start + length])] = ids[start : start + length]
        return row

    def batch(self, rng: np.random.Generator, length: int, tokens: int) -> tuple[np.ndarray, ...]:
        """Rows of one length, tokens in all; the share that is masked is spread evenly over the rows (0.02 to 1), and in half of the rows a
        prefix of up to a third stays visible, as a prompt does. Returns what `mask` does."""
        rows = np.stack([self.window(rng, length) for _ in range(max(1, tokens // length))])
        n = len(rows)
        share = shares(rng, n)
        first = np.where(rng.random(n) < 0.5, rng.integers(0, length // 3, n), 0)
        return mask(rng, rows, share, np.arange(length) >= first[:, None], self.tilt)

    def whole(self, rng: np.random.Generator, tokens: int) -> tuple[np.ndarray, ...]:
        """Rows that are whole texts, padded to a length of the next multiple of 32; else as `batch`, but for prefixes."""
        length, of, cumulative = self.alike[np.searchsorted(self.chance, rng.random())]
        rows = np.full((max(1, tokens // length), length), PAD)
        for row in rows:
            ids = self.learnt[of[np.searchsorted(cumulative, rng.random())]]
            row[: len(ids)] = ids
        return mask(rng, rows, shares(rng, len(rows)), np.ones(rows.shape, bool), self.tilt)

    def held_out_windows(self, length: int, most: int) -> np.ndarray:
        """Whole windows of the held-out texts of the first file."""
        rows = [ids[i : i + length] for ids in self.hidden[0] for i in range(0, len(ids) - length + 1, length)]
        return np.stack(rows[:most])
