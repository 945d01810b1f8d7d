// An answer of the API as a table: rows by name of column, with what stands behind each value. Pure.

export type Value = string | number | boolean | null;

/** A percentile on too few samples: the place of its row, its measure, what it stands on and what it would need. */
export interface Hint {
  row: number;
  measure: string;
  samples: number;
  needed: number;
}

/** As POST /api/v1/query and the doors beside it answer. */
export interface AnswerForm {
  columns: string[];
  /** Cells of most doors are values; some hold lists, such as a sparkline. */
  rows: unknown[][];
  sql?: string | string[];
  rows_scanned?: number;
  elapsed_ms?: number;
  from?: number;
  to?: number;
  samples?: (number | null)[][];
  hints?: Hint[];
  totals?: Value[] | null;
  other?: Value[] | null;
  truncated?: boolean;
  more?: Record<string, unknown>;
  /** Of lists that come page by page: where the next page begins; null at the end. */
  behind?: Value[] | null;
  /** Of one session: the line that the list has of it; null where the range has none of its events. */
  summary?: Record<string, Value> | null;
}

export class Answer {
  readonly columns: string[];
  readonly rows: unknown[][];
  readonly form: AnswerForm;
  private readonly places: Map<string, number>;
  private readonly few: Map<string, Hint>;
  private readonly measured: Map<string, number>;

  constructor(form: AnswerForm) {
    this.form = form;
    this.columns = form.columns;
    this.rows = form.rows;
    this.places = new Map(form.columns.map((name, at) => [name, at]));
    this.few = new Map((form.hints ?? []).map((hint) => [`${hint.row} ${hint.measure}`, hint]));
    this.measured = new Map(measuresOf(form).map((name, at) => [name, at]));
  }

  get length(): number {
    return this.rows.length;
  }

  /** The value of a row in a column; null where there is none, or no such column, or a list. */
  at(row: number, column: string): Value {
    const found = this.cell(row, column);
    return typeof found === 'object' || found === undefined ? null : (found as Value);
  }

  /** What is in a cell, whatever it is: a list of numbers, or of pairs. */
  cell(row: number, column: string): unknown {
    return this.rows[row]?.[this.places.get(column) ?? -1];
  }

  /** A number of a row; null where there is none. */
  number(row: number, column: string): number | null {
    const value = this.at(row, column);
    return typeof value === 'number' ? value : null;
  }

  /** A value as text; empty where there is none. */
  text(row: number, column: string): string {
    const value = this.at(row, column);
    return value === null ? '' : String(value);
  }

  /** The value of a measure in what it is compared with; undefined where nothing is compared. */
  before(row: number, measure: string): number | null | undefined {
    return this.places.has(`${measure}_previous`) ? this.number(row, `${measure}_previous`) : undefined;
  }

  /** How many samples are behind a value; null where it is a count itself, or nobody said. */
  samples(row: number, measure: string): number | null {
    return this.form.samples?.[row]?.[this.measured.get(measure) ?? -1] ?? null;
  }

  /** Why a value is to be read with care; undefined where it stands well. */
  tooFew(row: number, measure: string): Hint | undefined {
    return this.few.get(`${row} ${measure}`);
  }

  /** The rows with most of something, most first; of equal ones the earlier, and last those that have none. */
  most(of: (row: number) => number | null, count: number): number[] {
    const value = (row: number): number => of(row) ?? -Infinity;
    return this.rows
      .map((_, row) => row)
      .sort((one, other) => (value(one) === value(other) ? 0 : value(other) - value(one)))
      .slice(0, count);
  }

  /** A whole column. */
  column(name: string): Value[] {
    return this.rows.map((_, row) => this.at(row, name));
  }

  has(column: string): boolean {
    return this.places.has(column);
  }

  /** A measure over all rows, where totals were asked for. */
  total(measure: string): number | null {
    const value = this.form.totals?.[this.measured.get(measure) ?? -1];
    return typeof value === 'number' ? value : null;
  }

  get sql(): string {
    const { sql } = this.form;
    return Array.isArray(sql) ? sql.join(';\n\n') : (sql ?? '');
  }
}

/** The measures of an answer in their order: `samples` and `totals` have a place for each of them and none for labels. */
function measuresOf(form: AnswerForm): string[] {
  const width = form.samples?.[0]?.length ?? form.totals?.length ?? 0;
  const values = form.columns.filter(
    (name) => !(name.endsWith('_previous') && form.columns.includes(name.slice(0, -9))),
  );
  return width === 0 ? [] : values.slice(-width);
}

/** The table as CSV (RFC 4180). A text that a spreadsheet would take for a formula is led by an apostrophe. */
export function toCsv(answer: Pick<AnswerForm, 'columns' | 'rows'>): string {
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return '';
    const plain = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : plain;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [answer.columns, ...answer.rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}
