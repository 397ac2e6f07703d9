import clinic.wall.constraints
import clinic.wall.fields
import clinic.wall.scope
import django.contrib.postgres.fields
import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    """The dispatcher learns when somebody asked to be reminded, and not who, nor how."""

    dependencies = [
        ('clinic', '0007_messages_of_a_day'),
        ('patients', '0008_the_bands_that_were_really_used'),
    ]

    operations = [
        migrations.CreateModel(
            name='PushDevice',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('endpoint', models.CharField(max_length=1000)),
                ('p256dh', models.CharField(max_length=100)),
                ('auth', models.CharField(max_length=40)),
                ('created_at', models.DateTimeField()),
                ('clinic', clinic.wall.fields.ClinicKey(db_index=False, default=clinic.wall.scope.open_clinic_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('recipient', clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='push_devices', to='clinic.membership')),
            ],
            options={
                'ordering': ['created_at'],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'recipient', 'endpoint'), name='patients_pushdevice_once'), clinic.wall.constraints.ClinicReference(field='recipient', name='patients_pushdevice_recipient_id_clinic'), clinic.wall.constraints.ClinicWall(name='patients_pushdevice_wall')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, default=list, size=None)),
                ('hour', models.PositiveSmallIntegerField(default=9, help_text="In the clinic's time zone.")),
                ('by_email', models.BooleanField(default=False)),
                ('queued_through', models.DateField(editable=False, help_text='The last local date that was seen to, whether a message was due or not.', null=True)),
                ('clinic', clinic.wall.fields.ClinicKey(db_index=False, default=clinic.wall.scope.open_clinic_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('recipient', clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='clinic.membership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clinic', 'recipient'), name='patients_reminder_one_each'), models.CheckConstraint(condition=models.Q(('hour__lte', 23)), name='patients_reminder_hour'), models.CheckConstraint(condition=models.Q(('weekdays__contained_by', [0, 1, 2, 3, 4, 5, 6])), name='patients_reminder_weekdays'), clinic.wall.constraints.ClinicReference(field='recipient', name='patients_reminder_recipient_id_clinic'), clinic.wall.constraints.ClinicWall(name='patients_reminder_wall')],
            },
        ),
        migrations.RunSQL(
            """
            REVOKE DELETE ON patients_reminder FROM steady_app;
            GRANT SELECT (clinic_id, weekdays, hour, queued_through) ON patients_reminder TO steady_dispatcher;
            """,
            """
            GRANT DELETE ON patients_reminder TO steady_app;
            REVOKE ALL ON patients_reminder FROM steady_dispatcher;
            """,
        ),
    ]
