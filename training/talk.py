"""Writes the short conversations that tiny-chat learns: `python talk.py OUT.jsonl`.

What is said stands in talk/*.txt; this file only puts it together, the same for the same seed. In those files

    @animal name|eats           begins a table; its rows follow, up to an empty line
    = 7                         how many conversations the next block makes, for each row of the first table it uses
    > What do {animal.s} eat?   what a person says; several such lines are other ways to say the same
    < Grass.                    what is answered; further lines with > and < are further turns
    (a|b|)                      one of these
    {animal} {animal.eats}      columns of the row at hand; {animal2} is another row, {animal_next} the next one, {a:animal} has its article

People do not type as books are written, so a good part of what they say loses capitals, marks and whole words here; answers
never do. One question has one answer: of two that fit as well, a small model makes one that does not. Then follow sums, talks that wander from one matter to another, and turns that ask for the turn before. Nothing that
nearly says a question of questions.jsonl is written.
"""
import argparse
import glob
import json
import os
import random
import re
from pathlib import Path

from questions import near_a_question

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBERS = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split()
WITHOUT_ARTICLE = {'money', 'soap', 'paper', 'glue', 'medicine', 'food'}

tables: dict[str, list[dict[str, str]]] = {}
blocks: list[tuple[int, list[list[str]]]] = []


def read(path: str) -> None:
    """The tables and blocks of one file."""
    for part in re.split(r'\n\s*\n', Path(path).read_text(encoding='utf-8')):
        lines = [line for line in part.splitlines() if line and not line.startswith('#')]
        if not lines:
            continue
        if lines[0].startswith('@'):
            name, columns = lines[0][1:].split(' ')
            rows = [dict(zip(columns.split('|'), cells(line))) for line in lines[1:]]
            tables[name] = [row | {'': next(iter(row.values()))} for row in rows]
            continue
        turns: list[list[str]] = []
        before = ''
        for line in lines[1:]:
            if line[0] != before:
                turns.append([])
            turns[-1].append(line[2:])
            before = line[0]
        blocks.append((int(lines[0].removeprefix('= ')), turns))


def cells(line: str) -> list[str]:
    """A row at its bars, but not at those inside parentheses."""
    out, depth = [''], 0
    for letter in line:
        depth += (letter == '(') - (letter == ')')
        if letter == '|' and depth == 0:
            out.append('')
        else:
            out[-1] += letter
    return out


def article(word: str) -> str:
    return word if word in WITHOUT_ARTICLE or word.startswith(('the ', 'a ', 'an ')) else ('an ' if word[0] in 'aeiou' and not word.startswith('uni') else 'a ') + word


def fill(pattern: str, rows: dict[str, dict[str, str]], chance: random.Random) -> str:
    def column(found: re.Match) -> str:
        name, _, field = found[2].partition('.')
        return article(rows[name][field]) if found[1] else rows[name][field]

    text = re.sub(r'\{(a:)?([\w.]+)\}', column, pattern)
    while '(' in text:
        text = re.sub(r'\(([^()]*)\)', lambda found: chance.choice(found[1].split('|')), text, count=1)
    text = re.sub(r'\s+', ' ', text).strip()
    return re.sub(r'(^|[.!?] )([a-z])', lambda found: found[1] + found[2].upper(), text)


SHORT = [('What is', "What's"), ('I am', "I'm"), ('do not', "don't"), ('does not', "doesn't"), ('cannot', "can't"), ('Who is', "Who's"), ('It is', "It's"), ('Let us', "Let's")]
BEFORE = ['Hey, ', 'Please tell me: ', 'I have a question. ', 'Hi! ', 'Hello! ', 'So, ', 'Well, ', 'Okay, ', 'Now tell me: ', 'Tiny-chat, ', 'One question: ']


def typed(text: str, chance: random.Random) -> str:
    """The same as somebody types it."""
    if chance.random() < 0.4:
        for long, short in SHORT:
            text = text.replace(long, short)
    if chance.random() < 0.3:
        text = text.replace('olour', 'olor').replace('avourite', 'avorite').replace(' mum', ' mom').replace('autumn', 'fall')
    if len(text) > 12 and chance.random() < 0.12:
        text = chance.choice(BEFORE) + (text if text.startswith(('I ', "I'")) else text[0].lower() + text[1:])
    way = chance.random()
    if way < 0.3:
        text = text.lower()
    if 0.2 < way < 0.45:
        text = text.rstrip('.?!')
    return text


def from_blocks(chance: random.Random) -> list[list[str]]:
    out = []
    for count, turns in blocks:
        used = re.findall(r'\{(?:a:)?([a-z]+)', ' '.join(' '.join(t) for t in turns))
        for row in tables[used[0]] if used else [{}]:
            seen: dict[str, int] = {}
            for _ in range(3 * count):
                rows = {}
                for name in used:
                    two = chance.sample(tables[name], 2)
                    first = row if name == used[0] else two[0]
                    after = tables[name][(tables[name].index(first) + 1) % len(tables[name])]
                    rows |= {name: first, name + '2': two[0] if two[0] is not first else two[1], name + '_next': after}
                talk = [fill(chance.choice(turn), rows, chance) for turn in turns]
                # The same words a few times: people type them differently.
                if (times := seen.get(str(talk), 0)) < 4 and sum(seen.values()) < count:
                    seen[str(talk)] = times + 1
                    out.append(talk)
    return out


def sums(chance: random.Random) -> list[list[str]]:
    """To twenty, in digits and in words."""
    out = []
    ask = '(What is|How much is|Calculate|Can you add|What do you get for|Tell me|Do you know what is|)'

    def say(question: str, answer: str, follow: tuple[str, str] | None = None) -> None:
        out.append([fill(q, {}, chance) for q in (question, answer, *(follow or ()))])

    for x in range(21):
        for y in range(21 - x):
            often = 26 if x < 11 and y < 11 else 2
            for _ in range(often):
                a, b = (NUMBERS[x], NUMBERS[y]) if chance.random() < 0.3 else (str(x), str(y))
                follow = None
                if x + y < 16 and chance.random() < 0.1:
                    z = chance.randrange(1, 5)
                    follow = (f'(And|And then|Now) plus {z}?', f'{x + y} plus {z} is {x + y + z}.')
                say(f'{ask} {a} (plus|+|and) {b}?', f'{x} plus {y} is {x + y}.', follow)
            for _ in range(1 + often // 4):
                a, b = (NUMBERS[x], NUMBERS[y]) if chance.random() < 0.3 else (str(x), str(y))
                say(f'(Add {a} and {b}.|{x}+{y}|{x} + {y}|What is the sum of {a} and {b}?|I have {a} apples and get {b} more. How many do I have?)', f'{x} plus {y} is {x + y}.')
                a, b = (NUMBERS[x + y], NUMBERS[y]) if chance.random() < 0.3 else (str(x + y), str(y))
                say(f'((What is|How much is|Calculate|) {a} (minus|-|take away) {b}?|{x + y}-{y}|Take {b} from {a}.|I have {a} apples and eat {b}. How many are left?)', f'{x + y} minus {y} is {x}.')
        if x < 20:
            say(f'(What comes after|Which number comes after|What is the number after|Which number follows) ({x}|{NUMBERS[x]})?', f'after {x} comes {x + 1}.')
            say(f'(What comes before|Which number comes before|What is the number before) ({x + 1}|{NUMBERS[x + 1]})?', f'before {x + 1} comes {x}.')
        for y in chance.sample([n for n in range(21) if n != x], 3):
            say(f'(Which|What) is (more|bigger|larger|greater), {x} or {y}?', f'{max(x, y)} is more than {min(x, y)}.')
    for x in range(1, 6):
        for y in range(1, 5):
            for _ in range(2):
                say(f'{ask} ({x}|{NUMBERS[x]}) times ({y}|{NUMBERS[y]})?', f'{x} times {y} is {x * y}.')
    for _ in range(250):  # what is too long for it
        x, y = chance.randrange(21, 9999), chance.randrange(13, 999)
        say(f'{ask} {x} (times|plus|minus|divided by|*|+|/|x) {y}?', 'that is too long for me. I can only do small sums up to twenty. Please use a calculator.')
    for _ in range(40):
        x = chance.randrange(25, 9999)
        say(f'(What is the square root of {x}?|What is {x} percent of {x * 3}?|Is {x} a prime number?|Solve 3x + {x} = 0.|What is half of {x}?)', 'that is too long for me. I can only do small sums up to twenty. Please use a calculator.')
    return out


def wandering(talks: list[list[str]], chance: random.Random) -> list[list[str]]:
    """Talks of several matters, names that are asked for later, and turns about the turn before."""
    out = []
    single = [t for t in talks if len(t) == 2 and len(t[1]) < 130]
    names = [row[''] for row in tables['person']]
    for _ in range(len(talks) // 7):
        out.append([turn for talk in chance.sample(single, chance.choice([2, 2, 2, 3])) for turn in talk])
    for _ in range(len(talks) // 40):
        name, other = chance.choice(names), chance.choice(single)
        hello = fill(f'(My name is {name}.|I am {name}.|Hello, I am {name}!|Hi, my name is {name}.)', {}, chance)
        out.append([hello, f'Nice to meet you, {name}!', *other, chance.choice(['What is my name?', 'Do you know my name?', 'Who am I?', 'What was my name?']), f'Your name is {name}.'])
    for _ in range(len(talks) // 40):
        question, answer = chance.choice(single)
        again = fill('(Say (it|that) again|Can you (say|repeat) that|What did you say|Repeat( that|)|Again|Pardon|Once more|I did not hear you|What|Sorry, what)(, please|)(.|?|)', {}, chance)
        out.append([question, answer, again, answer])
    for _ in range(len(talks) // 50):
        question, answer = chance.choice(single)
        thanks = fill('(Thank you|Thanks|Thank you very much|Okay, thanks|Great, thank you|Thanks a lot)(!|.|)', {}, chance)
        out.append([question, answer, thanks, 'You are welcome!'])
    return out


def conversations(seed: int) -> list[list[str]]:
    """All of them, shuffled: turns by turns, a person first."""
    tables.clear()
    blocks.clear()
    for path in sorted(glob.glob(f'{HERE}/talk/*.txt')):
        read(path)
    chance = random.Random(seed)
    talks = from_blocks(chance) + sums(chance)
    talks += wandering(talks, chance)
    talks = [[typed(turn, chance) if i % 2 == 0 else turn for i, turn in enumerate(talk)] for talk in talks]
    talks = list({str(talk): talk for talk in talks}.values())
    talks = [talk for talk in talks if not any(near_a_question(turn) for turn in talk[::2])]
    chance.shuffle(talks)
    return talks


if __name__ == '__main__':
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('out')
    options.add_argument('--seed', type=int, default=20261130)
    o = options.parse_args()
    talks = conversations(o.seed)
    with open(o.out, 'w', encoding='utf-8') as f:
        for talk in talks:
            f.write(json.dumps({'messages': [{'role': ('user', 'assistant')[i % 2], 'content': turn} for i, turn in enumerate(talk)]}, ensure_ascii=False) + '\n')
    print(f'{len(talks):,} conversations, {sum(len(t) // 2 for t in talks):,} answers, {len({t[0].lower() for t in talks}):,} first questions')
