from django.db import migrations

# The share lock makes a change wait for a prescription that is being written, and then see it.
FREEZE = """
CREATE FUNCTION refuse_change_of_frozen_program() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen timestamptz;
    row_of record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF TG_TABLE_NAME = 'programs_program' THEN
        frozen := OLD.frozen_at;
    ELSIF TG_TABLE_NAME = 'programs_phase' THEN
        SELECT frozen_at INTO frozen FROM programs_program
            WHERE clinic_id = row_of.clinic_id AND id = row_of.program_id FOR SHARE;
    ELSE
        SELECT program.frozen_at INTO frozen FROM programs_program program
            JOIN programs_phase phase ON phase.clinic_id = program.clinic_id AND phase.program_id = program.id
            WHERE phase.clinic_id = row_of.clinic_id AND phase.id = row_of.phase_id FOR SHARE OF program;
    END IF;
    IF frozen IS NOT NULL THEN
        RAISE check_violation USING
            MESSAGE = 'this program was prescribed and is frozen', HINT = 'Copy it and change the copy.';
    END IF;
    RETURN row_of;
END
$$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON programs_program
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_frozen_program();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON programs_phase
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_frozen_program();
CREATE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON programs_dose
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_frozen_program();
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_catalogue_and_programs")]

    operations = [
        migrations.RunSQL(
            FREEZE,
            """
            DROP TRIGGER frozen ON programs_program;
            DROP TRIGGER frozen ON programs_phase;
            DROP TRIGGER frozen ON programs_dose;
            DROP FUNCTION refuse_change_of_frozen_program();
            """,
        )
    ]
