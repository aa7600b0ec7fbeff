"""SMS for the operator: how it is, pausing and resuming, sending one message again, and a worker."""

import asyncio
import gc
import json
import signal
from collections.abc import Sequence
from dataclasses import asdict
from types import FrameType
from typing import Any

import click

from survey.commands.console import Refusal, err, opened
from survey.database import Tx
from survey.messaging import costs, provider_states, restoring, troubled
from survey.messaging.costs import MONTHS, Cost, Period
from survey.messaging.overview import (
    Condition,
    Overview,
    ProviderView,
    question_of,
    read_overview,
)
from survey.messaging.provider_states import EVERYTHING
from survey.messaging.troubled import Asked, Retried, Retry, Troubled
from survey.messaging.worker import SmsWorker
from survey.platform import Platform, Sms
from survey.results import read_apart

NOT_CONFIGURED = "no SMS is configured: set PERCAYA_SMS_FILE, see docs/sms.md"
CONDITIONS = {
    Condition.WELL: "all is well",
    Condition.ATTENTION: "messages are sent, and something needs attention",
    Condition.BEHIND: "more is due than is sent",
    Condition.STALLED: "nobody is sending: is a worker running? (`percaya sms work`)",
    Condition.NO_PROVIDER: "no provider may be asked: each is paused or fails",
    Condition.PAUSED: "everything is paused (`percaya sms resume`)",
}
REFUSALS = {
    Retried.CONFIRM: "{ref} may have reached its citizen already; with --yes it is sent all the same",
    Retried.NO_SUCH: "there is no message {ref}",
    Retried.ON_ITS_WAY: "{ref} is on its way; nothing was changed",
    Retried.DELIVERED: "{ref} is delivered",
    Retried.SUPPRESSED: "{ref} must not be sent: it was suppressed",
    Retried.ANSWERED: "{ref} is about an invitation that is answered",
    Retried.CLOSED: "{ref} comes too late: what it is about has ended",
    Retried.WIPED: "{ref} cannot be sent any more: what it needs was wiped when it ended",
}
_States = tuple[Overview, list[Troubled], list[Cost]]


@click.group("sms")
def sms_group() -> None:
    """Messages to citizens' telephones."""


@sms_group.command("status")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def sms_status(as_json: bool) -> None:
    """Show what waits, how the providers are, and which messages need eyes."""
    with opened() as platform:
        sms, now = _sms(platform), platform.now()
        question = (question_of(sms.config, now), Period(now, MONTHS if as_json else 1))
        states = asyncio.run(read_apart(platform.database, _read, question))
        if as_json:
            click.echo(json.dumps(_body(*states), indent=2))
            return
        for line in _lines(*states):
            click.echo(line)


@sms_group.command("pause")
@click.argument("provider", required=False)
def sms_pause(provider: str | None) -> None:
    """Send nothing by a provider, or nothing at all, until it is resumed."""
    with opened() as platform:
        name = _named(_sms(platform), provider)
        changed = platform.writer.call(provider_states.pause, name)
        click.echo(f"{_shown(name)} is paused" + ("" if changed else " already"))


@sms_group.command("resume")
@click.argument("provider", required=False)
def sms_resume(provider: str | None) -> None:
    """Send by a provider again, or by all, and forget its failures."""
    with opened() as platform:
        name = _named(_sms(platform), provider)
        changed = platform.writer.call(provider_states.resume, name)
        click.echo(f"{_shown(name)} is resumed" if changed else f"{_shown(name)} was not paused")


@sms_group.command("retry")
@click.argument("ref")
@click.option("--yes", is_flag=True, help="Also when the message may reach its citizen a second time.")
def sms_retry(ref: str, yes: bool) -> None:
    """Send one message again, named by its reference."""
    with opened() as platform:
        _sms(platform)
        done = platform.writer.call(troubled.retry, Retry(ref, platform.now(), yes))
        if done is not Retried.QUEUED:
            raise Refusal(REFUSALS[done].format(ref=ref))
        click.echo(f"{ref} is queued")


@sms_group.command("work")
def sms_work() -> None:
    """Send what is due and deal with what comes back, as a process of its own until interrupted."""
    with opened() as platform:
        worker = SmsWorker(_sms(platform).parts)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            # What is being sent comes to its end, so that nothing is left in doubt.
            worker.stop()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            err.print("sending; stop with Ctrl-C", style="dim")
            gc.freeze()  # what is loaded by now stays: no need to go over it again and again
            worker.run()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _sms(platform: Platform) -> Sms:
    if platform.sms is None:
        raise Refusal(NOT_CONFIGURED)
    return platform.sms


def _named(sms: Sms, provider: str | None) -> str:
    names = [one.name for one in sms.config.providers]
    if provider is None:
        return EVERYTHING
    if provider not in names:
        raise Refusal(f"there is no provider {provider!r}; there are {', '.join(names)}")
    return provider


def _shown(name: str) -> str:
    return "everything" if name == EVERYTHING else name


def _read(tx: Tx, items: Sequence[Any]) -> list[_States]:
    return [
        (
            read_overview(tx, [question])[0],
            troubled.list_troubled(tx, [Asked(question.now)])[0],
            costs.read_costs(tx, [period])[0],
        )
        for question, period in items
    ]


def _body(overview: Overview, listed: Sequence[Troubled], spent: Sequence[Cost]) -> dict[str, Any]:
    return {
        "condition": overview.condition,
        **asdict(overview),
        "troubled": [one._asdict() for one in listed],
        "segments": [one._asdict() for one in spent],
    }


def _lines(overview: Overview, listed: Sequence[Troubled], spent: Sequence[Cost]) -> list[str]:
    backlog, most = overview.backlog, overview.backlog.most
    way = backlog.on_their_way

    def number(count: int) -> str:
        return f">={count}" if count >= most else str(count)

    def kinds(counts: dict[str, int]) -> str:
        return f"{number(counts['reply'])} replies, {number(counts['invitation'])} invitations and reminders"

    oldest = "" if backlog.oldest_due is None else f"; the oldest for {backlog.oldest_due} s"
    lines = [
        CONDITIONS[overview.condition],
        f"due\t{kinds(dict(backlog.due))}{oldest}",
        f"later\t{kinds(dict(backlog.later))}",
        f"being sent\t{number(way['claimed'] + way['sending'])}",
        f"handed over\t{number(way['submitted'])}; reports that are late: {number(backlog.unreported)}",
        f"in doubt\t{number(backlog.in_doubt)}",
        f"stuck\t{number(backlog.stuck)}",
        f"callbacks\t{number(backlog.callbacks['waiting'])} waiting,"
        f" {number(backlog.callbacks['unmatched'])} of unknown messages",
        f"opted out\t{number(overview.opted_out)}",
    ]
    lines += [f"{state}, 24 h\t{number(sum(counts.values()))}" for state, counts in overview.ended.items()]
    lines += [
        f"segments, {cost.month}\t{cost.segments} {cost.kind} {cost.agency or ''}".rstrip() for cost in spent
    ]
    lines += [_provider_line(one) for one in overview.providers]
    return lines + [_troubled_line(one, backlog.now) for one in listed]


def _provider_line(one: ProviderView) -> str:
    state = "paused" if one.paused else one.breaker.value
    parts = [f"weight {one.weight} of {one.resting}", f"took {one.accepted} of {one.tried} tries in 24 h"]
    if one.delivery is not None:
        delivery = one.delivery
        parts.append(
            f"delivered {delivery.share:.1%} ({delivery.low:.1%} to {delivery.high:.1%})"
            f" of {delivery.taken} in 7 days"
        )
    if one.median is not None:
        parts.append(f"{one.median} ms (95 %: {one.p95} ms)")
    trouble = f" ({one.trouble})" if one.trouble else ""
    return f"provider {one.name}\t{state}{trouble}; " + "; ".join(parts)


def _troubled_line(one: Troubled, now: int) -> str:
    state = f"{one.state}, stuck" if one.stuck else one.state
    return (
        f"{one.ref}\t{one.kind} {one.agency or '-'}\t{state} for {max(0, now - one.since)} s\t"
        f"{one.provider or '-'}\t{one.attempts} tries\t{one.reason or '-'}"
    )


@sms_group.command("restored")
def sms_restored() -> None:
    """After a backup was restored: send nothing of it that may have been sent since it was made."""
    with opened() as platform:
        _sms(platform)
        count = platform.writer.call(restoring.doubt_due, platform.now())
        click.echo(f"in doubt: {count}; their reports decide, or `percaya sms retry REF --yes`")
