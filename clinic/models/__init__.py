from clinic.models.clinic import Clinic
from clinic.models.deputy import Deputy
from clinic.models.invitation import Invitation
from clinic.models.membership import Membership, Role
from clinic.models.message import Message
from clinic.models.platform import Canary, Operator
from clinic.models.summaries import Summaries
from clinic.models.suppression import Suppression
from clinic.models.user import User

__all__ = [
    "Canary",
    "Clinic",
    "Deputy",
    "Invitation",
    "Membership",
    "Message",
    "Operator",
    "Role",
    "Summaries",
    "Suppression",
    "User",
]
