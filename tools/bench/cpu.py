"""CPU time and the machine: what the figures are divided by, and what they were measured on."""
import os
import pathlib
import platform
import re

TICK = os.sysconf('SC_CLK_TCK')


def process_seconds(pid):
    """User and system seconds of a process and of the children it has buried."""
    try:
        fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(fields[n]) for n in (11, 12, 13, 14)) / TICK


def servers_seconds(pids):
    """All processes of a server. Each dead child is in its parent's account, so nothing is lost or counted twice."""
    return sum(process_seconds(pid) for pid in pids)


def softirq_seconds():
    """The kernel's interrupt work of the whole machine; it belongs to nobody and is told besides."""
    return int(pathlib.Path('/proc/stat').read_text().split('\n', 1)[0].split()[7]) / TICK


def machine():
    info = pathlib.Path('/proc/cpuinfo').read_text()
    memory = re.search(r'MemTotal:\s+(\d+)', pathlib.Path('/proc/meminfo').read_text()).group(1)
    return {'cpu': re.search(r'model name\s*: (.*)', info).group(1), 'mhz': float(re.search(r'cpu MHz\s*: (.*)', info).group(1)),
            'cores': os.cpu_count(), 'memory_gb': round(int(memory) / 1e6), 'kernel': platform.release()}
