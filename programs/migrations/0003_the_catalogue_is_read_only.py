from django.db import migrations


class Migration(migrations.Migration):
    """All clinics share the catalogue, so the application's role only reads it; `load_catalogue` runs as the migrator."""

    dependencies = [("programs", "0002_prescribed_programs_are_frozen")]

    operations = [
        migrations.RunSQL(
            "REVOKE INSERT, UPDATE, DELETE ON programs_exercise, programs_claim, programs_citation FROM steady_app",
            "GRANT INSERT, UPDATE, DELETE ON programs_exercise, programs_claim, programs_citation TO steady_app",
        )
    ]
