"""A BERT that learns masked diffusion, written to be fast on one thread of a processor with bf16 units, and as fast as any on a card.

What makes it fast: weights live in bf16 and are views of one flat buffer, so that the optimiser (f32 masters, also flat) is a handful of
long vector operations; activations stay bf16 between matrix products, with no copies in f32; attention is two batched products instead of
the fused kernel, which on processors is slower for heads of 32; and the decoder over the vocabulary sees only the masked slots, a few hundred
at a time, and makes its own gradient while the logits are still in the cache.
"""
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F


@dataclass
class Shape:
    vocabulary: int
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536
    positions: int = 512
    eps: float = 1e-12


def parameters(s: Shape) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter, in the order in which they lie in the flat buffer. Names are those of Hugging Face's BERT, except
    that query, key and value are one matrix."""
    h, out = s.width, {}
    out['bert.embeddings.word_embeddings.weight'] = (s.vocabulary, h)
    out['bert.embeddings.position_embeddings.weight'] = (s.positions, h)
    for end in ('weight', 'bias'):
        out[f'bert.embeddings.LayerNorm.{end}'] = (h,)
    for i in range(s.layers):
        at = f'bert.encoder.layer.{i}.'
        for name, (n, m) in {
            'attention.self.qkv': (3 * h, h),
            'attention.output.dense': (h, h),
            'intermediate.dense': (s.inner, h),
            'output.dense': (h, s.inner),
        }.items():
            out[at + name + '.weight'], out[at + name + '.bias'] = (n, m), (n,)
        for name in ('attention.output.LayerNorm', 'output.LayerNorm'):
            out[at + name + '.weight'] = out[at + name + '.bias'] = (h,)
    top = 'cls.predictions.'
    out[top + 'transform.dense.weight'], out[top + 'transform.dense.bias'] = (h, h), (h,)
    out[top + 'transform.LayerNorm.weight'] = out[top + 'transform.LayerNorm.bias'] = (h,)
    out[top + 'bias'] = (s.vocabulary,)
    return out


def views(flat: torch.Tensor, shapes: dict[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """The parameters as views of the flat buffer."""
    out, at = {}, 0
    for name, shape in shapes.items():
        n = math.prod(shape)
        out[name] = flat[at : at + n].view(shape)
        at += n
    return out


class Attention(torch.autograd.Function):
    """Softmax attention in which every slot sees every slot. q, k, v: [rows * heads, length, size of a head], q already scaled."""

    @staticmethod
    def forward(ctx, q, k, v):
        p = torch.softmax(torch.bmm(q, k.transpose(1, 2)), -1)
        ctx.save_for_backward(q, k, v, p)
        return torch.bmm(p, v)

    @staticmethod
    def backward(ctx, g):
        q, k, v, p = ctx.saved_tensors
        d = torch._softmax_backward_data(torch.bmm(g, v.transpose(1, 2)), p, -1, p.dtype)
        return torch.bmm(d, k), torch.bmm(d.transpose(1, 2), q), torch.bmm(p.transpose(1, 2), g)


class MaskedLoss(torch.autograd.Function):
    """Weighted cross-entropy of logits x Eᵀ + bias without ever holding all logits: [n, vocabulary] is made, used and thrown away in pieces.
    Returns the sum of weight × nats; the gradients are made on the way, since the sum is what training differentiates."""

    @staticmethod
    def forward(ctx, x, table, bias, target, weight, piece=512):
        total, dx = 0.0, torch.empty_like(x)
        dtable, dbias = torch.zeros_like(table, dtype=torch.float32), torch.zeros_like(bias, dtype=torch.float32)
        for i in range(0, len(x), piece):
            h, y, w = x[i : i + piece], target[i : i + piece, None], weight[i : i + piece, None]
            p = torch.addmm(bias, h, table.t()).float()
            top = p.gather(1, y)
            z = p.logsumexp(1, keepdim=True)
            total += ((z - top) * w).sum().item()
            p.sub_(z).exp_().scatter_add_(1, y, -torch.ones_like(w))
            d = p.mul_(w).to(x.dtype)
            dx[i : i + piece] = d @ table
            dtable += d.t() @ h
            dbias += d.sum(0, dtype=torch.float32)
        ctx.save_for_backward(dx, dtable.to(table.dtype), dbias.to(bias.dtype))
        return x.new_tensor(total, dtype=torch.float32)

    @staticmethod
    def backward(ctx, g):
        return *(t * g.to(t.dtype) for t in ctx.saved_tensors), None, None, None


def encode(p: dict[str, torch.Tensor], s: Shape, ids: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Hidden states [n, width] of the slots in index (flat, into rows × length) of ids [rows, length]. What the last layer does after its
    attention is done for these slots only."""
    rows, length = ids.shape
    size = s.width // s.heads
    norm = lambda x, name: F.layer_norm(x, (s.width,), p[name + '.weight'], p[name + '.bias'], s.eps)
    linear = lambda x, name: F.linear(x, p[name + '.weight'], p[name + '.bias'])
    at = 'bert.embeddings.'
    x = F.embedding(ids, p[at + 'word_embeddings.weight']) + p[at + 'position_embeddings.weight'][:length]
    x = norm(x, at + 'LayerNorm').flatten(0, 1)
    for i in range(s.layers):
        at = f'bert.encoder.layer.{i}.'
        q, k, v = linear(x, at + 'attention.self.qkv').view(rows, length, 3, s.heads, size).permute(2, 0, 3, 1, 4).reshape(3, -1, length, size)
        seen = Attention.apply(q * size**-0.5, k, v).view(rows, s.heads, length, size).transpose(1, 2).reshape(-1, s.width)
        if i == s.layers - 1:
            x, seen = x[index], seen[index]
        x = norm(x + linear(seen, at + 'attention.output.dense'), at + 'attention.output.LayerNorm')
        x = norm(x + linear(F.gelu(linear(x, at + 'intermediate.dense')), at + 'output.dense'), at + 'output.LayerNorm')
    return x


def transform(p, s: Shape, x):
    """The head before the decoder."""
    at = 'cls.predictions.transform.'
    x = F.gelu(F.linear(x, p[at + 'dense.weight'], p[at + 'dense.bias']))
    return F.layer_norm(x, (s.width,), p[at + 'LayerNorm.weight'], p[at + 'LayerNorm.bias'], s.eps)


def logits(p, s: Shape, x):
    """[n, vocabulary] in f32, of hidden states [n, width]."""
    table = p['bert.embeddings.word_embeddings.weight']
    return F.linear(transform(p, s, x), table).float() + p['cls.predictions.bias'].float()


def loss(p, s: Shape, ids, index, target, weight):
    """Sum of weight × nats over the slots in index (flat, into rows × length)."""
    x = transform(p, s, encode(p, s, ids, index))
    return MaskedLoss.apply(x, p['bert.embeddings.word_embeddings.weight'], p['cls.predictions.bias'], target, weight)
