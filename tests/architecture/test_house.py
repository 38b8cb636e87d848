"""The house's rules that no linter holds: sizes, names, descriptions, doors."""

import ast
import configparser
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from inspect import getdoc
from pathlib import Path

import pytest

import likewise
from likewise.app import FEATURES, list_features, sections
from likewise.platform.errors import Fact

ROOT = Path(likewise.__file__).parent
REPOSITORY = Path(__file__).parents[2]
SOURCES = sorted(path for path in ROOT.rglob("*.py") if "node_modules" not in path.parts)
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
SUBCLASSED = {"Fact", "NotFound", "Conflict", "Rejected", "Limited", "Unavailable", "Denied"}


def modules() -> list[str]:
    return [".".join(("likewise", *path.relative_to(ROOT).with_suffix("").parts)) for path in SOURCES]


def identified(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=identified)
def test_module_and_its_functions_fit_their_screens(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MODULE_LINES_MAX, "a folder of the same name"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=identified)
def test_module_says_what_it_promises_and_leaves_nothing_undone(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module opens with what it promises"
    undone = re.search(r"\b(TODO|FIXME|XXX)\b", text)
    assert undone is None, f"undone: {undone}"


def test_every_package_holds_code() -> None:
    for folder in (path for path in ROOT.rglob("*") if path.is_dir() and (path / "__init__.py").exists()):
        others = [path for path in folder.iterdir() if path.name not in {"__init__.py", "__pycache__"}]
        assert others or (folder / "__init__.py").stat().st_size > 500, f"{folder} is an empty room"


def facts() -> Iterator[type[Fact]]:
    """Every error that we raise on purpose."""
    for module in modules():
        if not module.endswith("__main__"):
            import_module(module.removesuffix(".__init__"))
    waiting: list[type[Fact]] = [Fact]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("likewise.") and kind.__name__ not in SUBCLASSED:
            yield kind


def raised_with() -> dict[type[Fact], list[tuple[str, set[str]]]]:
    """`{class: [(where, the keywords it is made with)]}`; only calls whose keywords can all be read."""
    found: dict[type[Fact], list[tuple[str, set[str]]]] = {}
    for name, path in zip(modules(), SOURCES, strict=True):
        module = import_module(name.removesuffix(".__init__"))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and all(word.arg for word in node.keywords)
            ):
                kind = getattr(module, node.func.id, None)
                if isinstance(kind, type) and issubclass(kind, Fact):
                    keywords = {str(word.arg) for word in node.keywords}
                    found.setdefault(kind, []).append((f"{identified(path)}:{node.lineno}", keywords))
    return found


def test_every_error_is_a_message_that_its_facts_complete() -> None:
    calls = raised_with()
    kinds = list(facts())
    assert len(kinds) > 40
    for kind in kinds:
        message = getdoc(kind) or ""
        assert message, f"{kind.__name__} has no message"
        wanted = {field.split(".")[0].split("[")[0] for _, field, _, _ in string.Formatter().parse(message) if field}
        if "__init__" in vars(kind):
            continue  # it completes its message itself
        for place, given in calls.get(kind, []):
            missing = wanted - given
            assert not missing, f"{place}: {kind.__name__} lacks {sorted(missing)}"


def test_a_code_means_one_status() -> None:
    statuses: dict[str, set[int]] = {}
    for kind in facts():
        statuses.setdefault(kind.code, set()).add(kind.status)
    assert not {code: found for code, found in statuses.items() if len(found) > 1}


def test_every_setting_says_what_it_is_and_in_which_unit() -> None:
    names: set[str] = set()
    for section in sections():
        assert getdoc(section), section.__name__
        assert section.section not in names, f"two sections are called {section.section}"
        names.add(section.section)
        for name, field in section.model_fields.items():
            assert field.description, f"{section.__name__}.{name} has no description"


def test_every_feature_has_a_page_and_a_name_for_everything() -> None:
    for path, feature in zip(FEATURES, list_features(), strict=True):
        folder = ROOT.joinpath(*path.split(".")[1:])
        assert feature.name == folder.name
        assert (folder / "README.md").stat().st_size > 500, f"{folder}/README.md is half a page"
        assert import_module(path).__all__, f"{path} is a door"
        if feature.settings is not None:
            assert feature.settings.section == feature.name


def contracts() -> configparser.ConfigParser:
    found = configparser.ConfigParser()
    found.read(REPOSITORY / ".importlinter")
    return found


def test_every_feature_and_platform_package_has_a_door_contract() -> None:
    found = contracts()
    packages = [
        path.parent
        for path in SOURCES
        if path.name == "__init__.py"
        and path.parent.parent.name in {"engine", "apps", "operate", "platform"}
        and path.parent.parent.parent == ROOT
    ]
    assert {ROOT.joinpath(*feature.split(".")[1:]) for feature in FEATURES} <= set(packages)
    for package in packages:
        dotted = ".".join(("likewise", *package.relative_to(ROOT).parts))
        section = f"importlinter:contract:door-{package.name}"
        assert found.has_section(section), f"{dotted} has no door contract"
        assert found[section]["allowed_importers"].split() == [dotted]
        protected = found[section]["protected_modules"].split()
        inside = {f"{dotted}.{path.stem}" for path in package.glob("*.py") if path.stem != "__init__"}
        assert protected == [f"{dotted}.*"] or set(protected) == inside, dotted
    doors = {name.partition("door-")[2] for name in found.sections() if "door-" in name}
    assert doors == {package.name for package in packages} | {"embedded"}


def test_the_arrows_point_down() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_an_arrow_that_points_up_would_be_found(tmp_path: Path) -> None:
    package = tmp_path / "house"
    for room in ("platform", "engine"):
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "platform" / "clock.py").write_text("import house.engine\n")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = house\n[importlinter:contract:rooms]\nname = rooms\ntype = layers\n"
        "containers = house\nlayers =\n    engine\n    platform\nexhaustive = true\n"
    )
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "house.platform.clock -> house.engine" in done.stdout
