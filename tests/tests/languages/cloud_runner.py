"""Tests orders with the runner that AWS's testing package has for functions in its cloud, and prints what a test could
assert as JSON."""

import json
import sys

from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python_testing import DurableFunctionCloudTestRunner

endpoint, function = sys.argv[1:3]
runner = DurableFunctionCloudTestRunner(
    function_name=f"{function}:$LATEST", region="us-east-1", lambda_endpoint=endpoint, poll_interval=0.05
)


def order(answer):
    """The result of an order whose callback is answered like this."""
    arn = runner.run_async(input={"id": "o-1", "numbers": [1, 2], "calls": ["hello:$LATEST"]})
    answer(runner.wait_for_callback(arn))
    return runner.wait_for_result(arn)


def approve(callback_id):
    runner.send_callback_heartbeat(callback_id)
    runner.send_callback_success(callback_id, b"approved")


def refuse(callback_id):
    error = ErrorObject(message="refused", type="Refusal", data=None, stack_trace=None)
    runner.send_callback_failure(callback_id, error)


approved, refused = order(approve), order(refuse)
charge = approved.get_step("charge")
print(
    json.dumps(
        {
            "status": [approved.execution_status.name, refused.execution_status.name],
            "result": json.loads(approved.result)["approval"],
            "error": refused.error.message,
            "operations": [[it.operation_type.name, it.name, it.status.name] for it in approved.operations],
            "nested": sorted(it.name for it in approved.get_all_operations() if it.parent_id),
            "charge": [charge.attempt, charge.error.message],
            "settle": approved.get_wait("settle").scheduled_end_timestamp is not None,
            "approve": json.loads(approved.get_context("approve").result),
            "call": json.loads(approved.get_invoke("call-hello:$LATEST").result),
        }
    )
)
