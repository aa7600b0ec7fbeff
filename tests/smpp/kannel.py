"""The real Kannel (bearerbox and smsbox) between a loopback HTTP interface and the steerable SMSC."""

import contextlib
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen
from xml.etree import ElementTree

from tests.smpp import configuration
from tests.smpp.configuration import PASSWORD, REPORT_FIELDS, SENDER, STATUS_PASSWORD, USER, Options, Ports
from tests.smpp.receiver import Receiver
from tests.smpp.smsc import Smsc
from tools import set_up

DEADLINE_SECONDS = 60.0
TRIES = 5
ALL_REPORTS = 31
"""dlr-mask: 1 delivered, 2 undelivered, 4 queued at the SMSC, 8 accepted by it, 16 refused by it."""
REPORT_QUERY = "type=%d&answer=%A&smsc_id=%F"
Box = Literal["bearerbox", "smsbox", "smsc"]
BOXES = ("bearerbox", "smsbox")


class Missing(Exception):
    """A program is not on this machine; the message says what to do."""


class Answer(NamedTuple):
    """Kannel's answer to a request to send: the status and the text, "0: Accepted for delivery"."""

    status: int
    text: str


class Status(NamedTuple):
    """Whether the SMSC is bound, how many smsboxes are connected, and the messages under way."""

    online: bool
    boxes: int
    to_citizens: int
    from_citizens: int
    stored: int

    @property
    def ready(self) -> bool:
        """Whether messages can go both ways."""
        return self.online and self.boxes > 0

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not (self.to_citizens or self.from_citizens or self.stored)


class Kannel:
    """A running Kannel; `kill`, `restart`, and `reset` between tests."""

    def __init__(self, directory: Path, receiver: Receiver, options: Options, group: int) -> None:
        found, node = set_up.find_kannel(), set_up.find_smsc()
        if not found or not node:
            what = "SMSC of the tests" if found else "Kannel"
            raise Missing(f"no {what}: run `.venv/bin/python tools/set_up.py sms`")
        self._programs = {"bearerbox": found[0], "smsbox": found[1]}
        self._variables = found[2]
        self._directory = directory
        self._group = group
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._node = node
        self.receiver = receiver
        self.options = options
        self.inbound_url = receiver.url("/inbound")
        self.smsc = self._new_smsc()

    def start(self) -> None:
        """Start both boxes. Kannel wants its ports named, and another may take them first: then try again."""
        if self.options.durable_reports:
            self._lay_reports()
        for left in reversed(range(TRIES)):
            self._ports = Ports()
            self._configure()
            try:
                self._start(*BOXES)
                self.wait_until_ready()
                return
            except AssertionError:
                self._end(*BOXES)
                if not left:
                    raise

    def end(self) -> None:
        """End everything."""
        self._end(*BOXES)
        self.smsc.end()

    def _new_smsc(self, port: int = 0) -> Smsc:
        node, packages = self._node
        return Smsc(node, packages, self._directory / "smsc.log", self._group, port)

    def _configure(self) -> None:
        text = configuration.write(
            self.options, self._ports, self._directory, self.smsc.port, self.inbound_url
        )
        (self._directory / "kannel.conf").write_text(text)

    def _lay_reports(self) -> None:
        columns = ", ".join(f"{configuration.column_of(name)} TEXT" for name in REPORT_FIELDS)
        with contextlib.closing(sqlite3.connect(self._directory / "reports.db")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"CREATE TABLE dlr ({columns})")

    def _start(self, *boxes: str) -> None:
        for box in boxes:
            if box == "smsbox":
                # smsbox gives up at once when bearerbox does not listen yet.
                self._wait(lambda: _listens(self._ports.boxes), "bearerbox does not listen")
            with (self._directory / f"{box}.log").open("ab") as log:
                self._processes[box] = subprocess.Popen(
                    (self._programs[box], "-v", "1", str(self._directory / "kannel.conf")),
                    env={**os.environ, **self._variables},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    process_group=self._group,
                )

    def _end(self, *boxes: str) -> None:
        for box in boxes:
            process = self._processes.pop(box, None)
            if process:
                process.kill()
                process.wait()

    def wait_until_ready(self) -> None:
        """Wait until the SMSC is bound and smsbox takes messages; AssertionError when a box has ended."""
        self._wait(lambda: self.status().ready and self._sendsms_answers(), "Kannel did not become ready")

    def wait_until_offline(self) -> None:
        """Wait until Kannel has noticed that the SMSC is gone."""
        self._wait(lambda: not self.status().online, "Kannel did not notice")

    def wait_until_idle(self) -> None:
        """Wait until nothing is under way in either direction."""
        self._wait(lambda: self.status().idle, "Kannel still has messages")

    def _wait(self, done: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            ended = [box for box, process in self._processes.items() if process.poll() is not None]
            assert not ended, f"{ended} ended:\n{self.logs()}"
            with contextlib.suppress(OSError, HTTPException):
                if done():
                    return
            time.sleep(0.02)
        raise AssertionError(f"{otherwise}:\n{self.logs()}")

    def logs(self) -> str:
        """The ends of the logs, for the message of a failure."""
        paths = sorted(self._directory.glob("*.log"))
        return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-2000:]}" for path in paths)

    def kill(self, box: Box) -> None:
        """End a process as a power cut would (SIGKILL); smsbox, which cannot outlive bearerbox, with it.

        The SMSC forgets what it took.
        """
        if box == "smsc":
            self.smsc.end()
        else:
            self._end(*(BOXES if box == "bearerbox" else (box,)))

    def restart(self, box: Box) -> None:
        """Kill a process unless it is gone, start whatever does not run, wait until all is ready again.

        Ready to send: bearerbox sends what it has stored as soon as it is bound, and answers reports with
        "not now" (0x64, ESME_RX_T_APPN) for a moment longer; this SMSC does not offer them again. Nothing
        passes between the boxes before that is over: once anything was told, every report is taken.
        """
        self.kill(box)
        if box == "smsc":
            self.smsc = self._new_smsc(self.smsc.port)
        self._start(*(name for name in BOXES if name not in self._processes))
        self.wait_until_ready()

    def reset(self) -> None:
        """Everything running, nothing under way, nothing remembered; for the next test."""
        retrying = self.receiver.failed
        self.receiver.reset()
        if self.smsc.process.poll() is not None:
            self.smsc = self._new_smsc(self.smsc.port)
        self.smsc.reset()
        if len(self._processes) < len(BOXES) or not self.status().idle:
            self._end(*BOXES)
            for path in self._directory.glob("store.dat*"):
                path.unlink()
        usual = self.receiver.url("/inbound")
        if retrying or self.inbound_url != usual:
            self.inbound_url = usual
            self._end("smsbox")
        self._configure()
        self._start(*(box for box in BOXES if box not in self._processes))
        self.wait_until_ready()

    def send_inbound_to(self, url: str) -> None:
        """Hand messages from citizens to this address from now on, with `INBOUND_QUERY` appended."""
        self.inbound_url = url
        self._configure()
        self.restart("smsbox")

    @property
    def send_url(self) -> str:
        """Where messages to citizens are handed in."""
        return f"http://127.0.0.1:{self._ports.sendsms}/cgi-bin/sendsms"

    def _sendsms_answers(self) -> bool:
        return _ask(f"{self.send_url}?username={USER}").status == 403

    def report_url(self, ref: str) -> str:
        """A dlr-url at the receiver: path /report, and `ref` besides `REPORT_QUERY`."""
        return self.receiver.url(f"/report?ref={ref}&{REPORT_QUERY}")

    def send(self, to: str, text: str, ref: str | None = None, **changes: str) -> Answer:
        """Hand in one message, as GSM-7 unless `changes` say otherwise; with reports when it has a `ref`."""
        fields = {"username": USER, "password": PASSWORD, "from": SENDER, "to": to, "text": text}
        if ref is not None:
            fields |= {"dlr-mask": str(ALL_REPORTS), "dlr-url": self.report_url(ref)}
        return _ask(f"{self.send_url}?{urlencode(fields | changes)}")

    def send_unicode(self, to: str, text: str, ref: str | None = None) -> Answer:
        """Hand in one message that is not GSM-7."""
        return self.send(to, text, ref, coding="2", charset="UTF-8")

    def status(self) -> Status:
        """What bearerbox says of itself; OSError when it does not answer."""
        url = f"http://127.0.0.1:{self._ports.admin}/status.xml?password={STATUS_PASSWORD}"
        with urlopen(url, timeout=DEADLINE_SECONDS) as response:
            root = ElementTree.fromstring(response.read())
        smscs = root.findall("smscs/smsc")
        return Status(
            online=bool(smscs) and all((one.findtext("status") or "").startswith("online") for one in smscs),
            boxes=sum(box.findtext("type") == "smsbox" for box in root.findall("boxes/box")),
            to_citizens=int(root.findtext("sms/sent/queued") or 0)
            + sum(int(one.findtext("queued") or 0) for one in smscs),
            from_citizens=int(root.findtext("sms/received/queued") or 0),
            stored=int(root.findtext("sms/storesize") or 0),
        )


def _listens(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 1):
        return True


def _ask(url: str) -> Answer:
    try:
        with urlopen(url, timeout=DEADLINE_SECONDS) as response:
            return Answer(response.status, response.read().decode())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode())


@contextlib.contextmanager
def running(directory: Path, options: Options | None = None) -> Iterator[Kannel]:
    """A Kannel with its SMSC and receiver in a directory; all are ended, even when this process is killed.

    Raises `Missing`. A keeper leads the process group of all; it ends the group once its own stdin closes.
    """
    keeper = subprocess.Popen(
        ("/bin/sh", "-c", "read line; kill -s KILL 0"), stdin=subprocess.PIPE, process_group=0
    )
    with contextlib.ExitStack() as stack:
        stack.callback(keeper.communicate)
        receiver = Receiver()
        stack.callback(receiver.close)
        kannel = Kannel(directory, receiver, options or Options(), keeper.pid)
        stack.callback(kannel.end)
        kannel.start()
        yield kannel
