"""Run a folder of reference cases through the public API and write the results as JSON.

usage: run_suite.py SUITE_DIR RESULTS.json

SUITE_DIR holds one file per data set: ``{data, effects, roles, cases: [{id, analysis, options, effect, expected}]}``. Cases whose
analysis or options are not supported yet are left out of the results, and counted on stderr.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections import Counter
from pathlib import Path

from synth.errors import SynthError

# the runners stand beside this file, whoever runs it and from where
sys.path.insert(0, str(Path(__file__).resolve().parent))
import cases_a
import cases_b
import cases_core
from cases_core import NotSupportedError

RUNNERS = {**cases_core.RUNNERS, **cases_a.RUNNERS, **cases_b.RUNNERS}
"""The function that runs a case of each analysis, by the analysis's name; later modules replace earlier ones."""


def run_folder(folder):
    """Results by case id, and a count of what was not run (analysis and reason)."""
    results, left = {}, Counter()
    for path in sorted(Path(folder).glob("*.json")):
        suite = json.loads(path.read_text(encoding="utf-8"))
        for case in suite.get("cases", []):
            runner = RUNNERS.get(case["analysis"])
            if runner is None:
                left[case["analysis"], "analysis"] += 1
                continue
            try:
                results[case["id"]] = runner(suite, case)
            except NotSupportedError as why:
                left[case["analysis"], str(why)] += 1
            except SynthError as fault:
                left[case["analysis"], f"refused: {fault}"] += 1
            except Exception as fault:  # noqa: BLE001  one case that fails must not cost the others
                left[case["analysis"], f"failed: {type(fault).__name__}: {fault}"] += 1
                sys.stderr.write(f"{case['id']}: {type(fault).__name__}: {fault}\n")
    return results, left


def main(arguments):
    folder, target = arguments
    warnings.simplefilter("ignore")
    results, left = run_folder(folder)
    Path(target).write_text(json.dumps(results, sort_keys=True), encoding="utf-8")
    sys.stderr.write(f"{len(results)} cases run, {sum(left.values())} left for later\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
