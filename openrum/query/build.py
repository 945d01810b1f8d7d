"""A question as a syntax tree: one row a group, columns in the order of `by`, then `measures`, then samples.

Measures over the events themselves need one SELECT. Each further source is a SELECT of its own, joined by the labels:
every label of a source is a label of the events, which it is made of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import expressions as sql

from openrum.query import binned, folded
from openrum.query.buckets import bucket
from openrum.query.dimensions import TIME, dimension_named
from openrum.query.folded import ROWS
from openrum.query.measures import MEASURES, Source
from openrum.query.question import Question
from openrum.query.shapes import Shape, has_shape, shape, stand_in
from openrum.query.sources import VISIT_COLUMNS, columns_of, over
from openrum.query.tree import (
    TABLE,
    Built,
    Parameters,
    columns_in,
    conditions,
    finish,
    formula,
    label,
    named,
    only_type,
)
from openrum.query.types_read import types_read, without_type

_EVENTS = "events_"  # the alias of the source that has every label


@dataclass(frozen=True, slots=True)
class BuiltQuestion:
    """The statement, and the measures whose values stand behind those that were asked for."""

    built: Built
    samples: tuple[str, ...]


def build(question: Question, *, without: Sequence[Sequence[object]] = (), folds: bool = False) -> BuiltQuestion:
    """The question's SQL. `without` leaves out groups by their labels, and makes the rest one group.

    `folds` says that the store is our own, which may have folded rows (see folded.py) and reads bins (see binned.py).
    """
    if without or not has_shape(question):
        return _build(question, without, folds=folds)
    known, samples = _shape(stand_in(question), folds=folds)
    return BuiltQuestion(known.of(question), samples)


@lru_cache(maxsize=200)
def _shape(question: Question, *, folds: bool) -> tuple[Shape, tuple[str, ...]]:
    made = _build(question, (), folds=folds)
    return shape(question, made.built), made.samples


def _build(question: Question, without: Sequence[Sequence[object]], *, folds: bool) -> BuiltQuestion:
    parameters = Parameters()
    samples = samples_of(question.measures)
    wanted = (*question.measures, *samples)
    labels = () if without else question.by
    fold, sessions = folds and folded.answers(question, wanted), False
    # By labels, the events come first: they have all of them.
    owners = [_source(name, fold=fold) for name in wanted]
    sources = list(dict.fromkeys([*([Source.EVENTS] if labels else []), *owners]))
    if folds and not without and binned.answers(question, wanted):
        tree = _over_bins(question, wanted, parameters)
    elif sources == [Source.EVENTS] and not without and not _many(question.by):
        tree = _over_rows(question, wanted, parameters, fold=fold)
    else:
        sessions = fold and folded.reads_sessions(question, sources)
        first = fold and not without and folded.counts_first_rows(question, wanted)
        rows = _Labelled(question, wanted, sources, parameters, without, fold=fold, sessions=sessions, first=first)
        tree = _joined({source: rows.over(source) for source in sources}, labels, wanted, fold=fold)
    if not without:
        tree = _ordered(tree, question)
    if not fold:
        return BuiltQuestion(finish(tree, parameters, question.scope).only(only_type(question.scope)), samples)
    alone = not without and sources == [Source.EVENTS]
    types = _of_types(_types_read(question, wanted)) if alone else []
    tree = folded.with_rows(tree, question.scope, parameters, types)
    hours = folded.whole_hours(question.scope)
    return BuiltQuestion(finish(tree, parameters, question.scope, hours, sessions=sessions), samples)


def samples_of(measures: Iterable[str]) -> tuple[str, ...]:
    """The measures that count what these stand on, without those that are asked for anyway."""
    asked = dict.fromkeys(measures)
    behind = dict.fromkeys(samples for name in asked if (samples := MEASURES[name].samples) is not None)
    return tuple(name for name in behind if name not in asked)


def _many(by: Iterable[str]) -> bool:
    return any(dimension_named(name).of_many for name in by)


def _source(name: str, *, fold: bool) -> Source:
    return folded.source_of(name) if fold else MEASURES[name].source


def _formula(name: str, *, fold: bool) -> str:
    return folded.FORMULAS[name] if fold else MEASURES[name].formula


def _measured(names: Iterable[str], *, fold: bool) -> list[sql.Expr]:
    return [sql.alias_(formula(_formula(name, fold=fold)), name, quoted=True, copy=False) for name in names]


def _label(name: str, question: Question, parameters: Parameters) -> sql.Expr:
    return bucket(question.buckets, parameters) if name == TIME else label(name, parameters)


def _alias(name: str) -> str:
    """Of a label: not a column's name, which formulas beside it may mean."""
    return f"by_{name}"


def _over_rows(question: Question, wanted: Sequence[str], parameters: Parameters, *, fold: bool) -> sql.Select:
    labels = [sql.alias_(_label(name, question, parameters), name, quoted=True, copy=False) for name in question.by]
    measured = _measured(wanted, fold=fold)
    if fold:
        tree = sql.select(*labels, *measured, copy=False).from_(named(ROWS), copy=False)
        return _grouped(tree, len(labels))
    types = _types_read(question, wanted)
    if len(types) == 1:
        for each in measured:
            without_type(each)
    read = [*conditions(question.scope, parameters), *_of_types(types)]
    tree = sql.select(*labels, *measured, copy=False).from_(named(TABLE), copy=False).where(*read, copy=False)
    return _grouped(tree, len(labels))


def _over_bins(question: Question, wanted: Sequence[str], parameters: Parameters) -> sql.Select:
    labels = [sql.alias_(_label(name, question, parameters), _alias(name), quoted=True) for name in question.by]
    rows = (
        sql.select(*labels, sql.column(binned.VALUE), copy=False)
        .from_(named(TABLE), copy=False)
        .where(*conditions(question.scope, parameters), formula(binned.ROWS), copy=False)
    )
    return binned.over(rows, [_alias(name) for name in question.by], wanted)


def _types_read(question: Question, wanted: Sequence[str]) -> frozenset[str]:
    """The only types that any of the measures sees; empty where one sees all. Not beside labels: a group without such events
    is a row all the same, but for buckets of time, which are filled in.
    """
    read = [types_read(MEASURES[name].formula) for name in wanted]
    if None in read or set(question.by) - {TIME}:
        return frozenset()
    return frozenset[str]().union(*(types for types in read if types is not None))


def _of_types(types: frozenset[str]) -> list[sql.Expr]:
    """The condition that a row is of one of them; none where there are none."""
    if not types:
        return []
    return [sql.column("type", quoted=True).isin(*(sql.Literal.string(name) for name in sorted(types)))]


def _grouped(tree: sql.Select, labels: int) -> sql.Select:
    return tree.group_by(*(sql.Literal.number(index + 1) for index in range(labels)), copy=False) if labels else tree


class _Labelled:
    """The rows of the scope with their labels beside the columns that formulas and sources read."""

    def __init__(
        self,
        question: Question,
        wanted: Sequence[str],
        sources: Sequence[Source],
        parameters: Parameters,
        without: Sequence[Sequence[object]],
        *,
        fold: bool,
        sessions: bool,
        first: bool,
    ) -> None:
        """`sessions`: what stands over sessions has rows of its own; `first`: it counts first rows. See folded.py."""
        self._fold, self._wanted, self._sessions, self._first = fold, wanted, sessions, first
        of_events = [name for name in wanted if _source(name, fold=fold) == Source.EVENTS]
        columns = {column for name in of_events for column in columns_in(_formula(name, fold=fold))}
        for source in [each for each in sources if not (sessions and each == Source.SESSIONS)]:
            columns |= folded.columns_of(source, wanted, first=first) if fold else columns_of(source)
        self._by = question.by
        self._columns = sorted(columns)
        labels = {_alias(name): _label(name, question, parameters) for name in question.by}
        # Of many values, the list: a row for each of them is made below.
        self._lists = {alias: each.this if isinstance(each, sql.Explode) else each for alias, each in labels.items()}
        self._rows = self._select(ROWS if fold else TABLE, self._columns)
        if not fold:
            self._rows.where(*conditions(question.scope, parameters), copy=False)
        shown = [sql.and_(*(_same(name, value, parameters) for name, value in zip(question.by, group, strict=True))) for group in without]  # fmt: skip
        self._shown = sql.or_(*shown) if shown else None

    def over(self, source: Source) -> sql.Select:
        """A source made of them. Where a page view ends is told by the whole of its session, so what stands in a row for each
        of its values, or is left out, does so afterwards.
        """
        aliases = [_alias(name) for name in self._by]
        if source == Source.VISITS:
            return self._spread(over(source, self._rows.copy(), aliases), VISIT_COLUMNS)
        labels = [] if self._shown is not None else aliases
        if source == Source.SESSIONS and self._sessions:
            columns = sorted(folded.columns_of(source, self._wanted))
            alone, others = (
                self._spread(self._select(table, columns), columns) for table in (folded.ALONE, folded.OTHERS)
            )
            return folded.over_sessions(alone, others, labels, self._wanted)
        rows = self._spread(self._rows.copy(), self._columns or ["one"])
        if self._fold:
            return folded.over(source, rows, labels, self._wanted, first=self._first)
        return over(source, rows, labels)

    def _select(self, table: str, columns: Sequence[str]) -> sql.Select:
        """A table's rows with their labels."""
        labelled = [sql.alias_(each.copy(), alias, quoted=True, copy=False) for alias, each in self._lists.items()]
        names: list[sql.Expr] = [sql.column(name, quoted=True) for name in columns] or [
            sql.alias_(sql.Literal.number(1), "one")
        ]
        return sql.select(*labelled, *names, copy=False).from_(named(table), copy=False)

    def _spread(self, rows: sql.Select, columns: Sequence[str]) -> sql.Select:
        """A row for each value of what has many; without the groups that are left out, and then without labels."""
        names = [sql.column(name, quoted=True) for name in columns]
        if self._shown is not None:
            others = sql.not_(sql.paren(self._shown.copy(), copy=False), copy=False)
            return (
                sql.select(*names, copy=False)
                .from_(rows.subquery("w", copy=False), copy=False)
                .where(others, copy=False)
            )
        if not _many(self._by):
            return rows
        labels = {name: sql.column(_alias(name), quoted=True) for name in self._by}
        spread: list[sql.Expr] = [
            sql.alias_(sql.Explode(this=label), _alias(name), quoted=True) if dimension_named(name).of_many else label
            for name, label in labels.items()
        ]
        return sql.select(*spread, *names, copy=False).from_(rows.subquery("w", copy=False), copy=False)


def _same(name: str, value: object, parameters: Parameters) -> sql.Expr:
    column = sql.column(_alias(name), quoted=True)
    if value is None:
        return sql.Is(this=column, expression=sql.null())
    return sql.and_(
        sql.not_(sql.Is(this=column.copy(), expression=sql.null())),
        sql.EQ(this=column, expression=parameters.bind(value)),
    )


def _joined(
    sources: Mapping[Source, sql.Select], by: Sequence[str], wanted: Sequence[str], *, fold: bool
) -> sql.Select:
    """A SELECT for each source, joined to the first, which has every label."""
    labels = [_alias(name) for name in by]
    owner = {name: _table(_source(name, fold=fold)) for name in wanted}
    tree = sql.select(
        *(sql.column(label, table=_EVENTS, quoted=True) for label in labels),
        *(sql.column(name, table=owner[name], quoted=True) for name in wanted),
        copy=False,
    )
    for index, (source, rows) in enumerate(sources.items()):
        names = [name for name in wanted if owner[name] == _table(source)]
        measured = _measured(names, fold=fold) or [sql.alias_(sql.func("count", sql.Star()), "rows_", quoted=True)]
        keys = [folded.LABEL] if fold and labels and index > 0 else labels
        columns = [sql.column(key, quoted=True) for key in keys]
        made = sql.select(*columns, *measured, copy=False).from_(rows.subquery("s", copy=False), copy=False)
        part = _grouped(made, len(keys)).subquery(_table(source), copy=False)
        if index == 0:
            tree.from_(part, copy=False)
        elif labels:
            same = _same_label(labels, source) if fold else _same_labels(labels, source)
            tree.join(part, on=same, join_type="left", copy=False)
        else:
            tree.join(part, join_type="cross", copy=False)
    return tree


def _table(source: Source) -> str:
    return f"{source}_"


def _same_labels(labels: Iterable[str], source: Source) -> sql.Expr:
    pairs = ([sql.column(label, table=table, quoted=True) for table in (_EVENTS, _table(source))] for label in labels)
    return sql.and_(*(sql.NullSafeEQ(this=left, expression=right) for left, right in pairs), copy=False)


def _same_label(labels: Iterable[str], source: Source) -> sql.Expr:
    return formula(f"{folded.label_of(labels, table=f'{_EVENTS}.')} = {_table(source)}.{folded.LABEL}")


def _ordered(tree: sql.Select, question: Question) -> sql.Select:
    # Groups that are equal in what was asked for still need one order, or a limit would cut at random.
    by_name = [(order.by, order.descending) for order in question.order]
    by_name += [(name, False) for name in question.by if name not in {order.by for order in question.order}]
    columns = [*question.by, *question.measures]
    keys = [sql.Literal.number(columns.index(name) + 1) for name, _ in by_name]
    ordered = [
        sql.Ordered(this=key, desc=down, nulls_first=False) for key, (_, down) in zip(keys, by_name, strict=True)
    ]
    tree.order_by(*ordered, copy=False)
    # With buckets of time, empty ones are filled in before the limit is applied. One row more tells whether there are others.
    return tree if TIME in question.by else tree.limit(question.limit + 1, copy=False)
