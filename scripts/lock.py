"""Pin every dependency, direct or not, with the hashes of its files; and check that the pins fit pyproject.toml.

`python -m scripts.lock` writes the requirements files (`--upgrade`: with the newest versions allowed);
`--check` prints what does not fit and exits 1. Pins hold for every system and every Python the package supports.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
FILES = {
    "requirements.txt": "run",
    "requirements-open.txt": "open",
    "requirements-dev.txt": "dev",
    "requirements-bench.txt": "bench",
    "requirements-cluster.txt": "cluster",
}
"""Each file, and whom it is for."""
_OVER = {"open": "requirements.txt", "dev": "requirements-open.txt", "cluster": "requirements-dev.txt"}
"""The file whose pins another one keeps."""

_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?: ; ([^\\]+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
)
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def main() -> int:
    """Write or check the requirements files; 1 if a checked one does not fit."""
    if "--check" in sys.argv[1:]:
        problems = [problem for file in FILES for problem in check(file)]
        for problem in problems:
            print(problem)
        return 1 if problems else 0
    for file in FILES:
        write(file, upgrade="--upgrade" in sys.argv[1:])
    return 0


def declared(file: str) -> Sequence[str]:
    """Read from pyproject.toml what a requirements file must hold: the run's and the build's, the rest over them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    run: list[str] = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    page: list[str] = [*run, *extras["open"]]
    by_file: dict[str, list[str]] = {"run": run, "open": page, "dev": [*page, *extras["dev"]], "bench": extras["bench"]}
    by_file["cluster"] = [*run, *extras["cluster"]]
    return by_file[FILES[file]]


def write(file: str, *, upgrade: bool) -> None:
    """Resolve a file's requirements, for every system at once; pins that stand and still fit stay."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--output-file", file, "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-annotate"]
    command += ["--custom-compile-command", "make lock", "--quiet"]
    if FILES[file] in _OVER:
        command += ["--constraint", _OVER[FILES[file]]]
    if upgrade:
        command += ["--upgrade"]
    subprocess.run(command, input="\n".join(declared(file)), text=True, cwd=ROOT, check=True)  # noqa: S603


def check(file: str) -> list[str]:
    """Hold a requirements file against pyproject.toml: all pinned and hashed, in bounds, and nothing beside."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return [f"{file}: {problem}, run `make lock`" for problem in compare(text, declared(file))]


def compare(text: str, wanted: Iterable[str]) -> list[str]:
    """List what is wrong with the text of a requirements file that shall hold these requirements."""
    pins, strays = read_pins(text)
    roots = [Requirement(line) for line in wanted]
    problems = [f"no pin with hashes: {line.strip()}" for line in strays]
    for root in roots:
        versions = pins.get(canonicalize_name(root.name), [])
        if not versions:
            problems.append(f"{root} is not pinned")
        problems += [f"{version} is outside {root}" for version in versions if not root.specifier.contains(version)]
    needed = closure(roots)
    problems += [f"nothing needs {name}" for name in pins if name not in needed]
    return problems


def read_pins(text: str) -> tuple[Mapping[str, Sequence[str]], Sequence[str]]:
    """Read the pins, by name (several where they differ by system), and the lines that are none."""
    pins: dict[str, list[str]] = {}
    strays = []
    rest = "".join(line for line in text.splitlines(keepends=True) if line.strip() and not line.startswith("#"))
    while rest:
        if match := _PIN.match(rest):
            pins.setdefault(canonicalize_name(match[1]), []).append(match[2])
            rest = rest[match.end() :]
        else:
            line, _, rest = rest.partition("\n")
            strays.append(line)
    return pins, strays


def closure(roots: Iterable[Requirement]) -> set[str]:
    """Walk from requirements to all they bring, on whatever system; a package not installed here ends its branch."""
    reached: set[tuple[str, str]] = set()
    waiting = list(roots)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) not in reached:
                reached.add((name, extra))
                waiting += _brought_by(name, extra)
    return {name for name, _ in reached}


def _brought_by(name: str, extra: str) -> list[Requirement]:
    """List what a package needs for itself, or for one of its extras."""
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return []
    return [Requirement(line) for line in lines if extra in (_EXTRA.findall(line) or [""])]


if __name__ == "__main__":
    sys.exit(main())
