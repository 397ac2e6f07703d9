from patients.models.course import Course, Pause, Prescription
from patients.models.log import Log, LoggedSet
from patients.models.patient import Knee, Patient
from patients.models.red_flags import RedFlagReport

__all__ = ["Course", "Knee", "Log", "LoggedSet", "Patient", "Pause", "Prescription", "RedFlagReport"]
