"""Real data sets that a notebook may ask for: downloaded once, checked against known checksums, read without executing anything.

Nothing here runs unless it is called, and no exercise needs it: the course's own data are generated or come with the assignment.
"""

from __future__ import annotations

import gzip
import os
import struct
import tarfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec
import numpy as np

from autograder.errors import UsageError

FOLDER_VARIABLE, MIRROR_VARIABLE = "AUTOGRADER_DATA", "AUTOGRADER_MIRROR"
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_CHUNK = 1 << 18
_MAX_BYTES = 1 << 30


class Source(msgspec.Struct, frozen=True):
    """A file on the network.

    Args:
        url: where its owner publishes it.
        checksum: ``algorithm:hexdigest``.
    """

    url: str
    checksum: str

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(urlsplit(self.url).path).name


_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MNIST = {
    "train_images": Source(_MNIST + "train-images-idx3-ubyte.gz", "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    "train_labels": Source(_MNIST + "train-labels-idx1-ubyte.gz", "md5:d53e105ee54ea40749a09fcbcd1e9432"),
    "test_images": Source(_MNIST + "t10k-images-idx3-ubyte.gz", "md5:9fb629c4189551a2d022fa330f9573f3"),
    "test_labels": Source(_MNIST + "t10k-labels-idx1-ubyte.gz", "md5:ec29112dd5afa0611ce80d1b7f02629c"),
}
CIFAR10 = Source("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", "md5:c32a1d4ab5d03f1284b67883e8d87530")
SHAKESPEARE = Source(
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
)


def fetch_mnist() -> dict[str, np.ndarray]:
    """Return MNIST: ``X_train`` (60000, 28, 28) and ``X_test`` (10000, 28, 28) uint8, ``y_train`` and ``y_test`` uint8 labels.

    Raises:
        UsageError: a file cannot be had, or is not what its checksum says.
    """
    parts = {name: _idx(fetch(source)) for name, source in MNIST.items()}
    return {"X_train": parts["train_images"], "y_train": parts["train_labels"], "X_test": parts["test_images"], "y_test": parts["test_labels"]}


def fetch_cifar10() -> dict[str, np.ndarray]:
    """Return CIFAR-10: ``X_train`` (50000, 3, 32, 32) and ``X_test`` (10000, 3, 32, 32) uint8, ``y_train`` and ``y_test`` uint8 labels.

    Raises:
        UsageError: the file cannot be had, or is not what its checksum says.
    """
    with tarfile.open(fetch(CIFAR10)) as archive:
        train = _cifar(archive, [f"data_batch_{i}.bin" for i in range(1, 6)])
        test = _cifar(archive, ["test_batch.bin"])
    return {"X_train": train[1], "y_train": train[0], "X_test": test[1], "y_test": test[0]}


def fetch_shakespeare() -> str:
    """Return a million characters of Shakespeare's plays; raises as the other fetchers do."""
    return fetch(SHAKESPEARE).read_text(encoding="utf-8")


def fetch(source: Source) -> Path:
    """Return the path of a file, downloaded unless it is here already.

    The folder is that of ``AUTOGRADER_DATA``, else the user's cache; ``AUTOGRADER_MIRROR`` names an address that has the
    same files by the same names, such as a server of the school.

    Raises:
        UsageError: the connection fails or breaks, or the file is not what its checksum says; nothing incomplete is kept.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    mirror = os.environ.get(MIRROR_VARIABLE, "").rstrip("/")
    url = f"{mirror}/{source.name}" if mirror else source.url
    folder = Path(os.environ.get(FOLDER_VARIABLE) or pooch.os_cache("autograder"))
    try:
        with _Progress(source.name) as progress:
            download = pooch.HTTPDownloader(progressbar=progress, chunk_size=_CHUNK, timeout=30)
            return Path(pooch.retrieve(url, source.checksum, fname=source.name, path=folder, downloader=download))
    except requests.RequestException as error:
        reason = "the server says " + str(error.response.status_code) if error.response is not None else f"the connection failed ({type(error).__name__})"
        raise UsageError(f"url={url!r}: {reason}; nothing is kept. Try again, or put the file into {str(folder)!r} by hand") from error
    except ValueError as error:
        raise UsageError(f"url={url!r}: the file is not the expected one (its checksum differs from {source.checksum}); nothing is kept") from error
    except OSError as error:
        raise UsageError(f"folder={str(folder)!r}: cannot write there ({error.strerror or error}); name another folder in {FOLDER_VARIABLE}") from error


class _Progress:
    """A progress bar as the downloader wants one: it is shown once the first bytes arrive."""

    def __init__(self, name: str) -> None:
        from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

        self._bar = Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._name, self._seen, self.total = name, 0, 0
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def update(self, count: int) -> None:
        """Count bytes; the downloader counts whole chunks, so the last one may be shorter."""
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(self._name, total=self.total or None)
        self._seen = min(self._seen + count, self.total or self._seen + count)
        self._bar.update(self._task, completed=self._seen)

    def reset(self) -> None:
        """Begin again from nothing."""
        self._seen = 0

    def close(self) -> None:
        """Nothing more comes."""
        self._bar.stop()


def _idx(path: Path) -> np.ndarray:
    """Return the array in a gzipped IDX file of unsigned bytes."""
    try:
        with gzip.open(path, "rb") as file:
            _, kind, ndim = struct.unpack(">HBB", file.read(4))
            shape = struct.unpack(f">{ndim}I", file.read(4 * ndim))
            data = file.read(min(int(np.prod(shape)), _MAX_BYTES))
        if kind != 8:
            raise ValueError(f"element type {kind}")
        return np.frombuffer(data, np.uint8).reshape(shape)
    except (OSError, EOFError, struct.error, ValueError) as error:
        raise UsageError(f"file={str(path)!r} is not an IDX file of bytes ({error}); delete it and try again") from error


def _cifar(archive: tarfile.TarFile, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return labels (N,) and images (N, 3, 32, 32) of binary batches; members are read, never unpacked to disk."""
    rows = []
    for name in names:
        member: Any = archive.extractfile(f"cifar-10-batches-bin/{name}")
        rows.append(np.frombuffer(member.read(_MAX_BYTES), np.uint8).reshape(-1, 3073))
    table = np.concatenate(rows)
    return table[:, 0].copy(), table[:, 1:].reshape(-1, 3, 32, 32).copy()


__all__ = ["CIFAR10_CLASSES", "fetch_cifar10", "fetch_mnist", "fetch_shakespeare"]
