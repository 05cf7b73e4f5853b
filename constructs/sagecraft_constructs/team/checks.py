"""What is wrong with a team, refused when it is declared."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

from constructs import Construct, IConstruct
from sagecraft_catalog import InstanceUse, near_matches

from sagecraft_constructs.asked import place_of
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.money.told import check_amount, check_emails
from sagecraft_constructs.money.told import check_tags as check_tag_texts
from sagecraft_constructs.tokens import is_token

from .persona import Person, Persona, Workplace

MOST_PEOPLE: Final = 15
"""Of one team: a template has 1,000,000 characters at most, and somebody with a notebook takes 60,000 of them.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""
TEAM_TAG: Final = "team"
PERSON_TAG: Final = "person"
_MOST_IN_TAGS: Final = 600
_TEAM_NAME: Final = re.compile(r"[a-z][a-z0-9]{1,19}")
_PERSON_NAME: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_LONGEST_PERSON_NAME: Final = 32
_LARGEST_VOLUME_GIB: Final = 16_384
_MOST_EMAILS: Final = 10
_TEAMS: Final["WeakKeyDictionary[IConstruct, dict[str, str]]"] = WeakKeyDictionary()
"""Of each app: where the team stands, by its account and name."""


def check_team_name(problems: Problems, scope: Construct, name: str) -> None:
    """Notes a name that cannot be one, and one that another team of the app has in the same account."""
    if _TEAM_NAME.fullmatch(name) is None:
        problems.add(
            "name",
            f"'{name}' should be 2 to 20 lower-case letters and digits, and begin with a letter: what the team starts "
            "is called '<name>-…', which must not begin like the work of another team.",
        )
        return
    team = f"{place_of(scope).account}/{name}"
    first = _TEAMS.setdefault(scope.node.root, {}).setdefault(team, scope.node.path)
    if first != scope.node.path:
        problems.add(
            "name",
            f"'{name}' is the team of '{first}' already. Two teams of one name in an account could read each other's "
            "work; give this one another name.",
        )


def people_of(
    problems: Problems, people: Sequence[Person] | None, counts: Mapping[Persona | str, int] | None
) -> list[Person]:
    """The people that are given by name or by number, each with a persona that there is."""
    if people is not None and counts is not None:
        problems.add("counts", "'people' says who they are already; give one of the two.")
        raise problems.error()
    if people is None and counts is None:
        problems.add("people", "is missing; say who they are, or give 'counts' for how many there are.")
        raise problems.error()
    found = list(_counted(problems, counts)) if people is None else list(_named(problems, people or ()))
    _check_number(problems, "counts" if people is None else "people", len(found))
    return found


def check_instances(
    problems: Problems, instance_types: Sequence[InstanceType], notebook: InstanceType, volume_gib: int
) -> None:
    """Notes types that no job, or no notebook, can have."""
    if not instance_types:
        problems.add("instance_types", "nobody could run anything; name at least one type.")
    for each in instance_types:
        with problems.noting("instance_types"):
            each.check(InstanceUse.TRAINING)
    with problems.noting("notebook_instance_type"):
        notebook.check(InstanceUse.NOTEBOOK)
    if not is_token(volume_gib) and not 5 <= volume_gib <= _LARGEST_VOLUME_GIB:
        problems.add("volume_gib", f"should be from 5 to {_LARGEST_VOLUME_GIB:,}, got {volume_gib}.")


def check_workplace(problems: Problems, given: str) -> Workplace:
    """The workplace that is meant; notes one that there is not."""
    allowed = [str(each) for each in Workplace]
    if given in allowed:
        return Workplace(given)
    told = "a token, but must be known" if is_token(given) else f"'{given}', which is none"
    problems.add("workplace", f"is {told}; give one of {', '.join(allowed)}.")
    return Workplace.NOTEBOOK


def check_tags(problems: Problems, tags: Mapping[str, str]) -> None:
    """Notes tags that AWS does not take, that a team has already, or for which a notebook's script has no room."""
    problems.require_known(tags=tags)
    for key in tags:
        if key.lower() in (TEAM_TAG, PERSON_TAG):
            problems.add("tags", f"'{key}' is what the environment itself tags with; leave it out.")
    check_tag_texts(problems, "tags", tags, valued=False)
    written = sum(len(key) + (0 if is_token(value) else len(value)) for key, value in tags.items())
    if written > _MOST_IN_TAGS:
        problems.add("tags", f"they have {written} characters together, and notebooks take {_MOST_IN_TAGS}.")


def check_money(problems: Problems, monthly_usd: float, emails: Sequence[str]) -> None:
    """Notes what is no amount of money, or whom a budget cannot tell."""
    if not 1 <= len(emails) <= _MOST_EMAILS:
        problems.add("emails", f"a budget tells 1 to {_MOST_EMAILS} addresses, got {len(emails)}.")
    check_emails(problems, emails)
    check_amount(problems, "monthly_usd", monthly_usd)


def _named(problems: Problems, people: Sequence[Person]) -> Iterator[Person]:
    _check_names(problems, [person.name for person in people])
    for person in people:
        persona = _persona(problems, "people", person.persona, "" if is_token(person.name) else f" of '{person.name}'")
        yield Person(name=person.name, persona=persona, assumed_by=person.assumed_by)


def _counted(problems: Problems, counts: Mapping[Persona | str, int] | None) -> Iterator[Person]:
    for given, count in (counts or {}).items():
        persona = _persona(problems, "counts", given, " that is counted")
        if is_token(count):
            problems.add("counts", f"'{given}' is a token, but must be known when the app is synthesized.")
        elif not 0 <= count <= MOST_PEOPLE:
            problems.add("counts", f"'{given}' should be 0 to {MOST_PEOPLE}, got {count}.")
        else:
            yield from (Person(name=f"{persona}-{number}", persona=persona) for number in range(1, count + 1))


def _persona(problems: Problems, prop: str, given: str, whose: str) -> Persona:
    """The persona that is meant; of one that there is not, any, for it is noted."""
    if is_token(given):
        problems.add(prop, f"the persona{whose} is a token, but must be known when the app is synthesized.")
        return Persona.REVIEWER
    allowed = [str(each) for each in Persona]
    if given in allowed:
        return Persona(given)
    near = near_matches(str(given), allowed)
    meant = f" Did you mean '{near[0]}'?" if near else ""
    problems.add(prop, f"the persona{whose}, '{given}', is none.{meant} There are {', '.join(allowed)}.")
    return Persona.REVIEWER


def _check_names(problems: Problems, names: Iterable[str]) -> None:
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        if is_token(name):
            problems.add("people", "a name is a token, but must be known when the app is synthesized.")
            continue
        alike[name.casefold().replace("-", "")].append(name)
        if not 1 <= len(name) <= _LONGEST_PERSON_NAME or _PERSON_NAME.fullmatch(name) is None:
            problems.add(
                "people",
                f"'{name}' should have 1 to {_LONGEST_PERSON_NAME} letters and digits, with '-' between them: it is "
                "part of prefixes, tags and the names of roles.",
            )
    for same in alike.values():
        if len(set(same)) > 1:
            told = " and ".join(f"'{name}'" for name in sorted(set(same)))
            problems.add("people", f"{told} differ in case or '-' alone, as names of AWS's may not; rename one.")
        elif len(same) > 1:
            problems.add("people", f"'{same[0]}' is listed {len(same)} times; list each person once.")


def _check_number(problems: Problems, prop: str, number: int) -> None:
    if number > MOST_PEOPLE:
        problems.add(
            prop,
            f"at most {MOST_PEOPLE} people fit into the stack of a team, got {number}; divide the team into several.",
        )
