from __future__ import annotations

import json

import pytest
from synth.errors import UsageError
from synth.steps.simulate import average_measures, plot_simulations, read_labelled, simulate, write_order

ROWS = "record_id,title,abstract,label_included\n" + "".join(
    f"r{n},{'violence prevention' if n < 4 else 'steel corrosion'} {n},{'' if n % 2 else 'An abstract'},{int(n < 4)}\n"
    for n in range(12)
)


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "set.csv"
    path.write_text(ROWS)
    return path


def test_given_priors_lead_the_order_and_are_not_measured(labelled):
    (replay,) = simulate(labelled, priors=["r1", "r9"])
    assert list(replay.order["record_id"][:2]) == ["r1", "r9"]
    assert replay.priors == ("r1", "r9")
    assert replay.measures["n_scored"] == 10
    assert replay.measures["loss"] == 0


def test_each_seed_draws_its_own_priors_and_the_mean_is_over_all(labelled):
    replays = simulate(labelled, seeds=[0, 1, 2])
    assert len({replay.priors for replay in replays}) > 1
    assert average_measures(replays)["loss"] == sum(replay.measures["loss"] for replay in replays) / 3


def test_the_order_is_written_and_the_plot_drawn_with_equal_bytes(labelled, tmp_path):
    for name in ("one", "two"):
        replays = simulate(labelled, seeds=[0, 1])
        write_order(replays[0], tmp_path / f"{name}.csv")
        plot_simulations(replays, tmp_path / f"{name}.svg")
    assert (tmp_path / "one.csv").read_text().startswith("record_id,prior\n")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_wrong_prior_gets_the_nearest_record(labelled):
    with pytest.raises(UsageError, match="no record 'r1x'") as fault:
        simulate(labelled, priors=["r1x"])
    assert fault.value.hint == "Did you mean r1?"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("r1,", "r0,", "stands there twice"),
        ("An abstract,1", "An abstract,yes", "set.csv:2: label_included is 'yes'"),
        ("label_included", "label", "no column label_included"),
    ],
)
def test_a_labelled_file_that_is_wrong_says_where(labelled, old, new, words):
    labelled.write_text(ROWS.replace(old, new, 1))
    with pytest.raises(UsageError, match=words):
        read_labelled(labelled)


def test_the_command_prints_measures_as_json_and_writes_the_order(labelled, run_synth, tmp_path):
    done = run_synth("simulate", labelled, "--priors", "r1,r9", "--order", "order.csv", "--plot", "p.svg")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["recall25"] == 2 / 3
    assert (tmp_path / "order.csv").read_text().splitlines()[1:3] == ["r1,1", "r9,1"]
    assert (tmp_path / "p.svg").exists()


def test_the_command_takes_a_range_of_seeds(labelled, run_synth):
    done = run_synth("simulate", labelled, "--seeds", "0-2", "--fast")
    assert [replay["seed"] for replay in json.loads(done.stdout)["replays"]] == [0, 1, 2]
    assert run_synth("simulate", labelled, "--seeds", "2-0").exit_code == 2
    assert run_synth("simulate", "nowhere.csv").exit_code == 5


def relabel(path, labels, *, title="steel corrosion", abstract=""):
    rows = "".join(f"r{n},{title},{abstract},{label}\n" for n, label in enumerate(labels))
    path.write_text("record_id,title,abstract,label_included\n" + rows)
    return path


def test_rows_that_are_equal_are_each_shown_once(labelled):
    (replay,) = simulate(relabel(labelled, [1, 0] * 6, abstract="The same words"), stops=["advice"])
    assert sorted(replay.order["record_id"]) == sorted(f"r{n}" for n in range(12))
    assert replay.stops["advice"].recall == 1.0


def test_without_any_abstract_everything_is_read(labelled):
    (replay,) = simulate(relabel(labelled, [1, 0, 0, 0, 0, 0, 1, 0]), stops=["advice"])
    assert replay.stops["advice"].share == 1.0


@pytest.mark.parametrize("others", [0, 1])
def test_with_relevant_records_alone_or_none_left_there_is_an_order_and_nothing_to_measure(labelled, others):
    (replay,) = simulate(relabel(labelled, [1, 0] + [others] * 8), priors=["r0", "r1"], stops=["advice"])
    assert len(replay.order) == 10
    assert replay.measures["loss"] is None
    assert replay.stops["advice"].missed <= replay.stops["advice"].missed_bound


def test_one_relevant_record_is_found_and_no_share_hangs_on_it_alone(labelled):
    (replay,) = simulate(relabel(labelled, [1, 0, 0, 0, 1, 0, 0, 0]), priors=["r0", "r1"], stops=["advice"])
    assert (replay.measures["n_included_scored"], replay.stops["advice"].recall) == (1, 1.0)


def test_the_bound_is_told_every_twentieth_of_the_way(labelled, run_synth):
    path = relabel(labelled, [1, 0] * 20, abstract="Words")
    told = json.loads(run_synth("simulate", str(path), "--stop", "advice").stdout)["bounds"]
    assert [one["read"] for one in told] == [38 * step // 20 for step in range(1, 20)]
    assert all(19 - one["found"] <= one["missed_bound"] for one in told)
