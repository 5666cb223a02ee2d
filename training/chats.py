"""Conversations to rows: dLLM's BERT-Chat template, what is held out, and a mask over answers alone."""
import functools
import json
import os
import re

import numpy as np
from tokenizers import Tokenizer

from data import MASK, PAD, held_out

QUESTIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'questions.jsonl')
TEMPLATE = (
    "{%- for message in messages -%}{%- if message['role'] == 'system' -%}{{ '[SYS]\\n' + message['content'] | trim + '\\n[/SYS]\\n\\n' }}"
    "{%- elif message['role'] == 'user' -%}{{ '[Question]\\n' + message['content'] | trim + '\\n[/Question]\\n\\n' }}"
    "{%- elif message['role'] == 'assistant' -%}{{ '[Answer]\\n' + message['content'] | trim + '\\n[/Answer]\\n\\n' }}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt and (not messages or messages[-1]['role'] != 'assistant') -%}{{ '[Answer]\\n' }}{%- endif -%}"
)
# What a small model for everybody should not learn to say, in the sets of others: rude words, and placeholders that were left in.
NOT_LEARNT = re.compile(r'\[user|\b(sex|sexy|fuck|shit|damn|kill|die|hate|ass|hell|stupid|idiot|dumb|ugly|drunk|beer|wine|whiskey|gun|drugs?|naked|marry|boobs?|bitch|crap|suck)\w*', re.I)


def words(text: str) -> frozenset[str]:
    """The words of a question that carry it."""
    plain = text.lower().replace("what's", 'what is').replace("i'm", 'i am').replace("don't", 'do not').replace('color', 'colour')
    return frozenset(re.findall(r'[a-z0-9]+', plain)) - {'a', 'an', 'the', 'please', 'hey', 'hi', 'hello', 'so', 'well', 'okay'}


@functools.cache
def questions() -> list[dict]:
    return [json.loads(line) for line in open(QUESTIONS, encoding='utf-8')]


@functools.cache
def asked() -> list[frozenset[str]]:
    return [words(turn) for q in questions() for turn in q['ask']]


def near_a_question(text: str) -> bool:
    """Whether a text says nearly the same as one of questions.jsonl: three quarters of the words of both are words of both."""
    mine = words(text)
    return any(4 * len(mine & theirs) >= 3 * len(mine | theirs) for theirs in asked() if mine or theirs)


def prompt(turns: list[str]) -> str:
    """What stands before the next answer; turns are those of a person and of the model in turn, the last one a person's."""
    return ''.join(f'[{n}]\n{t.strip()}\n[/{n}]\n\n' for t, n in zip(turns, ('Question', 'Answer') * len(turns))) + '[Answer]\n'


class Chats:
    """Every answer of every conversation as (ids, where it begins). `sources` are (file, share): how often its answers are drawn, in comparison
    with the others. Rows are drawn for a length from those that nearly fill it, so that little is spent on padding."""

    def __init__(self, tokenizer: Tokenizer, sources: list[tuple[str, float]], longest: int):
        self.tokenizer = tokenizer
        self.learnt, weight, self.hidden = [], [], []
        encode = lambda texts: [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
        for path, share in sources:
            before, answers, hidden = [], [], []
            for line in open(path, encoding='utf-8'):
                talk = [m['content'] for m in json.loads(line)['messages']]
                if any(NOT_LEARNT.search(t) for t in talk) and share < 1 or any(near_a_question(t) for t in talk[::2]):
                    continue
                for i in range(1, len(talk), 2):
                    before.append(prompt(talk[:i]))
                    answers.append(talk[i].strip() + '\n[/Answer]\n\n')
                    hidden.append(held_out(talk[0], 10))
            rows = [(np.array(a + b), len(a), h) for a, b, h in zip(encode(before), encode(answers), hidden) if len(a) + len(b) <= longest]
            self.learnt += [(ids, start) for ids, start, h in rows if not h]
            weight += [share for _, _, h in rows if not h]
            if not self.hidden:
                self.hidden = [(ids, start) for ids, start, h in rows if h]
            print(f'{path}: {sum(not h for _, _, h in rows):,} answers to learn, {sum(h for _, _, h in rows):,} held out', flush=True)
        self.sizes = np.array([len(ids) for ids, _ in self.learnt])
        self.weight = np.array(weight)
        self.fitting: dict[int, np.ndarray] = {}

    def row(self, rng: np.random.Generator, length: int) -> tuple[np.ndarray, int]:
        """One row with padding, and where its answer begins. One row in four is as empty as it comes: the canvas of an answer is
        longer than the answer."""
        if length not in self.fitting:
            self.fitting[length] = np.array([np.cumsum(self.weight * (self.sizes <= length) * (self.sizes > least)) for least in (length * 0.6, 0)])
        cumulative = self.fitting[length][int(rng.random() < 0.25)]
        if cumulative[-1] == 0:
            cumulative = self.fitting[length][1]
        ids, start = self.learnt[np.searchsorted(cumulative, rng.random() * cumulative[-1], side='right')]
        row = np.full(length, PAD)
        row[: len(ids)] = ids
        return row, start

    def batch(self, rng: np.random.Generator, length: int, tokens: int) -> tuple[np.ndarray, ...]:
        """As Texts.batch; only answers and the padding after them are masked."""
        drawn = [self.row(rng, length) for _ in range(max(1, tokens // length))]
        rows, first = np.stack([r for r, _ in drawn]), np.array([s for _, s in drawn])
        n = len(rows)
        share = 0.02 + 0.98 * ((rng.random() + rng.permutation(n)) / n % 1)
        masked = (rng.random(rows.shape) < share[:, None]) & (np.arange(length) >= first[:, None])
        index = np.flatnonzero(masked)
        target = rows.ravel()[index]
        weight = np.where(target == PAD, 0.1, 1.0).astype(np.float32)
        return np.where(masked, MASK, rows), index, target, weight / weight.sum()
