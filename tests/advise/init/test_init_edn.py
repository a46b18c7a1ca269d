"""`init` from an application's `ion-config.edn`, alone and together with what is live."""

import time
from pathlib import Path

import pytest
from sandboxed import alias, sandboxed

from reconciler.advise.init import draft, read_live
from reconciler.config import parse
from reconciler.config.ion_config import IonConfig, IonLambda, parse_ion_config, read_ion_config
from reconciler.model.errors import ReconcileError

EDN = """
{:allow [my.app/echo]            ; what may be called
 :lambdas {:get-items {:fn my.app/get-items :description "Items,\n by type"}
           :add-item  {:fn my.app/add-item :concurrency-limit 5 :timeout-secs 30}
           :tight     {:fn my.app/tight :concurrency-limit 1}
           :open      {:fn my.app/open :concurrency-limit :none :integration :api-gateway/proxy}
           #_:gone    #_{:fn my.app/gone}}
 :http-direct {:handler-fn my.app/web}
 :built #inst "2026-11-01T00:00:00Z"
 :ours #my.app/tag {:a 1}
 :app-name "my-app"}
"""


def edn(text: str = EDN) -> IonConfig:
    return parse_ion_config(text, source="ion-config.edn")


def test_lambdas_are_read_with_their_limits_whatever_else_is_in_the_file() -> None:
    assert edn().lambdas == (
        IonLambda("add-item", limit=5),
        IonLambda("get-items", "Items,\n by type"),
        IonLambda("open", limit=None),
        IonLambda("tight", limit=1),
    )
    assert IonLambda("any").limit == 20


def test_each_lambda_becomes_an_ion_of_the_group() -> None:
    text = draft(None, edn(), group="prod")
    config = parse(text.encode(), source="warm.yaml")
    assert {(one.group, one.function, one.alias, one.concurrency) for one in config.desired} == {
        ("prod", "prod-add-item", "live", 1),
        ("prod", "prod-get-items", "live", 1),
        ("prod", "prod-open", "live", 1),
        ("prod", "prod-tight", "live", 0),
    }
    assert "      get-items:  # Items,\\n by type\n" in text
    assert "      # :concurrency-limit 1: 1 kept warm would leave nothing for $LATEST\n      tight: 0\n" in text
    assert '# account: "123456789012"' in text


def test_names_that_no_lambda_can_have_are_comments() -> None:
    text = draft(None, edn("{:lambdas {:ok {:fn a/b} :what? {:fn a/b} :my/ns {:fn a/b}}}"), group="prod")
    assert [one.function for one in parse(text.encode(), source="warm.yaml").desired] == ["prod-ok"]
    assert "# - prod-what?: AWS takes at most 64 letters" in text


def test_live_wins_and_what_was_never_deployed_is_a_line_to_uncomment() -> None:
    with sandboxed("prod-get-items", "prod-extra") as aws:
        alias(aws.client(), "prod-get-items", "blue", warm=3)
        alias(aws.client(), "prod-extra", "blue", warm=3)
        aws.pass_time(100)
        live = read_live(
            aws.opened(), aws.dispatcher(), ("prod-extra", "prod-get-items"), now=aws.clock(), prefix="prod-"
        )
        text = draft(live, edn(), group="prod")
    config = parse(text.encode(), source="warm.yaml")
    assert {(one.function, one.alias, one.concurrency) for one in config.desired} == {
        ("prod-get-items", "blue", 3),
        ("prod-extra", "blue", 3),
    }
    assert "      extra:      # 3 requested, READY on version 1; not in ion-config.edn\n" in text
    assert "      # In ion-config.edn, and not deployed to prod so far:\n      # add-item: 1\n" in text
    again = parse(text.replace("# add-item: 1", "add-item: 1").encode(), source="warm.yaml")
    assert ("prod-add-item", "blue", 1) in {(one.function, one.alias, one.concurrency) for one in again.desired}


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("", "ion-config.edn", "has no map of :lambdas"),
        ("[1 2]", "ion-config.edn", "has no map of :lambdas"),
        ("{:lambdas [1]}", "ion-config.edn", "has no map of :lambdas"),
        ("{:lambdas {:x 3}}", "ion-config.edn", ":lambdas :x is not a map"),
        ("{:lambdas {:x {:concurrency-limit 0}}}", "ion-config.edn", ":lambdas :x :concurrency-limit"),
        ("{:lambdas {:x {:concurrency-limit true}}}", "ion-config.edn", ":lambdas :x :concurrency-limit"),
        ("{:lambdas {:x {:fn a/b}", "ion-config.edn", "it ends before everything that it opens is closed"),
        ("{:lambdas\n {]", "ion-config.edn:2:3", "] is out of place"),
        ("{:a 1\n  \x00}", "ion-config.edn:2:3", "Illegal character"),
        ("{:a 1 :b}", "ion-config.edn", "Even number of terms"),
    ],
)
def test_a_file_that_is_wrong_is_told_where_and_what_to_do(text: str, where: str, said: str) -> None:
    with pytest.raises(ReconcileError) as raised:
        edn(text)
    assert raised.value.where == where
    assert said in raised.value.message
    assert raised.value.hint


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReconcileError, match="No such file") as raised:
        read_ion_config(str(tmp_path / "none.edn"))
    assert raised.value.hint
    binary = tmp_path / "binary.edn"
    binary.write_bytes(b"\xff\xfe{")
    with pytest.raises(ReconcileError, match="is not UTF-8"):
        read_ion_config(str(binary))
    good = tmp_path / "good.edn"
    good.write_text(EDN)
    assert read_ion_config(str(good)).names == {"get-items", "add-item", "tight", "open"}


def test_an_application_without_lambdas_has_no_file() -> None:
    with pytest.raises(ReconcileError, match="no Lambda can be named"):
        draft(None, edn("{:lambdas {}}"), group="prod")


def test_neither_live_nor_edn_is_an_error_that_shows_the_ways() -> None:
    with pytest.raises(ReconcileError) as raised:
        draft(None, None, group=None)
    assert "--prefix GROUP-" in str(raised.value.hint)


@pytest.mark.parametrize(
    "text",
    [
        "{:a\n" * 1000 + "1" + "}" * 1000,  # maps, 6 kB
        "[" * 200,
        "#{" * 200,
        '{:lambdas {} :s "a ] \\" b" :t \\] :c ;]\n' + "(" * 70,
    ],
)
def test_a_file_that_nests_too_deep_is_refused_where_it_does(text: str) -> None:
    with pytest.raises(ReconcileError, match="nested deeper than 64 levels") as caught:
        edn(text)
    line, column = (int(part) for part in (caught.value.where or "").split(":")[1:])
    assert text.split("\n")[line - 1][column - 1] in "([{"
    assert caught.value.hint


def test_brackets_in_text_comments_and_characters_are_no_nesting() -> None:
    many = "[{(" * 100
    said = f'"{many} \\" {many}"'
    text = f"{{:lambdas {{:a {{:fn a/b :description {said}}}}} ;{many}\n}}"
    assert edn(text).names == {"a"}


def test_metadata_upon_metadata_is_dropped_however_much_there_is() -> None:
    assert edn("{:lambdas " + "^:private " * 5000 + "{:a {:fn a/b}}}").names == {"a"}


def test_the_largest_file_that_is_taken_is_read_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "ion-config.edn"
    entry = ":ion-{0} {{:fn my.ns/ion-{0}}} "
    path.write_text("{:lambdas {" + "".join(entry.format(number) for number in range(8_000)) + "}}")
    begun = time.process_time()
    assert len(read_ion_config(str(path)).lambdas) == 8_000
    assert time.process_time() - begun < 5
    path.write_text("{:lambdas {" + "".join(entry.format(number) for number in range(60_000)) + "}}")
    with pytest.raises(ReconcileError, match="larger than 256 KiB") as caught:
        read_ion_config(str(path))
    assert caught.value.hint
