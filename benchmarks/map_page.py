"""Opens maps of 800, 10,000 and 100,000 studies in headless Chromium: size, load, and one filter.

python benchmarks/map_page.py [--peer PAGE.html] [--runs 3]
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

_STARTS, _MIDDLES, _ENDS = ("vio", "sur", "com", "pre", "fam"), ("len", "viv", "mun", "ven"), ("ce", "or", "ity", "al")
WORDS = [a + b + c for a in _STARTS for b in _MIDDLES for c in _ENDS]
COUNTRIES = ["Uganda", "Brazil", "India", "Namibia", "Mexico", "France", "China", "Egypt", "Peru", "Kenya"]


def write_table(path: Path, n: int, words: int) -> None:
    rng = random.Random(7)
    with path.open("w", newline="", encoding="utf-8") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(["id", "title", "year", "is_review", "population", "setting", "country", "design", "abstract"])
        for i in range(n):
            groups, places = (_codes(rng, axis, k) for axis, k in (("group", 20), ("place", 15)))
            title, abstract = (" ".join(rng.choices(WORDS, k=k)) for k in (12, words))
            kind, country = rng.choice(["no"] * 6 + ["yes"]), rng.choice(COUNTRIES)
            design, year = rng.choice(["cluster RCT", "cohort", "qualitative"]), rng.randint(1990, 2026)
            sheet.writerow([f"s{i}", title, year, kind, groups, places, country, design, abstract])


def _codes(rng: random.Random, axis: str, k: int) -> str:
    return "; ".join(sorted({f"{axis} {rng.randrange(k)}" for _ in range(rng.randint(1, 3))}))


def make_page(folder: Path, n: int, words: int) -> Path:
    from synth.steps.map import map_file, write_map

    write_table(folder / f"{n}.csv", n, words)
    write_map(map_file(folder / f"{n}.csv"), folder / f"{n}.html")
    return folder / f"{n}.html"


def time_load(browser, path: Path, *, ours: bool) -> tuple[float, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    start = time.perf_counter()
    page.goto(path.resolve().as_uri(), wait_until="load", timeout=120_000)
    if ours:
        page.wait_for_selector("html[data-ready=true]", timeout=120_000)
    load = time.perf_counter() - start
    click = time_filter(page) if ours else float("nan")
    page.close()
    return load, click


def time_filter(page) -> float:
    """Milliseconds from a tick to the page drawn, the layout included; the median of nine."""
    return page.evaluate("""() => {
      const details = document.querySelector('details[data-axis=country]');
      details.open = true;
      const boxes = [...details.querySelectorAll('input')].slice(0, 9);
      const times = boxes.map((box) => {
        const start = performance.now();
        box.click();
        document.body.offsetHeight;
        return performance.now() - start;
      });
      return times.sort((a, b) => a - b)[4];
    }""")


def _sizes(sizes: list[int]) -> list[tuple[int, int]]:
    """Abstracts of 180 words at 10,000 studies, none elsewhere."""
    return [(n, 180 if n == 10_000 else 0) for n in sizes]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[800, 10_000, 100_000])
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        pages = {
            f"{n:,} / {w} words": make_page(Path(folder), n, w) for n, w in ((800, 0), (10_000, 180), (100_000, 0))
        }
        if options.peer:
            pages["peer"] = options.peer
        print("studies / abstract | MB | load s (median) | filter ms")
        for name, path in pages.items():
            runs = [time_load(browser, path, ours=name != "peer") for _ in range(options.runs)]
            load, click = (statistics.median(values) for values in zip(*runs, strict=True))
            print(f"{name} | {path.stat().st_size / 1e6:.2f} | {load:.2f} | {click:.0f}")
        browser.close()


if __name__ == "__main__":
    main()
