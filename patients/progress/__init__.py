"""What a patient's page of progress shows. It only reads, and counts nothing that patients.adherence does not."""

from patients.progress.reading import Progress, read_progress

__all__ = ["Progress", "read_progress"]
