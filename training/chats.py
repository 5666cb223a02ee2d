"""Conversations to rows: dLLM's BERT-Chat template, what is held out, and a mask over answers alone."""
import json
import re

import numpy as np
from tokenizers import Tokenizer

from data import PAD, held_out, mask, shares
from questions import near_a_question

TEMPLATE = (
    "{%- for message in messages -%}{%- if message['role'] == 'system' -%}{{ '[SYS]\\n' + message['content'] | trim + '\\n[/SYS]\\n\\n' }}"
    "{%- elif message['role'] == 'user' -%}{{ '[Question]\\n' + message['content'] | trim + '\\n[/Question]\\n\\n' }}"
    "{%- elif message['role'] == 'assistant' -%}{{ '[Answer]\\n' + message['content'] | trim + '\\n[/Answer]\\n\\n' }}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt and (not messages or messages[-1]['role'] != 'assistant') -%}{{ '[Answer]\\n' }}{%- endif -%}"
)
# What stands around the turns of a person and of the model: pieces of the tokenizer of a model that chats (tokenizer.py --chat).
MARKS = ('[Question]\n', '\n[/Question]\n\n', '[Answer]\n', '\n[/Answer]\n\n')
# What a small model for everybody should not learn to say, in the sets of others: rude words, and placeholders that were left in.
NOT_LEARNT = re.compile(r'\[user|\b(sex|sexy|fuck|shit|damn|kill|die|hate|ass|hell|stupid|idiot|dumb|ugly|drunk|beer|wine|whiskey|gun|drugs?|naked|marry|boobs?|bitch|crap|suck)\w*', re.I)


def prompt(turns: list[str]) -> str:
    """What stands before the next answer; turns are those of a person and of the model in turn, the last one a person's."""
    return ''.join(f'[{n}]\n{t.strip()}\n[/{n}]\n\n' for t, n in zip(turns, ('Question', 'Answer') * len(turns))) + '[Answer]\n'


class Chats:
    """Conversations as (ids, which of them are of an answer). `sources` are (file, share): how often its conversations are drawn, in
    comparison with the others; the first file is ours, the others are looked through. What is longer than `longest` loses its last turns.
    Rows are drawn for a length from those that nearly fill it, so that little is spent on padding."""

    def __init__(self, tokenizer: Tokenizer, sources: list[tuple[str, float]], longest: int):
        self.learnt, self.hidden, weight = [], [], []
        for path, share in sources:
            others = path != sources[0][0]
            talks = [[m['content'] for m in json.loads(line)['messages']] for line in open(path, encoding='utf-8')]
            talks = [t for t in talks if not any(map(near_a_question, t[::2])) and not (others and any(map(NOT_LEARNT.search, t)))]
            pieces = [piece for t in talks for i in range(1, len(t), 2) for piece in (prompt(t[i - 1 : i]), t[i].strip() + '\n[/Answer]\n\n')]
            encoded = iter([e.ids for e in tokenizer.encode_batch(pieces, add_special_tokens=False)])
            hidden = 0
            for talk in talks:
                ids, of_answer, full = [], [], False
                for _ in range(1, len(talk), 2):
                    ask, answer = next(encoded), next(encoded)
                    if len(ids) + len(ask) + len(answer) <= longest and not full:
                        ids = ids + ask + answer
                        of_answer = of_answer + [False] * len(ask) + [True] * len(answer)
                    else:
                        full = True
                if not ids:
                    continue
                row = (np.array(ids), np.array(of_answer))
                if held_out(talk[0], 40):
                    hidden += 1
                    if not others:
                        self.hidden.append(row)
                else:
                    self.learnt.append(row)
                    weight.append(share)
            print(f'{path}: {len(talks) - hidden:,} conversations to learn, {hidden:,} held out', flush=True)
        self.sizes, self.weight = np.array([len(ids) for ids, _ in self.learnt]), np.array(weight)
        self.fitting: dict[int, list[np.ndarray]] = {}

    def row(self, rng: np.random.Generator, length: int) -> tuple[np.ndarray, np.ndarray]:
        """One row with padding, and what of it may be masked: its answers and the padding, or, one time in four, only the last answer and
        the padding. One row in five is as empty as it comes: the canvas of an answer is longer than the answer."""
        if length not in self.fitting:
            self.fitting[length] = [np.cumsum(self.weight * (self.sizes <= length) * (self.sizes > least)) for least in (length * 0.7, 0)]
        cumulative = self.fitting[length][int(rng.random() < 0.2)]
        ids, of_answer = self.learnt[np.searchsorted(cumulative, rng.random() * cumulative[-1], side='right')]
        row, may = np.full(length, PAD), np.ones(length, bool)
        row[: len(ids)], may[: len(ids)] = ids, of_answer
        if rng.random() < 0.25:
            may[: len(ids) - np.argmin(of_answer[::-1])] = False
        return row, may

    def batch(self, rng: np.random.Generator, length: int, tokens: int) -> tuple[np.ndarray, ...]:
        """As Texts.batch; only answers and the padding after them are masked."""
        drawn = [self.row(rng, length) for _ in range(max(1, tokens // length))]
        rows, may = np.stack([r for r, _ in drawn]), np.stack([s for _, s in drawn])
        return mask(rng, rows, shares(rng, len(rows)), may)
