"""Reminders at the days and hour that a patient chose, by email and on the phone, unless something was logged."""

from patients.reminders.due import find_due, queue_due_reminders, why_not
from patients.reminders.unreached import unreached
from patients.reminders.writing import write_email, write_push

__all__ = ["find_due", "queue_due_reminders", "unreached", "why_not", "write_email", "write_push"]
