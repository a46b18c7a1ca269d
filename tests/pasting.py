"""Commands that the product prints, pasted into a shell whose `aws` is `fake_aws`."""

import os
import subprocess
import sys
from pathlib import Path

from reconciler.sandbox.wire import DEFAULT_ACCOUNT, access_key


def run_in_shell(folder: Path, commands: list[str], url: str, *, account: str = DEFAULT_ACCOUNT, **more: str) -> None:
    """Run all commands in one shell, as they stand; the first that fails ends it, and is an error."""
    binaries = folder / "bin"
    binaries.mkdir(exist_ok=True)
    script = binaries / "aws"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "fake_aws.py"}" "$@"\n')
    script.chmod(0o755)
    environment = {
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": access_key(account),
        "AWS_SECRET_ACCESS_KEY": "any",
        **more,
    }
    ran = subprocess.run(
        ["/bin/sh", "-euc", "\n".join(commands)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
