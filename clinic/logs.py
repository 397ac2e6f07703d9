"""What must not stand in a log."""

import logging
import re

PATHS = [
    "/password/reset/key/",
    "/weekly-email/",
    "/clinic-week/",
    "/my-week/stop/",
    "/reminders/stop/",
    "/reminders/renew/",
]
SECRET = re.compile(rf"(/invitation/[-\w]+/|{'|'.join(PATHS)})[^/\s]+")


class WithoutLinks(logging.Filter):
    """Cuts the secret off links: with a path from a log anybody could sign in, or change what another is sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRET.sub(r"\1…", record.getMessage()), ()
        return True
