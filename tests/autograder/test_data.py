"""Opt-in downloads, from a server on this machine."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import data
from autograder.data import Source
from autograder.errors import UsageError


class Mirror:
    """A server: files by name, how often each was asked for, how it misbehaves."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.cut = 0
        self.status = 200
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[-1]
                mirror.asked.append(name)
                body = mirror.files.get(name, b"")
                self.send_response(mirror.status if name in mirror.files else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) - mirror.cut])

            def log_message(self, *args: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server.server_port}/mirror"


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Mirror]:
    mirror = Mirror()
    monkeypatch.setenv(data.MIRROR_VARIABLE, mirror.url)
    monkeypatch.setenv(data.FOLDER_VARIABLE, str(tmp_path / "data"))
    yield mirror
    mirror.server.shutdown()
    mirror.server.server_close()


def serve(mirror: Mirror, source: Source, body: bytes) -> Source:
    """Serve other content under a source's name and return the source with that content's checksum."""
    mirror.files[source.name] = body
    return Source(source.url, f"sha256:{hashlib.sha256(body).hexdigest()}")


def idx(a: np.ndarray) -> bytes:
    return gzip.compress(struct.pack(f">HBB{a.ndim}I", 0, 8, a.ndim, *a.shape) + a.tobytes())


def test_a_file_is_downloaded_once(mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> None:
    """The first call downloads with a progress bar, the second finds the file."""
    body = b"To be, or not to be" * 50_000
    source = serve(mirror, data.SHAKESPEARE, body)
    assert data.fetch(source).read_bytes() == body
    assert "input.txt" in capsys.readouterr().out
    assert data.fetch(source).read_bytes() == body
    assert mirror.asked == ["input.txt"]


def test_a_wrong_checksum_is_refused_and_not_kept(mirror: Mirror, tmp_path: Path) -> None:
    """A file that is not the expected one is an error that says so, and the next try starts afresh."""
    mirror.files["input.txt"] = b"something else"
    with pytest.raises(UsageError, match="checksum differs from sha256:86c4e6aa"):
        data.fetch_shakespeare()
    assert not [p for p in (tmp_path / "data").rglob("*") if p.is_file()]
    good = serve(mirror, data.SHAKESPEARE, b"the right one")
    assert data.fetch(good).read_bytes() == b"the right one"


def test_a_damaged_file_in_the_folder_is_replaced(mirror: Mirror) -> None:
    """What is on disk is checked too."""
    source = serve(mirror, data.SHAKESPEARE, b"the right one")
    data.fetch(source).write_bytes(b"damaged")
    assert data.fetch(source).read_bytes() == b"the right one"


def test_a_broken_connection_keeps_nothing(mirror: Mirror, tmp_path: Path) -> None:
    """A download that ends early is an error with what to do, and leaves no half file."""
    source = serve(mirror, data.SHAKESPEARE, b"x" * 3_000_000)
    mirror.cut = 1_000_000
    with pytest.raises(UsageError, match="the connection failed .*nothing is kept"):
        data.fetch(source)
    assert not [p for p in (tmp_path / "data").rglob("*") if p.is_file()]
    mirror.cut = 0
    assert len(data.fetch(source).read_bytes()) == 3_000_000


def test_a_missing_file_and_a_dead_server_say_so(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's answer, or that there is none, is in the message."""
    with pytest.raises(UsageError, match="the server says 404"):
        data.fetch_cifar10()
    monkeypatch.setenv(data.MIRROR_VARIABLE, "http://127.0.0.1:9/nothing")
    with pytest.raises(UsageError, match="the connection failed"):
        data.fetch_cifar10()


def test_mnist_is_read_as_arrays(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images and labels come as uint8 arrays of the published shapes."""
    rng = np.random.default_rng(0)
    parts = {"train_images": (6, 28, 28), "train_labels": (6,), "test_images": (2, 28, 28), "test_labels": (2,)}
    arrays = {name: rng.integers(0, 256, shape).astype(np.uint8) for name, shape in parts.items()}
    monkeypatch.setattr(data, "MNIST", {name: serve(mirror, data.MNIST[name], idx(a)) for name, a in arrays.items()})
    mnist = data.fetch_mnist()
    assert np.array_equal(mnist["X_train"], arrays["train_images"])
    assert np.array_equal(mnist["y_test"], arrays["test_labels"])


def test_cifar10_is_read_from_its_binary_form(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels and channel-first images come out of the archive without unpickling or unpacking it."""
    rng = np.random.default_rng(0)
    table = rng.integers(0, 10, (12, 3073)).astype(np.uint8)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for number, name in enumerate([*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]):
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            body = table[2 * number : 2 * number + 2].tobytes()
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    monkeypatch.setattr(data, "CIFAR10", serve(mirror, data.CIFAR10, packed.getvalue()))
    cifar = data.fetch_cifar10()
    assert cifar["X_train"].shape == (10, 3, 32, 32)
    assert np.array_equal(cifar["X_test"].reshape(2, -1), table[10:, 1:])
    assert np.array_equal(cifar["y_train"], table[:10, 0])


def test_a_file_of_another_form_says_so(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that pass the checksum but are no IDX file are an error of that file."""
    monkeypatch.setattr(data, "MNIST", {name: serve(mirror, s, gzip.compress(b"no")) for name, s in data.MNIST.items()})
    with pytest.raises(UsageError, match="is not an IDX file"):
        data.fetch_mnist()
