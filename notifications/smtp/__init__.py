"""RFC 5321 with RFC 2920: several letters under way over one connection, each answer its own.

aiosmtplib connects, encrypts and logs in; from there on it asks and waits line by line. What
is needed to go faster lies here: reading replies, what they mean for which letter, and the
connection that both stand on.
"""
