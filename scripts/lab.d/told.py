"""How a story or a test of the lab tells what it saw: a line for each statement, and an exit code at the end."""
import sys
import traceback


class Teller:
    """`tell(ok, sentence, detail)`: prints `ok - sentence`, or `not ok - sentence` and under it what was seen instead."""

    def __init__(self, good="ok", bad="not ok", file=sys.stdout):
        self.good, self.bad, self.file = good, bad, file
        self.told = self.failed = 0

    def __call__(self, ok, sentence, detail=""):
        self.told += 1
        self.failed += not ok
        print(f"{self.good if ok else self.bad} - {sentence}", file=self.file, flush=True)
        if not ok:
            self.show(detail)
        return bool(ok)

    def show(self, text):
        for line in str(text).strip().splitlines()[-25:]:
            print(f"    {line}", file=self.file, flush=True)


def run(body):
    """Runs body(tell) as a test program: exit code 0 when everything it told was true. An exception is a failure."""
    tell = Teller()
    try:
        body(tell)
    except Exception:  # noqa: BLE001: whatever goes wrong, the reader must see it as a failure of this test
        tell(False, "the test ran to its end", traceback.format_exc())
    sys.exit(1 if tell.failed or not tell.told else 0)
