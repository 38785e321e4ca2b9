import type { ReactNode } from "react";
import { Link } from "react-router";
import { Paged } from "@/faces/retail/pages";
import { Empty } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Amount, Percent } from "@/kit/values";
import { useLoans } from "./reads";
import { State } from "./State";
import { useWords } from "./words";

export function LoanList(): ReactNode {
  const { t } = useWords();
  return (
    <Paged query={useLoans()} empty={<Empty title={t("mine.none")} />}>
      {(loans) => <Table name={t("mine.title")} rows={loans} rowKey={(loan) => loan.id} file="loans" columns={[
        { key: "loan", title: t("col.loan"), cell: (loan) => <Link to={`/borrow/${loan.id}`}>{loan.product}</Link>, csv: (loan) => loan.id },
        { key: "state", title: t("col.state"), cell: (loan) => <State loan={loan} />, csv: (loan) => `${loan.status} ${loan.level}` },
        { key: "debt", title: t("col.debt"), end: true, cell: (loan) => <Amount value={loan.debt} asset={loan.asset} />, csv: (loan) => loan.debt },
        { key: "ltv", title: t("col.ltv"), end: true, cell: (loan) => (loan.ltv === null ? <span className="dim">–</span> : <Percent share={loan.ltv} />), csv: (loan) => loan.ltv },
        { key: "collateral", title: t("col.collateral"), csv: (loan) => loan.collateral.map(({ asset, quantity }) => `${quantity} ${asset}`).join(" "),
          cell: (loan) => loan.collateral.map(({ asset, quantity }) => <div key={asset}><Amount value={quantity} asset={asset} /></div>) },
        { key: "due", title: t("col.due"), cell: (loan) => loan.next_due?.due_date ?? <span className="dim">–</span>, csv: (loan) => loan.next_due?.due_date },
      ]} />}
    </Paged>
  );
}
