// All running loans: what is owed, how near it is to a sale, what stands behind it, and where the money comes from.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Figure, Figures } from "@/kit/Figures";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Amount, Percent, Pill, When } from "@/kit/values";
import { isZero, ratio } from "@/money/decimal";
import { BookFrame } from "../BookFrame";
import { useBook, type Book } from "../bookReads";
import { Buckets } from "./Buckets";
import { Spread } from "./Spread";
import { Earned, Funding, Levels, Pledged, Products, Selling } from "./tables";

export default function BookRoom(): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <BookFrame title={t("room.book")} note={t("book.note")}>
      <Loaded query={useBook()} lines={10}>{(book) => <Whole book={book} />}</Loaded>
    </BookFrame>
  );
}

function Whole({ book }: { book: Book }): ReactNode {
  const { t } = useTranslation("lending_book");
  const none = <Empty title={t("book.none")} />;
  return (
    <>
      {book.unsecured > 0 && <p className="notice bad" role="alert">{t("book.unsecured", { n: book.unsecured })}</p>}
      <Totals book={book} />
      <Panel title={t("book.buckets")}>{book.loans === 0 ? none : <Buckets book={book} />}</Panel>
      <div className="grid">
        <Panel title={t("book.levels")}>{book.loans === 0 ? none : <Levels rows={book.levels} />}</Panel>
        {book.selling.length > 0 && <Panel title={t("book.selling")} actions={<Link to="/lending/liquidations">{t("room.liquidations")}</Link>}><Selling rows={book.selling} /></Panel>}
      </div>
      <Panel title={t("book.products")}>{book.loans === 0 ? none : <Products rows={book.products} />}</Panel>
      <Panel title={t("book.collateral")}>{book.loans === 0 ? none : <Pledged rows={book.collateral} />}</Panel>
      <Panel title={t("book.funding")}>{book.funding.length === 0 ? <Empty title={t("book.no_funding")} /> : <Funding rows={book.funding} />}</Panel>
      <Panel title={t("spread.title")}><Spread /></Panel>
      <Panel title={t("book.earned")}>{book.earned.length === 0 ? <Empty title={t("book.not_earned")} /> : <Earned rows={book.earned} />}</Panel>
    </>
  );
}

function Totals({ book }: { book: Book }): ReactNode {
  const { t } = useTranslation("lending_book");
  return (
    <Figures>
      <Figure name={t("book.loans")} note={<>{t("book.as_of")} <When at={book.as_of} /></>}>{String(book.loans)}</Figure>
      {book.totals.map((total) => (
        <Figure key={`debt ${total.asset}`} name={t("book.debt_in", { asset: total.asset })}
          note={<>{t("book.interest_in_it")} <Amount value={total.interest} asset={total.asset} /></>}>
          <Amount value={total.debt} asset={total.asset} />
        </Figure>
      ))}
      {book.totals.map((total) => (
        <Figure key={`value ${total.asset}`} name={t("book.value_in", { asset: total.asset })}
          note={total.unpriced > 0 ? <Pill tone="warn">{t("book.unpriced", { n: total.unpriced })}</Pill> : undefined}>
          <Amount value={total.value} asset={total.asset} />
        </Figure>
      ))}
      {book.totals.map((total) => (
        <Figure key={`ltv ${total.asset}`} name={t("book.ltv", { asset: total.asset })}>
          {isZero(total.value) ? <span className="dim">–</span> : <Percent share={ratio(total.debt, total.value, 6)} />}
        </Figure>
      ))}
      {book.insurance.map((pool) => (
        <Figure key={`pool ${pool.asset}`} name={t("book.insurance", { asset: pool.asset })} note={t("book.insurance_note")}>
          <Amount value={pool.amount} asset={pool.asset} />
        </Figure>
      ))}
    </Figures>
  );
}
