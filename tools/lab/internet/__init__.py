"""The lab's internet: a signed DNS tree, real mail servers, policy hosts, and a wire between them and the box.

Everything here is made from one table of rows (rows.py): which domain publishes what, how its servers behave, and what
has to happen to mail for it. Zones, certificates, servers and the table of expectations all come from those rows.
"""
