"""python -m unittest test_kernels.py: what kernels.cpp computes is what model.py computes. Needs a processor with AMX tiles, and g++."""
import unittest

import numpy as np
import torch

import kernels
import model as network
import run
from data import MASK, mask, shares

SHAPE = network.Shape(vocabulary=352, width=96, layers=3, heads=3, inner=224, positions=160, eps=1e-12)


@unittest.skipUnless(kernels.available(SHAPE), 'no AMX tiles')
class Kernels(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(3)
        shapes = network.parameters(SHAPE)
        self.master = torch.cat([0.08 * torch.randn(s).flatten() + (1.0 if n.endswith('LayerNorm.weight') else 0.0) for n, s in shapes.items()])
        # Both sides begin with weights that bf16 holds.
        self.master = self.master.bfloat16().float()
        self.gradient = torch.zeros_like(self.master)
        self.shapes = shapes

    def pieces(self, seed: int):
        rng = np.random.default_rng(seed)
        for rows, length in ((3, 32), (2, 96), (1, 160), (5, 64)):
            ids = rng.integers(5, SHAPE.vocabulary, (rows, length))
            yield mask(rng, ids, shares(rng, rows), np.ones(ids.shape, bool), 0.5)

    def in_f32(self, pieces) -> tuple[float, dict[str, torch.Tensor]]:
        p = {n: v.clone().requires_grad_() for n, v in network.views(self.master, self.shapes).items()}
        nats = sum(network.loss(p, SHAPE, *(torch.from_numpy(a) for a in piece)) for piece in pieces)
        nats.backward()
        return nats.item(), {n: v.grad for n, v in p.items()}

    def test_loss_and_gradient(self) -> None:
        # bf16 keeps eight bits: activations are off by up to 0.4 %, and a gradient has passed a score of roundings.
        pieces = list(self.pieces(1))
        nats, want = self.in_f32(pieces)
        for threads in (1, 2):
            engine = kernels.Engine(SHAPE, self.master, self.gradient, threads)
            got = engine.step([lambda piece=piece: piece for piece in pieces])
            self.assertAlmostEqual(got / nats, 1, delta=2e-3)
            for name, g in network.views(self.gradient, self.shapes).items():
                off = (g - want[name]).norm() / (want[name].norm() + 1e-9)
                self.assertLess(off, 0.04, name)

    def test_again_is_the_same(self) -> None:
        engine = kernels.Engine(SHAPE, self.master, self.gradient, 1)
        pieces = list(self.pieces(2))
        seen = set()
        for _ in range(3):
            seen.add((engine.step([lambda piece=piece: piece for piece in pieces]), self.gradient.double().sum().item()))
        self.assertEqual(len(seen), 1)

    def test_no_padding_of_the_masked_slots_counts(self) -> None:
        # One masked slot: thirty-one rows of its block are padding.
        ids = np.full((1, 32), 7)
        ids[0, 9] = MASK
        piece = (ids, np.array([9]), np.array([11]), np.ones(1, np.float32))
        nats, want = self.in_f32([piece])
        engine = kernels.Engine(SHAPE, self.master, self.gradient, 1)
        self.assertAlmostEqual(engine.step([lambda: piece]) / nats, 1, delta=2e-3)
        whole = torch.cat([v.flatten() for v in want.values()])
        self.assertLess((self.gradient - whole).norm() / whole.norm(), 0.03)

    def test_orthogonal(self) -> None:
        engine = kernels.Engine(SHAPE, self.master, self.gradient, 2)
        for m, o in zip(given := [torch.randn(96, 96), torch.randn(224, 96), torch.randn(96, 224)], engine.orthogonal(given)):
            self.assertEqual(o.shape, m.shape)
            u, _, v = torch.linalg.svd(m, full_matrices=False)
            # Muon's iteration leaves singular values near one, not at it.
            near = torch.linalg.svdvals(o.float())
            self.assertGreater(near.median(), 0.65)
            self.assertLess(near.max(), 1.25)
            self.assertGreater((o.float() * (u @ v)).sum() / (o.float().norm() * (u @ v).norm()), 0.95)
        # Five iterations of a quintic enlarge what bf16 rounds off.
        for o, p in zip(engine.orthogonal(given), run.orthogonal(given)):
            self.assertLess((o.float() - p.float()).norm() / p.float().norm(), 0.06)


if __name__ == '__main__':
    unittest.main()
