"""Packages from npm, at pinned versions."""

import os
import shutil
import subprocess

NEEDED = "the conformance tests need Node.js 18 or later with npm; on Debian and Ubuntu: apt install nodejs npm"
INSTALLATION_SECONDS = 300


def node():
    found = shutil.which("node") or shutil.which("nodejs")
    if not found:
        raise RuntimeError(NEEDED)
    return found


def installed(below, name, version):
    """Returns the folder of a package, installed unless it is there at this very version."""
    folder = below / f"conformance-{name}"
    package, stamp = folder / "node_modules" / name, folder / "version"
    if package.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == version:
        return package
    npm = shutil.which("npm")
    if not npm:
        raise RuntimeError(NEEDED)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # npm finds its registry, its proxy and its certificates in settings and variables of the person's own.
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), f"{name}@{version}"]
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True,
                          timeout=INSTALLATION_SECONDS)
    if done.returncode or not package.exists():
        raise RuntimeError(f"{name} could not be installed from npm: {done.stdout}{done.stderr}")
    stamp.write_text(version, encoding="utf-8")
    return package
