"""Drives the local service through boto3 and prints what it saw as JSON."""

import json
import sys
import time

import boto3
from botocore.config import Config

endpoint, execution_input = sys.argv[1], json.loads(sys.argv[2])
client = boto3.client(
    "lambda",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="local",
    aws_secret_access_key="local",
    config=Config(retries={"max_attempts": 1}),
)


def invoke(invocation_type, **arguments):
    response = client.invoke(
        FunctionName="order",
        Qualifier="$LATEST",
        InvocationType=invocation_type,
        Payload=json.dumps(execution_input),
        **arguments,
    )
    return response, response["Payload"].read().decode()


def wait_until_closed(arn):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        execution = client.get_durable_execution(DurableExecutionArn=arn)
        if execution["Status"] != "RUNNING":
            return execution
        time.sleep(0.05)
    raise TimeoutError(arn)


def error_of(call):
    try:
        call()
    except client.exceptions.ClientError as error:
        return {
            "class": type(error).__name__,
            "code": error.response["Error"]["Code"],
            "message": error.response["Error"]["Message"],
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
        }
    return None


synchronous, result = invoke("RequestResponse")
asynchronous, empty = invoke("Event", DurableExecutionName="by-event")
closed = wait_until_closed(asynchronous["DurableExecutionArn"])
history = client.get_durable_execution_history(
    DurableExecutionArn=asynchronous["DurableExecutionArn"], IncludeExecutionData=True
)
pages = client.get_paginator("get_durable_execution_history").paginate(
    DurableExecutionArn=asynchronous["DurableExecutionArn"], PaginationConfig={"PageSize": 3}
)
missing = asynchronous["DurableExecutionArn"].replace("by-event", "no-such")

print(
    json.dumps(
        {
            "synchronous": {
                "status_code": synchronous["StatusCode"],
                "arn": synchronous["DurableExecutionArn"],
                "version": synchronous["ExecutedVersion"],
                "result": json.loads(result),
            },
            "asynchronous": {"status_code": asynchronous["StatusCode"], "payload": empty},
            "execution": {
                "status": closed["Status"],
                "name": closed["DurableExecutionName"],
                "result": json.loads(closed["Result"]),
                "seconds": (closed["EndTimestamp"] - closed["StartTimestamp"]).total_seconds(),
            },
            "events": [[event["EventId"], event["EventType"], event.get("Name")] for event in history["Events"]],
            "paged": [event["EventId"] for page in pages for event in page["Events"]],
            "errors": {
                "unqualified": error_of(lambda: client.invoke(FunctionName="order", Payload="{}")),
                "unknown_function": error_of(
                    lambda: client.invoke(FunctionName="no-such", Qualifier="$LATEST", Payload="{}")
                ),
                "unknown_execution": error_of(lambda: client.get_durable_execution(DurableExecutionArn=missing)),
            },
        }
    )
)
