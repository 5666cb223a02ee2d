"""Mistakes, alignments and the loss of edits are those of the page: `python -m unittest training/test_edits.py`.

mistakes.jsonl holds what withMistakes of src/diffusion/mistakes.ts made, which src/diffusion/mistakes.test.ts checks."""
import json
import sys
import unittest
from os.path import dirname

import numpy as np
import torch
from safetensors.torch import load_file

HERE = dirname(__file__) or '.'
sys.path.insert(0, HERE)
import modernbert as network  # noqa: E402
from mistakes import INSERT, REMOVE, SUBSTITUTE, align, bridge, cubic, with_mistakes  # noqa: E402

WORD = 2**32


def threefry(key: tuple[int, int], counter: tuple[int, int]) -> tuple[int, int]:
    k = (*key, key[0] ^ key[1] ^ 0x1BD11BDA)
    x, y = (counter[0] + k[0]) % WORD, (counter[1] + k[1]) % WORD
    for group in range(5):
        for turn in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
            x = (x + y) % WORD
            y = (y << turn | y >> 32 - turn) % WORD ^ x
        x, y = (x + k[(group + 1) % 3]) % WORD, (y + k[(group + 2) % 3] + group + 1) % WORD
    return x, y


def drawing(seed: int, number: int):
    key = threefry((seed, 0), (number, 14))
    return lambda place, of: min(float((np.float32(threefry(key, (place, of >> 1))[of & 1]) + np.float32(0.5)) * 2.0**-32), 1 - 2.0**-24)


class Edits(unittest.TestCase):
    def test_mistakes(self):
        for case in map(json.loads, open(f'{HERE}/mistakes.jsonl')):
            self.assertEqual(with_mistakes(case['text'], case['kind'], case['rate'], drawing(case['seed'], case['number'])), case['made'], case)

    def test_alignments_times_and_edits(self):
        golden = json.load(open(f'{HERE}/../src/diffusion/golden/edit-flow.json'))
        same = [c for c in golden['align'] if c.get('sub_cost', 1) == c.get('gap_cost', 1) == 1]
        self.assertGreater(len(same), 2)
        z0, z1 = align([c['x0'] for c in same], [c['x1'] for c in same])
        for a, b, case in zip(z0, z1, same):
            used = len(case['z0'])
            self.assertEqual((a[:used].tolist(), b[:used].tolist()), (case['z0'], case['z1']))
            self.assertTrue((a[used:] == -1).all() and (b[used:] == -1).all())
        cubics = golden['kappa']['cubic']
        kappa, weight = cubic(np.array(cubics['t'][:-1]))
        np.testing.assert_allclose(kappa, cubics['kappa'][:-1], atol=1e-6)
        np.testing.assert_allclose(weight, cubics['weight'][:-1], rtol=1e-4)
        names = {'SUB': SUBSTITUTE, 'DEL': REMOVE, 'INS': INSERT}
        for case in golden['loss']:
            for z0, z1, zt, xt, edits in zip(*(case[k] for k in ('z0', 'z1', 'zt', 'xt', 'edits'))):
                z0, z1, zt = (np.array([z]) for z in (z0, z1, zt))
                [(ids, left)] = bridge(z0, z1, zt == z1)
                self.assertEqual(ids.tolist(), xt)
                self.assertEqual(left.tolist(), [[names[e['kind']], e['row'], e['token'] or 0] for e in edits])

    def test_loss_and_gradients(self):
        """Those of src/training/golden/edits, whose shorter text is padded there and a batch of its own here."""
        at = f'{HERE}/../src/training/golden/edits'
        config, question = (json.load(open(f'{at}/{n}.json')) for n in ('config', 'question'))
        shape = network.Shape(
            config['vocab_size'], config['hidden_size'], config['num_hidden_layers'], config['num_attention_heads'], config['intermediate_size'],
            config['local_attention'] // 2,
        )  # fmt: skip
        stored = load_file(f'{at}/model.safetensors')
        p = {name: stored[name].clone().requires_grad_() for name in network.parameters(shape)}
        more, length, total = question['edits'], question['length'], 0
        lists = [(SUBSTITUTE, question), (REMOVE, more['removed']), (INSERT, more['inserted'])]
        for b, used in enumerate(more['lengths']):
            ids = torch.tensor([question['inputs'][b * length : b * length + used]])
            edits = [(k, s - b * length, t, w) for k, l in lists for s, t, w in zip(l['scored'], l['targets'], l['weights']) if s // length == b]
            *columns, of = zip(*edits)
            total = total + network.loss(p, shape, ids, torch.tensor(columns).T, torch.tensor(of), torch.tensor([more['rateWeights'][b]]))
        self.assertAlmostEqual(total.item() / question['loss'], 1, places=5)
        total.backward()
        for name, want in load_file(f'{at}/gradients.safetensors').items():
            if name in p:
                self.assertLess((p[name].grad - want).abs().max() / want.abs().max(), 1e-4, name)


if __name__ == '__main__':
    unittest.main()
