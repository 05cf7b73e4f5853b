"""Multipart uploads: a completed one is an object that lies in the files of its parts, so that no byte is copied."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from .body import Body
from .checksum import checksum, combined
from .store import State
from .tables import Tables

SMALLEST_PART_BYTES: Final = 5 * 2**20
"""Of all parts but the last. Source: "Amazon S3 multipart upload limits", in the user guide."""
COMPOSITE: Final = "COMPOSITE"
FULL_OBJECT: Final = "FULL_OBJECT"
_MOST_PARTS: Final = 10_000

Headers = Mapping[str, str]
Query = Mapping[str, list[str]]
HostAnswer = tuple[int, dict[str, str], Any]


class _Refused(Exception):
    def __init__(self, answer: HostAnswer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True)
class _Named:
    """A part as the request to complete an upload names it."""

    number: int
    etag: str
    checksums: Mapping[str, str]


class MultipartUploads:
    """The operations of multipart uploads, in the place of the host's.

    Args:
        s3: ministack's module.
        tables: Keeps what they change.
    """

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def __init__(self, s3: Any, tables: Tables) -> None:
        self._s3 = s3
        self._tables = tables
        self._own_create = s3._create_multipart_upload
        self._own_upload = s3._upload_part
        self._own_copy = s3._upload_part_copy
        self._own_abort = s3._abort_multipart_upload
        s3._create_multipart_upload = self._create
        s3._upload_part = self._upload
        s3._upload_part_copy = self._copy
        self._own_list = s3._list_parts
        s3._abort_multipart_upload = self._abort
        s3._list_parts = self._list
        s3._complete_multipart_upload = self._complete

    def _create(self, bucket: str, key: str, headers: Headers) -> HostAnswer:
        answer: HostAnswer = self._own_create(bucket, key, headers)
        status, told, body = answer
        if status != 200:
            return answer
        upload = str(self._s3.fromstring(body).findtext(f"{{{self._s3.S3_NS}}}UploadId"))
        record = self._s3._multipart_uploads[upload]
        algorithm = record["checksum_algorithm"]
        if algorithm is not None:
            default = FULL_OBJECT if algorithm == "CRC64NVME" else COMPOSITE
            record["checksum_type"] = told["x-amz-checksum-type"] = headers.get("x-amz-checksum-type", default).upper()
            if record["checksum_type"] not in _types(algorithm):
                del self._s3._multipart_uploads[upload]
                message = f"The {record['checksum_type']} checksum type cannot be used with the {algorithm} checksum"
                refusal: HostAnswer = self._s3._error("InvalidRequest", f"{message} algorithm.", 400)
                return refusal
        self._tables.save_upload(upload)
        return answer

    def _upload(self, bucket: str, key: str, body: bytes | Body, query: Query, headers: Headers) -> HostAnswer:
        answer: HostAnswer = self._gone(bucket, key, query) or self._own_upload(bucket, key, body, query, headers)
        if answer[0] == 200:
            self._tables.save_part(query["uploadId"][0], int(query["partNumber"][0]))
        return answer

    def _copy(self, bucket: str, key: str, query: Query, headers: Headers) -> HostAnswer:
        answer: HostAnswer = self._gone(bucket, key, query) or self._own_copy(bucket, key, query, headers)
        if answer[0] == 200:
            upload, number = query["uploadId"][0], int(query.get("partNumber", ["1"])[0])
            record = self._s3._multipart_uploads[upload]
            part, algorithm = record["parts"][number], record["checksum_algorithm"]
            if algorithm is not None:
                part["checksums"] = {algorithm: self._s3._compute_s3_checksum(algorithm, part["body"])}
            self._tables.save_part(upload, number)
        return answer

    def _abort(self, bucket: str, key: str, query: Query) -> HostAnswer:
        answer: HostAnswer = self._gone(bucket, key, query) or self._own_abort(bucket, key, query)
        if answer[0] == 204:
            self._tables.delete_upload(query["uploadId"][0])
        return answer

    def _list(self, bucket: str, key: str, query: Query) -> HostAnswer:
        answer: HostAnswer = self._gone(bucket, key, query) or self._own_list(bucket, key, query)
        return answer

    def _gone(self, bucket: str, key: str, query: Query) -> HostAnswer | None:
        """What AWS answers where there is no such upload."""
        s3, upload = self._s3, query["uploadId"][0]
        refusal: HostAnswer | None = None
        if s3._ensure_bucket(bucket) is None:
            refusal = s3._no_such_bucket(bucket)
        else:
            record = s3._multipart_uploads.get(upload)
            if record is None or (record["bucket"], record["key"]) != (bucket, key):
                message = (
                    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                    "aborted or completed."
                )
                refusal = s3._error("NoSuchUpload", message, 404, extra={"UploadId": upload})
        return refusal

    def _complete(self, bucket: str, key: str, body: bytes, query: Query, headers: Headers | None = None) -> HostAnswer:
        headers = headers or {}
        upload = query["uploadId"][0]
        # A client that did not hear the answer asks again.
        earlier = self._s3._completed_multipart_uploads.get(upload)
        if earlier is not None and earlier["key"] == key:
            answer: HostAnswer = earlier["response"]
            return answer
        gone = self._gone(bucket, key, query)
        if gone is not None:
            return gone
        try:
            return self._completed(bucket, key, upload, body, headers)
        except _Refused as refused:
            return refused.answer

    def _completed(self, bucket: str, key: str, upload: str, body: bytes, headers: Headers) -> HostAnswer:
        s3 = self._s3
        objects = s3._ensure_bucket(bucket)["objects"]
        record = s3._multipart_uploads[upload]
        for refusal in (s3._check_sse_c_part(headers, record), s3._check_put_preconditions(headers, objects.get(key))):
            if refusal is not None:
                raise _Refused(refusal)
        parts = self._parts(record["parts"], self._named(body))
        self._check_size(parts, headers)
        algorithm, whole = record["checksum_algorithm"], self._checksum(record, parts)
        given = headers.get(f"x-amz-checksum-{algorithm.lower()}") if algorithm else None
        if given and given != whole:
            raise self._refused("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")

        made = _object(record, parts, {algorithm: whole} if whole else {}, s3.now_iso())
        before = objects.get(key)
        objects[key] = made
        del s3._multipart_uploads[upload]
        told = {"Content-Type": "application/xml", **s3._stored_sse_headers(made)}
        s3._maybe_replicate(bucket, key, made, made["body"])
        version = s3._record_object_version(bucket, key, before, made, made["body"])
        if version:
            told["x-amz-version-id"] = version
        event = "s3:ObjectCreated:CompleteMultipartUpload"
        s3._fire_s3_event_async(bucket, key, event, size=made["size"], etag=made["etag"], version_id=version)
        self._tables.save(bucket, key)
        self._tables.delete_upload(upload)

        root = Element("CompleteMultipartUploadResult", xmlns=s3.S3_NS)
        SubElement(root, "Location").text = f"{_origin(headers)}/{bucket}/{key}"
        SubElement(root, "Bucket").text = bucket
        SubElement(root, "Key").text = key
        SubElement(root, "ETag").text = made["etag"]
        if whole:
            SubElement(root, f"Checksum{algorithm}").text = whole
            SubElement(root, "ChecksumType").text = made["checksum_type"]
        answer: HostAnswer = (200, told, s3._xml_body(root))
        s3._completed_multipart_uploads[upload] = {"key": key, "response": answer}
        return answer

    def _named(self, body: bytes) -> list[_Named]:
        try:
            root = self._s3.fromstring(body)
            named = []
            for part in root.iter():
                if _tag(part) == "Part":
                    members = {_tag(member): member.text or "" for member in part}
                    checksums = {
                        name.removeprefix("Checksum"): text for name, text in members.items() if "Checksum" in name
                    }
                    named.append(_Named(int(members["PartNumber"]), members.get("ETag", ""), checksums))
        except (self._s3.ParseError, KeyError, ValueError):
            named = []
        if not named or len(named) > _MOST_PARTS:
            raise self._refused("MalformedXML", self._s3._MALFORMED_XML)
        if any(one.number >= other.number for one, other in pairwise(named)):
            message = "The list of parts was not in ascending order. Parts must be ordered by part number."
            raise self._refused("InvalidPartOrder", message)
        return named

    def _parts(self, present: Mapping[int, State], named: Sequence[_Named]) -> list[tuple[int, State]]:
        parts = []
        for each in named:
            part = present.get(each.number)
            known = {} if part is None else part.get("checksums") or {}
            same = part is not None and each.etag.strip('"') in {"", part["etag"].strip('"')}
            if (
                part is None
                or not same
                or any(known.get(name) != text for name, text in each.checksums.items() if text)
            ):
                message = (
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or "
                    "the specified entity tag may not match the part's entity tag."
                )
                raise self._refused("InvalidPart", message, PartNumber=str(each.number), ETag=each.etag.strip('"'))
            parts.append((each.number, part))
        for number, part in parts[:-1]:
            if part["size"] < SMALLEST_PART_BYTES:
                raise self._refused(
                    "EntityTooSmall",
                    "Your proposed upload is smaller than the minimum allowed size",
                    ProposedSize=str(part["size"]),
                    MinSizeAllowed=str(SMALLEST_PART_BYTES),
                    PartNumber=str(number),
                    ETag=part["etag"].strip('"'),
                )
        return parts

    def _check_size(self, parts: Sequence[tuple[int, State]], headers: Headers) -> None:
        declared, size = headers.get("x-amz-mp-object-size"), sum(part["size"] for _, part in parts)
        if declared is None:
            return
        if not declared.isdigit():
            message = f"Value for x-amz-mp-object-size header is invalid: '{declared}'"
            raise self._refused("InvalidRequest", message)
        if int(declared) != size:
            message = (
                f"The provided 'x-amz-mp-object-size' header value {declared} does not match what was computed: {size}"
            )
            raise self._refused("InvalidRequest", message)

    def _checksum(self, upload: State, parts: Sequence[tuple[int, State]]) -> str | None:
        algorithm = upload["checksum_algorithm"]
        texts = [(part.get("checksums") or {}).get(algorithm) for _, part in parts]
        if algorithm is None or not all(texts):
            return None
        values = [base64.b64decode(str(text)) for text in texts]
        if upload["checksum_type"] == COMPOSITE:
            return f"{base64.b64encode(checksum(algorithm, values)).decode()}-{len(parts)}"
        whole = combined(algorithm, zip(values, (part["size"] for _, part in parts), strict=True))
        return None if whole is None else base64.b64encode(whole).decode()

    def _refused(self, code: str, message: str, **members: str) -> _Refused:
        return _Refused(self._s3._error(code, message, 400, extra=members))


def _object(upload: State, parts: Sequence[tuple[int, State]], checksums: Mapping[str, str], now: str) -> State:
    body = Body(tuple(segment for _, part in parts for segment in part["body"].segments))
    digests = b"".join(bytes.fromhex(part["etag"].strip('"')) for _, part in parts)
    return {
        "body": body,
        "content_type": upload["content_type"],
        "content_encoding": upload.get("content_encoding"),
        "etag": f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"',
        "last_modified": now,
        "size": len(body),
        "metadata": upload["metadata"],
        "preserved_headers": upload.get("preserved_headers", {}),
        "storage_class": upload.get("storage_class") or "STANDARD",
        "parts": [{"PartNumber": number, "Size": part["size"]} for number, part in parts],
        "checksums": dict(checksums),
        "checksum_type": upload["checksum_type"] if checksums else None,
    }


def _types(algorithm: str) -> set[str]:
    """Source: "Checking object integrity", in the user guide of S3: which algorithm goes with which type."""
    if algorithm == "CRC64NVME":
        return {FULL_OBJECT}
    return {COMPOSITE, FULL_OBJECT} if algorithm.startswith("CRC") else {COMPOSITE}


def _origin(headers: Headers) -> str:
    return f"{headers.get('x-forwarded-proto', 'http')}://{headers.get('host', 'localhost')}"


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
