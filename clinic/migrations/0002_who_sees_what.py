from django.db import migrations

# A clinic's own row is no secret (its name is on the sign-in page) and is changed only from inside.
CLINIC_POLICIES = """
ALTER TABLE clinic_clinic ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinic_clinic FORCE ROW LEVEL SECURITY;
CREATE POLICY clinic_select ON clinic_clinic FOR SELECT USING (true);
CREATE POLICY clinic_insert ON clinic_clinic FOR INSERT WITH CHECK (true);
CREATE POLICY clinic_update ON clinic_clinic FOR UPDATE USING (id = current_clinic()) WITH CHECK (id = current_clinic());
"""

# The dispatcher sees of all clinics what is due and when, and nothing else.
DISPATCHER = """
GRANT SELECT (id, time_zone, summary_weekday, summary_hour, summarised_through, created_at)
    ON clinic_clinic TO steady_dispatcher;
GRANT SELECT (clinic_id, id, state, due_at, claimed_at) ON clinic_message TO steady_dispatcher;
"""


class Migration(migrations.Migration):
    dependencies = [("clinic", "0001_the_clinic_and_its_people")]

    operations = [
        migrations.RunSQL(
            CLINIC_POLICIES,
            """
            DROP POLICY clinic_select ON clinic_clinic;
            DROP POLICY clinic_insert ON clinic_clinic;
            DROP POLICY clinic_update ON clinic_clinic;
            ALTER TABLE clinic_clinic NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE clinic_clinic DISABLE ROW LEVEL SECURITY;
            """,
        ),
        migrations.RunSQL(
            DISPATCHER,
            "REVOKE ALL ON clinic_clinic, clinic_message FROM steady_dispatcher",
        ),
    ]
