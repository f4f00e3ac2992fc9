"""The few calls of GitHub's REST API that grading needs: when a commit was received, and a commit's status.

The token goes to the API's own address only: over TLS, or to this machine, and never along a redirect.
"""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import IO, Any, Literal
from urllib.parse import urlsplit

import msgspec

from autograder.errors import GraderError, UsageError
from autograder.feedback.safe import one_line
from autograder.submissions.remotes import Remote

API_VARIABLE, SERVER_VARIABLE, TOKEN_VARIABLE = "GITHUB_API_URL", "GITHUB_SERVER_URL", "STUDENT_REPOS_TOKEN"
State = Literal["error", "failure", "pending", "success"]
_PUSHES = frozenset({"push", "force_push", "branch_creation", "pr_merge", "merge_queue_merge"})
_ADDRESS = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?(?P<host>[\w.-]+)(?::\d+)?/|[\w.-]+@(?P<scp>[\w.-]+):)(?P<path>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)
_NEXT = re.compile(r'<([^>]{1,2000})>\s*;\s*rel="next"')
_MAX_BODY = 10_000_000
_TIMEOUT = 20.0
_TRIES = 3
_PAGES = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a redirect would carry the token to another address."""

    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


class _Answer(msgspec.Struct, frozen=True):
    data: Any
    link: str


class GitHub:
    """A client for one server.

    Args:
        token: sent with every request.
        api: address of the REST API.
        server: address of the web pages; only repositories of its host are asked about.
        pause: seconds before the second try of a request that failed for a passing reason.

    Raises:
        UsageError: the API's address is neither https nor this machine.
    """

    def __init__(self, token: str, *, api: str = "https://api.github.com", server: str = "https://github.com", pause: float = 2.0) -> None:
        parts = urlsplit(api)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise UsageError(f"{API_VARIABLE}={api!r}: expected an https address; the token is sent nowhere else")
        self._api, self._host, self._token, self._pause = api.rstrip("/"), urlsplit(server).hostname, token, pause
        self._opener = urllib.request.build_opener(_NoRedirect)

    @classmethod
    def from_environment(cls) -> GitHub | None:
        """Return a client made of the environment's token and addresses; None without a token."""
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            return None
        return cls(
            token,
            api=os.environ.get(API_VARIABLE) or "https://api.github.com",
            server=os.environ.get(SERVER_VARIABLE) or "https://github.com",
        )

    def repository(self, remote: Remote) -> str:
        """Return ``owner/name`` of a remote on this server; empty for any other remote."""
        match = _ADDRESS.fullmatch(remote.address)
        return match["path"] if match and (match["host"] or match["scp"]).lower() == self._host else ""

    def received(self, repository: str, commit: str) -> datetime | None:
        """Return when the server received the push whose newest commit this is; None when it does not tell.

        Raises:
            GraderError: the API cannot be reached or refuses.
        """
        address = f"{self._api}/repos/{repository}/activity?per_page=100"
        found = []
        for _ in range(_PAGES):
            answer = self._ask("GET", address, None)
            entries = answer.data if isinstance(answer.data, list) else []
            found += [
                e["timestamp"] for e in entries if isinstance(e, dict) and e.get("after") == commit and e.get("activity_type") in _PUSHES
            ]
            following = _NEXT.search(answer.link)
            if found or following is None or not following[1].startswith(f"{self._api}/"):
                break
            address = following[1]
        try:
            return min(datetime.fromisoformat(str(text)).astimezone(UTC) for text in found) if found else None
        except ValueError as error:
            raise GraderError(f"{repository}: GitHub's answer has a time that cannot be read ({error})") from error

    def set_status(self, repository: str, commit: str, state: State, context: str, description: str, target: str = "") -> None:
        """Show a sentence at a commit.

        Raises:
            GraderError: the API cannot be reached or refuses.
        """
        body = {"state": state, "context": one_line(context, 100), "description": one_line(description, 130)}
        self._ask("POST", f"{self._api}/repos/{repository}/statuses/{commit}", body | ({"target_url": target} if target else {}))

    def _ask(self, method: str, address: str, body: dict[str, str] | None) -> _Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(address, data, {**headers, "User-Agent": "autograder"}, method=method)  # noqa: S310 - checked when made
        problem = ""
        for attempt in range(_TRIES):
            time.sleep(self._pause * attempt)
            try:
                with self._opener.open(request, timeout=_TIMEOUT) as response:
                    return _Answer(json.loads(response.read(_MAX_BODY) or b"null"), response.headers.get("Link", ""))
            except urllib.error.HTTPError as error:
                error.close()
                problem = f"{error.code} {one_line(str(error.reason), 80)}"
                if error.code < 500 and error.code != 429:
                    break
            except (OSError, ValueError) as error:
                problem = one_line(str(error), 120)
        raise GraderError(f"GitHub: {method} {urlsplit(address).path}: {problem}")
