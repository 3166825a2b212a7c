"""Asks whether a locked dependency has a known weakness.

Rule: what could not be asked is "not audited", with exit status 2. Only an answer makes it clean.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_SECONDS = 15
NOT_AUDITED = 2


def main() -> int:
    """Audit both locks; the worst exit status counts."""
    return max(audit(ROOT / "requirements" / name) for name in ("run.txt", "dev.txt"))


def audit(lock: Path) -> int:
    """0 if every package was asked about and none is known to be weak, 1 if one is, 2 if not every one was asked."""
    options = ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *options, "--timeout", str(TIMEOUT_SECONDS), "-r", str(lock)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        last_line = (asked.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"{lock.name}: not audited. The advisories could not be reached: {last_line[:200]}")
        return NOT_AUDITED
    weak = [package for package in packages if package.get("vulns")]
    unasked = [package["name"] for package in packages if "skip_reason" in package]
    for package in weak:
        for weakness in package["vulns"]:
            repaired = ", ".join(weakness["fix_versions"]) or "no release yet"
            print(f"{lock.name}: {package['name']} {package['version']} has {weakness['id']}; repaired in: {repaired}")
    if unasked:
        print(f"{lock.name}: not audited. Asked about {len(packages) - len(unasked)} of {len(packages)} packages.")
    if not weak and not unasked and packages:
        print(f"{lock.name}: {len(packages)} packages audited, none with a known weakness")
    return 1 if weak else (NOT_AUDITED if unasked or not packages else 0)


if __name__ == "__main__":
    raise SystemExit(main())
