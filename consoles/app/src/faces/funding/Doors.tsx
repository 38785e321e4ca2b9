import type { ReactNode } from "react";
import { SubNav } from "@/kit/SubNav";
import { useSession } from "@/session/session";
import { useFundingShown } from "./shown";
import { useWords } from "./words";

/** From the wallet to its doors, and from each of them to the others; nothing where a house has no chain. */
export function Doors(): ReactNode {
  return useFundingShown() ? <Shown /> : null;
}

function Shown(): ReactNode {
  const { t } = useWords();
  const { may } = useSession();
  return (
    <SubNav label={t("doors")} doors={[
      { to: "/wallet", title: t("room.wallet") },
      ...(may("deposits:read") ? [{ to: "/deposit", title: t("room.deposit") }] : []),
      ...(may("withdrawals:write") ? [{ to: "/withdraw", title: t("room.withdraw") }, { to: "/address-book", title: t("room.book") }] : []),
    ]} />
  );
}
