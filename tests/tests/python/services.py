"""Asks the local service what AWS's conformance runner asks CloudWatch Logs and CloudFormation, and prints it as JSON."""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint = sys.argv[1]


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 1}),
    )


lambda_, logs, cloudformation = client("lambda"), client("logs"), client("cloudformation")


def code_of(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


start = int(time.time() * 1000)
invoked = lambda_.invoke(
    FunctionName="chatty", Qualifier="$LATEST", Payload="{}", LogType="Tail", DurableExecutionName="a"
)
arn = invoked["DurableExecutionArn"]
group = "/aws/lambda/chatty"
pattern = '{ ($.durableExecutionArn = "%s") || ($.executionArn = "%s") }' % (arn, arn)
found = logs.filter_log_events(
    logGroupName=group, startTime=start, endTime=int(time.time() * 1000) + 1000, filterPattern=pattern
)
pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 2})
resources = cloudformation.get_paginator("list_stack_resources").paginate(StackName="any")
detail = cloudformation.describe_stack_resource(StackName="any", LogicalResourceId="chatty")["StackResourceDetail"]

print(
    json.dumps(
        {
            "arn": arn,
            "found": [json.loads(event["message"]) for event in found["events"]],
            "times": [start - 1 <= event["timestamp"] == event["ingestionTime"] for event in found["events"]],
            "paged": len({event["eventId"] for page in pages for event in page["events"]}),
            "resources": [
                [it["ResourceType"], it["LogicalResourceId"], it["PhysicalResourceId"]]
                for page in resources
                for it in page["StackResourceSummaries"]
            ],
            "physical_id": detail["PhysicalResourceId"],
            "deleted": cloudformation.delete_stack(StackName="any")["ResponseMetadata"]["HTTPStatusCode"],
            "errors": [
                code_of(lambda: logs.filter_log_events(logGroupName="/aws/lambda/no-such")),
                code_of(lambda: logs.filter_log_events(logGroupName=group, filterPattern="{ broken")),
                code_of(lambda: cloudformation.describe_stack_resource(StackName="x", LogicalResourceId="no-such")),
            ],
        }
    )
)
