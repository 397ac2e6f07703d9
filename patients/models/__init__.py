from patients.models.alert import Alert
from patients.models.attention import Attention
from patients.models.course import Course, Pause, Prescription
from patients.models.decision import Decision
from patients.models.log import Log, LoggedSet
from patients.models.measures import Measurement
from patients.models.morning import NextMorning
from patients.models.patient import Knee, Patient
from patients.models.record_event import RecordEvent
from patients.models.red_flags import RedFlagReport
from patients.models.reminders import PushDevice, Reminder

__all__ = [
    "Alert",
    "Attention",
    "Course",
    "Decision",
    "Knee",
    "Log",
    "LoggedSet",
    "Measurement",
    "NextMorning",
    "Patient",
    "Pause",
    "Prescription",
    "PushDevice",
    "RecordEvent",
    "RedFlagReport",
    "Reminder",
]
