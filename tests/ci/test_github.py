"""Tests of the calls to a code host, against a server on this machine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autograder.ci.github import GitHub
from autograder.errors import GraderError, UsageError
from autograder.submissions.remotes import Remote
from tests.ci.conftest import Host

COMMIT = "a" * 40
ACTIVITY = "/repos/ada/course/activity"
STATUS = f"/repos/ada/course/statuses/{COMMIT}"


@pytest.fixture
def github(host: Host) -> GitHub:
    """A client of the local server."""
    return GitHub("t0ken", api=host.address, pause=0.0)


def entry(kind: str, time: str, after: str = COMMIT) -> dict[str, str]:
    """Return an entry of a repository's activity."""
    return {"before": "0" * 40, "after": after, "ref": "refs/heads/main", "timestamp": time, "activity_type": kind}


def test_a_push_is_dated_by_the_server(host: Host, github: GitHub) -> None:
    """The earliest push of the commit counts; other commits and other activities do not."""
    host.answer(
        "GET",
        ACTIVITY,
        [entry("force_push", "2026-11-20T14:00:00Z"), entry("push", "2026-11-20T13:00:00+01:00"), entry("branch_deletion", "2020-01-01T00:00:00Z"), entry("push", "2019-01-01T00:00:00Z", "b" * 40)],
    )
    assert github.received("ada/course", COMMIT) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    method, path, headers, _ = host.asked[0]
    assert (method, path) == ("GET", f"{ACTIVITY}?per_page=100")
    assert headers["Authorization"] == "Bearer t0ken"


def test_pages_are_followed_on_the_same_server_only(host: Host, github: GitHub) -> None:
    """An older push is found on the next page; a page elsewhere is not asked for."""
    link = {"Link": f'<{host.address}{ACTIVITY}?per_page=100&after=x>; rel="next"'}
    host.answer("GET", ACTIVITY, [entry("push", "2026-11-20T14:00:00Z", "b" * 40)], headers=link)
    host.answer("GET", ACTIVITY, [entry("push", "2026-11-20T12:00:00Z")], headers={"Link": '<https://elsewhere.example/x>; rel="next"'})
    assert github.received("ada/course", COMMIT) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert github.received("ada/course", "c" * 40) is None
    assert len(host.asked) == 3


@pytest.mark.parametrize("answer", [{}, [], [1], "x", None])
def test_an_answer_that_tells_nothing_gives_nothing(host: Host, github: GitHub, answer: object) -> None:
    """What is not a list of activities does not date anything."""
    host.answer("GET", ACTIVITY, answer)
    assert github.received("ada/course", COMMIT) is None


def test_a_time_that_is_none_is_an_error(host: Host, github: GitHub) -> None:
    """A timestamp that cannot be read is told, not guessed."""
    host.answer("GET", ACTIVITY, [entry("push", "yesterday")])
    with pytest.raises(GraderError, match="cannot be read"):
        github.received("ada/course", COMMIT)


def test_a_status_is_shown_at_the_commit(host: Host, github: GitHub) -> None:
    """State, context, one line and an address are sent; a long line is cut to what the host takes."""
    host.answer("POST", STATUS, {"id": 1}, status=201)
    github.set_status("ada/course", COMMIT, "success", "grade/u03", "x\n" * 200, "https://example.org/run")
    body = host.asked[0][3]
    assert (body["state"], body["context"], body["target_url"]) == ("success", "grade/u03", "https://example.org/run")
    assert len(body["description"]) <= 140
    assert "\n" not in body["description"]


def test_passing_failures_are_tried_again(host: Host, github: GitHub) -> None:
    """After a 502 and a 429 the third try counts."""
    for status in (502, 429):
        host.answer("POST", STATUS, {}, status=status)
    host.answer("POST", STATUS, {}, status=201)
    github.set_status("ada/course", COMMIT, "success", "c", "d")
    assert len(host.asked) == 3


@pytest.mark.parametrize(("status", "asked"), [(401, 1), (403, 1), (404, 1), (422, 1), (503, 3)])
def test_a_refusal_is_one_message_without_the_token(host: Host, github: GitHub, status: int, asked: int) -> None:
    """A refusal is not repeated; the message names the repository, not the token."""
    host.answer("POST", STATUS, {}, status=status)
    with pytest.raises(GraderError, match=rf"statuses/{COMMIT}: {status}") as caught:
        github.set_status("ada/course", COMMIT, "success", "c", "d")
    assert "t0ken" not in str(caught.value)
    assert len(host.asked) == asked


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_does_not_follow_a_redirect(host: Host, github: GitHub, status: int) -> None:
    """A redirect is an error; the other address is never asked."""
    other = Host()
    try:
        host.answer("GET", ACTIVITY, [], status=status, headers={"Location": f"{other.address}/stolen"})
        with pytest.raises(GraderError, match=str(status)):
            github.received("ada/course", COMMIT)
        assert other.asked == []
    finally:
        other.close()


def test_a_server_that_is_not_there_is_told(host: Host) -> None:
    """A refused connection and an answer that is no JSON are messages."""
    host.answer("GET", ACTIVITY, b"<html>")
    with pytest.raises(GraderError, match="activity"):
        GitHub("t", api=host.address, pause=0.0).received("ada/course", COMMIT)
    with pytest.raises(GraderError, match="activity"):
        GitHub("t", api="http://127.0.0.1:9", pause=0.0).received("ada/course", COMMIT)


@pytest.mark.parametrize("api", ["http://api.example.org", "ftp://x", "api.example.org"])
def test_the_token_is_sent_over_tls_only(api: str) -> None:
    """An address without TLS that is not this machine is refused."""
    with pytest.raises(UsageError, match="https"):
        GitHub("t", api=api)


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("https://github.com/ada/course.git", "ada/course"),
        ("https://github.com/ada/course", "ada/course"),
        ("https://user:pass@github.com/ada/course/", "ada/course"),
        ("git@github.com:ada/course.git", "ada/course"),
        ("ssh://git@github.com:22/ada/course.git", "ada/course"),
        ("https://gitlab.com/ada/course.git", ""),
        ("https://github.com.evil.example/ada/course.git", ""),
        ("https://github.com@evil.example/ada/course.git", ""),
        ("https://github.com/ada/course/../../x", ""),
        ("/srv/ada/course.git", ""),
        ("file:///srv/ada/course.git", ""),
    ],
)
def test_repositories_are_known_by_their_address(address: str, repository: str) -> None:
    """Only repositories of the server itself are asked about."""
    assert GitHub("t").repository(Remote("ada", address)) == repository


def test_without_a_token_there_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token, the API and the server are read from the environment."""
    assert GitHub.from_environment() is None
    monkeypatch.setenv("STUDENT_REPOS_TOKEN", "t")
    monkeypatch.setenv("GITHUB_API_URL", "https://code.example.org/api/v3")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://code.example.org")
    client = GitHub.from_environment()
    assert client is not None
    assert client.repository(Remote("ada", "https://code.example.org/ada/course")) == "ada/course"
    assert client.repository(Remote("ada", "https://github.com/ada/course")) == ""
