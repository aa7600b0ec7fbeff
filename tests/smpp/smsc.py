"""The steerable SMSC (tests/smsc/smsc.js) as a process, and what it took as messages."""

import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gsm0338  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60.0
SYSTEM_ID = "percaya"
PASSWORD = "rahasia1"
GSM7, UCS2 = 0, 8
THROTTLED, QUEUE_FULL, BAD_DESTINATION = 0x58, 0x14, 0x0B
_CODEC = gsm0338.Codec()


class Part(NamedTuple):
    """One submit_sm that was taken; `join` is (reference, total, number) of a part of a longer message."""

    id: str
    sender: str
    recipient: str
    coding: int
    data: bytes
    join: tuple[int, int, int] | None
    reported: bool


class Message(NamedTuple):
    """A message put together as a telephone does: its text, and the parts it came in."""

    sender: str
    recipient: str
    text: str
    coding: int
    parts: tuple[Part, ...]


def decode(data: bytes, coding: int) -> str:
    """The text of user data: GSM 03.38, one septet an octet (SMPP's data_coding 0), or UCS-2 (8)."""
    assert coding in (GSM7, UCS2), f"data_coding {coding}"
    return data.decode("utf-16-be") if coding == UCS2 else _CODEC.decode(data)[0]


def encode(text: str, coding: int) -> bytes:
    """The user data of a text, which must be representable."""
    return text.encode("utf-16-be", "surrogatepass") if coding == UCS2 else _CODEC.encode(text)[0]


def assemble(parts: Sequence[Part]) -> list[Message]:
    """Messages in the order in which they became complete; one that lacks a part is not among them.

    A part that comes a second time belongs to a second message: what was sent twice is there twice.
    """
    messages: list[Message] = []
    open_ones: dict[tuple[str, str, int, int], list[dict[int, Part]]] = {}
    for part in parts:
        if part.join is None:
            messages.append(_message((part,)))
            continue
        reference, total, number = part.join
        halves = open_ones.setdefault((part.sender, part.recipient, reference, total), [])
        half = next((half for half in halves if number not in half), None)
        if half is None:
            half = {}
            halves.append(half)
        half[number] = part
        if len(half) == total:
            messages.append(_message(tuple(half[n] for n in sorted(half))))
            halves.remove(half)
    return messages


def _message(parts: tuple[Part, ...]) -> Message:
    first = parts[0]
    text = decode(b"".join(part.data for part in parts), first.coding)
    return Message(first.sender, first.recipient, text, first.coding, parts)


def concatenation_header(reference: int, total: int, number: int) -> bytes:
    """The user data header of one part of a longer message (3GPP TS 23.040, 9.2.3.24.1)."""
    return bytes((5, 0, 3, reference, total, number))


class Smsc:
    """The process and its control connection; nothing but loopback."""

    def __init__(self, node: str, packages: Path, log: Path, group: int | None = None, port: int = 0) -> None:
        """`group`: the process group to join, so that it can be ended with the others; `port`: 0 is any."""
        self._log = log.open("ab")
        self.process = subprocess.Popen(
            (node, str(ROOT / "tests" / "smsc" / "smsc.js"), str(port)),
            env={"NODE_PATH": str(packages)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            process_group=group,
        )
        assert self.process.stdout
        announced = self.process.stdout.readline()
        assert announced, f"the SMSC did not start:\n{log.read_text()}"
        ports = json.loads(announced)
        self.port: int = ports["smpp"]
        self._control = socket.create_connection(("127.0.0.1", ports["control"]), DEADLINE_SECONDS)
        self._lines = self._control.makefile("rb")
        self._parts: list[Part] = []

    def ask(self, op: str, **fields: object) -> dict[str, Any]:
        """Ask for an operation of smsc.js and wait for its answer; TimeoutError after the deadline."""
        self._control.sendall(json.dumps({"op": op, **fields}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._lines.readline())
        assert "error" not in answer, answer["error"]
        return answer

    def rule(
        self,
        to: str | None = None,
        times: int | None = None,
        *,
        status: int = 0,
        silent: bool = False,
        drop: str | None = None,
        wait: int = 0,
        taken: bool | None = None,
        reports: Sequence[str] = ("DELIVRD",),
        early: bool = False,
        pause: int = 0,
        hex: bool = False,
    ) -> None:
        """Behave so towards submits to `to` (any when None), `times` times (for ever when None).

        The newest rule that fits is used; a rule used up makes way. Every part is a submit. The head of
        smsc.js describes the behaviours; `wait` and `pause` are milliseconds.
        """
        rule: dict[str, object] = {
            "to": to, "times": times, "status": status, "silent": silent, "drop": drop, "wait": wait,
            "reports": list(reports), "early": early, "pause": pause, "hex": hex,
        }  # fmt: skip
        self.ask("rule", **rule, **({} if taken is None else {"taken": taken}))

    def parts(self, until: int = 0) -> list[Part]:
        """Every part taken since the last reset, once there are `until` of them."""
        for part in self.ask("log", since=len(self._parts), until=until)["parts"]:
            join = tuple(part["join"]) if part["join"] else None
            self._parts.append(
                Part(
                    part["id"], part["from"], part["to"], part["coding"], bytes.fromhex(part["hex"]), join,
                    part["reported"],
                )
            )  # fmt: skip
        return list(self._parts)

    def messages(self, until: int = 0) -> list[Message]:
        """What was taken, put together, once there are `until` parts of it; sent twice is there twice."""
        return assemble(self.parts(until))

    def counters(self, sessions: int = 0, reports: int = 0) -> dict[str, int]:
        """Submits, refused, reports (acknowledged), binds, sessions, parts and owed reports.

        They are given once so many sessions are bound and so many reports acknowledged.
        """
        answer = self.ask("state", sessions=sessions, reports=reports)
        return {name: value for name, value in answer.items() if name != "tag"}

    def hear(self, sender: str, recipient: str, *texts: str, coding: int | None = None) -> None:
        """Hand in a citizen's message, one text a part; returns when each part was acknowledged."""
        self.hear_parts(sender, recipient, texts, range(1, len(texts) + 1), coding=coding)

    def hear_parts(
        self,
        sender: str,
        recipient: str,
        texts: Sequence[str],
        numbers: Sequence[int],
        *,
        coding: int | None = None,
        reference: int = 7,
    ) -> None:
        """Hand in only these parts (from 1) of a message, in this order: an orphan, or a wrong order."""
        if coding is None:
            coding = GSM7 if all(_in_gsm7(text) for text in texts) else UCS2
        parts = []
        for number in numbers:
            udh = concatenation_header(reference, len(texts), number) if len(texts) > 1 else b""
            parts.append({"hex": encode(texts[number - 1], coding).hex(), "udh": udh.hex()})
        self.hear_many([{"from": sender, "to": recipient, "coding": coding, "parts": parts}])

    def hear_many(self, messages: Sequence[Mapping[str, object]], window: int = 20) -> None:
        """Hand in messages as smsc.js describes them; AssertionError unless every part was accepted."""
        statuses = self.ask("hear", messages=list(messages), window=window)["statuses"]
        assert set(statuses) == {0}, f"not every part was accepted: {set(statuses)}"

    def report(self, part: Part, state: str) -> None:
        """Send one more delivery report of a part, whatever was reported before."""
        self.ask("report", id=part.id, state=state)

    def close_sessions(self) -> None:
        """Break every session; clients may bind again at once."""
        self.ask("close")

    def stop(self) -> None:
        """Break every session and refuse connections until `start`."""
        self.ask("stop")

    def start(self) -> None:
        """Listen again, on the same port."""
        self.ask("start")

    def reset(self) -> None:
        """Listen, and forget the rules, what was taken and the reports still owed."""
        self.start()
        self.ask("reset")
        self._parts.clear()

    def end(self) -> None:
        """End the process."""
        self._lines.close()
        self._control.close()
        self.process.kill()
        self.process.communicate()
        self._log.close()


def _in_gsm7(text: str) -> bool:
    try:
        return bool(_CODEC.encode(text)) or True
    except UnicodeEncodeError:
        return False
