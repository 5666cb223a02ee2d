"""Learns a byte-level BPE from texts: `python tokenizer.py --data FILE… --size 8192 --out tokenizer.json`."""
import argparse

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from data import held_out, read

options = argparse.ArgumentParser(description=__doc__)
options.add_argument('--data', nargs='+', required=True)
options.add_argument('--size', type=int, default=8192)
options.add_argument('--out', required=True)
o = options.parse_args()
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
