"""What a user's own SQL may be: one query over the documented views, with functions that only compute.

The text is read by the engine's own parser, the one that runs it, so that the two cannot differ. Everything in the tree
must stand on a list: kinds of nodes, tables, functions. What is on none is refused, whatever it would do: files, network,
extensions and settings are locked away below this as well, but names of files, paths and settings are nobody's business
either. Functions whose output is as large as a number says (`repeat`, `lpad`, `range` as a list) are not on the list, for what
they take is not bound by the engine's memory limit; nor are those that work for as long as one text times another is
(`levenshtein`, `list_reduce`), for the engine cannot be interrupted within one call.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import duckdb
import msgspec

from openrum.store.schema import VIEWS
from openrum.store.sql_pointer import pointer
from openrum.store.store import QueryFailed


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


_OPERATORS = "+ - * / // % ** ^ & | ~ << >> || ~~ !~~ ~~* !~~* ~~~ ^@ -> ->> @ @> <@ && !__postfix"

_AGGREGATES = """
any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last arg_min
arg_min_null arg_min_nulls_last argmax argmin array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if
count_star countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean group_concat histogram kahan_sum
kurtosis kurtosis_pop last list listagg mad max max_by mean median min min_by mode product quantile quantile_cont
quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness
stddev stddev_pop stddev_samp string_agg sum sumkahan var_pop var_samp variance wavg weighted_avg
json_group_array json_group_object json_group_structure
"""

_WINDOWS = """
cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
"""

_NUMBERS = """
abs acos acosh add asin asinh atan atan2 atanh bit_count bin cbrt ceil ceiling cos cosh cot degrees divide even exp
factorial fdiv floor fmod gamma gcd greatest greatest_common_divisor hash hex isfinite isinf isnan lcm least
least_common_multiple lgamma ln log log10 log2 mod multiply nextafter pi pow power radians random round round_even
roundbankers sign signbit sin sinh sqrt subtract tan tanh trunc xor format_bytes formatReadableSize
formatReadableDecimalSize pg_size_pretty
"""

_TEXTS = """
ascii base64 bit_length char_length character_length chr concat concat_ws contains decode
encode ends_with from_base64 from_hex hamming ilike_escape instr jaccard lcase
left left_grapheme length length_grapheme like_escape lower ltrim md5 mismatches nfc_normalize
not_ilike_escape not_like_escape octet_length ord parse_dirname parse_dirpath parse_filename parse_path position prefix
regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
regexp_split_to_table replace reverse right right_grapheme rtrim sha1 sha256 split split_part starts_with str_split
str_split_regex string_split string_split_regex string_to_array strip_accents strlen strpos substr substring
substring_grapheme suffix to_base64 to_binary to_hex translate trim ucase unbin unhex unicode upper url_decode url_encode
"""

_TIMES = """
age century current_date current_localtime current_localtimestamp current_timestamp date_add date_diff date_part date_sub
date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month decade epoch
epoch_ms epoch_ns epoch_us era get_current_time get_current_timestamp hour isodow isoyear julian last_day make_date
make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz microsecond millennium millisecond minute
month monthname nanosecond now quarter second strftime strptime time_bucket timezone timezone_hour timezone_minute
to_centuries to_days to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters
to_seconds to_timestamp to_weeks to_years today transaction_timestamp try_strptime week weekday weekofyear year yearweek
"""

_LISTS = """
aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains array_distinct
array_extract array_filter array_grade_up array_has array_has_all array_has_any array_indexof array_intersect array_length
array_pop_back array_pop_front array_position array_prepend array_push_back array_push_front array_reverse
array_reverse_sort array_select array_slice array_sort array_to_json array_to_string array_transform array_unique
array_value array_where array_zip cardinality element_at filter flatten grade_up len list_aggr list_aggregate
list_any_value list_append list_apply list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor
list_bool_and list_bool_or list_cat list_concat list_contains list_count list_cosine_distance list_cosine_similarity
list_distance list_distinct list_dot_product list_element list_entropy list_extract list_filter list_first list_grade_up
list_has list_has_all list_has_any list_histogram list_indexof list_inner_product list_intersect list_kurtosis list_last
list_mad list_max list_median list_min list_mode list_pack list_position list_prepend list_product
list_reverse list_reverse_sort list_select list_sem list_skewness list_slice list_sort list_stddev_pop list_stddev_samp
list_string_agg list_sum list_transform list_unique list_value list_var_pop list_var_samp list_where list_zip map
map_concat map_contains map_contains_entry map_contains_value map_entries map_extract map_extract_value map_from_entries
map_keys map_values row struct_concat struct_contains struct_extract struct_extract_at struct_has struct_indexof
struct_insert struct_keys struct_pack struct_position struct_update struct_values unnest
"""

_JSON = """
from_json from_json_strict json json_array json_array_length json_contains json_exists json_extract json_extract_path
json_extract_path_text json_extract_string json_keys json_merge_patch json_object json_pretty json_quote json_structure
json_transform json_transform_strict json_type json_valid json_value row_to_json to_json
"""

_OTHERS = """
gen_random_uuid if nullif pg_typeof switch typeof uuid uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7
"""

FUNCTIONS = frozenset(
    name.lower() for name in _words(_OPERATORS, _AGGREGATES, _WINDOWS, _NUMBERS, _TEXTS, _TIMES, _LISTS, _JSON, _OTHERS)
)
"""What may be called. Everything on it computes its answer from its arguments, the clock or chance."""

TABLE_FUNCTIONS = _words("range generate_series unnest json_each json_tree")
"""What may stand as a table: rows that are made one by one."""

_CLASSES = _words(
    "BETWEEN CASE CAST COLLATE COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION LAMBDA OPERATOR POSITIONAL_REFERENCE"
    " STAR SUBQUERY TYPE WINDOW"
)
"""Of expressions."""

_TYPES = _words(
    "SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE BASE_TABLE EMPTY EXPRESSION_LIST JOIN PIVOT SHOW_REF SUBQUERY"
    " TABLE_FUNCTION DISTINCT_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER ORDER_MODIFIER ASCENDING DESCENDING"
    " ORDER_DEFAULT"
)
"""Of queries, tables and what modifies them."""

_ONE_SELECT = "one SELECT statement is taken here, nothing that writes or sets anything"
_PLAIN_CHARS = 2_000
_MAY_DESCRIBE = ("DESCRIBE", "SUMMARY")
_AS_TREE = "json_serialize_sql($text::VARCHAR)"
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_ROWS_AT_ONCE = 256
_NUMBERS_TOLD = re.compile(r"[0-9]+")
_Names = frozenset[str]
_NOTHING: _Names = frozenset()
_VIEWS: _Names = frozenset(VIEWS)


def check(cursor: duckdb.DuckDBPyConnection, text: str) -> bool:
    """QueryFailed, with what would do, for a text that is not one query over the views.

    Tells whether the text is so plain that no plan of it can grow out of hand.
    """
    if "\0" in text:
        raise QueryFailed("the text has a NUL in it")
    try:
        [(tree,)] = cursor.execute(f"SELECT {_AS_TREE}", {"text": text}).fetchall()
        found: dict[str, Any] = msgspec.json.decode(tree)
    except duckdb.Error as error:
        raise QueryFailed(str(error)) from None
    except RecursionError:
        raise QueryFailed("the query is nested too deep") from None
    if found["error"]:
        unreadable = found["error_type"] == "parser"
        where = pointer(text, *_location(found))
        raise QueryFailed(f"Parser Error: {found['error_message']}{where}" if unreadable else _ONE_SELECT)
    if len(found["statements"]) != 1:
        raise QueryFailed(_ONE_SELECT)
    tree = found["statements"][0]["node"]
    _look_through(tree, text)
    return len(text) <= _PLAIN_CHARS and _is_plain(tree)


def execute(cursor: duckdb.DuckDBPyConnection, text: str) -> list[tuple[str, str]]:
    """Begin a text that was checked; its columns by name and type. Moments with a time zone become timestamps in UTC."""
    cursor.execute(text)
    columns = [(column[0], str(column[1])) for column in cursor.description or []]
    if any(kind == _WITH_ZONE for _, kind in columns):
        [(plain,)] = cursor.execute(f"SELECT json_deserialize_sql({_AS_TREE})", {"text": text}).fetchall()
        shown = ", ".join(
            f"#{place} AT TIME ZONE 'UTC'" if kind == _WITH_ZONE else f"#{place}"
            for place, (_, kind) in enumerate(columns, start=1)
        )
        cursor.execute(f"SELECT {shown} FROM ({plain})")
    return [(name, "TIMESTAMP" if kind == _WITH_ZONE else kind) for name, kind in columns]


def fetch(cursor: duckdb.DuckDBPyConnection, rows_max: int, bytes_max: int) -> list[tuple[Any, ...]]:
    """The first rows. QueryFailed where they are larger than an answer may be."""
    rows: list[tuple[Any, ...]] = []
    size = 0
    while len(rows) < rows_max and (some := cursor.fetchmany(min(_ROWS_AT_ONCE, rows_max - len(rows)))):
        rows += some
        size += sum(_size(row) for row in some)
        if size > bytes_max:
            raise QueryFailed(f"the answer is larger than {bytes_max:,} bytes; ask for fewer columns or rows")
    return rows


def _size(value: Any) -> int:
    """About what a value takes as JSON."""
    if isinstance(value, str | bytes):
        return len(value) + 2
    if isinstance(value, list | tuple):
        return 2 + sum(map(_size, value))
    if isinstance(value, dict):
        return 2 + sum(_size(key) + _size(item) for key, item in value.items())
    return 8


def _is_plain(tree: Mapping[str, Any]) -> bool:
    """One SELECT with one `*` at most, none of whose columns is made of another: nothing in it can multiply."""
    if tree["type"] != "SELECT_NODE":
        return False
    columns = list(_nodes(tree["select_list"]))
    aliases = {_folded(node["alias"]) for node in columns if node.get("alias")}
    read = {_folded(name) for node in columns if node.get("class") == "COLUMN_REF" for name in node["column_names"]}
    everything = list(_nodes(tree))
    queries = sum("cte_map" in node for node in everything)
    stars = [node for node in everything if node.get("class") == "STAR"]
    pivots = any(node.get("type") == "PIVOT" for node in everything)
    many = any(node["columns"] or node["expr"] for node in stars)
    return queries == 1 and len(stars) <= 1 and not (many or pivots or aliases & read)


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _location(found: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Where the parser stopped: byte and length, as it says them, "[33,1]"."""
    numbers = _NUMBERS_TOLD.findall(found.get("location") or found.get("position") or "")
    return (int(numbers[0]) if numbers else None), (int(numbers[1]) if len(numbers) > 1 else None)


def _look_through(tree: Any, text: str) -> None:
    """Node by node, each with the names that WITH gives to tables where it stands. A refusal points at its node."""
    waiting: list[tuple[Any, _Names]] = [(tree, _NOTHING)]
    while waiting:
        node, names = waiting.pop()
        if isinstance(node, list):
            waiting += [(each, names) for each in node]
        elif isinstance(node, dict):
            try:
                waiting += _look_at(node, names)
            except QueryFailed as refusal:
                where = pointer(text, node.get("query_location"), node.get("query_location_length"))
                raise QueryFailed(f"{refusal}{where}") from None


def _look_at(node: Mapping[str, Any], names: _Names) -> list[tuple[Any, _Names]]:
    """Refuse the node, or say what stands in it."""
    if "class" in node:
        _check_expression(node)
        return [(part, names) for part in node.values()]
    kind = node.get("type")
    if "cte_map" in node:
        return _look_at_query(node, names)
    if kind == "BASE_TABLE":
        _check_table(node, names)
    elif kind == "TABLE_FUNCTION":
        function = node["function"]
        _check_function(function, TABLE_FUNCTIONS, "as a table")
        return [(function["arguments"], names)]
    elif kind == "SHOW_REF" and (node["query"] is None or node["show_type"] not in _MAY_DESCRIBE):
        raise QueryFailed(
            f"SHOW is not taken here; there are the views {_list(VIEWS)}, and DESCRIBE tells their columns"
        )
    elif isinstance(kind, str) and kind not in _TYPES:
        raise QueryFailed(f"{kind.removesuffix('_NODE').replace('_', ' ')} is not taken here")
    return [(part, names) for part in node.values()]


def _look_at_query(node: Mapping[str, Any], names: _Names) -> list[tuple[Any, _Names]]:
    """A query with its WITH: each name is known behind its definition, and in it where that is recursive."""
    if node["type"] not in _TYPES:
        raise QueryFailed(_ONE_SELECT)
    found: list[tuple[Any, _Names]] = []
    for entry in node["cte_map"]["map"]:
        if entry["value"]["materialized"] == "CTE_MATERIALIZE_NEVER":
            raise QueryFailed("NOT MATERIALIZED is not taken here; leave it out")
        found.append((entry["value"], names))
        names |= {_folded(entry["key"])}
    within = {"right": names | {_folded(node["cte_name"])}} if node["type"] == "RECURSIVE_CTE_NODE" else {}
    found += [(part, within.get(member, names)) for member, part in node.items() if member != "cte_map"]
    return found


def _check_expression(node: Mapping[str, Any]) -> None:
    kind = node["class"]
    if kind == "PARAMETER":
        raise QueryFailed("there are no parameters here; write the values into the text")
    if kind not in _CLASSES:
        raise QueryFailed(f"{kind} is not taken here")
    if kind in ("FUNCTION", "WINDOW"):
        _check_function(node, FUNCTIONS, "in an expression")


def _check_function(node: Mapping[str, Any], allowed: _Names, where: str) -> None:
    name = node["function_name"]
    if _folded(name) in allowed and len(node["qualified_name"]["path"]) == 1:
        return
    if _folded(name) in TABLE_FUNCTIONS:
        raise QueryFailed(f"{name} is taken as a table alone: FROM {name}(…)")
    near = get_close_matches(_folded(name), allowed, n=3, cutoff=0.75)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise QueryFailed(f"the function {name[:64]!r} is not taken here {where}{hint}")


def _check_table(node: Mapping[str, Any], names: _Names) -> None:
    path = node["qualified_name"]["path"]
    alone = len(path) == 1 and not node["schema_name"] and not node["catalog_name"] and node["at_clause"] is None
    if alone and _folded(node["table_name"]) in _VIEWS | names:
        return
    near = get_close_matches(_folded(node["table_name"]), [*VIEWS, *names], n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if alone and near else f"there are {_list(VIEWS)}"
    raise QueryFailed(f"the table {'.'.join(path)[:64]!r} is not taken here; {hint}")


def _folded(name: str) -> str:
    """As the engine compares names: ASCII letters alone have a case."""
    return name.encode().lower().decode()


def _list(names: Mapping[str, Any]) -> str:
    return ", ".join(names)
