"""What both peers share: the plan, the clock, the report.

A peer is run as `python SCRIPT FOLDER`. The folder holds `people.tsv` (one person a line, in the order of rank),
`excluded.tsv` (ids), and `questions.json`. The report goes to standard output as one JSON object; its shape is that of
`Report` in bench/src/catalog/report.rs.
"""

import json
import os
import shutil
import sys
import time

COLUMNS = [
    "place", "id", "rank", "title", "title_tokens", "seniority", "country", "city", "skills", "company_id",
    "company", "industry", "industry_tokens", "size_from", "size_to",
]
ROUNDS = 20
WARM_UPS = 3
# A question that takes longer than this is asked less often.
SLOW = 1.0
SLOW_ROUNDS = 3


def text(value):
    """A string as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def texts(values):
    return ", ".join(text(value) for value in values)


def any_of(parts):
    return "(" + " OR ".join(parts) + ")"


def conditions(question, has_all, not_excluded):
    """The conditions of a question. `has_all(column, tokens)` and `not_excluded` are the peer's own."""
    found = []
    if question["seniorities"]:
        found.append(f"seniority IN ({texts(question['seniorities'])})")
    if question["countries"]:
        found.append(f"country IN ({texts(question['countries'])})")
    if question["size"]:
        low, high = question["size"]
        found.append(f"size_from <= {high} AND size_to >= {low}")
    for column, wanted in (("title_tokens", "titles"), ("industry_tokens", "industries")):
        if question[wanted]:
            found.append(any_of([has_all(column, value["tokens"]) for value in question[wanted]]))
    if question["excluded"]:
        found.append(not_excluded)
    if question["after"] is not None:
        found.append(f"place > {question['after']['place']}")
    return " AND ".join(found)


def timed(ask):
    begun = time.perf_counter()
    answer = ask()
    return answer, time.perf_counter() - begun


def measure(ways):
    """Asks in the fastest of several ways, and returns its answer and its times in milliseconds."""
    tried = []
    for ask in ways:
        ask()
        answer, took = timed(ask)
        tried.append((took, ask, answer))
    took, ask, answer = min(tried, key=lambda one: one[0])
    slow = took > SLOW
    for _ in range(0 if slow else WARM_UPS - 1):
        ask()
    times = []
    for _ in range(SLOW_ROUNDS if slow else ROUNDS):
        again, took = timed(ask)
        if again != answer:
            raise SystemExit("the same question had two answers")
        times.append(took * 1000)
    return answer, times


def memory():
    """The bytes of this process that are its own."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def size(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(
        os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names
    )


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def run(version, store, build, connect, ways):
    """Builds the store unless it is there, asks every question, prints the report."""
    folder = sys.argv[1]
    store = os.path.join(folder, store)
    built = store + ".seconds"
    if not os.path.exists(built):
        remove(store)
        begun = time.perf_counter()
        build(folder, store)
        seconds = time.perf_counter() - begun
        with open(built, "w") as file:
            file.write(str(seconds))
    with open(built) as file:
        seconds = float(file.read())
    begun = time.perf_counter()
    connection = connect(folder, store)
    opened = time.perf_counter() - begun
    answers = {}
    with open(os.path.join(folder, "questions.json")) as file:
        questions = json.load(file)["questions"]
    for question in questions:
        answer, times = measure(ways(connection, question))
        count, ids, facets = answer
        answers[question["name"]] = {"count": count, "ids": ids, "facets": facets, "ms": times}
    report = {
        "version": version(connection), "build_seconds": seconds, "disk_bytes": size(store),
        "memory_bytes": memory(), "open_ms": opened * 1000, "answers": answers,
    }
    print(json.dumps(report))
