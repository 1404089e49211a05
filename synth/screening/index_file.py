"""An index on the disk: plain arrays that are mapped into memory, so that opening it reads next to nothing.

The folder is a cache: its name says of which texts it was made, and it can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from synth.screening.index import TextIndex, Vocabulary

FORM = 1
"""Raised when what is written changes; older folders are then not looked at any more."""
_WORDS = "words.txt"
_ARRAYS = ("data", "indices", "indptr", "shared_data", "shared_indices", "shared_indptr")
_OTHERS = ("shared_columns", "word_scale", "word_sums", "codes", "idf", "shape")


def name_index(texts: Sequence[str]) -> str:
    """The name under which the index of these texts is kept."""
    digest = hashlib.sha256(f"{FORM}\n{len(texts)}".encode())
    for text in texts:
        digest.update(b"\0")
        digest.update(text.encode("utf-8", "surrogatepass"))
    return f"index-{digest.hexdigest()[:24]}"


def save_index(index: TextIndex, folder: Path) -> None:
    """Write the index to ``folder`` (made anew), whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        for name, values in _list_arrays(index).items():
            np.save(place / f"{name}.npy", values, allow_pickle=False)
        (place / _WORDS).write_text("\n".join(index.vocabulary.words), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        place.rename(folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _list_arrays(index: TextIndex) -> dict[str, np.ndarray]:
    matrix, shared = index.matrix, index.shared
    return {
        "data": matrix.data,
        "indices": matrix.indices,
        "indptr": matrix.indptr,
        "shared_data": shared.data,
        "shared_indices": shared.indices,
        "shared_indptr": shared.indptr,
        "shared_columns": index.shared_columns,
        "word_scale": index.word_scale,
        "word_sums": index.word_sums,
        "codes": index.vocabulary.codes,
        "idf": index.vocabulary.idf,
        "shape": np.array([*matrix.shape, *shared.shape]),
    }


def load_index(folder: Path) -> TextIndex | None:
    """The index in ``folder``, mapped into memory; None if there is none or it is damaged."""
    try:
        found = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in (*_ARRAYS, *_OTHERS)
        }
        words = (folder / _WORDS).read_text(encoding="utf-8")
    except (OSError, ValueError, EOFError):
        return None
    return _assemble(found, tuple(words.split("\n")) if words else ())


def _assemble(found: dict[str, np.ndarray], words: tuple[str, ...]) -> TextIndex:
    from scipy.sparse import csr_matrix  # noqa: PLC0415  loads slowly, and a decision needs none of it

    rows, width, _, shared_width = (int(size) for size in found["shape"])
    return TextIndex(
        csr_matrix((found["data"], found["indices"], found["indptr"]), shape=(rows, width)),
        Vocabulary(words, found["codes"], found["idf"]),
        csr_matrix((found["shared_data"], found["shared_indices"], found["shared_indptr"]), shape=(rows, shared_width)),
        found["shared_columns"],
        found["word_scale"],
        found["word_sums"],
    )
