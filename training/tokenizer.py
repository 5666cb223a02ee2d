"""Learns a byte-level BPE from texts: `python tokenizer.py --data FILE… --size 8192 --out tokenizer.json`; or fits one to conversations:
`python tokenizer.py --base tokenizer.json --chat talk.jsonl --out chat/tokenizer.json`. That gives it the four marks of the chat template as
pieces of their own, which otherwise are eighteen of the forty tokens of a question with its answer and cost as much to learn and to read as
words do; and the words that are said often, whose halves a small model would have to fit together one by one."""
import argparse
import collections
import json

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from chats import MARKS
from data import held_out, read

options = argparse.ArgumentParser(description=__doc__)
options.add_argument('--data', nargs='+')
options.add_argument('--base', metavar='FILE', help='tokenizer.json that is fitted to conversations')
options.add_argument('--chat', metavar='FILE', help='the conversations')
options.add_argument('--often', type=int, default=30, help='how often a word is said that becomes a piece')
options.add_argument('--size', type=int, default=8192)
options.add_argument('--out', required=True)
o = options.parse_args()


def with_words(tokenizer: Tokenizer, path: str, often: int) -> Tokenizer:
    """With new merges, after all that it had, for the words that are said so often in the conversations of a file."""
    said = collections.Counter()
    for line in open(path, encoding='utf-8'):
        for message in json.loads(line)['messages']:
            said.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(message['content']))
    parts = json.loads(tokenizer.to_str())
    vocab, merges = parts['model']['vocab'], parts['model']['merges']
    vocab.update((mark, tokenizer.token_to_id(mark)) for mark in MARKS)  # as the special ones; else what is added moves behind the words
    end = tokenizer.get_vocab_size()
    for word, count in said.most_common():
        pieces = tokenizer.encode(tokenizer.decoder.decode([word]), add_special_tokens=False).tokens
        if count < often or len(pieces) < 2 or ''.join(pieces) != word or not any(c.isalpha() for c in word):
            continue
        for piece in pieces[1:]:
            merges.append([pieces[0], piece])
            pieces[0] += piece
            if pieces[0] not in vocab:
                vocab[pieces[0]] = end
                end += 1
        tokenizer = Tokenizer.from_str(json.dumps(parts))
    return tokenizer


if o.base:
    tokenizer = Tokenizer.from_file(o.base)
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
    tokenizer = with_words(tokenizer, o.chat, o.often)
else:
    tokenizer = Tokenizer(models.BPE(unk_token='[UNK]'))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=o.size,
        special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator((t for path in o.data for t in read(path) if not held_out(t)), trainer)
tokenizer.save(o.out)
print(f'{tokenizer.get_vocab_size()} pieces in {o.out}')
