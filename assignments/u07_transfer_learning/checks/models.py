"""Drivers and inputs that visible and hidden tests share; nothing here solves an exercise."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from autograder.testing import Draw, Driver, assert_close, comparing, fail

# A network for images (N, 2, 5, 5): two blocks with batch normalisation and dropout, one of normalisation alone, pooling; four features.
# The same seed gives the same numbers, and running statistics unlike those of any batch.
TINY = """
def tiny(seed, classes):
    torch.manual_seed(seed)
    first = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU())
    second = nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.Tanh())
    last = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(4))
    model = TransferNet(nn.Sequential(first, second, last), nn.Linear(4, classes)).double()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith("running_mean"):
                tensor.uniform_(-0.5, 0.5)
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2.0)
    return model


def state_of(model):
    return {name: tensor.detach().numpy().copy() for name, tensor in model.state_dict().items() if "num_batches" not in name}


def flags_of(model):
    return [p.requires_grad for p in model.parameters()]


def modes_of(model):
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.Dropout)
    return {name: int(part.training) for name, part in model.named_modules() if isinstance(part, kinds)}
"""

# Batches that note where they were moved, features that note that they were fetched, and a layer that notes how it was called.
PROBES = """
moved, fetched, calls = [], [], []


class Batch(torch.Tensor):
    def to(self, *args, **kwargs):
        target = args[0] if args else kwargs.get("device")
        moved.append(str(getattr(target, "device", target)))
        return self.as_subclass(torch.Tensor).to(*args, **kwargs)


class Far(torch.Tensor):
    def cpu(self, *args, **kwargs):
        fetched.append(1)
        return self.as_subclass(torch.Tensor).cpu(*args, **kwargs)

    def to(self, *args, **kwargs):
        fetched.append(1)
        return self.as_subclass(torch.Tensor).to(*args, **kwargs)


class Probe(nn.Module):
    def forward(self, x):
        calls.append((int(self.training), int(torch.is_grad_enabled()), len(x)))
        return x


def loader_of(batches):
    return [(torch.from_numpy(x).as_subclass(Batch), torch.from_numpy(y).as_subclass(Batch)) for x, y in batches]
"""


def driver(text: str) -> Driver:
    """Return a driver with the texts ``TINY`` and ``PROBES`` put in where it says so, on a line of their own."""
    text = textwrap.dedent(text).strip()
    for word, part in (("TINY", TINY), ("PROBES", PROBES)):
        text = text.replace(f"    {word}\n", textwrap.indent(part.strip(), "    ") + "\n")
    return Driver(text)


def tensor(array: np.ndarray) -> Any:
    """Return an array as a tensor."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(array))


def images_of(seed: int, sizes: tuple[int, ...], classes: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return batches of images (n, 2, 5, 5) and labels (n,)."""
    draw = Draw(seed)
    return [(draw.normal(n, 2, 5, 5), draw.labels(n, classes)) for n in sizes]


def check_equal(got: Any, expected: Any, name: str, message: str) -> None:
    """Fail with ``message`` unless two pieces of plain data are equal."""
    if comparing() and got != expected:
        fail(message, name, got, expected)


def assert_shape(got: Any, shape: tuple[int, ...], name: str) -> None:
    """Fail unless the answer holds finite floating point numbers in this shape, not all of them equal; which ones does not matter."""
    assert_close(got, np.zeros(shape), name, atol=np.inf)
    if comparing() and np.size(got) > 1 and np.ptp(np.asarray(got)) == 0:
        fail(f"{name} holds one number in all places.", name, np.asarray(got).ravel()[0], "different numbers")


def check_left(got: dict[str, Any]) -> None:
    """Fail if a function that only looks at a model changed its numbers, which of them require gradients, or its mode."""
    check_equal(got["same"], True, "model unchanged", "The model has changed (its parameters, running statistics or head): use eval mode, and put back what you exchange.")
    check_equal(got["flags"], True, "requires_grad unchanged", "Other parameters of the model require gradients now than before.")
    check_equal(got["awake"], False, "training mode", "The model came in eval mode and is in training mode now.")


def check_modes(got: dict[str, int], expected: dict[str, int]) -> None:
    """Fail unless the BatchNorm and dropout layers are in the expected modes (1 is training, 0 is eval)."""
    for name, mode in expected.items():
        words = ("eval", "training")
        if comparing() and got.get(name) != mode:
            fail(f"{name} is in {words[1 - mode]} mode, expected {words[mode]} mode.", "mode", words[1 - mode], words[mode])


def check_state(got: dict[str, Any], expected: dict[str, Any], when: str) -> None:
    """Compare all parameters and running statistics."""
    for name, right in expected.items():
        assert_close(got.get(name), right, f"{name} {when}", rtol=1e-6)


def check_number(value: Any, name: str) -> None:
    """Fail unless a function that should return a float returned a number."""
    if comparing() and not isinstance(value, (float, np.floating)):
        fail(f"{name} should be a plain float; it is a {type(value).__name__}.", name, type(value).__name__, "float")


NORMALIZE = driver("""
    def normalised(images, mean, std):
        images = torch.from_numpy(images)
        out = normalize(images, torch.from_numpy(mean), torch.from_numpy(std))
        return out.numpy(), images.numpy()
""")

SPLITS = driver("""
    def normalised_splits(train, val):
        train, val = torch.from_numpy(train), torch.from_numpy(val)
        first, second = normalize_splits(train, val)
        return first.numpy(), second.numpy(), train.numpy(), val.numpy()
""")

SELECT = driver("""
    def selected(images, labels, classes):
        images, labels = torch.from_numpy(images), torch.from_numpy(labels)
        found, new = select_classes(images, labels, classes)
        return found.numpy(), new.numpy(), images.numpy(), labels.numpy()
""")

NEW_HEAD = driver("""
    def new_head(seed, old_classes, classes, x, frozen):
        TINY
        model = tiny(seed, old_classes).eval()
        model.requires_grad_(not frozen)
        model.body[0].requires_grad_(False)
        model.body[1].train()
        old = {name: p.detach().clone() for name, p in model.head.named_parameters()}
        body, before = model.body, state_of(model.body)
        result = replace_head(model, classes)
        head, flags, modes = model.head, flags_of(model.body), modes_of(model.body)
        if not isinstance(head, nn.Linear):
            return {"kind": f"{type(head).__name__}({', '.join(type(part).__name__ for part in head.children())})"}
        if head.in_features != 4:
            return {"kind": f"Linear with {head.in_features} inputs"}
        scores = model.eval()(torch.from_numpy(x))
        by_hand = model.body(torch.from_numpy(x)) @ head.weight.T + (0 if head.bias is None else head.bias)
        common = min(old_classes, classes)
        elsewhere = replace_head(tiny(seed, old_classes).to("meta"), classes)
        after = state_of(model.body)
        return {
            "kind": "Linear",
            "returns the model": result is model,
            "shapes": [list(p.shape) for p in head.parameters()],
            "scores": list(scores.shape),
            "off linear": float((scores - by_hand).detach().abs().max()),
            "old numbers": [name for name, p in head.named_parameters() if bool((p[:common] == old[name][:common]).any())],
            "trainable": all(p.requires_grad for p in head.parameters()),
            "devices": sorted({p.device.type for p in elsewhere.parameters()}),
            "same body": model.body is body and list(after) == list(before) and all(np.array_equal(after[k], before[k]) for k in before),
            "body flags": flags,
            "body modes": modes,
            "features": model.body(torch.from_numpy(x)).detach().numpy(),
        }
""")

FREEZE = driver("""
    def after_freezing(seed, blocks, x, y):
        TINY
        model = tiny(seed, 3).train()
        result = freeze(model) if blocks == "default" else freeze(model, blocks)
        trainable = [name for name, p in model.named_parameters() if p.requires_grad]
        attributes = sum("requires_grad" in vars(part) for part in model.modules())  # set by mistake, without effect
        modes = modes_of(model)
        optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.5)
        torch.manual_seed(seed)
        loss = F.cross_entropy(model(torch.from_numpy(x)), torch.from_numpy(y))
        loss.backward()
        optimizer.step()
        return {
            "same": result is model,
            "trainable": trainable,
            "attributes": attributes,
            "modes": modes,
            "state": state_of(model),
            "loss": float(loss.detach()),
        }
""")

FREEZE_MIXED = driver("""
    def others_after_freezing(seed):
        TINY
        model = tiny(seed, 3).train()
        model.body[1][1].eval()
        model.body[2].requires_grad_(False)
        model.body[2].eval()
        freeze(model, 1)
        trainable = [name for name, p in model.named_parameters() if p.requires_grad and not name.startswith("body.0.")]
        return {"trainable": trainable, "modes": {**modes_of(model), "head": int(model.head.training)}}
""")

ALONE = driver("""
    def features_alone_and_together(seed, x):
        TINY
        model = tiny(seed, 3).train()
        freeze(model)
        x = torch.from_numpy(x)
        with torch.no_grad():
            together = model.body(x)
            alone = torch.cat([model.body(x[i : i + 1]) for i in range(len(x))])
        return together.numpy(), alone.numpy()
""")

MODE = driver("""
    def after_train_mode(seed, frozen, start, x):
        TINY
        model = tiny(seed, 3)
        model.body.insert(2, nn.Dropout(0.25))  # a block without parameters
        model.train(start == "train")
        for name, p in model.named_parameters():
            p.requires_grad_(not name.startswith(tuple(frozen)))
        train_mode(model)
        modes = {**modes_of(model), "head": int(model.head.training)}
        torch.manual_seed(seed)
        with torch.no_grad():
            out = model(torch.from_numpy(x))
        trainable = [name for name, p in model.named_parameters() if p.requires_grad]
        return {"modes": modes, "out": out.numpy(), "state": state_of(model), "trainable": trainable}
""")

TRAIN = driver("""
    def trained(seed, batches, lr, momentum, epochs, frozen, start):
        TINY
        PROBES
        model = tiny(seed, 3)
        model.body.append(Probe())
        for block in model.body[:frozen]:
            block.requires_grad_(False)
        model.train(start == "train")
        optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr, momentum=momentum)
        torch.manual_seed(seed)
        losses = [train_epoch(model, loader_of(batches), optimizer, torch.device("cpu")) for _ in range(epochs)]
        return {"losses": losses, "state": state_of(model), "moved": moved.count("cpu"), "seen": [n for _, _, n in calls]}
""")

# A linear network with the given weights: what it does can be worked out by hand.
TRAIN_LINEAR = driver("""
    def trained_linear_network(weight, batches, lr, epochs):
        model = TransferNet(nn.Sequential(nn.Flatten()), nn.Linear(*weight.shape[::-1]).double())
        with torch.no_grad():
            model.head.weight.copy_(torch.from_numpy(weight))
            model.head.bias.zero_()
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        loader = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in batches]
        losses = [train_epoch(model, loader, optimizer, torch.device("cpu")) for _ in range(epochs)]
        return losses, model.head.weight.detach().numpy(), model.head.bias.detach().numpy()
""")

EVALUATE = driver("""
    def evaluated(seed, batches, start):
        TINY
        PROBES
        model = tiny(seed, 3)
        model.body.append(Probe())
        model.train(start == "train")
        model.body[0].requires_grad_(False)
        before, flags = state_of(model), flags_of(model)
        accuracy = evaluate(model, loader_of(batches), torch.device("cpu"))
        after = state_of(model)
        return {
            "accuracy": accuracy,
            "same": all(np.array_equal(after[name], before[name]) for name in before),
            "flags": flags_of(model) == flags,
            "awake": start == "eval" and model.training,
            "calls": calls,
            "moved": moved.count("cpu"),
        }
""")

EVALUATE_COPY = driver("""
    def evaluated_on_scores(batches):
        model = TransferNet(nn.Sequential(nn.Flatten()), nn.Identity())  # the scores are the images
        return evaluate(model, [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in batches], torch.device("cpu"))
""")

FEATURES = driver("""
    def extracted(seed, batches, start):
        TINY
        PROBES
        model = tiny(seed, 3)
        model.body.append(Probe())
        model.body.register_forward_hook(lambda body, inputs, out: out.as_subclass(Far))
        model.train(start == "train")
        model.body[0].requires_grad_(False)
        before, head, flags = state_of(model), model.head, flags_of(model)
        features, labels = extract_features(model, loader_of(batches), torch.device("cpu"))
        after = state_of(model)
        same = model.head is head and list(after) == list(before) and all(np.array_equal(after[name], before[name]) for name in before)
        return {
            "features": features.detach().as_subclass(torch.Tensor).numpy(),
            "labels": labels.detach().as_subclass(torch.Tensor).numpy(),
            "graph": bool(features.requires_grad),
            "same": same,
            "flags": flags_of(model) == flags,
            "awake": start == "eval" and model.training,
            "calls": calls,
            "moved": moved.count("cpu"),
            "fetched": len(fetched),
        }
""")

FEATURES_FLAT = driver("""
    def extracted_flat(batches):
        model = TransferNet(nn.Sequential(nn.Flatten()), nn.Linear(3, 2).double())
        features, labels = extract_features(model, [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in batches], torch.device("cpu"))
        return features.detach().numpy(), labels.numpy()
""")

PROBE = driver("""
    def probed(features, labels, classes, steps, lr):
        features = torch.from_numpy(features)
        kept = features.clone()
        options = {} if steps is None else {"steps": steps, "lr": lr}
        head = linear_probe(features, torch.from_numpy(labels), classes, **options)
        if not isinstance(head, nn.Linear):
            return {"kind": type(head).__name__}
        return {
            "kind": "Linear",
            "weight": head.weight.detach().numpy(),
            "bias": head.bias.detach().numpy(),
            "scores": head(features).detach().numpy(),
            "untouched": bool(torch.equal(features, kept)) and not features.requires_grad,
        }
""")

GROUPS = driver("""
    def rates_and_steps(seed, frozen, lr_body, lr_head):
        TINY
        model = tiny(seed, 3)
        for name, p in model.named_parameters():
            p.requires_grad_(not name.startswith(tuple(frozen)))
        optimizer = torch.optim.SGD(list(param_groups(model, lr_body, lr_head)), lr=1000.0)
        names = {id(p): name for name, p in model.named_parameters()}
        rates = {names[id(p)]: float(group["lr"]) for group in optimizer.param_groups for p in group["params"]}
        for p in model.parameters():
            p.grad = torch.ones_like(p)
        optimizer.step()
        return {"rates": rates, "state": state_of(model)}
""")

PREPARE = driver("""
    def prepared(seed, classes, blocks, lr_body, lr_head, weight, x, y, steps):
        TINY
        model = tiny(seed, 2)
        optimizer = prepare(model, classes, blocks, lr_body, lr_head)
        modes = modes_of(model)
        if tuple(model.head.weight.shape) != weight.shape:
            return {"head": list(model.head.weight.shape)}
        with torch.no_grad():  # known numbers in the new head
            model.head.weight.copy_(torch.from_numpy(weight))
            model.head.bias.zero_()
        model.eval()
        for _ in range(steps):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(torch.from_numpy(x)), torch.from_numpy(y))
            if loss.requires_grad:
                loss.backward()
            optimizer.step()
        trainable = [name for name, p in model.named_parameters() if p.requires_grad]
        return {"head": list(weight.shape), "state": state_of(model), "modes": modes, "trainable": trainable}
""")

TUNE = driver("""
    def tuned(seed, train, val, epochs, lr, gamma, frozen, closed):
        import warnings

        TINY
        model = tiny(seed, 3)
        del model.body[1][2]  # no dropout
        for block in model.body[:frozen]:
            block.requires_grad_(False)
        if closed is not None:
            with torch.no_grad():
                model.head.bias[closed] = -1e4
        optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr, momentum=0.5)
        scheduler = None if gamma is None else torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
        loaders = tuple([(torch.from_numpy(x), torch.from_numpy(y)) for x, y in part] for part in (train, val))
        load, loads = model.load_state_dict, []

        def watched(state, *args, **kwargs):
            own = {tensor.data_ptr() for tensor in model.state_dict().values()}
            loads.append(int(any(tensor.data_ptr() in own for tensor in state.values())))
            return load(state, *args, **kwargs)

        model.load_state_dict = watched
        with warnings.catch_warnings():  # a scheduler that steps too early warns; the test sees it by its numbers
            warnings.simplefilter("ignore")
            history = fine_tune(model, loaders, epochs, optimizer, scheduler, torch.device("cpu"))
        return {
            "loss": list(history["loss"]),
            "accuracy": list(history["accuracy"]),
            "state": state_of(model),
            "rate": float(optimizer.param_groups[0]["lr"]),
            "loads": loads,  # for each load, whether it was given the model's own tensors
        }
""")

SALIENCY = driver("""
    def saliency(seed, x, y, frozen):
        TINY
        model = tiny(seed, 3).train()
        model.requires_grad_(not frozen)
        model.body[0].requires_grad_(False)
        before, flags = state_of(model), flags_of(model)
        X = torch.from_numpy(x)
        kept = X.clone()
        maps = compute_saliency_maps(X, torch.from_numpy(y), model)
        after = state_of(model)
        model.eval()
        compute_saliency_maps(kept.clone(), torch.from_numpy(y), model)
        awake = model.training
        return {
            "maps": maps.detach().numpy(),
            "graph": bool(maps.requires_grad),
            "untouched": bool(torch.equal(X, kept)) and not X.requires_grad,
            "same": all(np.array_equal(after[name], before[name]) for name in before),
            "flags": flags_of(model) == flags,
            "awake": awake,
        }
""")

SALIENCY_LINEAR = driver("""
    def saliency_of_a_linear_network(weight, x, y):
        model = TransferNet(nn.Sequential(nn.Flatten()), nn.Linear(*weight.shape[::-1]).double())
        with torch.no_grad():
            model.head.weight.copy_(torch.from_numpy(weight))
            model.head.bias.zero_()
        return compute_saliency_maps(torch.from_numpy(x), torch.from_numpy(y), model).detach().numpy()
""")


def softmax_regression(weight: np.ndarray, bias: np.ndarray, batches: list[Any], lr: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the mean loss, the weight and the bias after one pass of gradient descent on a linear network, by hand."""
    total, count = 0.0, 0
    for x, y in batches:
        scores = x @ weight.T + bias
        scores = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        total += float(-np.log(p[np.arange(len(y)), y]).sum())
        count += len(y)
        p[np.arange(len(y)), y] -= 1.0
        weight, bias = weight - lr * p.T @ x / len(y), bias - lr * p.mean(axis=0)
    return total / count, weight, bias
