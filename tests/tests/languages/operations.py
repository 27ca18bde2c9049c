"""Calls every operation of the local service through boto3, and prints what it saw as JSON."""

import json
import pathlib
import sys
import time

import boto3
from botocore.config import Config

endpoint, function, callback = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
client = boto3.client(
    "lambda",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="local",
    aws_secret_access_key="local",
    config=Config(retries={"max_attempts": 1}),
)
ORDER = {"id": "o-1", "numbers": [1, 2], "calls": []}


def invoke(invocation_type, name=None, event=ORDER):
    named = {} if name is None else {"DurableExecutionName": name}
    return client.invoke(
        FunctionName=function, Qualifier="$LATEST", InvocationType=invocation_type, Payload=json.dumps(event), **named
    )


def eventually(look):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise TimeoutError(function)


def started(name):
    """Starts an execution, and waits until it waits for its callback."""
    callback.unlink(missing_ok=True)
    arn = invoke("Event", name)["DurableExecutionArn"]
    return arn, eventually(lambda: callback.exists() and callback.read_text())


def status(arn):
    return client.get_durable_execution(DurableExecutionArn=arn)["Status"]


def closed(arn):
    eventually(lambda: status(arn) not in ("RUNNING", "PAUSED"))
    return client.get_durable_execution(DurableExecutionArn=arn)


def error_of(call, **arguments):
    try:
        call(**arguments)
    except client.exceptions.ClientError as error:
        return [type(error).__name__, error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


def listed(**filters):
    pages = client.get_paginator("list_durable_executions_by_function").paginate(
        FunctionName=function, Qualifier="$LATEST", PaginationConfig={"PageSize": 1}, **filters
    )
    return sorted([it["DurableExecutionName"], it["Status"]] for page in pages for it in page["DurableExecutions"])


seen = {"dry_run": invoke("DryRun")["StatusCode"]}

one, callback_id = started("one")
client.send_durable_execution_callback_heartbeat(CallbackId=callback_id)
client.send_durable_execution_callback_success(CallbackId=callback_id, Result=b"yes")
seen["one"] = [closed(one)["Status"], json.loads(closed(one)["Result"])["approval"]]
attached = invoke("RequestResponse", "one")
seen["attached"] = [attached["StatusCode"], attached["DurableExecutionArn"] == one, json.load(attached["Payload"])["doubled"]]
history = client.get_durable_execution_history(DurableExecutionArn=one, IncludeExecutionData=True)["Events"]
pages = client.get_paginator("get_durable_execution_history").paginate(
    DurableExecutionArn=one, PaginationConfig={"PageSize": 7}
)
ids = [event["EventId"] for page in pages for event in page["Events"]]
seen["paged"] = ids == [event["EventId"] for event in history] and len(ids) > 7

two, callback_id = started("two")
client.pause_durable_execution(DurableExecutionArn=two, Reason="lunch")
seen["paused"] = eventually(lambda: status(two) == "PAUSED" and "PAUSED")
client.resume_durable_execution(DurableExecutionArn=two, Reason="back")
seen["resumed"] = status(two)
client.send_durable_execution_callback_failure(
    CallbackId=callback_id, Error={"ErrorType": "Refusal", "ErrorMessage": "no"}
)
seen["two"] = [closed(two)["Status"], "no" in closed(two)["Error"]["ErrorMessage"]]

three, callback_id = started("three")
client.stop_durable_execution(
    DurableExecutionArn=three, Error={"ErrorType": "Stopped", "ErrorMessage": "enough"}
)
seen["three"] = [closed(three)["Status"], closed(three)["Error"]["ErrorMessage"]]
seen["listed"] = listed()
seen["failed"] = listed(Statuses=["FAILED"])

missing = one.replace("/one/", "/none/")
token = {"DurableExecutionArn": three, "CheckpointToken": "bm9uZQ=="}
seen["errors"] = {
    "taken": error_of(invoke, invocation_type="Event", name="one", event={**ORDER, "id": "o-2"}),
    "unqualified": error_of(client.invoke, FunctionName=function, Payload="{}"),
    "unknown_function": error_of(client.invoke, FunctionName="none", Qualifier="$LATEST", Payload="{}"),
    "no_json": error_of(client.invoke, FunctionName=function, Qualifier="$LATEST", Payload="{"),
    "unknown": error_of(client.get_durable_execution, DurableExecutionArn=missing),
    "unknown_history": error_of(client.get_durable_execution_history, DurableExecutionArn=missing),
    "stale_checkpoint": error_of(client.checkpoint_durable_execution, Updates=[], **token),
    "stale_state": error_of(client.get_durable_execution_state, **token),
    "unknown_stop": error_of(client.stop_durable_execution, DurableExecutionArn=missing),
    "late_callback": error_of(client.send_durable_execution_callback_success, CallbackId=callback_id),
    "late_failure": error_of(client.send_durable_execution_callback_failure, CallbackId=callback_id),
    "late_heartbeat": error_of(client.send_durable_execution_callback_heartbeat, CallbackId=callback_id),
    "no_list": error_of(client.list_durable_executions_by_function, FunctionName="none"),
    "late_pause": error_of(client.pause_durable_execution, DurableExecutionArn=three),
    "late_resume": error_of(client.resume_durable_execution, DurableExecutionArn=three),
}
client.delete_durable_execution(DurableExecutionArn=one)
seen["deleted"] = eventually(lambda: error_of(client.get_durable_execution, DurableExecutionArn=one))
print(json.dumps(seen))
