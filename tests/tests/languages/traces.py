"""A function on AWS's Python SDK that returns the trace header that it receives, and one that calls it."""

import os

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration


@durable_execution
def called(event, context: DurableContext):
    return context.step(lambda _: os.environ["_X_AMZN_TRACE_ID"], name="look")


@durable_execution
def calling(event, context: DurableContext):
    context.wait(Duration.from_seconds(1), name="settle")
    return context.invoke("called:$LATEST", {}, name="call")
