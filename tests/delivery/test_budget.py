from capi_cli.delivery.budget import TOKENS, Budget, retry_for


def test_an_outage_leaves_one_prober() -> None:
    budget = Budget()
    for _ in range(TOKENS):
        assert budget.may_post("a")
        budget.faulted()
    assert budget.is_outage
    assert [budget.may_post(name) for name in "bacb"] == [True, False, False, True]


def test_an_answer_ends_the_outage_and_a_fault_brings_it_back() -> None:
    budget = Budget(tokens=1)
    budget.faulted()
    assert budget.may_post("a")
    budget.answered()
    assert budget.may_post("b")
    budget.faulted()
    assert [budget.may_post(name) for name in "ba"] == [True, False]


def test_a_prober_that_goes_home_makes_room() -> None:
    budget = Budget(tokens=0)
    assert budget.may_post("a")
    budget.left("b")
    assert not budget.may_post("b")
    budget.left("a")
    assert budget.may_post("b")


def test_single_faults_among_answers_are_no_outage() -> None:
    budget = Budget()
    for _ in range(1000):
        budget.faulted()
        budget.answered()
    assert budget.tokens == TOKENS


def test_time_is_short_until_a_request_was_answered() -> None:
    assert retry_for(None, proven=False) == 120.0
    assert retry_for(None, proven=True) == 900.0
    assert retry_for(5.0, proven=False) == 5.0
    assert retry_for(3600.0, proven=True) == 3600.0
