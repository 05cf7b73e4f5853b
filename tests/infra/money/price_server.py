"""AWS's public price list of SageMaker, a small one, on loopback: whole, or with what can be wrong with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COLUMNS = (
    "SKU",
    "OfferTermCode",
    "RateCode",
    "TermType",
    "PriceDescription",
    "EffectiveDate",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "Product Family",
    "serviceCode",
    "Location",
    "Location Type",
    "Instance Type",
    "usageType",
    "operation",
    "platoinstancename",
    "platoinstancetype",
    "Region Code",
    "serviceName",
)
"""In the order of AWS's, some that Sagecraft does not read left out.

Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""
DISCLAIMER = "This pricing list is for informational purposes only. All prices are subject to the additional terms"


def line(*cells: str) -> str:
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


def price(usage_type: str, usd: str, unit: str = "Hrs", **others: str) -> str:
    cells = {
        "SKU": "JMCWJEAPVJNFJ5P4",
        "TermType": "OnDemand",
        "StartingRange": "0",
        "EndingRange": "Inf",
        "Unit": unit,
        "PricePerUnit": usd,
        "Currency": "USD",
        "usageType": usage_type,
        "Region Code": "us-east-1",
        **others,
    }
    return line(*(cells.get(column, "") for column in COLUMNS))


def metadata(offer: str = "AmazonSageMaker", published: str = "2026-11-20T23:59:00Z") -> str:
    return "".join(
        (
            line("FormatVersion", "v1.0"),
            line("Disclaimer", DISCLAIMER),
            line("Publication Date", published),
            line("Version", "20261120235900"),
            line("OfferCode", offer),
        )
    )


PRICES = "".join(
    (
        price("USE1-Host:ml.m5.large", "0.1150000000"),
        price("USE1-Train:ml.m5.large", "0.1150000000"),
        price("USE1-TrSpt:ml.m5.large", "0.0400000000"),
        price("USE1-Notebk:ml.t3.medium", "0.0500000000"),
        price("USE1-Studio:JupyterLab-ml.t3.medium", "0.0510000000"),
        price("USE1-Processing:ml.m5.xlarge", "0.2300000000"),
        price("USE1-Tsform:ml.m5.xlarge", "0.2300000000"),
        price("USE1-Notebk:VolumeUsage.gp2", "0.1400000000", "GB-Mo"),
        price("USE1-ServerlessInf:Mem-2GB", "0.0000400000", "seconds"),
        price("USE1-Hst:Data-Bytes-Out", "0.0160000000", "GB"),
        price("USE1-FreeTier-Host:ml.m5.large", "0.0000000000"),
        price("USE1-Host:ml.m5.large", "0.0700000000", TermType="Reserved"),
        price("USE1-Host:ml.m5.2xlarge", "0.0000000000"),
    )
)
WHOLE = metadata() + line(*COLUMNS) + PRICES


@dataclass
class PriceServer:
    """Answers every request with one body.

    Attributes:
        body: What it sends.
        length: Of the body, as it says; None where it does not.
        paths: What it was asked for.
    """

    body: bytes = WHOLE.encode()
    length: int | None = None
    says_length: bool = True
    status: int = 200
    url: str = ""
    paths: list[str] = field(default_factory=list)


@contextmanager
def price_server() -> Iterator[PriceServer]:
    state = PriceServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.paths.append(self.path)
            self.send_response(state.status)
            if state.says_length:
                self.send_header("Content-Length", str(len(state.body) if state.length is None else state.length))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
