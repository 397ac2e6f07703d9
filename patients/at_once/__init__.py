"""The email about alerts that can't wait. docs/alerts.md says when it comes, and to whom."""

from patients.at_once.untold import find_untold
from patients.at_once.writing import write_alerts, write_alerts_instead

__all__ = ["find_untold", "write_alerts", "write_alerts_instead"]
