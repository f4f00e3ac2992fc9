"""Drivers for modules, training and evaluation; nothing here solves an exercise."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from autograder.testing import Driver, assert_close, comparing, fail

# Numbers for every parameter and every running average, that depend on nothing but their shape: however a module names and orders its layers,
# it gets the same ones.
FILL = """
def fill(model, seed):
    for part in model.modules():
        norm = isinstance(part, nn.modules.batchnorm._BatchNorm)
        for kind, name in enumerate(("weight", "bias", "running_mean", "running_var")):
            tensor = getattr(part, name, None)
            if isinstance(tensor, torch.Tensor):
                rng = np.random.default_rng([seed, kind, norm, *tensor.shape])
                low = 0.5 if norm and name in ("weight", "running_var") else -0.6
                with torch.no_grad():
                    tensor.copy_(torch.from_numpy(rng.uniform(low, low + 1.2, tuple(tensor.shape))))
    return model.double()
"""


def _driver(text: str, **names: str) -> Driver:
    """Return a driver with ``FILL`` inside it and the given names put in."""
    text = textwrap.dedent(text).strip().replace("    FILL", textwrap.indent(FILL.strip(), "    "))
    for name, value in names.items():
        text = text.replace(name, value)
    return Driver(text)


def _forward(module: str) -> Driver:
    """Return a driver: the output of a module, its gradients, the shapes of its parameters, and whether it left x alone."""
    return _driver(
        """
        def forward_and_backward(sizes, seed, x, weights, mode):
            FILL

            torch.manual_seed(0)  # for layers that PyTorch does not find
            model = fill(MODULE(*sizes), seed)
            model.train(mode == "train")
            given = torch.from_numpy(x.copy()).requires_grad_()
            out = model(given * 1.0)
            (out * torch.from_numpy(weights[: out.numel()]).reshape(out.shape)).sum().backward()
            grads = {}
            for p in model.parameters():
                grad = torch.zeros_like(p) if p.grad is None else p.grad
                grads[str(tuple(p.shape))] = grads.get(str(tuple(p.shape)), 0) + grad.numpy()
            plain = torch.from_numpy(x.copy())
            with torch.no_grad():
                model(plain)
            return {
                "out": out.detach().numpy(),
                "dx": given.grad.numpy(),
                "grads": grads,
                "shapes": sorted(list(p.shape) for p in model.parameters()),
                "x afterwards": plain.numpy(),
            }
        """,
        MODULE=module,
    )


VGG, INCEPTION, RESIDUAL, SMALL_NET = (_forward(name) for name in ("VGGBlock", "InceptionModule", "ResidualBlock", "SmallConvNet"))


def check_shapes(shapes: Any, expected: list[list[int]]) -> None:
    """Fail unless a module has parameters of exactly these shapes, in any order."""
    if comparing() and sorted(map(list, shapes)) != sorted(expected):
        fail(
            "The parameters that PyTorch finds in your module are not the expected ones (shown: their shapes, sorted).",
            "shapes",
            shapes,
            sorted(expected),
        )


def check_output(got: Any, expected: Any, x: np.ndarray) -> None:
    """Compare the output of a module and all its gradients with those of another one."""
    assert_close(got["out"], expected["out"], "the output", rtol=1e-6)
    check_shapes(got["shapes"], [list(shape) for shape in expected["shapes"]])
    assert_close(got["dx"], expected["dx"], "the gradient with respect to x", rtol=1e-6)
    for shape, grad in expected["grads"].items():
        assert_close(got["grads"].get(shape), grad, f"the gradient of the parameters of shape {shape}", rtol=1e-6)
    assert_close(got["x afterwards"], x, "x after the forward pass")


# The shapes of all parameters that PyTorch finds, without running anything.
BLOCK_PARAMETERS = Driver("""
    def block_parameters(vgg_sizes, inception_sizes):
        modules = VGGBlock(*vgg_sizes), InceptionModule(*inception_sizes)
        return [sorted(list(p.shape) for p in module.parameters()) for module in modules]
""")


# The shapes of the parameters when nothing but the channels is given, and of the output of a block.
DEFAULTS = Driver("""
    def with_defaults():
        block, network = ResidualBlock(2, 2), SmallConvNet(1, 3)
        found = [sorted(list(p.shape) for p in module.parameters()) for module in (block, network)]
        return [*found, [list(block(torch.ones(2, 2, 4, 6)).shape)]]
""")


# Constant parameters: every weight of a convolution is `weight`, its bias counts up in steps of 1 from `bias`.
CONSTANT = """
    def constant_output(sizes, x, weight, bias):
        torch.manual_seed(0)
        model = MODULE(*sizes).double().eval()
        with torch.no_grad():
            for part in model.modules():
                if isinstance(part, nn.Conv2d):
                    part.weight.fill_(weight)
                    if part.bias is not None:
                        part.bias.copy_(torch.arange(len(part.bias)) + bias)
            return model(torch.from_numpy(x)).numpy(), sorted(list(p.shape) for p in model.parameters())
"""
VGG_CONSTANT, INCEPTION_CONSTANT, RESIDUAL_CONSTANT, NET_CONSTANT = (
    Driver(CONSTANT.replace("MODULE", name)) for name in ("VGGBlock", "InceptionModule", "ResidualBlock", "SmallConvNet")
)

FIRST_LOSS = Driver("""
    def first_loss(classes, seed):
        torch.manual_seed(seed)
        model = SmallConvNet(1, classes, 8).eval()
        scores = model(torch.randn(64, 1, 8, 8))
        y = torch.arange(64) % classes
        return float(nn.functional.cross_entropy(scores, y).detach()), list(scores.shape)
""")


# ------------------------------------------------------------------ training
# A linear model with a probe in front, which notes how it is called; `start` is the mode that it is in beforehand.
_PROBE = """
    class Probe(nn.Module):
        def __init__(self):
            super().__init__()
            self.calls = []

        def forward(self, x):
            self.calls.append((self.training, torch.is_grad_enabled(), len(x)))
            return x

    class Batch(torch.Tensor):
        def to(self, *args, **kwargs):
            moved.append(str(args[0] if args else kwargs.get("device")))
            return self.as_subclass(torch.Tensor).to(*args, **kwargs)

    moved = []
    probe, linear = Probe(), nn.Linear(*weight.shape[::-1]).double()
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weight))
        linear.bias.zero_()
    model = nn.Sequential(probe, LAYERS linear)
    model.train(start == "train")
    loader = [(torch.from_numpy(x).as_subclass(Batch), torch.from_numpy(y).as_subclass(Batch)) for x, y in batches]
"""


def _trained(layers: str) -> Driver:
    return Driver(
        "def trained(weight, batches, lr, momentum, epochs, start):"
        + _PROBE.replace("LAYERS", layers)
        + """
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    losses = [train_epoch(model, loader, optimizer, torch.device("cpu")) for _ in range(epochs)]
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    return {"losses": losses, "state": state, "calls": probe.calls, "moved": moved.count("cpu"), "kind": type(losses[0]).__name__}
"""
    )


def _evaluated(layers: str) -> Driver:
    return Driver(
        "def evaluated(weight, batches, start):"
        + _PROBE.replace("LAYERS", layers)
        + """
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    accuracy = evaluate(model, loader, torch.device("cpu"))
    same = all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    return {"accuracy": accuracy, "calls": probe.calls, "same": same, "moved": moved.count("cpu")}
"""
    )


TRAIN, TRAIN_NORM = _trained(""), _trained("nn.BatchNorm1d(weight.shape[1]).double(), ")
EVALUATE, EVALUATE_NORM = _evaluated(""), _evaluated("nn.BatchNorm1d(weight.shape[1]).double(), ")


def check_loss(loss: Any, expected: float) -> None:
    """Fail unless train_epoch returned a plain number, near the expected one."""
    if comparing() and not isinstance(loss, (float, np.floating)):
        fail(
            "train_epoch should return a plain float (a tensor would keep every batch's graph in memory).",
            "loss",
            type(loss).__name__,
            "float",
        )
    assert_close(float(loss) if comparing() else loss, expected, "the mean loss", rtol=1e-6)


def softmax_regression(weight: np.ndarray, batches: list[Any], lr: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the mean loss, the weight and the bias after one epoch of gradient descent on a linear model, by hand."""
    weight, bias, total, count = weight.copy(), np.zeros(len(weight)), 0.0, 0
    for x, y in batches:
        scores = x @ weight.T + bias
        scores = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        total += float(-np.log(p[np.arange(len(y)), y]).sum())
        count += len(y)
        p[np.arange(len(y)), y] -= 1.0
        weight, bias = weight - lr * p.T @ x / len(y), bias - lr * p.mean(axis=0)
    return total / count, weight, bias
