"""Answer an SMS of the demonstration from the command line, as a citizen would from a telephone."""

import click

from survey.commands.console import Refusal, opened
from survey.messaging.inbound import InboundIn, Said, Surroundings, converse
from survey.platform import Platform
from survey.settings import Settings


@click.command("reply")
@click.argument("number")
@click.argument("text", nargs=-1, required=True)
def sms_reply(number: str, text: tuple[str, ...]) -> None:
    """Send TEXT from telephone NUMBER, and print what is answered.

    For the demonstration, where messages are written on the console: the way a citizen's SMS takes behind a
    provider's callback. TEXT can be answers ("4 3 4 4 4 3 4 4 4"), MULAI, INFO, BAHASA EN, STOP.
    """
    with opened() as platform:
        _refuse_outside_demo(platform.settings)
        said = hear(platform, number, " ".join(text))
    # The same text is on its way to the console of whatever process sends.
    click.echo(f"reply: {said.reply}" if said.reply is not None else f"(no reply: {said.outcome.value})")


def hear(platform: Platform, number: str, text: str) -> Said:
    """Deal with a message as if a provider had brought it now."""
    item = InboundIn(
        keys=platform.settings.keys,
        phone=number,
        text=text,
        provider="console",
        opted_out=False,
        now=platform.now(),
        surroundings=Surroundings(platform.instruments, platform.settings),
    )
    return platform.writer.call(converse, item)


def _refuse_outside_demo(settings: Settings) -> None:
    if not settings.demo:
        raise Refusal(
            "citizens' messages come from providers; only the demonstration takes them from the"
            " command line: set PERCAYA_ENVIRONMENT=demo"
        )
