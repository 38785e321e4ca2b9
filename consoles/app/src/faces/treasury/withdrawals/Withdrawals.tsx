// Customers' withdrawals, first of all those that a person has to look at; each at an address of its own.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { Frame } from "../Frame";
import { List } from "./List";
import { One } from "./One";

export default function Withdrawals(): ReactNode {
  const { t } = useTranslation("treasury");
  const { t: own } = useTranslation("treasury_wallet");
  const { id } = useParams();
  if (id !== undefined) return <One key={id} id={id} />;
  return <Frame title={t("room.withdrawals")} note={own("withdrawal.intro")}><List /></Frame>;
}
