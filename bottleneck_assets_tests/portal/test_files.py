"""The files of a release as the portal gives them: whole, of one release, told apart, and in the forms that Excel wants."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import shutil
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Context, Decimal
from email.utils import format_datetime, parsedate_to_datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import openpyxl
import pytest

from bottleneck_assets import wording
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets_tests.portal.serving import portal, publish_by_hand
from bottleneck_assets_tests.running import PATIENCE, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.portal.serving import Portal


def manifest(site: Portal) -> dict[str, Any]:
    return json.loads((site.extracts / "latest" / "manifest.json").read_text(encoding="utf-8"))


def rows_of(site: Portal, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((site.extracts / "latest" / path).read_text(encoding="utf-8"), newline="")))


def test_every_file_of_the_manifest_is_served_at_its_stable_address_with_its_hash_as_etag(site: Portal) -> None:
    for file in manifest(site)["files"]:
        answer = site.ask(f"/extracts/latest/{quote(file['path'])}")
        assert (answer.status, hashlib.sha256(answer.body).hexdigest()) == (200, file["sha256"])
        assert answer.headers["etag"] == f'"{file["sha256"]}"'
        assert answer.headers["content-length"] == str(file["bytes"])
    assert site.ask("/extracts/latest/manifest.json").body == (site.extracts / "latest" / "manifest.json").read_bytes()


def test_who_has_a_file_already_gets_nothing_again(site: Portal) -> None:
    first = site.ask("/extracts/latest/overview.csv")
    published = parsedate_to_datetime(first.headers["last-modified"])
    for headers in (
        {"If_None_Match": first.headers["etag"]},
        {"If_None_Match": f'"other", W/{first.headers["etag"]}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": first.headers["last-modified"]},
    ):
        again = site.ask("/extracts/latest/overview.csv", **headers)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    before = format_datetime(published - dt.timedelta(seconds=1), usegmt=True)
    for headers in ({"If_None_Match": '"other"', "If_Modified_Since": first.headers["last-modified"]}, {"If_Modified_Since": before}):
        assert site.ask("/extracts/latest/overview.csv", **headers).status == 200
    assert site.ask("/extracts/latest/overview.csv", If_Modified_Since="yesterday").status == 200
    assert first.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["overview.csv", "overview.xlsx", "overview.fr.csv", "manifest.json"])
def test_head_is_answered_without_the_file(path: str, site: Portal) -> None:
    head = site.ask(f"/extracts/latest/{path}", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers.get("content-length") != "0"
    assert head.headers["etag"] == site.ask(f"/extracts/latest/{path}").headers["etag"]


def test_head_of_a_zip_says_no_length_that_nobody_knows_yet(site: Portal) -> None:
    assert "content-length" not in site.ask("/extracts/latest.zip", "HEAD").headers


@pytest.mark.parametrize(
    "path",
    [
        "/extracts/latest/../../exports/sample.db",
        "/extracts/latest/..%2f..%2fexports%2fsample.db",
        "/extracts/latest/%2e%2e/%2e%2e/secret.txt",
        "/extracts/../secret.txt",
        "/extracts/..%2f/secret.txt",
        "/extracts/latest//etc/passwd",
        "/extracts/latest/%2fetc%2fpasswd",
        "/extracts/latest/..\\..\\secret.txt",
        "/extracts/latest/overview.csv%00.html",
        "/extracts/%00/overview.csv",
        "/extracts/latest/not-listed.txt",
        "/extracts/.hidden/manifest.json",
        "/extracts/./manifest.json",
        "/extracts/latest/",
        "/extracts/latest",
        "/releases/..%2f..",
        "/releases/.hidden",
        "/static/../application.py",
        "/static/layout.html",
        "/extracts/..zip",
    ],
)
def test_only_what_a_manifest_lists_is_served(path: str, site: Portal) -> None:
    (site.data_dir / "secret.txt").write_text("secret", encoding="utf-8")
    (site.extracts / "latest" / "not-listed.txt").write_text("secret", encoding="utf-8")
    hidden = site.extracts / ".hidden"
    hidden.mkdir(exist_ok=True)
    (hidden / "manifest.json").write_text("{}", encoding="utf-8")
    answer = site.ask(path)
    assert answer.status == 404
    assert b"secret" not in answer.body


def test_a_release_is_at_its_own_address_for_good(site: Portal) -> None:
    name = manifest(site)["release"]
    answer = site.ask(f"/extracts/{name}/kpis/headline.csv")
    assert answer.body == (site.extracts / name / "kpis" / "headline.csv").read_bytes()
    assert answer.headers["cache-control"].endswith("immutable")


@pytest.mark.usefixtures("posix")
def test_a_file_that_is_not_what_the_manifest_says_is_not_served(tmp_path: Path) -> None:
    folder = publish_by_hand(tmp_path / "extracts", 1, {"overview.csv": b"a\n1\n"})
    (folder / "overview.csv").write_bytes(b"a\n1")
    with portal(tmp_path) as site:
        assert site.ask("/extracts/latest/overview.csv").status == 404


@pytest.mark.usefixtures("posix")
def test_where_latest_is_a_copy_and_no_link_it_stands_for_the_release_that_it_is_a_copy_of(tmp_path: Path) -> None:
    extracts = tmp_path / "extracts"
    folder = publish_by_hand(extracts, 1, {"overview.csv": b"a\n1\n"})
    publish_by_hand(extracts, 2, {"overview.csv": b"a\n2\n"})
    (extracts / "latest").unlink()
    shutil.copytree(folder, extracts / "latest")
    with portal(tmp_path) as site:
        assert site.ask("/extracts/latest/overview.csv").body == b"a\n1\n"
        shutil.rmtree(extracts / "latest")  # as for an instant while it is exchanged
        assert site.ask("/extracts/latest/overview.csv").body == b"a\n2\n"


ADVICE = (
    "free_cash",
    "monitor_segments",
    "pass_on_costs",
    "promote_low_season",
    "protect_best_sellers",
    "stock_thresholds",
    "use_feedback",
)
IN_WORDS = {
    "audience": {"CEO": "Direction générale", "Head of Sales": "Direction commerciale", "Product managers": "Chefs de produit"},
    "confidence": {"high": "élevée", "medium": "moyenne", "low": "faible"},
    "margin_state": {"below": "en dessous", "within": "dans la fourchette", "above": "au-dessus"},
    "recommendation": {name: wording.sentence("fr", name, "advice", "", "") for name in ADVICE},
    "state": {"below reorder point": "à commander", "above ceiling": "surstock", "within": "normal"},
    "verdict": {"supported": "étayé", "contradicted": "contredit", "inconclusive": "non tranché", "paid": "rentable", "lost": "à perte"},
}
"""What the tables hold as codes, as the dashboard says it in French."""

# --- Other forms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(published_models()))
def test_a_csv_for_french_excel_holds_the_same_with_semicolons_and_decimal_commas(path: str, site: Portal) -> None:
    answer = site.ask(f"/extracts/latest/{path.removesuffix('.csv')}.fr.csv")
    assert answer.body.startswith(b"\xef\xbb\xbf")
    french = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""), delimiter=";"))
    types = {(row["table"], row["column"]): row["type"] for row in dictionary(site)}
    original = rows_of(site, path)
    kinds = [types[path, column] for column in original[0]]
    for row, expected in zip(french[1:], original[1:], strict=True):
        for cell, plain, kind, column in zip(row, expected, kinds, original[0], strict=True):
            if column in IN_WORDS and plain:
                assert cell == IN_WORDS[column][plain]
            elif kind == "double" and plain:
                assert Decimal(cell.replace(",", ".")) == Context(prec=15).create_decimal_from_float(float(plain))
            else:
                assert cell == (plain.replace(".", ",") if kind.startswith("decimal") else plain)


def test_a_csv_for_french_excel_has_french_headers_of_which_none_stands_twice(site: Portal) -> None:
    for path in [*sorted(published_models()), "data_dictionary.csv"]:
        answer = site.ask(f"/extracts/latest/{path.removesuffix('.csv')}.fr.csv")
        header = next(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert (path, len({name.lower() for name in header})) == (path, len(header))
        assert (path, [name for name in header if not name[0].isupper()]) == (path, [])  # a column's own name is in lower case
    finance = site.ask("/extracts/latest/tables/finance.fr.csv").body.decode("utf-8-sig").partition("\r\n")[0]
    assert finance.startswith("Mois;SKU;")
    assert "Prix de vente TTC" in finance


def dictionary(site: Portal) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((site.extracts / "latest" / "data_dictionary.csv").read_text(encoding="utf-8"), newline="")))


@pytest.mark.parametrize("path", sorted(published_models()))
def test_a_workbook_holds_the_same_with_numbers_as_numbers_and_days_as_days(path: str, site: Portal) -> None:
    answer = site.ask(f"/extracts/latest/{path.removesuffix('.csv')}.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.body), read_only=True)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    original = rows_of(site, path)
    types = {row["column"]: row["type"] for row in dictionary(site) if row["table"] == path}
    found = [list(row) + [None] * (len(original[0]) - len(row)) for row in sheet.iter_rows(values_only=True)]
    assert found[0] == original[0]
    assert len(found) == len(original)
    for row, expected in zip(found[1:], original[1:], strict=True):
        assert row == [as_cell(cell, types[column]) for cell, column in zip(expected, original[0], strict=True)]


def as_cell(cell: str, kind: str) -> Any:
    if not cell:
        return None
    if kind == "date":
        return dt.datetime.fromisoformat(cell)
    if kind == "boolean":
        return cell == "true"
    if kind == "varchar":
        return cell
    return pytest.approx(float(cell), rel=1e-14)


def test_a_workbook_in_french_has_french_heads_and_words_and_is_what_the_page_in_french_leads_to(site: Portal) -> None:
    book = openpyxl.load_workbook(io.BytesIO(site.ask("/extracts/latest/business_recommendations.fr.xlsx").body))
    header, *rows = book["business_recommendations"].iter_rows(values_only=True)
    original, *codes = rows_of(site, "business_recommendations.csv")
    french = site.ask("/extracts/latest/business_recommendations.fr.csv").body.decode("utf-8-sig").partition("\r\n")[0].split(";")
    assert list(header) == french
    assert header[:3] == ("Rang", "Recommandation", "Pour")
    for column, words in IN_WORDS.items():
        if column in original:
            place = original.index(column)
            assert [row[place] for row in rows] == [words[row[place]] if row[place] else None for row in codes]
    (table,) = book["business_recommendations"].tables.values()
    assert [column.name for column in table.tableColumns] == french
    link = 'href="/extracts/latest/business_recommendations{}"'
    for language, form in (("en", ".xlsx"), ("fr", ".fr.xlsx")):
        assert link.format(form) in site.ask(f"/downloads?lang={language}").text


CRAFTED = (
    b'text,number,day,flag\n"=1+1",1234567890123456,1899-12-31,true\n"\'=cmd",12,2024-02-29,false\n'
    b'"http://evil.example",,,\n"a;b ""c""\nd",-5,1900-03-01,\n007,1,2000-01-01,true\n'
)
TYPES = b"table,column,type,unit,nullable,description,formula\n" + b"".join(
    f"made.csv,{name},{kind},,true,What it is.,\n".encode()
    for name, kind in (("text", "varchar"), ("number", "bigint"), ("day", "date"), ("flag", "boolean"))
)


@pytest.mark.usefixtures("posix")
def test_text_that_looks_like_a_formula_a_link_or_a_number_stays_text(tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, {"made.csv": CRAFTED, "data_dictionary.csv": TYPES})
    with portal(tmp_path) as site:
        content = site.ask("/extracts/latest/made.xlsx").body
        french = site.ask("/extracts/latest/made.fr.csv").body.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["made"]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in sheet["A"][1:]] == [
        ("=1+1", "s", None),
        ("'=cmd", "s", None),
        ("http://evil.example", "s", None),
        ('a;b "c"\nd', "s", None),
        ("007", "s", None),
    ]
    assert [cell.value for cell in sheet["B"][1:]] == ["1234567890123456", 12, None, -5, 1]
    assert [cell.value for cell in sheet["C"][1:3]] == ["1899-12-31", dt.datetime(2024, 2, 29)]  # noqa: DTZ001 - a day
    assert [row[0].value for row in book["columns"]] == ["column", "text", "number", "day", "flag"]
    assert [row[1].value for row in book["columns"]] == ["en français", "text", "number", "day", "flag"]
    assert 'a;b ""c""\nd";-5;' in french


def test_a_workbook_is_a_table_of_excel_with_euros_percentages_and_widths_by_content(site: Portal) -> None:
    book = openpyxl.load_workbook(io.BytesIO(site.ask("/extracts/latest/top_products.xlsx").body))
    sheet = book["top_products"]
    header, rows = [cell.value for cell in sheet[1]], len(rows_of(site, "top_products.csv"))
    (table,) = sheet.tables.values()
    assert (table.name, table.ref) == ("t_top_products", f"A1:{sheet.cell(rows, len(header)).coordinate}")
    assert [column.name for column in table.tableColumns] == header
    shown = {name: sheet.cell(2, place).number_format for place, name in enumerate(header, start=1)}
    assert (shown["revenue"], shown["revenue_share"], shown["units"], shown["sku"]) == ('#,##0.00 "€"', "0.00%", "#,##0", "General")
    widths = {name: sheet.column_dimensions[sheet.cell(1, place).column_letter].width for place, name in enumerate(header, start=1)}
    longest = max(len(row[header.index("title")]) for row in rows_of(site, "top_products.csv"))
    assert min(longest, 60) <= widths["title"] <= 63
    assert widths["abc_class"] < widths["title"]


@pytest.mark.usefixtures("posix")
def test_money_has_no_float_noise_and_what_is_too_long_for_a_table_of_excel_is_a_plain_sheet(tmp_path: Path) -> None:
    types = b"table,column,type,unit,nullable,description,formula\nmade.csv,price,double,EUR,true,x,\n"
    files = {"made.csv": b"price\n15.450000000000001\n1e-07\nnan\n", "long.csv": b"a\n" + b"1\n" * 100_001, "data_dictionary.csv": types}
    publish_by_hand(tmp_path / "extracts", 1, files)
    with portal(tmp_path) as site:
        assert site.ask("/extracts/latest/made.fr.csv").body.decode("utf-8-sig") == "Prix de vente TTC\r\n15,45\r\n1e-07\r\nnan\r\n"
        sheet = openpyxl.load_workbook(io.BytesIO(site.ask("/extracts/latest/long.xlsx").body))["long"]
    assert (sheet.max_row, dict(sheet.tables), sheet.auto_filter.ref) == (100_002, {}, "A1:A100002")


@pytest.mark.usefixtures("posix")
def test_what_is_no_number_and_no_day_for_excel_stays_text(tmp_path: Path) -> None:
    types = "table,column,type,unit,nullable,description,formula\n" + "".join(
        f"made.csv,{name},{kind},,true,x,\n" for name, kind in (("number", "double"), ("whole", "bigint"), ("day", "date"))
    )
    made = b"number,whole,day\nnan,x,2024-02-30\ninf,-,today\n-inf,1.5e,20\n1.5,2,2024-02-29\n"
    publish_by_hand(tmp_path / "extracts", 1, {"made.csv": made, "data_dictionary.csv": types.encode()})
    with portal(tmp_path) as site:
        sheet = openpyxl.load_workbook(io.BytesIO(site.ask("/extracts/latest/made.xlsx").body))["made"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["nan", "x", "2024-02-30"],
        ["inf", "-", "today"],
        ["-inf", "1.5e", "20"],
        [1.5, 2, dt.datetime(2024, 2, 29)],  # noqa: DTZ001 - a day
    ]


@pytest.mark.usefixtures("posix")
def test_a_workbook_is_another_where_the_dictionary_is_and_is_asked_for_again_each_time(tmp_path: Path) -> None:
    folders = [
        publish_by_hand(tmp_path / "extracts", number, {"made.csv": CRAFTED, "data_dictionary.csv": types})
        for number, types in enumerate((TYPES, TYPES.replace(b"bigint", b"varchar")))
    ]
    with portal(tmp_path) as site:
        found = [site.ask(f"/extracts/{folder.name}/made.xlsx", "HEAD").headers for folder in folders]
    assert found[0]["etag"] != found[1]["etag"]
    assert {headers["cache-control"] for headers in found} == {"private, no-cache"}


@pytest.mark.full
@pytest.mark.usefixtures("posix")
def test_a_table_that_is_too_long_for_excel_is_refused_with_what_to_do_instead(tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, {"long.csv": b"a\n" + b"1\n" * 1_048_576, "most.csv": b"a\n" + b"1\n" * 1_048_575})
    with portal(tmp_path) as site:
        answer = site.ask("/extracts/latest/long.xlsx")
        assert answer.status == 409
        assert "1,048,576 rows, and a sheet of Excel takes 1,048,575" in answer.text
        assert "Take the CSV" in answer.text
        assert site.ask("/extracts/latest/most.xlsx").status == 200
        assert "too many rows for Excel" in site.ask("/downloads").text


def test_the_zip_holds_every_file_of_the_release_as_it_is(site: Portal) -> None:
    answer = site.ask("/extracts/latest.zip")
    release = manifest(site)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {
            f"{release['release']}/{path}" for path in [file["path"] for file in release["files"]] + ["manifest.json"]
        }
        for file in release["files"]:
            assert hashlib.sha256(archive.read(f"{release['release']}/{file['path']}")).hexdigest() == file["sha256"]
    assert site.ask("/extracts/latest.zip", If_None_Match=answer.headers["etag"]).status == 304


@pytest.mark.full
@pytest.mark.usefixtures("posix")
def test_workbooks_that_nobody_waits_for_do_not_queue_without_end(tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, {"long.csv": b"a,b,c\n" + b"one,two,three\n" * 200_000, "short.csv": b"a\n1\n"})
    with portal(tmp_path) as site:
        for _ in range(20):
            connection = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
            connection.request("GET", "/extracts/latest/long.xlsx")
            connection.close()
        time.sleep(1)
        answer = site.ask("/extracts/latest/short.xlsx")
        assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        assert site.ask("/extracts/latest/short.csv").status == 200
        wait_for(lambda: site.ask("/extracts/latest/short.xlsx").status == 200)


# --- While releases come and go -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("posix")
@pytest.mark.parametrize("path", ["big.csv", "big.fr.csv", ".zip"])
def test_a_release_that_is_deleted_while_it_is_sent_is_sent_whole(path: str, tmp_path: Path) -> None:
    content = b"a,b\n" + b"".join(b"%d,%d\n" % (row, hash(row * 7919)) for row in range(1_500_000))
    folder = publish_by_hand(tmp_path / "extracts", 1, {"big.csv": content})
    with portal(tmp_path) as site:
        connection = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
        connection.request("GET", f"/extracts/{folder.name}{path if path == '.zip' else f'/{path}'}")
        answer = connection.getresponse()
        first = answer.read(1000)
        shutil.rmtree(folder)
        whole = first + answer.read()
        connection.close()
        assert site.ask(f"/extracts/{folder.name}/big.csv").status == 404
    if path == ".zip":
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            whole = archive.read(f"{folder.name}/big.csv")
    assert whole.replace(b";", b",").replace(b"\r\n", b"\n").removeprefix(b"\xef\xbb\xbf") == content


@pytest.mark.usefixtures("posix")
def test_a_thousand_downloads_during_twenty_publications_are_each_of_one_release_and_whole(tmp_path: Path) -> None:
    extracts, published, begun = tmp_path / "extracts", dict[str, str](), threading.Event()

    def release(number: int) -> None:
        content = f"release\n{number}\n".encode() + f"{number},".encode() * 40_000
        published[hashlib.sha256(content).hexdigest()] = publish_by_hand(extracts, number, {"overview.csv": content}).name

    def publishing() -> None:
        begun.wait(PATIENCE)
        for number in range(1, 21):
            release(number)
            for old in sorted(path for path in extracts.iterdir() if path.name[0] == "2")[:-2]:  # as `releases_kept` would
                shutil.rmtree(old.rename(extracts / f".old-{old.name}"))
            done.wait(0.1)

    done = threading.Event()
    release(0)
    with portal(tmp_path) as site, ThreadPoolExecutor(8) as clients:
        publisher = threading.Thread(target=publishing)
        publisher.start()
        begun.set()
        answers = list(clients.map(lambda _: site.ask("/extracts/latest/overview.csv"), range(1000)))
        while publisher.is_alive():
            answers.append(site.ask("/extracts/latest/overview.csv"))
        publisher.join()
    assert len(answers) >= 1000
    assert {answer.status for answer in answers} == {200}
    hashes = [hashlib.sha256(answer.body).hexdigest() for answer in answers]
    assert set(hashes) <= set(published)
    assert all(answer.headers["etag"] == f'"{found}"' for answer, found in zip(answers, hashes, strict=True))
    assert len(set(hashes)) >= 5
