"""The study's server, over real sockets."""

import asyncio

import pytest
from aiohttp.test_utils import TestClient, TestServer, unused_port
from study_answers import answers, encoded

from h2h.errors import UserError
from h2h.io import answers as kept
from h2h.io.answers import Answers
from h2h.study.load import load_plan
from h2h.study.result import LARGEST
from h2h.study.server import StudyServer, check_page

JSON = {"Content-Type": "application/json"}


def served(study, steps, told=None):
    async def go():
        port = unused_port()
        own = StudyServer(study.page, load_plan(study), Answers(study.answers), "127.0.0.1", told or port)
        app = own.application()
        async with TestClient(TestServer(app, port=port)) as client:
            await steps(client)

    asyncio.run(go())


def test_a_submission_is_stored_once(study, monkeypatch):
    plan = load_plan(study)

    async def steps(client):
        async def post(content, headers=JSON):
            async with client.post("/results", data=content, headers=headers) as answer:
                return answer.status, await answer.text()

        first = answers(plan, 1)
        assert [(await post(encoded(first)))[0] for _ in range(3)] == [201, 200, 200]
        assert (await post(encoded(answers(plan, 1, lambda _: 5))))[0] == 409  # other content, the same name
        assert (await post(encoded(first | {"submission": "a" * 32})))[0] == 409  # the same, under another name
        both = await asyncio.gather(*(post(encoded(answers(plan, 2))) for _ in range(4)))
        assert sorted(status for status, _ in both) == [200, 200, 200, 201]
        assert await post(b"{") == (
            400,
            "it is no result: Invalid JSON: EOF while parsing an object at line 1 column 1",
        )
        assert (await post(encoded(first | {"study": "x"})))[0] == 400
        assert (await post(b" " * (LARGEST + 1)))[0] == 413
        assert (await post(encoded(first), {"Content-Type": "text/plain"}))[0] == 415
        assert (await post(encoded(first), JSON | {"Origin": "http://evil.example"}))[0] == 403
        assert (await post(encoded(first), JSON | {"Origin": "null"}))[0] == 403
        assert (await post(encoded(first), JSON | {"Host": "evil.example"}))[0] == 403
        monkeypatch.setattr(kept, "MOST", 2)
        assert (await post(encoded(answers(plan, 3))))[0] == 507

    served(study, steps)
    assert [name for name, _ in Answers(study.answers).contents()] == [f"{seed:032x}" for seed in (1, 2)]


def test_only_the_page_is_served(study):
    async def steps(client):
        async def status(path, **headers):
            async with client.get(path, headers=headers) as answer:
                return answer.status

        clip = next(iter(load_plan(study).clips))
        assert await status("/") == 200 and await status(f"/clips/{clip}.mp4") == 200
        assert await status(f"/clips/{clip}.mp4", Range="bytes=0-9") == 206  # phones ask for parts
        for path in (
            "/key.json",
            "/clips/../../key.json",
            "/clips/%2e%2e%2f%2e%2e%2fkey.json",
            "/clips/x.mp4",
        ):
            assert await status(path) == 404
        async with client.get("/") as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and policy.count("sha256-") == 2

    served(study, steps)


def test_at_the_default_port_a_browser_names_none(study):
    async def steps(client):
        for host, wanted in (("localhost", 200), ("evil.example", 403)):
            async with client.get("/", headers={"Host": host}) as answer:
                assert answer.status == wanted

    served(study, steps, told=80)


def test_a_folder_that_lacks_a_clip_is_not_served(study):
    clip = next((study.page / "clips").iterdir())
    clip.unlink()
    with pytest.raises(UserError, match=clip.name):
        check_page(study.page, load_plan(study))


def test_a_damaged_file_of_answers_is_named(study):
    study.answers.write_bytes(b"not a database, but long enough to look" * 40)
    with pytest.raises(UserError, match=r"answers\.sqlite cannot be used"):
        Answers(study.answers).contents()
