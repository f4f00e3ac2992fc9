"""Drivers that visible and hidden tests of the PyTorch exercises share; the models in them solve nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.testing import Draw, Driver, fail

PARAMETERS = Driver('''
def parameters(V, D, H):
    """Return the names and shapes of a model's parameters, and how many numbers they hold."""
    model = CharLSTM(V, D, H)
    found = sorted((name, tuple(p.shape)) for name, p in model.named_parameters())
    return found, float(sum(p.numel() for p in model.parameters()))
''')

STREAM = Driver('''
def stream(weights, xs, ys, lr, max_norm, stale):
    """Train a small recurrent probe on pieces of text and report what happened.

    The probe keeps two decaying sums of its inputs as its state; ``stale`` is written into the gradients before the first step.
    """
    class Probe(nn.Module):
        def __init__(self):
            super().__init__()
            for name in ("A", "B", "C"):
                setattr(self, name, nn.Parameter(torch.tensor(weights[name])))
            self.started_from = []

        def forward(self, x, hidden=None):
            if hidden is None:
                zeros = torch.zeros(1, len(x), self.B.shape[0], dtype=torch.float64)
                hidden = (zeros, zeros)
            first, second = hidden
            self.started_from.append((first + 2 * second).detach().numpy().copy())
            scores = []
            for t in range(x.shape[1]):
                first = torch.tanh(self.A[x[:, t]][None] + 0.8 * first @ self.B)
                second = 0.5 * second + first
                scores.append((first + second)[0] @ self.C)
            return torch.stack(scores, dim=1), (first, second)

    model = Probe()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.5)
    if stale:
        for p in model.parameters():
            p.grad = torch.full_like(p, stale)
    hidden, losses, states, cut, is_float = None, [], [], [True, True], True
    for x, y in zip(xs, ys):
        loss, hidden = train_step(model, (torch.tensor(x), torch.tensor(y)), hidden, optimizer, max_norm)
        first, second = hidden
        losses.append(float(torch.as_tensor(loss).detach()))
        states.append((first + 2 * second).detach().numpy().copy())
        cut = [cut[0] and not first.requires_grad, cut[1] and not second.requires_grad]
        is_float = is_float and isinstance(loss, float)
    after = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
    facts = {"cut": cut, "loss_is_float": is_float, "started_from": np.stack(model.started_from)}
    return losses, np.stack(states), after, facts
''')


def stream_case(seed: int, shape: tuple[int, int, int, int]) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return the probe's weights and three pieces of tokens, x and y of shape (3, N, T), for shape (N, T, H, V)."""
    draw = Draw(seed)
    N, T, H, V = shape
    weights = {"A": draw.normal(V, H, scale=0.8), "B": draw.normal(H, H, scale=0.5), "C": draw.normal(H, V)}
    return weights, draw.integers(0, V, 3, N, T), draw.integers(0, V, 3, N, T)


def check_cut(facts: dict[str, Any]) -> None:
    """Fail if one of the returned states still hangs on its graph."""
    for name, cut in zip("hc", facts["cut"], strict=True):
        if not cut:
            fail(f"The returned {name} still hangs on its graph: detach both h and c.", f"{name}.requires_grad", True, False)
