"""Writes `python/tests/fixtures/transformers.json`: what transformers' own classes return of `transformers_calls.py`.

It takes transformers, torch and torchaudio (`requirements-parity.txt`), and ossicle for reading the recording:

    python python/parity/record_transformers.py
"""

from __future__ import annotations

import json

import conftest  # noqa: F401
import torch
import transformers
from transformers_calls import RECORDED, calls, config, returned, summary


def main() -> None:
    recorded = []
    for name, options in calls():
        keys = config(name)
        theirs = getattr(transformers, keys["feature_extractor_type"])(**keys)
        recorded.append({"config": name, "options": options, "returns": summary(returned(theirs, name, options))})
    made_by = (
        f"python/parity/record_transformers.py, with transformers {transformers.__version__}, torch {torch.__version__}"
    )
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in recorded)
    text = f'{{"made by": {json.dumps(made_by)}, "calls": [\n{lines}\n]}}\n'
    RECORDED.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
