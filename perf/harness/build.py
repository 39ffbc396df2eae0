"""What a run needs built: the product as shipped, the micro-benchmarks beside it, the generator."""
import functools
import os
import shutil
import subprocess


class Build:
    def __init__(self, root, say):
        self.root, self.say, self.folder = root, say, root / "build-perf"
        self.environment = {**os.environ, "CCACHE_BASEDIR": str(root), "CCACHE_NOHASHDIR": "1"}

    def run(self, *command):
        done = subprocess.run([str(word) for word in command], cwd=self.root, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).strip().splitlines()
            raise RuntimeError(f"`{' '.join(map(str, command))}` failed: " + "\n".join(said[-15:]))

    def target(self, path):
        """A file of the build folder, made now if need be. The options are those of scripts/build, and the benchmarks."""
        if not (self.folder / "build.ninja").exists():
            self.run("meson", "setup", self.folder, "--buildtype=release", "--optimization=2", "-Dtests=false", "-Dperf=true")
        if not (self.folder / path).exists():
            self.say(f"building {path}")
        self.run("ninja", "-C", self.folder, "--quiet", path)
        return self.folder / path

    @functools.cached_property
    def wardlined(self):
        return self.target("controlplane/daemon/wardlined")

    @functools.cached_property
    def generator(self):
        self.run(self.root / "perf/generator/build")
        return self.root / ".cache/generator/libnet_wlgen.so"

    def bench(self, name):
        return self.target(f"perf/{name}")


def missing_packages(root):
    """Packages of perf/packages that are not installed."""
    lines = (root / "perf/packages").read_text().splitlines()
    wanted = [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
    found = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package}\n", *wanted], capture_output=True, text=True)
    have = {line[2:].strip() for line in found.stdout.splitlines() if line.startswith("ii")}
    return [package for package in wanted if package not in have]


def install(packages):
    apt = ["apt-get", "-qy", "--no-install-recommends", "install", *packages]
    if os.geteuid() != 0:
        raise RuntimeError(f"packages are missing, and only root may install them: {' '.join(apt)}")
    if shutil.which("apt-get") is None:
        raise RuntimeError(f"packages are missing: {' '.join(packages)}")
    for command in (["apt-get", "-q", "update"], apt):
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if done.returncode != 0:
            raise RuntimeError(f"`{' '.join(command)}` failed: {done.stderr.strip()[-500:]}")
