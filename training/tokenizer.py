"""Learns a byte-level BPE from texts: `python tokenizer.py --data FILE… --size 8192 --out tokenizer.json`; or gives one the four marks of
the chat template as pieces of their own: `python tokenizer.py --chat tokenizer.json --out chat/tokenizer.json`. Otherwise they are eighteen of
the forty tokens of a question with its answer, which cost as much to learn and to read as words do."""
import argparse

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from chats import MARKS
from data import held_out, read

options = argparse.ArgumentParser(description=__doc__)
options.add_argument('--data', nargs='+')
options.add_argument('--chat', metavar='FILE', help='tokenizer.json that gets the marks')
options.add_argument('--size', type=int, default=8192)
options.add_argument('--out', required=True)
o = options.parse_args()
if o.chat:
    tokenizer = Tokenizer.from_file(o.chat)
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
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
