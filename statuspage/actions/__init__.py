"""What does a person do, or the machine in a person's place? One transaction each.

Every action takes an open session and ``now``, asks the rules, and writes rows. None
waits on the network, none commits: whoever opened the session does.
"""
