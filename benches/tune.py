#!/usr/bin/env python3
"""Compiles the program that is handed out: once to watch it at work, and once more in the order that it works in.

    python3 benches/tune.py                                        # target/tuned/…/xinfeng, in two and a half times the time of a release build
    python3 benches/compare.py --xinfeng "$(python3 benches/tune.py --show)"

The compiler's own profiles (https://doc.rust-lang.org/rustc/profile-guided-optimization.html) tell it which branches are taken. They
are read by `llvm-profdata` of the compiler's own LLVM: `rustup component add llvm-tools`, or Debian's package of that version.
What the program is watched at are builds of every shape of corpus, clean and after changes, and a check. Start at `main`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True  # The repository is not ours to litter.
from builders import REPOSITORY, XINFENG  # noqa: E402
from measure import say  # noqa: E402

TARGET = XINFENG.parent.parent


def main() -> None:
    compiler = dict(re.findall(r"^([\w ]+): (.+)$", run("rustc", "-vV"), re.MULTILINE))
    tuned = program("tuned", compiler["host"])
    if "--show" in sys.argv[1:]:
        return print(tuned)
    merge = profdata(compiler)
    with tempfile.TemporaryDirectory() as folder:
        profiles, profile = Path(folder) / "profiles", Path(folder) / "profile"
        say("compiling the program that is watched")
        build("watched", compiler["host"], f"-Cprofile-generate={profiles}")
        say("watching it")
        watch(program("watched", compiler["host"]), Path(folder) / "bench")
        # A build leaves the deletion of what it replaced to a process of its own, which may be writing yet.
        run(merge, "merge", "--failure-mode=all", "--output", profile, profiles)
        say("compiling the program that is handed out")
        build("tuned", compiler["host"], f"-Cprofile-use={profile}")
    say(f"{tuned}")


def program(name: str, host: str) -> Path:
    return TARGET / name / host / "release" / XINFENG.name


def build(name: str, host: str, flag: str) -> None:
    """Compiles with one more flag. Only with `--target`, procedural macros and build scripts are compiled without it."""
    flags = f"{os.environ.get('RUSTFLAGS', '')} {flag}".strip()
    command = ["cargo", "build", "--release", "--bin", "xinfeng", "--target", host, "--target-dir", TARGET / name]
    subprocess.run(command, cwd=REPOSITORY, env=os.environ | {"RUSTFLAGS": flags}, check=True)


def watch(binary: Path, work: Path) -> None:
    def compare(*arguments: str) -> None:
        command = [sys.executable, REPOSITORY / "benches" / "compare.py", "--peers", "none", "--xinfeng", binary, "--work", work]
        subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL)

    compare("--short")
    compare("--articles", "1000:1")
    # It finds what it finds: a sample site is no site of an office.
    subprocess.run([binary, "check", "--site", REPOSITORY], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def profdata(compiler: dict[str, str]) -> str:
    """`llvm-profdata` of the compiler's LLVM."""
    version = compiler["LLVM version"].split(".")[0]
    own = Path(run("rustc", "--print", "sysroot").strip()) / "lib" / "rustlib" / compiler["host"] / "bin" / "llvm-profdata"
    found = shutil.which(own) or shutil.which(f"llvm-profdata-{version}")
    return found or sys.exit(f"llvm-profdata is not there: rustup component add llvm-tools, or apt-get install llvm-{version}")


def run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
