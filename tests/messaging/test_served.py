"""What every turn of a worker asks is answered by an index, however many messages there are."""

import re

import pytest
from factories import connected

from survey.database import Statement
from survey.messaging import callbacks, outbox, promoting, reaping
from survey.platform import Platform

SERVED = {
    "claim": (outbox.CLAIM, "message_due"),
    "count due": (outbox.COUNT_DUE, "message_due"),
    "promote": (promoting.DUE, "message_due"),
    "unclaim": (reaping.UNCLAIM, "message_leased"),
    "doubt": (reaping.DOUBT, "message_leased"),
    "resend": (reaping.RESEND, "message_waiting"),
    "give up": (reaping.GIVE_UP, "message_waiting"),
    "no report": (reaping.NO_REPORT, "message_waiting"),
    "too late": (reaping.TOO_LATE, "message_due"),
    "forget attempts": (reaping.FORGET_ATTEMPTS, "message_attempt_provider"),
    "callbacks": (callbacks.WAITING, "callback_waiting"),
    "unmatched": (callbacks.UNMATCHED, "callback_waiting"),
}
# What is due is one range: what waits for its time beside it is not read.
RANGES = ("claim", "count due", "promote", "too late")


def plan_of(platform: Platform, statement: Statement) -> str:
    database = platform.database
    sql, constants = statement.compiled(database.dialect)
    names = re.findall(r":(\w+)" if database.sqlite else r"%\((\w+)\)s", sql)
    values = dict.fromkeys(names, 1) | constants
    with connected(database) as connection:
        if database.sqlite:
            return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
        # A table this small is read whole unless that is forbidden.
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_bitmapscan = off")
        return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {sql}", values))


@pytest.mark.parametrize("name", SERVED)
def test_no_turn_reads_a_whole_table(platform: Platform, name: str) -> None:
    statement, index = SERVED[name]
    plan = plan_of(platform, statement)
    assert index in plan
    assert not re.search(r"SCAN (message|message_attempt|sms_callback)(?! USING INDEX)\b", plan)
    assert "TEMP B-TREE FOR ORDER BY" not in plan


@pytest.mark.parametrize("name", RANGES)
def test_what_waits_for_its_time_is_not_read_with_what_is_due(platform: Platform, name: str) -> None:
    plan = plan_of(platform, SERVED[name][0])
    found = re.search(r"message_due \((.*)\)" if platform.database.sqlite else r"Index Cond: \((.*)\)", plan)
    assert found is not None
    assert "priority" in found.group(1)
    assert "not_before" in found.group(1)
