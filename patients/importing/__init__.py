"""Patients out of a table that a clinic brings along: read, checked row by row, and then kept at once."""

from patients.importing.checking import Preview, Row, State, check
from patients.importing.table import COLUMNS, Table, read_table, write_table

__all__ = ["COLUMNS", "Preview", "Row", "State", "Table", "check", "read_table", "write_table"]
