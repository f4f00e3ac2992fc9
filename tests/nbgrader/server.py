"""A JupyterLab server of one's own, with nbgrader's formgrader and assignment list, as a program of this environment."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

PATIENCE = 120.0  # seconds until a server that does not answer is given up
TOKEN = "for-this-test-only"


class Server(msgspec.Struct, frozen=True):
    """A running server.

    Args:
        url: where it answers, with a slash at the end.
        folder: what it serves.
    """

    url: str
    folder: Path

    def page(self, path: str) -> str:
        """Return the address of a page, with the token that opens it."""
        return f"{self.url}{path}{'&' if '?' in path else '?'}token={TOKEN}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """Return the JSON that a path answers with."""
        request = urllib.request.Request(self.url + path, method=method, data=b"" if method == "POST" else None, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def jupyter(folder: Path, project: Path, settings: Path) -> Iterator[Server]:
    """Serve a folder until the block ends.

    Args:
        folder: what is served, and where ``nbgrader_config.py`` is looked for.
        project: the checkout, which the configuration imports from.
        settings: a folder for Jupyter's own files.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AUTOGRADER_", "JUPYTER"))}
    environment |= {"PYTHONPATH": str(project), "PATH": os.defpath, "PYTHONWARNINGS": "ignore", "HOME": str(settings)}
    environment |= {f"JUPYTER_{kind}_DIR": str(settings / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", "--allow-root"]
    options += [f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    settings.mkdir(parents=True, exist_ok=True)
    with (settings / "server.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "jupyterlab", *options], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            found = Server(f"http://127.0.0.1:{port}/", folder)
            _wait_for(found, server, settings / "server.log")
            yield found
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(found: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            found.ask("formgrader/api/status")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"JupyterLab does not answer:\n{log.read_text('utf-8', 'replace')[-4000:]}")
