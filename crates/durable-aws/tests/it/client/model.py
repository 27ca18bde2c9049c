"""Serializes calls with botocore's model of Lambda and prints how they differ from the requests that were sent."""

import json
import sys
from datetime import datetime
from urllib.parse import parse_qs, unquote

import botocore.serialize
import botocore.session

model = botocore.session.get_session().get_service_model("lambda")
serializer = botocore.serialize.create_serializer(model.metadata["protocol"], include_validation=True)


def members(body):
    return json.loads(body) if body else None


def query(parameters):
    values = {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
    return {name: sorted(text(name, value) for value in several) for name, several in values.items()}


def text(name, value):
    is_time = name in ("StartedAfter", "StartedBefore")
    return datetime.fromisoformat(value.replace("Z", "+00:00")).isoformat() if is_time else str(value)


def expected(call):
    operation = model.operation_model(call["operation"])
    # Tokens are random.
    tokens = {member: call["sent"]["body"][member] for member in operation.idempotent_members}
    request = serializer.serialize_to_request(call["parameters"] | tokens, operation)
    names = {name.lower(): value for name, value in request["headers"].items()}
    return {
        "method": request["method"],
        "path": unquote(request["url_path"]),
        "query": query(request["query_string"]),
        "headers": {name: value for name, value in names.items() if name.startswith("x-amz-")},
        "body": members(request["body"]),
    }


def sent(call):
    request = call["sent"]
    of_signature = ("x-amz-date", "x-amz-security-token")
    headers = {name: value for name, value in request["headers"].items() if name.startswith("x-amz-")}
    return {
        "method": request["method"],
        "path": unquote(request["path"]),
        "query": query(parse_qs(request["query"])),
        "headers": {name: value for name, value in headers.items() if name not in of_signature},
        "body": request["body"],
    }


calls = json.load(sys.stdin)
# An earlier botocore does not know all operations.
known = [call for call in calls if call["operation"] in model.operation_names]
differences = [
    {"operation": call["operation"], "expected": expected(call), "sent": sent(call)}
    for call in known
    if expected(call) != sent(call)
]
json.dump({"compared": len(known), "differences": differences}, sys.stdout)
