"""model.py's loss and its gradient on threads of a processor with AMX tiles: kernels.cpp, compiled at the first use with g++."""
import ctypes
import hashlib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from ctypes import POINTER, byref, c_double, c_float, c_int, c_size_t, c_void_p

import numpy as np
import torch

from model import Shape, parameters
from run import NEWTON_SCHULZ

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'kernels.cpp')
ROOM = 4 << 30  # address space of a thread; only what the largest piece touches becomes memory


def available(s: Shape) -> bool:
    """Whether this processor has the tiles and these shapes fit them."""
    flags = open('/proc/cpuinfo').read() if os.path.exists('/proc/cpuinfo') else ''
    fits = s.width == 32 * s.heads and s.inner % 32 == 0 and s.vocabulary % 32 == 0 and s.layers <= 24
    return fits and all(f in flags for f in ('amx_bf16', 'avx512_bf16'))


class Net(ctypes.Structure):
    _fields_ = [(n, c_int) for n in ('vocabulary', 'width', 'layers', 'heads', 'inner', 'positions')] + [('eps', c_float)]


def library() -> ctypes.CDLL:
    folder = os.path.join(os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')), 'unmask-kernels')
    os.makedirs(folder, exist_ok=True)
    with open(SOURCE, 'rb') as source:
        made = f'{folder}/{hashlib.sha256(source.read()).hexdigest()[:16]}.so'
    if not os.path.exists(made):
        new = f'{made}.{os.getpid()}'
        subprocess.run(['g++', '-O3', '-march=sapphirerapids', '-fno-exceptions', '-shared', '-fPIC', '-w', SOURCE, '-o', new], check=True)
        os.replace(new, made)
    lib, p = ctypes.CDLL(made), c_void_p
    lib.room.restype, lib.room.argtypes = p, [c_size_t]
    lib.parameters.restype, lib.parameters.argtypes = c_size_t, [POINTER(Net)]
    lib.pack.argtypes = [POINTER(Net), p, p, p]
    lib.piece.restype, lib.piece.argtypes = c_double, [POINTER(Net), p, p, p, p, p, p, p, c_int, c_int, p, c_int, p, p]
    lib.product.argtypes = [p, c_int, c_int, c_int, p, p, c_int, c_float, p, c_float, p]
    if lib.start():
        raise OSError('the system does not let this process use AMX tiles')
    return lib


class Engine:
    """`master` and `gradient`: flat, f32, in the order of parameters()."""

    def __init__(self, shape: Shape, master: torch.Tensor, gradient: torch.Tensor, threads: int):
        self.lib, self.master, self.gradient = library(), master, gradient
        self.net = Net(shape.vocabulary, shape.width, shape.layers, shape.heads, shape.inner, shape.positions, shape.eps)
        assert self.lib.parameters(byref(self.net)) == sum(int(np.prod(s)) for s in parameters(shape).values()) == len(master)
        self.live, self.rows, self.columns = (torch.zeros(len(master), dtype=torch.bfloat16) for _ in range(3))
        self.rooms = [self.lib.room(ROOM) for _ in range(threads)]
        self.parts = [gradient] + [torch.zeros_like(gradient) for _ in range(threads - 1)]
        self.pool = ThreadPoolExecutor(threads)

    def each(self, jobs, do) -> list:
        """do(job, thread) for every job, by whichever thread is free."""
        waiting, done = iter(list(enumerate(jobs))), {}

        def work(thread: int) -> None:
            for i, job in waiting:
                done[i] = do(job, thread)

        list(self.pool.map(work, range(len(self.rooms))))
        return [done[i] for i in range(len(done))]

    def step(self, pieces) -> float:
        """Sum of weight × nats over pieces; `gradient` becomes its gradient. A piece is a function that gives what Texts.batch gives: ids [rows, length],
        index, target and weight of the masked slots."""
        self.live.copy_(self.master)
        self.lib.pack(byref(self.net), self.live.data_ptr(), self.rows.data_ptr(), self.columns.data_ptr())
        for part in self.parts:
            part.zero_()

        def one(piece, thread: int) -> float:
            ids, index, target, weight = piece()
            of = [np.ascontiguousarray(a, t) for a, t in ((ids, np.int32), (index, np.int32), (target, np.int32), (weight, np.float32))]
            at = [a.ctypes.data for a in of]
            flat = [t.data_ptr() for t in (self.master, self.live, self.rows, self.columns, self.parts[thread])]
            return self.lib.piece(byref(self.net), *flat, self.rooms[thread], at[0], *ids.shape, at[1], len(index), at[2], at[3])

        nats = sum(self.each(pieces, one))
        for part in self.parts[1:]:
            self.gradient += part
        return nats

    def orthogonal(self, matrices: list[torch.Tensor], steps: int = 5) -> list[torch.Tensor]:
        """As run.orthogonal."""
        a, b, c = NEWTON_SCHULZ

        def one(m: torch.Tensor, thread: int) -> torch.Tensor:
            tall = m.shape[0] > m.shape[1]
            x = (m.t() if tall else m).contiguous()
            x = (x / (x.norm() + 1e-7)).bfloat16().contiguous()
            n, k = x.shape
            xx, y, z = x.new_empty(n, n), x.new_empty(n, n), torch.empty_like(x)
            p = lambda t: t.data_ptr()
            for _ in range(steps):
                self.lib.product(self.rooms[thread], n, n, k, p(x), p(x), 1, 1.0, None, 0.0, p(xx))
                self.lib.product(self.rooms[thread], n, n, n, p(xx), p(xx), 1, c, p(xx), b, p(y))
                self.lib.product(self.rooms[thread], n, k, n, p(y), p(x), 0, 1.0, p(x), a, p(z))
                x, z = z, x
            return x.t() if tall else x

        return self.each(matrices, one)


def speed(rounds: int = 5) -> None:
    """Tokens a second of one thread, ours and PyTorch's beside each other, pieces of 2,048 tokens of 128 with half of them masked."""
    import time

    import model as network
    from data import mask, shares

    shape, rng = Shape(8192), np.random.default_rng(0)
    shapes = parameters(shape)
    master = torch.cat([(0.02 * torch.randn(s) + (1.0 if n.endswith('LayerNorm.weight') else 0.0)).flatten() for n, s in shapes.items()])
    gradient, live, live_gradient = torch.zeros_like(master), master.bfloat16(), torch.zeros_like(master, dtype=torch.bfloat16)
    weights = network.views(live, shapes)
    for name, view in network.views(live_gradient, shapes).items():
        weights[name].requires_grad_().grad = view
    ids = rng.integers(5, 8192, (16, 128))
    piece = mask(rng, ids, shares(rng, 16), np.ones(ids.shape, bool))
    engine = Engine(shape, master, gradient, 1)
    ways = {
        'kernels.cpp': lambda: engine.step([lambda: piece]),
        'PyTorch': lambda: network.loss(weights, shape, *(torch.from_numpy(a) for a in piece)).backward(),
    }
    took = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            took[name].append(time.perf_counter() - began)
    for name, seconds in took.items():
        print(f'{name}: {ids.size / np.median(seconds[1:]):,.0f} tokens a second ({ids.size / max(seconds[1:]):,.0f} to {ids.size / min(seconds[1:]):,.0f})')


if __name__ == '__main__':
    torch.set_num_threads(1)
    speed()
