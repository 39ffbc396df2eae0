"""Policies of the rows: the shipped one, and others made of it by formula. Made once and kept by what they were made of."""
import hashlib
import json
import shutil
import subprocess

# Who is on the generator's wire (perf/generator/addresses.h).
DEVICES = 1000
DEVICE_MAC = "02:57:4c"
PEERS = "10.40.64.0/18"
# Two lines more than the shipped policy has, so that the generator's RTP flows are allowed.
MEDIA = [("\nroles:\n", f'\nroles:\n  media-gateways: ["{PEERS}"]\n'),
         ("\ninfrastructure:\n", "\ninfrastructure:\n  - {name: media, opens_to: media-gateways, app: [rtp]}\n")]


class Policies:
    def __init__(self, root, cache):
        self.root, self.cache = root, cache
        self.folder = root / "policies"

    def made(self, *, pin=None, edits=(), bare=False, **options):
        """`options` are those of make_policy, `pin` the class of the generator's devices, `edits` pairs for site.yaml, `bare` means
        without the shipped threats that are looked for in payload."""
        edits = [*MEDIA, *edits]
        what = json.dumps([pin, edits, bare, options, self.content()], sort_keys=True)
        folder = self.cache / hashlib.sha256(what.encode()).hexdigest()[:16]
        if (folder / "complete").exists():
            return folder / "policy"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        policy = folder / "policy"
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        subprocess.run([self.root / "perf/policies/make_policy", *words, "--out", policy], check=True)
        self.edit(policy / "site.yaml", edits)
        for path in (policy / "signatures/threats").glob("*.yaml") if bare else ():
            if "detector:" not in path.read_text():  # site.yaml speaks of behaviour by name
                path.unlink()
        if pin:
            lines = [f'  - {{id: wire-{n:04d}, class: {pin}, macs: ["{mac_of(n)}"]}}' for n in range(DEVICES)]
            with open(policy / "devices.yaml", "w") as file:
                file.write("\n".join(["devices:", *lines]) + "\n")
        (folder / "complete").touch()
        return policy

    def content(self):
        """Of what a made policy stands on: another shipped policy, or another maker, makes others."""
        digest = hashlib.sha256()
        for path in sorted([*self.folder.rglob("*.yaml"), self.root / "perf/policies/make_policy"]):
            digest.update(str(path.relative_to(self.root)).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    @staticmethod
    def edit(path, edits):
        text = path.read_text()
        for old, new in edits:
            if text.count(old) != 1:
                raise RuntimeError(f"expected {old!r} once in {path}, found it {text.count(old)} times")
            text = text.replace(old, new)
        path.write_text(text)

    def shipped_signatures(self):
        return sum(text.count("\n  - id: ") for text in (path.read_text() for path in (self.folder / "signatures").rglob("*.yaml")))

    # --- by what rows speak of ---

    @property
    def shipped(self):
        return self.made()

    def with_signatures(self, number, **more):
        """The shipped ones first, then made ones."""
        return self.made(signatures=max(number - self.shipped_signatures(), 0), **more)

    CLASSIFY_ONLY = ("inspect: {depth: 64KiB,", "inspect: {depth: none,")
    INSPECT_ALL = ("inspect: {depth: 64KiB,", "inspect: {depth: all,")
    TWO_SECONDS = ("udp_one_way: 30s", "udp_one_way: 2s")

    def threats(self, number):
        """So many made threats in the place of the shipped ones."""
        return self.made(signatures=number, bare=True)

    def reading_controllers(self):
        """Every device a building controller whose registers the peer may read. Without a search for threats, which ends by itself after
        64 KiB each way: what is measured is a connection that lasts longer."""
        return self.made(pin="building-controller", edits=[self.CLASSIFY_ONLY, ('building-servers: ["10.50.2.10"]', f'building-servers: ["10.50.2.10", "{PEERS}"]')])

    def class_of_rules(self, number, **more):
        return self.made(rule_classes=number, pin=f"rules-{number}", **more)


def mac_of(device):
    return f"{DEVICE_MAC}:{device >> 16:02x}:{device >> 8 & 255:02x}:{device & 255:02x}"
