from django.db import migrations

TABLES = "patients_patient, patients_course, patients_prescription, patients_log, patients_loggedset, patients_redflagreport"


class Migration(migrations.Migration):
    """Nobody's history is deleted, and what was counted or reported is not changed: a correction is a row of its own."""

    dependencies = [("patients", "0001_patients_courses_and_logs")]

    operations = [
        migrations.RunSQL(
            f"""
            REVOKE DELETE ON {TABLES} FROM steady_app;
            REVOKE UPDATE ON patients_log, patients_loggedset, patients_redflagreport FROM steady_app;
            GRANT UPDATE (accepted, replaced_at, withdrawn_at, withdrawn_by_id) ON patients_log TO steady_app;
            """,
            f"""
            GRANT DELETE ON {TABLES} TO steady_app;
            GRANT UPDATE ON patients_log, patients_loggedset, patients_redflagreport TO steady_app;
            """,
        )
    ]
