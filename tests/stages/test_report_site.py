"""The report as a folder: every link leads somewhere in it, and it says what was measured, published and left out."""

import json
import re
import shutil
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from report_project import DISTANCES, PEOPLE, SELVES, h2h, write_tables

from h2h.io.cards import write_rejection
from h2h.io.credentials import read_credentials


@pytest.fixture
def reports(report_site, monkeypatch):
    monkeypatch.chdir(report_site)
    return report_site / "reports"


class Page(HTMLParser):
    """A page's addresses, ids, text and headings."""

    def __init__(self, path):
        super().__init__()
        self.path, self.urls, self.ids, self.heads, self.unnamed, self.words = path, [], [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.urls += [(tag, found[key]) for key in ("href", "src", "poster") if key in found]
        self.ids += [found["id"]] if "id" in found else []
        self.heads += [int(tag[1])] if re.fullmatch(r"h[1-6]", tag) else []
        if tag == "img" and found.get("alt") is None:
            self.unnamed.append(found.get("src"))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def site(reports):
    return {path.relative_to(reports).as_posix(): Page(path) for path in sorted(reports.rglob("*.html"))}


def check_links(root, reports):
    pages = site(root)
    assert pages
    for name, page in pages.items():
        for tag, url in page.urls:
            parts = urlsplit(url)
            if parts.scheme == "data" or re.match(r"#c[0-9a-f]{6}-", url):  # markers within charts
                continue
            assert not parts.scheme and not parts.netloc, f"{name}: {url} is elsewhere"
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path.resolve()
            assert target.is_file(), f"{name}: {tag} {url} leads nowhere"
            assert reports.resolve() in target.parents, f"{name}: {url} is outside of the report"
            if parts.fragment and target.suffix == ".html" and tag == "a":
                assert parts.fragment in Page(target).ids, f"{name}: {url} has no such place"
    return pages


def test_every_link_picture_and_film_is_in_the_folder_and_nothing_is_elsewhere(reports):
    found = check_links(reports, reports)
    assert {f"people/{name}.html" for name in (*PEOPLE, "eve")} < set(found)
    assert {
        "index.html",
        "data.html",
        "environment.html",
        "study.html",
        "results/table1.html",
        "experiments/ours.html",
    } < set(found)
    scripts = [path for path in reports.rglob("*") if path.suffix in (".css", ".js")]
    assert scripts and not any(re.search(r"https?:|@import|//[a-z]+\.", path.read_text()) for path in scripts)
    menu = (reports / "assets/pages.js").read_text()
    addresses = [url for group in json.loads(menu[menu.index("{") : menu.rindex("}") + 1]).values() for _, url in group]
    assert all((reports / url.split("#")[0]).is_file() for url in addresses) and "people/ann.html" in addresses


def test_pages_can_be_read_without_seeing_or_pointing(reports):
    for name, page in site(reports).items():
        assert page.heads[0] == 1 and page.heads.count(1) == 1, name
        assert all(after - before <= 1 for before, after in zip(page.heads, page.heads[1:], strict=False)), name
        assert not page.unnamed, name
        html = page.path.read_text()
        assert 'class="skip" href="#content"' in html and 'id="content"' in html and '<html lang="en">' in html
        assert len(page.ids) == len(set(page.ids)), name


def test_the_table_has_what_was_measured_published_and_not_made(reports):
    text = Page(reports / "results/table1.html").text
    table = pd.read_csv(reports / "tables/table1.csv")
    assert list(table["average_pixel_distance"]) == [DISTANCES[name] for name in SELVES]
    for value in (
        "10.12 (8.62 to 12.62)",
        "12.50 (11.00 to 15.00)",
        "31.75",
        "0.062 ± 0.010",
        "0.912",
        "4.38",
        "0.875 (0.750 to 0.938)",
    ):
        assert value in text, value
    driven = text[text.index("Driven by other people") :]
    assert "ours ann, driven by cyd 10 – 1.25 (1.00 to 1.50) 2.50" in driven
    published = text[text.index("Measured beside published") :]
    for value in ("14.62", "17.80", "19.95", "18.05", "13.09 to 25.74"):  # the paper's, and their means
        assert value in published, value
    assert "X2Face ann no data yet" in text
    for words in ("ann", "32 x 32", "dlib", "480 people", "last 6 frames", "ArcFace"):
        assert words in text[text.index("What differs") :]
    assert "no data yet" in Page(reports / "results/figure4.html").text


def test_the_table_names_whom_its_networks_have_learned_from(reports):
    assert "initialised on 1 person (bea) 480 people" in Page(reports / "results/table1.html").text


def test_a_person_page_shows_the_films_as_they_were_signed(reports):
    page = Page(reports / "people/ann.html")
    films = [url for tag, url in page.urls if tag == "video"]
    for key in (*(f"{method}.ann.ann" for method in SELVES), "ours.ann.cyd"):
        copy = reports / f"people/ann/{key}.mp4"
        assert f"ann/{key}.mp4" in films
        assert copy.read_bytes() == Path(f"work/synthesize/{key}.mp4").read_bytes()
    said = read_credentials(reports / "people/ann/ours.ann.ann.mp4")
    assert said.intact and said.synthetic
    for part in ("self", "driven", "pipeline", "fit", "cache", "scores"):
        assert part in page.ids
    assert "10.12 (8.62 to 12.62)" in page.text and "Ann <herself>" in page.text
    assert {"comparison.jpg", "mean.ours.ann.ann.jpg"} < {path.name for path in (reports / "people/ann").iterdir()}
    media = {path.name for path in (reports / "media/ann").iterdir()}
    assert media == {
        "contact_sheet.jpg",
        "contact_sheet.json",
        "face.jpg",
        "steps.jpg",
        "fit.svg",
        "tracking.mp4",
        "flow.mp4",
        "clip1.jpg",
    }


def test_who_was_left_out_is_told_everywhere(reports):
    assert "no face & no <hope>" in Page(reports / "people/eve.html").text
    assert "no face & no <hope>" in Page(reports / "index.html").text
    assert "1 rejected" in (reports / "index.html").read_text()


def test_who_is_no_longer_there_was_not_left_out(report_site, tmp_path, monkeypatch):
    """Eve's folder is removed; her cards stay among the artifacts, as do those of an experiment of old."""
    shutil.copytree(report_site, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    shutil.rmtree("data/identities/eve")
    write_rejection(Path("work/pretrain/older.default.safetensors"), "pretrain", "older.default", "nobody", "add some")
    h2h("report", "--name=report", "--metrics=reports/metrics.json", "--work=work", "--reports=reports", "--cfg={}",
        "--scope=all", "--output=reports/index.html")  # fmt: skip
    assert "Left out" not in Page(Path("reports/index.html")).text
    assert json.loads(Path("reports/index.json").read_text())["summary"]["rejected"] == []


def test_an_experiment_has_its_losses_its_samples_and_what_it_shares(reports):
    page = Page(reports / "experiments/ours.html")
    assert (
        "generator against D_I" in page.text
        and "finetune ours.ann" in page.text
        and "pretrain ours.default" in page.text
    )
    samples = sorted(url for tag, url in page.urls if tag == "img")
    assert len(samples) == 16 and any(url.endswith("finetune.ours.ann.1.jpg") for url in samples)
    assert any(url.endswith("finetune.ours.ann.19.jpg") for url in samples)
    assert "Nothing is trained" in Page(reports / "experiments/nearest_frame.html").text


def test_data_environment_and_study(reports):
    data = Page(reports / "data.html").text
    assert "CC0" in data and "asked" in data and "not recorded" in data and "Ann <herself>" in data
    environment = Page(reports / "environment.html").text
    assert environment.count("h2h local") >= 4 or environment.count("yes yes") == 4  # four films, signed and unaltered
    assert "bootstrap" in environment and "MB" in environment
    assert "No participants yet" in Page(reports / "study.html").text


def test_the_pdf_has_the_tables_numbers(reports):
    text = pdf_text((reports / "h2h_tables.pdf").read_bytes())
    for value in (
        "10.12 (8.62 to 12.62)",
        "12.50 (11.00 to 15.00)",
        "31.75",
        "0.912",
        "Table 1: Held-out frames",
        "14.62",
        "26.54",
        "1.25 (1.00 to 1.50)",
    ):
        assert value in text, value
    assert "Figure 4: Without time" in text and "no data yet" in text and "More of it" not in text


def pdf_text(data):
    """The strings on a PDF's pages, a line each: matplotlib writes a character as two bytes, and kerning between."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        for text in re.findall(rb"BT\n(.*?)\nET", content, re.DOTALL):
            pieces = b"".join(re.findall(rb"\(((?:[^()\\]|\\.)*)\)", text, re.DOTALL))
            plain = re.sub(rb"\\([0-7]{3}|.)", lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1], pieces)
            found.append(plain.decode("utf-16-be", errors="replace"))
    return "\n".join(found)


def test_what_a_page_no_longer_shows_goes_away(report_site, tmp_path, monkeypatch):
    shutil.copytree(report_site, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    h2h("person_page", "--name=ann", "--output=reports/people/ann.html", "--work=work", "--reports=reports", "--cfg={}")
    assert [*Path("reports/people/ann").iterdir()] == [] and "no face" not in Path(
        "reports/people/ann.html"
    ).read_text()


def test_the_quickstart_makes_a_whole_report_of_its_own_part(report_site, tmp_path, monkeypatch):
    shutil.copytree(report_site, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    for folder in ("people", "results", "experiments", "assets", "tables"):
        shutil.rmtree(f"reports/{folder}")
    write_tables(Path.cwd())
    scores = json.loads(Path("reports/metrics.json").read_text())
    Path("reports/metrics.json").write_text(json.dumps({"table1": scores["table1"]}))
    Path("reports/people").mkdir()
    Path("reports/people/ann.json").write_text("{}")  # the card of a page that `all` made
    h2h("report", "--name=report", "--metrics=reports/metrics.json", "--work=work", "--reports=reports", "--cfg={}",
        "--scope=quickstart", "--output=reports/index.html")  # fmt: skip
    found = check_links(Path("reports"), Path("reports"))
    assert {"people/ann.html", "people/bea.html", "people/cyd.html", "results/table1.html"} < set(found)
    assert "experiments/vid2vid.html" not in found and not Path("reports/people/ann.json").exists()
    assert "quickstart" in found["index.html"].text and "no data yet" in found["index.html"].text
    films = {path.name for path in Path("reports/people/ann").glob("*.mp4")}
    assert films == {"ours.ann.ann.mp4", "nearest_frame.ann.ann.mp4", "ours.ann.cyd.mp4"}


def test_people_whom_no_result_shows_may_have_no_page(report_site, tmp_path, monkeypatch):
    """With hundreds of people, `report.others` bounds their pages; nothing then leads to one that is not there."""
    shutil.copytree(report_site, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    params = Path("params.yaml").read_text()
    Path("params.yaml").write_text(re.sub(r"others: \d+", "others: 0", params))
    Path("reports/people/bea.html").unlink()
    h2h("report", "--name=report", "--metrics=reports/metrics.json", "--work=work", "--reports=reports", "--cfg={}",
        "--scope=all", "--output=reports/index.html")  # fmt: skip
    root = tmp_path / "copy" / "reports"
    found = check_links(root, root)
    assert "people/ann.html" in found and "people/bea.html" not in found
    assert "1 more person is seen in no result" in found["index.html"].text
    assert "bea" in found["data.html"].text


def test_the_full_report_is_a_folder_of_its_own(report_site, tmp_path, monkeypatch):
    shutil.copytree(report_site, tmp_path / "copy", symlinks=True)
    monkeypatch.chdir(tmp_path / "copy")
    h2h("report", "--name=report", "--metrics=reports/full_metrics.json", "--work=work", "--reports=reports",
        "--cfg={}", "--scope=all_full", "--output=reports/full/index.html")  # fmt: skip
    found = check_links(Path("reports/full"), Path("reports"))
    assert "results/table1_full.html" in found and "More of it" in found["index.html"].text
    text = found["results/table1_full.html"].text
    assert "10.12 (8.62 to 12.62)" in text and "ours eve no data yet: eve was left out" in text and "cyd" not in text


def test_figures_show_frames_and_numbers(reports):
    first = Page(reports / "figures/fs_figure3.html")
    assert "Head2HeadFS, Figure 3: the counterpart here" in first.text and "10.12 (8.62 to 12.62)" in first.text
    assert "31.75" not in first.text and "X2Face 19.95 (13.42 to 26.54)" in first.text  # its rows only, and the paper's
    assert ("img", "fs_figure3/ann.jpg") in first.urls and ("a", "../results/table1.html") in first.urls
    driven = Page(reports / "figures/fs_figure2.html")
    assert "ann, driven by cyd" in driven.text and "1.25" in driven.text and "Who drives." in driven.text
    assert ("img", "fs_figure2/ann.cyd.jpg") in driven.urls
    masks = Page(reports / "figures/fs_figure6.html").text
    assert "0.912" in masks and "0.973 (0.965 to 0.981)" in masks and "mask of ours" in masks
    assert "error of ours" in Page(reports / "figures/h2h_figure2.html").text
    back = Page(reports / "figures/h2h_figure3.html").text
    assert "ann → cyd → ann" in back and "20.50 (18.00 to 23.00)" in back and "There & back." in back and "9.3" in back
    for name in ("fs_figure2", "h2h_figure3"):
        assert ("a", f"figures/{name}.html") in Page(reports / "index.html").urls


def test_a_table_tells_of_cycles_and_of_the_forgery_detector(reports):
    text = Page(reports / "results/table1.html").text
    assert "ann → cyd → ann" in text and "self-reenactment" in text
    assert "25% (0% to 50%)" in text and "Head2Head's 50 videos calls 1.88% synthesised" in text and "75%" in text
