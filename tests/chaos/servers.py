"""PostgreSQL and Valkey of the run's own, named in the environment before Django's settings are read."""

import os

from clinic.local import processes
from tests.servers import Servers


def start() -> Servers:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    # What was committed must outlast a crash of the server, though not one of the machine.
    servers = Servers(synchronous_commit="on")
    servers.start()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{processes.free_port()}"
    return servers
