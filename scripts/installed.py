"""Install what is given away, outside of the checkout, and do with it what a new user does first.

`python -m scripts.installed [--python PYTHON]` builds the wheel and the source distribution, installs each with pip
into a virtual environment of its own, and runs `doctor`, `init --sample`, `run` and `open` there: in an empty folder,
with an empty home, without the variables of whoever started it; all but `open` without a network, where Linux lets it.
It exits 1 with the first thing that is not as it must be, and 77 where pip reaches no index: nothing was proved then.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).parent.parent
SKIPPED = 77
PERIOD = "2026-10"
PATIENCE = 600
_NEEDED_OF_RUN = (
    *(
        "index.html",
        f"reports/{PERIOD}-执行报告.pdf",
        "packs/评审包.xlsx",
        "run.json",
        "workbooks/客户台账-陈思远.xlsx",
    ),
)
_PROGRAMS = "Scripts" if os.name == "nt" else "bin"
_KEPT = ("SYSTEMROOT", "PIP_CERT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_DEFAULT_TIMEOUT")
"""What Windows needs to start a program, and how pip finds its index; nothing else of the environment is passed on."""


class UnprovedError(Exception):
    """Something was not as it must be; the message says what."""


def main() -> int:
    """Prove the wheel and the source distribution; 1 with what failed, 77 where pip reaches no index."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", default=sys.executable, help="the Python that they are installed for")
    python: str = parser.parse_args().python
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        try:
            for target in ("wheel", "sdist"):
                if not prove(target, python, Path(scratch, target)):
                    print("pip reaches no index: nothing was proved")
                    return SKIPPED
        except UnprovedError as error:
            print(error)
            return 1
    return 0


def prove(target: str, python: str, folder: Path) -> bool:
    """Build, install and use one of the two; return False where pip reaches no index.

    Raises:
        UnprovedError: If something is not as it must be.
    """
    words = ("-m", "hatchling", "build", "--target", target, "--directory", str(folder / "dist"))
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    (package,) = (folder / "dist").iterdir()
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)  # noqa: S603
    place = Place(folder)
    if place.pip("download", "--no-deps", "--dest", str(folder / "tried"), "click").returncode:
        return False
    done = place.pip("install", f"{package}[open]")
    if done.returncode:
        raise UnprovedError(f"{package.name} cannot be installed:\n{done.stderr}")
    use(place)
    without = " without a network" if place.offline else ""
    print(f"{package.name}: open works; doctor, init --sample and run do{without}")
    return True


class Place:
    """A virtual environment, an empty home, and an empty folder to work in."""

    def __init__(self, folder: Path) -> None:
        """Make the folders."""
        self._programs = folder / "venv" / _PROGRAMS
        self.work = folder / "工作"
        home = folder / "home"
        home.mkdir(parents=True)
        self.work.mkdir()
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        search = os.pathsep.join((str(self._programs), os.defpath))
        self._environment = {**kept, "PATH": search, "HOME": str(home), "USERPROFILE": str(home), "LANG": "C.UTF-8"}
        self.offline = _offline()

    def pip(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call pip, with the network."""
        return self._run(["python", "-m", "pip", "--quiet", *words])

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call the program, without a network where that can be."""
        return self._run([*self.offline, "sheetcrm", *words])

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the program; what it prints is read as it comes."""
        command = [self._named(word) for word in ("sheetcrm", *words)]
        return subprocess.Popen(  # noqa: S603
            command, env=self._environment, cwd=self.work, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def _run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        command = [self._named(word) for word in words]
        return subprocess.run(  # noqa: S603
            command,
            env=self._environment,
            cwd=self.work,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    def _named(self, word: str) -> str:
        return str(self._programs / word) if word in {"sheetcrm", "python"} else word


@functools.cache
def _offline() -> tuple[str, ...]:
    """Return the words before a command that take its network away, none where that cannot be."""
    words = ("unshare", "--net", "--map-root-user")
    if shutil.which(words[0]) is None:
        return ()
    return words if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else ()  # noqa: S603


def use(place: Place) -> None:
    """Do what a new user does first.

    Raises:
        UnprovedError: If one of it fails, or comes from elsewhere than the virtual environment.
    """
    doctor = _done(place.call("doctor"), 0)
    if str(ROOT) + os.sep in doctor:
        raise UnprovedError(f"doctor finds parts of the checkout:\n{doctor}")
    _done(place.call("init", "--sample", "演示"), 0)
    _done(place.call("run", "演示", "-o", "结果", "--period", PERIOD), 1)  # the sample month has errors to show
    missing = [name for name in _NEEDED_OF_RUN if not (place.work / "结果" / PERIOD / name).is_file()]
    if missing:
        raise UnprovedError(f"run left these out: {'、'.join(missing)}")
    visit(place.start("open", "演示", "--no-browser"))


def _done(done: subprocess.CompletedProcess[str], code: int) -> str:
    if done.returncode != code or "Traceback" in done.stderr:
        words = " ".join(map(str, done.args))
        raise UnprovedError(f"{words}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done.stdout


def visit(opened: subprocess.Popen[str]) -> None:
    """Go through the door of `sheetcrm open` as a browser does, see the first page and its looks, and end the program.

    Raises:
        UnprovedError: If a page does not come as it must, or the program does not end.
    """
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
    try:
        with browser.open(_entrance(opened), timeout=60) as answer:
            address, page = answer.url, answer.read().decode()
        looks = re.search(r'href="([^"]*\.css[^"]*)"', page)
        if "演示" not in page or looks is None:
            raise UnprovedError(f"the first page is not as it must be: {address}\n{page}")
        browser.open(urljoin(address, looks[1]), timeout=60).close()
    except urllib.error.HTTPError as error:
        raise UnprovedError(f"a page does not come: {error}") from error
    finally:
        opened.terminate()
        try:
            opened.wait(30)
        except subprocess.TimeoutExpired:
            opened.kill()
            raise UnprovedError("open does not end") from None


def _entrance(opened: subprocess.Popen[str]) -> str:
    """Return the address that the program prints."""
    for line in opened.stdout or ():
        if found := re.search(r"http://127\.0\.0\.1:\S+", line):
            return found[0]
    raise UnprovedError(f"open prints no address; exit code {opened.wait(30)}")


if __name__ == "__main__":
    begun = time.monotonic()
    code = main()
    print(f"{time.monotonic() - begun:.0f} s")
    sys.exit(code)
