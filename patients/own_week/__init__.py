"""A patient's own week by email: off until they turn it on, in their language and from their side."""

from patients.own_week.due import KIND, find_due, queue_due_own_weeks
from patients.own_week.writing import write_own_week

__all__ = ["KIND", "find_due", "queue_due_own_weeks", "write_own_week"]
