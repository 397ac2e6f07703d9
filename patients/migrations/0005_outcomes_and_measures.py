import clinic.wall.constraints
import clinic.wall.fields
import clinic.wall.scope
import django.core.validators
import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    """How a course ended gets choices beside its words; what patients answered about themselves is never deleted."""

    dependencies = [
        ('clinic', '0004_the_clinics_colour'),
        ('patients', '0004_attention_follows_what_is_written'),
    ]

    operations = [
        migrations.CreateModel(
            name='Measurement',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('occasion', models.CharField(choices=[('start', 'at the start'), ('between', 'in between'), ('end', 'at the end')], max_length=7)),
                ('given_on', models.DateField(help_text="When the patient answered, in the clinic's time zone.")),
                ('activity', models.CharField(blank=True, help_text='One thing that matters, of their choosing.', max_length=120)),
                ('activity_score', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(10)], verbose_name='how well it goes')),
                ('pain', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(10)], verbose_name='pain')),
                ('change', models.SmallIntegerField(blank=True, choices=[(-3, 'a great deal worse'), (-2, 'clearly worse'), (-1, 'slightly worse'), (0, 'about the same'), (1, 'slightly better'), (2, 'clearly better'), (3, 'a great deal better')], null=True)),
                ('entered_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'ordering': ['given_on', 'entered_at'],
            },
        ),
        migrations.AddField(
            model_name='course',
            name='measured_every_four_weeks',
            field=models.BooleanField(default=False, help_text='Activity, pain and change, beside the adherence.', verbose_name='ask again every four weeks'),
        ),
        migrations.AddField(
            model_name='course',
            name='outcome_note',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='pause',
            name='resume_reason',
            field=models.CharField(blank=True, help_text='Why it ended.', max_length=300),
        ),
        migrations.RunSQL(
            "UPDATE patients_course SET outcome_note = outcome, outcome = 'other' WHERE outcome <> ''",
            "UPDATE patients_course SET outcome = outcome_note",
        ),
        migrations.AlterField(
            model_name='course',
            name='outcome',
            field=models.CharField(blank=True, choices=[('reached', 'goal reached'), ('own', 'goes on without us'), ('plateau', 'no further change expected'), ('pain', 'stopped for pain'), ('declined', 'the patient chose to stop'), ('referred', 'referred on'), ('lost', 'could not be reached'), ('replaced', 'another program took its place'), ('other', 'something else')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', ''), ('ended_on__isnull', False), _connector='OR'), name='patients_course_outcome_of_what_ended'),
        ),
        migrations.AddField(
            model_name='measurement',
            name='clinic',
            field=clinic.wall.fields.ClinicKey(db_index=False, default=clinic.wall.scope.open_clinic_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='measurement',
            name='course',
            field=clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='measurements', to='patients.course'),
        ),
        migrations.AddField(
            model_name='measurement',
            name='entered_by',
            field=clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.membership'),
        ),
        migrations.AddField(
            model_name='measurement',
            name='replaces',
            field=clinic.wall.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='patients.measurement'),
        ),
        migrations.AddField(
            model_name='measurement',
            name='withdrawn_by',
            field=clinic.wall.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.membership'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None), ('withdrawn_at', None), models.Q(('occasion', 'between'), _negated=True)), fields=('clinic', 'course', 'occasion'), name='patients_measurement_one_start_one_end'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=models.UniqueConstraint(fields=('clinic', 'replaces'), name='patients_measurement_replaced_once'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=models.CheckConstraint(condition=models.Q(('replaces', models.F('id')), _negated=True), name='patients_measurement_replaces_another'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('activity_score', None), models.Q(('activity_score__lte', 10), models.Q(('activity', ''), _negated=True)), _connector='OR'), models.Q(('pain', None), ('pain__lte', 10), _connector='OR'), models.Q(('change', None), ('change__range', (-3, 3)), _connector='OR')), name='patients_measurement_ranges'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=models.CheckConstraint(condition=models.Q(('activity_score__isnull', False), ('pain__isnull', False), ('change__isnull', False), _connector='OR'), name='patients_measurement_says_something'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=models.CheckConstraint(condition=models.Q(('change', None), models.Q(('occasion', 'start'), _negated=True), _connector='OR'), name='patients_measurement_no_change_at_the_start'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=clinic.wall.constraints.ClinicReference(field='course', name='patients_measurement_course_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=clinic.wall.constraints.ClinicReference(field='entered_by', name='patients_measurement_entered_by_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=clinic.wall.constraints.ClinicReference(field='replaces', name='patients_measurement_replaces_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=clinic.wall.constraints.ClinicReference(field='withdrawn_by', name='patients_measurement_withdrawn_by_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='measurement',
            constraint=clinic.wall.constraints.ClinicWall(name='patients_measurement_wall'),
        ),
        migrations.RunSQL(
            """
            REVOKE DELETE, UPDATE ON patients_measurement FROM steady_app;
            GRANT UPDATE (replaced_at, withdrawn_at, withdrawn_by_id) ON patients_measurement TO steady_app;
            """,
            "GRANT DELETE, UPDATE ON patients_measurement TO steady_app",
        ),
    ]
