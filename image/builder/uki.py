"""Unified kernel images: systemd-boot's stub with the kernel, the initramfs, the command line and a name inside.

UAPI.5; the sections lie one after another behind the stub's own, at addresses computed from its headers.
"""
import re
import struct

from image.builder.shell import ImageError, align, run

STUB = '/usr/lib/systemd/boot/efi/linuxx64.efi.stub'
PAGE = 4096


def stub_end():
    """The first free address behind the stub's own sections (relative to its image base)."""
    end = 0
    for line in run('objdump', '-h', STUB).splitlines():
        found = re.match(r'\s*\d+ (\.\S+)\s+([0-9a-f]+)\s+([0-9a-f]+)', line)
        if found:
            end = max(end, int(found.group(3), 16) + int(found.group(2), 16))
    if not end:
        raise ImageError(f'{STUB} has no sections: reinstall systemd-boot-efi')
    return align(end, PAGE)


def build(output, parts, work):
    """parts: section name -> bytes, in the order they are to lie."""
    at, words = stub_end(), []
    for name, data in parts.items():
        file = work / f'section{name}'
        file.write_bytes(data)
        words += ['--add-section', f'{name}={file}', '--change-section-vma', f'{name}={at:#x}']
        at = align(at + len(data), PAGE)
    run('objcopy', *words, STUB, output)
    clear_time(output)


def clear_time(path):
    """objcopy writes the time into the COFF header; the same image must have the same bytes."""
    data = bytearray(path.read_bytes())
    header = struct.unpack_from('<I', data, 0x3C)[0]
    if data[header:header + 4] != b'PE\0\0':
        raise ImageError(f'{path} is no PE file')
    struct.pack_into('<I', data, header + 8, 0)
    path.write_bytes(data)
