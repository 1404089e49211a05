"""Speed of pooling beside metafor (R) and PyMARE, in turn, as ratios of CPU seconds.

metafor runs if Rscript finds it (Debian: r-cran-metafor); PyMARE runs if PYMARE_PYTHON names the Python of an
environment that has it. Every task runs in a process of its own, on one thread, and reports the CPU seconds of one
call without start and imports; the median of ROUNDS rounds is shown, with the median of the ratios within a round.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys

ROUNDS = 3
DATA = """
import numpy as np, pandas as pd
rng = np.random.default_rng(1)
v = rng.uniform(0.05, 0.5, {k})
y = rng.normal(0.3, np.sqrt(v + 0.2))
x = rng.normal(size={k})
"""
CLOCK = """
import time, warnings
warnings.simplefilter("ignore")
work()
start = time.process_time()
for _ in range({n}):
    work()
print((time.process_time() - start) / {n})
"""
OURS = {
    "REML": "from synth.meta import rma\ndef work(): rma(y, v)",
    "REML, one moderator": "from synth.meta import rma\ndef work(): rma(y, v, mods=x)",
    "leave-one-out": "from synth.meta import rma\nfit = rma(y, v, test='z')\ndef work(): fit.leave_one_out()",
    "permutations, 10,000": "from synth.meta import rma\nfit = rma(y, v, mods=x)\ndef work(): fit.permutation(10_000)",
    "permutations, 1,000": "from synth.meta import rma\nfit = rma(y, v, mods=x)\ndef work(): fit.permutation(1_000)",
    "three levels": (
        "from synth.meta import rma_mv\nstudy = np.arange(len(y)) // 4\n"
        "y = y + 0.3 * rng.normal(size=study.max() + 1)[study]\n"
        "frame = pd.DataFrame({'yi': y, 'vi': v, 'study': study, 'es': np.arange(len(y))})\n"
        "def work(): rma_mv(frame, random='~1|study/es')"
    ),
    "multiverse, 10,608 fits": (
        "from synth.meta import multiverse\nframe = pd.DataFrame({'yi': y, 'vi': v})\n"
        "frames = {name: frame * [f, f ** 2] for name, f in (('a', 1), ('b', 1.1), ('c', 1.3), ('d', 0.9))}\n"
        "methods = ['REML', 'ML', 'DL', 'PM', 'SJ', 'HE', 'HS', 'HSK', 'EB', 'PMM', 'EE', 'SJIT', 'DLIT']\n"
        "def work(): multiverse(frames, methods=methods, leave_one_out=True)"
    ),
}
PYMARE = {
    "REML": (
        "from pymare import Dataset\nfrom pymare.estimators import VarianceBasedLikelihoodEstimator\n"
        "reml = VarianceBasedLikelihoodEstimator(method='REML')\n"
        "def work(): reml.fit_dataset(Dataset(y, v)).summary().get_fe_stats()"
    ),
    "REML, one moderator": (
        "from pymare import Dataset\nfrom pymare.estimators import VarianceBasedLikelihoodEstimator\n"
        "reml = VarianceBasedLikelihoodEstimator(method='REML')\n"
        "def work(): reml.fit_dataset(Dataset(y, v, X=x[:, None])).summary().get_fe_stats()"
    ),
}
METAFOR = {
    "REML": "rma(y, v)",
    "REML, one moderator": "rma(y, v, mods = ~ x)",
    "leave-one-out": "leave1out(fit)",
    "permutations, 1,000": "permutest(reg, iter = 1000, progbar = FALSE)",
    "three levels": "rma.mv(y, v, random = ~ 1 | study/es)",
}
R_DATA = """
suppressMessages(library(metafor)); set.seed(1)
k <- {k}; v <- runif(k, .05, .5); y <- rnorm(k, .3, sqrt(v + .2)); x <- rnorm(k)
study <- (seq_len(k) - 1) %/% 4; es <- seq_len(k); y <- y + .3 * rnorm(max(study) + 1)[study + 1]
fit <- {fit}; reg <- {reg}
start <- proc.time(); for (i in seq_len({n})) {call}; spent <- proc.time() - start
cat((spent[1] + spent[2]) / {n})
"""
# task, k, repeats of ours, repeats of PyMARE (0: none), repeats of metafor (0: cannot, or takes minutes)
TASKS = [
    ("REML", 13, 300, 100, 30),
    ("REML", 1_000, 200, 100, 1),
    ("REML", 100_000, 5, 5, 0),
    ("REML", 1_000_000, 2, 1, 0),
    ("REML, one moderator", 1_000, 100, 50, 1),
    ("leave-one-out", 100, 20, 0, 1),
    ("leave-one-out", 500, 3, 0, 0),
    ("permutations, 1,000", 13, 5, 0, 1),
    ("permutations, 10,000", 50, 2, 0, 0),
    ("three levels", 500, 5, 0, 1),
    ("three levels", 100_000, 1, 0, 0),
    ("multiverse, 10,608 fits", 50, 1, 0, 0),
]


def run(command: list[str]) -> float:
    """CPU seconds that a process reports, on one thread."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        sys.stderr.write(done.stderr[-500:] + "\n")
        return float("nan")
    return float(done.stdout.strip().splitlines()[-1])


def python_task(python: str, code: str, k: int, n: int) -> float:
    return run([python, "-c", DATA.format(k=k) + code + CLOCK.format(n=n)])


def metafor_task(rscript: str, task: str, k: int, n: int) -> float:
    fit = "rma(y, v)" if task == "leave-one-out" else "NULL"
    reg = "rma(y, v, mods = ~ x)" if task.startswith("permutations") else "NULL"
    return run([rscript, "-e", R_DATA.format(k=k, n=n, fit=fit, reg=reg, call=METAFOR[task])])


def find_metafor() -> str | None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    found = subprocess.run([rscript, "-e", "library(metafor)"], capture_output=True, check=False)
    return rscript if found.returncode == 0 else None


def show(seconds: list[float], ours: list[float]) -> tuple[str, str]:
    """Milliseconds, and how many times as long as ours."""
    if not seconds:
        return "-", "-"
    ratios = [theirs / own for theirs, own in zip(seconds, ours, strict=True)]
    return f"{1000 * statistics.median(seconds):.3g}", f"{statistics.median(ratios):.3g}"


def main() -> int:
    """Print one row per task."""
    rscript, pymare = find_metafor(), os.environ.get("PYMARE_PYTHON")
    print("| task | k | synth, ms | PyMARE, ms | ratio | metafor, ms | ratio |\n|---|---|---|---|---|---|---|")
    for task, k, own_n, pymare_n, r_n in TASKS:
        own: list[float] = []
        peers: dict[str, list[float]] = {"pymare": [], "r": []}
        for _ in range(ROUNDS):
            own.append(python_task(sys.executable, OURS[task], k, own_n))
            if pymare and pymare_n:
                peers["pymare"].append(python_task(pymare, PYMARE[task], k, pymare_n))
            if rscript and r_n:
                peers["r"].append(metafor_task(rscript, task, k, r_n))
        cells = [*show(peers["pymare"], own), *show(peers["r"], own)]
        print(f"| {task} | {k:,} | {1000 * statistics.median(own):.3g} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
