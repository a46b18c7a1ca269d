"""What the product is measured against: the same work done plainly, each in a fresh Python. `python FILE NAME COUNT`.

The documented sequence per function; a thread pool with botocore's own retries; the calls of a plan and nothing else;
and the product with AWS's quotas taken away, for what it costs by itself.
"""

import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

from benchmark_world import ALIAS, Setting

if TYPE_CHECKING:
    from reconciler.aws.rate_limiter import Bucket, RateLimiter

THREADS = 16
Mode = Literal["standard", "adaptive"]


def documented(functions: Sequence[str]) -> None:
    """Publish, create or update the alias, put the number: what AWS's guide says, for each function, blindly."""
    import boto3  # noqa: PLC0415 - each baseline pays for what it needs

    client = boto3.client("lambda")
    for function in functions:
        version = client.publish_version(FunctionName=function)["Version"]
        try:
            client.update_alias(FunctionName=function, Name=ALIAS, FunctionVersion=version)
        except client.exceptions.ResourceNotFoundException:
            client.create_alias(FunctionName=function, Name=ALIAS, FunctionVersion=version)
        client.put_provisioned_concurrency_config(
            FunctionName=function, Qualifier=ALIAS, ProvisionedConcurrentExecutions=1
        )


def pool(functions: Sequence[str], *, mode: Mode) -> None:
    """GetAlias and GetProvisionedConcurrencyConfig of each function, from a thread pool."""
    import boto3  # noqa: PLC0415 - as above
    from botocore.config import Config  # noqa: PLC0415 - as above

    retries = Config(retries={"mode": mode, "total_max_attempts": 10}, max_pool_connections=THREADS)
    client = boto3.client("lambda", config=retries)

    def read(function: str) -> None:
        client.get_alias(FunctionName=function, Name=ALIAS)
        client.get_provisioned_concurrency_config(FunctionName=function, Qualifier=ALIAS)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(read, functions))


def calls(functions: Sequence[str]) -> None:
    """The calls that a plan makes, one after another."""
    import boto3  # noqa: PLC0415 - as above

    boto3.client("sts").get_caller_identity()
    client = boto3.client("lambda")
    boto3.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="lambda",
        ResourceIds=[f"function:{function}:{ALIAS}" for function in functions],
        ScalableDimension="lambda:function:ProvisionedConcurrency",
    )
    for function in functions:
        client.get_function(FunctionName=function)
        client.get_function(FunctionName=function, Qualifier=ALIAS)
        client.get_alias(FunctionName=function, Name=ALIAS)
        client.get_provisioned_concurrency_config(FunctionName=function, Qualifier=ALIAS)


class _Unpaced:
    """A pacer that lets every call go."""

    def wait(self, _bucket: "Bucket", _now: float, _tokens: int = 1) -> float:
        return 0.0

    def rate(self, bucket: "Bucket") -> float:
        return 1000.0 * bucket.value

    def ignore(self, *_: object, **__: object) -> None: ...

    take = answered = throttled = ignore


def unpaced(words: Sequence[str]) -> None:
    """The product's command line, as if AWS had no quotas."""
    from reconciler.aws.dispatcher import Dispatcher, ThreadExecutor  # noqa: PLC0415 - as above
    from reconciler.cli import main as cli  # noqa: PLC0415 - as above
    from reconciler.cli import wiring  # noqa: PLC0415 - as above

    def dispatcher_for(_: object) -> Dispatcher:
        rate_limiter = cast("RateLimiter", _Unpaced())
        return Dispatcher(
            rate_limiter=rate_limiter, executor=ThreadExecutor(THREADS), clock=time.monotonic, rng=random.Random(0)
        )

    setattr(wiring, "dispatchers", lambda _parallelism: dispatcher_for)  # noqa: B010 - no option of the product does this
    sys.argv[1:] = words
    cli.entry()


BASELINES: Mapping[str, Callable[[Sequence[str]], None]] = {
    "documented": documented,
    "pool-standard": partial(pool, mode="standard"),
    "pool-adaptive": partial(pool, mode="adaptive"),
    "calls": calls,
}

if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    if name == "unpaced":
        unpaced(rest)
    BASELINES[name](Setting(in_sync=int(rest[0])).functions())
