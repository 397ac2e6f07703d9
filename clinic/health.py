"""Whether the site on a port of this container answers, for Docker's health check.

    python -I clinic/health.py 8000

A script, because importing the project package takes a second.
"""

import http.client
import os
import sys


def main(port: int) -> str | None:
    """None when the site answers under its own name, for it answers to no other; else what is wrong."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health/", headers={"Host": os.environ["ALLOWED_HOSTS"].split(",")[0]})
        status = connection.getresponse().status
    except OSError as error:
        return f"No answer: {error}"
    return None if status == http.HTTPStatus.OK else f"Answered {status}"


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
