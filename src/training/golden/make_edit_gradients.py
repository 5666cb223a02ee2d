"""Golden numbers of an edit network: answers, loss and gradients by PyTorch's autograd, in float64.

    python make_edit_gradients.py

An EditFlowModernBertModel as dLLM writes it (ZHZisZZ/dllm, dllm/pipelines/editflow/models/bert/modelling_modernbert.py),
written anew in plain PyTorch: the heads read head(hidden_states[-1]), the stream before final_norm. The loss is that of
EditFlowTrainer.compute_loss (trainer.py) for two texts of different lengths; the padding of the shorter is seen by nobody.
Weights are drawn in float32. Made with PyTorch 2.8 on a CPU.
"""
import json
import os

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'edits')
V, H, HEADS, LAYERS, INNER, WINDOW = 27, 16, 2, 4, 12, 8
torch.manual_seed(3)


def draw(*shape, gain=1.5):
    return torch.randn(*shape) * gain / shape[-1] ** 0.5


weights = {
    'model.embeddings.tok_embeddings.weight': draw(V, H),
    'model.embeddings.norm.weight': 1 + 0.2 * torch.randn(H),
    'model.final_norm.weight': 1 + 0.2 * torch.randn(H),
    'head.dense.weight': draw(H, H),
    'head.norm.weight': 1 + 0.2 * torch.randn(H),
    'decoder.bias': torch.zeros(V),
    'sub_logits.weight': draw(V, H),
    'sub_logits.bias': 0.3 * torch.randn(V),
    'ins_logits.weight': draw(V, H),
    'ins_logits.bias': 0.3 * torch.randn(V),
    'rate_heads.0.weight': draw(3, H),
    'rate_heads.0.bias': torch.randn(3),
}
for i in range(LAYERS):
    at = f'model.layers.{i}.'
    if i:
        weights[at + 'attn_norm.weight'] = 1 + 0.2 * torch.randn(H)
    weights |= {
        at + 'attn.Wqkv.weight': draw(3 * H, H),
        at + 'attn.Wo.weight': draw(H, H),
        at + 'mlp_norm.weight': 1 + 0.2 * torch.randn(H),
        at + 'mlp.Wi.weight': draw(2 * INNER, H),
        at + 'mlp.Wo.weight': draw(H, INNER),
    }
config = {
    'model_type': 'editflow-modernbert',
    'architectures': ['EditFlowModernBertModel'],
    'vocab_size': V,
    'hidden_size': H,
    'num_hidden_layers': LAYERS,
    'num_attention_heads': HEADS,
    'intermediate_size': INNER,
    'global_attn_every_n_layers': 3,
    'local_attention': WINDOW,
    'decoder_bias': True,
    'tie_word_embeddings': True,
    'pad_token_id': 0,
    'cls_token_id': 2,
    'sep_token_id': 3,
    'bos_token_id': 2,
    'eos_token_id': 3,
    'mask_token_id': 4,
    'torch_dtype': 'float32',
}

P = {name: value.double().requires_grad_() for name, value in weights.items()}


def norm(x, name):
    return F.layer_norm(x, (H,), P[name], None, 1e-5)


def answers(ids, seen):
    """rates [B, T, 3], logits of substitutions and insertions [B, T, V]"""
    batch, length = ids.shape
    x = norm(F.embedding(ids, P['model.embeddings.tok_embeddings.weight']), 'model.embeddings.norm.weight')
    place = torch.arange(length)
    near = (place[:, None] - place[None]).abs() <= WINDOW // 2
    for i in range(LAYERS):
        at, full = f'model.layers.{i}.', i % 3 == 0
        a = norm(x, at + 'attn_norm.weight') if i else x
        q, k, v = F.linear(a, P[at + 'attn.Wqkv.weight']).view(batch, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        size = q.shape[-1]
        angles = place[:, None].double() * (160000.0 if full else 10000.0) ** (-torch.arange(size // 2) * 2.0 / size)
        cos, sin = angles.cos(), angles.sin()

        def turn(y):
            a, b = y.chunk(2, -1)
            return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

        mask = seen[:, None, None, :] & (torch.ones_like(near) if full else near)
        mixed = F.scaled_dot_product_attention(turn(q), turn(k), v, attn_mask=mask)
        x = x + F.linear(mixed.transpose(1, 2).reshape(batch, length, H), P[at + 'attn.Wo.weight'])
        u, g = F.linear(norm(x, at + 'mlp_norm.weight'), P[at + 'mlp.Wi.weight']).chunk(2, -1)
        x = x + F.linear(F.gelu(u) * g, P[at + 'mlp.Wo.weight'])
    h = norm(F.gelu(F.linear(x, P['head.dense.weight'])), 'head.norm.weight')
    linear = lambda name: F.linear(h, P[f'{name}.weight'], P[f'{name}.bias'])
    return F.softplus(linear('rate_heads.0')), linear('sub_logits'), linear('ins_logits')


rows = [[2, 7, 19, 5, 22, 11, 7, 7, 13, 26], [2, 9, 14, 25, 6, 6]]
length = max(map(len, rows))
ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
seen = torch.tensor([[i < len(row) for i in range(length)] for row in rows])
# (kind, row, slot, token); two insertions at one slot, a slot that is exchanged and has an insertion
edits = [('sub', 0, 2, 8), ('sub', 0, 4, 21), ('ins', 0, 0, 12), ('ins', 0, 4, 5), ('ins', 0, 4, 9), ('del', 0, 7, 0),
         ('sub', 1, 3, 10), ('ins', 1, 5, 3), ('del', 1, 4, 0)]
weight = [1.3 / (11 * 2), 3.7 / (7 * 2)]
rates, sub, ins = answers(ids, seen)
total = (rates.sum(-1) * seen).sum(1) @ torch.tensor(weight).double()
for kind, b, slot, token in edits:
    gain = rates[b, slot, ('sub', 'del', 'ins').index(kind)].clamp_min(1e-12).log()
    if kind != 'del':
        gain = gain + {'sub': sub, 'ins': ins}[kind][b, slot].log_softmax(-1)[token]
    total = total - weight[b] * gain
total.backward()


def kept(kind):
    own = [(b * length + slot, token, weight[b]) for k, b, slot, token in edits if k == kind]
    own.sort(key=lambda each: each[0])
    return {'scored': [s for s, _, _ in own], 'targets': [t for _, t, _ in own], 'weights': [w for _, _, w in own]}


question = {
    'inputs': ids.flatten().tolist(),
    'length': length,
    **kept('sub'),
    'edits': {'lengths': [len(row) for row in rows], 'rateWeights': weight, 'inserted': kept('ins'), 'removed': kept('del')},
    'loss': total.item(),
    # Of the first row alone, which has no padding.
    'rates': [[round(value, 7) for value in row] for row in rates[0].tolist()],
    'substitutions': [[round(value, 6) for value in row] for row in sub[0].tolist()],
    'insertions': [[round(value, 6) for value in row] for row in ins[0].tolist()],
}
os.makedirs(OUT, exist_ok=True)
json.dump(config, open(f'{OUT}/config.json', 'w'), indent=1)
json.dump(question, open(f'{OUT}/question.json', 'w'), separators=(',', ':'))
save_file({name: value.contiguous() for name, value in weights.items()}, f'{OUT}/model.safetensors', {'format': 'pt'})
gradients = {name: value.grad.float().contiguous() for name, value in P.items() if value.grad is not None}
save_file(gradients, f'{OUT}/gradients.safetensors', {'format': 'pt'})
print(total.item(), sorted(set(P) - set(gradients)))
