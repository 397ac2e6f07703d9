from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0011_addresses_that_send_mail_back'),
    ]

    operations = [
        migrations.AddField(
            model_name='clinic',
            name='own_weeks_through',
            field=models.DateField(editable=False, help_text='Monday of the last week that patients were told of.', null=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='own_week',
            field=models.BooleanField(default=False, help_text='Of a patient: whether they want their own week by email.'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('own_week', False), ('record__isnull', False), _connector='OR'), name='clinic_membership_own_week_of_patients'),
        ),
        migrations.RunSQL(
            "GRANT SELECT (own_weeks_through) ON clinic_clinic TO steady_dispatcher",
            "REVOKE SELECT (own_weeks_through) ON clinic_clinic FROM steady_dispatcher",
        ),
    ]
