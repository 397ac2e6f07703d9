"""A mail server on loopback that takes every message, and notes when and how large.

python -m benchmarks.sink PORT FILE
"""

import asyncio
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    def __init__(self, notes: Path) -> None:
        self.notes = notes.open("a", buffering=1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.notes.write(f"{time.monotonic()} {len(envelope.original_content or b'')}\n")
        return "250 taken"


async def serve(port: int, notes: Path) -> None:
    sink = Sink(notes)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="localhost", loop=loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
