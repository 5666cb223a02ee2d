"""Bits per character of whole held-out stories, for models of any tokenizer on the same texts: python whole.py MODEL … --data stories.txt

An upper bound by the exact-count form of MDLM's: of a text of n tokens k are masked, k spread evenly over 1 to n, and each counts n/k. Every
text is taken whole and ends with [SEP], which is counted too; texts longer than a model reads are left out for all. BERT runs in model.py's
network, ModernBERT in the one that src/engine/golden/make_golden.py writes out; neither is what the page runs.
"""
import argparse
import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

import model as network
from data import held_out, read
from look import open_bert

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'src/engine/golden'))
import make_golden as golden  # noqa: E402

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument('models', nargs='+')
options.add_argument('--data', nargs='+', required=True)
options.add_argument('--all', action='store_true', help='no text of these files was learnt, whatever its hash')
options.add_argument('--texts', type=int, default=100, help='so many held-out texts of each file, from its beginning')
options.add_argument('--draws', type=int, default=8)
options.add_argument('--most', type=int, default=400, help='tokens of a text')
o = options.parse_args()
torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', 1)))


def asked(folder: str):
    """Ids of a masked row and the places to answer -> logits in f32, one row for each place."""
    config = json.load(open(f'{folder}/config.json'))
    if config['model_type'] == 'bert':
        p, shape = open_bert(folder)

        def bert(ids, index):
            return network.logits(p, shape, network.encode(p, shape, torch.tensor(ids)[None], torch.as_tensor(index)))

        return bert, config['mask_token_id'], config['sep_token_id']
    weights = {k: v.float() for k, v in golden.load_safetensors(Path(folder) / 'model.safetensors').items()}

    def modern(ids, index):
        return golden.forward(config, weights, list(ids), torch.float32)[torch.as_tensor(index)]

    return modern, config.get('mask_token_id', 4), config['sep_token_id']


models = {folder: (Tokenizer.from_file(f'{folder}/tokenizer.json'), *asked(folder)) for folder in o.models}
report = {}
with torch.no_grad():
    for path in o.data:
        texts = [t for t in read(path) if o.all or held_out(t)]
        texts = [t for t in texts if all(len(tok.encode(t, add_special_tokens=False).ids) < o.most for tok, *_ in models.values())][: o.texts]
        for folder, (tokenizer, logits, mask, sep) in models.items():
            bits = []
            for at, text in enumerate(texts):
                ids = np.array([*tokenizer.encode(text, add_special_tokens=False).ids, sep])
                rng, total = np.random.default_rng([0, at]), 0.0
                for draw in range(o.draws):
                    k = 1 + int((draw + rng.random()) / o.draws * len(ids))
                    index = np.sort(rng.permutation(len(ids))[:k])
                    row = ids.copy()
                    row[index] = mask
                    nats = torch.nn.functional.cross_entropy(logits(row, index), torch.from_numpy(ids[index]), reduction='sum')
                    total += nats.item() * len(ids) / k / o.draws
                bits.append(total / math.log(2))
            letters = np.array([len(t) for t in texts])
            ratio = sum(bits) / letters.sum()
            error = float(np.sqrt((((np.array(bits) - ratio * letters) ** 2).sum())) / letters.sum())
            name = os.path.basename(os.path.abspath(folder))
            measured = {'texts': len(texts), 'bits_per_character': round(float(ratio), 4), 'error': round(error, 4)}
            report.setdefault(os.path.basename(path), {})[name] = measured
            print(path, folder, measured, file=sys.stderr, flush=True)
print(json.dumps(report, indent=1))
