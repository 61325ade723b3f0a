"""A mail server of Debian's (Exim) on this machine, run by the tests without privileges: SMTP with STARTTLS and a password.

It keeps what it is given in a Maildir for each mailbox, and writes a real bounce where there is no such mailbox.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "secret word"
MAILBOXES = ("carol", "dave", "help", "reply")
WAITS = 30.0


class NoMailServer(Exception):
    """Why no mail server could be started."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class MailServer:
    """It takes mail for acme.example and home.example. `ghost@` is taken and bounces, `nobody-here@` is refused."""

    port: int
    folder: Path
    tls_port: int = 0  # TLS from the first byte

    def maildir(self, mailbox: str) -> Path:
        return self.folder / "mail" / mailbox

    def mails(self, mailbox: str) -> list[EmailMessage]:
        """What the mailbox holds, oldest first."""
        found = [*self.maildir(mailbox).glob("new/*"), *self.maildir(mailbox).glob("cur/*")]
        read = [message_from_bytes(one.read_bytes(), policy=default) for one in sorted(found, key=_age)]
        return [one for one in read if isinstance(one, EmailMessage)]

    def wait_for(self, mailbox: str, number: int) -> list[EmailMessage]:
        """The mails of a mailbox, once there are so many: the server files them a moment after it took them."""
        until = time.monotonic() + WAITS
        while len(found := self.mails(mailbox)) < number and time.monotonic() < until:
            time.sleep(0.02)
        assert len(found) >= number, f"{mailbox} has {len(found)} of {number} mails:\n{self.log()}"
        return found

    def send(self, mail: EmailMessage, sender: str, *to: str) -> None:
        """Somebody's own mail program hands in a mail."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=WAITS) as client:
            client.send_message(mail, sender, list(to))

    def log(self) -> str:
        return "\n".join(one.read_text("utf-8", "replace") for one in sorted(self.folder.glob("*log")))


@contextmanager
def mail_server(*, hand_on_to: int = 0) -> Iterator[MailServer]:
    """Exim until the end of the block. Mail for desk.example is handed on by LMTP to a port, where one is named.

    Raises `NoMailServer`.
    """
    program = shutil.which("exim4", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise NoMailServer("exim4 is not installed (Debian: exim4-daemon-light)")
    # Debian's own is set up to become root; this one is a copy that stays who it is, and never root.
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    # A folder of its own: those of pytest are closed to everybody else.
    with (
        tempfile.TemporaryDirectory(prefix="overture-mail-") as place,
        _running(Path(place), program, user, hand_on_to) as server,
    ):
        yield server


@contextmanager
def _running(folder: Path, program: str, user: str, hand_on_to: int) -> Iterator[MailServer]:
    for name in ("spool", "mail"):
        (folder / name).mkdir()
    shutil.copy(program, folder / "exim")
    (folder / "exim").chmod(0o755)
    certificate(folder)
    port, tls_port = free_port(), free_port()
    (folder / "conf").write_text(_configuration(folder, port, tls_port, user, hand_on_to))
    if os.geteuid() == 0:
        _let_in(folder, user)
    daemon = subprocess.Popen(
        [folder / "exim", "-C", folder / "conf", "-bdf", "-q10s"],
        user=user if os.geteuid() == 0 else None,
        group=pwd.getpwnam(user).pw_gid if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
        stderr=(folder / "stderr-log").open("wb"),
        start_new_session=True,
    )
    server = MailServer(port, folder, tls_port)
    try:
        _wait_until_it_answers(daemon, server)
        yield server
    finally:
        daemon.terminate()
        daemon.wait(WAITS)


def _wait_until_it_answers(daemon: subprocess.Popen[bytes], server: MailServer) -> None:
    until = time.monotonic() + WAITS
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
                client.noop()
                return
        except (OSError, smtplib.SMTPException):
            if daemon.poll() is not None or time.monotonic() > until:
                raise NoMailServer(f"exim4 did not start: {server.log()}") from None
            time.sleep(0.05)


def _let_in(folder: Path, user: str) -> None:
    """The folder is the unprivileged server's."""
    who = pwd.getpwnam(user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, who.pw_uid, who.pw_gid)


def certificate(folder: Path) -> None:
    """A certificate of localhost that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )


def _configuration(folder: Path, port: int, tls_port: int, user: str, hand_on_to: int) -> str:
    group = pwd.getpwnam(user).pw_gid
    mailboxes = " : ".join(MAILBOXES)
    return f"""
exim_user = {user}
exim_group = {group}
keep_environment =
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
primary_hostname = mail.acme.example
qualify_domain = acme.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
deliver_drop_privilege = true
never_users =
host_lookup =
rfc1413_query_timeout = 0s
disable_ipv6 = true
message_size_limit = 60M
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
tls_certificate = {folder}/cert.pem
tls_privatekey = {folder}/key.pem
tls_advertise_hosts = *
domainlist here = acme.example : home.example : desk.example

begin acl
acl_rcpt:
  deny    local_parts = nobody-here
          message = 5.1.1 There is no mailbox of that name
  defer   local_parts = later
          message = 4.2.1 Not now
  accept  domains = +here
  deny    message = 5.7.1 relaying is not done here
acl_data:
  deny    condition = ${{if eq{{$h_X-Refuse:}}{{yes}}}}
          message = 5.6.0 This content is not taken
  accept

begin routers
desk:
  driver = manualroute
  domains = desk.example
  route_list = * 127.0.0.1::{hand_on_to}
  self = send
  transport = hand_on
boxes:
  driver = accept
  domains = +here
  local_parts = {mailboxes}
  local_part_suffix = +*
  local_part_suffix_optional
  transport = box

begin transports
hand_on:
  driver = smtp
  protocol = lmtp
  port = {hand_on_to or 24}
  hosts_try_fastopen =
  hosts_avoid_tls = *
box:
  driver = appendfile
  directory = {folder}/mail/$local_part_data
  maildir_format
  create_directory
  user = {user}
  group = {group}
  envelope_to_add
  return_path_add
  delivery_date_add

begin retry
* * F,1h,10s

begin rewrite

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${{if def:tls_in_cipher}}
  server_condition = ${{if and{{{{eq{{$auth2}}{{overture}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
  server_prompts = :
"""


def _age(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
