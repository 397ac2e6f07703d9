from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    """What happened is never deleted, whatever the application is made to do. Django's own log is not used at all."""

    dependencies = [
        ("clinic", "0002_who_sees_what"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            """
            REVOKE DELETE ON clinic_clinic, clinic_user, clinic_membership, clinic_message FROM steady_app;
            REVOKE INSERT, UPDATE, DELETE ON django_admin_log, django_migrations FROM steady_app;
            """,
            """
            GRANT DELETE ON clinic_clinic, clinic_user, clinic_membership, clinic_message TO steady_app;
            GRANT INSERT, UPDATE, DELETE ON django_admin_log, django_migrations TO steady_app;
            """,
        )
    ]
