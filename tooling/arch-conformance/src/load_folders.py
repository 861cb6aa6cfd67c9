# Loads model folders in transformers and prints what it makes of given prompts: the ids of each text, and the last logits of given ids.
# Nothing is compared here; that is in transformers.test.ts. Standard input: [{"folder", "encoder", "prompts": [{"text", "ids"}]}].
import json
import sys

import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)


def load(request):
    kind = AutoModel if request["encoder"] else AutoModelForCausalLM
    model, loading = kind.from_pretrained(request["folder"], dtype=torch.float32, output_loading_info=True)
    tokenizer = AutoTokenizer.from_pretrained(request["folder"])
    model.eval()
    with torch.no_grad():
        outputs = [model(torch.tensor([prompt["ids"]])) for prompt in request["prompts"]]
    rows = [output.last_hidden_state[0].mean(0) if request["encoder"] else output.logits[0, -1] for output in outputs]
    return {
        "ids": [tokenizer(prompt["text"])["input_ids"] for prompt in request["prompts"]],
        "logits": [row.tolist() for row in rows],
        "unmatched": sorted(name for key in ("missing_keys", "unexpected_keys", "mismatched_keys") for name in map(str, loading[key])),
    }


for request in json.load(sys.stdin):
    print(json.dumps(load(request)), flush=True)
