import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from synth.screening import build_index, find_ranker, load_index, name_index, save_index

TEXTS = [
    "Violence in schools",
    "violence at home, at school",
    "",
    "Steel bridges: a steel story",
    "a b c",
    "Gewalt ä ö",
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="ab é_-1", max_size=30), min_size=1, max_size=40))
def test_the_values_are_those_of_scikit_learn(texts):
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95 if len(texts) >= 20 else 1.0)
    try:
        expected = theirs.fit_transform(texts)
    except ValueError:
        assert build_index(texts).matrix.nnz == 0
        return
    index = build_index(texts)
    assert abs(index.matrix - expected).max() < 1e-12
    names = [index.vocabulary.name(column) for column in range(index.matrix.shape[1])]
    assert names == list(theirs.get_feature_names_out())


def test_a_mapped_index_gives_the_same_scores_to_the_last_bit(tmp_path):
    index, folder = build_index(TEXTS), tmp_path / "cache" / name_index(TEXTS)
    save_index(index, folder)
    scores = []
    for one in (index, load_index(folder)):
        ranker = find_ranker("blend")
        ranker.use(one)
        scores.append(ranker.rank({0: 1, 3: 0}))
    assert np.array_equal(*scores)


def test_a_missing_or_damaged_index_is_none(tmp_path):
    folder = tmp_path / "index"
    assert load_index(folder) is None
    save_index(build_index(TEXTS), folder)
    (folder / "data.npy").write_bytes(b"\x93NUMPY broken")
    assert load_index(folder) is None


def test_the_name_tells_apart_what_a_join_would_not():
    assert name_index(["ab", "c"]) != name_index(["a", "bc"])
    assert name_index(["ab", "c"]) == name_index(["ab", "c"])


def test_a_text_is_most_like_itself():
    index = build_index(TEXTS)
    assert index.compare(TEXTS[1])[1] == pytest.approx(1)
    assert np.argmax(index.compare_rows([3])) == 3
    assert index.compare("words of nobody").max() == 0


@pytest.mark.parametrize("name", ["svm", "blend"])
def test_scores_of_works_that_were_learned_from_are_whole_too(name):
    ranker = find_ranker(name)
    ranker.fit(TEXTS)
    scores = ranker.rank({0: 1, 3: 0})
    assert scores[0] == max(scores)
    assert scores[3] == min(scores)
