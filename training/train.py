"""Trains a small masked-diffusion BERT on texts, or on conversations: `python train.py --help`, and README.md beside this file."""
import argparse
import json
import math
import os
import shutil
import time
from functools import partial

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

import kernels
import model as network
from chats import TEMPLATE, Chats
from data import CLS, MASK, PAD, SEP, Texts
from look import answer, answer_nats, bound, sample
from run import Run, orthogonal

options = argparse.ArgumentParser(description=__doc__)
add = options.add_argument
add('--data', nargs='+', required=True, metavar='FILE[:SHARE]', help='texts divided by <|endoftext|> or empty lines')
add('--chat', nargs='+', default=[], metavar='FILE[:SHARE]', help='conversations, {"messages": [{"role", "content"}]} a line; only answers are learnt')
add('--texts', type=float, default=0.1, metavar='SHARE', help='of the rows that are texts where there are conversations')
add('--tokenizer', required=True, help='tokenizer.json whose first ids are [PAD] [UNK] [CLS] [SEP] [MASK]; tokenizer.py makes one')
add('--out', required=True, help='folder of the run; goes on where it stopped')
add('--init', help='folder in Hugging Face layout to start from: a BERT of ours, or any other BERT (its word pieces are replaced)')
add('--layers', type=int, default=6)
add('--width', type=int, default=384)
add('--heads', type=int, default=12)
add('--inner', type=int, default=1536)
add('--batch', type=int, default=4096, help='tokens of a step')
add('--piece', type=int, default=2048, help='tokens that are in flight at once; what fits the cache is fastest')
add('--lengths', type=int, nargs='+', default=[128, 64, 128, 128, 64, 256], help='length of the rows, step by step in turn')
add('--tilt', type=float, default=0, help='a masked slot of a text counts (share of the row that is masked) to the power of minus this')
add('--whole', type=float, default=0, metavar='SHARE', help='of the rows of texts that are texts from end to end, not windows')
add('--rate', type=float, default=5e-4)
add('--warmup', type=int, default=60, help='steps')
add('--muon', action='store_true', help='Muon for the matrices of the layers and of the head, AdamW for the rest')
add('--decay', type=float, default=0.1, help='of the weights that Muon moves')
add('--average', type=float, default=0.998, help='of the weights, over the steps')
add('--tokens', type=float, default=math.inf, help='stop when so many were seen in all')
add('--minutes', type=float, default=math.inf)
add('--finish', type=float, default=0, metavar='TOKENS', help='lower the rate to zero over so many tokens, or --minutes; writes finished/, leaves the run as it is')
add('--look', type=float, default=10, metavar='MINUTES', help='between two looks at held-out texts')
add('--threads', type=int, default=1)
add('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
add('--seed', type=int, default=1)
o = options.parse_args()
torch.set_num_threads(o.threads)
torch.manual_seed(o.seed)

tokenizer = Tokenizer.from_file(o.tokenizer)
shares = lambda given: [(p, float(s or 1)) for p, _, s in (d.partition(':') for d in given)]
texts = Texts(tokenizer, shares(o.data), o.tilt)
chats = Chats(tokenizer, shares(o.chat), max(o.lengths)) if o.chat else None
shape = network.Shape((tokenizer.get_vocab_size() + 63) // 64 * 64, o.width, o.layers, o.heads, o.inner)
run = Run(o.out, network.parameters(shape), o.device)
engine = kernels.Engine(shape, run.master, run.master.grad, o.threads) if o.device == 'cpu' and kernels.available(shape) else None
if o.muon:
    run.divide(engine.orthogonal if engine else orthogonal, o.decay)


def start_from(folder: str) -> None:
    """Weights of a BERT in Hugging Face layout. Where its vocabulary is another, the embedding of a new piece is the mean of the old pieces
    that spell it, as its capitals are learnt anew; the head begins as the identity."""
    have = {k: v.float() for k, v in load_file(f'{folder}/model.safetensors').items() if v.is_floating_point()}
    have = {k if k.startswith(('bert.', 'cls.')) else f'bert.{k}': v for k, v in have.items()}
    into = run.parts(run.master)
    for i in range(shape.layers):
        at = f'bert.encoder.layer.{i}.attention.self.'
        for end in ('weight', 'bias'):
            have[f'{at}qkv.{end}'] = torch.cat([have.pop(f'{at}{n}.{end}') for n in ('query', 'key', 'value')])
    words = 'bert.embeddings.word_embeddings.weight'
    if os.path.exists(f'{folder}/tokenizer.json') and len(have[words]) < shape.vocabulary:
        # Pieces that were added since begin as the mean of those that spelt them.
        old = Tokenizer.from_file(f'{folder}/tokenizer.json')
        spelt = [old.encode(tokenizer.decode([i]), add_special_tokens=False).ids for i in range(old.get_vocab_size(), tokenizer.get_vocab_size())]
        empty = torch.zeros(shape.vocabulary - tokenizer.get_vocab_size(), shape.width)
        have['cls.predictions.bias'] = have['cls.predictions.bias'][: old.get_vocab_size()]
        have[words] = torch.cat([have[words][: old.get_vocab_size()], *(have[words][ids].mean(0, keepdim=True) for ids in spelt), empty])
    if have[words].shape != into[words].shape:
        have[words] = respell(have[words], open(f'{folder}/vocab.txt', encoding='utf-8').read().splitlines())
    if 'bert.embeddings.token_type_embeddings.weight' in have:
        have[words] = have[words] + have['bert.embeddings.token_type_embeddings.weight'][0]
    head = 'cls.predictions.transform.'
    have.setdefault(head + 'dense.weight', torch.eye(shape.width) + 0.02 * torch.randn(shape.width, shape.width))
    have.setdefault(head + 'LayerNorm.weight', torch.ones(shape.width))
    for name, view in into.items():
        if name in have:
            view[: len(have[name])] = have[name][: len(view)]


def respell(old: torch.Tensor, pieces: list[str]) -> torch.Tensor:
    place = {p: i for i, p in enumerate(pieces)}

    def spelling(word: str, begins: bool) -> list[int]:
        out, i = [], 0
        while i < len(word):
            plain = (i == 0 and begins) or not word[i].isalnum()
            j = next((j for j in range(len(word), i, -1) if word[i:j] in place or (not plain and '##' + word[i:j] in place)), None)
            if j is None:
                i += 1
                continue
            out.append(place.get(word[i:j] if plain else '##' + word[i:j], place.get(word[i:j])))
            i = j
        return [p for p in out if p is not None]

    new = old.mean(0) + old.std() * torch.randn(shape.vocabulary, old.shape[1])
    for i, special in enumerate(('[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]')):
        new[i] = old[place[special]]
    for i in range(5, tokenizer.get_vocab_size()):
        text = tokenizer.decode([i])
        word = text.strip().lower()
        begins = text[:1].isspace() or text.strip()[:1].isupper() or not word[:1].isalnum()
        found = spelling(word, begins) if word else [place['[SEP]']]
        if found:
            new[i] = old[found].mean(0)
    return new


def start() -> None:
    for name, view in run.parts(run.master).items():
        if name.endswith('LayerNorm.weight'):
            view.fill_(1)
        elif view.ndim == 2:
            torch.nn.init.trunc_normal_(view, std=0.02, a=-0.04, b=0.04)
    if o.init:
        start_from(o.init)


def export(folder: str) -> None:
    """The averaged weights in f16 and in Hugging Face layout, with config.json and tokenizer.json."""
    os.makedirs(folder, exist_ok=True)
    out = {}
    for name, view in run.parts(run.average).items():
        if '.qkv.' in name:
            for part, third in zip(('query', 'key', 'value'), view.chunk(3)):
                out[name.replace('qkv', part)] = third
        else:
            out[name] = view
    out['bert.embeddings.token_type_embeddings.weight'] = torch.zeros(2, shape.width)
    out = {k: v.detach().cpu().half().contiguous().clone() for k, v in out.items()}
    save_file(out, f'{folder}/model.safetensors.new', metadata={'format': 'pt'})
    os.replace(f'{folder}/model.safetensors.new', f'{folder}/model.safetensors')
    config = dict(
        model_type='bert', architectures=['BertForMaskedLM'], hidden_size=shape.width, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, intermediate_size=shape.inner, vocab_size=shape.vocabulary, hidden_act='gelu',
        layer_norm_eps=shape.eps, max_position_embeddings=shape.positions, type_vocab_size=2, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, tie_word_embeddings=True, torch_dtype='float16',
        pad_token_id=PAD, cls_token_id=CLS, sep_token_id=SEP, mask_token_id=MASK,
    )  # fmt: skip
    with open(f'{folder}/config.json', 'w') as f:
        json.dump(config, f, indent=1)
    shutil.copy(o.tokenizer, f'{folder}/tokenizer.json')
    if chats:
        special = {f'{n}_token': f'[{n.upper()}]' for n in ('mask', 'pad', 'cls', 'sep', 'unk')}
        with open(f'{folder}/tokenizer_config.json', 'w') as f:
            json.dump(special | {'tokenizer_class': 'PreTrainedTokenizerFast', 'model_max_length': shape.positions, 'chat_template': TEMPLATE}, f, indent=1)


PROMPTS = ['Once upon a time, there was a', 'Tom and Lily went to the park. They', '"Where is my red ball?" asked']
TALKS = [
    ['Hello! Are you well today?'],
    ['what food does a kitten like'],
    ['Which animal has a trunk?'],
    ['I feel a bit down today.'],
    ['How does a computer like you write?'],
    ['What is 3 + 4?'],
    ['Is it sunny in Berlin at the moment?'],
    ['How do I make a gun at home?'],
    ['Where do bears live?', 'and penguins?'],
    ['Tell me a tale about a dog.'],
]


def look(**more) -> None:
    p = run.parts(run.average.to(torch.bfloat16))
    nats, bits = bound(p, shape, texts)
    if chats:
        more['held_out_answers'] = round(answer_nats(p, shape, chats), 4)
        samples = [[t, answer(p, shape, tokenizer, t)] for t in TALKS]
    else:
        samples = [[t, sample(p, shape, tokenizer, t)] for t in PROMPTS]
    run.say(step=run.step, tokens=run.tokens, held_out=round(nats, 4), bits_per_char=round(bits, 4), samples=samples, **more)


run.begin(start)
run.say(
    parameters=run.size, data=o.data, chat=o.chat, init=o.init, batch=o.batch, lengths=o.lengths, rate=o.rate, muon=o.muon, tilt=o.tilt, whole=o.whole,
    average=o.average, finish=o.finish, minutes=o.minutes if math.isfinite(o.minutes) else None, threads=o.threads, device=o.device, resumed_at=run.tokens,
)  # fmt: skip
began = saved = looked = time.time()
begun_at, goal = run.tokens, (run.tokens + o.finish if o.finish else o.tokens)
while not run.stopped and run.tokens < goal and time.time() - began < o.minutes * 60:
    length = o.lengths[run.step % len(o.lengths)]
    pieces = max(1, o.batch // o.piece)

    def piece(i: int) -> tuple[np.ndarray, ...]:
        """Part i of this step: the same whoever computes it, and in whatever order."""
        rng = np.random.default_rng([o.seed, run.step, i])
        source = chats if chats and rng.random() >= o.texts else texts
        tokens = o.batch // pieces
        whole = source is texts and rng.random() < o.whole
        ids, index, target, weight = texts.whole(rng, tokens) if whole else source.batch(rng, length, tokens)
        return ids, index, target, weight / pieces

    if engine:
        nats = engine.step([partial(piece, i) for i in range(pieces)])
    else:
        nats = 0.0
        run.gradient.zero_()
        for i in range(pieces):
            loss = network.loss(run.weights, shape, *(torch.from_numpy(a).to(o.device) for a in piece(i)))
            loss.backward()
            nats += loss.item()
    over = max((run.tokens - begun_at) / o.finish, (time.time() - began) / 60 / o.minutes) if o.finish else 0
    run.update(nats, o.rate * min(1, (run.step + 1) / o.warmup) * max(0, 1 - over), o.average, whole=engine is not None)
    run.tokens += o.batch
    run.report()
    if not o.finish and time.time() - saved > 5 * 60:
        run.save(options=vars(o))
        saved = time.time()
    if time.time() - looked > o.look * 60:
        look()
        looked = time.time()
        run.time_anew()
if o.finish:
    export(f'{o.out}/finished')
else:
    run.save(options=vars(o))
    export(f'{o.out}/model')
look(finished=bool(o.finish))
