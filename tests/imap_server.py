"""A real IMAP server on this machine: Dovecot, as its package brings it, run by whoever runs the tests."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mail_servers import certificate, free_port

USER, PASSWORD = "help@acme.example", "secret word"
WHERE = ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot")
_CONFIG = """
base_dir = {run}
state_dir = {run}/state
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
last_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{mailboxes}
mail_max_userip_connections = 100
service imap-login {{
  chroot =
  user = {user}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password} nopassword=
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}
}}
"""


def dovecot() -> str | None:
    """The server's program, if it is installed."""
    return shutil.which("dovecot") or next((one for one in WHERE if os.path.exists(one)), None)


@dataclass
class ImapServer:
    """A running server with one mailbox."""

    home: Path
    port: int
    user: str
    group: str
    tls_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imap://{USER.replace('@', '%40')}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/INBOX?every=1"

    def door(self, scheme: str, user: str = USER, password: str = PASSWORD) -> str:
        """The address of a mailbox as `OVERTURE_IMAP_URL` has it, over TLS or not."""
        host, port = ("127.0.0.1", self.port) if scheme == "imap" else ("localhost", self.port)
        port = self.tls_port if scheme == "imaps" else port
        return f"{scheme}://{user.replace('@', '%40')}:{password.replace(' ', '%20')}@{host}:{port}/INBOX?every=1"

    def start(self) -> None:
        program = dovecot()
        assert program is not None
        end = time.monotonic() + 20
        self.process = subprocess.Popen(
            [program, "-F", "-c", str(self.home / "dovecot.conf")],
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            **({"user": self.user, "group": self.group, "extra_groups": []} if os.geteuid() == 0 else {}),
        )
        for _ in range(200):
            assert time.monotonic() < end, (self.home / "dovecot.log").read_text()
            with suppress(OSError, imaplib.IMAP4.error):
                self.client().logout()
                return
            assert self.process.poll() is None, (self.home / "dovecot.log").read_text()
            time.sleep(0.02)
        raise AssertionError((self.home / "dovecot.log").read_text())

    def stop(self) -> None:
        """At once: every connection is cut."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
            self.process = None

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=2)
        client.login(USER, PASSWORD)
        client.select("INBOX")
        return client

    def put(self, *mails: bytes) -> None:
        """Deliver mails into the mailbox."""
        client = self.client()
        for mail in mails:
            client.append("INBOX", "", "", mail)
        client.logout()

    def unseen(self) -> int:
        client = self.client()
        found = client.search(None, "UNSEEN")[1][0].split()
        client.logout()
        return len(found)


@contextmanager
def imap_server(mailboxes: Path | None = None) -> Iterator[ImapServer]:
    """One mailbox for everybody, or a folder that holds the Maildir of each user, as a mail server files them."""
    # A short path of its own: the server's sockets live under it.
    with tempfile.TemporaryDirectory(prefix="imap") as folder:
        home = Path(folder)
        # It refuses to let strangers log in as root, so root lends it another name.
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        port, tls_port = free_port(), free_port()
        certificate(home)
        (home / "run").mkdir()
        (home / "mail").mkdir()
        group = grp.getgrgid(user.pw_gid).gr_name
        (home / "dovecot.conf").write_text(
            _CONFIG.format(
                home=home,
                mailboxes=home / "mail" if mailboxes is None else mailboxes / "%n",
                run=home / "run",
                user=user.pw_name,
                group=group,
                port=port,
                tls_port=tls_port,
                password=PASSWORD,
            )
        )
        for one in (home, home / "run", home / "mail", home / "cert.pem", home / "key.pem"):
            os.chown(one, user.pw_uid, user.pw_gid)
        server = ImapServer(home, port, user.pw_name, group, tls_port)
        server.start()
        try:
            yield server
        finally:
            server.stop()
