// How staff see whose money it is, where it goes, by which transaction, and who must agree.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { Address, ShortAddress } from "@/faces/funding/Address";
import { explorerLink } from "@/faces/funding/model";
import { Outside } from "@/faces/funding/Outside";
import { useNetworks } from "@/faces/funding/reads";
import { StateOf } from "@/faces/staff/approvals/words";
import { Id } from "@/kit/values";
import { useSession } from "@/session/session";
import { isOpen, useApproval } from "./reads";
import "@/faces/funding/funding.css";

/** A customer by the e-mail where one may look customers up, else by the number. */
export function Customer({ id }: { id: string }): ReactNode {
  const { may } = useSession();
  return may("customers:read") ? <Known id={id} /> : <code>{id}</code>;
}

function Known({ id }: { id: string }): ReactNode {
  const { data } = useCustomer(id, true);
  return <Link to={`/customers/${id}`}>{data?.email ?? <code>{id}</code>}</Link>;
}

export function useCustomer(id: string, enabled: boolean): { data: { email: string } | undefined } {
  return useQuery({
    queryKey: ["customer", id], enabled, staleTime: 60_000, retry: false, queryFn: () => ask(api.GET("/v1/customers/{id}", { params: { path: { id } } })),
  });
}

/** In a line of a list. */
export function CustomerId({ id }: { id: string | null }): ReactNode {
  const { may } = useSession();
  if (id === null) return <span className="dim">–</span>;
  return may("customers:read") ? <Link to={`/customers/${id}`}><Id value={id} /></Link> : <Id value={id} />;
}

/** With a way to the explorer where the network has one. */
export function Transaction({ txid, network, whole = false }: { txid: string | null; network: string; whole?: boolean }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { data: networks } = useNetworks();
  if (txid === null) return <span className="dim">–</span>;
  const link = explorerLink(networks?.find((one) => one.network === network)?.explorer, txid);
  return <>{whole ? <Address of={txid} /> : <ShortAddress of={txid} />}{link !== null && <> <Outside to={link}>{t("explorer")}</Outside></>}</>;
}

/** Where a second person decides, and how that stands. */
export function Waits({ approval }: { approval: string }): ReactNode {
  const { t } = useTranslation("treasury_wallet");
  const { data } = useApproval(approval);
  return (
    <div className="notice" role="status">
      <div className="row"><strong>{t("approval.title")}</strong>{data !== undefined && <StateOf approval={data} />}</div>
      <p>{t(data === undefined || isOpen(data) ? "approval.waits" : "approval.ended")}</p>
      {data?.reason != null && <p>{data.reason}</p>}
      <Link to={`/approvals/${approval}`}>{t("approval.look")}</Link>
    </div>
  );
}
