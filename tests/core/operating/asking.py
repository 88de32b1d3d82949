"""What monitors do: ask over HTTP and read what Prometheus reads."""

import json
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import Metric, parser

parsed: Callable[[str], Iterable[Metric]] = parser.text_string_to_metric_families

Samples = Mapping[tuple[str, frozenset[str]], float]


def asked(url: str, path: str, method: str = "GET") -> tuple[int, str]:
    """Ask for a page and return the status and the body."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def asked_json(url: str, path: str) -> tuple[int, Any]:
    """Ask for a page of JSON."""
    status, body = asked(url, path)
    return status, json.loads(body)


def samples(url: str) -> Samples:
    """Ask for the metrics; a sample is known by its name and its values of labels."""
    status, body = asked(url, "/metrics")
    assert status == 200
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for metric in parsed(body)
        for sample in metric.samples
    }


def key(name: str, *labels: str) -> tuple[str, frozenset[str]]:
    """Name a sample."""
    return name, frozenset(labels)
