"""An initramfs: cpio in "newc" format, everything root's, no times. Linux Documentation/driver-api/early-userspace."""
import stat


class Archive:
    def __init__(self):
        self.parts, self.number, self.made = [], 0, set()

    def _entry(self, name, mode, data=b'', device=(0, 0)):
        self.number += 1
        raw = name.encode() + b'\0'
        fields = [self.number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(raw), 0]
        head = b'070701' + b''.join(b'%08X' % field for field in fields) + raw
        self.parts += [head, b'\0' * (-len(head) % 4), data, b'\0' * (-len(data) % 4)]

    def directory(self, name):
        if name and name not in self.made:
            self.made.add(name)
            self.directory(name.rpartition('/')[0])
            self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        self.directory(name.rpartition('/')[0])
        self._entry(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self.directory(name.rpartition('/')[0])
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, major, minor):
        self.directory(name.rpartition('/')[0])
        self._entry(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def bytes(self):
        self._entry('TRAILER!!!', 0)
        whole = b''.join(self.parts)
        return whole + b'\0' * (-len(whole) % 512)
