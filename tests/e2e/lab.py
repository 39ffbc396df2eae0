"""Makes the lab's modules (scripts/lab.d) importable for the tests of this folder."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts/lab.d"))
if "LAB_WORK" not in os.environ:
    sys.exit("This test runs inside the lab: scripts/lab " + sys.argv[0])
