"""How does a test get a real Postfix, with a mailbox of the kind that it keeps on disk?

An instance of its own: its configuration, queue and data lie in the server's folder, and
`/etc/postfix` is left alone. It takes mail for a few domains into one Maildir, as the bytes
that came, and for nobody else; nothing leaves the machine.
"""

from __future__ import annotations

import grp
import os
import pwd
import smtplib
import time
from collections.abc import Sequence
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path

from tests.servers.programs import POSTFIX
from tests.servers.received import Received
from tests.servers.server import Server

DOMAINS = "example.org acme.example xn--bcher-kva.example"

# Clients on the same machine get headers added that they forgot, and others completed: to no
# client is that done here, or it would be Postfix's letter that a test reads.
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = relay.test
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
disable_dns_lookups = yes
local_header_rewrite_clients =
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = reject_unauth_destination
default_transport = error:nothing leaves this machine
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}
virtual_mailbox_maps = regexp:{folder}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
# Changing users, Postfix forgets that the kernel should end it with the test process. So somebody
# in its group waits for that, no child of its own: of a strange one's end it makes a panic.
ENDS_WITH = """\
(tail --pid="$1" -s 0.1 -f /dev/null && kill -s KILL -- -$$ &)
exec "$2" -d -c "$3"
"""
QUEUE = "active bounce corrupt defer deferred flush hold incoming private saved trace"


class Postfix(Server):
    """Everybody at its domains has a mailbox, but for `gone@`.

    Its first process must be root, and changes to Postfix's own users for all that it does.
    """

    def __init__(self) -> None:
        super().__init__()
        self._reader = self.user or pwd.getpwnam("nobody")
        self.user = None

    @property
    def dsn(self) -> str:
        """`smtp://127.0.0.1:port`."""
        return f"smtp://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        self.folder.chmod(0o711)  # three users pass through
        values = {"folder": self.folder, "port": self.port, "domains": DOMAINS}
        uid, gid = self._reader.pw_uid, self._reader.pw_gid
        main = self.write("main.cf", MAIN.format(**values, uid=uid, gid=gid))
        os.utime(main, (time.time() - 60,) * 2)  # of a newer one it fears that it is half written
        self.write("master.cf", MASTER.format(**values))
        self.write("mailboxes", "!/^gone@/ Maildir/\n")
        self._lay_out_queue()
        (self.folder / "Maildir").mkdir()
        os.chown(self.folder / "Maildir", uid, gid)

    def command(self) -> Sequence[str | Path]:
        with_whom = str(os.getpid())
        return ["sh", "-c", ENDS_WITH, "sh", with_whom, POSTFIX.path(), self.folder]

    def ask(self) -> None:
        """It greets, and knows who has no mailbox."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as client:
            client.ehlo()
            client.mail("")
            code, said = client.rcpt("gone@example.org")
        if code != 550:
            raise RuntimeError(said.decode())

    @property
    def letters(self) -> list[Received]:
        """Everything delivered, in order; each file is one mailbox's copy."""
        files = (self.folder / "Maildir" / "new").glob("*")
        return [_read(file) for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    def to(self, recipient: str) -> list[Received]:
        """Return the letters to one address, oldest first."""
        return [letter for letter in self.letters if letter.recipient == recipient]

    @property
    def is_idle(self) -> bool:
        """Whether everything that was accepted has been delivered."""
        places = (self.folder / "queue" / name for name in ("incoming", "active", "deferred"))
        return not any(one.is_file() for place in places for one in place.rglob("*"))

    def _lay_out_queue(self) -> None:
        """As Postfix's own installer does, which would look at the system's as well."""
        owner, post = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
        queue = self.folder / "queue"
        queue.mkdir()
        (queue / "pid").mkdir()
        for place in (self.folder / "data", *(queue / name for name in QUEUE.split())):
            place.mkdir(mode=0o700)
            os.chown(place, owner, -1)
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            (queue / name).mkdir()
            (queue / name).chmod(mode)
            os.chown(queue / name, owner, post)


def _read(file: Path) -> Received:
    """Who it was for, Postfix's last stage wrote on top."""
    raw = file.read_bytes()
    head = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    ago = time.time() - file.stat().st_mtime
    sender, recipient = str(head["Return-Path"]), str(head["Delivered-To"])
    return Received(sender.strip("<>"), recipient, raw, time.monotonic() - ago)
