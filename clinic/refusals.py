"""What a mail server's answer says of an address: that there is no such mailbox, or something that may pass."""

import re

# 5.1.x of RFC 3463 speaks of the recipient's address, but for 7 and 8, which speak of ours.
NO_MAILBOX = re.compile(r"5\.1\.(?![78]\b)\d{1,3}\b")
# Wherever it stands: a provider repeats the code before it. No part of a longer one, such as an IP address.
STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
NO_MAILBOX_CODES = {550, 551, 553}


def says_no_such_mailbox(code: int, text: str) -> bool:
    """Of a refused recipient: the SMTP code, and the words that follow it. The status in the words is more exact.

    A full mailbox (552, 5.2.2) and what somebody's policy refuses (5.7.1) say nothing of the address.
    """
    if status := STATUS.search(text):
        return NO_MAILBOX.match(status[0]) is not None
    return code in NO_MAILBOX_CODES
