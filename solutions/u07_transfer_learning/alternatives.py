"""Right answers to u07_transfer_learning that look different from the reference."""

from autograder.authoring.variants import Alternative

STATS = (
    Alternative(
        id="stats_flat_pixels",
        exercise="channel_stats",
        note="channels first, all pixels in a row; var_mean; view instead of indexing",
        source="""
def channel_stats(images):
    pixels = images.transpose(0, 1).flatten(1)
    var, mean = torch.var_mean(pixels, dim=1, unbiased=False)
    return mean, var.sqrt()


def normalize(images, mean, std):
    return images.sub(mean.view(1, -1, 1, 1)).div(std.view(1, -1, 1, 1))


def normalize_splits(train, val):
    stats = channel_stats(train)
    return [normalize(split, *stats) for split in (train, val)]
""",
    ),
    Alternative(
        id="stats_channel_loop",
        exercise="channel_stats",
        note="a loop over channels, sums and counts, einsum-free; normalises a clone in place",
        source="""
def channel_stats(images):
    means, stds = [], []
    for c in range(images.shape[1]):
        x = images[:, c]
        m = x.sum() / x.numel()
        means.append(m)
        stds.append((((x - m) ** 2).sum() / x.numel()) ** 0.5)
    return torch.stack(means), torch.stack(stds)


def normalize(images, mean, std):
    out = images.clone()
    for c in range(images.shape[1]):
        out[:, c] -= mean[c]
        out[:, c] /= std[c]
    return out


def normalize_splits(train, val):
    mean, std = channel_stats(train)
    both = normalize(torch.cat([train, val]), mean, std)
    return both[: len(train)], both[len(train) :]
""",
    ),
)

SELECT = (
    Alternative(
        id="select_table",
        exercise="select_classes",
        note="isin and a comparison table instead of a dict",
        source="""
def select_classes(images, labels, classes):
    wanted = torch.as_tensor(classes)
    keep = torch.isin(labels, wanted)
    return images[keep], (labels[keep][:, None] == wanted).long().argmax(dim=1)
""",
    ),
    Alternative(
        id="select_lookup",
        exercise="select_classes",
        note="a lookup table by old label; index_select of rows",
        source="""
def select_classes(images, labels, classes):
    table = torch.full((int(max(labels.max(), *classes, 0)) + 1,), -1)
    for k in range(len(classes)):
        table[classes[k]] = k
    new = table[labels]
    rows = (new >= 0).nonzero().flatten()
    return images.index_select(0, rows), new[rows]
""",
    ),
)

HEAD = (
    Alternative(
        id="head_to_like_old",
        exercise="replace_head",
        note="made first, moved afterwards, set with setattr; zero bias",
        source="""
def replace_head(model, num_classes):
    D = model.head.weight.shape[1]
    head = nn.Linear(D, num_classes).to(model.head.weight)
    nn.init.zeros_(head.bias)
    setattr(model, "head", head)
    return model
""",
    ),
    Alternative(
        id="head_refilled",
        exercise="replace_head",
        note="the same nn.Linear with new parameters of another size",
        source="""
def replace_head(model, num_classes):
    head = model.head
    new = nn.Linear(head.in_features, num_classes).to(head.weight)
    head.out_features, head.weight, head.bias = num_classes, new.weight, new.bias
    return model
""",
    ),
    Alternative(
        id="head_xavier",
        exercise="replace_head",
        note="another initialisation",
        source="""
def replace_head(model, num_classes):
    weight = model.head.weight
    new = nn.Linear(model.head.in_features, num_classes)
    nn.init.xavier_normal_(new.weight)
    model.head = new.to(device=weight.device, dtype=weight.dtype)
    return model
""",
    ),
)

FREEZE = (
    Alternative(
        id="freeze_slice",
        exercise="freeze",
        note="works on the slice as a whole; modules one by one would do as well",
        source="""
def freeze(model, blocks=None):
    model.body[:blocks].requires_grad_(False).eval()
    return model
""",
    ),
    Alternative(
        id="freeze_parameter_by_parameter",
        exercise="freeze",
        note="counts blocks; sets requires_grad on each parameter and training on BatchNorm and dropout only",
        source="""
def freeze(model, blocks=None):
    if blocks is None:
        blocks = len(model.body)
    for i, block in enumerate(model.body.children()):
        if i < blocks:
            for p in block.parameters():
                p.requires_grad = False
            for part in block.modules():
                if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d, nn.Dropout)):
                    part.training = False
    return model
""",
    ),
)

MODE = (
    Alternative(
        id="mode_block_by_block",
        exercise="train_mode",
        note="decides the mode of each block with train(bool)",
        source="""
def train_mode(model):
    model.head.train()
    for block in model.body:
        parameters = list(block.parameters())
        block.train(not parameters or any(p.requires_grad for p in parameters))
""",
    ),
    Alternative(
        id="mode_counts",
        exercise="train_mode",
        note="counts parameters; returns the model, which nobody asked for",
        source="""
def train_mode(model):
    model.train(True)
    for name, block in model.body.named_children():
        total = sum(1 for _ in block.parameters())
        free = sum(1 for p in block.parameters() if p.requires_grad)
        if total > 0 and free == 0:
            block.train(False)
    return model
""",
    ),
)

LOOPS = (
    Alternative(
        id="loops_module_loss",
        exercise="train_epoch",
        note="nn.CrossEntropyLoss, zero_grad after the step, lists and NumPy; inference_mode; max instead of argmax",
        source="""
def train_epoch(model, loader, optimizer, device):
    criterion = nn.CrossEntropyLoss()
    train_mode(model)
    losses, sizes = [], []
    optimizer.zero_grad()
    for batch in loader:
        inputs, targets = [t.to(device) for t in batch]
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.detach().cpu().item())
        sizes.append(inputs.shape[0])
    return float(np.average(losses, weights=sizes))


@torch.no_grad()
def evaluate(model, loader, device):
    model.train(False)
    hits = []
    for inputs, targets in loader:
        _, predicted = model(inputs.to(device=device)).max(1)
        hits += (predicted == targets.to(device=device)).tolist()
    return sum(hits) / len(hits)
""",
    ),
    Alternative(
        id="loops_by_hand",
        exercise="train_epoch",
        note="log_softmax and gather, torch.autograd into .grad, sum-reduced loss for the report; inference_mode",
        source="""
def train_epoch(model, loader, optimizer, device):
    train_mode(model)
    total = torch.zeros((), device=device, dtype=torch.float64)
    n = 0
    for x, y in loader:
        x = x.to(device, non_blocking=True)
        y = y.to(device, non_blocking=True)
        model.zero_grad()
        logp = torch.log_softmax(model(x), dim=-1)
        loss = -logp.gather(1, y.unsqueeze(1)).mean()
        loss.backward()
        optimizer.step()
        total += loss.detach() * x.size(0)
        n += x.size(0)
    return (total / n).item()


def evaluate(model, loader, device):
    model.eval()
    right = torch.zeros((), dtype=torch.long, device=device)
    n = 0
    for x, y in loader:
        with torch.inference_mode():
            right += torch.sum(torch.argmax(model(x.to(device)), 1).eq(y.to(device)))
        n += y.shape[0]
    return float(right) / n
""",
    ),
)

FEATURES = (
    Alternative(
        id="features_decorated",
        exercise="extract_features",
        note="decorator, body only in eval, list of pairs and zip",
        source="""
@torch.no_grad()
def extract_features(model, loader, device):
    model.body.eval()
    pairs = [(model.body(x.to(device)).cpu(), y) for x, y in loader]
    features, labels = zip(*pairs)
    return torch.vstack(features), torch.hstack(labels)
""",
    ),
    Alternative(
        id="features_grow",
        exercise="extract_features",
        note="concatenates as it goes, set_grad_enabled, detach on top",
        source="""
def extract_features(model, loader, device):
    model.eval()
    features = labels = None
    with torch.set_grad_enabled(False):
        for x, y in loader:
            f = model.body(x.to(device)).detach().to("cpu")
            features = f if features is None else torch.cat((features, f), dim=0)
            labels = y.clone() if labels is None else torch.cat((labels, y), dim=0)
    return features, labels
""",
    ),
)

PROBE = (
    Alternative(
        id="probe_formula",
        exercise="linear_probe",
        note="the gradient by formula, no autograd",
        source="""
@torch.no_grad()
def linear_probe(features, labels, num_classes, steps=300, lr=1.0):
    N, D = features.shape
    head = nn.Linear(D, num_classes).to(features)
    head.weight.zero_()
    head.bias.zero_()
    target = torch.zeros(N, num_classes).to(features)
    target[torch.arange(N), labels] = 1
    for _ in range(steps):
        error = (head(features).softmax(1) - target) / N
        head.weight -= lr * error.T @ features
        head.bias -= lr * error.sum(0)
    return head
""",
    ),
    Alternative(
        id="probe_manual_update",
        exercise="linear_probe",
        note="autograd.grad and a manual update of raw tensors, put into a layer at the end",
        source="""
def linear_probe(features, labels, num_classes, steps=300, lr=1.0):
    W = features.new_zeros(num_classes, features.shape[1])
    b = features.new_zeros(num_classes)
    for step in range(steps):
        W, b = W.detach().requires_grad_(), b.detach().requires_grad_()
        loss = nn.CrossEntropyLoss()(features @ W.t() + b, labels)
        dW, db = torch.autograd.grad(loss, [W, b])
        W, b = W - lr * dW, b - lr * db
    head = nn.Linear(features.shape[1], num_classes, dtype=features.dtype)
    head.weight = nn.Parameter(W.detach())
    head.bias = nn.Parameter(b.detach())
    return head.to(features.device)
""",
    ),
)

GROUPS = (
    Alternative(
        id="groups_generators",
        exercise="param_groups",
        note="filter objects, head first, no empty group",
        source="""
def param_groups(model, lr_body, lr_head):
    groups = [dict(params=list(filter(lambda p: p.requires_grad, model.head.parameters())), lr=lr_head)]
    body = [p for p in model.body.parameters() if p.requires_grad]
    if body:
        groups.append(dict(params=body, lr=lr_body))
    return groups
""",
    ),
    Alternative(
        id="groups_per_parameter",
        exercise="param_groups",
        note="one group per parameter, by name",
        source="""
def param_groups(model, lr_body, lr_head):
    groups = []
    for name, p in model.named_parameters():
        if p.requires_grad:
            groups.append({"params": [p], "lr": lr_head if name.startswith("head.") else lr_body})
    return groups
""",
    ),
)

PREPARE = (
    Alternative(
        id="prepare_freeze_first",
        exercise="prepare",
        note="freezes before it replaces the head",
        source="""
def prepare(model, num_classes, blocks, lr_body, lr_head):
    model = replace_head(freeze(model, blocks), num_classes)
    groups = param_groups(model, lr_body, lr_head)
    return torch.optim.SGD(groups, lr=lr_body, momentum=0.9)
""",
    ),
    Alternative(
        id="prepare_thaws",
        exercise="prepare",
        note="thaws everything first; adds the groups one by one",
        source="""
def prepare(model, num_classes, blocks, lr_body, lr_head):
    model.requires_grad_(True)
    freeze(model, blocks)
    replace_head(model, num_classes)
    optimizer = torch.optim.SGD(model.head.parameters(), lr=lr_head, momentum=0.9)
    rest = [p for p in model.body.parameters() if p.requires_grad]
    if rest:
        optimizer.add_param_group({"params": rest, "lr": lr_body})
    return optimizer
""",
    ),
)

TUNE = (
    Alternative(
        id="tune_clones",
        exercise="fine_tune",
        note="a dict of clones, history as two lists, best as maximum of the list",
        source="""
def fine_tune(model, loaders, epochs, optimizer, scheduler, device):
    losses, accuracies = [], []
    for epoch in range(epochs):
        losses.append(train_epoch(model, loaders[0], optimizer, device))
        accuracies.append(evaluate(model, loaders[1], device))
        if scheduler:
            scheduler.step()
        if all(accuracies[-1] > a for a in accuracies[:-1]):
            kept = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    return dict(loss=losses, accuracy=accuracies)
""",
    ),
    Alternative(
        id="tune_keeps_all",
        exercise="fine_tune",
        note="keeps the state of every epoch and chooses at the end; through a buffer",
        source="""
def fine_tune(model, loaders, epochs, optimizer, scheduler, device):
    states = []
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        loss = train_epoch(model, loaders[0], optimizer, device)
        if scheduler is not None:
            scheduler.step()
        history["loss"] += [loss]
        history["accuracy"] += [evaluate(model, loaders[1], device)]
        states.append(copy.deepcopy(model).state_dict())
    best = int(np.argmax(history["accuracy"]))
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            tensor.copy_(states[best][name])
    return history
""",
    ),
)

SALIENCY = (
    Alternative(
        id="saliency_backward",
        exercise="compute_saliency_maps",
        note="backward() with the scores picked by two index vectors; max of values",
        source="""
def compute_saliency_maps(X, y, model):
    model.eval()
    image = X.clone().detach()
    image.requires_grad = True
    scores = model(image)
    scores[torch.arange(len(y), device=y.device), y].backward(torch.ones(len(y), dtype=scores.dtype, device=scores.device))
    return image.grad.abs().max(dim=1).values
""",
    ),
    Alternative(
        id="saliency_one_by_one",
        exercise="compute_saliency_maps",
        note="an image at a time",
        source="""
def compute_saliency_maps(X, y, model):
    model.train(False)
    maps = []
    for x, label in zip(X, y):
        x = x.detach()[None].clone().requires_grad_(True)
        score = model(x)[0, label]
        (g,) = torch.autograd.grad(score, [x])
        maps.append(torch.maximum(g, -g)[0].amax(0))
    return torch.stack(maps)
""",
    ),
)

ALTERNATIVES = STATS + SELECT + HEAD + FREEZE + MODE + LOOPS + FEATURES + PROBE + GROUPS + PREPARE + TUNE + SALIENCY
