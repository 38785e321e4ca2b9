// A table with a name, aligned numbers and its rows as a CSV file. What is on the screen and what is in the file come from the same columns.

import { createContext, use, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { save } from "./save";

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** The plain value for the CSV file: canonical decimal, RFC 3339 time; without it the column is not exported. */
  csv?: (row: T) => string | null | undefined;
  end?: boolean;
  wrap?: boolean;
}

interface Props<T> {
  name: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Without a file name there is no CSV button. */
  file?: string;
}

function quoted(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?[\d.]+$/.test(value) ? `'${value}` : value; // no formulas in spreadsheets
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvOf<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const exported = columns.flatMap((column) => (column.csv ? [{ title: column.title, pick: column.csv }] : []));
  const lines = [exported.map((c) => quoted(c.title)), ...rows.map((row) => exported.map((c) => quoted(c.pick(row) ?? "")))];
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function download(name: string, text: string): void {
  save(`${name}.csv`, new Blob(["\uFEFF", text], { type: "text/csv;charset=utf-8" }));
}

/** Set by lists that come in pages: whether there are more rows than the table was given. */
export const MoreRows = createContext(false);

export function Table<T>({ name, columns, rows, rowKey, file }: Props<T>): ReactNode {
  const { t } = useTranslation();
  const more = use(MoreRows);
  return (
    <div className="stack">
      {/* A box that scrolls must be reachable by keyboard. */}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t("table.of", { name })}>
        <table className="table">
          <caption className="visually-hidden">{name}</caption>
          <thead>
            <tr>{columns.map((c) => <th key={c.key} scope="col" className={c.end ? "end" : undefined}>{c.title}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={rowKey(row)}>
                {columns.map((c) => (
                  <td key={c.key} className={`${c.end ? "end number" : ""} ${c.wrap ? "wrap" : ""}`}>{c.cell(row)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {file !== undefined && rows.length > 0 && (
        <div><Button kind="quiet" onPress={() => { download(more ? `${file}-first-${String(rows.length)}` : file, csvOf(columns, rows)); }}>{t(more ? "table.csv_first" : "table.csv", { n: rows.length })}</Button></div>
      )}
    </div>
  );
}
