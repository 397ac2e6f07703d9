"""A mail server on loopback that keeps every message in a maildir and delivers none.

    python -I clinic/local/catcher.py PORT FOLDER

A script of its own, because importing the project package would triple its memory.
"""

import asyncio
import mailbox
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Catcher:
    def __init__(self, folder: Path) -> None:
        for name in ["tmp", "new", "cur"]:
            (folder / name).mkdir(parents=True, exist_ok=True)
        self.maildir = mailbox.Maildir(folder)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = mailbox.MaildirMessage(envelope.original_content)
        # The envelope is what a reader of the test mail can't see otherwise.
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.maildir.add(message)
        return "250 kept"


async def serve(port: int, folder: Path) -> None:
    catcher = Catcher(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(catcher, hostname="localhost", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
