#!/usr/bin/env python3
"""A durable function without an SDK that logs one line of JSON and one of plain text, and succeeds."""

import json
import os
import urllib.request

api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API'].removeprefix('http://')}/2018-06-01/runtime/invocation"

while True:
    with urllib.request.urlopen(f"{api}/next") as invocation:
        request_id = invocation.headers["lambda-runtime-aws-request-id"]
        arn = json.load(invocation)["DurableExecutionArn"]
    print(json.dumps({"executionArn": arn, "message": "hello", "level": "INFO"}), flush=True)
    print("plain words", flush=True)
    answer = json.dumps({"Status": "SUCCEEDED", "Result": "null"}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{api}/{request_id}/response", data=answer)).close()
