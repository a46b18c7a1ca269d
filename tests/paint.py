"""The README's picture of a plan, made from the real thing: `python tests/paint.py`.

A world is made in the sandbox, `reconcile plan` is run on it over the command line's own entry, and what it prints in
colour becomes an SVG. The same world gives the same picture, to the byte.
"""

import io
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from commandline import ACCOUNT, virtual
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from serving import Endpoint, serving

from reconciler.cli import main, wiring
from reconciler.sandbox.wire import access_key

PICTURE = Path(__file__).parent / "picture" / "plan.svg"
COLUMNS = 96
FILE = """\
version: 1
account: "123456789012"
region: us-east-1
defaults: {alias: live, concurrency: 2}
groups:
  inventory-prod:
    ions:
      add-item:
      get-items: {concurrency: 5}
      import-csv: {version: unmanaged}
      nightly-report: 0
      price-feed:
      search:
"""
FUNCTIONS = tuple(
    f"inventory-prod-{ion}" for ion in ("add-item", "get-items", "nightly-report", "price-feed", "search")
)


def paint(folder: Path) -> str:
    """The SVG of a plan with something of everything."""
    for endpoint in serving():
        environment = {
            "AWS_ENDPOINT_URL": endpoint.url,
            "AWS_ACCESS_KEY_ID": access_key(ACCOUNT),
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_CONFIG_FILE": os.devnull,
            "COLUMNS": str(COLUMNS),
            "FORCE_COLOR": "1",
            "PATH": os.environ["PATH"],
        }
        file = folder / "warm.yaml"
        file.write_text(FILE, encoding="utf-8")
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(wiring, "dispatchers", virtual(endpoint)),
            patch.object(wiring, "foreign_endpoint", lambda _: None),  # the picture is of a plan at AWS
        ):
            _prepare(endpoint, str(file))
            return _svg(_printed("plan", "-c", str(file)))
    raise AssertionError("no endpoint")


def _prepare(endpoint: Endpoint, file: str) -> None:
    """Ions that are there already, one deployed anew, one whose PC is gone, one on its way, one stuck."""
    endpoint.world.seed(ACCOUNT, "us-east-1", FUNCTIONS)
    _printed("apply", "--yes", "-c", file, "--exclude", "*add-item", "--exclude", "*import-csv")
    client = endpoint.client(account=ACCOUNT)
    client.update_function_configuration(
        FunctionName="inventory-prod-get-items", Timeout=120, Environment={"Variables": {"CACHE": "1", "DEPTH": "3"}}
    )
    put = {"Qualifier": "live", "ProvisionedConcurrentExecutions": 3}
    client.put_provisioned_concurrency_config(FunctionName="inventory-prod-nightly-report", **put)
    client.put_provisioned_concurrency_config(FunctionName="inventory-prod-get-items", **put)
    client.update_function_configuration(
        FunctionName="inventory-prod-search", Environment={"Variables": {"SANDBOX_INIT_FAILS": "1"}}
    )
    endpoint.clock.advance(600)
    _printed("apply", "--yes", "-c", file, "--only", "*search")
    client.update_function_configuration(FunctionName="inventory-prod-price-feed", Timeout=90)
    endpoint.clock.advance(10)
    client.publish_version(FunctionName="inventory-prod-price-feed")
    client.update_alias(FunctionName="inventory-prod-price-feed", Name="live", FunctionVersion="2")


def _printed(*words: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        main.main(list(words))
    return out.getvalue()


def _svg(text: str) -> str:
    console = Console(file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, color_system="standard")
    console.print(Text.from_ansi(f"$ reconcile plan\n\n{text}"))
    return console.export_svg(title="reconcile plan", theme=MONOKAI, unique_id="plan")


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        PICTURE.write_text(paint(Path(temporary)), encoding="utf-8")
