"""How good a model is: the held-out bound, and what it writes."""

import json
import math
import re

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

import model as network
from chats import Chats, prompt
from data import MASK, PAD, SEP, Texts
from model import Shape
from questions import questions, sound


def open_bert(folder: str) -> tuple[dict[str, torch.Tensor], Shape]:
    """Weights in f32 under the names of model.py, eight bits multiplied out, query, key and value as one matrix."""
    c = json.load(open(f'{folder}/config.json'))
    shape = Shape(c['vocab_size'], c['hidden_size'], c['num_hidden_layers'], c['num_attention_heads'], c['intermediate_size'], c['max_position_embeddings'], c['layer_norm_eps'])
    have = load_file(f'{folder}/model.safetensors')
    full = {k: v.float() * (have[f'{k}.scales'].float()[:, None] if f'{k}.scales' in have else 1) for k, v in have.items() if not k.endswith('.scales')}
    words = 'bert.embeddings.word_embeddings.weight'
    full[words] = full[words] + full['bert.embeddings.token_type_embeddings.weight'][0]
    for i in range(shape.layers):
        at = f'bert.encoder.layer.{i}.attention.self.'
        for end in ('weight', 'bias'):
            full[f'{at}qkv.{end}'] = torch.cat([full[f'{at}{n}.{end}'] for n in ('query', 'key', 'value')])
    return {k: full[k] for k in network.parameters(shape)}, shape


@torch.no_grad()
def bound(p, shape: Shape, texts: Texts, windows: int = 96, draws: int = 4) -> tuple[float, float]:
    """Upper bound of the negative log-likelihood of held-out windows of 128, in nats a token and bits a character: of k masked slots, k spread
    evenly over 1 to 128, each counts 128/k (the exact-count form of MDLM's bound)."""
    device = next(iter(p.values())).device
    rows, rng, total = texts.held_out_windows(128, windows), np.random.default_rng(0), 0.0
    for at in range(0, len(rows), 16):
        part = rows[at : at + 16]
        for draw in range(draws):
            k = 1 + np.floor((draw + rng.random(len(part))) / draws * 128).astype(int)
            masked = rng.random(part.shape).argsort(1).argsort(1) < k[:, None]
            index = np.flatnonzero(masked)
            ids = torch.from_numpy(np.where(masked, MASK, part)).to(device)
            hidden = network.encode(p, shape, ids, torch.from_numpy(index).to(device))
            nats = torch.nn.functional.cross_entropy(network.logits(p, shape, hidden), torch.from_numpy(part.ravel()[index]).to(device), reduction='none')
            total += (nats.cpu().numpy() / k[index // 128]).sum() / draws
    letters = sum(len(texts.tokenizer.decode(list(r))) for r in rows)
    return total / len(rows), total * 128 / letters / math.log(2)


@torch.no_grad()
def sample(p, shape: Shape, tokenizer: Tokenizer, prompt: str, length: int = 64, temperature: float = 0.8, seed: int = 7) -> str:
    """One token a pass: every slot draws, the surest keeps what it drew."""
    device = next(iter(p.values())).device
    chance = torch.Generator().manual_seed(seed)
    x = torch.tensor(tokenizer.encode(prompt, add_special_tokens=False).ids + [MASK] * length)
    begin = len(x) - length
    for _ in range(length):
        at = (x == MASK).nonzero()[:, 0]
        scores = network.logits(p, shape, network.encode(p, shape, x[None].to(device), at.to(device))).cpu()
        scores[:, MASK] = -math.inf
        drawn = torch.multinomial((scores / temperature).softmax(-1), 1, generator=chance)
        best = scores.softmax(-1).gather(1, drawn)[:, 0].argmax()
        x[at[best]] = drawn[best, 0]
    ids = x[begin:].tolist()
    return tokenizer.decode(ids[: next((i for i, t in enumerate(ids) if t in (PAD, SEP)), length)])


@torch.no_grad()
def answer_nats(p, shape: Shape, chats: Chats, most: int = 512) -> float:
    """Of held-out answers, half of each masked: nats a token."""
    device = next(iter(p.values())).device
    rng, total, count = np.random.default_rng(0), 0.0, 0
    for i in rng.permutation(len(chats.hidden))[:most]:
        ids, of_answer = chats.hidden[i]
        index = np.flatnonzero(of_answer & (rng.random(len(ids)) < 0.5))
        if not len(index):
            continue
        row = torch.from_numpy(ids.copy())
        row[index] = MASK
        scores = network.logits(p, shape, network.encode(p, shape, row[None].to(device), torch.from_numpy(index).to(device)))
        total += torch.nn.functional.cross_entropy(scores, torch.from_numpy(ids[index]).to(device), reduction='sum').item()
        count += len(index)
    return total / count


@torch.no_grad()
def reply(p, shape: Shape, tokenizer: Tokenizer, begin: list[int], length: int = 48, block: int = 16) -> str:
    """What follows the tokens of a prompt: the likeliest token of the surest slot of the block a pass, until the answer has ended. As the
    page does with its defaults for tiny-chat."""
    device = next(iter(p.values())).device
    x, text = torch.tensor(begin + [MASK] * length), ''
    for _ in range(length):
        at = (x == MASK).nonzero()[:, 0]
        at = at[at < len(begin) + ((at[0] - len(begin)) // block + 1) * block]
        scores = network.logits(p, shape, network.encode(p, shape, x[None].to(device), at.to(device))).cpu()
        scores[:, MASK] = -math.inf
        sure, best = scores.softmax(-1).max(1)
        slot = sure.argmax()
        x[at[slot]] = best[slot]
        text = tokenizer.decode(x[len(begin) :].tolist(), skip_special_tokens=False)
        end = min((text.find(m) for m in ('[PAD]', '[/Answer]') if m in text), default=-1)
        if end >= 0 and '[MASK]' not in text[:end]:
            break
    return text.split('[PAD]')[0].split('[/Answer]')[0].strip()


def answer(p, shape: Shape, tokenizer: Tokenizer, asks: list[str], **settings) -> str:
    """The last answer of a conversation in which `asks` is asked in turn."""
    turns = []
    for ask in asks:
        turns.append(ask)
        turns.append(reply(p, shape, tokenizer, tokenizer.encode(prompt(turns), add_special_tokens=False).ids, **settings))
    return turns[-1]


def word_for_word(p, shape: Shape, tokenizer: Tokenizer, chats: Chats, most: int = 200, **settings) -> float:
    """The share of held-out conversations whose first answer is written as it stands there."""
    right = 0
    chosen = np.random.default_rng(1).permutation(len(chats.hidden))[:most]
    for ids, of_answer in (chats.hidden[i] for i in chosen):
        begin = int(of_answer.argmax())
        end = begin + int((~of_answer[begin:]).argmax()) if not of_answer[begin:].all() else len(ids)
        meant = tokenizer.decode(ids[begin:end].tolist(), skip_special_tokens=False).split('[/Answer]')[0].strip()
        right += reply(p, shape, tokenizer, ids[:begin].tolist(), **settings) == meant
    return right / len(chosen)


def judged(p, shape: Shape, tokenizer: Tokenizer, taught: set[str], **settings) -> list[dict]:
    """All questions of questions.jsonl with their answers, none left out, and whether each fits: matches the rule that stands beside it, and
    is whole sentences of words of `taught`."""
    out = []
    for question in questions():
        text = answer(p, shape, tokenizer, question['ask'], **settings)
        fits = re.search(question['fits'], text, re.I | re.S) is not None and sound(text, taught, question['ask'])
        out.append({'kind': question['kind'], 'ask': question['ask'], 'answer': text, 'fits': fits})
    return out
