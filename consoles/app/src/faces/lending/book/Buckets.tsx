// Debt by health: bars for the eye, the same rows as a table. At most 1 is on the line that customers are shown.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table } from "@/kit/Table";
import { Amount } from "@/kit/values";
import { compare, isZero, larger, mul, ratio } from "@/money/decimal";
import type { Book } from "../bookReads";

type Bucket = Book["buckets"][number];

export function Buckets({ book }: { book: Book }): ReactNode {
  const { t } = useTranslation("lending_book");
  const name = useName();
  const most = book.buckets.map((row) => row.debt).reduce(larger, "0");
  return (
    <div className="stack">
      <p className="dim">{t("book.buckets_note")}</p>
      <div className="loanbook-bars" aria-hidden="true">
        {book.buckets.map((row) => (
          <Bar key={`${row.asset} ${String(row.above)}`} row={row} name={name(row)} share={isZero(most) ? "0" : ratio(row.debt, most, 4)} />
        ))}
      </div>
      <Table name={t("book.buckets")} rows={book.buckets} rowKey={(row) => `${row.asset} ${String(row.above)}`} file="loans-by-health" columns={[
        { key: "health", title: t("col.health"), cell: name, csv: name },
        { key: "asset", title: t("col.asset"), cell: (row) => row.asset, csv: (row) => row.asset },
        { key: "loans", title: t("col.loans"), end: true, cell: (row) => row.loans, csv: (row) => String(row.loans) },
        { key: "debt", title: t("col.debt"), end: true, cell: (row) => <Amount value={row.debt} />, csv: (row) => row.debt },
        { key: "value", title: t("col.value"), end: true, cell: (row) => <Amount value={row.value} />, csv: (row) => row.value },
      ]} />
    </div>
  );
}

function Bar({ row, name, share }: { row: Bucket; name: string; share: string }): ReactNode {
  return (
    <>
      <span>{name}</span>
      <span className={`track ${toneOf(row)}`}><i style={{ width: `${mul(share, "100")}%` }} /></span>
      <span className="sum"><Amount value={row.debt} asset={row.asset} /></span>
    </>
  );
}

function toneOf({ upto }: Bucket): string {
  if (upto === null) return "";
  if (compare(upto, "1") <= 0) return "bad";
  return compare(upto, "1.05") <= 0 ? "warn" : "";
}

function useName(): (row: Bucket) => string {
  const { t } = useTranslation("lending_book");
  return ({ above, upto }) => {
    if (above === null) return t("bucket.unpriced");
    if (upto === null) return t("bucket.above", { above });
    return isZero(above) ? t("bucket.hit", { upto }) : t("bucket.between", { above, upto });
  };
}
