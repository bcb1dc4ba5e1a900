"""How do mail servers write that a letter came back? Each in its own way, with our letter in it.

``came_back(server, to, message_id)`` is the whole mail as it would lie in the mailbox: ``to`` is
the address that it came to (the letter's own return path).
"""

from __future__ import annotations

READER = "anna@shop.example"
SERVERS = {
    "postfix": """\
Return-Path: <>
Received: by mx.relay.example (Postfix) id 4F0B21C0D2; Mon, 23 Nov 2026 12:00:03 +0000 (UTC)
Date: Mon, 23 Nov 2026 12:00:03 +0000 (UTC)
From: MAILER-DAEMON@mx.relay.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4F0B1.1795435203/mx"

This is a MIME-encapsulated message.

--4F0B1.1795435203/mx
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.relay.example.

<{reader}>: host mx.shop.example[192.0.2.25] said: 550 5.1.1
    <{reader}>: Recipient address rejected: User unknown in local
    recipient table (in reply to RCPT TO command)

--4F0B1.1795435203/mx
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.relay.example
X-Postfix-Queue-ID: 4F0B21C0D2
X-Postfix-Sender: rfc822; {to}
Arrival-Date: Mon, 23 Nov 2026 12:00:01 +0000 (UTC)

Final-Recipient: rfc822; {reader}
Original-Recipient: rfc822;{reader}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.shop.example
Diagnostic-Code: smtp; 550 5.1.1 <{reader}>: Recipient address rejected:
    User unknown in local recipient table

--4F0B1.1795435203/mx
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <{to}>
From: Acme status <status@acme.example>
To: {reader}
Subject: The shop is down
Message-ID: {message_id}

--4F0B1.1795435203/mx--
""",
    "exchange": """\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@shop.example>
To: "Acme status" <{to}>
Date: Mon, 23 Nov 2026 12:00:04 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="b2b5a1d0-7c52-4a0e-9a56-2f1d0a5b8b6c"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: it-IT
Message-ID: <f2a1e0c5@shop.example>
Subject: =?utf-8?B?Tm9uIHJlY2FwaXRhYmlsZTogVGhlIHNob3AgaXMgZG93bg==?=
Auto-Submitted: auto-replied
MIME-Version: 1.0

--b2b5a1d0-7c52-4a0e-9a56-2f1d0a5b8b6c
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="0c3d7b1e"

--0c3d7b1e
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Impossibile recapitare il messaggio ai destinatari seguenti:=0D=0A{reader}

--0c3d7b1e
Content-Type: text/html; charset="us-ascii"

<html><body><p>Impossibile recapitare</p></body></html>

--0c3d7b1e--

--b2b5a1d0-7c52-4a0e-9a56-2f1d0a5b8b6c
Content-Type: message/delivery-status

Reporting-MTA: dns;EX01.shop.example
Received-From-MTA: dns;mx.relay.example
Arrival-Date: Mon, 23 Nov 2026 12:00:03 +0000

Original-Recipient: rfc822;{reader}
Final-Recipient: rfc822;{reader}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP
X-Display-Name: Anna

--b2b5a1d0-7c52-4a0e-9a56-2f1d0a5b8b6c
Content-Type: message/rfc822

From: Acme status <status@acme.example>
To: {reader}
Subject: The shop is down
Message-ID: {message_id}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

The shop is down.

--b2b5a1d0-7c52-4a0e-9a56-2f1d0a5b8b6c--
""",
    "gmail": """\
Delivered-To: {to}
MIME-Version: 1.0
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: {to}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
In-Reply-To: {message_id}
References: {message_id}
X-Failed-Recipients: {reader}
Message-ID: <6743c1a0.050a0220.1cc1f1.9d3a.GMR@mx.google.com>
Date: Mon, 23 Nov 2026 04:00:04 -0800 (PST)
Content-Type: multipart/report; boundary="000000000000c0ffee0627"; report-type=delivery-status

--000000000000c0ffee0627
Content-Type: multipart/related; boundary="000000000000c0fff00627"

--000000000000c0fff00627
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable


** Address not found **

Your message wasn't delivered to {reader} because the address couldn't be=
 found.

--000000000000c0fff00627--
--000000000000c0ffee0627
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 23 Nov 2026 04:00:03 -0800 (PST)
X-Original-Message-ID: {message_id}

Final-Recipient: rfc822; {reader}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
 550-5.1.1 Please try double-checking the recipient's email address. 550 5.1.1 - gsmtp
Last-Attempt-Date: Mon, 23 Nov 2026 04:00:04 -0800 (PST)

--000000000000c0ffee0627
Content-Type: message/rfc822

From: Acme status <status@acme.example>
To: {reader}
Subject: The shop is down
Message-ID: {message_id}

The shop is down.

--000000000000c0ffee0627--
""",
    "sendmail": """\
Return-Path: <MAILER-DAEMON>
Received: from localhost (localhost) by mx.shop.example (8.17.1/8.17.1) id 4ANC04x1000123;
\tMon, 23 Nov 2026 12:00:04 GMT
Date: Mon, 23 Nov 2026 12:00:04 GMT
From: Mail Delivery Subsystem <MAILER-DAEMON>
Message-Id: <202611231200.4ANC04x1000123@mx.shop.example>
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4ANC04x1000123.1795435204/mx.shop.example"
Subject: Returned mail: see transcript for details
Auto-Submitted: auto-generated (failure)

This is a MIME-encapsulated message

--4ANC04x1000123.1795435204/mx.shop.example

The original message was received at Mon, 23 Nov 2026 12:00:03 GMT

   ----- The following addresses had permanent fatal errors -----
<{reader}>
    (reason: 552 5.2.2 Mailbox full)

--4ANC04x1000123.1795435204/mx.shop.example
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example
Received-From-MTA: DNS; mx.relay.example
Arrival-Date: Mon, 23 Nov 2026 12:00:03 GMT

Final-Recipient: RFC822; {reader}
Action: failed
Status: 5.2.2
Diagnostic-Code: SMTP; 552 5.2.2 Mailbox full
Last-Attempt-Date: Mon, 23 Nov 2026 12:00:04 GMT

--4ANC04x1000123.1795435204/mx.shop.example
Content-Type: text/rfc822-headers

Return-Path: <{to}>
Message-ID: {message_id}
From: Acme status <status@acme.example>

--4ANC04x1000123.1795435204/mx.shop.example--
""",
    "qmail": """\
Return-Path: <>
Received: (qmail 20113 invoked for bounce); 23 Nov 2026 12:00:04 -0000
Date: 23 Nov 2026 12:00:04 -0000
From: MAILER-DAEMON@mx.shop.example
To: {to}
Subject: failure notice

Hi. This is the qmail-send program at mx.shop.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{reader}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <{to}>
Received: (qmail 20110 invoked from network); 23 Nov 2026 12:00:03 -0000
From: Acme status <status@acme.example>
To: {reader}
Message-ID: {message_id}
Subject: The shop is down

The shop is down.
""",
    "exim": """\
Return-path: <>
Received: from Debian-exim by mx.shop.example with local (Exim 4.72)
\tid 1tEo2P-0001Xa-2b for {to}; Mon, 23 Nov 2026 12:00:04 +0000
X-Failed-Recipients: {reader}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.shop.example>
To: {to}
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1tEo2P-0001Xa-2b@mx.shop.example>
Date: Mon, 23 Nov 2026 12:00:04 +0000

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {reader}
    550 5.1.1 no such user here

------ This is a copy of the message, including all the headers. ------

Return-path: <{to}>
From: Acme status <status@acme.example>
Message-ID: {message_id}
""",
}
LATE = """\
From: MAILER-DAEMON@mx.relay.example (Mail Delivery System)
Subject: Delayed Mail (still being retried)
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="late"

--late
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered for more than 1 hour(s).

--late
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.relay.example

Final-Recipient: rfc822; {reader}
Original-Recipient: rfc822;{reader}
Action: delayed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.shop.example[5.1.1.25]:25: Connection timed out
Will-Retry-Until: Sat, 28 Nov 2026 12:00:01 +0000 (UTC)

--late
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--late--
"""
VACATION = """\
From: Anna <{reader}>
To: {to}
Subject: Out of office: The shop is down
In-Reply-To: {message_id}
Auto-Submitted: auto-replied (vacation)
Precedence: bulk
Content-Type: text/plain; charset=utf-8

I am away until Monday. For anything urgent write to bob@shop.example.
> 550 5.1.1 <{reader}>: Recipient address rejected: User unknown
"""
CHALLENGE = """\
From: "Spam shield of Anna" <shield@shop.example>
To: {to}
Subject: Please confirm that you are a person
References: {message_id}
Content-Type: text/html; charset=utf-8

<p>Your message to {reader} is being held. <a href="https://shield.example/x">Release it</a>.</p>
"""
ORDINARY = """\
From: Anna <{reader}>
To: status@acme.example
Subject: Re: The shop is down
References: {message_id}

When will you be back? My order was 550 euros, in 5.1.1 parts.
"""


def came_back(server: str, to: str, message_id: str = "<x@acme.example>") -> bytes:
    return filled(SERVERS[server], to, message_id)


def filled(text: str, to: str, message_id: str = "<x@acme.example>", reader: str = READER) -> bytes:
    text = text.replace("{to}", to).replace("{message_id}", message_id)
    return text.replace("{reader}", reader).replace("\n", "\r\n").encode()


def report(action: str, status: str, diagnostic: str, to: str = "b@acme.example") -> bytes:
    """The shortest report that RFC 3464 allows."""
    text = (
        f"To: {to}\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {READER}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: {diagnostic}\n\n--b--\n"
    )
    return text.replace("\n", "\r\n").encode()
