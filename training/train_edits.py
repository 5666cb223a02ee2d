"""Trains a small network that repairs texts (Edit Flows): `python train_edits.py --help`, and README.md beside this file."""
import argparse
import json
import math
import os
import time

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

import modernbert as network
from data import CLS, MASK, PAD, SEP, UNK
from mistakes import KINDS, Repairs, question, with_mistakes
from run import Run

options = argparse.ArgumentParser(description=__doc__)
add = options.add_argument
add('--data', nargs='+', required=True, help='texts divided by <|endoftext|> or empty lines')
add('--init', required=True, help='a ModernBERT of ours in Hugging Face layout, with its tokenizer.json')
add('--vocabulary', type=int, help='so many pieces of its tokenizer are kept, those that were learnt first; default all')
add('--out', required=True, help='folder of the run; goes on where it stopped')
add('--batch', type=int, default=2048, help='tokens of a step')
add('--piece', type=int, default=1024, help='tokens that are in flight at once')
add('--longest', type=int, default=200, help='characters of a text')
add('--mistakes', type=float, default=0.12, help='mean share of words with a mistake')
add('--alone', type=float, nargs=4, default=(0.1, 0.1, 0.1, 0.1), metavar='SHARE', help='of texts whose mistakes are all of one kind: typos, drop, double, order')
add('--begin', type=float, default=0.5, help='share of texts at time 0, where no mistake is mended yet')
add('--most-weight', type=float, default=4, help='of a time; dLLM has 20')
add('--rate', type=float, default=1e-3)
add('--warmup', type=int, default=200, help='steps')
add('--average', type=float, default=0.998, help='of the weights, over the steps')
add('--minutes', type=float, default=math.inf, help='of this call')
add('--fall', type=float, default=1.0, help='share of these minutes over which the rate falls to zero')
add('--look', type=float, default=10, metavar='MINUTES', help='between two looks at held-out texts, each with an export')
add('--threads', type=int, default=1)
add('--seed', type=int, default=1)
o = options.parse_args()
os.environ['TOKENIZERS_PARALLELISM'] = 'false'
torch.set_num_threads(o.threads)
torch.manual_seed(o.seed)


def fewer_pieces(path: str, size: int) -> str:
    """The tokenizer with the pieces that were learnt first; ids stay, since a byte-level BPE numbers pieces as it learns them."""
    with open(path, encoding='utf-8') as f:
        words = json.load(f)
    model = words['model']
    joined = [m if isinstance(m, str) else ' '.join(m) for m in model['merges']]
    if size < len(model['vocab']):
        model['vocab'] = {piece: i for piece, i in model['vocab'].items() if i < size}
        joined = [m for m in joined if m.replace(' ', '', 1) in model['vocab']]
    model['merges'] = joined
    return json.dumps(words, ensure_ascii=False, separators=(',', ':'))


config = json.load(open(f'{o.init}/config.json'))
shape = network.Shape(
    o.vocabulary or config['vocab_size'], config['hidden_size'], config['num_hidden_layers'], config['num_attention_heads'], config['intermediate_size'],
    config['local_attention'] // 2, (config['global_rope_theta'], config['local_rope_theta']), config['global_attn_every_n_layers'], config['norm_eps'],
)  # fmt: skip
words = fewer_pieces(f'{o.init}/tokenizer.json', shape.vocabulary)
tokenizer = Tokenizer.from_str(words)
texts = Repairs(tokenizer, o.data, o.longest)
run = Run(o.out, network.parameters(shape))


def convert() -> None:
    """Substitutions and insertions begin as copies of the decoder, as dLLM converts a ModernBERT; rates begin small, since most tokens are right."""
    have = {k: v.float() for k, v in load_file(f'{o.init}/model.safetensors').items()}
    for name in ('sub_logits', 'ins_logits'):
        have |= {f'{name}.weight': have['model.embeddings.tok_embeddings.weight'], f'{name}.bias': have['decoder.bias']}
    for name, view in run.parts(run.master).items():
        if name == 'rate_heads.0.bias':
            view.fill_(-4)
        elif name.startswith('rate_heads'):
            view.uniform_(-(shape.width**-0.5), shape.width**-0.5)
        else:
            view.copy_(have[name][: len(view)])


def export(folder: str) -> None:
    """The averaged weights in f16, as the page exports a network that edits."""
    os.makedirs(folder, exist_ok=True)
    save_file({k: v.half().clone() for k, v in run.parts(run.average).items()}, f'{folder}/model.safetensors', metadata={'format': 'pt'})
    new = dict(model_type='editflow-modernbert', architectures=['EditFlowModernBertModel'], vocab_size=shape.vocabulary, tie_word_embeddings=False, torch_dtype='float16')
    with open(f'{folder}/config.json', 'w') as f:
        json.dump(config | new, f, indent=1)
    with open(f'{folder}/tokenizer.json', 'w', encoding='utf-8') as f:
        f.write(words)
    with open(f'{folder}/held-out.txt', 'w', encoding='utf-8') as f:
        f.write('\n<|endoftext|>\n'.join('\n'.join(t) for t in texts.hidden))


def distance(a: str, b: str) -> int:
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j - 1] + (x != y), above[j] + 1, row[-1] + 1))
        above = row
    return above[-1]


def look(count: int = 32, **more) -> None:
    """The loss of held-out texts, and how many of each kind of mistake come out right."""
    p = run.parts(run.average.to(torch.bfloat16))
    rng, total = np.random.default_rng(0), 0.0
    # Of the same mixture whatever is learnt, so that parts of a run can be compared.
    pairs = texts.pairs(rng, texts.hidden, 128, 0.12, (0.1, 0.1, 0.1, 0.1))
    with torch.no_grad():
        for moment in texts.moments(rng, pairs, o.begin, o.most_weight):
            total += network.loss(p, shape, *map(torch.from_numpy, question([moment]))).item()
    more['held_out'] = round(total / len(pairs), 4)
    for kind in KINDS:
        exact = before = after = touched = 0
        rng, samples = np.random.default_rng(1), []
        for _ in range(count):
            right = texts.stretch(rng, texts.hidden, 160)
            draws = rng.random((200, 5))
            given = with_mistakes(right, kind, 0.12, lambda i, k: draws[i, k])
            [made] = network.repair(p, shape, texts.encode([given]), [PAD, UNK, CLS, SEP, MASK])
            made = tokenizer.decode(made[1:])
            touched += given != right
            exact += given != right and made == right
            before += distance(given, right)
            after += distance(made, right)
            samples.append([given, made, right])
        more[kind] = dict(exact=exact, of=touched, before=before, after=after, samples=[s for s in samples if s[0] != s[2]][:3])
    run.say(step=run.step, tokens=run.tokens, **more)


run.begin(convert)
run.say(parameters=run.size, learnt=len(texts.learnt), hidden=len(texts.hidden), resumed_at=run.tokens, options=vars(o) | dict(minutes=None if math.isinf(o.minutes) else o.minutes))
began = looked = time.time()
first = run.step
source = texts.batches(np.random.default_rng([o.seed, run.step]), o.piece, o.mistakes, o.alone, o.begin, o.most_weight)
pieces = max(1, o.batch // o.piece)
while not run.stopped and time.time() - began < o.minutes * 60:
    run.gradient.zero_()
    loss_of_step = 0.0
    for _ in range(pieces):
        batch = [torch.from_numpy(a) for a in next(source)]
        run.tokens += batch[0].numel()
        loss = network.loss(run.weights, shape, batch[0], batch[1], batch[2] / pieces, batch[3] / pieces)
        loss.backward()
        loss_of_step += loss.item()
    over = (time.time() - began) / 60 / o.minutes
    rate = o.rate * min(1, (run.step - first + 1) / o.warmup) * min(1, max(0, 1 - over) / o.fall)
    norm = run.update(loss_of_step, rate, o.average)
    run.report(norm=round(norm.item(), 3))
    if time.time() - looked > o.look * 60:
        run.save()
        export(f'{o.out}/model')
        look()
        looked = time.time()
        run.time_anew()
run.save()
export(f'{o.out}/model')
look(finished=not run.stopped)
