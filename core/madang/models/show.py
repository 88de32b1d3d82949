"""Models as people and programs read them."""

import json
from collections.abc import Iterator, Sequence

from madang.models.listing import Row
from madang.models.printer import size
from madang.models.remove import Removal
from madang.models.verify import Report

MARKS = {"ok": "ok    ", "warning": "warn  ", "failure": "FAIL  "}


def list_text(rows: Sequence[Row]) -> str:
    """Write one block a model."""
    return "\n\n".join("\n".join(_block(row)) for row in rows)


def list_json(rows: Sequence[Row]) -> str:
    """Write one JSON list."""
    return json.dumps([_row(row) for row in rows], ensure_ascii=False, indent=2)


def _block(row: Row) -> Iterator[str]:
    if not row.parts:
        yield f"{row.name}: served by the backend '{row.backend}'"
        return
    yield f"{row.name}: {row.state}, {size(row.bytes)}"
    width = max(len("restriction"), *(len(each.part.role) for each in row.parts)) + 2
    for each in row.parts:
        revision = f" @ {each.commit or each.part.revision}" if each.part.kind == "hub" else ""
        gone = f", without {', '.join(each.missing)}" if each.missing else ""
        place = f"{each.part.source}{revision.rstrip(' @')}"
        yield f"  {each.part.role:<{width}}{place}: {each.state}{gone}"
    if row.verified:
        yield f"  {'verified':<{width}}{row.verified}"
    licence = row.licence or "not stated in the profile"
    yield f"  {'licence':<{width}}{licence}"
    if row.restriction:
        accepted = "accepted" if row.accepted else "not accepted yet"
        yield f"  {'restriction':<{width}}{row.restriction} ({accepted})"


def _row(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "backend": row.backend,
        "state": row.state,
        "bytes": row.bytes,
        "verified": row.verified,
        "licence": row.licence,
        "restriction": row.restriction,
        "accepted": row.accepted,
        "parts": [
            {
                "role": each.part.role,
                "kind": each.part.kind,
                "source": each.part.source,
                "revision": each.part.revision,
                "commit": each.commit,
                "state": each.state,
                "folder": str(each.folder or ""),
                "missing": each.missing,
                "bytes": each.bytes,
            }
            for each in row.parts
        ],
    }


def report_text(report: Report) -> str:
    """Write one line a finding, and the verdict."""
    lines = [f"{report.model}, compared with {report.facts or 'nothing known beforehand'}"]
    for each in report.findings:
        lines.append(f"{MARKS[each.state]}{each.what}: {each.found}")
        if each.hint:
            lines.append(f"      {each.hint}")
    lines.append(f"{report.model}: {'verified' if report.passed else 'NOT verified'}")
    return "\n".join(lines) + "\n"


def report_json(reports: Sequence[Report]) -> str:
    """Write one JSON list."""
    return json.dumps(
        [
            {
                "model": report.model,
                "facts": report.facts,
                "passed": report.passed,
                "findings": [vars(each) for each in report.findings],
            }
            for report in reports
        ],
        ensure_ascii=False,
        indent=2,
    )


def removal_text(removal: Removal) -> str:
    """Say what goes and what stays."""
    goes = [f"deletes {part.source} ({part.role})" for part in removal.parts]
    stays = [f"keeps {part.source} ({part.role}): {why}" for part, why in removal.kept]
    return "\n".join([*goes, *stays]) or "nothing of it is in the cache"
