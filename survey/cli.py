"""The command line: everything the pages and the API do, and what keeps the house.

Errors are one line that says what to do; the exit code is 1 for what was refused, 2 for a wrong call.
"""

import logging
import secrets

import click

from survey import migrations
from survey.commands.agencies import agencies, keys
from survey.commands.audit import audit
from survey.commands.comments import comments_group
from survey.commands.comments_themes import learn_themes
from survey.commands.console import refusing
from survey.commands.console import settings as read
from survey.commands.demo import demo
from survey.commands.figures import figures
from survey.commands.responses import responses_group
from survey.commands.sms import sms_group
from survey.commands.sms_policy import sms_policy
from survey.commands.sms_reply import sms_reply
from survey.commands.sms_texts import sms_count
from survey.commands.tallies import seal, tallies_group
from survey.commands.transactions import transactions
from survey.database import Database
from survey.settings import describe_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="percaya")
def main() -> None:
    """Percaya: a feedback link after every service, an honest index in return."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # These would write whole addresses, codes and numbers included.
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


@main.command()
def secret() -> None:
    """Print a fresh secret for PERCAYA_SECRET or PERCAYA_ADMIN_KEY."""
    click.echo(secrets.token_urlsafe(48))


@main.command()
def settings() -> None:
    """Print every setting as a commented .env file: its meaning and its default."""
    click.echo(describe_settings(), nl=False)


@main.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    with refusing():
        database = Database(read().database_url)
        try:
            database.connect().close()  # says plainly when there is nobody there
            migrations.upgrade(database)
            click.echo(f"the database is at revision {migrations.current(database)}")
        finally:
            database.close()


@main.command()
def serve() -> None:
    """Serve the pages and the API."""
    # Only this command needs the application; the others start without waiting for it.
    from app import create_app
    from survey.commands import serving

    settings = read()
    with refusing(), serving.listen(settings.host, settings.port) as listening:
        app = create_app(settings)
        serving.serve(app, listening, lambda: click.echo(f"serving {settings.public_url}"))


for command in (
    agencies,
    keys,
    transactions,
    responses_group,
    comments_group,
    tallies_group,
    seal,
    figures,
    audit,
    sms_group,
    demo,
):
    main.add_command(command)
comments_group.add_command(learn_themes)
for command in (sms_count, sms_policy, sms_reply):
    sms_group.add_command(command)

if __name__ == "__main__":
    main()
