"""What does the clock run? Claim, work, record: safe to run twice, safe to be killed.

A job never calls another; it answers when it wants to run again, and nudges those for
whom it left rows. Nothing waits on the network with a transaction open.
"""
