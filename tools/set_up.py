"""What the Makefile needs done outside the project's own code; the standard library only.

``venv DIRECTORY`` makes the environment, ``browser`` brings Chromium for the tests, ``constraints`` writes
``constraints.txt`` from what is installed. Even a Python that is too old must be able to read this file.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def run(*command: str, quiet: bool = False) -> bool:
    """Run a program, with its output shown or hidden; whether it succeeded."""
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, stdout=output, stderr=output).returncode == 0  # noqa: S603


def install(package: str) -> bool:
    """Install a Debian package if this user may do so without being asked anything; whether it is there."""
    if not shutil.which("apt-get"):
        return False
    rights = () if os.geteuid() == 0 else ("sudo", "-n")
    if rights and not (shutil.which("sudo") and run("sudo", "-n", "true", quiet=True)):
        return False
    print(f"installing {package} with apt-get", flush=True)
    apt = (*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")
    run(*apt, "update", quiet=True)
    return run(*apt, "install", "-y", "--no-install-recommends", package, quiet=True)


def make_venv(directory: Path) -> None:
    """Make a virtual environment with pip, with the part that Debian leaves out installed where allowed."""
    if sys.version_info < OLDEST:
        sys.exit("Python 3.11 or newer is needed; name one, for example: make run PYTHON=python3.12")
    python = directory / "bin" / "python"
    if python.exists() and run(str(python), "-m", "pip", "--version", quiet=True):
        return
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        if not install(package):
            sys.exit(f"this Python cannot make environments; run: sudo apt-get install {package}")
    if not run(sys.executable, "-m", "venv", "--clear", str(directory)):
        sys.exit(f"the environment {directory} could not be made; the reason is above")


def bring_browser() -> None:
    """Bring Chromium when there is none; without it the browser tests are skipped and say why."""
    if os.environ.get("PERCAYA_CHROMIUM") or any(map(shutil.which, BROWSERS)) or install("chromium"):
        return
    print("no Chromium: the browser tests will be skipped. Run: sudo apt-get install chromium")


def write_constraints() -> None:
    """Write the installed versions below the comment at the head of ``constraints.txt``."""
    path = ROOT / "constraints.txt"
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    freeze = [sys.executable, "-m", "pip", "freeze", "--exclude-editable"]
    frozen = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout  # noqa: S603
    pins = sorted((line for line in frozen.splitlines() if "==" in line), key=str.lower)
    path.write_text("\n".join([*head, *pins, ""]), encoding="utf-8")


def main(*arguments: str) -> None:
    """Do what the first argument names."""
    if arguments[:1] == ("venv",) and len(arguments) == 2:
        make_venv(Path(arguments[1]))
    elif arguments == ("browser",):
        bring_browser()
    elif arguments == ("constraints",):
        write_constraints()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
