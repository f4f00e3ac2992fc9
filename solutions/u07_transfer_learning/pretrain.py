"""Pretrain the network that u07_transfer_learning ships; write its weights (safetensors) and its training log (CSV).

Run as ``python solutions/u07_transfer_learning/pretrain.py``.  Images and network are those of the notebook: its cells that define
them are executed.  Everything is seeded and runs on one thread, so the same torch on the same kind of processor gives the same bytes.
The SHA-256 that it prints belongs into the notebook.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from autograder.authoring.source import load_reference
from autograder.unit import load_unit

HERE = Path(__file__).resolve().parent
WEIGHTS, LOG = HERE / "data" / "shapes_backbone.safetensors", HERE / "data" / "shapes_backbone_log.csv"
EPOCHS, BATCH, LR, MOMENTUM, DECAY = 15, 64, 0.1, 0.9, 5e-4
PER_CLASS, TRAIN_SEED, VAL_SEED = 2000, 1_000_001, 1_000_002  # seeds that the notebook does not use


def notebook() -> dict[str, Any]:
    """Return the names that the notebook's cells about the network and the images define."""
    reference = load_reference(HERE / f"{HERE.name}.py", load_unit(HERE / "unit.toml"))
    names: dict[str, Any] = {"__name__": HERE.name}
    for cell in reference.cells:
        if cell.kind == "setup" or (cell.kind == "demo" and "def shape_images" in cell.source):
            exec(compile(cell.source, cell.id, "exec"), names)  # noqa: S102 - the course's own notebook
    return names


def pretrain() -> tuple[dict[str, torch.Tensor], list[dict[str, float]]]:
    """Return the weights with the channel statistics, and a record per epoch."""
    names = notebook()
    images, labels, _ = names["shape_images"](names["SOURCE"], PER_CLASS, TRAIN_SEED)
    val_images, val_labels, _ = names["shape_images"](names["SOURCE"], 100, VAL_SEED)
    mean, std = images.mean(dim=(0, 2, 3)), images.std(dim=(0, 2, 3), correction=0)
    images, val_images = ((x - mean[:, None, None]) / std[:, None, None] for x in (images, val_images))

    torch.manual_seed(0)
    model = names["TransferNet"](names["make_body"](), nn.Linear(48, len(names["SOURCE"])))
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM, weight_decay=DECAY)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    log = []
    for epoch in range(1, EPOCHS + 1):
        rate, total = optimizer.param_groups[0]["lr"], 0.0
        model.train()
        for part in torch.randperm(len(labels)).split(BATCH):
            loss = F.cross_entropy(model(images[part]), labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(part)
        scheduler.step()
        model.eval()
        with torch.no_grad():
            accuracy = (model(val_images).argmax(dim=1) == val_labels).float().mean().item()
        log.append({"epoch": epoch, "lr": round(rate, 5), "loss": round(total / len(labels), 4), "val_accuracy": round(accuracy, 4)})
        print(log[-1], flush=True)
    return {**model.state_dict(), "mean": mean, "std": std}, log


def main() -> None:
    """Write weights and log, and print the checksum."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    weights, log = pretrain()
    WEIGHTS.parent.mkdir(exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, WEIGHTS)
    with LOG.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(log[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(log)
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size} bytes, sha256 {hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
