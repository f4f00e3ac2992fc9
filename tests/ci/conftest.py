"""Fixtures of the CI tests: git with an identity, students' repositories, and a code host's API on this machine."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import TINY

Repository = Callable[..., Path]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git commits in somebody's name; no variable of a runner and no configuration of the person testing is seen."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "GITHUB_API_URL", "GITHUB_SERVER_URL", "STUDENT_REPOS_TOKEN", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed."""
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True).stdout.strip()


def push(folder: Path, files: dict[str, bytes], message: str = "work", date: str = "2001-01-01T00:00:00Z") -> str:
    """Commit files into a student's repository, with a date of the student's choice, and return the commit."""
    if not (folder / ".git").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "-q", "-b", "main")
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "--date", date, "-m", message)
    return git(folder, "rev-parse", "HEAD")


def at(notebook: bytes) -> dict[str, bytes]:
    """Return the files of a student's repository with the tiny unit's notebook."""
    return {f"assignments/{TINY}/{TINY}.ipynb": notebook}


class Host:
    """A code host's API: answers from ``answers`` by method and path, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        self.answers: dict[tuple[str, str], list[tuple[int, Any, dict[str, str]]]] = {}
        host = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                host.asked.append((self.command, self.path, dict(self.headers), body))
                queue = host.answers.get((self.command, self.path.partition("?")[0]), [])
                status, data, headers = (queue.pop(0) if len(queue) > 1 else queue[0]) if queue else (404, {"message": "Not Found"}, {})
                payload = json.dumps(data).encode() if not isinstance(data, bytes) else data
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *args: Any) -> None:
                return

        for method in ("GET", "POST"):
            setattr(Handler, f"do_{method}", Handler._answer)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Add an answer; the last one of a path is given again and again."""
        self.answers.setdefault((method, path), []).append((status, data, headers or {}))

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def host() -> Iterator[Host]:
    """A code host's API."""
    running = Host()
    yield running
    running.close()
