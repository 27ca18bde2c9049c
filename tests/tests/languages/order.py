"""An order on AWS's Python SDK: a step, a retry, a wait, a callback, a map and calls of other functions."""

import os
import pathlib

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration, JitterStrategy, MapConfig, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

FOLDER = pathlib.Path(os.environ["ORDER_FOLDER"])
ONE_SECOND = RetryStrategyConfig(
    max_attempts=3, initial_delay=Duration.from_seconds(1), jitter_strategy=JitterStrategy.NONE
)


def ran(body):
    """Notes that a body ran, and tells how often it has by now."""
    with open(FOLDER / f"python-{body}", "a+") as file:
        file.write("ran\n")
        file.seek(0)
        return len(file.readlines())


@durable_execution
def handler(event, context: DurableContext):
    def charge(_):
        attempt = ran("charge")
        if attempt < 3:
            raise RuntimeError(f"declined {attempt}")
        return {"attempt": attempt}

    def approve(callback_id, _):
        (FOLDER / "python-callback").write_text(callback_id)

    def double(item_context, item, index, _items):
        return item_context.step(lambda _: item * 2, name=f"double-{index}")

    reserved = context.step(lambda _: f"{event['id']}/{ran('reserve')}", name="reserve")
    charged = context.step(charge, name="charge", config=StepConfig(create_retry_strategy(ONE_SECOND)))
    context.wait(Duration.from_seconds(1), name="settle")
    approval = context.wait_for_callback(approve, name="approve")
    doubled = context.map(event["numbers"], double, name="numbers", config=MapConfig(max_concurrency=1))
    called = [context.invoke(function, {"name": "Ada"}, name=f"call-{function}") for function in event["calls"]]
    return {
        "reserved": reserved,
        "charged": charged,
        "approval": approval,
        "doubled": doubled.get_results(),
        "called": called,
    }


@durable_execution
def greet(event, context: DurableContext):
    return context.step(lambda _: {"text": f"Hello, {event['name']}, from Python!"}, name="compose")
