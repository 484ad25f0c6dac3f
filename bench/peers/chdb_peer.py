"""chdb, which is ClickHouse in the process: one MergeTree in the order of rank.

Lists of tokens are padded texts in dictionaries: a condition is then looked up once for each distinct list, which is
faster than arrays.
"""

import json
import os

import peer
from chdb import session

TYPES = {
    "place": "UInt32", "id": "UUID", "rank": "Int64", "title": "LowCardinality(String)",
    "title_tokens": "LowCardinality(String)", "seniority": "LowCardinality(String)",
    "country": "LowCardinality(String)", "city": "LowCardinality(String)", "skills": "String", "company_id": "UUID",
    "company": "LowCardinality(String)", "industry": "LowCardinality(String)",
    "industry_tokens": "LowCardinality(String)", "size_from": "Int64", "size_to": "Int64",
}


def build(folder, store):
    db = session.Session(store)
    columns = ", ".join(f"{name} {TYPES[name]}" for name in peer.COLUMNS)
    db.query("CREATE DATABASE IF NOT EXISTS bench ENGINE = Atomic")
    db.query(
        f"CREATE TABLE bench.person ({columns}) ENGINE = MergeTree ORDER BY place SETTINGS index_granularity = 8192"
    )
    read = ", ".join(
        f"concat(' ', {name}, ' ') AS {name}" if name.endswith("_tokens") else name for name in peer.COLUMNS
    )
    people = peer.text(os.path.join(folder, "people.tsv"))
    db.query(
        f"INSERT INTO bench.person SELECT {read} FROM file({people}, 'TabSeparated', {peer.text(columns)})"
    )
    db.query("OPTIMIZE TABLE bench.person FINAL")
    # A set that stays built, and the same ids as a table.
    db.query("CREATE TABLE bench.excluded (id UUID) ENGINE = Set")
    excluded = peer.text(os.path.join(folder, "excluded.tsv"))
    db.query(f"INSERT INTO bench.excluded SELECT id FROM file({excluded}, 'TabSeparated', 'id UUID')")
    db.close()


def connect(_folder, store):
    return session.Session(store)


def rows(db, sql):
    # Each row as one JSON array, numbers as they are.
    text = db.query(sql + " SETTINGS output_format_json_quote_64bit_integers = 0", "JSONCompactEachRow").bytes()
    return [json.loads(line) for line in text.splitlines()]


def has_all(column, tokens):
    return "(" + " AND ".join(f"position({column}, {peer.text(f' {token} ')}) > 0" for token in tokens) + ")"


def ways(db, question):
    where = peer.conditions(question, has_all, "id NOT IN bench.excluded")
    count = f"SELECT count() FROM bench.person WHERE {where}"
    page = f"SELECT id FROM bench.person WHERE {where} ORDER BY place LIMIT 100"
    if question["facets"]:
        def each():
            facets = {
                facet: dict(rows(db, f"SELECT {facet}, count() FROM bench.person WHERE {where} GROUP BY {facet}"))
                for facet in question["facets"]
            }
            return rows(db, count)[0][0], [], facets

        def cube():
            # One pass: few combinations are left to be summed.
            names = ", ".join(question["facets"])
            facets = {facet: {} for facet in question["facets"]}
            total = 0
            for *values, part in rows(
                db, f"SELECT {names}, count() FROM bench.person WHERE {where} GROUP BY {names}"
            ):
                total += part
                for facet, value in zip(question["facets"], values):
                    facets[facet][value] = facets[facet].get(value, 0) + part
            return total, [], facets

        return [each, cube]

    def ids():
        return [id for (id,) in rows(db, page)]

    if not question["count"]:
        return [lambda: (None, ids(), {})]

    def once():
        (hits, first), = rows(
            db,
            "SELECT count(), arrayMap(one -> one.2, groupArraySorted(100)((place, id))) "
            f"FROM bench.person WHERE {where}",
        )
        return hits, first, {}

    return [lambda: (rows(db, count)[0][0], ids(), {}), once]


def version(db):
    return rows(db, "SELECT version()")[0][0]


if __name__ == "__main__":
    peer.run(version, "people.chdb", build, connect, ways)
