#!/usr/bin/python3
"""The story that scripts/run --once tells is true over both drivers, and with the sanitizers in the daemon."""
# test: scripts/lab --driver af_packet {me}
# test: scripts/lab --driver af_xdp {me}
# test: scripts/lab --driver af_packet --build build-asan {me}
import lab  # noqa: F401: makes the lab's modules importable
import story
import told

told.run(story.tell_story)
