"""What Lighthouse says of the pages, and what they weigh."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import install
from benchmarks.bench import Bench
from benchmarks.figures import AT_LEAST, AT_MOST, Section
from benchmarks.processes import Absent
from benchmarks.product import NAME

KEY = "lighthouse"
SOURCE = Path(__file__).parent.parent / "lighthouse"
CATEGORIES = {"performance": "performance", "accessibility": "accessibility", "best-practices": "best practices"}
SIGN_IN, ROOM = "sign-in", "a room of 50 messages"
WEIGHT, OWN = "first load of a room, all files, compressed", "of it scripts of our own"
PATIENCE = 300.0

HOW = (
    "Lighthouse (pinned in `lighthouse/package.json`) with the system's Chromium, in its own defaults: a mid-range phone on slow 4G,"
    " simulated from what was loaded without throttling, so that a busy machine changes little but the processor's share. The room is"
    " opened with an empty cache by somebody who is signed in. Weights are bytes on the wire as Chromium counted them, headers"
    " included; KB are of 1,024."
)


def run(bench: Bench) -> None:
    section = bench.book.section("The pages, as Lighthouse judges them", HOW, goals)
    program = install.node_modules("lighthouse", SOURCE)
    for _ in range(bench.scale.runs):
        with bench.fresh() as (data, server):
            person = data.person(server.port)
            base = f"http://127.0.0.1:{server.port}"
            add(section, SIGN_IN, judged(program, f"{base}/login", "", bench.folder()))
            report = judged(program, base + data.room, person.cookie(), bench.folder())
            add(section, ROOM, report)
            total, own = weights(report)
            section.add(WEIGHT, NAME, "KB", total / 1024)
            section.add(OWN, NAME, "KB", own / 1024)


def goals(section: Section) -> None:
    for page in (SIGN_IN, ROOM):
        for name in CATEGORIES.values():
            section.goal(f"Lighthouse, {page}: {name}", section.median(figure(page, name), NAME), AT_LEAST, 100, "")
    section.goal(WEIGHT, section.median(WEIGHT, NAME), AT_MOST, 100, "KB")
    section.goal(OWN, section.median(OWN, NAME), AT_MOST, 30, "KB")


def figure(page: str, name: str) -> str:
    return f"{page}: {name}"


def judged(program: Path, address: str, cookie: str, folder: Path) -> dict[str, Any]:
    """Lighthouse's report on one page. Errors: `Absent`."""
    out = folder / "report.json"
    chromium = install.program("chromium", "chromium")
    command: list[str | Path] = [
        "env", f"CHROME_PATH={chromium}", install.program("node", "nodejs"),
        program / "node_modules/lighthouse/cli/index.js", address, "--quiet", "--output=json", f"--output-path={out}",
        f"--only-categories={','.join(CATEGORIES)}", "--no-enable-error-reporting",
        # Chromium refuses its sandbox to root, as whom machines for checks work.
        f"--chrome-flags=--headless=new {'--no-sandbox' if os.geteuid() == 0 else ''} --disable-dev-shm-usage",
    ]  # fmt: skip
    if cookie:
        headers = folder / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookie}))
        command.append(f"--extra-headers={headers}")
    for left in (2, 1, 0):
        try:
            install.ran(command, folder, PATIENCE)
            break
        except Absent as absent:
            # It found no beginning in Chromium's trace, and says so itself: nothing was judged.
            if not left or "run Lighthouse again" not in str(absent):
                raise
    report: dict[str, Any] = json.loads(out.read_text())
    fault = report.get("runtimeError")
    if fault:
        raise RuntimeError(f"Lighthouse: {fault.get('message')}")
    if cookie and "/login" in report["finalDisplayedUrl"]:
        raise RuntimeError("Lighthouse was not let into the room")
    return report


def add(section: Section, page: str, report: Mapping[str, Any]) -> None:
    for key, name in CATEGORIES.items():
        category = report["categories"][key]
        short = sorted(lost(report, category))
        section.add(
            figure(page, name), NAME, "", (category["score"] or 0) * 100, f"lost by {', '.join(short)}" if short else ""
        )


def lost(report: Mapping[str, Any], category: Mapping[str, Any]) -> list[str]:
    """The audits that cost points."""
    return [
        one["id"]
        for one in category["auditRefs"]
        if one["weight"] and (report["audits"][one["id"]]["score"] or 0) < 0.995
        and report["audits"][one["id"]]["scoreDisplayMode"] not in {"notApplicable", "manual", "informative"}
    ]  # fmt: skip


def weights(report: Mapping[str, Any]) -> tuple[int, int]:
    """Bytes of everything that the page loaded, and of our own scripts in it."""
    items = report["audits"]["network-requests"]["details"]["items"]
    sizes = {item["url"]: int(item.get("transferSize") or 0) for item in items if "/events" not in item["url"]}
    return sum(sizes.values()), sum(
        size for url, size in sizes.items() if re.search(r"/static/\w+/(?!vendor/).*\.js$", url)
    )
