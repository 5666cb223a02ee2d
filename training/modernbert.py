"""A ModernBERT that edits (Edit Flows, arXiv 2506.09018; dLLM's EditFlowModernBertModel): the encoder, beside its decoder a second one for what
comes after a token, and the three rates. In bf16, as fast on one thread as model.py, whose attention and loss it shares."""
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from mistakes import INSERT, SUBSTITUTE
from model import Attention, MaskedLoss


@dataclass
class Shape:
    vocabulary: int
    width: int = 192
    layers: int = 6
    heads: int = 3
    inner: int = 384
    window: int = 64
    theta: tuple[float, float] = (160_000.0, 10_000.0)
    every: int = 3
    eps: float = 1e-5


def parameters(s: Shape) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter, in the order in which they lie in the flat buffer."""
    h, out = s.width, {'model.embeddings.tok_embeddings.weight': (s.vocabulary, s.width), 'model.embeddings.norm.weight': (s.width,)}
    for i in range(s.layers):
        at = f'model.layers.{i}.'
        if i:
            out[at + 'attn_norm.weight'] = (h,)
        out |= {at + 'attn.Wqkv.weight': (3 * h, h), at + 'attn.Wo.weight': (h, h), at + 'mlp_norm.weight': (h,)}
        out |= {at + 'mlp.Wi.weight': (2 * s.inner, h), at + 'mlp.Wo.weight': (h, s.inner)}
    out |= {'head.dense.weight': (h, h), 'head.norm.weight': (h,)}
    for name in ('sub_logits', 'ins_logits'):
        out |= {name + '.weight': (s.vocabulary, h), name + '.bias': (s.vocabulary,)}
    return out | {'rate_heads.0.weight': (3, h), 'rate_heads.0.bias': (3,)}


class Windowed(torch.autograd.Function):
    """Softmax attention of slots that see those within a window only. q, k, v: [rows * heads, length, size of a head], q already scaled."""

    @staticmethod
    def forward(ctx, q, k, v, hidden):
        p = torch.softmax(torch.bmm(q, k.transpose(1, 2)).masked_fill_(hidden, -1e9), -1)
        ctx.save_for_backward(q, k, v, p)
        return torch.bmm(p, v)

    @staticmethod
    def backward(ctx, g):
        return *Attention.backward(ctx, g), None


def turned(x: torch.Tensor, theta: float) -> torch.Tensor:
    """Rotary positions: dimension j turns with j + half."""
    length, size = x.shape[-2:]
    angle = torch.arange(length)[:, None] * theta ** (-torch.arange(0, size, 2) / size)
    cos, sin = (torch.cat([f(angle)] * 2, 1).to(x.device, x.dtype) for f in (torch.cos, torch.sin))
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


def encode(p: dict[str, torch.Tensor], s: Shape, ids: torch.Tensor) -> torch.Tensor:
    """What the heads read, [rows · length, width], of ids [rows, length]. As dLLM has it, without the last norm of the encoder."""
    rows, length = ids.shape
    size = s.width // s.heads
    norm = lambda x, name: F.layer_norm(x, (s.width,), p[name + '.weight'], None, s.eps)
    x = norm(F.embedding(ids, p['model.embeddings.tok_embeddings.weight']), 'model.embeddings.norm').flatten(0, 1)
    far = None
    if length > s.window + 1:
        place = torch.arange(length, device=ids.device)
        far = (place[:, None] - place).abs() > s.window
    for i in range(s.layers):
        at = f'model.layers.{i}.'
        local = i % s.every != 0
        seen = norm(x, at + 'attn_norm') if i else x
        qkv = F.linear(seen, p[at + 'attn.Wqkv.weight']).view(rows, length, 3, s.heads, size).permute(2, 0, 3, 1, 4).reshape(3, -1, length, size)
        q, k = turned(qkv[:2], s.theta[local])
        q = q * size**-0.5
        heads = Windowed.apply(q, k, qkv[2], far) if local and far is not None else Attention.apply(q, k, qkv[2])
        x = x + F.linear(heads.view(rows, s.heads, length, size).transpose(1, 2).reshape(-1, s.width), p[at + 'attn.Wo.weight'])
        a, b = F.linear(norm(x, at + 'mlp_norm'), p[at + 'mlp.Wi.weight']).chunk(2, -1)
        x = x + F.linear(F.gelu(a) * b, p[at + 'mlp.Wo.weight'])
    return norm(F.gelu(F.linear(x, p['head.dense.weight'])), 'head.norm')


def rates(p, h):
    """[n, (substitution, removal, insertion)] in f32, of rows [n, width]: how many edits are expected."""
    return F.softplus(F.linear(h, p['rate_heads.0.weight']).float() + p['rate_heads.0.bias'].float())


def logits(p, h, name: str):
    return F.linear(h, p[name + '.weight']).float() + p[name + '.bias'].float()


def loss(p, s: Shape, ids, edits, of, weights):
    """Σ_texts w (Σ rates − Σ_edits log(rate · p(token))): dLLM's Edit Flow loss. ids [rows, length]; edits [n, (kind, flat slot, id)], which weigh
    `of` [n]; `weights` [rows] of the rates."""
    h = encode(p, s, ids)
    rate = rates(p, h)
    total = (rate.view(*ids.shape, 3).sum((1, 2)) * weights).sum()
    total = total - (rate[edits[:, 1], edits[:, 0]].clamp_min(1e-12).log() * of).sum()
    for kind, name in ((SUBSTITUTE, 'sub_logits'), (INSERT, 'ins_logits')):
        chosen = edits[:, 0] == kind
        if chosen.any():
            slot, token = edits[chosen, 1], edits[chosen, 2]
            total = total + MaskedLoss.apply(h[slot], p[name + '.weight'], p[name + '.bias'], token, of[chosen])
    return total


@torch.no_grad()
def repair(p, s: Shape, texts: list[list[int]], never: list[int], above: float = 0.5, rounds: int = 10) -> list[list[int]]:
    """Every edit that is expected more than `above` times, until there is none, as src/diffusion/edit-flow/repair.ts does it."""
    texts = [list(t) for t in texts]
    for i, ids in enumerate(texts):
        for _ in range(rounds):
            h = encode(p, s, torch.tensor([ids]))
            rate = rates(p, h).tolist()
            tokens = []
            for name in ('sub_logits', 'ins_logits'):
                scores = logits(p, h, name)
                scores[:, never] = -torch.inf
                tokens.append(scores.argmax(1).tolist())
            out = []
            for slot, own in enumerate(ids):
                substitute, remove, insert = rate[slot]
                if slot == 0 or max(substitute, remove) <= above:
                    out.append(own)
                elif substitute >= remove:
                    out.append(tokens[0][slot])
                if insert > above:
                    out.append(tokens[1][slot])
            if out == ids:
                break
            ids = out
        texts[i] = ids
    return texts


