"""Runs a Hugging Face checkpoint by transformers, for `fartsovka verify` and `logits` with `--engine transformers`. It converts and compares nothing.

usage: logits.py FOLDER logits|embeddings THREADS

stdin:  one JSON object a line, {"text": "…"} or {"tokens": [1, 2, 3], "positions": 2}
stdout: one JSON line for each: {"tokens": […]}, or {"rows": 2, "columns": 32000} followed by rows x columns float32, little-endian:
        what follows each of the last tokens. The first line of all names the versions. {"error": "…"} instead where something fails.
"""

import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Whatever libraries print must not end up between the answers.
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)


def answer(value, floats=b""):
    answers.write(json.dumps(value).encode() + b"\n" + floats)
    answers.flush()


def main(folder, measured, threads):
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    if threads > 0:
        torch.set_num_threads(threads)
    kind = transformers.AutoModel if measured == "embeddings" else transformers.AutoModelForCausalLM
    # Nothing is downloaded, and no code that lies in the folder is run.
    model = kind.from_pretrained(folder, local_files_only=True, trust_remote_code=False).float().eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    answer({"transformers": transformers.__version__, "torch": torch.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        if "text" in request:
            answer({"tokens": tokenizer(request["text"])["input_ids"]})
            continue
        with torch.no_grad():
            output = model(input_ids=torch.tensor([request["tokens"]]))
        rows = output.last_hidden_state if measured == "embeddings" else output.logits
        rows = rows[0, -request["positions"] :].float().contiguous().numpy().astype("<f4")
        answer({"rows": rows.shape[0], "columns": rows.shape[1]}, rows.tobytes())


try:
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
except Exception as error:
    answer({"error": f"{type(error).__name__}: {error}".split("\n")[0]})
    sys.exit(1)
