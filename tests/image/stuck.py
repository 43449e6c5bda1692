"""Stops one processor of a guest as a fault of the hardware would: the thread that plays it is held by ptrace."""
import contextlib
import ctypes
import os

from image.builder.shell import ImageError

SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        raise ImageError(f'ptrace of the processor failed: {os.strerror(ctypes.get_errno())}')


@contextlib.contextmanager
def stuck_core(machine, number):
    """Inside the block that processor does nothing."""
    cpus = machine.command('query-cpus-fast')['return']
    thread = next(cpu['thread-id'] for cpu in cpus if cpu['cpu-index'] == number)
    ptrace(SEIZE, thread)
    ptrace(INTERRUPT, thread)
    os.waitpid(thread, WALL)
    try:
        yield
    finally:
        ptrace(DETACH, thread)
