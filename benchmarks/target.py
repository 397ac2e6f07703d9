"""What a patient sends to log a session. Without Django, for the processes that send know no settings."""

import json
from dataclasses import dataclass

from uuid_utils.compat import uuid7

WALK = {"exercise": "lateral-band-walk", "left": 10, "right": 10}
THRUST = {"exercise": "double-band-hip-thrust", "amount": 12}


@dataclass(frozen=True, slots=True)
class Target:
    """Where to log, and as whom."""

    port: int
    path: str
    cookies: str
    csrf: str
    date: str

    def body(self) -> str:
        sets = [WALK, WALK, THRUST, THRUST]
        return json.dumps({"id": str(uuid7()), "date": self.date, "sets": sets, "pain_during": 2})
