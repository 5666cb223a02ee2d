"""The questions that tiny-chat is judged by, questions.jsonl, and what comes too near to them to be learnt."""
import functools
import json
import re
from pathlib import Path

FILE = Path(__file__).with_name('questions.jsonl')
FILLING = {'a', 'an', 'the', 'please', 'hey', 'hi', 'hello', 'so', 'well', 'okay'}


def words(text: str) -> frozenset[str]:
    """The words of a question that carry it."""
    plain = text.lower().replace("what's", 'what is').replace("i'm", 'i am').replace("don't", 'do not').replace('color', 'colour')
    return frozenset(re.findall(r'[a-z0-9]+', plain)) - FILLING


@functools.cache
def questions() -> list[dict]:
    """{kind, ask, fits, meant}: whether it is to be answered or refused, what is asked in turn, and what the last answer must contain."""
    return [json.loads(line) for line in FILE.read_text(encoding='utf-8').splitlines()]


@functools.cache
def asked() -> list[frozenset[str]]:
    return [words(turn) for q in questions() for turn in q['ask']]


def near_a_question(text: str) -> bool:
    """Whether a text says nearly the same as one of them: three quarters of the words of both are words of both."""
    mine = words(text)
    return any(4 * len(mine & theirs) >= 3 * len(mine | theirs) for theirs in asked())
