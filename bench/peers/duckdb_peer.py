"""DuckDB: the people in one table that lies in the order of rank; token lists as lists and as padded texts."""

import os

import duckdb
import peer


def build(folder, store):
    db = duckdb.connect(store)
    types = {"place": "INTEGER", "id": "UUID", "rank": "BIGINT", "company_id": "UUID", "size_from": "BIGINT",
             "size_to": "BIGINT"}
    columns = ", ".join(f"'{name}': '{types.get(name, 'VARCHAR')}'" for name in peer.COLUMNS)
    rows = (
        f"read_csv({peer.text(os.path.join(folder, 'people.tsv'))}, delim='\t', quote='', escape='', header=false, "
        f"auto_detect=false, columns={{{columns}}})"
    )
    db.execute(
        "CREATE TABLE person AS SELECT * REPLACE (' ' || title_tokens || ' ' AS title_tokens, "
        "' ' || industry_tokens || ' ' AS industry_tokens), string_split(title_tokens, ' ') AS title_list, "
        f"string_split(industry_tokens, ' ') AS industry_list FROM {rows}"
    )
    ids = (
        f"read_csv({peer.text(os.path.join(folder, 'excluded.tsv'))}, delim='\t', quote='', escape='', header=false, "
        "auto_detect=false, columns={'id': 'UUID'})"
    )
    db.execute(f"CREATE TABLE excluded AS SELECT id FROM {ids}")
    db.execute("CHECKPOINT")
    db.close()


def connect(_folder, store):
    return duckdb.connect(store, read_only=True)


def in_text(column, tokens):
    return "(" + " AND ".join(f"contains({column}, {peer.text(f' {token} ')})" for token in tokens) + ")"


def in_list(column, tokens):
    column = column.replace("_tokens", "_list")
    return f"list_has_all({column}, [{peer.texts(tokens)}])"


def ways(db, question):
    not_excluded = [
        "NOT EXISTS (FROM excluded WHERE excluded.id = person.id)",
        "id NOT IN (SELECT id FROM excluded)",
    ]
    found = []
    for has_all in [in_text, in_list] if question["titles"] else [in_text]:
        for other in not_excluded if question["excluded"] else [""]:
            where = peer.conditions(question, has_all, other)
            found += asked(db, question, where)
    return found


def asked(db, question, where):
    def rows(sql):
        return db.execute(sql).fetchall()

    page = f"SELECT id FROM person WHERE {where} ORDER BY place LIMIT 100"
    if question["facets"]:
        def each():
            facets = {
                facet: dict(rows(f"SELECT {facet}, count(*) FROM person WHERE {where} GROUP BY 1"))
                for facet in question["facets"]
            }
            return rows(f"SELECT count(*) FROM person WHERE {where}")[0][0], [], facets

        def cube():
            # One pass: few combinations are left to be summed.
            names = ", ".join(question["facets"])
            facets = {facet: {} for facet in question["facets"]}
            total = 0
            for *values, count in rows(f"SELECT {names}, count(*) FROM person WHERE {where} GROUP BY ALL"):
                total += count
                for facet, value in zip(question["facets"], values):
                    facets[facet][value] = facets[facet].get(value, 0) + count
            return total, [], facets

        return [each, cube]
    if not question["count"]:
        return [lambda: (None, [str(id) for (id,) in rows(page)], {})]

    def apart():
        count = rows(f"SELECT count(*) FROM person WHERE {where}")[0][0]
        return count, [str(id) for (id,) in rows(page)], {}

    def once():
        # The order of the table is that of rank, so the hits need no sorting but their first hundred.
        (count, ids), = rows(
            f"WITH hit AS MATERIALIZED (SELECT id, place FROM person WHERE {where}) SELECT (SELECT count(*) FROM hit), "
            "(SELECT list(id ORDER BY place) FROM (FROM hit ORDER BY place LIMIT 100))"
        )
        return count, [str(id) for id in ids or []], {}

    return [apart, once]


if __name__ == "__main__":
    peer.run(lambda db: db.execute("SELECT version()").fetchone()[0], "people.duckdb", build, connect, ways)
