"""Who needs a look, and why: one answer for the first page and the list of patients. docs/summaries.md has the list."""

from patients.attention.keeping import find_out
from patients.attention.reasons import Kind, Reason, Signs, reasons_on
from patients.attention.told import LastAlert, left_to_say

__all__ = ["Kind", "LastAlert", "Reason", "Signs", "find_out", "left_to_say", "reasons_on"]
