"""The layout checker over kinds, numbers of studies and scripts: python benchmarks/figures_layout.py [K ...]."""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from synth.steps.plot import PlotRequest, make_plot

KINDS = ("forest", "funnel", "radial", "baujat", "labbe", "bubble", "leave-one-out", "cumulative", "rob", "rob-summary")
LABELS = {
    "5 letters": "Ruiz ",
    "120 letters": "Effect of a combined community mobilisation and men's group programme on partner violence in rural"
    " districts, no. ",
    "Arabic": "أثر برنامج تعبئة المجتمع على عنف الشريك ",
    "Chinese": "农村地区社区动员项目对预防亲密伴侣暴力影响的整群随机对照试验",
    "Spanish": "Efecto de la movilización comunitaria en la violencia de pareja ",
}
PRESETS = ("cochrane", "bmj", "lancet", "jama")


def write_table(path, k, label):
    rng = np.random.default_rng(k)
    yi, se = rng.normal(-0.3, 0.4, k), rng.uniform(0.1, 0.6, k)
    yi[1::29], yi[2::31] = np.log(1e-6), np.log(1e6)
    n = rng.integers(40, 900, k)
    frame = pd.DataFrame({"slab": [f"{label}{i}" for i in range(k)], "yi": yi, "vi": se**2, "n1i": n, "n2i": n})
    frame["ai"], frame["ci"], frame["year"] = n // 5, n // 4, 1980 + np.arange(k) % 40
    frame["Randomisation"] = [("low", "high", "some concerns")[i % 3] for i in range(k)]
    frame.loc[frame.index % 17 == 16, "yi"] = None
    frame.to_csv(path, index=False)


def try_kind(kind, path, preset="plain"):
    options = {"measure": "RR", "show": ("events", "rob") if kind == "forest" else ()}
    if kind == "bubble":
        options["mods"] = "~ year"
    start = time.process_time()
    try:
        problems = make_plot(kind, PlotRequest(data=str(path), preset=preset, options=options), check=True).problems
    except Exception as fault:  # noqa: BLE001  a benchmark tells whatever went wrong
        return f"refused: {fault}", time.process_time() - start
    return (f"{len(problems)} faults: {problems[0]}" if problems else "ok"), time.process_time() - start


def main():
    counts = [int(text) for text in sys.argv[1:]] or [1, 3, 13, 56, 150, 500]
    path = Path(tempfile.mkdtemp()) / "effects.csv"
    for kind in KINDS:
        for k in counts:
            for name, label in LABELS.items():
                write_table(path, k, label)
                found, seconds = try_kind(kind, path)
                print(f"{kind}\t{k}\t{name}\tplain\t{seconds:.1f} s\t{found}", flush=True)
    for preset in PRESETS:
        for k in counts:
            write_table(path, k, LABELS["120 letters"])
            found, seconds = try_kind("forest", path, preset)
            print(f"forest\t{k}\t120 letters\t{preset}\t{seconds:.1f} s\t{found}", flush=True)


if __name__ == "__main__":
    main()
