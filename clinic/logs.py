"""What must not stand in a log."""

import logging
import re

SECRET = re.compile(r"(/invitation/[-\w]+/|/password/reset/key/)[^/\s]+")


class WithoutLinks(logging.Filter):
    """Cuts the secret off invitations and password resets: a path in a log would sign in whoever reads it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRET.sub(r"\1…", record.getMessage()), ()
        return True
