"""Reads a record of an evaluation with lm-evaluation-harness's own readers, and fails where one of them does.

    pip install lm_eval==0.4.13 --no-deps && pip install numpy pandas pytablewriter requests pyyaml jinja2 packaging
    python src/evaluation/golden/read_record.py FILE       # of `npm run evaluate -- --out FILE`, or saved by the page

Asked are the table that the harness prints, what it tells a logger of results and of samples, and its writer of
samples_*.jsonl. What the package wants beside them (data sets, accounts) is not needed for that.
"""
import importlib.util
import json
import pathlib
import sys
import tempfile
import types

place = pathlib.Path(importlib.util.find_spec("lm_eval").submodule_search_locations[0])
for name in ("datasets", "datasets.utils", "datasets.utils.metadata", "lm_eval", "lm_eval.loggers"):
    module = types.ModuleType(name)
    module.__path__ = [str(place.joinpath(*name.split(".")[1:]))]
    sys.modules[name] = module
sys.modules["datasets"].load_dataset = sys.modules["datasets.utils.metadata"].MetadataConfigs = None

from lm_eval.loggers.evaluation_tracker import EvaluationTracker  # noqa: E402
from lm_eval.loggers.wandb_logger import WandbLogger  # noqa: E402
from lm_eval.utils import make_table  # noqa: E402

record = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
print(make_table(record))

logger = WandbLogger.__new__(WandbLogger)  # without an account
logger.post_init(record)
assert set(logger._get_config()["task_configs"]) == set(record["results"])
_, numbers = logger._sanitize_results_dict()
print(f"{len(numbers)} numbers for a logger")

for task, samples in record["samples"].items():
    config = record["configs"][task]
    frame = logger._generate_dataset(samples, config)
    print(f"{task}: {len(frame)} samples, {config['output_type']}, {', '.join(frame.columns)}")
    # What the harness averages over the samples is what stands in the results.
    for metric in config["metric_list"]:
        name = metric["metric"]
        if metric["aggregation"] == "mean" and len(frame) > 0:
            assert abs(frame[name].mean() - record["results"][task][f"{name},none"]) < 1e-9, (task, name)
    with tempfile.TemporaryDirectory() as folder:
        tracker = EvaluationTracker.__new__(EvaluationTracker)
        tracker.output_path, tracker.api, tracker.date_id = f"{folder}/x.json", None, "now"
        tracker.push_samples_to_hub = False
        tracker.save_results_samples(task, samples)
        lines = pathlib.Path(folder, f"samples_{task}_now.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) == len(samples), task
