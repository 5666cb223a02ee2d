"""What lm-evaluation-harness says of odd inputs, for scoring.test.ts. Inputs are our own.

    pip install lm_eval==0.4.13 nltk langdetect immutabledict numpy     # in an environment of its own
    python src/evaluation/golden/make_harness.py > src/evaluation/golden/harness.json
"""
import importlib.util
import json
import os
import pathlib
import sys
import types

# Only the rules are loaded; what the package wants beside them, and would download, is not needed for that.
os.environ["LOCAL_RANK"] = "1"
place = pathlib.Path(importlib.util.find_spec("lm_eval").submodule_search_locations[0])
for name in ("datasets", "lm_eval", "lm_eval.tasks", "lm_eval.tasks.ifeval", "lm_eval.filters"):
    module = types.ModuleType(name)
    module.__path__ = [str(place.joinpath(*name.split(".")[1:]))] if name != "datasets" else []
    sys.modules[name] = module
sys.modules["datasets"].Dataset = object


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, place / path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


math = load("tasks/hendrycks_math/utils.py", "hendrycks_utils")
hellaswag = load("tasks/hellaswag/utils.py", "hellaswag_utils")
winogrande = load("tasks/winogrande/preprocess_winogrande.py", "winogrande_utils")

import nltk  # noqa: E402
from nltk.tokenize.destructive import NLTKWordTokenizer  # noqa: E402

load("tasks/ifeval/instructions_util.py", "lm_eval.tasks.ifeval.instructions_util")
load("tasks/ifeval/instructions.py", "lm_eval.tasks.ifeval.instructions")
load("tasks/ifeval/instructions_registry.py", "lm_eval.tasks.ifeval.instructions_registry")
sys.modules["lm_eval.tasks.ifeval"].instructions_registry = sys.modules["lm_eval.tasks.ifeval.instructions_registry"]
ifeval = load("tasks/ifeval/utils.py", "ifeval_utils")
# Sentences first, as word_tokenize does, would change no word of capitals; their model is a download.
nltk.word_tokenize = NLTKWordTokenizer().tokenize

MATH = [
    ["\\frac12", "\\frac{1}{2}"], ["0.5", "\\frac12"], [".5", "\\frac{1}{2}"], ["1/2", "\\frac{1}{2}"],
    ["01/2", "\\frac{1}{2}"], ["-1/2", "\\frac{-1}{2}"], ["a/b", "a / b"], ["a/b", "a/b"], ["x/2", "x /2"],
    ["1/2/3", "1/2/3 "], ["\\sqrt3", "\\sqrt{3}"], ["2\\sqrt", "2\\sqrt "], ["\\frac", "\\frac "],
    ["\\frac1", "\\frac1 "], ["\\frac1\\frac23", "\\frac1\\frac{2}{3}"], ["\\frac1{72}", "\\frac{1}{72}"],
    ["\\tfrac{1}{2}", "\\dfrac{1}{2}"], ["5\\text{ cm}", "5"], ["5\\text{ cm}\\text{ x}", "5"],
    ["5\\text{ cm}\\text{ x}", "5\\text{ cm}\\text{ x}"], ["x=12", "12"], ["xy = 3", "3"], ["xyz=3", "3"],
    ["a=b=c", "c"], ["10\\%", "10"], ["90^\\circ", "90"], ["90^{\\circ}", "90"], ["\\left(1,2\\right)", "(1, 2)"],
    ["\\$5", "5"], ["1,000", "1000"], ["", ""], ["\\!12", "12"], ["1\\\\2", "1\\2"], ["{.5}", "{0.5}"],
    ["3 .5", "3 0.5"], ["+1/2", "1/2"], ["\\frac\\pi2", "\\frac{\\pi}{2}"], ["12", "13"], ["1_0/2", "\\frac{10}{2}"],
    ["\u0661/2", "\\frac{1}{2}"], ["k=\\sqrt2", "\\sqrt{2}"],
]
ANSWERS = [
    ["we get $x=4$ and stop", "\\boxed{4}"], ["so \\boxed{4}.", "\\boxed{4}"], ["it is \\[ 4 \\]", "\\boxed{4}"],
    ["4", "\\boxed{4}"], ["$3$ or $4$", "\\boxed{4}"], ["costs $4", "\\boxed{4}"], ["$4$", "thus \\boxed 4$ x"],
    ["$\\frac{1}{2}$", "first \\boxed{1} then \\boxed{\\frac12}"], ["$$", "\\boxed{}"], ["", "\\boxed{}"],
]
GSM8K = [
    ["#### 42", "so #### 42"], ["#### 1,000.", "x #### 1000"], ["#### $5", "#### 5"], ["#### -3.50 left", "#### -3.50"],
    ["It is 7. Then 8", "#### 8"], ["I do not know...", "#### 3"], ["no number", "#### 3"], ["$1,234.00", "#### 1234.00"],
    ["12.", "#### 12"], ["- 5", "#### 5"], ["-5-6", "#### -6"], ["####42", "#### 42"], ["#### .", "#### 0"],
    ["a #### 1 b #### 2", "#### 1"], ["#### 42\n#### 43", "#### 42"], ["5 %", "#### 5"], ["3/4", "#### 4"],
    ["#### \u0664", "#### 4"], ["1.5.", "#### 1.5"], ["", "#### 1"], ["#### 1,2,3", "#### 123"],
]
IFEVAL = [
    ["keywords:existence", {"keywords": ["a.c", "Dog"]}, ["abc DOG", "dog"]],
    ["keywords:forbidden_words", {"forbidden_words": ["caf\u00e9", "na"]}, ["un caf\u00e9 noir", "banana", "caf\u00e9s", "Na."]],
    ["keywords:frequency", {"keyword": " up ", "frequency": 2, "relation": "less than"}, ["up", "Up upper", "cup"]],
    ["keywords:letter_frequency", {"letter": "E", "let_frequency": 3, "let_relation": "at least"}, ["eEe", "ee", "\u00e9ee"]],
    ["length_constraints:number_words", {"num_words": 4, "relation": "at least"}, ["don't stop me", "well-known one", "\u0939\u093f\u0928\u094d\u0926\u0940", "a_b c d", "1.5 2 x"]],
    ["length_constraints:number_paragraphs", {"num_paragraphs": 2}, ["a***b", "***a***b***", "a *** *** b", "a\n***\nb", "a****b", "a b"]],
    ["length_constraints:nth_paragraph_first_word", {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "weekend"},
     ["a\n\nWeekend, yes", "a\n\n'\"weekend\" x", "a\n\n\nweekend", "a\n\n\n\nweekend", "a\n\nweek-end", "weekend\n\na"]],
    ["detectable_content:number_placeholders", {"num_placeholders": 2}, ["[a] [b]", "[a\nb] [c]", "[[a]]", "[] []"]],
    ["detectable_content:postscript", {"postscript_marker": "P.P.S"}, ["x\nP.P.S y", "p. p. s", "PPS", "P.S. x"]],
    ["detectable_content:postscript", {"postscript_marker": "P.S."}, ["x P.S. y", "P.S", "p. s."]],
    ["detectable_format:number_bullet_lists", {"num_bullets": 2}, ["* a\n* b", "- a\n\n- b", "** a\n* b\n- c", "*a\n  - b", "* \n- x", "a - b\n* c"]],
    ["detectable_format:constrained_response", {}, ["Well: My answer is yes. ok", "my answer is yes.", "My answer is maybe"]],
    ["detectable_format:number_highlighted_sections", {"num_highlights": 2}, ["*a* *b*", "**a**", "** **", "*a**b*", "***x***", "*a\nb* *c*"]],
    ["detectable_format:multiple_sections", {"section_spliter": "Section", "num_sections": 2}, ["Section 1 a Section 2 b", "Section1Section2", "section 1 section 2", "Section X"]],
    ["detectable_format:json_format", {}, ["{\"a\": NaN}", "[-Infinity, 1]", "```json```[1]", "``` {} ```", "{'a': 1}", "\"NaN\" x", "NaN", "[1,]", "\"a NaN b\""]],
    ["detectable_format:title", {}, ["<<a>>", "<< >>", "<<<a>>>", "<<a\nb>>", "<<>> <<b>>", "<a>"]],
    ["combination:two_responses", {}, ["a******b", "a****** a", "******a******b", "a************b", "a*******b"]],
    ["combination:repeat_prompt", {"prompt_to_repeat": "Say SO "}, [" say so. yes", "I say so"]],
    ["startend:end_checker", {"end_phrase": " The End. "}, ["x \"the end.\" ", "the end", "\"x the end.\"\"", "the end. !"]],
    ["startend:quotation", {}, [" \"all\" ", "\"", "\"\"", "\"a\" b", "\u201ca\u201d"]],
    ["change_case:capital_word_frequency", {"capital_frequency": 2, "capital_relation": "at least"},
     ["HELLO,WORLD", "DON'T", "I'M", "NASA. is", "A-B C", "CAN\u2019T", "CANNOT", "(A) [B]", "\"UP\"", "YES!NO", "3D 4K", "U.S.A", "A--B", "x A...B", "A/B", "IT'S", "\u00c9T\u00c9 \u01c5", "WE'LL", "'TIS", "GONNA", "A:B", "A:1", "A;B", "'A B'", "ROCK'N'ROLL"]],
    ["punctuation:no_comma", {}, ["a b", "a,b", "\uff0c"]],
]
LOOSE = [
    ["startend:quotation", {}, ["Sure:\n\"all\"\nBye", "\"a\n*b*\"", "x\n\n\"y\""]],
    ["punctuation:no_comma", {}, ["a, b\nc", "a\nb, c", "a, b"]],
]
HELLASWAG = [
    {"activity_label": "How to bake", "ctx_a": "[header] Mix [title] Add [step]  eggs", "ctx_b": "the BAKER", "endings": [" stirs [substeps] it  ", "x"], "label": "0"},
    {"activity_label": "Run", "ctx_a": "A man runs.", "ctx_b": "", "endings": ["a [b\nc] d", "e [f] g [h]"], "label": "1"},
    {"activity_label": "Run", "ctx_a": "A", "ctx_b": "\u00e9T\u00c9 x", "endings": ["a  b   c", "[a\rb] c"], "label": 1},
]
WINOGRANDE = [
    {"sentence": "Because _ was late, they left.", "option1": "Tom", "option2": "Ann", "answer": "2"},
    {"sentence": "The file a_b was _ gone.", "option1": "X", "option2": "Y", "answer": "1"},
    {"sentence": "_ ran.", "option1": "Tom", "option2": "Ann", "answer": "1"},
]


def gsm8k(text, gold):
    """The filters and the metric of gsm8k.yaml, from the package's own code."""
    import re

    def found(pattern, which):
        match = re.compile(pattern).findall(text)
        if not match:
            return "[invalid]"
        match = match[which]
        if isinstance(match, tuple):
            match = next((m for m in match if m), "[invalid]")
        return match.strip()

    def plain(s):
        for pattern in (",", "\\$", "(?s).*#### ", "\\.$"):
            s = re.sub(pattern, "", s)
        return s.lower()

    strict = found("#### (\\-?[0-9\\.\\,]+)", 0)
    flexible = found("(-?[$0-9.,]{2,})|(-?[0-9]+)", -1)
    return {"text": text, "gold": gold, "strict": strict, "flexible": flexible,
            "strictly": plain(strict) == plain(gold), "flexibly": plain(flexible) == plain(gold)}


def followed(name, kwargs, text, test):
    inp = ifeval.InputExample(0, [name], "", [dict(kwargs)])
    return test(inp, text).follow_instruction_list[0]


def instruction(cases, test):
    return [{"name": name, "kwargs": kwargs, "text": text, "follows": followed(name, kwargs, text, test)}
            for name, kwargs, texts in cases for text in texts]


def hella(row):
    ctx = row["ctx_a"] + " " + row["ctx_b"].capitalize()
    return {"row": row, "query": hellaswag.preprocess(row["activity_label"] + ": " + ctx),
            "choices": [hellaswag.preprocess(ending) for ending in row["endings"]]}


json.dump({
    "source": "lm-evaluation-harness 0.4.13",
    "math": [{"answer": a, "gold": b, "same": math.is_equiv(a, b)} for a, b in MATH],
    "math_answers": [{"text": t, "solution": s, **math.process_results({"solution": s}, [t])} for t, s in ANSWERS],
    "gsm8k": [gsm8k(*each) for each in GSM8K],
    "ifeval": instruction(IFEVAL, ifeval.test_instruction_following_strict),
    "ifeval_loose": instruction(LOOSE, ifeval.test_instruction_following_loose),
    "hellaswag": [hella(row) for row in HELLASWAG],
    "winogrande": [{"row": row, "contexts": winogrande.doc_to_choice(row), "continuation": winogrande.doc_to_target(row),
                    "gold": winogrande.doc_to_text(row)} for row in WINOGRANDE],
}, sys.stdout, indent=1)
print()
