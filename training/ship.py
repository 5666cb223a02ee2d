"""Makes of a finished model the folder that ships, in eight bits, and refuses what did not survive it.

    python ship.py run/finished ../public/models/NAME --data stories.txt [--instead-of BITS]

Quantises with `npm run quantise`, compares the logits of `npm run forward` with PyTorch's on held-out rows, half of them masked, in F16 and in
eight bits, and measures the held-out bound of both. Writes nothing unless the engine agrees with PyTorch, eight bits cost less than 0.005 bits
per character, the folder has at most 16 MB, and, with --instead-of, the bound is below that of the model which has its place now.
"""
import argparse
import json
import os
import shutil
import subprocess
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

import model as network
from data import MASK, Texts
from look import bound, sample

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument('model')
options.add_argument('out')
options.add_argument('--data', nargs='+', required=True, help='as in training: what is held out is measured')
options.add_argument('--instead-of', type=float, metavar='BITS', help='bits per character of the model that ships now, on the same windows')
options.add_argument('--backend', default='fallback', help='of npm run forward: fallback (tfjs) or gpu')
o = options.parse_args()
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(folder: str) -> tuple[dict[str, torch.Tensor], network.Shape]:
    """Weights in f32 under the names of model.py, eight bits multiplied out, query, key and value as one matrix."""
    c = json.load(open(f'{folder}/config.json'))
    shape = network.Shape(c['vocab_size'], c['hidden_size'], c['num_hidden_layers'], c['num_attention_heads'], c['intermediate_size'], c['max_position_embeddings'], c['layer_norm_eps'])
    have = load_file(f'{folder}/model.safetensors')
    full = {k: v.float() * (have[f'{k}.scales'].float()[:, None] if f'{k}.scales' in have else 1) for k, v in have.items() if not k.endswith('.scales')}
    words = 'bert.embeddings.word_embeddings.weight'
    full[words] = full[words] + full['bert.embeddings.token_type_embeddings.weight'][0]
    for i in range(shape.layers):
        at = f'bert.encoder.layer.{i}.attention.self.'
        for end in ('weight', 'bias'):
            full[f'{at}qkv.{end}'] = torch.cat([full[f'{at}{n}.{end}'] for n in ('query', 'key', 'value')])
    return {k: full[k] for k in network.parameters(shape)}, shape


def npm(*arguments: str) -> None:
    subprocess.run(['npm', 'run', '-s', *arguments], check=True, cwd=ROOT)


@torch.no_grad()
def logits_of(folder: str, ids: list[int]) -> np.ndarray:
    p, shape = read(folder)
    return network.logits(p, shape, network.encode(p, shape, torch.tensor([ids]), torch.arange(len(ids)))).numpy()


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours[:, : theirs.shape[1]] - theirs).max())


texts = Texts(Tokenizer.from_file(f'{o.model}/tokenizer.json'), [(p, 1.0) for p in o.data])
with tempfile.TemporaryDirectory() as scratch:
    small = f'{scratch}/model'
    npm('quantise', '--', '--model', os.path.abspath(o.model), '--bits', '8', '--out', small)
    for name in ('config.json', 'tokenizer.json'):
        if not os.path.exists(f'{small}/{name}'):
            shutil.copy(f'{o.model}/{name}', small)
    rng = np.random.default_rng(0)
    row = texts.held_out_windows(64, 1)[0]
    ids = np.where(rng.random(64) < 0.5, MASK, row).tolist()
    report = {'bytes': sum(os.path.getsize(f'{small}/{f}') for f in os.listdir(small))}
    for name, folder in (('f16', o.model), ('int8', small)):
        npm('forward', '--', '--model', os.path.abspath(folder), '--ids', ','.join(map(str, ids)), '--backend', o.backend, '--out', f'{scratch}/logits.npy')
        report[name] = {'logits_off_by': distance(logits_of(folder, ids), np.load(f'{scratch}/logits.npy'))}
        nats, bits = bound(*read(folder), texts)
        report[name] |= {'nats_per_token': round(nats, 4), 'bits_per_character': round(bits, 4)}
    report['int8_costs'] = round(report['int8']['bits_per_character'] - report['f16']['bits_per_character'], 4)
    p, shape = read(small)
    report['samples'] = [sample(p, shape, texts.tokenizer, 'Once upon a time', seed=seed) for seed in range(20)]
    print(json.dumps(report, indent=1, ensure_ascii=False))
    wrong = [
        # Both sum in f32, in another order.
        max(report[n]['logits_off_by'] for n in ('f16', 'int8')) > 2e-3 and 'the engine and PyTorch disagree',
        report['int8_costs'] >= 0.005 and 'eight bits cost too much',
        report['bytes'] > 16e6 and 'it is larger than 16 MB',
        o.instead_of is not None and report['int8']['bits_per_character'] >= o.instead_of and 'what ships now is better',
    ]
    if any(wrong):
        raise SystemExit('Not written: ' + '; '.join(w for w in wrong if w) + '.')
    os.makedirs(o.out, exist_ok=True)
    for name in os.listdir(small):
        shutil.copy(f'{small}/{name}', o.out)
    with open(f'{o.out}/measured.json', 'w') as f:
        json.dump(report, f, indent=1, ensure_ascii=False)
