from typing import Any

from django.core.management.commands import makemessages

# What only staff read, in English for now: everything else is the patients' side, and has to be translated.
STAFFS = [
    *[
        "*/admin",
        "*/api/serializers",
        "*/attention",
        "*/demo",
        "*/importing",
        "*/local",
        "*/management",
        "*/migrations",
    ],
    *["*/migrations", "*/summaries", "*/summary", "benchmarks", "tests"],
    *["templates/admin", "templates/unfold", "templates/patients/api.html"],
    *["clinic/actions/staff.py", "clinic/admin.py", "clinic/breadcrumbs.py", "clinic/finding.py", "clinic/inlines.py"],
    *["clinic/menu.py", "clinic/models/clinic.py", "clinic/models/message.py", "clinic/settings.py", "clinic/site.py"],
    *["clinic/actions/summaries.py", "clinic/models/deputy.py", "clinic/models/summaries.py"],
    *["clinic/models/suppression.py", "clinic/returned.py"],
    *["templates/clinic/platform", "templates/clinic/clinic_week.html", "templates/clinic/weekly_email.html"],
    *["*/at_once", "patients/actions/deciding.py", "patients/alert_words.py", "patients/models/decision.py"],
    *["patients/telling.py"],
    *["clinic/models/thresholds.py", "patients/actions/alerts.py", "patients/models/alert.py"],
    *["patients/actions/measuring.py", "patients/actions/paper.py", "patients/actions/prescribing.py"],
    *["patients/actions/several.py", "patients/models/course.py", "patients/models/patient.py"],
    *["patients/models/record_event.py", "patients/models/search.py", "patients/paper.py"],
    *["patients/templatetags/weeks.py"],
    *["programs/actions.py", "programs/comparing.py", "programs/models", "programs/shipped.py"],
]


class Command(makemessages.Command):
    """Django's, for the patients' side: `make messages` says how."""

    def handle(self, *args: Any, **options: Any) -> None:
        options["ignore_patterns"] = [*options["ignore_patterns"], *STAFFS]
        super().handle(*args, **options)
