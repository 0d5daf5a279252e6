import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.errors import ConfigurationError
from capi_cli.mapping.header import Header, fold, shown, shown_names


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("E-Mail", "email"),
        (" [email] ", "email"),
        ("First\u00a0Name", "firstname"),
        ("\ufefforder_id", "orderid"),
        ("Téléphone", "telephone"),
        ("WÄHRUNG", "wahrung"),
        ("Straße", "strasse"),
        ("user_data.em", "userdataem"),
        ("Größe (cm)", "grossecm"),
        ("ｅｍａｉｌ", "email"),
        ("#", ""),
    ],
)
def test_folding_keeps_letters_and_digits_alone(written, folded):
    assert fold(written) == folded


@given(st.text(alphabet="abcxyzäéñç ABC-_.[]0189", max_size=20))
def test_case_and_white_space_make_no_difference(name):
    assert fold(f" {name}\u00a0_") == fold(name)
    assert fold(name.upper()) == fold(name)


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(name):
    assert fold(fold(name)) == fold(name)


def test_a_column_is_found_as_written_before_folded():
    header = Header.of(["E-Mail", "email"])
    assert header.find("email") == (1,)
    assert header.find("E-Mail") == (0,)
    assert Header.of([" Email "]).find("EMAIL") == (0,)


def test_an_unknown_column_names_the_nearest_and_lists_the_header():
    with pytest.raises(ConfigurationError) as caught:
        Header.of(["email", "phone", "total"]).positions("emial", for_what="--map em")
    assert caught.value.message == '--map em: the source has no column "emial".'
    assert caught.value.hint == 'Did you mean "email"? Columns here: "email", "phone", "total".'


def test_a_part_of_a_name_is_near_too():
    assert Header.of(["Customer E-Mail Address", "x"]).nearest("email") == ["Customer E-Mail Address"]


def test_doubled_names_are_used_in_order_only_where_several_are_wanted():
    header = Header.of(["email", "x", "email"])
    assert header.positions("email", for_what="em", many=True) == (0, 2)
    with pytest.raises(ConfigurationError) as caught:
        header.positions("email", for_what="order_id")
    assert caught.value.message == (
        'order_id takes one column, but the columns 1 and 3 of the source have the same name "email".'
    )
    assert "Rename" in caught.value.hint


def test_names_that_fold_alike_ask_for_the_exact_one():
    with pytest.raises(ConfigurationError) as caught:
        Header.of(["Order ID", "order_id"]).positions("ORDER-ID", for_what="--map order_id")
    assert "columns 1 and 2" in caught.value.message
    assert "exactly" in caught.value.hint


@pytest.mark.parametrize("name", ["_row", "_code", "_field", "_reason", "_hint"])
def test_the_columns_of_a_rejects_file_are_never_mapped(name):
    header = Header.of(["email", name])
    assert header.usable == (0,)
    with pytest.raises(ConfigurationError) as caught:
        header.positions(name, for_what="--map custom_data.x")
    assert "rejects file" in caught.value.message


def test_blank_names_are_passed_over():
    assert Header.of(["email", "", "  ", "total"]).usable == (0, 3)


def test_cells_in_the_place_of_names_are_not_repeated():
    header = Header.of(["mary.example@shop.test", "+44 20 7946 0958", "Berlin"])
    with pytest.raises(ConfigurationError) as caught:
        header.positions("email", for_what="--map em")
    told = caught.value.message + caught.value.hint
    assert "mary" not in told
    assert "7946" not in told
    assert '"Berlin"' in told
    assert shown("mary@x.test") == "(an e-mail address)"
    assert shown("0015551234567") == "(a number)"


def test_a_wide_header_is_cut():
    assert shown_names([f"column{n}" for n in range(50)]).endswith('"column39" and 10 more')
    assert len(shown("x" * 500)) < 70
