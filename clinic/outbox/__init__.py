"""The outbox: a message is claimed, sent outside of any transaction, and recorded. Nothing is sent twice in silence.

Mostly an email; a writer may also give a parcel that goes another way.
"""

from clinic.outbox.batch import Batch
from clinic.outbox.delivering import deliver
from clinic.outbox.letters import Letter, NotTaken, NotWanted, Parcel
from clinic.outbox.mail import mail_of
from clinic.outbox.queueing import queue, queue_all, to_deliver

__all__ = [
    "Batch",
    "Letter",
    "NotTaken",
    "NotWanted",
    "Parcel",
    "deliver",
    "mail_of",
    "queue",
    "queue_all",
    "to_deliver",
]
