"""make bench: the box and its peers on the same work, in the same namespaces, with the same load generator.

Every figure is per CPU second of the server: user and system time of all its processes, children included. Runs of
the different servers alternate; what is printed is the median of the rounds.
"""
