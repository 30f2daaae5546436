#!/usr/bin/env python3
"""Hostile places and hostile children: the right message, the right code, no hang, nobody left.

    hostile.py TOOLKIT FOLDER
"""

import os
import shutil
import sys
from pathlib import Path

import hostile_children
import hostile_places
from run_case import Lab
from workers import become_subreaper


def main():
    toolkit, folder = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    become_subreaper()
    lab = Lab(toolkit, folder)
    hostile_places.all_cases(lab)
    hostile_children.all_cases(lab)
    print(f"{lab.failures} wrong, {lab.skipped} skipped")
    return 1 if lab.failures else 0


if __name__ == "__main__":
    sys.exit(main())
