"""`make reset`: wipe the local data after asking."""

import sys

from clinic.local import processes
from clinic.local.folder import Folder
from clinic.local.trouble import Trouble

QUESTION = "This removes the local database, mail, logs and passwords in .local. Type yes to go on: "


def main(arguments: list[str]) -> int:
    try:
        folder = Folder()
        with folder.lock():
            if "--yes" not in arguments and (not sys.stdin.isatty() or input(QUESTION).strip().lower() != "yes"):
                print("Nothing was removed. `make reset YES=1` doesn't ask.")
                return 1
            processes.end(processes.marked(str(folder.path)))
            folder.remove()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print("\nNothing was removed.")
        return 1
    print("The local data are gone. `make run` starts afresh.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
