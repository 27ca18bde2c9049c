"""An order on AWS's Python SDK: a step, a retry, a wait, a callback, a map and calls of other functions. Besides it,
functions that are called, that fail, that tell how others fail, and that are killed."""

import os
import pathlib
import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration, JitterStrategy, MapConfig, StepConfig
from aws_durable_execution_sdk_python.exceptions import InvokeError
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
def order(event, context: DurableContext):
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


@durable_execution
def refuse(event, context: DurableContext):
    raise LookupError(f"{event['name']} is refused by Python")


@durable_execution
def report(event, context: DurableContext):
    """Calls a function, and tells how it fails."""
    try:
        return context.invoke(event["fails"], {"name": "Ada"}, name=f"call-{event['fails']}")
    except InvokeError as error:
        return {"type": error.error_type, "message": error.message}


@durable_execution
def survive(event, context: DurableContext):
    """Waits to be killed in its second step, when that runs for the first time."""

    def second(_):
        if ran("second") == 1:
            (FOLDER / "python-process").write_text(f"{os.getpid()}\n")
            time.sleep(600)
        return "second"

    return [context.step(lambda _: f"first {ran('first')}", name="first"), context.step(second, name="second")]
