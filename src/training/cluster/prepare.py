"""Cuts texts into the rows that a run of Unmask learns from: `python prepare.py`, or with files of your own

    python prepare.py --train MORE.jsonl --held-out OTHER.jsonl

A file has one JSON object a line: {"text": …}, or {"messages": [{"role": …, "content": …}]} where rows are chats. How texts
are cut stands in recipe.json. A slot whose label is -100 is seen, never masked and never scored.
"""

import argparse
import json
from pathlib import Path

import transformers

HERE = Path(__file__).resolve().parent
NOT_LEARNT = -100


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('--train', default=str(HERE / 'texts' / 'train.jsonl'))
    options.add_argument('--held-out', default=str(HERE / 'texts' / 'held-out.jsonl'))
    options.add_argument('--out', default=str(HERE / 'rows'))
    o = options.parse_args()
    recipe = json.loads((HERE / 'recipe.json').read_text(encoding='utf-8'))
    where = str(HERE / 'model') if (HERE / 'model').exists() else recipe['model']
    tokenizer = transformers.AutoTokenizer.from_pretrained(where)
    Path(o.out).mkdir(parents=True, exist_ok=True)
    for part, path in (('train', o.train), ('held-out', o.held_out)):
        if not Path(path).exists():
            continue
        with open(path, encoding='utf-8') as lines:
            texts = [json.loads(line) for line in lines if line.strip()]
        rows = list(rows_of(texts, tokenizer, recipe['data']))
        with open(Path(o.out) / f'{part}.jsonl', 'w', encoding='utf-8') as out:
            for ids, learnt in rows:
                labels = [i if l else NOT_LEARNT for i, l in zip(ids, learnt)]
                out.write(json.dumps({'input_ids': ids, 'labels': labels}) + '\n')
        print(f'{part}: {len(rows)} rows of {recipe["data"]["length"]} tokens')


def rows_of(texts, tokenizer, how):
    """(ids, which of them are learnt) of each row."""
    length, end, pad, special = how['length'], how['end'], how['pad'], set(how['special'])
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False)
    learns_padding = how['padding'] == 'learnt'
    if how['rows'] == 'chats':
        for each in texts:
            asked = encode(tokenizer.apply_chat_template(each['messages'][:-1], tokenize=False, add_generation_prompt=True))
            row = encode(tokenizer.apply_chat_template(each['messages'], tokenize=False))[:length]
            if len(asked) >= length:
                continue
            learnt = [False] * len(asked) + [True] * (len(row) - len(asked)) + [learns_padding] * (length - len(row))
            yield row + [pad] * (length - len(row)), learnt
        return
    if how['rows'] == 'documents':
        for each in texts:
            row = encode(each['text'])[: length] + [end]
            row += [end] * (-len(row) % how['block'])
            row = row[:length]
            ended = len(row)
            row += [pad] * (length - ended)
            yield row, [(i not in special or i in (end, pad)) and (learns_padding or at < ended) for at, i in enumerate(row)]
        return
    ids = []
    for each in texts:
        if how['rows'] == 'lines':
            for line in each['text'].split('\n'):
                if line.strip():
                    ids += encode(line + '\n')
        else:
            ids += encode(each['text'])
    if len(ids) < length:
        yield ids + [pad] * (length - len(ids)), [i not in special for i in ids] + [False] * (length - len(ids))
    for at in range(0, len(ids) - length + 1, length):
        row = ids[at : at + length]
        yield row, [i not in special for i in row]


if __name__ == '__main__':
    main()
