"""How does a test get a real IMAP server, with a mailbox to put letters into?"""

from __future__ import annotations

import grp
import imaplib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.servers.programs import DOVECOT
from tests.servers.server import Server

SETTINGS = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mail_uid = {owner}
mail_gid = {group}
passdb {{
  driver = static
  args = password={secret}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot(Server):
    """Every name is a user with a mailbox, and ``secret`` is the password of all."""

    users: ClassVar = ("dovecot", "nobody")
    secret = "open:se@me/e"

    @property
    def dsn(self) -> str:
        """`imap://user:secret@127.0.0.1:port/INBOX`."""
        return f"imap://mail:open%3Ase%40me%2Fe@127.0.0.1:{self.port}/INBOX"

    def prepare(self) -> None:
        gid = self.user.pw_gid if self.user else os.getegid()
        text = SETTINGS.format(
            folder=self.folder,
            owner=self.owner,
            group=grp.getgrgid(gid).gr_name,
            port=self.port,
            secret=self.secret,
        )
        self.write("dovecot.conf", text)

    def command(self) -> Sequence[str | Path]:
        DOVECOT.path()
        return ["/usr/sbin/dovecot", "-F", "-c", self.folder / "dovecot.conf"]

    def ask(self) -> None:
        """Log in and look."""
        with self.client() as client:
            client.select()

    def client(self) -> imaplib.IMAP4:
        """Somebody's mail program, logged in as ``mail``."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=5)
        client.login("mail", self.secret)
        return client

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        """New mail."""
        with self.client() as client:
            for mail in mails:
                said, why = client.append(folder, None, None, mail)
                assert said == "OK", why

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """The flags of each mail, in order; looking changes none."""
        with self.client() as client:
            (count,) = client.select(folder, readonly=True)[1]
            lines = client.fetch("1:*", "(FLAGS)")[1] if count != b"0" else []
        texts = (line.decode() for line in lines if isinstance(line, bytes))
        found = (re.search(r"FLAGS \(([^)]*)\)", text) for text in texts)
        return [set(match[1].split()) - {"\\Recent"} for match in found if match]
