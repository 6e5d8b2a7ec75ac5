"""Runs Presidio in an environment of its own: JSON lines of texts in, JSON lines of spans out, its speed last.

Started by bench/masking.py with the interpreter of that environment; it imports nothing of this project.
"""

import importlib
import json
import sys
import time

TYPES = {
    "PERSON": "PERSON",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "CREDIT_CARD": "CARD",
    "IP_ADDRESS": "IP",
    "MAC_ADDRESS": "MAC",
    "IBAN_CODE": "ACCOUNT",
    "US_BANK_NUMBER": "ACCOUNT",
    "US_DRIVER_LICENSE": "ID",
    "US_PASSPORT": "ID",
    "US_SSN": "ID",
    "NG_NIN": "NIN",
    "NG_BVN": "BVN",
    "NG_VEHICLE_REGISTRATION": "PLATE",
    "LOCATION": "ADDRESS",
}


def main() -> None:
    presidio = importlib.import_module("presidio_analyzer")
    engines = importlib.import_module("presidio_analyzer.nlp_engine")
    model = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": sys.argv[1]}]}
    analyzer = presidio.AnalyzerEngine(nlp_engine=engines.NlpEngineProvider(nlp_configuration=model).create_engine())
    known = {name for recogniser in analyzer.get_recognizers("en") for name in recogniser.supported_entities}
    wanted = sorted(set(TYPES) & known)
    texts = [json.loads(line) for line in sys.stdin]
    analyzer.analyze(texts[0], "en", entities=wanted)
    start = time.process_time()
    for text in texts:
        found = analyzer.analyze(text, "en", entities=wanted)
        print(json.dumps([[r.start, r.end, TYPES[r.entity_type], r.score] for r in found]))
    print(json.dumps({"texts_per_second": len(texts) / (time.process_time() - start)}))


if __name__ == "__main__":
    main()
