# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Unit 7: transfer learning
#
# You have a hundred labelled images and want a classifier. A network trained from nothing learns them by heart and fails on the next image.
# But somebody has trained a network on *other* images, many of them, and its first layers already know what edges, corners and textures
# are. You will
#
# 1. give your images the same preparation that the pretrained network had,
# 2. put a new head on it, freeze the rest (which takes more than you think), and train the head,
# 3. fine-tune the whole network with two learning rates, keep the best state, and compare all of it with training from scratch,
# 4. look at which pixels the network decides by.
#
# **How to work.** Run a cell with Shift+Enter. In an exercise, replace `raise NotImplementedError(…)` by your code, run the cell, then run
# the check below it, as often as you like: ✓ is right, ✗ is not right yet, ○ is not written yet. In a question, replace `None` by your
# answer. Grading runs more tests of the same kind, so read the text of an exercise, not only its check.
#
# Everything is PyTorch here. A network is a `TransferNet`: a `body` that turns an image into features, and a linear `head` that turns
# features into scores. The body is an `nn.Sequential` of *blocks*, its entries. The next cell defines both; run it.

# %% tags=["setup"]
import copy
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import check

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class TransferNet(nn.Module):
    """A classifier in two parts: images x (N, C, H, W) → features body(x) (N, D) → scores head(body(x)) (N, K).

    Args:
        body: nn.Sequential of blocks.
        head: nn.Linear from D features to K classes.
    """

    def __init__(self, body, head):
        super().__init__()
        self.body = body
        self.head = head

    def forward(self, x):
        """Return the scores (logits), without softmax."""
        return self.head(self.body(x))


def make_body():
    """Return an untrained body for images (N, 3, 32, 32): four blocks, then the mean over all places, 48 features."""

    def conv(channels_in, channels_out, stride=1):
        layer = nn.Conv2d(channels_in, channels_out, 3, stride=stride, padding=1, bias=False)
        return [layer, nn.BatchNorm2d(channels_out), nn.ReLU()]

    return nn.Sequential(
        nn.Sequential(*conv(3, 16, stride=2)),  # (N, 16, 16, 16)
        nn.Sequential(*conv(16, 32), nn.MaxPool2d(2)),  # (N, 32, 8, 8)
        nn.Sequential(*conv(32, 40), nn.MaxPool2d(2)),  # (N, 40, 4, 4)
        nn.Sequential(*conv(40, 48), nn.MaxPool2d(2)),  # (N, 48, 2, 2)
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),  # (N, 48)
    )


# %% [markdown]
# ## The images
#
# Thirteen shapes, 32×32 pixels, in colour. Somebody had thousands of images of the first eight (the *source*); you have a few of the last
# five (the *target*). No two images agree in place, angle, size, colour of the shape, colours and stripes of the background, or noise.
# That is what makes the task hard for a small data set, and it was built to be: a network has to learn *first* that none of these matter,
# and thousands of source images teach that, a hundred target images do not. (With plain black shapes on white, always upright, training
# from scratch does well, and there is nothing to transfer.)

# %% tags=["demo"]
SOURCE = ("circle", "ring", "square", "triangle", "star", "plus", "bar", "half disc")
TARGET = ("L", "T", "Z", "arrow", "heart")
NAMES = SOURCE + TARGET  # the label of a shape is its place in this list
TARGET_LABELS = [NAMES.index(name) for name in TARGET]  # 8, 9, 10, 11, 12


def box(u, v, left, right, bottom, top):
    """Return how far the points (u, v) are inside a rectangle; negative outside."""
    return np.minimum(np.minimum(u - left, right - u), np.minimum(v - bottom, top - v))


def triangle(u, v):
    """Return how far the points are inside a triangle with all sides equal."""
    angle = np.mod(np.arctan2(v, u), 2 * np.pi / 3) - np.pi / 3
    return 0.5 - np.hypot(u, v) * np.cos(angle)


INSIDE = {
    "circle": lambda u, v: 0.9 - np.hypot(u, v),
    "ring": lambda u, v: 0.22 - np.abs(np.hypot(u, v) - 0.75),
    "square": lambda u, v: box(u, v, -0.75, 0.75, -0.75, 0.75),
    "triangle": triangle,
    "star": lambda u, v: 0.62 + 0.33 * np.cos(5 * np.arctan2(v, u)) - np.hypot(u, v),
    "plus": lambda u, v: np.maximum(box(u, v, -0.9, 0.9, -0.25, 0.25), box(u, v, -0.25, 0.25, -0.9, 0.9)),
    "bar": lambda u, v: box(u, v, -0.95, 0.95, -0.28, 0.28),
    "half disc": lambda u, v: np.minimum(0.9 - np.hypot(u, v + 0.35), v + 0.35),
    "L": lambda u, v: np.maximum(box(u, v, -0.6, -0.15, -0.9, 0.9), box(u, v, -0.6, 0.6, -0.9, -0.45)),
    "T": lambda u, v: np.maximum(box(u, v, -0.22, 0.22, -0.9, 0.9), box(u, v, -0.75, 0.75, 0.45, 0.9)),
    "Z": lambda u, v: np.maximum(box(u, v, -0.95, 0.25, 0.0, 0.5), box(u, v, -0.25, 0.95, -0.5, 0.0)),
    "arrow": lambda u, v: np.maximum(box(u, v, -0.9, 0.1, -0.2, 0.2), np.minimum(u, 0.75 - 0.85 * u - np.abs(v))),
    "heart": lambda u, v: 0.15 - 0.165 * (1.6 * u**2 + (1.35 * v - 0.75 * np.sqrt(np.abs(u))) ** 2),
}


def shape_images(names, per_class, seed):
    """Draw images of shapes.

    Args:
        names: which shapes, out of NAMES.
        per_class: how many of each.
        seed: the same seed gives the same images.

    Returns:
        images: float32 (N, 3, 32, 32) between 0 and 1, in random order, N = len(names)·per_class.
        labels: int64 (N,), places in NAMES.
        masks: bool (N, 32, 32), where the shape is.
    """
    rng = np.random.default_rng(seed)
    N = len(names) * per_class
    which = np.repeat(np.arange(len(names)), per_class)
    y, x = np.mgrid[-15.5:16, -15.5:16]  # pixel centres, (32, 32)
    angle, radius = rng.uniform(0, 2 * np.pi, (N, 1, 1)), rng.uniform(7, 11, (N, 1, 1))
    left, down = rng.uniform(-5, 5, (2, N, 1, 1))
    u = (np.cos(angle) * (x - left) + np.sin(angle) * (y - down)) / radius  # the shape's own axes
    v = (np.cos(angle) * (y - down) - np.sin(angle) * (x - left)) / radius
    inside = np.concatenate([INSIDE[name](u[which == k], v[which == k]) for k, name in enumerate(names)])
    cover = np.clip(0.5 + inside * radius, 0, 1)[:, None]  # soft edges, (N, 1, 32, 32)

    paint = rng.uniform(0.1, 0.9, (N, 3, 1, 1))
    ink = np.mod(paint + rng.uniform(0.3, 0.7, (N, 3, 1, 1)), 1)  # differs from the background in every channel
    slope = rng.uniform(-0.3, 0.3, (2, N, 3, 1, 1))
    wave = rng.uniform(0.2, 0.9, (2, N, 1, 1, 1))
    stripes = np.sin(wave[0] * x + wave[1] * y + rng.uniform(0, 2 * np.pi, (N, 1, 1, 1)))
    background = paint + slope[0] * x / 16 + slope[1] * y / 16 + rng.uniform(0, 0.25, (N, 3, 1, 1)) * stripes
    images = cover * ink + (1 - cover) * background + 0.08 * rng.normal(size=(N, 3, 32, 32))

    order = rng.permutation(N)
    labels = np.array([NAMES.index(name) for name in names])[which]
    return (
        torch.from_numpy(np.clip(images, 0, 1)[order]).float(),
        torch.from_numpy(labels[order]).long(),
        torch.from_numpy(cover[order, 0] > 0.5),
    )


# %% tags=["demo"]
import matplotlib.pyplot as plt

from autograder import milestone

torch.set_num_threads(1)  # the networks of this unit are so small that threads would mostly wait for each other
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"  # told apart by colour-blind readers too
plt.rcParams.update({"figure.dpi": 100, "font.size": 11, "axes.titlesize": 12, "axes.spines.top": False, "axes.spines.right": False})

fig, axes = plt.subplots(4, 13, figsize=(13, 4.3))
for column, name in enumerate(NAMES):
    for row, image in enumerate(shape_images((name,), 4, seed=100 + column)[0]):
        axes[row, column].imshow(image.permute(1, 2, 0))
        axes[row, column].axis("off")
    axes[0, column].set_title(name, color=BLUE if name in SOURCE else ORANGE)
fig.suptitle("Eight source classes (blue), five target classes (orange)")
fig.tight_layout()
plt.show()

# %% [markdown]
# ## Exercise 1: normalise with the training split
#
# **Why.** A network works best on inputs with mean 0 and deviation 1, so images are normalised per colour channel $c$, over all images
# and all places:
#
# $$\mu_c = \frac{1}{NHW}\sum_{n,h,w} x_{nchw},\qquad \sigma_c = \sqrt{\frac{1}{NHW}\sum_{n,h,w}(x_{nchw}-\mu_c)^2},\qquad
# \hat x_{nchw} = \frac{x_{nchw}-\mu_c}{\sigma_c}.$$
#
# The statistics are part of the model, like its weights. They are taken from the **training** split, and validation and test images are
# normalised with *those same numbers*: a single new image has no statistics of its own, and statistics of the validation images would
# carry information from them into training. `normalize_splits` gets the two splits and does that.
#
# <details><summary>Hint</summary>
#
# `x.mean(dim=(0, 2, 3))` averages over three axes at once. `std` divides by $NHW - 1$ unless you say `correction=0`. A vector of shape
# (C,) broadcasts against the *last* axis; with the shape (C, 1, 1) it meets the channels.
# </details>


# %% exercise="channel_stats"
def channel_stats(images):
    """Return the mean and the deviation of each channel over all images and places.

    Args:
        images: floating-point tensor (N, C, H, W).

    Returns:
        mean: tensor (C,).
        std: tensor (C,), the root of the mean squared difference from the mean (divided by N·H·W).
    """
    ### BEGIN SOLUTION
    return images.mean(dim=(0, 2, 3)), images.std(dim=(0, 2, 3), correction=0)
    ### END SOLUTION


def normalize(images, mean, std):
    """Return (images − mean) / std, channel by channel.

    Args:
        images: tensor (N, C, H, W); not changed.
        mean, std: tensors (C,).

    Returns:
        tensor (N, C, H, W).
    """
    ### BEGIN SOLUTION
    return (images - mean[:, None, None]) / std[:, None, None]
    ### END SOLUTION


def normalize_splits(train, val):
    """Return both splits, normalised with the statistics of the training split.

    Args:
        train: tensor (N, C, H, W).
        val: tensor (M, C, H, W).

    Returns:
        train, val: normalised tensors of the same shapes.
    """
    ### BEGIN SOLUTION
    mean, std = channel_stats(train)
    return normalize(train, mean, std), normalize(val, mean, std)
    ### END SOLUTION


# %% [markdown]
# ## Exercise 2: new classes start at 0
#
# **Why.** The target shapes have the labels 8 to 12 in the archive. A head with five scores knows only the classes 0 to 4, and
# cross-entropy with the label 8 is an index out of range (on a GPU, an error that names neither the line nor the reason). So pick the
# images of the wanted classes, and give class `classes[k]` the new label $k$.
#
# <details><summary>Hint</summary>
#
# `torch.isin(labels, torch.tensor(classes))` tells for each label whether it is wanted. Careful with replacing labels one after the
# other in place: with `classes = [2, 0]`, the 0 that you have just written for class 2 looks like class 0. Work from the old labels.
# </details>


# %% exercise="select_classes"
def select_classes(images, labels, classes):
    """Return the images of some classes, in their order, with new labels.

    Args:
        images: tensor (N, C, H, W).
        labels: int64 tensor (N,); not changed.
        classes: list of different labels, in any order.

    Returns:
        images: tensor (M, C, H, W), those whose label is in ``classes``, in the order in which they stand in ``images``.
        labels: int64 tensor (M,): k where the old label is ``classes[k]``.
    """
    ### BEGIN SOLUTION
    place = {label: k for k, label in enumerate(classes)}
    keep = torch.tensor([int(label) in place for label in labels], dtype=torch.bool)
    return images[keep], torch.tensor([place[int(label)] for label in labels[keep]], dtype=torch.long)
    ### END SOLUTION


# %% [markdown]
# ## The pretrained network
#
# `data/shapes_backbone.safetensors` holds the weights of a `TransferNet` with eight classes, trained on 16 000 source images for 15
# epochs with learning rate 0.1 (its log is the picture below), together with the channel statistics of those images. A safetensors file
# holds arrays and nothing else. A pickle (`.pt`, `.pth`) of unknown origin can run any code when it is loaded, so look twice at those. And
# check the checksum of what you load: a damaged or exchanged file gives wrong numbers, not an error.

# %% tags=["demo"]
import hashlib
from pathlib import Path

from safetensors.torch import load_file

BACKBONE = Path("data/shapes_backbone.safetensors")
BACKBONE_SHA256 = "a65786298bc6bccc8c8deadda013f1bb8e9882282104fe42cc4d5eefb996fd72"
if hashlib.sha256(BACKBONE.read_bytes()).hexdigest() != BACKBONE_SHA256:
    raise ValueError(f"{BACKBONE} is damaged or another version: its SHA-256 should be {BACKBONE_SHA256}")

stored = load_file(BACKBONE)
SOURCE_MEAN, SOURCE_STD = stored.pop("mean"), stored.pop("std")  # the statistics that belong to these weights


def pretrained():
    """Return a new copy of the pretrained network, with its head for the eight source classes."""
    model = TransferNet(make_body(), nn.Linear(48, len(SOURCE)))
    model.load_state_dict(stored)
    return model


parts = {"body": pretrained().body, "head": pretrained().head}
print(f"{BACKBONE.name}: {BACKBONE.stat().st_size / 1000:.0f} kB, checksum right")
print(", ".join(f"{sum(p.numel() for p in part.parameters())} parameters in the {name}" for name, part in parts.items()))
log = np.genfromtxt("data/shapes_backbone_log.csv", delimiter=",", names=True)
fig, axes = plt.subplots(1, 2, figsize=(11, 3.2))
axes[0].plot(log["epoch"], log["loss"], color=BLUE)
axes[0].axhline(np.log(8), color=GREY, linestyle=":", label="log 8")
axes[0].set(xlabel="epoch", ylabel="training loss", title="Pretraining on the source", ylim=(0, None))
axes[0].legend(frameon=False)
axes[1].plot(log["epoch"], log["val_accuracy"], color=ORANGE)
axes[1].set(xlabel="epoch", ylabel="accuracy", title=f"Source validation images: {log['val_accuracy'][-1]:.1%} at the end", ylim=(0, 1.02))
fig.tight_layout()
plt.show()

# %% [markdown]
# ### Milestone: the same preparation as the network had
#
# The body expects inputs as it saw them: normalised once, with the *source's* statistics. Your `channel_stats` on other source images
# should give nearly the numbers in the file. And what happens to the network's accuracy when the normalisation is forgotten, or done
# twice?


# %% tags=["milestone"]
def compare_normalisations():
    """Return the statistics of source images and the pretrained network's accuracy on them after three preparations."""
    images, labels, _ = shape_images(SOURCE, 50, seed=11)
    mean, std = channel_stats(images)
    once = normalize(images, SOURCE_MEAN, SOURCE_STD)
    prepared = {"none": images, "once": once, "twice": normalize(once, SOURCE_MEAN, SOURCE_STD)}
    model = pretrained().eval()
    result = {"mean": mean.numpy(), "std": std.numpy()}
    with torch.no_grad():
        for name, inputs in prepared.items():
            result[name] = float((model(inputs).argmax(dim=1) == labels).float().mean())
    return result


preparation = milestone("same_preparation", compare_normalisations, needs=["channel_stats"])
print("mean in the file", np.round(SOURCE_MEAN.numpy(), 3), " of 400 other source images", np.round(preparation["mean"], 3))
print("std in the file ", np.round(SOURCE_STD.numpy(), 3), " of 400 other source images", np.round(preparation["std"], 3))
for name in ("none", "once", "twice"):
    print(f"source images normalised {name:5}: accuracy {preparation[name]:.1%}")
assert preparation["once"] > 0.95 and preparation["none"] < preparation["once"] - 0.1

# %% [markdown]
# ## Exercise 3: a new head
#
# **Why.** The old head answers a question nobody asks any more. Its features are what you want: keep the body, and replace `model.head` by
# a new `nn.Linear` with as many outputs as there are new classes, **initialised afresh** (as `nn.Linear` does by itself), also when the
# number of classes happens to be the same. It must live where the old one did: same device, same dtype. The head ends in scores; the
# softmax is inside `cross_entropy`.
#
# <details><summary>Hint</summary>
#
# The old head knows the number of features, `model.head.in_features`, and `model.head.weight` knows device and dtype; `nn.Linear` takes
# both as keywords.
# </details>


# %% exercise="replace_head"
def replace_head(model, num_classes):
    """Replace the head of a network by a new, freshly initialised linear layer; the body stays as it is.

    Args:
        model: TransferNet; changed in place.
        num_classes: number of outputs of the new head.

    Returns:
        the same model.
    """
    ### BEGIN SOLUTION
    old = model.head.weight
    model.head = nn.Linear(model.head.in_features, num_classes, device=old.device, dtype=old.dtype)
    return model
    ### END SOLUTION


# %% [markdown]
# ### Question: what is left to train?
#
# The body gives 48 features. If only a new head for 5 classes is trained, how many numbers does training change?

# %% question="head_parameters"
### BEGIN SOLUTION
#| head_parameters = None  # a number
head_parameters = 245
### END SOLUTION

# %% [markdown]
# ## The BatchNorm trap
#
# To freeze a body means: nothing in it changes any more. `requires_grad = False` stops the optimizer. It does not stop **batch
# normalisation**, which has two ways to change what the body computes:
#
# - in training mode it normalises with the mean and variance of *the present batch*, so the features of an image depend on its neighbours;
# - in training mode it also moves its `running_mean` and `running_var`, which are *buffers*, not parameters: no gradient needed.
#
# See the first effect with the pretrained network, unchanged, on 400 source images. It gets worse the less the batch resembles the data
# it was trained on:

# %% tags=["demo"]
images, labels, _ = shape_images(SOURCE, 50, seed=12)
images = (images - SOURCE_MEAN[:, None, None]) / SOURCE_STD[:, None, None]


def accuracy_in_batches(training, batch_size, order):
    """Return the accuracy of the pretrained network on the images, in batches, in one of the two modes."""
    model = pretrained().train(training)
    with torch.no_grad():
        right = [model(images[part]).argmax(dim=1) == labels[part] for part in order.split(batch_size)]
    return float(torch.cat(right).float().mean())


mixed, sorted_ = torch.arange(400), torch.argsort(labels, stable=True)
print(f"eval() mode, any batches:                  {accuracy_in_batches(False, 50, mixed):.1%}")
for batch_size in (64, 16, 4, 2):
    print(f"train() mode, batches of {batch_size:2}:                {accuracy_in_batches(True, batch_size, mixed):.1%}")
print(f"train() mode, batches of 50 of one class:  {accuracy_in_batches(True, 50, sorted_):.1%}")

# %% [markdown]
# ### Question: why `eval()` as well?
#
# All parameters of a body with BatchNorm have `requires_grad = False`. You call `model.train()` and train the head. Why does the body still
# need `body.eval()`?
#
# - `"a"`: without it the body's weights still get gradients, and the optimizer moves them
# - `"b"`: without it dropout and BatchNorm make training slower
# - `"c"`: without it PyTorch refuses to build the graph for the head
# - `"d"`: without it BatchNorm uses the statistics of each batch and overwrites its running ones

# %% question="why_eval_too"
### BEGIN SOLUTION
#| why_eval_too = None  # "a", "b", "c" or "d"
why_eval_too = "d"
### END SOLUTION

# %% [markdown]
# ## Exercise 4: freeze
#
# **Why.** With few images you keep all of the body; with more, you keep the first blocks (edges and textures are the same everywhere) and
# let the later ones adapt. So `freeze(model, blocks)` freezes the **first** `blocks` entries of `model.body`, all of them when `blocks`
# is `None`. For every module in a frozen block:
#
# - no parameter requires a gradient (weights, biases, and the scale and shift of BatchNorm),
# - it is in `eval()` mode, so that running statistics stay as they are and dropout is off.
#
# Later blocks and the head are left as they were.
#
# <details><summary>Hint</summary>
#
# A slice of an `nn.Sequential` is an `nn.Sequential` of the same modules, and `[:None]` is everything. `module.requires_grad_(False)`
# (with the underscore) reaches all parameters below a module; `module.requires_grad = False` only sets an attribute that nobody reads.
# </details>


# %% exercise="freeze"
def freeze(model, blocks=None):
    """Freeze the first blocks of a network's body: no gradients, and eval mode.

    Args:
        model: TransferNet; changed in place.
        blocks: how many entries of ``model.body`` to freeze; None for all.

    Returns:
        the same model.
    """
    ### BEGIN SOLUTION
    for block in model.body[:blocks]:
        block.requires_grad_(False)
        block.eval()
    return model
    ### END SOLUTION


# %% [markdown]
# ## Exercise 5: training mode that leaves frozen blocks alone
#
# **Why.** Every training loop begins with `model.train()`, which goes through *all* modules and undoes the `eval()` of your frozen blocks:
# the trap is open again. So write what the loop calls instead.
#
# A block (entry of `model.body`) counts as frozen when it has parameters and **none** of them requires a gradient. `train_mode` puts
# frozen blocks into eval mode, with all that is in them, and everything else into training mode.
#
# <details><summary>Hint</summary>
#
# First `model.train()`, then repair. Python's `all` of an empty list is `True`, so a block without parameters needs a thought.
# </details>


# %% exercise="train_mode"
def train_mode(model):
    """Put a network into training mode, except its frozen blocks, which go to eval mode.

    Args:
        model: TransferNet; changed in place.
    """
    ### BEGIN SOLUTION
    model.train()
    for block in model.body:
        needs = [p.requires_grad for p in block.parameters()]
        if needs and not any(needs):
            block.eval()
    ### END SOLUTION


# %% [markdown]
# ## Exercise 6: one epoch, and the accuracy
#
# **Why.** Everything below runs through these two loops. Five lines do one training step: scores, loss, `zero_grad`, `backward`, `step`.
# Two things go wrong quietly:
#
# - **The last batch is smaller.** With 5 images in batches of 2, the mean of the three batch means gives the last image twice the weight.
#   Weigh each batch by its size: the loss is the mean over all *examples*, the accuracy is right answers divided by examples.
# - **A loss is the end of a graph.** `total += loss` keeps the graph of every batch in memory until the epoch ends; `total += loss.item()`
#   keeps a number.
#
# Training happens in `train_mode`, evaluation in `eval()` and without gradients.
#
# <details><summary>Hint</summary>
#
# `F.cross_entropy(scores, y)` takes scores, not probabilities, and is a mean over the batch: times `len(y)` it is the batch's sum.
# </details>


# %% exercise="train_epoch"
def train_epoch(model, loader, optimizer, device):
    """Train for one epoch: for each batch one step on the mean cross-entropy.

    Args:
        model: TransferNet on ``device``; frozen blocks stay in eval mode.
        loader: gives batches: images (n, C, H, W) and labels int64 (n,); the last one may be smaller.
        optimizer: of the model's parameters.
        device: where the model is; batches are moved there.

    Returns:
        float: the loss, each batch's before its step, as the mean over all examples.
    """
    ### BEGIN SOLUTION
    train_mode(model)
    total, count = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
    ### END SOLUTION


def evaluate(model, loader, device):
    """Return the share of examples whose largest score is that of their label, in eval mode, without gradients.

    Args:
        model: TransferNet on ``device``.
        loader: as in ``train_epoch``.
        device: where the model is.

    Returns:
        float between 0 and 1.
    """
    ### BEGIN SOLUTION
    model.eval()
    right, count = 0, 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(dim=1) == y.to(device)).sum().item()
            count += len(y)
    return right / count
    ### END SOLUTION


# %% [markdown]
# ### Milestone: the trap, closed
#
# Give the pretrained network a head for the five new shapes and train it for 60 steps, the body "frozen" in two ways: by
# `requires_grad_(False)` alone with a loop that calls `model.train()`, and by your `freeze` with your `train_mode`. Then put the old head
# back. If the body is what it was, the network still knows its eight source shapes. The new images were taken at dusk: they are darker.


# %% tags=["milestone"]
def data_loader(images, labels, batch_size=20, steps=None, seed=0):
    """Return a DataLoader over tensors: in order once, or ``steps`` batches of images drawn at random with replacement."""
    data = torch.utils.data.TensorDataset(images, labels)
    if steps is None:
        return torch.utils.data.DataLoader(data, batch_size=batch_size)
    generator = torch.Generator().manual_seed(seed)
    sampler = torch.utils.data.RandomSampler(data, replacement=True, num_samples=steps * batch_size, generator=generator)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, sampler=sampler)


def spring_the_trap():
    """Return the network's source accuracy before and after a new head was trained on a frozen body, in two ways."""
    torch.manual_seed(0)
    images, labels, _ = shape_images(SOURCE, 50, seed=12)
    source = data_loader(normalize(images, SOURCE_MEAN, SOURCE_STD), labels, batch_size=100)
    images, labels, _ = shape_images(TARGET, 20, seed=13)
    images, labels = select_classes(0.6 * images, labels, TARGET_LABELS)
    target = data_loader(normalize(images, SOURCE_MEAN, SOURCE_STD), labels, steps=60)

    result = {"before": evaluate(pretrained().to(device), source, device)}
    for way in ("requires_grad", "freeze"):
        model = pretrained().to(device)
        old_head, old_mean = model.head, model.body[0][1].running_mean.clone()
        replace_head(model, len(TARGET))
        if way == "freeze":
            freeze(model)
        optimizer = torch.optim.SGD(model.head.parameters(), lr=0.1, momentum=0.9)
        if way == "freeze":
            train_epoch(model, target, optimizer, device)
        else:
            model.body.requires_grad_(False)
            model.train()
            for x, y in target:
                loss = F.cross_entropy(model(x.to(device)), y.to(device))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        result[f"{way}_moved"] = float((model.body[0][1].running_mean - old_mean).abs().max())
        model.head = old_head
        result[way] = evaluate(model, source, device)
    return result


trap = milestone("batchnorm_trap", spring_the_trap, needs=["replace_head", "freeze", "train_mode", "train_epoch"])
print(f"the pretrained network:              source accuracy {trap['before']:.1%}")
for way, text in (("requires_grad", "requires_grad_(False) and train():"), ("freeze", "freeze and train_mode:")):
    print(f"{text:36} source accuracy {trap[way]:.1%}, running means moved by up to {trap[way + '_moved']:.3f}")
assert trap["freeze_moved"] == 0 and trap["freeze"] == trap["before"] and trap["requires_grad"] < trap["before"] - 0.05

# %% [markdown]
# ## Exercise 7: features, computed once
#
# **Why.** A frozen body gives the same features for the same image in every epoch. So compute them once, and train the head on the stored
# features: hundreds of times cheaper than running the body again and again.
#
# `extract_features` runs `model.body` over a loader and returns all features and all labels, in the loader's order, on the CPU. In eval
# mode, since features must not depend on the neighbours in the batch; and without gradients, or the graph of every batch is kept.
#
# <details><summary>Hint</summary>
#
# Collect the batches in two lists and join them with `torch.cat`, which does not mind a smaller last batch. `.cpu()` before you store.
# </details>


# %% exercise="extract_features"
def extract_features(model, loader, device):
    """Run a network's body over a data set.

    Args:
        model: TransferNet on ``device``.
        loader: gives batches: images (n, C, H, W) and labels (n,).
        device: where the model is.

    Returns:
        features: tensor (N, D) on the CPU, without a graph.
        labels: int64 tensor (N,) on the CPU.
    """
    ### BEGIN SOLUTION
    model.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(model.body(x.to(device)).cpu())
            labels.append(y.cpu())
    return torch.cat(features), torch.cat(labels)
    ### END SOLUTION


# %% [markdown]
# ## Exercise 8: a linear probe
#
# **Why.** A linear classifier on stored features is the first thing to try with few images, and the usual way to measure how good features
# are. It is softmax regression from unit 2 with PyTorch's optimizer: weights $W$ (K, D) and bias $b$ (K,), scores $fW^T + b$, and plain
# gradient descent on the mean cross-entropy over **all** examples at once.
#
# Start with $W = 0$ and $b = 0$ (for one linear layer that is fine: nothing to break the symmetry of) and do `steps` steps of plain
# gradient descent with learning rate `lr`. Return the layer, an `nn.Linear` of the features' dtype, which fits into `model.head`.
#
# <details><summary>Hint</summary>
#
# `nn.init.zeros_(head.weight)`, and the same for the bias. `torch.optim.SGD(head.parameters(), lr=lr)` without momentum is plain gradient
# descent. The features need no gradient.
# </details>


# %% exercise="linear_probe"
def linear_probe(features, labels, num_classes, steps=300, lr=1.0):
    """Train a linear classifier on features by full-batch gradient descent from zero.

    Args:
        features: floating-point tensor (N, D).
        labels: int64 tensor (N,), between 0 and num_classes − 1.
        num_classes: number of classes K.
        steps: number of gradient steps.
        lr: learning rate.

    Returns:
        nn.Linear from D to K, with the dtype and on the device of the features.
    """
    ### BEGIN SOLUTION
    head = nn.Linear(features.shape[1], num_classes, dtype=features.dtype, device=features.device)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.SGD(head.parameters(), lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(head(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return head
    ### END SOLUTION


# %% [markdown]
# ### Question: the first loss
#
# With all weights 0, what is the cross-entropy loss of a head with 5 classes before the first step?

# %% question="first_loss"
### BEGIN SOLUTION
#| first_loss = None  # a number
first_loss = 1.6094379
### END SOLUTION

# %% [markdown]
# ### Milestone: which block to tap?
#
# A body can be tapped after any block. Early blocks answer to edges and colours, late blocks to what the source classes needed. Here is a
# probe on the features after 1, 2, 3 or 4 blocks (each averaged over 2×2 regions), with 5 images per class, for two tasks: the new shapes,
# which are *similar* to the source, and handwritten digits, which are *very different*.


# %% tags=["milestone"]
def probe_every_block():
    """Return the accuracy of probes after each block (column) for five draws of few images (row), for two tasks."""
    tasks = {}
    file = np.load("data/digits.npz")
    digits = torch.from_numpy(file["images"] / 16.0).float()[:, None].repeat(1, 3, 1, 1)
    tasks["digits"] = F.interpolate(digits, scale_factor=4), torch.from_numpy(file["labels"].astype(np.int64)), 10
    images, labels, _ = shape_images(TARGET, 150, seed=21)
    tasks["shapes"] = *select_classes(images, labels, TARGET_LABELS), 5
    result = {}
    for name, (images, labels, K) in tasks.items():
        images = normalize(images, SOURCE_MEAN, SOURCE_STD)
        table = np.zeros((5, 4))
        for blocks in (1, 2, 3, 4):
            pooled = nn.Sequential(*pretrained().body[:blocks], nn.AdaptiveAvgPool2d(2), nn.Flatten())
            model = TransferNet(pooled, nn.Identity()).to(device)
            features, labels = extract_features(model, data_loader(images, labels, batch_size=200), device)
            for seed in range(5):
                rng = np.random.default_rng(seed)
                few = np.concatenate([rng.choice(np.flatnonzero(labels == k), 5, replace=False) for k in range(K)])
                others = np.setdiff1d(np.arange(len(labels)), few)
                head = linear_probe(features[few], labels[few], K)
                with torch.no_grad():
                    table[seed, blocks - 1] = float((head(features[others]).argmax(dim=1) == labels[others]).float().mean())
        result[name] = table
    return result


probes = milestone("probe_every_block", probe_every_block, needs=["channel_stats", "select_classes", "extract_features", "linear_probe"])
fig, ax = plt.subplots(figsize=(7.5, 3.6))
for name, colour, style, text in (("shapes", BLUE, "-", "new shapes (similar to the source)"), ("digits", ORANGE, "--", "digits (very different)")):
    mean, spread = probes[name].mean(axis=0), probes[name].std(axis=0, ddof=1)
    ax.errorbar([1, 2, 3, 4], mean, spread, color=colour, linestyle=style, marker="o", capsize=4, label=text)
    print(f"{name}: " + ", ".join(f"block {k}: {m:.1%} ± {s:.1%}" for k, m, s in zip((1, 2, 3, 4), mean, spread)))
ax.set(xlabel="features after block", ylabel="accuracy", xticks=[1, 2, 3, 4], ylim=(0, 1), title="5 images per class: the last block is not always the best")
ax.legend(frameon=False, loc="lower right")
plt.show()
assert probes["shapes"].mean(axis=0).argmax() == 3 and probes["digits"].mean(axis=0).argmax() < 3

# %% [markdown]
# ## How much to train: the table
#
# How many images you have, and how much they resemble the source, decide what to do. Your answers are letters:
#
# - `"a"`: fine-tune many or all layers
# - `"b"`: train a linear classifier on features of *earlier* layers
# - `"c"`: fine-tune the last few layers
# - `"d"`: train a linear classifier on top of the *last* features
#
# | | similar to the source | very different |
# |---|---|---|
# | **few images** | first question | second question |
# | **many images** | third question | fourth question |
#
# ### Question: few images, similar to the source

# %% question="few_similar"
### BEGIN SOLUTION
#| few_similar = None  # "a", "b", "c" or "d"
few_similar = "d"
### END SOLUTION

# %% [markdown]
# ### Question: few images, very different

# %% question="few_different"
### BEGIN SOLUTION
#| few_different = None  # "a", "b", "c" or "d"
few_different = "b"
### END SOLUTION

# %% [markdown]
# ### Question: many images, similar to the source

# %% question="many_similar"
### BEGIN SOLUTION
#| many_similar = None  # "a", "b", "c" or "d"
many_similar = "c"
### END SOLUTION

# %% [markdown]
# ### Question: many images, very different

# %% question="many_different"
### BEGIN SOLUTION
#| many_different = None  # "a", "b", "c" or "d"
many_different = "a"
### END SOLUTION

# %% [markdown]
# ## Exercise 9: two learning rates
#
# **Why.** The new head starts from noise and has far to go; the body is nearly right, and large steps destroy what it knows before the
# head has learned anything. So the body gets a small learning rate, and the head a larger one. Optimizers take a list of *groups*, dicts
# with `"params"` and their own settings:
#
# ```python
# torch.optim.SGD([{"params": [w1, w2], "lr": 0.01}, {"params": [w3], "lr": 0.1}], momentum=0.9)
# ```
#
# Return such a list for a `TransferNet`: the body's parameters with `lr_body`, the head's with `lr_head`. Only parameters that require a
# gradient belong in a group, each in exactly one.
#
# <details><summary>Hint</summary>
#
# `model.parameters()` is body *and* head; `model.body.parameters()` is the body. The key is spelled `"lr"`: a group with any other key is
# accepted without a word and trains with the optimizer's default rate.
# </details>


# %% exercise="param_groups"
def param_groups(model, lr_body, lr_head):
    """Return parameter groups for an optimizer: the trainable parameters of body and head, each with a learning rate.

    Args:
        model: TransferNet.
        lr_body: learning rate of the body.
        lr_head: learning rate of the head.

    Returns:
        list of dicts with the keys "params" (list of parameters) and "lr".
    """
    ### BEGIN SOLUTION
    return [
        {"params": [p for p in model.body.parameters() if p.requires_grad], "lr": lr_body},
        {"params": [p for p in model.head.parameters() if p.requires_grad], "lr": lr_head},
    ]
    ### END SOLUTION


# %% [markdown]
# ### Question: how small?
#
# The rule of thumb for a pretrained body is one tenth of the learning rate it was trained with. Which `lr_body` is that for the network
# above?

# %% question="tenth_of_the_rate"
### BEGIN SOLUTION
#| tenth_of_the_rate = None  # a number
tenth_of_the_rate = 0.01
### END SOLUTION

# %% [markdown]
# ## Exercise 10: repair the preparation
#
# **Why.** Head, frozen blocks, optimizer: each step is easy, but their *order* matters, and a wrong one raises no error. The function below
# should give `model` a new head, freeze its first `blocks` blocks, and return an optimizer for all that is to be trained, the head and
# the blocks that are not frozen. Its author found that the loss never falls, with `blocks=None` not at all and otherwise hardly. Two lines are to
# blame.
#
# <details><summary>Hint</summary>
#
# An optimizer holds the parameter *objects* that existed when it was made. Print `id(model.head.weight)` and the ids in
# `optimizer.param_groups`. And which parameters require a gradient at the end?
# </details>


# %% exercise="prepare"
def prepare(model, num_classes, blocks, lr_body, lr_head):
    """Make a pretrained network ready for new classes: new head, frozen blocks, optimizer.

    Args:
        model: TransferNet; changed in place.
        num_classes: number of new classes.
        blocks: how many entries of the body to freeze; None for all, 0 for none.
        lr_body, lr_head: learning rates.

    Returns:
        torch.optim.SGD with momentum 0.9 of all parameters that are to be trained.
    """
    ### BEGIN SOLUTION
    #| optimizer = torch.optim.SGD(param_groups(model, lr_body, lr_head), lr=lr_head, momentum=0.9)
    #| replace_head(model, num_classes)
    #| model.requires_grad_(False)
    #| freeze(model, blocks)
    #| return optimizer
    replace_head(model, num_classes)
    freeze(model, blocks)
    return torch.optim.SGD(param_groups(model, lr_body, lr_head), lr=lr_head, momentum=0.9)
    ### END SOLUTION


# %% [markdown]
# ### Milestone: the sanity ladder
#
# Before training for long, three steps that take a second: the **first loss** is about $\log 5$; autograd passes a **gradient check** (a
# few of the network's weights against central differences in float64); and the network can **overfit 50 images**.


# %% tags=["milestone"]
def climb_ladder():
    """Return the first loss, the gradient check's errors, and the losses and the accuracy of learning 50 images by heart."""
    torch.manual_seed(1)
    images, labels, _ = shape_images(TARGET, 10, seed=31)
    images, labels = select_classes(images, labels, TARGET_LABELS)
    images = normalize(images, SOURCE_MEAN, SOURCE_STD)
    model = pretrained()
    optimizer = prepare(model, len(TARGET), 0, 0.01, 0.1)
    with torch.no_grad():
        first_loss = F.cross_entropy(model.eval()(images), labels).item()

    exact = copy.deepcopy(model).double().eval()
    inputs, h, errors = images[:8].double(), 1e-6, []
    loss = F.cross_entropy(exact(inputs), labels[:8])
    for parameter, gradient in zip(exact.parameters(), torch.autograd.grad(loss, list(exact.parameters()))):
        k = int(gradient.abs().argmax())
        sides = []
        with torch.no_grad():
            for step in (h, -2 * h):
                parameter.view(-1)[k] += step
                sides.append(F.cross_entropy(exact(inputs), labels[:8]).item())
            parameter.view(-1)[k] += h
        numeric, analytic = (sides[0] - sides[1]) / (2 * h), gradient.view(-1)[k].item()
        errors.append(abs(numeric - analytic) / max(1e-8, abs(numeric) + abs(analytic)))

    model.to(device)
    loader = data_loader(images, labels, batch_size=10)
    losses = [train_epoch(model, loader, optimizer, device) for _ in range(20)]
    return {"first_loss": first_loss, "errors": np.array(errors), "losses": np.array(losses), "accuracy": evaluate(model, loader, device)}


ladder = milestone("sanity_ladder", climb_ladder, needs=["channel_stats", "select_classes", "train_epoch", "prepare"])
print(f"1. first loss {ladder['first_loss']:.2f}, expected about log 5 = {math.log(5):.2f}")
print(f"2. gradient check: worst relative error {max(ladder['errors']):.0e} over {len(ladder['errors'])} tensors")
print(f"3. accuracy on the 50 images: {ladder['accuracy']:.0%}")
assert abs(ladder["first_loss"] - math.log(5)) < 0.5 and max(ladder["errors"]) < 1e-5 and ladder["accuracy"] == 1.0
fig, ax = plt.subplots(figsize=(7, 3))
ax.plot(np.arange(1, 21), ladder["losses"], color=BLUE)
ax.axhline(np.log(5), color=GREY, linestyle=":", label="log 5")
ax.set(xlabel="epoch", ylabel="training loss", title="The network learns 50 images by heart", ylim=(0, None))
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Exercise 11: fine-tune and keep the best
#
# **Why.** With few images the validation accuracy rises, then wanders. Keep the network at its best epoch, not at its last. For each of
# `epochs` epochs:
#
# 1. `train_epoch` on the training loader,
# 2. one `scheduler.step()` (a scheduler counts *epochs* here; stepped per batch, the learning rate is gone after a few batches),
# 3. `evaluate` on the validation loader; if that is better than ever before, keep a **copy** of the state.
#
# At the end, load the best state back into the model. `model.state_dict()` is no copy: its tensors *are* the model's, and change with the
# next step. It holds buffers too, so BatchNorm's statistics come back with the weights.
#
# <details><summary>Hint</summary>
#
# `copy.deepcopy(model.state_dict())`. "Better" is `>`, so that the first of several equal epochs is kept.
# </details>


# %% exercise="fine_tune"
def fine_tune(model, loaders, epochs, optimizer, scheduler, device):
    """Train a network and leave it in the state of its best epoch.

    Args:
        model: TransferNet on ``device``.
        loaders: pair (training loader, validation loader).
        epochs: number of epochs, at least 1.
        optimizer: of the model's trainable parameters.
        scheduler: learning-rate scheduler with ``step()``, or None.
        device: where the model is.

    Returns:
        dict with two lists, an entry per epoch: "loss" of ``train_epoch``, and "accuracy" on the validation loader.
    """
    ### BEGIN SOLUTION
    train_loader, val_loader = loaders
    history = {"loss": [], "accuracy": []}
    best, best_state = -1.0, None
    for _ in range(epochs):
        history["loss"].append(train_epoch(model, train_loader, optimizer, device))
        if scheduler is not None:
            scheduler.step()
        accuracy = evaluate(model, val_loader, device)
        history["accuracy"].append(accuracy)
        if accuracy > best:
            best, best_state = accuracy, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    return history
    ### END SOLUTION


# %% [markdown]
# ### Milestone: one tenth of the learning rate
#
# All of the body is fine-tuned on 100 images per class, with four learning rates of the body, the same head rate, and three draws of
# images. Every run in the rest of this unit has the same budget: 10 epochs of 12 steps on batches of 20, and the state of the epoch that is
# best on 100 validation images. The accuracy is on 500 test images that no decision has seen.


# %% tags=["milestone"]
EPOCHS, STEPS = 10, 12  # 120 steps of 20 images for everyone


def target_split(per_class, seed):
    """Return normalised (images, labels) of the target classes."""
    images, labels, _ = shape_images(TARGET, per_class, seed)
    images, labels = select_classes(images, labels, TARGET_LABELS)
    return normalize(images, SOURCE_MEAN, SOURCE_STD), labels


def run(start, blocks, lr_body, lr_head, train, val, test, seed):
    """Train one network with the fixed budget and return its test accuracy and its history.

    Args:
        start: "pretrained" or "scratch".
        blocks: how many blocks to freeze, None for all.
        lr_body, lr_head: learning rates at the start of a cosine schedule.
        train, val, test: pairs (images, labels).
        seed: of the new weights and the order of the images.
    """
    torch.manual_seed(seed)
    model = pretrained() if start == "pretrained" else TransferNet(make_body(), nn.Linear(48, len(SOURCE)))
    model.to(device)
    optimizer = prepare(model, len(TARGET), blocks, lr_body, lr_head)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    loaders = data_loader(*train, steps=STEPS, seed=seed), data_loader(*val, batch_size=100)
    history = fine_tune(model, loaders, EPOCHS, optimizer, scheduler, device)
    return evaluate(model, data_loader(*test, batch_size=100), device), history


LEARNING_RATES = (0.1, 0.03, 0.01, 0.003)


def sweep_learning_rates():
    """Return test accuracies (3 draws of images, 4 learning rates of the body)."""
    val, test = target_split(20, seed=901), target_split(100, seed=902)
    table = np.zeros((3, len(LEARNING_RATES)))
    for seed in range(3):
        train = target_split(100, seed=seed)
        for column, lr in enumerate(LEARNING_RATES):
            table[seed, column], _ = run("pretrained", 0, lr, 0.1, train, val, test, seed)
    return {"accuracy": table}


NEEDED = ["channel_stats", "select_classes", "train_mode", "train_epoch", "prepare", "fine_tune"]
sweep = milestone("learning_rates", sweep_learning_rates, needs=NEEDED)
mean, spread = sweep["accuracy"].mean(axis=0), sweep["accuracy"].std(axis=0, ddof=1)
fig, ax = plt.subplots(figsize=(7, 3.4))
ax.errorbar(LEARNING_RATES, mean, spread, color=BLUE, marker="o", capsize=4)
ax.axvline(0.01, color=GREY, linestyle=":", label="one tenth of the original rate")
ax.set(xlabel="learning rate of the body", ylabel="test accuracy", xscale="log", ylim=(0.4, 0.9))
ax.set(xticks=LEARNING_RATES, xticklabels=LEARNING_RATES, title="The original rate (0.1) destroys much of what the body knows")
ax.minorticks_off()
ax.legend(frameon=False)
plt.show()
print(", ".join(f"{lr:g}: {m:.1%} ± {s:.1%}" for lr, m, s in zip(LEARNING_RATES, mean, spread)))
assert mean[2] > mean[0] + 0.05, "one tenth should be better than the original rate"

# %% [markdown]
# One tenth is a good *start*: far better than the original rate, and near the best of the four. With images this few, a still smaller rate
# does as well or better, which says that the body hardly needs to change. That leads to the question of this unit.
#
# ## Milestone: scratch, frozen or fine-tuned?
#
# Three ways, the same network, the same budget of 120 steps, five draws of images each, for 5, 20 and 100 images per class:
#
# - **scratch**: random weights, everything trained (learning rate 0.02; with 0.05 it does no better, with 0.2 worse),
# - **frozen**: the pretrained body frozen, only the head trained (0.1),
# - **fine-tuned**: everything trained from the pretrained weights (body 0.01, head 0.1).


# %% tags=["milestone"]
METHODS = {"scratch": ("scratch", 0, 0.02, 0.02), "frozen": ("pretrained", None, 0.0, 0.1), "fine-tuned": ("pretrained", 0, 0.01, 0.1)}
PER_CLASS = (5, 20, 100)


def compare_methods():
    """Return test accuracies (3 methods, 5 draws, 3 sizes), and seconds per run of each method."""
    val, test = target_split(20, seed=901), target_split(100, seed=902)
    accuracy, seconds = np.zeros((len(METHODS), 5, len(PER_CLASS))), np.zeros(len(METHODS))
    for seed in range(5):
        for column, per_class in enumerate(PER_CLASS):
            train = target_split(per_class, seed=1000 * seed + per_class)
            for row, settings in enumerate(METHODS.values()):
                started = time.perf_counter()
                accuracy[row, seed, column], _ = run(*settings, train, val, test, seed)
                seconds[row] += (time.perf_counter() - started) / (5 * len(PER_CLASS))
    return {"accuracy": accuracy, "seconds": seconds}


comparison = milestone("scratch_frozen_fine_tuned", compare_methods, needs=NEEDED)
mean, spread = comparison["accuracy"].mean(axis=1), comparison["accuracy"].std(axis=1, ddof=1)  # (methods, sizes)
print(f"test accuracy, mean ± deviation over 5 draws\n{'images per class':18}" + "".join(f"{n:>16}" for n in PER_CLASS) + "   seconds a run")
for row, name in enumerate(METHODS):
    print(f"{name:18}" + "".join(f"{m:>9.1%} ± {s:4.1%}" for m, s in zip(mean[row], spread[row])) + f"{comparison['seconds'][row]:12.1f}")
fig, ax = plt.subplots(figsize=(8, 4))
for row, (name, colour, style) in enumerate(zip(METHODS, (GREY, BLUE, ORANGE), (":", "--", "-"))):
    ax.errorbar(np.array(PER_CLASS) * 1.04 ** (row - 1), mean[row], spread[row], color=colour, linestyle=style, marker="o", capsize=4, label=name)
ax.axhline(1 / len(TARGET), color=GREY, linewidth=0.8)
ax.text(PER_CLASS[-1], 0.205, "guessing", ha="right", va="bottom", color=GREY)
ax.set(xlabel="training images per class", ylabel="test accuracy", xscale="log", xticks=PER_CLASS, xticklabels=PER_CLASS, ylim=(0, 1))
ax.set_title("Same network, same budget: what pretraining is worth")
ax.minorticks_off()
ax.legend(frameon=False, loc="upper left", ncols=3)
plt.show()
scratch, frozen, tuned = mean
assert (frozen[1] > scratch[1] + 0.2) and (tuned[1] > scratch[1] + 0.2), "transfer should win clearly at 20 images per class"
assert 0.55 < frozen[1] < 0.9 and 0.55 < tuned[1] < 0.9 and tuned[2] > tuned[0] + 0.05, "the accuracies are not in the expected range"

# %% [markdown]
# Read the figure with the table of this unit. With 5 or 20 images per class, leave the body alone: fine-tuning has more to fit than the images
# can tell, and loses. With 100, adapting the body pays. From scratch, the same budget gets hardly beyond guessing, because the network first
# has to find out that colours, stripes, place and angle do not matter: that is what the 16 000 source images taught. (Ten times the steps
# bring scratch to about 39 % with 100 images per class, and it knows those by heart by then: what it lacks is images.)
#
# ## Exercise 12: which pixels decide?
#
# **Why.** A network may be right for the wrong reason, for example by the background. A **saliency map** asks: if a pixel changes a
# little, how much does the score of the right class change?
#
# $$M_{nhw} = \max_c \left|\frac{\partial s_n}{\partial x_{nchw}}\right|,\qquad s_n = \text{score of class } y_n \text{ for image } n.$$
#
# It is the gradient with respect to the *input*, of one score per image, not of the loss and not of the probability. First the absolute
# value, then the maximum over the channels. In eval mode image $n$'s score depends on image $n$ only, so the gradient of
# $\sum_n s_n$ gives all maps in one backward pass.
#
# <details><summary>Hint</summary>
#
# Make a copy of X that requires a gradient: `X.detach().clone().requires_grad_()`. `scores.gather(1, y[:, None])` picks one score per row.
# `torch.autograd.grad(total, X)` returns the gradient without leaving anything behind in the model.
# </details>


# %% exercise="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    """Return how strongly each pixel moves the score of its image's class, in eval mode.

    Args:
        X: images (N, C, H, W); not changed.
        y: int64 labels (N,).
        model: TransferNet on the device of X.

    Returns:
        tensor (N, H, W) without a graph: the largest absolute gradient over the channels.
    """
    ### BEGIN SOLUTION
    model.eval()
    X = X.detach().clone().requires_grad_()
    scores = model(X).gather(1, y[:, None])  # (N, 1)
    (gradient,) = torch.autograd.grad(scores.sum(), X)
    return gradient.abs().amax(dim=1)
    ### END SOLUTION


# %% [markdown]
# ### Milestone: look at the shape, not at the stripes
#
# Saliency maps of a fine-tuned network, on test images. If it decides by the shape, the bright pixels are on and around it. As a number:
# the share of the saliency on the shape (and within one pixel of it), beside the share of the image's area that this is.


# %% tags=["milestone"]
def map_saliency():
    """Return two test images per class with their maps, and shares of saliency and of area on the shape, over 100 images."""
    torch.manual_seed(0)
    model = pretrained().to(device)
    optimizer = prepare(model, len(TARGET), 0, 0.01, 0.1)
    loaders = data_loader(*target_split(100, seed=41), steps=STEPS), data_loader(*target_split(20, seed=901), batch_size=100)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    fine_tune(model, loaders, EPOCHS, optimizer, scheduler, device)
    images, labels, masks = shape_images(TARGET, 20, seed=902)
    _, y = select_classes(images, labels, TARGET_LABELS)
    X = normalize(images, SOURCE_MEAN, SOURCE_STD)
    maps = compute_saliency_maps(X.to(device), y.to(device), model).cpu()
    wide = F.max_pool2d(masks[:, None].float(), 3, stride=1, padding=1)[:, 0]
    shown = [int(i) for k in range(len(TARGET)) for i in np.flatnonzero(y == k)[:2]]
    with torch.no_grad():
        guess = model(X.to(device)).argmax(dim=1).cpu()
    return {
        "images": (images[shown] * 255).byte().numpy(),
        "maps": np.float16(maps[shown] / maps[shown].amax(dim=(1, 2), keepdim=True)),
        "labels": y[shown].numpy(),
        "guess": guess[shown].numpy(),
        "share": float(((maps * wide).sum(dim=(1, 2)) / maps.sum(dim=(1, 2))).mean()),
        "area": float(wide.mean()),
    }


saliency = milestone("saliency_maps", map_saliency, needs=[*NEEDED, "compute_saliency_maps"])
fig, axes = plt.subplots(2, 10, figsize=(13, 3.2))
for column in range(10):
    axes[0, column].imshow(saliency["images"][column].transpose(1, 2, 0))
    axes[1, column].imshow(saliency["maps"][column].astype(float), cmap="magma")
    name, guess = TARGET[saliency["labels"][column]], TARGET[saliency["guess"][column]]
    axes[0, column].set_title(name if name == guess else f"{name},\nread {guess}", fontsize=10, color="black" if name == guess else ORANGE)
    for ax in axes[:, column]:
        ax.axis("off")
fig.suptitle("Test images (top) and the pixels that move the score of their class (bottom; bright is strong)")
plt.show()
print(f"{saliency['share']:.0%} of the saliency lies on the shape and its edge, which cover {saliency['area']:.0%} of the image")
assert saliency["share"] > 1.5 * saliency["area"]

# %% [markdown]
# ## On a GPU
#
# The same code runs where `device` says. On a GPU two more things help: *mixed precision* (matrix products in 16 bits, under
# `torch.autocast`) and the *channels-last* memory layout, which its convolution kernels prefer. The cell measures training steps.

# %% tags=["demo"]
def images_per_second(where, mixed, batch_size, steps):
    """Return how many images per second training steps take on a device, with or without mixed precision and channels-last."""
    layout = torch.channels_last if mixed else torch.contiguous_format
    model = pretrained().to(where, memory_format=layout).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x = torch.randn(batch_size, 3, 32, 32, device=where).to(memory_format=layout)
    y = torch.randint(8, (batch_size,), device=where)
    for step in range(steps + 2):
        if step == 2:  # two steps to warm up
            if where.type == "cuda":
                torch.cuda.synchronize()
            started = time.perf_counter()
        with torch.autocast(where.type, dtype=torch.bfloat16, enabled=mixed):
            loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if where.type == "cuda":
        torch.cuda.synchronize()
    return steps * batch_size / (time.perf_counter() - started)


on_cpu = images_per_second(torch.device("cpu"), mixed=False, batch_size=128, steps=6)
print(f"CPU ({torch.get_num_threads()} threads): {on_cpu:,.0f} images per second")
if device.type == "cuda":
    plain, mixed = (images_per_second(device, mixed=m, batch_size=2048, steps=30) for m in (False, True))
    print(f"{torch.cuda.get_device_name()}: {plain:,.0f} images per second, {plain / on_cpu:.0f} times the CPU")
    print(f"with mixed precision and channels-last: {mixed:,.0f}, {mixed / on_cpu:.0f} times the CPU, {mixed / plain:.1f} times plain float32")
else:
    print("No GPU here; the same cell prints its speed-up where there is one.")

# %% [markdown]
# ## Your own photos: ResNet-18
#
# For photographs, start from a network trained on ImageNet. Only the body is another one: your functions work as they are. The next
# cell needs `torchvision` and downloads 45 MB of weights (their checksum is compared), so it runs only when you set `USE_RESNET = True`.

# %% tags=["demo"]
import importlib.util

USE_RESNET = False


def resnet18():
    """Return ImageNet's ResNet-18 as a TransferNet; the weights are downloaded once and their checksum is compared."""
    from torchvision.models import ResNet18_Weights
    from torchvision.models import resnet18 as build

    net = build()
    net.load_state_dict(ResNet18_Weights.IMAGENET1K_V1.get_state_dict(progress=False, check_hash=True))
    layers = dict(net.named_children())
    head = layers.pop("fc")
    return TransferNet(nn.Sequential(*layers.values(), nn.Flatten()), head)


def try_resnet18():
    """Probe ResNet-18's features on 20 images per class of the new shapes, enlarged, and return the test accuracy."""
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])  # the statistics that belong to these weights
    model, found = resnet18().to(device), []
    for per_class, seed in ((20, 0), (100, 902)):
        images, labels = select_classes(*shape_images(TARGET, per_class, seed)[:2], TARGET_LABELS)
        large = F.interpolate(normalize(images, mean, std), size=128, mode="bilinear")
        found.append(extract_features(model, data_loader(large, labels, batch_size=50), device))
    (features, labels), (test_features, test_labels) = found
    head = linear_probe(features, labels, len(TARGET), steps=500, lr=0.1)
    with torch.no_grad():
        return float((head(test_features).argmax(dim=1) == test_labels).float().mean())


if importlib.util.find_spec("torchvision") is None:
    print("torchvision is not installed, so ResNet-18 is left out; all else in this notebook works without it.")
elif not USE_RESNET:
    print("Set USE_RESNET = True to download ResNet-18's weights and try them on the new shapes.")
else:
    started = time.perf_counter()
    print(f"linear probe on ResNet-18's features: test accuracy {try_resnet18():.1%} ({time.perf_counter() - started:.0f} s)")

# %% [markdown]
# The recipe to take with you: same preparation as the source; new head; freeze, BatchNorm included; a linear probe first; then fine-tune as
# far as your data carries, the body at a tenth of its learning rate; keep the best state; and compare with training from scratch, over several
# seeds, before you believe any of it.
