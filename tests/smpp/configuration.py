"""What the tests' Kannel is configured to be: every port on loopback, one SMSC, one user, one service."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import free_port
from tests.smpp import smsc

LOCAL = "127.0.0.1"
USER, PASSWORD = "percaya", "rahasia-kirim"
STATUS_PASSWORD = "rahasia-status"
SENDER = "99777"
INBOUND_QUERY = "from=%q&to=%P&text=%b&id=%I&coding=%c&charset=%C&udh=%u"
REPORT_FIELDS = ("smsc", "timestamp", "source", "destination", "service", "url", "mask", "status", "boxc-id")


@dataclass(frozen=True)
class Options:
    """What a test may want otherwise; the names and units are those of Kannel's user guide 1.4.5."""

    throughput: int = 0
    max_messages: int = 5
    sms_resend_freq: int = 1
    sms_resend_retry: int = 2
    http_request_retry: int = 3
    http_queue_delay: int = 1
    max_pending_submits: int = 20
    wait_ack: int = 30
    max_pending_requests: int = 512
    combine_timeout: int = 5
    durable_reports: bool = True
    """Keep what links a delivery report to its message in SQLite instead of memory (dlr-storage)."""


@dataclass(frozen=True)
class Ports:
    """The ports of Kannel, free a moment ago."""

    admin: int = field(default_factory=free_port)
    boxes: int = field(default_factory=free_port)
    sendsms: int = field(default_factory=free_port)


def _group(name: str, **values: str | int) -> str:
    lines = [
        f"{key.replace('_', '-')} = {json.dumps(value) if isinstance(value, str) else value}"
        for key, value in values.items()
    ]
    return "\n".join([f"group = {name}", *lines, ""])


def write(options: Options, ports: Ports, directory: Path, smsc_port: int, inbound_url: str) -> str:
    """The text of kannel.conf; Kannel's own files go into `directory`."""
    groups = [
        _core(options, ports, directory),
        _smsc(options, smsc_port),
        *_smsbox(options, ports, inbound_url),
    ]
    if options.durable_reports:
        groups.append(_group("sqlite3-connection", id="reports", database=str(directory / "reports.db")))
        fields = {f"field_{column_of(name)}": column_of(name) for name in REPORT_FIELDS}
        groups.append(_group("dlr-db", id="reports", table="dlr", **fields))
    return "\n".join(groups)


def column_of(report_field: str) -> str:
    """The column of a field of Kannel's table of reports."""
    return report_field.replace("-", "_")


def _core(options: Options, ports: Ports, directory: Path) -> str:
    return _group(
        "core",
        admin_port=ports.admin,
        admin_interface=LOCAL,
        admin_password=STATUS_PASSWORD,
        admin_deny_ip="*.*.*.*",
        admin_allow_ip=LOCAL,
        status_password=STATUS_PASSWORD,
        smsbox_port=ports.boxes,
        smsbox_interface=LOCAL,
        box_deny_ip="*.*.*.*",
        box_allow_ip=LOCAL,
        dlr_storage="sqlite3" if options.durable_reports else "internal",
        store_type="file",
        store_location=str(directory / "store.dat"),
        sms_resend_freq=options.sms_resend_freq,
        sms_resend_retry=options.sms_resend_retry,
        sms_combine_concatenated_mo="true",
        sms_combine_concatenated_mo_timeout=options.combine_timeout,
    )


def _smsc(options: Options, port: int) -> str:
    return _group(
        "smsc",
        smsc="smpp",
        smsc_id="smsc",
        host=LOCAL,
        port=port,
        transceiver_mode="true",
        smsc_username=smsc.SYSTEM_ID,
        smsc_password=smsc.PASSWORD,
        system_type="",
        throughput=options.throughput,
        max_pending_submits=options.max_pending_submits,
        reconnect_delay=1,
        enquire_link_interval=1,
        wait_ack=options.wait_ack,
        wait_ack_expire=1,
    )


def _smsbox(options: Options, ports: Ports, inbound_url: str) -> tuple[str, str, str]:
    box = _group(
        "smsbox",
        bearerbox_host=LOCAL,
        bearerbox_port=ports.boxes,
        sendsms_port=ports.sendsms,
        sendsms_interface=LOCAL,
        global_sender=SENDER,
        http_request_retry=options.http_request_retry,
        http_queue_delay=options.http_queue_delay,
        max_pending_requests=options.max_pending_requests,
        mo_recode="true",
    )
    user = _group(
        "sendsms-user",
        username=USER,
        password=PASSWORD,
        max_messages=options.max_messages,
        concatenation="true",
    )
    service = _group(
        "sms-service",
        keyword="default",
        catch_all="true",
        max_messages=0,
        omit_empty="true",
        assume_plain_text="true",
        accept_x_kannel_headers="false",
        get_url=f"{inbound_url}?{INBOUND_QUERY}",
    )
    return box, user, service
