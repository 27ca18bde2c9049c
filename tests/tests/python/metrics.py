"""Parses the metrics of a service with Prometheus's own parsers, and prints what they hold as JSON."""

import json
import sys
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

OPEN_METRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def families(endpoint, accept, parse):
    request = urllib.request.Request(f"{endpoint}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request) as response:
        content_type = response.headers["Content-Type"]
        text = response.read().decode()
    parsed = list(parse(text))
    samples = [[sample.name, sample.labels, sample.value] for family in parsed for sample in family.samples]
    described = {family.name: [family.type, family.unit, bool(family.documentation)] for family in parsed}
    return {"content_type": content_type, "families": described, "samples": samples}


endpoint = sys.argv[1]
print(json.dumps({
    "open_metrics": families(endpoint, OPEN_METRICS, open_metrics),
    "prometheus": families(endpoint, "text/plain", prometheus),
}))
