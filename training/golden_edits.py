"""What PyTorch says of a model that edits, for the page's tests: python golden_edits.py ../public/models/stories-edit > ../src/engine/golden/stories-edit.json

Rates and the three likeliest tokens of both kinds at every slot of one sentence with mistakes, in f32, eight bits multiplied out.
"""
import hashlib
import json
import sys

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

import modernbert as network
from data import CLS

folder = sys.argv[1]
config = json.load(open(f'{folder}/config.json'))
shape = network.Shape(config['vocab_size'], config['hidden_size'], config['num_hidden_layers'], config['num_attention_heads'], config['intermediate_size'])
have = load_file(f'{folder}/model.safetensors')
p = {k: v.float() * (have[f'{k}.scales'].float()[:, None] if f'{k}.scales' in have else 1) for k, v in have.items() if not k.endswith('.scales')}
ids = [CLS, *Tokenizer.from_file(f'{folder}/tokenizer.json').encode('One day, a littel girl went went to the park.', add_special_tokens=False).ids]
with torch.no_grad():
    h = network.encode(p, shape, torch.tensor([ids]))
    rates = network.rates(p, h)
    top = {name: network.logits(p, h, f'{name}_logits').log_softmax(1).topk(3) for name in ('sub', 'ins')}
listed = lambda found: [[[i, round(v, 5)] for i, v in zip(*row)] for row in zip(found.indices.tolist(), found.values.tolist())]
print(json.dumps({
    'sha256': hashlib.sha256(open(f'{folder}/model.safetensors', 'rb').read()).hexdigest(),
    'ids': ids,
    'rates': [[round(x, 6) for x in row] for row in rates.tolist()],
    'substitutions': listed(top['sub']),
    'insertions': listed(top['ins']),
}))  # fmt: skip
