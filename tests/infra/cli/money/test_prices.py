"""`sagecraft prices`: fetched on wish, and known without."""

from pathlib import Path

from tests.infra.conftest import MakeProject
from tests.infra.money.price_server import price_server


def test_prices_are_fetched_on_wish_and_told_by_their_age(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project("topic")
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    before = project.run("prices", "show", "-r", "sa-east-1", **cache).stdout
    with price_server() as server:
        done = project.run("prices", "refresh", "--from", server.url, **cache)
        server.body = server.body[:-20]
        broken = project.run("prices", "refresh", "--from", server.url, **cache)
    (shown,) = project.json("prices", "show", **cache)

    assert before.startswith("sa-east-1: prices of 2026-10-01, ")
    assert done.stdout == "us-east-1: 9 prices, published 2026-11-20\n"
    assert broken.returncode == 2
    assert "is cut off or corrupt" in broken.stderr
    assert (shown["region"], shown["dated"]) == ("us-east-1", "2026-11-20")


def test_a_region_that_there_is_not_has_no_prices(make_project: MakeProject) -> None:
    project = make_project("topic")
    for done in (project.run("prices", "show", "-r", "eu-wset-1"), project.run("prices", "refresh", "-r", "eu-wset-1")):
        assert (done.returncode, done.stdout) == (2, "")
        assert "--region: There is no region 'eu-wset-1'. Did you mean 'eu-west-1'" in done.stderr
