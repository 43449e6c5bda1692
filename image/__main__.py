"""Builds the image of a board, or starts it in QEMU.

  python3 -m image build BOARD [--build DIR] [--output DIR] [--keys DIR]
  python3 -m image run BOARD [--output DIR]

`build` writes to build/image/BOARD: disk.img (a whole disk), root.img and postern.efi (what an update carries),
image.json (facts), sbom.json.
"""
import argparse
import os
import pathlib
import sys

from image.builder import build, qemu
from image.builder.shell import ImageError

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(prog='image', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('verb', choices=['build', 'run'])
    parser.add_argument('board')
    parser.add_argument('--build', type=pathlib.Path, default=ROOT / os.environ.get('BUILD', 'build'))
    parser.add_argument('--output', type=pathlib.Path)
    parser.add_argument('--keys', type=pathlib.Path, help='your own Secure Boot key and certificate: db.key, db.crt')
    options = parser.parse_args()
    output = options.output or options.build / 'image' / options.board
    if options.verb == 'run':
        return qemu.run(output)
    build.build(options.board, options.build, output, options.keys)
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except ImageError as fault:
        print(f'image: {fault}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
