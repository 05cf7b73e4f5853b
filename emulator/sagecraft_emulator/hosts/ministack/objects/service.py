"""The host's S3 with bodies in files: what takes the place of its functions that read or hold a whole body.

All that S3 decides stays with the host: who may, which version, which event. It is given a `Body` for `bytes`.
"""

import asyncio
import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from sagecraft_emulator.front.asgi import AsgiApp, Receive, Send
from sagecraft_emulator.front.lent_socket import FILES_EXTENSION, Disconnected, TakesFiles

from .aws_chunked import Malformed
from .body import Body
from .checksum import MD5, checksum, is_known
from .form import FieldsTooLarge, Form, is_form, read_form
from .multipart import Headers, HostAnswer, MultipartUploads, Query
from .reading import Outgoing, Unsatisfiable, asked_range, partial
from .receiving import SMALL_BYTES, Incoming, has_wrong_sha256, is_large, is_object
from .store import ObjectStore, State
from .tables import Tables

_INLINE_BYTES: Final = 2**17
"""An answer's body that is no longer is read at once."""
_RANGE_HEADERS: Final = frozenset({"range", "if-range"})
_COPY_RANGE: Final = re.compile(r"bytes=(\d+)-(\d+)")
_CHECKSUM_HEADER: Final = re.compile("x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)")
_CHECKSUM_BYTES: Final = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
_EMPTY_SHA256: Final = hashlib.sha256().hexdigest()
_OTHER_GETS: Final = frozenset({"uploadId", "annotation", "tagging", "retention", "legal-hold", "acl", "attributes"})
_LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_asked: Final[ContextVar["_Asked | None"]] = ContextVar("asked", default=None)


class _Asked:
    """The request that a task answers; what the host asks itself meanwhile is another's."""

    def __init__(self, taker: TakesFiles | None) -> None:
        self.taker = taker
        self._task = asyncio.current_task()

    @property
    def is_here(self) -> bool:
        return self._task is asyncio.current_task()


class StreamedS3:
    """Puts itself between the host's application and its S3.

    Args:
        app: ministack's module of its application.
        store: Where objects are kept.
    """

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def __init__(self, app: Any, store: ObjectStore) -> None:
        from ministack.core import iam_evaluator, responses, router, sigv4  # noqa: PLC0415 - these read the environment

        self._app, self._router, self._evaluator, self._responses = app, router, iam_evaluator, responses
        self._store = store
        self._preparing = threading.Lock()
        self._s3: Any = None
        self._own_read, self._own_parameters = app._read_request_body, app._routing_params
        self._own_signatures_match = sigv4._chunk_signatures_match
        app._read_request_body, app._routing_params = self._read, self._parameters
        sigv4._chunk_signatures_match = self._signatures_match

    def prepare(self) -> None:
        """Changes the host's S3 and fills its tables, once. Call it before any module of the host uses S3."""
        with self._preparing:
            if self._s3 is not None:
                return
            from ministack.core import iam_actions  # noqa: PLC0415 - as above
            from ministack.services import s3  # noqa: PLC0415 - as above

            for name in ("extract_iam_action", "extract_resource_arn", "request_tag_context", "s3_additional_checks"):
                setattr(iam_actions, name, _without_body(getattr(iam_actions, name)))

            self._own_dispatch, self._own_handle = s3._dispatch, s3.handle_request
            self._own_get, self._own_head, self._own_data = s3._get_object, s3._head_object, s3._get_object_data
            self._own_md5 = s3.md5_hash
            s3._dispatch, s3.handle_request = self._dispatch, self._handle
            s3._get_object, s3._get_object_data = self._get_in_memory, self._data
            s3._head_object = self._head
            s3.md5_hash, s3._validate_content_md5 = self._md5, self._validate_md5
            s3._compute_s3_checksum = _checksum
            own_parse = s3._parse_multipart_form
            s3._parse_multipart_form = lambda kind, body: (
                body.parts if isinstance(body, Form) else own_parse(kind, body)
            )
            MultipartUploads(s3, Tables(s3, self._store))
            self._s3 = s3

    def around(self, app: AsgiApp) -> AsgiApp:
        """The host's application, given bodies that are in files."""

        async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            _asked.set(_Asked(scope.get("extensions", {}).get(FILES_EXTENSION)))
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            takes_file = is_object(scope, query) or (
                scope["method"] == "POST" and is_form(headers.get("content-type", ""))
            )
            if not (takes_file and is_large(headers) and self._is_ours(scope["path"], headers, query)):
                await app(scope, receive, send)
                return
            incoming = Incoming(scope, receive, self._store, lambda: self._algorithm_of_parts(query))
            try:
                await app(scope, incoming, send)
            finally:
                incoming.end()

        return answer

    def _is_ours(self, path: str, headers: Headers, query: Query) -> bool:
        """Whether the host will take a request for S3's: signed for it, or public and of a bucket that there is."""
        if headers.get("authorization") or "X-Amz-Signature" in query or "Signature" in query:
            return bool(self._router.detect_service("PUT", path, dict(headers), dict(query)) == "s3")
        self.prepare()
        host = headers.get("host", "")
        named = path.lstrip("/").partition("/")[0] if _LOOPBACK.fullmatch(host) else None
        bucket = named or self._app._extract_s3_vhost_bucket(host)
        return bucket is not None and self._s3._bucket_owner_account(bucket) is not None

    def _algorithm_of_parts(self, query: Query) -> str | None:
        self.prepare()
        upload = query.get("uploadId", [""])[0]
        uploads: dict[tuple[str, str], State] = self._s3._multipart_uploads._data
        found = (each["checksum_algorithm"] for (_, name), each in list(uploads.items()) if name == upload)
        return next(found, None)

    async def _read(self, receive: Receive, method: str, headers: dict[str, str]) -> bytes | Body:
        if not isinstance(receive, Incoming):
            body: bytes = await self._own_read(receive, method, headers)
            return body
        try:
            spooled = await receive.read(headers)
        except Disconnected as error:
            raise self._app._RequestBodyDisconnected from error
        except Malformed as error:
            raise self._app._IncompleteRequestBody(str(error)) from error
        # What a signature needs of a body is its hash, which stands in a header, or those of its chunks.
        self._evaluator.pin_signed_body(receive.signatures or b"")
        return spooled

    def _parameters(self, method: str, path: str, headers: Headers, body: bytes | Body, query: Query) -> Query:
        if isinstance(body, Body):
            return query  # curl says of any file that it is a form
        parameters: Query = self._own_parameters(method, path, headers, body, query)
        return parameters

    def _signatures_match(self, body: Any, seed: str, signature: Any, key: bytes) -> bool:
        if isinstance(body, bytes):
            return bool(self._own_signatures_match(body, seed, signature, key))
        scope = f"{signature.date_stamp}/{signature.region}/{signature.service}/aws4_request"
        before = seed
        for chunk in body:
            lines = ("AWS4-HMAC-SHA256-PAYLOAD", signature.amz_date, scope, before, _EMPTY_SHA256, chunk.sha256)
            before = hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(before, chunk.signature):
                return False
        return True

    async def _handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes | Body, query: Query, **more: Any
    ) -> HostAnswer:
        if method == "PUT" and "x-amz-copy-source" in headers:
            await self._read_source(headers, query)
        if method == "POST" and isinstance(body, Body) and is_form(headers.get("content-type", "")):
            try:
                body = await asyncio.to_thread(read_form, body, headers["content-type"])
            except FieldsTooLarge:
                message = "Your POST request fields preceding the upload file were too large."
                refused: HostAnswer = self._s3._error("MaxPostPreDataLengthExceededError", message, 400)
                return refused
        answer: HostAnswer = await self._own_handle(method, path, headers, body, query, **more)
        return answer

    async def _read_source(self, headers: dict[str, str], query: Query) -> None:
        """Computes the checksums that the host will want of a copy, on a thread; the body remembers them."""
        algorithms = {headers.get(f"x-amz-{name}-algorithm", "").upper() for name in ("checksum", "sdk-checksum")}
        if "uploadId" in query:
            algorithms |= {MD5, self._algorithm_of_parts(query) or ""}
        body = self._source(headers) if any(map(is_known, algorithms)) else None
        if body is None or len(body) <= SMALL_BYTES:
            return
        kept = self._store.keep(body)
        for algorithm in filter(is_known, algorithms):
            await asyncio.to_thread(body.checksum, algorithm)
        del kept

    def _source(self, headers: dict[str, str]) -> Body | None:
        resolved, _ = self._s3._resolve_copy_source_alias(headers)
        path, _, parameters = resolved["x-amz-copy-source"].lstrip("/").partition("?")
        bucket, _, key = unquote(path).partition("/")
        owner = self._s3._bucket_owner_account(bucket)
        if owner is None:
            return None
        version = parse_qs(parameters).get("versionId", [""])[0]
        with self._s3._in_account(owner):
            body = self._own_data(bucket, key, version or None)
        part = _COPY_RANGE.fullmatch(headers.get("x-amz-copy-source-range", ""))
        if part is not None and isinstance(body, Body):
            return body[int(part[1]) : int(part[2]) + 1]
        return body if isinstance(body, Body) else None

    def _dispatch(
        self, method: str, bucket: str, key: str, headers: dict[str, str], body: bytes | Body, query: Query
    ) -> HostAnswer:
        puts_object = method == "PUT" and key and not _OTHER_GETS - {"uploadId"} & query.keys()
        if puts_object:
            refusal = self._wrong_checksum(headers, body)
            if refusal is not None:
                return refusal
        elif isinstance(body, Body) and not isinstance(body, Form):
            body = body.read()
        if method == "GET" and key and not _OTHER_GETS & query.keys():
            return self._get(bucket, key, headers, query)
        answer: HostAnswer = self._own_dispatch(method, bucket, key, headers, body, query)
        return answer

    def _wrong_checksum(self, headers: Headers, body: bytes | Body) -> HostAnswer | None:
        refusal: HostAnswer | None = None
        for name, value in headers.items():
            match = _CHECKSUM_HEADER.fullmatch(name)
            if match is not None and not _is_checksum(value, _CHECKSUM_BYTES[match[1]]):
                refusal = self._s3._error("InvalidRequest", f"Value for {name} header is invalid.", 400)
        if refusal is None and has_wrong_sha256(headers, body):
            message = "The provided 'x-amz-content-sha256' header does not match what was computed."
            refusal = self._s3._error("XAmzContentSHA256Mismatch", message, 400)
        return refusal

    def _get(self, bucket: str, key: str, headers: dict[str, str], query: Query) -> HostAnswer:
        asked = _asked.get()
        status, told, body = self._get_object(bucket, key, headers, query)
        if not isinstance(body, Body):
            return status, told, body
        if len(body) <= _INLINE_BYTES or asked is None or not asked.is_here:
            return status, told, body.read()
        outgoing = Outgoing(body, self._store, asked.taker)
        return status, told, self._responses.StreamingResponse(outgoing.run)

    def _get_in_memory(self, bucket: str, key: str, headers: dict[str, str], query: Query | None = None) -> HostAnswer:
        """For the host's other services."""
        status, told, body = self._get_object(bucket, key, headers, query or {})
        return status, told, body.read() if isinstance(body, Body) else body

    def _data(self, bucket: str, key: str, version_id: str | None = None) -> bytes | None:
        body: bytes | Body | None = self._own_data(bucket, key, version_id)
        return body.read() if isinstance(body, Body) else body

    def _get_object(self, bucket: str, key: str, headers: dict[str, str], query: Query) -> HostAnswer:
        if "range" in headers and "partNumber" in query:
            message = "Cannot specify both Range header and partNumber query parameter"
            refusal: HostAnswer = self._s3._error("InvalidRequest", message, 400)
            return refusal
        whole = {name: value for name, value in headers.items() if name not in _RANGE_HEADERS}
        status, told, body = self._own_get(bucket, key, whole, query)
        return self._of_range(headers, status, told, body)

    def _head(
        self, bucket: str, key: str, headers: dict[str, str] | None = None, query: Query | None = None
    ) -> HostAnswer:
        status, told, body = self._own_head(bucket, key, headers, query)
        return self._of_range(headers or {}, status, told, body)

    def _of_range(self, headers: Headers, status: int, told: dict[str, str], body: Any) -> HostAnswer:
        if status != 200 or "range" not in headers:
            return status, told, body
        size = int(told["Content-Length"])
        try:
            asked = asked_range(headers, size, told["ETag"], told["Last-Modified"])
        except Unsatisfiable:
            members = {"RangeRequested": headers["range"], "ActualObjectSize": str(size)}
            refusal: HostAnswer = self._s3._error(
                "InvalidRange",
                "The requested range is not satisfiable",
                416,
                extra=members,
                headers={"Content-Range": f"bytes */{size}"},
            )
            return refusal
        if asked is None:
            return status, told, body
        first, end = asked
        return 206, partial(told, first, end, size), body[first:end]

    def _md5(self, data: bytes | Body) -> str:
        return data.checksum(MD5).hex() if isinstance(data, Body) else str(self._own_md5(data))

    def _validate_md5(self, headers: Headers, body: bytes | Body) -> HostAnswer | None:
        given = headers.get("content-md5")
        if not given:
            return None
        if not _is_checksum(given, 16):
            code, message = "InvalidDigest", "The Content-MD5 you specified was invalid."
        elif base64.b64decode(given).hex() != self._md5(body):
            code, message = "BadDigest", "The Content-MD5 you specified did not match what we received."
        else:
            return None
        wrong: HostAnswer = self._s3._error(code, message, 400)
        return wrong


def _without_body(decides: Callable[..., Any]) -> Callable[..., Any]:
    """What an object's bytes are decides of no permission."""
    return lambda *given: decides(*(b"" if isinstance(each, Body) else each for each in given))


def _checksum(algorithm: str | None, body: bytes | Body) -> str | None:
    name = (algorithm or "").upper().replace("_", "")
    if not is_known(name) or name == MD5:
        return None
    value = body.checksum(name) if isinstance(body, Body) else checksum(name, [body])
    return base64.b64encode(value).decode()


def _is_checksum(text: str, length: int) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == length
    except ValueError:
        return False
