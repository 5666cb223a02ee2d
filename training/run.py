"""What a training holds and keeps: weights in flat buffers, a state to go on from, a log, and a signal that ends it tidily."""
import json
import math
import os
import signal
import time

import torch

from model import views

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonal(matrices: list[torch.Tensor], steps: int = 5) -> list[torch.Tensor]:
    """The nearest orthogonal matrix of each, roughly: the quintic Newton-Schulz iteration of Muon (Jordan 2024) in bf16."""
    out = []
    for m in matrices:
        tall = m.shape[0] > m.shape[1]
        x = m.t() if tall else m
        x = (x / (x.norm() + 1e-7)).bfloat16()
        for _ in range(steps):
            xx = x @ x.t()
            x = NEWTON_SCHULZ[0] * x + (NEWTON_SCHULZ[1] * xx + NEWTON_SCHULZ[2] * xx @ xx) @ x
        out.append(x.t() if tall else x)
    return out


class Muon:
    """Muon (Jordan 2024) for matrices: momentum of 0.95 looked ahead of, made orthogonal, and scaled so that its mean square is AdamW's
    (0.2 √max(n, m), arXiv 2502.16982), which lets both share a rate. `orthogonal` is the function above, or Engine.orthogonal."""

    def __init__(self, orthogonal, matrices: list[tuple[torch.Tensor, torch.Tensor]], decay: float) -> None:
        self.orthogonal, self.matrices, self.decay = orthogonal, matrices, decay
        self.momentum = [torch.zeros_like(m) for m, _ in matrices]

    def step(self, rate: float) -> None:
        for v, (_, g) in zip(self.momentum, self.matrices):
            v.mul_(0.95).add_(g)
        turned = self.orthogonal([g + 0.95 * v for v, (_, g) in zip(self.momentum, self.matrices)])
        for o, (m, _) in zip(turned, self.matrices):
            m.mul_(1 - rate * self.decay).add_(o, alpha=-0.2 * max(m.shape) ** 0.5 * rate)


class Run:
    """Everything lies in flat buffers: f32 masters and their average, the two moments of AdamW, and bf16 weights and gradients."""

    def __init__(self, out: str, shapes: dict[str, tuple[int, ...]], device: str = 'cpu') -> None:
        self.out, self.shapes, self.device = out, shapes, device
        self.muon = None
        self.size = sum(math.prod(s) for s in shapes.values())
        self.master = torch.zeros(self.size, device=device)
        self.average = torch.zeros_like(self.master)
        self.live = torch.zeros(self.size, device=device, dtype=torch.bfloat16)
        self.gradient = torch.zeros_like(self.live)
        self.weights = self.parts(self.live)
        for name, view in self.parts(self.gradient).items():
            self.weights[name].requires_grad_().grad = view
        self.adam = torch.optim.AdamW([self.master], betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self.master.grad = torch.zeros_like(self.master)
        self.step = self.tokens = 0
        self.mean, self.stopped = None, False
        os.makedirs(out, exist_ok=True)
        self.log = open(f'{out}/log.jsonl', 'a')

    def parts(self, flat: torch.Tensor) -> dict[str, torch.Tensor]:
        return views(flat, self.shapes)

    def divide(self, orthogonal, decay: float) -> None:
        """From now on Muon moves the matrices of the layers and of the head, AdamW the rest."""
        master, gradient, rest, matrices = self.parts(self.master), self.parts(self.master.grad), [], []
        for name, m in master.items():
            if m.ndim == 2 and 'embeddings' not in name:
                # Query, key and value are three matrices.
                thirds = 3 if '.qkv.' in name else 1
                matrices += zip(m.chunk(thirds), gradient[name].chunk(thirds))
            else:
                m.grad = gradient[name]
                rest.append(m)
        self.muon = Muon(orthogonal, matrices, decay)
        self.adam = torch.optim.AdamW(rest, betas=(0.9, 0.98), weight_decay=0.0, foreach=True)

    def begin(self, fill) -> None:
        """Goes on from the state in the folder, or with the master that `fill` fills. From now on a signal sets `stopped`."""
        if os.path.exists(f'{self.out}/state.pt'):
            state = torch.load(f'{self.out}/state.pt', map_location=self.device)
            self.master.copy_(state['master'])
            self.average.copy_(state['average'])
            self.adam.load_state_dict(state['adam'])
            if self.muon:
                for mine, kept in zip(self.muon.momentum, state['muon']):
                    mine.copy_(kept)
            self.step, self.tokens = state['step'], state['tokens']
        else:
            fill()
            self.average.copy_(self.master)
        self.live.copy_(self.master)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self.halt)
        self.time_anew()

    def halt(self, *_) -> None:
        self.stopped = True

    def save(self, **more) -> None:
        state = dict(master=self.master, average=self.average, adam=self.adam.state_dict(), step=self.step, tokens=self.tokens, **more)
        if self.muon:
            state['muon'] = self.muon.momentum
        torch.save(state, f'{self.out}/state.new')
        os.replace(f'{self.out}/state.new', f'{self.out}/state.pt')

    def say(self, **row) -> None:
        self.log.write(json.dumps(row) + '\n')
        self.log.flush()
        print(json.dumps(row, ensure_ascii=False), flush=True)

    def update(self, loss: float, rate: float, average: float, whole: bool = False) -> torch.Tensor:
        """One step by the gradient of `loss`, clipped; returns the gradient's norm before. `whole`: it stands in master.grad already. Ends the
        program where the loss is not finite."""
        if not math.isfinite(loss):
            raise SystemExit('the loss is not finite: start again from the saved state with a lower --rate')
        if not whole:
            self.master.grad.copy_(self.gradient)
        norm = torch.nn.utils.clip_grad_norm_([self.master], 1.0)
        self.adam.param_groups[0]['lr'] = rate
        self.adam.step()
        if self.muon:
            self.muon.step(rate)
        self.live.copy_(self.master)
        self.average.lerp_(self.master, 1 - min(average, (self.step + 1) / (self.step + 10)))
        self.step += 1
        self.mean = loss if self.mean is None else 0.98 * self.mean + 0.02 * loss
        return norm

    def time_anew(self) -> None:
        """What is done between steps is not counted as learning."""
        self.mark = (time.process_time(), self.tokens)

    def report(self, **more) -> None:
        """Every fifty steps a line of the log."""
        if self.step % 50:
            return
        (began, had), now = self.mark, time.process_time()
        rate = round(self.adam.param_groups[0]['lr'], 7)
        self.say(step=self.step, tokens=self.tokens, loss=round(self.mean, 4), **more, rate=rate, tokens_per_cpu_s=round((self.tokens - had) / (now - began)))
        self.time_anew()
