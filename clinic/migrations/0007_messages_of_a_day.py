from django.db import migrations, models


class Migration(migrations.Migration):
    """What is sent more than once a week: one row for each clinic, recipient, kind, week and key."""

    dependencies = [
        ('clinic', '0006_when_somebody_wants_the_weekly_email'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='message',
            name='clinic_message_once',
        ),
        migrations.AddField(
            model_name='message',
            name='key',
            field=models.CharField(blank=True, help_text='Tells apart what comes more than once a week.', max_length=60),
        ),
        migrations.AlterField(
            model_name='message',
            name='week',
            field=models.DateField(help_text='Monday of the week it belongs to.'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('clinic', 'recipient', 'kind', 'week', 'key'), name='clinic_message_once'),
        ),
    ]
