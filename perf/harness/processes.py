"""A program under measurement: started once, stopped and continued by signals, ended for good."""
import os
import signal
import subprocess
import time


class Program:
    """`log` takes what it says. A daemon is never left behind: it dies with the harness's `with` block."""

    def __init__(self, name, command, log, core=None, input_pipe=False, in_namespace=None):
        self.name, self.log = name, log
        words = list(map(str, command))
        if core is not None:
            words = ["taskset", "-c", str(core), *words]
        if in_namespace:
            words = ["ip", "netns", "exec", in_namespace, *words]
        with open(log, "ab") as file:
            self.process = subprocess.Popen(words, stdin=subprocess.PIPE if input_pipe else subprocess.DEVNULL, stdout=file,
                                            stderr=subprocess.STDOUT, start_new_session=True)

    def alive(self):
        code = self.process.poll()
        if code is not None:
            raise RuntimeError(f"{self.name} ended with {code}: {self.last_words()}")

    def last_words(self, lines=4):
        with open(self.log, errors="replace") as file:
            return " | ".join(file.read().strip().splitlines()[-lines:]) or "it said nothing"

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def halt(self):
        os.killpg(self.process.pid, signal.SIGSTOP)

    def resume(self):
        os.killpg(self.process.pid, signal.SIGCONT)

    def end(self, patience=20):
        if self.process.poll() is None:
            self.resume()
            if self.process.stdin:  # what testpmd waits for: a signal alone leaves it in its read
                self.process.stdin.close()
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file if ":" in line)
        return {name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon", "RssShmem", "HugetlbPages") if name in fields}


def wait_for(condition, timeout, what, alive=lambda: None, step=0.01):
    end = time.monotonic() + timeout
    while not (found := condition()):
        alive()
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {timeout:g} s")
        time.sleep(step)
    return found
