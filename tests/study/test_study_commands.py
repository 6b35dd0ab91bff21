"""From films to a page, and from answers to tables."""

import json
import re

import av
import pytest
from click.testing import CliRunner
from study_answers import answers, encoded
from study_project import make_work

from h2h.commands.study_build import command as build
from h2h.commands.study_tables import command as tables
from h2h.errors import UserError
from h2h.io.answers import Answers
from h2h.io.cards import sha256
from h2h.io.credentials import NoCredentials, read_credentials
from h2h.study.load import load_key, load_plan


def run(command, *arguments):
    done = CliRunner().invoke(command, [str(one) for one in arguments])
    if isinstance(done.exception, UserError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_the_page_does_not_say_which_clip_is_what(study):
    plan, key = load_plan(study), load_key(study, load_plan(study))
    real = [one.clip for one in plan.ratings if key.clips[one.clip].real]
    made = [one.clip for one in plan.ratings if not key.clips[one.clip].real]
    assert len(real) == len(made) == 2 and len(plan.preferences) == 2
    page = (study.page / "index.html").read_text()
    shown = json.loads(re.search(r'id="plan">(.*?)</script>', page, re.DOTALL)[1])
    assert shown == plan.as_json() and "</script><b>" not in page
    assert not re.search(r"ours|vid2vid|nearest_frame|\breal\b", json.dumps(shown | {"about": ""}))
    assert sorted(p.stem for p in (study.page / "clips").iterdir()) == sorted(plan.clips)
    lengths = set()
    for clip, found in plan.clips.items():
        path = study.page / f"clips/{clip}.mp4"
        assert sha256(path) == found
        with av.open(str(path)) as film:
            lengths.add((film.streams.video[0].frames, film.streams.video[0].width, film.streams.video[0].codec.name))
        if key.clips[clip].real:
            with pytest.raises(NoCredentials):
                read_credentials(path)
        else:
            assert read_credentials(path).synthetic
    assert lengths == {(10, 256, "h264")}
    others = [key.clips[clip] for clip in real]
    assert all(one.person == "ann" and one.first < 20 for one in others)  # not the self-reenacted moments
    driving = key.clips[plan.preferences[0].driving]
    assert (driving.real, driving.first, driving.frames) == (True, 20, 10)


def test_tables_of_files_and_of_the_server(study, tmp_path):
    plan, key = load_plan(study), load_key(study, load_plan(study))
    assert "No participants yet." in run(tables, study.path)
    assert [p.name for p in (study.path / "tables").iterdir()] == ["study.md"]
    rate = lambda clip: 5 if key.clips[clip].real else 2  # noqa: E731
    first = answers(plan, 1, rate)
    Answers(study.answers).store(first["submission"], 1, json.dumps(first))
    (tmp_path / "two.json").write_bytes(encoded(answers(plan, 2, rate)))
    text = run(tables, study.path, tmp_path / "two.json")
    assert "2 participants." in text and "| ann | 0 | 2 | 0 | 0 | 0 | 0% (0% to 66%) |" in text
    written = (study.path / "tables/table2.csv").read_text().splitlines()
    assert written[0].startswith("video,synthesised_1,") and written[1].startswith("ann,0.0000,2.0000,")
    assert {p.name for p in (study.path / "tables").iterdir()} == {
        "study.md", "table2.csv", "table3.csv", "preference.csv"
    }  # fmt: skip


def test_bad_results_are_all_named_and_no_table_is_made(study, tmp_path):
    plan = load_plan(study)
    bad = {
        "twice.json": encoded(answers(plan, 1)),
        "foreign.json": encoded(answers(plan, 2) | {"study": "0" * 32}),
        "broken.json": b"{",
    }
    (tmp_path / "good.json").write_bytes(encoded(answers(plan, 1)))
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as error:
        run(tables, study.path, tmp_path / "good.json", *(tmp_path / name for name in bad), tmp_path / "missing.json")
    said = str(error.value)
    assert re.search(r"twice\.json: it is a duplicate of .*good\.json", said)
    assert "foreign.json: it belongs to another study" in said and "broken.json: it is no result" in said
    assert "missing.json: it cannot be read: No such file" in said
    assert not (study.path / "tables").exists()


def test_a_changed_plan_or_key_is_refused(study):
    plan = study.plan.read_text()
    study.plan.write_text(plan.replace("Cy", "Di"))
    with pytest.raises(UserError, match="was changed"):
        run(tables, study.path)
    study.plan.write_text(plan)
    key = json.loads(study.key.read_text())
    study.key.write_text(json.dumps(key | {"study": "0"}))
    with pytest.raises(UserError, match="another study"):
        run(tables, study.path)
    study.key.unlink()
    with pytest.raises(UserError, match="missing"):
        run(tables, study.path)


def test_what_cannot_be_built(in_project, tmp_path):
    make_work(tmp_path / "work")
    options = ["--work", tmp_path / "work", "-o", tmp_path / "study"]
    with pytest.raises(UserError, match="no film of vid2vid that shows bea"):
        run(build, *options, "--method", "vid2vid", "--person", "bea")
    with pytest.raises(UserError, match="no experiments"):
        run(build, *options, "--against", "nobody")
    with pytest.raises(UserError, match="5 s long"):
        run(build, *options)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["work"]
    (tmp_path / "study").mkdir()
    (tmp_path / "study/answers.sqlite").touch()
    with pytest.raises(UserError, match="there already"):
        run(build, *options)
