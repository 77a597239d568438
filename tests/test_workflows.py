"""The workflows keep to the rules that keep publishing safe, and do what they are for."""

import os
import re
import subprocess

import pytest
import yaml

from bookbuild import commands, paths

FOLDER = paths.ROOT / ".github"
FILES = sorted((FOLDER / "workflows").glob("*.yml"))
SET_UP = FOLDER / "actions" / "set-up" / "action.yml"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
MAY_WRITE = {
    "publish": {"pages": "write", "id-token": "write"},
    "release": {"contents": "write"},
    "report": {"contents": "read", "issues": "write"},
}


def read(file):
    return file.read_text(encoding="utf-8")


def parsed(file):
    """YAML reads the key `on` as true."""
    content = yaml.safe_load(read(file))
    return content | {"on": content.pop(True)}


JOBS = [
    pytest.param(file, name, job, id=f"{file.stem}-{name}")
    for file in FILES
    for name, job in parsed(file)["jobs"].items()
]


def steps(job, action):
    return [step for step in job["steps"] if step.get("uses", "").startswith(action)]


def test_the_three_workflows_run_when_they_should():
    triggers = {file.stem: parsed(file)["on"] for file in FILES}
    assert triggers["pull_request"] == "pull_request"
    assert triggers["main"]["push"] == {"branches": ["main"], "tags": ["v*"]}
    assert len(triggers["weekly"]["schedule"]) == 1
    assert set(triggers) == {"pull_request", "main", "weekly"}


@pytest.mark.parametrize("file", [*FILES, SET_UP], ids=lambda file: file.stem)
def test_every_action_is_pinned_by_its_hash_and_says_its_version(file):
    used = re.findall(r"uses: (.*)", read(file))
    assert used
    assert [name for name in used if not (name.startswith("./") or PINNED.fullmatch(name))] == []


def test_one_action_has_one_version_everywhere():
    pins = {}
    for file in [*FILES, SET_UP]:
        for owner, pin in re.findall(r"uses: ([\w-]+/[\w-]+)[\w/-]*@(.*)", read(file)):
            pins.setdefault(owner, set()).add(pin)
    assert len(pins) >= 6
    assert {owner: found for owner, found in pins.items() if len(found) > 1} == {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_permitted_unless_a_job_asks(file):
    assert parsed(file)["permissions"] == {}


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_a_job_may_write_only_what_it_is_for(file, name, job):
    assert job["permissions"] == MAY_WRITE.get(name, {"contents": "read"})


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_a_job_that_may_write_runs_no_code_of_the_book(file, name, job):
    if name in MAY_WRITE:
        assert not re.search(r"make |python|pip ", " ".join(s.get("run", "") for s in job["steps"]))


def test_code_of_strangers_meets_no_secret_and_no_token():
    """`pull_request_target` and `workflow_run` would run it with the rights of the repository."""
    for file in FILES:
        assert not re.search(r"pull_request_target|workflow_run|secrets", read(file)), file
    assert "github.token" not in read(FOLDER / "workflows" / "pull_request.yml")


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_a_checkout_leaves_no_token_behind(file, name, job):
    for step in steps(job, "actions/checkout@"):
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_what_others_write_is_never_pasted_into_a_script(file, name, job):
    """A branch or a title can hold shell code; as a variable of the environment it is text."""
    assert [step for step in job["steps"] if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize(("file", "name", "job"), JOBS)
def test_every_job_ends_in_time(file, name, job):
    assert 5 <= job["timeout-minutes"] <= 180


def test_a_new_push_ends_the_check_of_the_old_one_but_no_deployment():
    groups = {file.stem: parsed(file)["concurrency"] for file in FILES}
    assert groups["pull_request"]["cancel-in-progress"] is True
    assert "pull_request.number" in groups["pull_request"]["group"]
    assert groups["main"]["cancel-in-progress"] is False
    assert groups["weekly"]["cancel-in-progress"] is False


def test_only_main_keeps_results_for_others():
    """What a pull request computed must not become what the published book shows."""
    assert [file.stem for file in FILES if "actions/cache/save@" in read(file)] == ["main"]
    assert not re.search(r"uses: actions/cache@", "".join(map(read, [*FILES, SET_UP])))
    (job,) = (
        job
        for job in parsed(FOLDER / "workflows/main.yml")["jobs"].values()
        if steps(job, "actions/cache/save@")
    )
    (save,) = steps(job, "actions/cache/save@")
    assert "github.ref == 'refs/heads/main'" in save["if"]
    fetched = re.search(r"key: (executions-.*)-\$\{\{ inputs", read(SET_UP)).group(1)
    assert save["with"]["key"].startswith(fetched)
    assert save["with"]["path"] in read(SET_UP)


def test_a_site_with_stand_ins_for_observed_data_is_not_published():
    scripts = [
        s.get("run", "") for s in parsed(FOLDER / "workflows/main.yml")["jobs"]["build"]["steps"]
    ]
    assert "! grep simulated book/_build/status.json" in scripts


def test_the_weekly_rebuild_is_cold_and_on_the_newest_versions():
    newest = parsed(FOLDER / "workflows/weekly.yml")["jobs"]["newest"]
    assert newest["env"] == {"BOOK_NEWEST": "1", "COLD": "1"}
    (set_up,) = steps(newest, "./.github/actions/set-up")
    assert set_up["with"]["results"] == "false"


def test_the_workflows_call_what_a_contributor_calls():
    """Targets that the Makefile has and the README explains."""
    targets = re.findall(r"^([a-z-]+): ", read(paths.ROOT / "Makefile"), re.MULTILINE)
    called = {name for file in FILES for name in re.findall(r"run: make ([a-z-]+)", read(file))}
    assert {"site", "check", "test", "outside-links", "launch-test"} <= called <= set(targets)
    assert [name for name in called if f"make {name}" not in read(paths.ROOT / "README.md")] == []


def test_the_modules_that_the_workflows_run_exist():
    for file in FILES:
        for module in re.findall(r"-m (bookbuild\.\w+)", read(file)):
            assert (paths.CODE / f"{module.replace('.', '/')}.py").exists(), module


def test_make_check_holds_the_workflows_against_their_schema():
    schemas = [words[2] for words in commands.linters() if words[0] == "check_jsonschema"]
    assert {"vendor.github-workflows", "vendor.github-actions"} <= set(schemas)
    for words in commands.linters():
        if words[2:3] == ["vendor.github-workflows"]:
            assert words[4:] == [str(file) for file in FILES]


# ---------------------------------------------------------------- the weekly issue


@pytest.fixture
def weekly_issue(tmp_path):
    """Run the script with a `gh` that only notes what it is asked, and names the open issue."""
    gh, record = tmp_path / "gh", tmp_path / "asked"
    gh.write_text('#!/bin/sh\necho "$1 $2" >> "$ASKED"\n[ "$2" != list ] || echo "$OPEN"\n')
    gh.chmod(0o755)

    def run(open_issue, *results):
        record.unlink(missing_ok=True)
        names = dict(zip(("NEWEST", "LINKS", "LAUNCH"), results, strict=True))
        settings = {"OPEN": open_issue, "ASKED": str(record), "RUN": "https://example.org/run"}
        variables = os.environ | names | settings
        variables["PATH"] = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        subprocess.run([FOLDER / "weekly_issue.sh"], env=variables, check=True)
        return record.read_text().splitlines()[1:]  # the first only looks

    return run


@pytest.mark.parametrize(
    ("open_issue", "results", "asked"),
    [
        ("", ("success", "success", "success"), []),
        ("7", ("success", "success", "success"), ["issue close"]),
        ("", ("success", "failure", "success"), ["label create", "issue create"]),
        ("7", ("failure", "success", "success"), ["issue comment"]),
        ("7", ("success", "success", "cancelled"), ["issue comment"]),
    ],
)
def test_there_is_never_more_than_one_weekly_issue(weekly_issue, open_issue, results, asked):
    assert weekly_issue(open_issue, *results) == asked
