"""The lab: three network namespaces, real peers on both sides, and the box in between.

    internet  eth0 <-veth-> wan0  gateway  lan0 <-veth-> eth0  office

Everything a run makes has the run's own name in it and is gone when the run ends, also on Ctrl-C and on a fault.
"""
