from django.db import migrations


class Migration(migrations.Migration):
    """Of a prescription nothing changes but its last date: the program is frozen, and so are patient, knee and start."""

    dependencies = [("patients", "0005_outcomes_and_measures")]

    operations = [
        migrations.RunSQL(
            """
            REVOKE UPDATE ON patients_prescription FROM steady_app;
            GRANT UPDATE (ends_on) ON patients_prescription TO steady_app;
            """,
            "GRANT UPDATE ON patients_prescription TO steady_app",
        )
    ]
